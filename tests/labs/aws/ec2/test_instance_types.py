from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.ec2.instance_types import InstanceType, course_grammar_parses
from labs.aws.ec2.type_words import ATTRIBUTES, FAMILIES, SIZES
from labs.errors import Ec2Error

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "cases" / "instance_types.json").read_text()
)["types"]
Described = dict[str, dict[str, Any]]


def refused(text: str) -> Ec2Error | None:
    try:
        InstanceType.parse(text)
    except Ec2Error as raised:
        return raised
    return None


def test_every_described_type_is_read_and_written_again(described_types: Described) -> None:
    assert len(described_types) >= 1395
    assert [name for name in described_types if refused(name)] == []
    assert [name for name in described_types if str(InstanceType.parse(name)) != name] == []


def test_the_course_s_grammar_reads_158_of_1395(described_types: Described) -> None:
    assert (sum(map(course_grammar_parses, described_types)), len(described_types)) == (158, 1395)


def test_each_part_has_a_meaning(described_types: Described) -> None:
    parts = [part for name in described_types for part in InstanceType.parse(name).parts]
    assert [part for part in parts if not part.meaning] == []


def test_the_parts_make_up_the_name(described_types: Described) -> None:
    for name in described_types:
        parts = InstanceType.parse(name).parts
        assert "".join(part.text for part in parts) == name.replace(".", "", 1).replace(
            "-", "", "-" in name.split(".")[0]
        )
        assert parts[0].name == "family"
        assert parts[-1].name == "size"


def test_the_name_tells_the_architecture(described_types: Described) -> None:
    wrong = {
        name: InstanceType.parse(name).architecture
        for name, row in described_types.items()
        if InstanceType.parse(name).architecture not in row["ProcessorInfo"]["SupportedArchitectures"]
    }
    assert wrong == {}


@pytest.mark.parametrize(("letter", "maker"), [("a", "AMD"), ("g", "AWS"), ("i", "Intel")])
def test_the_letter_of_a_processor_is_kept(described_types: Described, letter: str, maker: str) -> None:
    makers = {
        row["ProcessorInfo"]["Manufacturer"]
        for name, row in described_types.items()
        if letter in InstanceType.parse(name).attributes
    }
    assert makers == {maker}


def test_d_promises_instance_store_and_metal_a_whole_server(described_types: Described) -> None:
    for name, row in described_types.items():
        parsed = InstanceType.parse(name)
        assert row["InstanceStorageSupported"] or not parsed.says_instance_store
        assert row["BareMetal"] == parsed.bare_metal


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_parts_say_what_they_mean(case: dict[str, Any]) -> None:
    parts = InstanceType.parse(case["name"]).parts
    assert [[part.text, part.meaning] for part in parts] == case["parts"]


def test_a_flex_type_says_so() -> None:
    flex = InstanceType.parse("c7i-flex.large")
    assert (flex.family, flex.generation, flex.attributes, flex.extension) == ("c", 7, "i", "flex")
    assert flex.instance_class == "c7i-flex"


@pytest.mark.parametrize(
    ("wrong", "said", "meant"),
    [
        ("t3.miro", "no such size", "t3.micro"),
        ("t3-micro", "A dot stands", "t3.micro"),
        ("m5.Large", "lower case", "m5.large"),
        ("3t.micro", "family comes before", "t3.micro"),
        ("4tg.small", "family comes before", "t4g.small"),
        ("t3micro", "A dot stands", "t3.micro"),
        ("m52xlarge", "A dot stands", "m5.2xlarge"),
        ("c7i-flex-large", "A dot stands", "c7i-flex.large"),
        ("T3 Micro", "lower case", "t3.micro"),
        (" t3.micro,", "stands around", "t3.micro"),
        ("t3..micro", "One dot", "t3.micro"),
        ("m5.1xlarge", "no such size", "m5.xlarge"),
        ("m5.x2large", "no such size", "m5.2xlarge"),
        ("m5.2xl", "no such size", "m5.2xlarge"),
        ("m7i.metal-24xlarge", "no such size", "m7i.metal-24xl"),
        ("db.t3.micro", "another service", "t3.micro"),
        ("m5.large.search", "another service", "m5.large"),
        ("hcp6a.48xlarge", "no such family", "hpc6a.48xlarge"),
        ("m5aa.large", "stands once", "m5a.large"),
        ("c7i-flx.large", "extension", "c7i-flex.large"),
        ("t3", "size is missing", None),
        ("t.micro", "generation is missing", None),
        ("m0.large", "no such generation", None),
        ("y5.large", "no such family", None),
        ("m5x.large", "attribute letter", None),
        ("", "empty", None),
        ("m5.large" * 20, "too long", None),
        ("ü.micro", "not an instance type", None),
    ],
)
def test_a_wrong_name_says_what_was_meant(wrong: str, said: str, meant: str | None) -> None:
    error = refused(wrong)
    assert error is not None
    assert said in error.title
    assert error.detail
    assert error.hint == (f"Did you mean {meant}?" if meant else error.hint)
    assert ("Did you mean" in error.hint) == (meant is not None)
    assert error.code == "InvalidParameterValue"


def test_every_described_type_is_recognised_behind_a_slip(described_types: Described) -> None:
    for name in described_types:
        for slip in (name.replace(".", "-"), name.replace(".", "_"), name.replace(".", " "), name.upper()):
            error = refused(slip)
            assert error is not None
            assert error.hint == f"Did you mean {name}?"


names = st.builds(
    lambda family, generation, letters, size: f"{family}{generation}{''.join(letters)}.{size}",
    st.sampled_from(sorted(FAMILIES)),
    st.integers(1, 12),
    st.lists(st.sampled_from(sorted(ATTRIBUTES)), unique=True, max_size=4),
    st.sampled_from([*SIZES, "2xlarge", "112xlarge", "metal", "metal-48xl"]),
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(names)
def test_any_name_of_the_grammar_is_read(name: str) -> None:
    assert str(InstanceType.parse(name)) == name


@settings(max_examples=400, deadline=None, derandomize=True)
@given(names.flatmap(lambda name: st.tuples(st.just(name), st.integers(0, len(name)), st.text(max_size=3))))
def test_any_text_is_a_type_or_an_error_whose_guess_is_a_type(slip: tuple[str, int, str]) -> None:
    name, place, inserted = slip
    for text in (inserted, name[:place] + inserted + name[place:], name[:place] + name[place + 1 :]):
        error = refused(text)
        if error is not None:
            assert error.title
            assert error.hint
            guess = error.hint.removeprefix("Did you mean ").removesuffix("?")
            assert error.hint.startswith("A type is written") or refused(guess) is None
