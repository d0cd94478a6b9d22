from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.ec2.instance_types import InstanceType
from labs.aws.ec2.placement import (
    ZONE_LIMIT,
    Image,
    Launch,
    PlacementGroup,
    attach_interface,
    attach_volume,
    check_launch,
    create_group,
)
from labs.errors import Ec2Error

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases" / "placement.json").read_text())


def launch(case: dict[str, Any]) -> Launch:
    asked = dict(case["launch"])
    return Launch(
        InstanceType.parse(asked.pop("type")),
        Image(*asked.pop("image")),
        offered=tuple(asked.pop("offered", ())),
        group=PlacementGroup(**case["group"]) if "group" in case else None,
        **asked,
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_launch_is_refused_as_aws_refuses_it(case: dict[str, Any]) -> None:
    refusals = check_launch(launch(case))
    assert [refusal.code for refusal in refusals] == case["refused"]
    if "message" in case:
        assert refusals[0].message == case["message"]
    for refusal in refusals:
        assert refusal.says.endswith(".")
        assert refusal.hint.endswith(".")
        assert refusal.source.startswith("https://docs.aws.amazon.com/")


def test_every_case_has_its_own_id_and_a_source() -> None:
    assert len({case["id"] for case in CASES}) == len(CASES)
    assert all(case["source"].startswith("https://") and case["says"] for case in CASES)


def test_a_volume_attaches_in_its_own_zone_only() -> None:
    assert attach_volume("vol-1", "us-east-1a", "i-1", "us-east-1a") is None
    refusal = attach_volume("vol-1", "us-east-1a", "i-1", "us-east-1b")
    assert refusal is not None
    assert refusal.code == "InvalidVolume.ZoneMismatch"
    assert refusal.message == "The volume 'vol-1' is not in the same availability zone as instance 'i-1'"
    assert "Snapshot the volume" in refusal.hint


def test_a_network_interface_attaches_in_its_own_zone_only() -> None:
    assert attach_interface("us-east-1a", "us-east-1a") is None
    refusal = attach_interface("us-east-1a", "us-east-1b")
    assert refusal is not None
    assert refusal.code == "InvalidParameterCombination"


def test_groups_are_made_as_aws_makes_them() -> None:
    assert create_group("near", "cluster") == PlacementGroup("near", "cluster")
    assert create_group("racks", "partition", 7).partitions == 7


@pytest.mark.parametrize(
    ("strategy", "partitions", "code", "said"),
    [
        ("partition", 8, "InvalidParameterValue", "The nearest is 7"),
        ("partition", None, "InvalidParameterValue", "The nearest is 1"),
        ("cluster", 2, "InvalidParameterCombination", "Leave PartitionCount out"),
        ("spread", 0, "InvalidParameterCombination", "Leave PartitionCount out"),
    ],
)
def test_a_group_that_aws_would_not_make_is_refused(
    strategy: Any, partitions: int | None, code: str, said: str
) -> None:
    with pytest.raises(Ec2Error) as caught:
        create_group("g", strategy, partitions)
    assert caught.value.code == code
    assert said in caught.value.hint
    assert caught.value.detail == f"AWS answers {code}"


def test_a_refusal_without_a_code_is_an_error_all_the_same() -> None:
    full = PlacementGroup("apart", "spread", running={"us-east-1a": 7})
    asked = Launch(InstanceType.parse("t3.micro"), Image("ami-1", "r"), "r", zone="us-east-1a", group=full)
    error = check_launch(asked)[0].error
    assert (error.code, error.detail) == ("", "AWS refuses the request.")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 4)), max_size=12))
def test_a_spread_group_never_has_more_than_seven_in_a_zone(asked: list[tuple[str, int]]) -> None:
    running: dict[str, int] = {}
    for zone, count in asked:
        group = PlacementGroup("apart", "spread", running=running)
        each = Launch(
            InstanceType.parse("t3.micro"), Image("ami-1", "r"), "r", count=count, zone=zone, group=group
        )
        fits = running.get(zone, 0) + count <= ZONE_LIMIT
        assert (check_launch(each) == ()) == fits
        if fits:
            running = {**running, zone: running.get(zone, 0) + count}
    assert max(running.values(), default=0) <= ZONE_LIMIT
