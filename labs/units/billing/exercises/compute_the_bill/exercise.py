"""Write the metering rules as functions: one is complete, one has blanks, one is empty."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from labs.course import Call, CodeExercise, CounterExample, Criterion, Run, Variant
from labs.course.marks import failed, passed, skipped
from labs.units.billing.bills import BILL, Document, Period, bill_of, cost, draw_month, rate, stdin_of

if TYPE_CHECKING:
    from labs.sandbox import World

HOUR = 3600
TYPES = ("t3.micro", "t3.small", "t3.medium", "m5.large", "m5.xlarge")
EXACT = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Case:
    """A machine in a month: its runs as (start, end) in seconds from the month's start."""

    month: Period
    type: str
    gib: int
    runs: tuple[tuple[int, int], ...]

    @property
    def lengths(self) -> list[int]:
        return [end - start for start, end in self.runs]

    @property
    def log(self) -> list[list[Any]]:
        """The state changes, as `month_cost` is given them."""
        return [
            [at, state] for start, end in self.runs for at, state in ((start, "running"), (end, "stopped"))
        ]

    @property
    def machine(self) -> dict[str, Any]:
        return {
            "hourly": str(rate(f"ec2.instance:{self.type}")),
            "gib": self.gib,
            "gb_month": str(rate("ebs.storage:gp3")),
            "address_hour": str(rate("ipv4")),
        }

    @property
    def seconds(self) -> int:
        return self.month.hours * HOUR

    def document(self, *parts: str) -> Document:
        """The bill of some of its parts, in the order of the answer."""
        runs: list[Mapping[str, Any]] = [
            {"meter": "ec2.instance", "type": self.type, "start": self._at(start), "end": self._at(end)}
            for start, end in self.runs
        ]
        volume = {"meter": "ebs.volume", "type": "gp3", "gib": self.gib}
        usage: dict[str, list[Mapping[str, Any]]] = {
            "instance": runs,
            "volume": [volume],
            "address": [{"meter": "ipv4"}],
        }
        return bill_of(self.month, *(item for part in parts or usage for item in usage[part]))

    def _at(self, seconds: int) -> str:
        return f"{self.month.start + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"

    def in_hours(self) -> Decimal:
        """What the runs would cost if begun hours were billed."""
        hours = sum(-(-length // HOUR) for length in self.lengths)
        return rate(f"ec2.instance:{self.type}") * hours

    def running(self) -> Decimal:
        """The share of the month in which it ran."""
        return Decimal(sum(self.lengths)) / self.seconds


class ComputeTheBill(CodeExercise):
    title = "Compute the bill"
    minutes = 20
    points = 10

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        shown, hidden = _case(rng), _case(rng)
        return {
            "shown": shown,
            "hidden": hidden,
            "log": "\n".join(f"    {each!r},".replace("'", '"') for each in shown.log),
            "hourly": shown.machine["hourly"],
            "gib": shown.gib,
            "gb_month": shown.machine["gb_month"],
            "address_hour": shown.machine["address_hour"],
            "month_name": shown.month.name,
            "month_seconds": shown.seconds,
            "total": f"{cost(shown.document()):.6f}",
            "lengths": shown.lengths,
            "runs_cost": f"{cost(shown.document('instance')):.6f}",
        }

    def prepare(self, world: World, variant: Variant) -> None:
        """There is nothing to prepare: these functions compute, and call nobody."""

    def calls(self, variant: Variant) -> Sequence[Call]:
        cases = _cases(variant)
        return (
            *(Call("runs_cost", (case.lengths, case.machine["hourly"])) for case in cases),
            *(Call("month_cost", (case.log, case.machine, case.seconds)) for case in cases),
        )

    def mark(self, world: World, run: Run, variant: Variant) -> tuple[Criterion, ...]:
        cases = _cases(variant)
        by_run, by_month = run.results[: len(cases)], run.results[len(cases) :]
        return (
            _mark("runs_cost() counts the seconds of each run, 60 at least", cases, by_run, "", "B7"),
            _mark("month_cost() has the instance", cases, by_month, "instance", "B7"),
            _mark("month_cost() has the volume", cases, by_month, "volume", "B1"),
            _mark("month_cost() has the address", cases, by_month, "address", "B4"),
            _mark("month_cost() has the total", cases, by_month, "total", None),
        )


def _case(rng: random.Random) -> Case:
    """Runs of all lengths: one below a minute, one that just begins an hour, and others."""
    month = draw_month(rng)
    lengths = [
        rng.randrange(5, 55),
        rng.randrange(1, 5) * HOUR + rng.randrange(1, 60),
        rng.randrange(600, 40_000),
        rng.randrange(61, 3000),
    ]
    rng.shuffle(lengths)
    starts = [day * 24 * HOUR + rng.randrange(12 * HOUR) for day in sorted(rng.sample(range(1, 26), 4))]
    return Case(
        month,
        rng.choice(TYPES),
        rng.randrange(8, 120, 4),
        tuple((start, start + length) for start, length in zip(starts, lengths, strict=True)),
    )


def _cases(variant: Variant) -> tuple[Case, Case]:
    return variant.values["shown"], variant.values["hidden"]


def _mark(
    name: str, cases: Sequence[Case], results: Sequence[Any], part: str, misconception: str | None
) -> Criterion:
    """Two points when every case has the right amount."""
    for case, result in zip(cases, results, strict=True):
        if result.error is not None:
            return failed(name, 2, result.error)
        if result.value is None:
            return skipped(name, 2, "The function returns nothing yet.")
        value = result.value
        if part:
            if not isinstance(value, dict) or part not in value:
                return failed(name, 2, f"It returned {value!r}; a dict with the key {part!r} is asked for.")
            value = value[part]
        given = _amount(value)
        parts = () if part == "total" else (part or "instance",)
        right = cost(case.document(*parts))
        if given is None or abs(given - right) > EXACT:
            belief = misconception if given is not None and _believes(case, parts, given) else None
            example = CounterExample("The bill of this case.", None, BILL, stdin_of(case.document(*parts)))
            message = f"It has {value!r}; {right:.6f} is right for runs of {case.lengths} s."
            return failed(name, 2, message, misconception=belief, example=example)
    return passed(name, 2)


def _believes(case: Case, parts: Sequence[str], given: Decimal) -> bool:
    """Whether a wrong amount is what the usual belief about this part comes to."""
    wrong: tuple[Decimal, ...] = ()
    match parts:
        case ("instance",):
            wrong = (case.in_hours(),)
        case ("volume",):
            wrong = (cost(case.document("volume")) * case.running(),)
        case ("address",):
            address = cost(case.document("address"))
            wrong = (Decimal(0), address * (1 - case.running()))
    return any(abs(given - each) <= EXACT for each in wrong)


def _amount(value: Any) -> Decimal | None:
    """The amount that a program gave, as a text or a number; None when it is neither."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**12 else None
