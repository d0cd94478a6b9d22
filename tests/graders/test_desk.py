"""A desk judges for other processes; whatever is wrong with it, whoever asks judges by itself."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from graders import Bench, judge
from graders.desk import Desk, ask_desk
from labs.course import Variant, load_course

NAME = "whose-policy"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "desk.json"


@pytest.fixture
def desk(file: Path, bench: Bench) -> Iterator[Desk]:
    with Desk(load_course(), bench, file) as desk:
        yield desk


@pytest.fixture
def variant() -> Variant:
    return load_course().exercise(NAME).variant("ada")


def test_its_report_is_the_one_that_judging_here_gives(
    desk: Desk, file: Path, variant: Variant, bench: Bench
) -> None:
    for text in (variant.exercise.solution(variant), variant.exercise.wrong(variant)[0].text):
        asked, own = ask_desk(file, text, variant), judge(variant.exercise, text, variant, bench)

        assert asked is not None
        assert asked.to_json() | {"ms": 0} == own.to_json() | {"ms": 0}
        assert asked.variant is variant


def test_only_its_owner_may_read_where_it_is(desk: Desk, file: Path) -> None:
    assert file.stat().st_mode & 0o077 == 0


def test_a_desk_that_was_closed_is_gone_and_so_is_its_file(
    file: Path, variant: Variant, bench: Bench
) -> None:
    with Desk(load_course(), bench, file):
        said = file.read_text("utf-8")
    assert not file.exists()

    file.write_text(said, "utf-8")
    assert ask_desk(file, "", variant) is None


def test_a_desk_leaves_the_file_of_a_later_one(file: Path, variant: Variant, bench: Bench) -> None:
    first = Desk(load_course(), bench, file)
    with Desk(load_course(), bench, file):
        first.close()
        assert ask_desk(file, "", variant) is not None


@pytest.mark.parametrize(
    "change", [{"token": "another"}, {"home": "/another/skylab"}, {"port": "none"}, {"port": 1}]
)
def test_who_is_not_let_in_gets_no_report(
    desk: Desk, file: Path, variant: Variant, change: dict[str, object]
) -> None:
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | change), "utf-8")

    assert ask_desk(file, "", variant) is None


@pytest.mark.parametrize("said", ["", "[]", "{", "{}"])
def test_a_file_that_says_nothing_is_no_desk(file: Path, variant: Variant, said: str) -> None:
    assert ask_desk(file, "", variant) is None
    file.write_text(said, "utf-8")
    assert ask_desk(file, "", variant) is None


def test_somebody_else_at_its_port_is_noticed_soon(
    desk: Desk, file: Path, variant: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graders.desk.GREETING", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        said = json.loads(file.read_text("utf-8")) | {"port": silent.getsockname()[1]}
        file.write_text(json.dumps(said), "utf-8")

        assert ask_desk(file, "", variant) is None


def test_an_exercise_that_was_changed_since_is_left_to_who_asks(
    desk: Desk, file: Path, variant: Variant
) -> None:
    desk.opened = 0.0

    assert ask_desk(file, "", variant) is None


def test_an_order_that_it_cannot_read_or_know_is_no_report(desk: Desk, file: Path, variant: Variant) -> None:
    other = Variant(variant.exercise, "ada", 0, variant.seed + 1, variant.values)

    assert ask_desk(file, "", other) is None


def test_several_may_ask_at_once(desk: Desk, file: Path, variant: Variant) -> None:
    solution = variant.exercise.solution(variant)
    found = []
    askers = [
        threading.Thread(target=lambda: found.append(ask_desk(file, solution, variant))) for _ in range(4)
    ]
    for each in askers:
        each.start()
    for each in askers:
        each.join()

    assert [report is not None and report.state for report in found] == ["pass"] * 4
