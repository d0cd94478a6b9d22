from __future__ import annotations

import json
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.resilience import (
    FIBRE_INDEX,
    Place,
    Span,
    Step,
    budget_left,
    checkpoint_waste,
    copies_needed,
    daly_interval,
    downtime_minutes,
    expected_losses,
    failure_left,
    great_circle_km,
    in_parallel,
    in_series,
    light_rtt_ms,
    mean_tries,
    redeliveries,
    redelivery_times,
    total_latency,
    tries_needed,
    years_per_loss,
    young_interval,
)
from labs.errors import InputError

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "cases" / "resilience.json").read_text())
laws = settings(max_examples=200, deadline=None, derandomize=True)
shares = st.decimals(0, 1, places=6)
seconds = st.floats(0.001, 1e7)


@pytest.mark.parametrize(("availability", "minutes"), CASES["downtime"]["rows"])
def test_downtime_is_what_availability_lacks(availability: str, minutes: str) -> None:
    assert downtime_minutes(Decimal(availability)) == Decimal(minutes)


@pytest.mark.parametrize(("parts", "whole"), CASES["series"]["rows"])
def test_parts_in_series_multiply(parts: list[str], whole: str) -> None:
    assert in_series(map(Decimal, parts)) == Decimal(whole)


@pytest.mark.parametrize(("parts", "whole"), CASES["parallel"]["rows"])
def test_parts_in_parallel_fail_together_only(parts: list[str], whole: str) -> None:
    assert in_parallel(map(Decimal, parts)) == Decimal(whole)


@pytest.mark.parametrize(("one", "target", "copies"), CASES["copies"]["rows"])
def test_enough_copies_reach_a_target(one: str, target: str, copies: int) -> None:
    assert copies_needed(Decimal(one), Decimal(target)) == copies


@pytest.mark.parametrize(("objects", "durability", "losses", "years"), CASES["losses"]["rows"])
def test_losses_follow_from_durability(objects: int, durability: str, losses: str, years: str) -> None:
    assert expected_losses(objects, Decimal(durability)) == Decimal(losses)
    assert years_per_loss(objects, Decimal(durability)) == Decimal(years)


@pytest.mark.parametrize(("cost", "mtbf", "young", "daly", "waste"), CASES["checkpoints"]["rows"])
def test_checkpoint_intervals_are_young_s_and_daly_s(
    cost: int, mtbf: int, young: int, daly: int, waste: str
) -> None:
    interval = young_interval(cost, mtbf)
    assert round(interval) == young
    assert round(daly_interval(cost, mtbf)) == daly
    assert f"{100 * checkpoint_waste(interval, cost, mtbf):.1f}" == waste


@pytest.mark.parametrize(("failure", "tries", "left", "mean"), CASES["retries"]["rows"])
def test_retries_leave_a_power_of_the_failures(failure: str, tries: int, left: str, mean: str) -> None:
    assert failure_left(Decimal(failure), tries) == Decimal(left)
    assert mean_tries(Decimal(failure), tries) == Decimal(mean)


@pytest.mark.parametrize(("handler", "visibility", "times"), CASES["redelivery"]["rows"])
def test_a_slow_handler_gets_its_message_again(handler: int, visibility: int, times: list[int]) -> None:
    assert redeliveries(handler, visibility) == len(times)
    assert list(redelivery_times(handler, visibility)) == times


@pytest.mark.parametrize(("km", "vacuum", "fibre"), CASES["distance"]["rows"])
def test_light_bounds_the_round_trip(km: str, vacuum: str, fibre: str) -> None:
    way = great_circle_km(Place("N. Virginia", 39.04, -77.49), Place("Tokyo", 35.68, 139.69))
    assert f"{way:.0f}" == km
    assert f"{light_rtt_ms(way):.1f}" == vacuum
    assert f"{light_rtt_ms(way, FIBRE_INDEX):.1f}" == fibre


def test_sequential_calls_add_up() -> None:
    queries = Step("query", Span.of(1, 5), 10)
    assert total_latency([queries, Step("render", Span.of(20))]) == Span.of(30, 70)
    assert budget_left([queries], 40) == Span.of(-10, 30)
    assert total_latency([]) == Span.of(0)


def test_quarters_of_the_globe_measure_as_they_should() -> None:
    pole, equator = Place("pole", 90, 0), Place("equator", 0, 45)
    assert great_circle_km(pole, equator) == pytest.approx(math.pi / 2 * 6371.0088)
    assert great_circle_km(equator, equator) == 0
    assert great_circle_km(equator, Place("antipode", 0, -135)) == pytest.approx(math.pi * 6371.0088)


def test_every_group_of_cases_has_a_source() -> None:
    assert all(group["source"] and group["says"] for group in CASES.values())


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: downtime_minutes(Decimal("99.99")), "Write 0.9999 for 99.99 %"),
        (lambda: downtime_minutes(Decimal("NaN")), "fraction"),
        (lambda: in_series([Decimal(-1)]), "fraction"),
        (lambda: copies_needed(Decimal("0.99"), Decimal(1)), "No sensible number"),
        (lambda: copies_needed(Decimal(0), Decimal("0.5")), "No sensible number"),
        (lambda: years_per_loss(10, Decimal(1)), "ever lost"),
        (lambda: Span.of(2, 1), "lower end"),
        (lambda: Span.of(1) * -1, "0 times"),
        (lambda: Place("nowhere", 91, 0), "no such place"),
        (lambda: young_interval(0, 10), "more than 0"),
        (lambda: daly_interval(10, math.inf), "more than 0"),
        (lambda: failure_left(Decimal("0.1"), 0), "at least one"),
        (lambda: tries_needed(Decimal(1), Decimal("0.1")), "No number of tries"),
        (lambda: tries_needed(Decimal("0.1"), Decimal(0)), "No number of tries"),
        (lambda: redeliveries(10, 0), "never hidden"),
        (lambda: redeliveries(-1), "some time"),
    ],
)
def test_a_wrong_number_is_refused_with_a_reason(make: Any, said: str) -> None:
    with pytest.raises(InputError) as caught:
        make()
    assert said in str(caught.value)
    assert caught.value.detail
    assert caught.value.hint


@laws
@given(st.lists(shares, max_size=6), shares)
def test_another_part_helps_in_parallel_and_harms_in_series(parts: list[Decimal], more: Decimal) -> None:
    assert in_parallel([*parts, more]) >= in_parallel(parts)
    assert in_series([*parts, more]) <= in_series(parts)


@laws
@given(st.lists(shares, min_size=1, max_size=4))
def test_series_and_parallel_mirror_each_other(parts: list[Decimal]) -> None:
    assert in_series(parts) == 1 - in_parallel([1 - part for part in parts])
    assert in_series(parts) <= min(parts) <= max(parts) <= in_parallel(parts)


@laws
@given(st.decimals("0.2", 1, places=3), st.decimals(0, "0.999999", places=6))
def test_the_copies_needed_are_just_enough(one: Decimal, target: Decimal) -> None:
    copies = copies_needed(one, target)
    assert in_parallel([one] * copies) >= target
    assert copies == 0 or in_parallel([one] * (copies - 1)) < target


@laws
@given(seconds, seconds, st.floats(0.01, 100))
def test_no_interval_wastes_less_than_young_s(cost: float, mtbf: float, stretch: float) -> None:
    best = young_interval(cost, mtbf)
    other = checkpoint_waste(best * stretch, cost, mtbf)
    assert checkpoint_waste(best, cost, mtbf) <= other * (1 + 1e-9)


@laws
@given(st.decimals("0.001", "0.999", places=3), st.decimals("0.000001", 1, places=6))
def test_the_tries_needed_are_just_enough(failure: Decimal, target: Decimal) -> None:
    tries = tries_needed(failure, target)
    assert failure**tries <= target
    assert tries == 1 or failure ** (tries - 1) > target


@laws
@given(shares, st.integers(1, 8))
def test_a_further_try_leaves_fewer_failures_and_costs_more_calls(failure: Decimal, tries: int) -> None:
    assert failure_left(failure, tries + 1) <= failure_left(failure, tries)
    assert 1 <= mean_tries(failure, tries) <= mean_tries(failure, tries + 1) <= tries + 1


@laws
@given(st.integers(0, 5000), st.integers(1, 600))
def test_redeliveries_come_before_the_handler_is_done(handler: int, visibility: int) -> None:
    times = list(redelivery_times(handler, visibility))
    assert all(time < handler for time in times)
    assert (len(times) + 1) * visibility >= handler


places = st.builds(Place, st.just("somewhere"), st.floats(-90, 90), st.floats(-180, 180))


@laws
@given(places, places, places)
def test_distances_are_those_of_a_sphere(one: Place, two: Place, three: Place) -> None:
    assert great_circle_km(one, two) == pytest.approx(great_circle_km(two, one))
    assert great_circle_km(one, two) <= math.pi * 6371.0088 + 1e-6
    assert great_circle_km(one, three) <= great_circle_km(one, two) + great_circle_km(two, three) + 1e-3
