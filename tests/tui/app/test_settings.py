"""The settings file: the theme, the density and the keys; what is wrong in it is said and costs nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import fields
from pathlib import Path

import pytest
from textual.pilot import Pilot

from labs.errors import InputError
from tests.tui.app.test_app_goldens import layout_faults
from tui.actions import ACTIONS
from tui.commands.application import application
from tui.screens.map import CourseMap
from tui.screens.shelf import Shelf
from tui.settings import ABOUT, Settings, documented, read_settings, settings_file

Opener = Callable[..., AbstractAsyncContextManager[Pilot[int]]]
Press = Callable[..., Awaitable[None]]
Screen = Callable[[Pilot[int]], str]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "settings.toml"
    monkeypatch.setenv("SKYLAB_SETTINGS", str(file))
    return file


def test_without_a_file_all_is_as_skylab_comes(settings: Path) -> None:
    assert read_settings(settings) == Settings()


def test_the_place_of_the_file_follows_the_environment(
    settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings_file() == settings
    monkeypatch.delenv("SKYLAB_SETTINGS")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/conf")
    assert settings_file() == Path("/conf/skylab/settings.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("theme = ", "settings.toml"),
        ("colour = 'red'", "colour"),
        ("theme = 3", "theme"),
        ("compact = 'yes'", "compact"),
        ("[keys]\n'exercise.fly' = 'f'", "exercise.fly"),
        ("[keys]\n'exercise.check' = ''", "exercise.check"),
        ("keys = 3", "keys"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, said: str, settings: Path) -> None:
    settings.write_text(text)

    with pytest.raises(InputError) as caught:
        read_settings(settings)
    assert said in caught.value.detail


def test_the_documented_file_has_everything_and_changes_nothing(settings: Path) -> None:
    text = documented()
    settings.write_text(text)
    assert read_settings(settings) == Settings()

    # With each line in force it says what Skylab comes with.
    in_force = "\n".join(
        line.removeprefix("# ") for line in text.splitlines() if " = " in line or "[" in line
    )
    settings.write_text(in_force)
    read = read_settings(settings)
    assert (read.theme, read.compact) == (Settings().theme, Settings().compact)
    assert read.keys == {each.id: ",".join(each.keys) for each in ACTIONS}


def test_each_setting_is_documented_with_a_sentence() -> None:
    assert set(ABOUT) == {each.name for each in fields(Settings)}
    text = documented()
    for about in ABOUT.values():
        assert about[-1].endswith(".")
        assert all(f"# {line}" in text for line in about)
    for each in ACTIONS:
        line = next(line for line in text.splitlines() if f'"{each.id}"' in line)
        assert line.endswith(each.tooltip)


def test_the_command_prints_the_documented_file_and_says_where_it_is_read(
    settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        application()(["settings"])
    said = capsys.readouterr()
    assert said.out == documented()
    assert settings.name in said.err.replace("\n", "")


async def test_the_theme_and_the_density_are_taken(settings: Path, opened: Opener) -> None:
    settings.write_text("theme = 'skylab-light'\ncompact = true\n")
    async with opened() as pilot:
        assert pilot.app.theme == "skylab-light"
        assert pilot.app.has_class("-compact")


async def test_a_key_that_was_set_works_and_shows_and_the_old_one_does_not(
    settings: Path, opened: Opener, press: Press, screen: Screen
) -> None:
    settings.write_text("[keys]\n'map.instruments' = 't'\n")
    async with opened() as pilot:
        assert "t instruments" in screen(pilot)
        await press(pilot, "i")
        assert not isinstance(pilot.app.screen, Shelf)
        await press(pilot, "t")
        assert isinstance(pilot.app.screen, Shelf)


async def test_wrong_settings_are_told_and_the_app_opens_all_the_same(
    settings: Path, opened: Opener, screen: Screen
) -> None:
    settings.write_text("theme = 'no-such-theme'\n")
    async with opened(failures=1) as pilot:
        assert "no-such-theme" in screen(pilot)
        assert pilot.app.theme == "skylab-dark"


@pytest.mark.skipif(os.name == "nt", reason="the editor is a script of a POSIX shell")
async def test_what_ones_own_editor_saves_comes_back(
    opened: Opener, press: Press, screen: Screen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf \'{"Version": "edited"}\' > "$1"\n')
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("VISUAL", str(editor))
    async with opened() as pilot:
        monkeypatch.setattr(pilot.app, "suspend", nullcontext)
        await press(pilot, "right", "down", "down", "enter", "ctrl+e")
        assert '"Version": "edited"' in screen(pilot)

        await press(pilot, "ctrl+z")
        assert '"Version": "2012-10-17"' in screen(pilot)


async def test_without_an_editor_it_says_what_to_set(
    opened: Opener, press: Press, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    async with opened(notifications=True) as pilot:
        await press(pilot, "right", "down", "down", "enter", "ctrl+e")

        assert "Set $EDITOR" in screen(pilot)


async def test_compact_leaves_more_room_and_no_text_at_the_edge(
    settings: Path, opened: Opener, press: Press, screen: Screen
) -> None:
    settings.write_text("compact = true\n")
    policy = ("right", "down", "down", "enter")
    async with opened() as pilot:
        for way in ((), ("l",), policy, ("i",), ("r",)):
            await press(pilot, *way)
            assert list(layout_faults(pilot.app.screen)) == [], way
            lines = screen(pilot).splitlines()[2:-2]
            assert all(line.startswith("  ") or not line for line in lines), way
            if way == policy:
                assert "     11" in lines  # the whole of a policy, which is cut where it is not compact
            while not isinstance(pilot.app.screen, CourseMap):
                await press(pilot, "escape")
