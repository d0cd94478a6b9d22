"""The drawing of a path: hops out and back, and what blocks them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path as File
from typing import Any

import pytest

from labs.aws.network.paths import network_from_json, question_from_json, trace
from tui.draw.path import path_drawn

Draw = Callable[..., str]

BASE = File(__file__).parents[2] / "labs/aws/network/paths/base.json"

REACHABLE = """\
  internet → web (i-web)  tcp 80    ✓ reachable
  ────────────────────────────────────────────────────────────────────────────
  → internet                  sends tcp 80 from 203.0.113.77 to 54.0.0.7     ✓
  → internet gateway igw-a    1:1 NAT 54.0.0.7 → 10.0.1.5                    ✓
  → network ACL acl-open in   rule 100 allows all traffic                    ✓
  → security group web in     tcp 80 from 0.0.0.0/0                          ✓
  → web                       10.0.1.5 receives tcp 80 from 203.0.113.77     ✓
  ← security group web out    stateful: the reply is allowed                 ✓
  ← network ACL acl-open out  rule 100 allows all traffic                    ✓
  ← route table rtb-pub       0.0.0.0/0 → igw-a                              ✓
  ← internet gateway igw-a    1:1 NAT 10.0.1.5 → 54.0.0.7                    ✓"""

LOST_REPLY = """\
  internet → web (i-web)  tcp 80    ✗ blocked on the way back
  repair  acl-open egress: rule 200 allows tcp 1024-65535 to anywhere."""

BLOCKER = """\
  ✗ acl-open  SUBNET_ACL_RESTRICTION  on the way back
    rule 100 allows tcp 80 only; the reply goes to 32768-60999
    repair  acl-open egress: rule 200 allows tcp 1024-65535 to anywhere.
            ec2.create_network_acl_entry(NetworkAclId="acl-open",
            RuleNumber=200, Egress=True, RuleAction="allow", Protocol="6",
            CidrBlock="0.0.0.0/0", PortRange={"From": 1024, "To": 65535})"""


@pytest.fixture
def base() -> dict[str, Any]:
    return dict(json.loads(BASE.read_text()))


@pytest.fixture
def page(drawn: Draw) -> Draw:
    """What a question to a network looks like."""

    def draw(document: dict[str, Any], source: str, to: str, width: int = 80, **more: Any) -> str:
        network = network_from_json(document)
        path = trace(network, question_from_json({"from": source, "to": to, **more}))
        return drawn(path_drawn(path, network), width)

    return draw


def entries(*outbound: tuple[int, int]) -> list[dict[str, Any]]:
    """Entries that let port 80 in, and some ports out."""
    return [
        {
            "RuleNumber": 100,
            "Egress": egress,
            "RuleAction": "allow",
            "Protocol": "6",
            "CidrBlock": "0.0.0.0/0",
            "PortRange": {"From": low, "To": high},
        }
        for egress, low, high in ((False, 80, 80), *((True, low, high) for low, high in outbound))
    ]


def test_a_path_that_works_is_a_hop_a_line(base: dict[str, Any], page: Draw) -> None:
    text = page(base, "internet", "i-web", port=80)

    assert text.startswith(REACHABLE)
    assert "✗" not in text


def test_a_path_that_does_not_ends_with_the_blocker_and_its_repair(base: dict[str, Any], page: Draw) -> None:
    base["NetworkAcls"][0]["Entries"] = entries((80, 80))

    text = page(base, "internet", "i-web", port=80)

    assert text.startswith(LOST_REPLY)
    assert text.endswith(BLOCKER)


def test_a_partial_path_says_which_ports_are_left(base: dict[str, Any], page: Draw) -> None:
    base["NetworkAcls"][0]["Entries"] = entries((49152, 65535))

    text = page(base, "internet", "i-web", port=80, width=160)

    assert "◐ partial: only client ports 49152-60999" in text
    assert "rule 100 allows tcp 49152-65535; no rule allows the reply to 32768-49151" in text


def test_a_reply_to_what_does_not_arrive_is_only_supposed(base: dict[str, Any], page: Draw) -> None:
    assert "← the reply, if the packet arrived" in page(base, "internet", "i-web", port=22)
    assert "← no reply: the packet does not arrive" in page(base, "i-db", "1.1.1.1", port=443)


def test_what_no_repair_helps_is_said(base: dict[str, Any], page: Draw) -> None:
    text = page(base, "internet", "54.0.0.9", port=443)

    assert "no repair makes this work as it was asked" in text
    assert text.endswith("no call repairs this")


def test_references_to_earlier_calls_are_drawn_as_python(base: dict[str, Any], page: Draw) -> None:
    text = page(base, "internet", "i-db", port=5432, width=160)

    assert 'address = ec2.allocate_address(Domain="vpc")' in text
    assert 'AllocationId=address["AllocationId"]' in text
    assert "repair  3 changes, below" in text


@pytest.mark.parametrize("width", [60, 80, 120, 160])
def test_no_line_is_wider_than_the_terminal(width: int, base: dict[str, Any], page: Draw) -> None:
    name = "a-name-that-says-everything-" * 4
    base["SecurityGroups"][0]["Tags"] = [{"Key": "Name", "Value": name}]

    for source, to in (("internet", "i-web"), ("i-app", "1.1.1.1"), ("internet", "i-db")):
        assert max(map(len, page(base, source, to, width, port=22).splitlines())) <= width


def test_names_cannot_be_taken_for_markup(base: dict[str, Any], page: Draw) -> None:
    base["Reservations"][0]["Instances"][0]["Tags"] = [{"Key": "Name", "Value": "[red]web[/red]\x1b[31m"}]

    text = page(base, "internet", "i-web", port=80)

    assert "[red]web[/red]␛[31m (i-web)" in text
