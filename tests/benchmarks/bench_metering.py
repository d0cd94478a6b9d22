"""What metering costs: each kind of request at the gate, a look at the resources, a bill, a month of days.

Run by hand: .venv/bin/python tests/benchmarks/bench_metering.py
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from labs.sandbox import moto_setup
from labs.sandbox.carrier import Answer
from labs.sandbox.gate import Gate
from labs.sandbox.metering.costs import costs_between
from labs.sandbox.metering.forecast import days_of
from labs.sandbox.metering.spending import spending
from labs.sandbox.state import WorldState
from labs.sandbox.wire import Call
from tests.labs.sandbox.conftest import InProcess, Recorder
from tests.labs.sandbox.houses import ACCOUNT, House


def took(what: str, call: Callable[[], Any], times: int = 2000) -> None:
    """Print the median of many calls, in milliseconds."""
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    print(f"{what:<44} {median(seconds) * 1000:8.4f} ms")


def main() -> None:
    moto_setup.reset_state(1, b"bench")
    state = WorldState(seed=1)
    state.journal.mark()
    gate = Gate(state)
    house = House(gate, state, InProcess(gate, Recorder()))
    s3, ec2, dynamodb = (house.client(name) for name in ("s3", "ec2", "dynamodb"))
    for number in range(10):
        s3.create_bucket(Bucket=f"bucket-{number}")
        for place in range(20):
            s3.put_object(Bucket=f"bucket-{number}", Key=str(place), Body=b"x" * 1000)
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=10, MaxCount=10)
    dynamodb.create_table(
        TableName="t",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    now = datetime.now(UTC)

    def request(
        service: str, operation: str, params: dict[str, Any], *, accepted: bool
    ) -> Callable[[], None]:
        call, answer = Call(service, operation, params, "us-east-1", ""), Answer(200, (), b"{}")

        def through() -> None:
            before = state.metering.before(call, ACCOUNT)
            state.metering.served(call, ACCOUNT, now, answer, before, accepted=accepted, outside=True)

        return through

    key = {"Bucket": "bucket-1", "Key": "1"}
    item = {"TableName": "t", "Item": {"k": {"S": "a"}}}
    queue = {"QueueUrl": f"http://127.0.0.1/{ACCOUNT}/q", "MessageBody": "x" * 100}
    took("iam GetUser", request("iam", "GetUser", {}, accepted=False))
    took("s3 GetObject", request("s3", "GetObject", key, accepted=False))
    took("s3 PutObject", request("s3", "PutObject", key, accepted=True))
    took("sqs SendMessage", request("sqs", "SendMessage", queue, accepted=True))
    took("dynamodb PutItem", request("dynamodb", "PutItem", item, accepted=True))
    took("ec2 DescribeInstances", request("ec2", "DescribeInstances", {}, accepted=False))
    took("ec2 CreateSecurityGroup", request("ec2", "CreateSecurityGroup", {}, accepted=True))
    took("ec2 StopInstances, 10 instances", request("ec2", "StopInstances", {}, accepted=True))
    took("what a checkpoint keeps", state.metering.saved)
    later = now + timedelta(days=30)
    took("the bill", lambda: spending(state.metering, ACCOUNT, now + timedelta(hours=5)), 50)
    days = days_of(now, later)
    took("ce, a month of days", lambda: costs_between(state.metering, ACCOUNT, days, later), 10)


if __name__ == "__main__":
    main()
