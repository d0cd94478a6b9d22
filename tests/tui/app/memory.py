"""A sandbox that answers from memory, and a session of the app in which it is the only one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Any

from graders.report import Report
from labs.aws.billing import bill, usage_from_json
from labs.aws.network.paths import Network, network_from_json
from labs.course import (
    Course,
    Exercise,
    Workspace,
)
from labs.sandbox.metering.spending import Spending
from labs.sandbox.outcomes import Advance, Change, ClockReading, Happening
from labs.sandbox.values import Check, Connection, ControlAddress, Credentials, Event, Resource
from tests.tui.app.toy_course import ACCOUNT, BUCKET, READER, case
from tui.session import Session


def event(sequence: int, operation: str, check: Check | None, **changes: Any) -> Event:
    values: dict[str, Any] = {
        "sequence": sequence,
        "id": f"r{sequence}",
        "time": f"2026-01-14T09:14:0{sequence}Z",
        "principal": READER,
        "service": "s3",
        "operation": operation,
        "region": "us-east-1",
        "checks": (check,) if check else (),
        "status": 200,
        "error": None,
        "message": None,
        "source": "127.0.0.1",
    }
    return Event(**(values | changes))


EVENTS = (
    event(
        1, "GetObject", Check("c1", "s3:GetObject", f"arn:aws:s3:::{BUCKET}/data/a.csv", "Allowed", "It is.")
    ),
    event(
        2,
        "ListObjectsV2",
        Check("c2", "s3:ListBucket", f"arn:aws:s3:::{BUCKET}", "ImplicitlyDenied", "Nothing allows it."),
        status=403,
        error="AccessDenied",
    ),
    event(3, "GetCallerIdentity", None, service="sts"),
    event(
        4,
        "DescribeInstances",
        None,
        service="ec2",
        principal="anonymous",
        status=401,
        error="AuthFailure",
        message="AWS was not able to validate the provided access credentials",
    ),
)
CASES = {
    "c1": case("s3:GetObject", f"arn:aws:s3:::{BUCKET}/data/a.csv"),
    "c2": case("s3:ListBucket", f"arn:aws:s3:::{BUCKET}"),
}


class MemoryWorld:
    """A world that has answered some requests, and will answer no more."""

    def __init__(self, events: tuple[Event, ...]) -> None:
        self.ledger = events
        self.told = 0
        self.closed = False
        self.moved = 0.0
        self.past = [
            Change(0, NOW, "the beginning"),
            Change(1, NOW, "s3:CreateBucket training-7f", checkpoints=("empty",)),
            Change(2, NOW, "s3:PutObject training-7f/data/a.csv"),
        ]
        credentials = Credentials("AKIAEXAMPLE", "secret")
        control = ControlAddress("http://127.0.0.1:2", "token")
        self.connection = Connection(
            "http://127.0.0.1:1", "http://127.0.0.1:3", "us-east-1", ACCOUNT, credentials, control, 1, 0
        )

    def events(self, after: int = 0, wait: float = 0.0, *, newest: int = 0) -> tuple[Event, ...]:
        self.told = after
        news = tuple(each for each in self.ledger if each.sequence > after)
        if not news:
            sleep(min(wait, 0.02))
        return news[-newest:]

    def resources(self) -> tuple[Resource, ...]:
        return (
            Resource("s3", "bucket", BUCKET, f"arn:aws:s3:::{BUCKET}", "2 objects, 31 bytes"),
            Resource("iam", "user", "reader", READER, "1 policy"),
        )

    def clock(self) -> ClockReading:
        return ClockReading(NOW, timedelta(hours=1))

    def history(self) -> tuple[Change, ...]:
        return tuple(self.past)

    def bill(self) -> Spending:
        usage: list[Any] = [{"meter": "ec2.instance", "type": "t3.micro"}, {"meter": "ipv4"}]
        return Spending(bill(usage_from_json({"month": "730h", "usage": usage})), NOW)

    def advance(self, *, seconds: float) -> Advance:
        self.moved = seconds
        return Advance(NOW, self.clock(), (Happening(NOW, "credentials", "a session expires"),))

    def checkpoint(self, name: str) -> Change:
        self.past[-1] = replace(self.past[-1], checkpoints=(name,))
        return self.past[-1]

    def rewind(self, steps: int | None = None, *, to: int | None = None) -> Change:
        del self.past[-steps if steps else (to or 0) + 1 :]
        return self.past[-1]

    def case(self, check_id: str) -> dict[str, Any]:
        return CASES[check_id]

    def close(self) -> None:
        self.closed = True


class MemorySession(Session):
    """A session whose worlds and whose judgements of programs come from memory; all else is real."""

    events: tuple[Event, ...] = EVENTS
    skylab = "skylab"
    verdicts: Mapping[str, Report | Exception] = {}

    def __init__(self, workspace: Workspace, course: Course) -> None:
        super().__init__(workspace, course)
        self.worlds: list[MemoryWorld] = []

    def _running_world(self) -> None:
        return None

    def _new_world(self, exercise: Exercise | None) -> Any:
        self.worlds.append(MemoryWorld(self.events))
        return self.worlds[-1]

    @staticmethod
    def network(world: Any) -> Network:
        return network_from_json(NETWORK)

    @staticmethod
    def first_question() -> int:
        return 7

    def judge(self, exercise: Exercise, text: str) -> Report:
        verdict = self.verdicts.get(exercise.name)
        if verdict is None:
            return super().judge(exercise, text)
        if isinstance(verdict, Exception):
            raise verdict
        self.workspace.progress.record(verdict)
        return verdict


NOW = datetime(2026, 1, 14, 9, 14, tzinfo=UTC)
NETWORK: dict[str, Any] = {
    "Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}],
    "Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24"}],
    "RouteTables": [
        {
            "RouteTableId": "rtb-1",
            "VpcId": "vpc-1",
            "Routes": [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"}],
            "Associations": [{"Main": True}],
        }
    ],
    "SecurityGroups": [{"GroupId": "sg-1", "VpcId": "vpc-1", "IpPermissions": [], "IpPermissionsEgress": []}],
    "Instances": [
        {
            "InstanceId": "i-0a1",
            "VpcId": "vpc-1",
            "SubnetId": "subnet-1",
            "PrivateIpAddress": "10.0.1.5",
            "State": {"Name": "running"},
            "SecurityGroups": [{"GroupId": "sg-1"}],
            "Tags": [{"Key": "Name", "Value": "web"}],
        }
    ],
}
