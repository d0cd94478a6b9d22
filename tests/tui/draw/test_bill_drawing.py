"""The drawing of a bill."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labs.aws.billing import Bill, bill, usage_from_json
from tui.draw.bill import bill_drawn, dearest, period_of

Draw = Callable[..., str]

MICRO = {"meter": "ec2.instance", "type": "t3.micro", "resource": "i-0a1"}
ADDRESS = {"meter": "ipv4", "resource": "eip-1"}
VOLUME = {"meter": "ebs.volume", "type": "gp3", "gib": 8, "resource": "vol-1"}

DRAWN = """\
  A month of 730 h                                       $11.88   no Free Tier

  EC2 compute       ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇        7.59
  Public IPv4       ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇                                3.65
  EBS               ▇▇▇                                                  0.64
  ────────────────────────────────────────────────────────────────────────────
  ▸ 1  7.592  730 h × $0.0104      t3.micro i-0a1
    2  0.64   8 GB-months × $0.08  EBS:VolumeUsage.gp3 vol-1
    3  3.65   730 h × $0.005       PublicIPv4:InUseAddress eip-1
  ────────────────────────────────────────────────────────────────────────────
  Line 1       $7.592
  Rule         730 h × $0.0104: t3.micro i-0a1, by the second while running,
               at least 60 s for each start; stopped costs nothing.
  Price        $0.0104 per hour
  Source       Amazon EC2 On-Demand Pricing, us-east-1, as of 2026-11
  Course says  $7.59 a month, and "~$7.50" on the Lambda page"""


def bill_of(*items: dict[str, Any], **rest: Any) -> Bill:
    return bill(usage_from_json({"usage": list(items), **rest}))


def test_a_bill_at_80_columns(drawn: Draw) -> None:
    assert drawn(bill_drawn(bill_of(MICRO, ADDRESS, VOLUME, month="730h"))) == DRAWN


@pytest.mark.parametrize("width", [60, 80, 120, 160])
def test_no_line_is_wider_than_the_page_and_the_bars_keep_their_shares(drawn: Draw, width: int) -> None:
    text = drawn(bill_drawn(bill_of(MICRO, ADDRESS, VOLUME, month="730h")), width=width)

    lengths = [line.count("▇") for line in text.splitlines() if "▇" in line]
    assert all(len(line) <= width for line in text.splitlines())
    assert lengths == [width - 35, int((width - 35) * 3.65 / 7.592), int((width - 35) * 0.64 / 7.592)]


def test_a_line_within_the_free_tier_says_so_and_has_no_price(drawn: Draw) -> None:
    text = drawn(
        bill_drawn(
            bill_of(MICRO, month="730h", account={"free_tier": "legacy", "created": "2026-01-01"}), selected=0
        )
    )

    assert "BoxUsage:t3.micro i-0a1, free tier" in text
    assert "AWS Free Tier, as of 2026-11" in text
    assert "Price" not in text
    assert "legacy Free Tier" in text


def test_credits_are_an_amount_below_zero_without_a_bar(drawn: Draw) -> None:
    text = drawn(bill_drawn(bill_of(MICRO, month="730h", account={"free_tier": "credits"}), selected=1))

    [credits] = [line for line in text.splitlines() if line.strip().startswith("Credits")]
    assert "▇" not in credits
    assert credits.endswith("-7.59")
    assert "-$7.592" in text
    assert "$92.41 of $100 left" in " ".join(text.split())


def test_months_have_headings_and_a_long_bill_shows_its_dearest_lines(drawn: Draw) -> None:
    volumes = [{**VOLUME, "gib": size, "resource": f"vol-{size}"} for size in range(1, 21)]
    long = bill_of(*volumes, **{"from": "2026-01-01", "to": "2026-03-01"})

    text = drawn(bill_drawn(long))
    assert "Jan 2026" in text
    assert "Feb 2026" in text
    assert "and 20 lines more, each cheaper: --all" in text
    assert "vol-1 " not in text.replace("\n", " \n")
    assert "--all" not in drawn(bill_drawn(long, every=True))
    assert drawn(bill_drawn(long, every=True)).count("vol-") == 41


def test_an_empty_bill_says_so(drawn: Draw) -> None:
    text = drawn(bill_drawn(bill_of(**{"from": "2026-01-01", "to": "2026-02-01"})))

    assert "January 2026, 744 h" in text
    assert "Nothing was used that costs anything." in text
    assert dearest(()) is None


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ("2026-02-01", "2026-03-01", "February 2026, 672 h"),
        ("2026-01-05", "2026-01-06", "5 Jan to 6 Jan 2026"),
        ("2026-01-05T10:30:00Z", "2026-01-06", "5 Jan 10:30 to 6 Jan 2026"),
    ],
)
def test_the_time_of_a_bill_in_words(start: str, end: str, text: str) -> None:
    assert period_of(bill_of(**{"from": start, "to": end})) == text


def test_what_somebody_else_wrote_cannot_move_the_cursor(drawn: Draw) -> None:
    text = drawn(bill_drawn(bill_of({**MICRO, "resource": "i-\x1b[2J[red]x"}, month="730h")))

    assert "\x1b" not in text
    assert "[red]" in text


def test_where_there_is_little_room_a_line_has_what_it_is_about_below_its_formula(drawn: Draw) -> None:
    long = {**VOLUME, "resource": "vol-8702376ffe740e3cf"}
    text = drawn(bill_drawn(bill_of(MICRO, long, month="730h")), width=64)

    lines = [line.strip() for line in text.splitlines()]
    place = next(number for number, line in enumerate(lines) if line.endswith("8 GB-months × $0.08"))
    assert lines[place + 1] == "EBS:VolumeUsage.gp3 vol-8702376ffe740e3cf"
