"""How long plans take, on one core: `python tests/benchmarks/bench_plan.py`.

A /16 planned into 200 subnets, which is AWS's quota, in two shapes; then the same plan judged, laid out for a
terminal, and judged when every subnet is in the way of another.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from labs.aws.network.addresses import (
    Block,
    NoPlan,
    Plan,
    Requirements,
    Subnet,
    Tier,
    answer_question,
    judge,
    make_plan,
    rows,
    to_json,
)

VPC = Block.parse("10.0.0.0/16")
PAIRS = Requirements((VPC,), ("a", "b"), tuple(Tier(f"t{place}", 200) for place in range(100)))
SINGLES = Requirements((VPC,), ("a",), tuple(Tier(f"t{place}", 120 + place % 3 * 60) for place in range(200)))
CROWDED = tuple(Subnet(f"t{place}", "a", Block.around(VPC.start + place * 256, 24)) for place in range(200))
QUESTION = {
    "form": "plan",
    "vpc": "10.0.0.0/22",
    "zones": 2,
    "tiers": {"app": 200, "web": 100, "db": 25, "ops": {"hosts": 10, "zones": 1}},
}


def milliseconds(work: Callable[[], object], rounds: int = 15) -> float:
    """The median time of some rounds."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken)


def planned(asked: Requirements) -> Plan:
    """The plan, which has 200 subnets."""
    plan = make_plan(asked)
    assert not isinstance(plan, NoPlan)
    assert len(plan.subnets) == 200
    return plan


def main() -> None:
    plan = planned(PAIRS)
    crowded = Plan(Requirements((VPC,), ("a",), min_zones=1), CROWDED)
    for label, work, goal in (
        ("plan 100 tiers in 2 zones", lambda: planned(PAIRS), "20"),
        ("plan 200 tiers in 1 zone", lambda: planned(SINGLES), "20"),
        ("judge 200 subnets", lambda: judge(plan), ""),
        ("judge 200 in each other's way", lambda: judge(crowded), ""),
        ("lay out 200 subnets", lambda: rows(plan, 76, lambda part: 10), ""),
        ("a JSON question, answered", lambda: to_json(answer_question(QUESTION)), ""),
    ):
        print(f"{label:32}{milliseconds(work):>8.2f} ms{f'   (at most {goal})' if goal else ''}")


if __name__ == "__main__":
    main()
