"""The notebook's CIDR planner: blocks are split, joined, named and compared, and always fill the network."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.network.addresses import Block
from labs.errors import AddressError
from labs.widgets import CidrPlanner
from labs.widgets.cidr import joined, split_in_two


@pytest.fixture
def planner() -> CidrPlanner:
    return CidrPlanner("10.20.0.0/24")


def shown(planner: CidrPlanner) -> list[str]:
    """The descriptions of the blocks' buttons, row by row."""
    return [button.description for row in planner.rows.children for button in row.children]


def test_it_opens_with_the_network_as_one_block(planner: CidrPlanner) -> None:
    assert shown(planner) == ["10.20.0.0/24"]
    assert "251: AWS keeps" in planner.found.value


def test_a_block_is_split_in_two(planner: CidrPlanner) -> None:
    planner.split.click()

    assert shown(planner) == ["10.20.0.0/25", "10.20.0.128/25"]
    assert "123: AWS keeps" in planner.found.value


def test_the_block_whose_button_is_pressed_is_chosen(planner: CidrPlanner) -> None:
    planner.split.click()
    button = planner.rows.children[0].children[1]
    button.click()

    assert str(planner.chosen) == "10.20.0.128/25"
    assert "chosen" in button._dom_classes


def test_choosing_keeps_the_buttons_so_that_the_keyboard_keeps_its_place(planner: CidrPlanner) -> None:
    planner.split.click()
    before = planner.rows.children[0].children
    before[1].click()

    assert planner.rows.children[0].children == before


def test_two_halves_are_joined(planner: CidrPlanner) -> None:
    planner.split.click()
    planner.split.click()
    planner.join.click()

    assert shown(planner) == ["10.20.0.0/25", "10.20.0.128/25"]


def test_a_block_whose_other_half_is_split_cannot_be_joined(planner: CidrPlanner) -> None:
    planner.split.click()
    planner.split.click()
    planner.choose("10.20.0.128/25")
    planner.join.click()

    assert "Its other half is 10.20.0.0/25, which is split." in planner.found.value
    assert len(shown(planner)) == 3


def test_the_whole_network_cannot_be_joined(planner: CidrPlanner) -> None:
    planner.join.click()

    assert "It is the whole network already." in planner.found.value


def test_nothing_is_split_that_aws_makes_no_subnets_of(planner: CidrPlanner) -> None:
    for _ in range(5):
        planner.split.click()

    assert str(planner.chosen) == "10.20.0.0/28"
    assert "the smallest subnet in AWS is a /28" in planner.found.value


def test_named_blocks_are_the_subnets(planner: CidrPlanner) -> None:
    planner.split.click()
    planner.name.value = "web a"
    planner.choose("10.20.0.128/25")
    assert planner.name.value == ""
    planner.name.value = "web b"

    assert planner.subnets == {"web a": "10.20.0.0/25", "web b": "10.20.0.128/25"}
    assert "2 with a name, 0 % of the addresses free" in planner.found.value


def test_a_name_that_comes_twice_is_refused(planner: CidrPlanner) -> None:
    planner.split.click()
    planner.name.value = "web"
    planner.choose("10.20.0.128/25")
    planner.name.value = "web"

    assert "comes twice" in planner.found.value
    assert planner.subnets == {"web": "10.20.0.0/25"}


def test_another_network_is_compared(planner: CidrPlanner) -> None:
    planner.other.value = "10.20.0.128/25"
    assert "✗ They overlap." in planner.found.value
    planner.other.value = "10.20.1.0/24"
    assert "✓ They are apart." in planner.found.value


@pytest.mark.parametrize("text", ["", "10.20", "10.20.0.0/33", "2001:db8::/56", "<b>"])
def test_what_is_no_network_shows_what_is_wrong(planner: CidrPlanner, text: str) -> None:
    planner.network.value = text

    assert 'class="headline no"' in planner.found.value
    assert "<b>" not in planner.found.value


def test_names_are_escaped_wherever_they_are_shown(planner: CidrPlanner) -> None:
    planner.split.click()
    planner.name.value = "<script>"
    planner.choose("10.20.0.128/25")
    planner.name.value = "<script>"

    assert "<script>" not in planner.found.value


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=25))
def test_the_blocks_always_fill_the_network_without_overlap(steps: list[tuple[bool, int]]) -> None:
    network = Block.parse("10.0.0.0/20")
    blocks: tuple[Block, ...] = (network,)
    for splits, number in steps:
        try:
            blocks = (split_in_two if splits else joined)(blocks, blocks[number % len(blocks)])
        except AddressError:
            continue
    assert blocks[0].start == network.start
    assert blocks[-1].stop == network.stop
    assert all(one.stop == two.start for one, two in pairwise(blocks))
