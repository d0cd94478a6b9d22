"""How long functions of Lambda take: python -m tests.benchmarks.bench_functions"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from statistics import median

from labs.sandbox import Nursery, World
from tests.labs.sandbox.functions.making import FUNCTION, admit, archive, make

BOTO3 = """
import boto3
sts = boto3.client("sts")
def handler(event, context):
    return sts.get_caller_identity()["Arn"]
"""


def milliseconds(call: Callable[[], object], times: int) -> float:
    """The median of several calls."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1000)
    return median(taken)


def main() -> None:
    """Print the figures."""
    with Nursery() as nursery, nursery.world(seed=1) as world:
        make(world.client, "", "logs:*")
        lambda_ = world.client("lambda")

        def invoke() -> None:
            assert "FunctionError" not in lambda_.invoke(FunctionName="f", Payload=b"{}")

        def cold() -> None:
            value = {"Variables": {"TURN": str(time.perf_counter_ns())}}
            lambda_.update_function_configuration(FunctionName="f", Environment=value)
            invoke()

        print(f"cold start and one change       {milliseconds(cold, 10):8.1f} ms")
        print(f"warm                            {milliseconds(invoke, 50):8.1f} ms")
        lambda_.update_function_code(FunctionName="f", ZipFile=archive(BOTO3))
        print(f"cold start with a boto3 client  {milliseconds(invoke, 1):8.1f} ms")
        print(f"warm with one call of STS       {milliseconds(invoke, 20):8.1f} ms")
        lambda_.update_function_code(FunctionName="f", ZipFile=archive())
        print(f"advance 1h, rate(5 minutes)     {milliseconds(lambda: _advance(world), 3):8.1f} ms")


def _advance(world: World) -> None:
    events = world.client("events")
    rule = events.put_rule(Name="tick", ScheduleExpression="rate(5 minutes)")["RuleArn"]
    if not events.list_targets_by_rule(Rule="tick")["Targets"]:
        events.put_targets(Rule="tick", Targets=[{"Id": "1", "Arn": FUNCTION, "Input": json.dumps({})}])
        admit(world.client, "events", rule)
    assert len(world.advance(hours=1).happened) == 24


if __name__ == "__main__":
    main()
