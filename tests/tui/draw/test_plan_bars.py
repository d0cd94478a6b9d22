"""Plans as bars, at the widths of a terminal and of a projector."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labs.aws.network.addresses import (
    Block,
    Plan,
    Requirements,
    Subnet,
    Tier,
    exclude,
    judge,
    make_plan,
)
from tui.draw.addresses import answer_drawn

Draw = Callable[..., str]

SIX = """\
  ✗ 1 violation
  10.0.0.0/16   65,536 addresses · 2 zones · 3 tiers · 59 % free
  ────────────────────────────────────────────────────────────────────────────
  ├─ public a ┼─ public b ┼══ app a ══┼══ app b ══┼━ db a ┼━ db b ┼   free   ┤
  10.0.0.0/20 .16/20      .32/19      .64/19      .96/22  .100/22
  width is size, the line is the tier: ─ public  ═ app  ━ db, colour the zone
"""
ROWS = """\
  10.0.0.0/16    ├══··══·══··──────                                          ┤
  10.0.0.0/19    ├════ app a ════┼··············┼═══ app b ════┼·············┤
  10.0.32.0/19   ├════ app c ════┼··············┼─── web a ────┼─── web b ───┤
  10.0.64.0/18   ├ web c ─┼                       free                       ┤
"""
EXCLUDED = """\
  = 10.0.0.0/17     ├───────────────────────────┤
  – 10.0.128.0/18                                ├────────────┤
  = 10.0.192.0/18                                              ├─────────────┤
  = left   – taken away"""


def plan(*subnets: tuple[str, str, str], **tiers: bool | None) -> Plan:
    asked = Requirements(
        (Block.parse("10.0.0.0/16"),),
        ("a", "b"),
        tuple(Tier(name, double=value) for name, value in tiers.items()),
    )
    return Plan(asked, tuple(Subnet(tier, zone, Block.parse(block)) for tier, zone, block in subnets))


DRAWING = plan(
    ("public", "a", "10.0.0.0/20"),
    ("public", "b", "10.0.16.0/20"),
    ("app", "a", "10.0.32.0/19"),
    ("app", "b", "10.0.64.0/19"),
    ("db", "a", "10.0.96.0/22"),
    ("db", "b", "10.0.100.0/22"),
    public=False,
    app=False,
    db=None,
)


def test_a_plan_that_fits_is_one_row_with_its_blocks_below(drawn: Draw) -> None:
    text = drawn(answer_drawn(judge(DRAWING)))

    assert text.startswith(SIX)
    assert text.endswith("    Move db b to 10.0.104.0/22, which is free.")


def test_more_subnets_take_more_rows_under_the_whole_true_to_scale(drawn: Draw) -> None:
    asked = Requirements(
        (Block.parse("10.0.0.0/16"),),
        ("a", "b", "c"),
        (Tier("web", prefix=21, double=False), Tier("app", prefix=21)),
    )
    found = make_plan(asked)
    assert isinstance(found, Plan)

    assert ROWS in drawn(answer_drawn(found))


@pytest.mark.parametrize("width", [60, 80, 160])
def test_no_line_is_wider_than_the_page_and_bars_fill_it(drawn: Draw, width: int) -> None:
    lines = drawn(answer_drawn(judge(DRAWING)), width).splitlines()

    assert max(map(len, lines)) == width - 2
    assert all(len(line) == width - 2 for line in lines if line.endswith("┤"))


def test_what_overlaps_is_marked_where_it_does(drawn: Draw) -> None:
    text = drawn(
        answer_drawn(
            judge(plan(("web", "a", "10.0.0.0/17"), ("db", "b", "10.0.64.0/18"), web=False, db=False))
        )
    )

    assert "× overlap ×" in text
    assert "✗ disjointness   AWS refuses it: InvalidSubnet.Conflict" in text


def test_a_wide_page_has_the_addresses_too(drawn: Draw) -> None:
    assert "10.0.32.0 – 10.0.63.255" not in drawn(answer_drawn(judge(DRAWING)), 80)
    assert "10.0.32.0 – 10.0.63.255" in drawn(answer_drawn(judge(DRAWING)), 160)


def test_blocks_are_bars_on_the_scale_of_the_whole(drawn: Draw) -> None:
    found = exclude(Block.parse("10.0.0.0/16"), [Block.parse("10.0.128.0/18")])

    assert drawn(answer_drawn(found)).endswith(EXCLUDED)
