"""Drawings that a notebook keeps: well-formed SVG, the same each time, with words beside the image."""

from __future__ import annotations

import re
from base64 import b64decode
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from labs.aws.network.addresses import Block, Plan, Requirements, Tier, make_plan
from labs.widgets import Design, Drawing, bars, blocks, cost_by_hours, curve


def plan() -> Plan:
    made = make_plan(
        Requirements((Block.parse("10.0.0.0/22"),), ("a", "b"), (Tier("web", 100), Tier("db", 25)))
    )
    assert isinstance(made, Plan)
    return made


DRAWINGS = {
    "bars": lambda: bars([("EC2 <compute>", Decimal("7.59")), ("Credits", Decimal(-3))], "A & B"),
    "curve": lambda: curve(cost_by_hours(Design()), "Cost by hours"),
    "blocks": lambda: blocks(plan(), "Two tiers"),
    "nothing": lambda: bars([], "Nothing"),
}


@pytest.fixture(params=DRAWINGS)
def drawing(request: pytest.FixtureRequest) -> Drawing:
    return DRAWINGS[request.param]()


def test_a_drawing_is_well_formed(drawing: Drawing) -> None:
    assert ElementTree.fromstring(drawing.svg).get("height") == str(drawing.height)


def test_a_drawing_shows_itself_as_an_image_with_words(drawing: Drawing) -> None:
    shown = drawing._repr_mimebundle_()
    image = re.search(r"base64,([^\"]+)", shown["text/html"])

    assert image is not None
    assert b64decode(image[1]).decode() == drawing.svg
    assert shown["text/plain"] == drawing.words
    assert "alt=" in shown["text/html"]


def test_everything_is_within_the_frame(drawing: Drawing) -> None:
    for element in ElementTree.fromstring(drawing.svg).iter():
        assert 0 <= float(element.get("x", 0)) <= 720
        assert 0 <= float(element.get("y", 0)) <= drawing.height


def test_blocks_name_each_subnet() -> None:
    drawn = blocks(plan(), "Two tiers")

    for subnet in plan().subnets:
        assert f"{subnet.name} {subnet.block}" in drawn.words
        assert str(subnet.block) in drawn.svg
