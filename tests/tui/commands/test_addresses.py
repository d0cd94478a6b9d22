"""`skylab cidr`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import Result

from labs.aws.network.addresses.questions import FORMS
from tui.commands.addresses import cidr

Skylab = Callable[..., Result]

TIERS = ("--tier", "web=100,public", "--tier", "db=25", "--tier", "ops=10,zones=1")
CROWDED: dict[str, Any] = {
    "vpc": "10.0.96.0/20",
    "zones": ["a", "b"],
    "subnets": [
        {"tier": "db", "zone": "a", "cidr": "10.0.96.0/22"},
        {"tier": "db", "zone": "b", "cidr": "10.0.100.0/22"},
    ],
}


def answers_in(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_block_alone_is_taken_apart(skylab: Skylab) -> None:
    result = skylab("cidr", "10.0.3.1/28")

    assert result.exit_code == 0
    assert "AWS takes it for a VPC and for a subnet, as 10.0.3.0/28" in result.stdout
    assert "16, 11 usable" in result.stdout
    assert "10.0.3.15 network broadcast address" in flat(result.stdout)
    assert "CDK 10.0.3.16/28" in flat(result.stdout)


@pytest.mark.parametrize(
    "words", [("cidr", "--json", "10.0.3.1/28"), ("cidr", "dissect", "10.0.3.1/28", "--json")]
)
def test_the_form_may_be_named_and_options_stand_anywhere(skylab: Skylab, words: tuple[str, ...]) -> None:
    [answer] = answers_in(skylab(*words))

    assert (answer["ok"], answer["cidr"], answer["usable"]) == (True, "10.0.3.0/28", 11)


@pytest.mark.parametrize("text", ["10.0.0.0/8", "169.254.0.0/16", "10.0.0.0/30"])
def test_a_block_that_aws_refuses_is_a_no(skylab: Skylab, text: str) -> None:
    result = skylab("cidr", text)

    assert result.exit_code == 1
    assert "✗ AWS takes it neither for a VPC nor for a subnet" in result.stdout


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("10.0.0.300/24",), "Did you mean 10.0.0.0/24?"),
        (("10.0.0/24",), "Did you mean 10.0.0.0/24?"),
        (("10.0.0.0\\24",), "Did you mean 10.0.0.0/24?"),
        (("10.0.0.0", "255.255.255.0"), "Did you mean 10.0.0.0/24?"),
        (("2001:db8:1:2/64",), "Did you mean 2001:db8:1:2::/64?"),
        (("/33",), "The address is missing"),
        (("10.0.0.0/33",), "/32 is one address"),
        (("overlap", "10.0.0.0/24", "x"), "no address block"),
        (("overlap", "10.0.0.0/24"), "compared with one another"),
        (("split", "10.0.0.0/24"), "A split needs a size"),
        (("split", "10.0.0.0/24", "24", "--parts", "2"), "A split needs a size"),
        (("split", "10.0.0.0/24", "many"), "is 'many'"),
        (("split", "10.0.0.0/24", "16"), "larger than the block"),
        (("hosts", "0"), "one host at least"),
        (("secondary", "10.0.0.0/16"), "no block yet"),
        (("plan", "10.0.0.0/16"), "nothing to plan"),
        (("plan", "10.0.0.0/16", "--tier", "web"), "NAME=SIZE"),
        (("plan", "10.0.0.0/16", "--tier", "web=lots"), "'lots'"),
        (("plan", "10.0.0.0/16", "--tier", "web=10,fast"), "'fast'"),
        (("plan", "10.0.0.0/16", "--tier", "web=10", "--peer", "office=10"), "At peers[0].cidr"),
        (("plan", "absent.toml"), "absent.toml: No such file"),
        (("plan", "absent.json", "--zones", "2"), "A file says everything"),
        (("judge", "absent.json"), "absent.json: No such file"),
    ],
)
def test_wrong_use_is_explained_on_stderr_with_status_2(
    skylab: Skylab, words: tuple[str, ...], meant: str
) -> None:
    result = skylab("cidr", *words)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert meant in flat(result.stderr)


def test_a_misspelt_form_is_no_block(skylab: Skylab) -> None:
    result = skylab("cidr", "plann", "10.0.0.0/16")

    assert result.exit_code == 2
    assert "No such command 'plann'" in flat(result.stderr)


def test_without_a_word_the_forms_are_listed(skylab: Skylab) -> None:
    result = skylab("cidr")

    assert result.exit_code == 0
    assert {"dissect", "split", "plan", "judge"} <= set(result.stdout.split())


@pytest.mark.parametrize(
    ("words", "status", "shown"),
    [
        (("split", "10.0.0.0/24", "/26"), 0, "10.0.0.192/26"),
        (("split", "10.0.0.0/24", "--parts", "3"), 0, "each a /26"),
        (("join", "10.0.0.0/24", "10.0.1.0/24"), 0, "they join to 10.0.0.0/23"),
        (("join", "10.0.1.0/24", "10.0.2.0/24"), 1, "it holds 10.0.0.0/24, 10.0.3.0/24 besides"),
        (("summarise", "10.0.1.0/24", "10.0.2.0/24"), 0, "2 blocks as 2"),
        (("exclude", "10.0.0.0/16", "10.0.128.0/18"), 0, "10.0.192.0/18"),
        (("overlap", "10.0.2.0/23", "10.0.20.0/24"), 0, "they share no address"),
        (("overlap", "10.0.0.0/24", "10.0.0.128/25"), 1, "lies inside 10.0.0.0/24"),
        (("overlap", "10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"), 0, "All 3 blocks are apart"),
        (("subnet", "10.0.0.0/16", "8", "2"), 0, "10.0.2.0/24"),
        (("subnets", "10.0.0.0/21", "3", "4"), 0, "10.0.1.0/25"),
        (("host", "10.0.0.0/8", "-2"), 0, "10.255.255.254"),
        (("netmask", "10.0.0.0/12"), 0, "255.240.0.0"),
        (("hosts", "252"), 0, "/23 for 252 hosts"),
        (("secondary", "10.0.0.0/16", "100.64.0.0/16"), 0, "AWS adds it"),
        (("secondary", "10.0.0.0/16", "172.16.0.0/16"), 1, "AWS does not add it"),
    ],
)
def test_each_form_has_its_answer_and_its_status(
    skylab: Skylab, words: tuple[str, ...], status: int, shown: str
) -> None:
    drawn = skylab("cidr", *words)
    [answer] = answers_in(skylab("cidr", *words, "--json"))

    assert (drawn.exit_code, answer["ok"]) == (status, status == 0)
    assert shown in flat(drawn.stdout)


def test_a_plan_is_drawn_and_reads_back_into_the_judge(skylab: Skylab, tmp_path: Path) -> None:
    drawn = skylab("cidr", "plan", "10.0.0.0/23", "--zones", "a,b", *TIERS)
    printed = skylab("cidr", "plan", "10.0.0.0/23", "--zones", "a,b", *TIERS, "--json")
    file = tmp_path / "plan.json"
    file.write_text(printed.stdout)
    judged = skylab("cidr", "judge", file)

    assert (drawn.exit_code, printed.exit_code, judged.exit_code) == (0, 0, 0)
    assert "web has no room to double: that takes 256 addresses more" in flat(drawn.stdout)
    assert [each["name"] for each in answers_in(printed)[0]["subnets"]] == [
        "web a",
        "web b",
        "db a",
        "db b",
        "ops a",
    ]
    assert "✓ the plan holds" in judged.stdout


def test_a_plan_that_does_not_fit_is_a_no_that_says_what_would_do(skylab: Skylab) -> None:
    words = ("cidr", "plan", "10.0.0.0/24", "--tier", "small=10", "--tier", "big=100")
    drawn, [answer] = skylab(*words), answers_in(skylab(*words, "--json"))

    assert drawn.exit_code == 1
    assert "32 are missing. The smallest VPC that would do is a /23." in flat(drawn.stdout)
    assert (answer["ok"], answer["missing"], answer["smallest_prefix"]) == (False, 32, 23)


def test_options_of_a_plan_say_the_same_as_a_file(skylab: Skylab, tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(
        """
        vpc = ["10.4.0.0/20", "10.5.0.0/24"]
        zones = ["x", "y"]
        keep_free = 20
        peers = { office = "192.168.0.0/16" }
        [tiers]
        web = { hosts = 100, growth = 1.5, public = true, double = true }
        db = { prefix = 26, double = false, zones = ["y"] }
        """
    )
    options: tuple[str, ...] = (
        "--tier",
        "web=100,growth=1.5,public,double",
        "--tier",
        "db=/26,nodouble,zones=y",
        "--keep-free",
        "20",
    )
    options += ("--zones", "x,y", "--also", "10.5.0.0/24", "--peer", "office=192.168.0.0/16")

    [typed] = answers_in(skylab("cidr", "plan", "10.4.0.0/20", *options, "--json"))
    [read] = answers_in(skylab("cidr", "plan", file, "--json"))

    assert typed == read
    assert typed["ok"] is True


def test_a_judged_plan_names_its_violations_with_repairs(skylab: Skylab) -> None:
    result = skylab("cidr", "judge", "-", stdin=json.dumps(CROWDED))

    assert result.exit_code == 1
    assert "db a cannot double in place: 10.0.96.0/21 would swallow db b." in flat(result.stdout)
    assert "Move db b to 10.0.104.0/22, which is free." in flat(result.stdout)


def test_a_toml_file_that_is_none_is_refused(skylab: Skylab, tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text("vpc = 10.0.0.0/16")

    result = skylab("cidr", "judge", file)

    assert result.exit_code == 2
    assert "This is not TOML" in result.stderr


def test_lines_are_answered_in_order_and_a_bad_one_costs_only_itself(skylab: Skylab) -> None:
    questions = [
        json.dumps({"id": "a", "cidr": "10.0.3.1/28"}),
        json.dumps({"id": "b", "cidr": "10.0.0.300/24"}),
        "{not json",
        json.dumps({"id": "c", "form": "plan", "vpc": "10.0.0.0/24", "zones": 2, "tiers": {"web": 200}}),
        json.dumps({"id": "d", "form": "judge", **CROWDED}),
        json.dumps({"id": "e", "form": "nonsense"}),
        json.dumps({"id": 7, "form": "hosts", "hosts": "252"}),
    ]

    result = skylab("cidr", "--jsonl", stdin="\n".join(questions))
    answers = answers_in(result)

    assert result.exit_code == 0
    assert [each["id"] for each in answers] == ["a", "b", None, "c", "d", "e", 7]
    assert [each.get("ok") for each in answers] == [True, None, None, False, False, None, True]
    assert answers[1]["error"]["meant"] == "10.0.0.0/24"
    assert answers[3]["smallest_prefix"] == 23
    assert all({"title", "detail", "hint"} <= each["error"].keys() for each in answers if "error" in each)


QUESTIONS: tuple[dict[str, Any], ...] = (
    {"form": "dissect", "cidr": "10.0.0.0/24"},
    {"form": "split", "cidr": "10.0.0.0/24", "parts": 2},
    {"form": "join", "cidrs": ["10.0.0.0/24"]},
    {"form": "summarise", "cidrs": ["10.0.0.0/24"]},
    {"form": "exclude", "cidr": "10.0.0.0/24", "holes": []},
    {"form": "overlap", "cidrs": ["10.0.0.0/24", "10.0.1.0/24"]},
    {"form": "subnet", "cidr": "10.0.0.0/24", "newbits": 1, "netnum": 1},
    {"form": "subnets", "cidr": "10.0.0.0/24", "newbits": [1]},
    {"form": "host", "cidr": "10.0.0.0/24", "number": 1},
    {"form": "netmask", "cidr": "10.0.0.0/24"},
    {"form": "hosts", "hosts": 5},
    {"form": "secondary", "vpc": ["10.4.0.0/24"], "cidr": "10.5.0.0/24"},
    {"form": "plan", "vpc": "10.0.0.0/24", "zones": 2, "tiers": {"web": 5}},
    {"form": "plan", "vpc": "10.0.0.0/24", "zones": 2, "tiers": {"web": 500}},
    {"form": "judge", **CROWDED},
)


def test_the_help_names_every_form_and_every_key_of_its_questions_and_answers(skylab: Skylab) -> None:
    words = set(re.findall(r"[a-z_0-9]+", skylab("cidr", "--help").stdout))
    answers = answers_in(skylab("cidr", "--jsonl", stdin="\n".join(map(json.dumps, QUESTIONS))))

    assert {each["form"] for each in QUESTIONS} == set(FORMS)
    assert not any("error" in each for each in answers)
    keys = {key for each in (*QUESTIONS, *answers, *answers[-1]["violations"]) for key in each}
    assert {*FORMS, *keys} - words == set()


def test_each_form_is_a_command_too() -> None:
    group = get_command(cidr)

    assert isinstance(group, TyperGroup)
    assert set(group.commands) == set(FORMS)


def test_plain_lines_hold_no_bars(skylab: Skylab) -> None:
    plan = skylab("cidr", "plan", "10.0.0.0/22", *TIERS, "--plain").stdout
    split = skylab("cidr", "split", "10.0.0.0/24", "26", "--plain").stdout

    assert not set("├┼┤─═━·") & set(plan + split)
    assert "10.0.0.192/26, 10.0.0.192 to 10.0.0.255" in flat(split)


def test_names_cannot_play_with_the_terminal(skylab: Skylab) -> None:
    named = [{**each, "name": f"\x1b[31m{each['zone']}\u202e"} for each in CROWDED["subnets"]]

    result = skylab("cidr", "judge", "-", stdin=json.dumps({**CROWDED, "subnets": named}))

    assert "\x1b" not in result.stdout
    assert "\u202e" not in result.stdout
