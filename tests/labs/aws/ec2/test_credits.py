from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.ec2.credits import (
    BURSTABLE,
    CreditState,
    Event,
    Load,
    Mode,
    Period,
    Point,
    Stopped,
    Switch,
    Timeline,
    credit_rule,
    surplus_charged,
    timeline,
)
from labs.errors import Ec2Error

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases" / "credits.json").read_text())
COUNTED = (
    "balance",
    "launch",
    "surplus",
    "earned",
    "granted",
    "spent",
    "discarded",
    "lost",
    "charged",
    "denied",
)
RATE = Decimal("0.05")


def period(row: dict[str, str]) -> Period:
    if "stop" in row:
        return Stopped(Decimal(row["stop"]) * 3600)
    if "switch" in row:
        return Switch("standard" if row["switch"] == "standard" else "unlimited")
    return Load(Decimal(row["hours"]) * 3600, Decimal(row["cpu"]))


def case_timeline(case: dict[str, Any], periods: int, *, ends: bool) -> Timeline:
    start = CreditState(Fraction(case["start"])) if "start" in case else None
    rows = case["periods"][:periods]
    return timeline(case["type"], map(period, rows), mode=case["mode"], start=start, ends=ends)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_each_period_ends_as_aws_says(case: dict[str, Any]) -> None:
    for number, row in enumerate(case["periods"], start=1):
        end = case_timeline(case, number, ends=False).end
        want = {key: Fraction(row[key]) for key in COUNTED if key in row}
        assert {key: getattr(end, key) for key in want} == want, f"period {number}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_charge_is_exact(case: dict[str, Any]) -> None:
    charged = case_timeline(case, len(case["periods"]), ends=True)
    assert charged.charged_vcpu_hours == Decimal(case["charged_vcpu_hours"])
    assert charged.charged_vcpu_hours * RATE == Decimal(case["dollars"])


def test_every_case_has_its_own_id_and_a_page_of_aws() -> None:
    assert len({case["id"] for case in CASES}) == len(CASES)
    assert all(case["source"].startswith("https://docs.aws.amazon.com/") and case["says"] for case in CASES)


def test_the_credit_table_is_aws_s() -> None:
    table = {
        "t2.nano": "3 72",
        "t2.micro": "6 144",
        "t2.small": "12 288",
        "t2.medium": "24 576",
        "t2.large": "36 864",
        "t2.xlarge": "54 1296",
        "t2.2xlarge": "81.6 1958.4",
    }
    for family in ("t3", "t3a", "t4g"):
        table |= {
            f"{family}.nano": "6 144",
            f"{family}.micro": "12 288",
            f"{family}.small": "24 576",
            f"{family}.medium": "24 576",
            f"{family}.large": "36 864",
            f"{family}.xlarge": "96 2304",
            f"{family}.2xlarge": "192 4608",
        }
    ours = {name: (rule.earned_per_hour, rule.limit) for name, rule in BURSTABLE.items()}
    assert ours == {name: tuple(map(Decimal, row.split())) for name, row in table.items()}


@pytest.mark.parametrize(
    ("name", "launch", "mode"), [("t2.2xlarge", 240, "standard"), ("t4g.micro", 0, "unlimited")]
)
def test_only_t2_gets_launch_credits_and_starts_in_standard_mode(name: str, launch: int, mode: Mode) -> None:
    rule = credit_rule(name)
    assert (rule.launch_credits, rule.default_mode) == (launch, mode)
    assert timeline(name, []).mode == mode
    assert timeline(name, [], mode="standard").end.granted == launch
    assert timeline(name, [], mode="unlimited").end.granted == 0


def test_a_point_stands_at_each_bound_that_is_hit() -> None:
    work = [Load(Decimal(hours * 3600), Decimal(cpu)) for hours, cpu in ((30, 0), (6, 1), (40, 0))]
    points = timeline("t3.nano", work).points
    assert [(point.event, point.seconds / 3600) for point in points] == [
        (Event.START, 0),
        (Event.FULL, 24),
        (Event.BOUNDARY, 30),
        (Event.EMPTY, 30 + Fraction(144, 114)),
        (Event.BORROWED_ALL, 30 + Fraction(288, 114)),
        (Event.BOUNDARY, 36),
        (Event.PAID_BACK, 60),
        (Event.BOUNDARY, 76),
        (Event.END, 76),
    ]
    assert [point.utilisation for point in points] == [0, 0, 1, 1, 1, 0, 0, 0, 0]


def test_standard_mode_runs_at_the_baseline_once_the_balance_is_empty() -> None:
    points = timeline("t3.micro", [Load(Decimal(7200), Decimal(1))], mode="standard").points
    assert points[0].utilisation == Fraction(1, 10)
    assert points[-1].denied == 2 * 120 - 24


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: credit_rule("m5.large"), "no CPU credits"),
        (lambda: Load(Decimal(1), Decimal(7)), "Write 0.07 for 7 %"),
        (lambda: Load(Decimal(1), Decimal("-0.1")), "from 0 to 1"),
        (lambda: Load(Decimal(-1), Decimal(0)), "backwards"),
        (lambda: Load(Decimal("NaN"), Decimal(0)), "no exact number"),
        (lambda: Load(Decimal(1), 0.07), "Decimal('0.07')"),  # type: ignore[arg-type]
        (lambda: Stopped(Decimal("Infinity")), "no exact number"),
        (lambda: timeline("t3.micro", [], mode="endless"), "endless"),  # type: ignore[arg-type]
        (lambda: CreditState(Fraction(-1)), "below nothing"),
    ],
)
def test_a_wrong_value_is_refused_with_a_reason(make: Any, said: str) -> None:
    with pytest.raises(Ec2Error) as caught:
        make()
    assert said in str(caught.value)
    assert caught.value.hint


exact = st.fractions(min_value=0, max_value=1, max_denominator=100).map(
    lambda part: Decimal(round(part * 100)) / 100
)
spans = st.integers(0, 200_000).map(lambda tenths: Decimal(tenths) / 10)
periods = st.lists(
    st.builds(Load, spans, exact)
    | st.builds(Stopped, st.sampled_from([Decimal(60), Decimal(700_000)]))
    | st.builds(Switch, st.sampled_from(["standard", "unlimited"])),
    max_size=8,
)
names = st.sampled_from(sorted(BURSTABLE))
modes = st.sampled_from(["standard", "unlimited"])
laws = settings(max_examples=80, deadline=None, derandomize=True)


def held(point: Point) -> Fraction:
    return point.balance + point.launch - point.surplus


@laws
@given(names, periods, modes, st.booleans())
def test_no_credit_appears_or_disappears(name: str, work: list[Period], mode: Mode, ends: bool) -> None:
    for point in timeline(name, work, mode=mode, ends=ends).points:
        came = point.granted + point.earned + point.charged
        assert came == held(point) + point.spent + point.discarded + point.lost


@laws
@given(names, periods, modes)
def test_the_account_keeps_within_its_bounds(name: str, work: list[Period], mode: Mode) -> None:
    whole = timeline(name, work, mode=mode)
    limit = Fraction(whole.rule.limit)
    for point in whole.points:
        assert 0 <= point.balance <= limit
        assert 0 <= point.surplus <= limit
        assert 0 <= point.launch <= whole.rule.launch_credits
        assert not (point.balance and point.surplus)
        assert 0 <= point.utilisation <= 1


@laws
@given(names, periods, modes)
def test_time_and_counters_never_fall(name: str, work: list[Period], mode: Mode) -> None:
    points = timeline(name, work, mode=mode).points
    rising = ("seconds", "earned", "granted", "spent", "discarded", "lost", "charged", "denied")
    for before, after in pairwise(points):
        assert all(getattr(before, name) <= getattr(after, name) for name in rising)


@laws
@given(names, periods, modes)
def test_work_is_done_or_denied(name: str, work: list[Period], mode: Mode) -> None:
    whole = timeline(name, work, mode=mode)
    wanted = sum(
        (
            Fraction(each.seconds) * Fraction(each.utilisation) * whole.rule.vcpus / 60
            for each in work
            if isinstance(each, Load)
        ),
        Fraction(0),
    )
    assert whole.end.spent + whole.end.denied == wanted
    assert Switch("standard") in work or mode == "standard" or whole.end.denied == 0
    assert Switch("unlimited") in work or mode == "unlimited" or whole.end.charged == 0


@laws
@given(names, periods, modes, st.data())
def test_a_timeline_may_be_cut_anywhere(
    name: str, work: list[Period], mode: Mode, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(work)))
    whole = timeline(name, work, mode=mode)
    first = timeline(name, work[:cut], mode=mode, ends=False)
    after = [each.mode for each in work[:cut] if isinstance(each, Switch)]
    second = timeline(name, work[cut:], mode=after[-1] if after else mode, start=first.state)
    assert second.state == whole.state
    assert first.charged_credits + second.charged_credits == whole.charged_credits


@laws
@given(names, spans, exact)
def test_unlimited_mode_costs_nothing_at_or_below_the_baseline(
    name: str, span: Decimal, part: Decimal
) -> None:
    work = Load(span, part * credit_rule(name).baseline)
    assert timeline(name, [work], mode="unlimited").charged_credits == 0


def test_a_charge_that_goes_on_counts_only_what_is_beyond_the_limit() -> None:
    five_hours = [Load(Decimal(5 * 3600), Decimal(1))]
    assert surplus_charged("t3.micro", five_hours, ends=False) == 5 * 108 - 288
    assert surplus_charged("t3.micro", five_hours) == 5 * 108


@laws
@given(names, st.lists(st.builds(Load, spans, exact), max_size=8), modes, st.booleans())
def test_the_charge_alone_is_the_timeline_s(name: str, work: list[Load], mode: Mode, ends: bool) -> None:
    whole = timeline(name, work, mode=mode, ends=ends)
    assert surplus_charged(name, work, mode=mode, ends=ends) == whole.charged_credits
