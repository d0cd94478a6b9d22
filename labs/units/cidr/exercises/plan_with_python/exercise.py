"""Write a planner of subnets with the standard library; every plan with the right properties will do."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labs.course import Call, CallResult, CodeExercise, CounterExample, Criterion, Run, Variant
from labs.course.kinds.plan import ASPECTS, mark_plan
from labs.course.marks import failed, passed, skipped

if TYPE_CHECKING:
    from labs.sandbox import World

FITS = "returns a list of subnets when a plan exists"
NO_PLAN = "returns None when there is none"


class PlanWithPython(CodeExercise):
    title = "Plan with Python"
    minutes = 30
    points = 10

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        from labs.aws.network.addresses import Block

        second = rng.randrange(2, 240)
        vpc = Block.parse(f"10.{second}.{rng.randrange(0, 256, 4)}.0/22")
        hosts = {"web": rng.randrange(40, 60), "app": 126 - rng.randrange(3), "db": rng.randrange(6, 11)}
        # The smallest first, so that whoever lays them out as they come meets a gap.
        tiers = dict(sorted(hosts.items(), key=lambda item: item[1]))
        tiny = Block.parse(f"10.{second + 1}.{rng.randrange(250)}.0/25")
        return {
            "vpc": str(vpc),
            "zones": ["a", "b"],
            "tiers": tiers,
            "vpc_first": str(vpc[0]),
            "cases": [
                {"vpc": str(vpc), "zones": ["a", "b"], "tiers": tiers},
                # Exactly full: nothing may be wasted, and the order is what decides.
                {
                    "vpc": str(Block.parse(f"10.{second + 2}.{rng.randrange(250)}.0/24")),
                    "zones": ["a", "b"],
                    "tiers": {"queue": 10, "cache": 11, "api": 27, "jobs": 59},
                },
                # A /25 has 123 for one who knows that AWS keeps five, and 126 for all others.
                {
                    "vpc": str(Block.parse(f"192.168.{rng.randrange(0, 256, 4)}.0/22")),
                    "zones": ["a", "b", "c"],
                    "tiers": {"small": 3, "large": 124},
                },
            ],
            # One has no room for the second subnet, and the other none for the first.
            "hopeless": [
                {"vpc": str(tiny), "zones": ["a", "b"], "tiers": {"web": 60, "db": 10}},
                {"vpc": str(tiny), "zones": ["a"], "tiers": {"web": 124}},
            ],
        }

    def prepare(self, world: World, variant: Variant) -> None:
        """Nothing: the function is given all that it needs."""

    def calls(self, variant: Variant) -> Sequence[Call]:
        v = variant.values
        return tuple(
            Call("plan", (each["vpc"], each["zones"], each["tiers"]))
            for each in (*v["cases"], *v["hopeless"])
        )

    def mark(self, world: World, run: Run, variant: Variant) -> tuple[Criterion, ...]:
        """The aspects of a plan over all that should have one; then the cases that have none."""
        fitting, hopeless = variant.values["cases"], variant.values["hopeless"]
        for case, result in zip(fitting, run.results, strict=False):
            if result.error is not None or not isinstance(result.value, list):
                said = result.error or f"For {case['vpc']} it returned {result.value!r}."
                waiting = (skipped(each.name, each.points, "") for each in ASPECTS)
                return (failed(FITS, 1, said), *waiting, skipped(NO_PLAN, 1, ""))
        marks = [
            mark_plan(asked_of(case), result.value)
            for case, result in zip(fitting, run.results, strict=False)
        ]
        return (
            passed(FITS, 1),
            *(_worst(of_aspect) for of_aspect in zip(*marks, strict=True)),
            _mark_hopeless(hopeless, run.results[len(fitting) :]),
        )


def asked_of(case: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked of the plan for a call, as a document."""
    tiers = {tier: {"hosts": hosts, "double": False} for tier, hosts in case["tiers"].items()}
    return {"vpc": case["vpc"], "zones": case["zones"], "tiers": tiers}


def _worst(criteria: Sequence[Criterion]) -> Criterion:
    """Of the same criterion over several plans, the one that fared worst, those with a belief first."""
    order = {"fail": 0, "skipped": 1, "pass": 2}
    return min(criteria, key=lambda each: (order[each.state], each.misconception is None))


def _mark_hopeless(cases: Sequence[Mapping[str, Any]], results: Sequence[CallResult]) -> Criterion:
    for case, result in zip(cases, results, strict=True):
        if result.error is not None:
            return failed(NO_PLAN, 1, result.error)
        if result.value is None:
            continue
        given = result.value
        what = f"{len(given)} subnets" if isinstance(given, list) else f"{len(str(given))} characters"
        said = f"{case['vpc']} cannot hold {case['tiers']} in {len(case['zones'])} zones. It returned {what}."
        return failed(NO_PLAN, 1, said, example=CounterExample.of_command(_planning(case)))
    return passed(NO_PLAN, 1)


def _planning(case: Mapping[str, Any]) -> tuple[str, ...]:
    """The command that asks our planner for the same."""
    tiers = [word for name, hosts in case["tiers"].items() for word in ("--tier", f"{name}={hosts}")]
    return "cidr", "plan", case["vpc"], "--zones", ",".join(case["zones"]), *tiers
