"""A toy course, a sandbox that answers from memory, and the app at a fixed size with its screen as text."""

from __future__ import annotations

import difflib
import os
from asyncio import sleep as sleep_a_little
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import monotonic, sleep
from typing import Any, ClassVar

import pytest
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.app import App
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from textual.strip import Strip
from textual.timer import Timer

from graders.report import Report
from labs.aws.billing import bill, usage_from_json
from labs.aws.network.paths import Network, network_from_json
from labs.course import (
    Ask,
    Call,
    CodeExercise,
    Course,
    Criterion,
    Exercise,
    Field,
    PolicyExercise,
    PredictExercise,
    Rule,
    Run,
    Slip,
    Unit,
    Variant,
    Workspace,
    WorldExercise,
)
from labs.sandbox.metering.spending import Spending
from labs.sandbox.outcomes import Advance, Change, ClockReading, Happening
from labs.sandbox.values import Check, Connection, ControlAddress, Credentials, Event, Resource
from tui.app import SkylabApp
from tui.session import Session

TOY = Path(__file__).parent / "toy"
GOLDENS = Path(__file__).parent / "goldens"
UPDATE = bool(os.environ.get("UPDATE_GOLDENS"))
ACCOUNT = "123456789012"
READER = f"arn:aws:iam::{ACCOUNT}:user/reader"
BUCKET = "training-7f"
READ_OBJECTS = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": f"arn:aws:s3:::{BUCKET}/*",
        }
    ],
}


def case(action: str, resource: str) -> dict[str, Any]:
    """A case of `skylab explain` that the toy policy decides."""
    return {
        "request": {"principal": READER, "action": action, "resource": resource},
        "identityPolicies": [READ_OBJECTS],
        "names": {"identityPolicies": ["reader/inline/read"]},
    }


class Toy:
    """What all toy exercises have in common."""

    minutes: ClassVar[int] = 5
    points: ClassVar[int] = 2

    def values(self, rng: Random) -> Mapping[str, Any]:
        return {"bucket": BUCKET}


class WhichEffect(Toy, PredictExercise):
    title = "Which answer?"

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        choices = ("allowed", "denied: nothing allows it", "explicitly denied")
        slip = Slip("allowed", "S1", "A slash and a star name what is in the bucket.")
        asked = case("s3:ListBucket", f"arn:aws:s3:::{BUCKET}")
        return (
            Field(
                "decision",
                "What does AWS answer when alice lists the bucket?",
                choices[1],
                "choice",
                choices,
                slips=(slip,),
                case=asked,
            ),
            Field(
                "element",
                "Which element decides?",
                "Resource",
                slips=(Slip("Action", "S1", "Compare the two ARNs.", ("arn", f"arn:aws:s3:::{BUCKET}")),),
            ),
        )


class Reader(Toy, PolicyExercise):
    title = "Least privilege for a reader"
    minutes = 10
    points = 6

    def principal(self, variant: Variant) -> str:
        return READER

    def rules(self, variant: Variant) -> tuple[Rule, ...]:
        bucket = f"arn:aws:s3:::{BUCKET}"
        return (
            Rule("reads data/a.csv", 2, True, (Ask("s3:GetObject", f"{bucket}/data/a.csv"),)),
            Rule(
                "lists the bucket", 2, True, (Ask("s3:ListBucket", bucket),), "ListBucket acts on the bucket."
            ),
            Rule("nothing else", 2, False, (Ask("s3:GetObject", f"{bucket}/keys/root.pem"),), "Only data/."),
        )

    def diagnose(self, policy: Any, rule: Rule, ask: Ask, decision: Any) -> str | None:
        return "S1" if ask.action == "s3:ListBucket" else None


class WhyDenied(Toy, CodeExercise):
    title = "Why is it denied?"
    minutes = 15
    points = 8

    def prepare(self, world: Any, variant: Variant) -> None:
        raise AssertionError("the toy course has no real world")

    def calls(self, variant: Variant) -> tuple[Call, ...]:
        return (Call("deciding_statement", ("alice",)),)

    def mark(self, world: Any, run: Run, variant: Variant) -> tuple[Criterion, ...]:
        raise AssertionError("the toy course has no real world")


class FindTheDeny(Toy, WorldExercise):
    title = "Find the deny"
    minutes = 15
    points = 8

    def prepare(self, world: Any, variant: Variant) -> None:
        raise AssertionError("the toy course has no real world")

    def mark(self, world: Any, variant: Variant) -> tuple[Criterion, ...]:
        raise AssertionError("the toy course has no real world")


KINDS: dict[str, type[Exercise]] = {
    "which-effect": WhichEffect,
    "reader": Reader,
    "why-denied": WhyDenied,
    "find-the-deny": FindTheDeny,
}


class ToyUnit(Unit):
    def _load(self, name: str) -> Exercise:
        return KINDS[name](self, name, self.folder / "exercises" / name.replace("-", "_"))


def toy_course() -> Course:
    """Two units; the first has an exercise of each kind, but for answer, which looks like predict."""
    goals = ("Read a statement and say what it does", "Tell a bucket from the objects in it")
    return Course(
        (
            ToyUnit(
                "policies",
                4,
                "Policies",
                "Who may do what, and how AWS decides.",
                goals,
                TOY / "policies",
                tuple(KINDS),
            ),
            ToyUnit(
                "roles",
                5,
                "Roles and instances",
                "Credentials that nobody keeps.",
                goals[:1],
                TOY / "roles",
                (),
            ),
        )
    )


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

Opener = Callable[..., AbstractAsyncContextManager[Pilot[int]]]

PATIENCE = 60.0
"""Seconds within which the app has to come to rest, also on a machine that does much else."""
SOON = 0.3
"""Timers of so many seconds are waited for; longer ones are clocks, and the saving of what is typed."""
ROUNDS = 3
"""How often nothing may be found: what goes from part to part is for a moment in no queue."""


@pytest.fixture
def course() -> Course:
    return toy_course()


@pytest.fixture
def session(tmp_path: Path, course: Course) -> MemorySession:
    return MemorySession(Workspace.create(tmp_path / "work", "alice"), course)


@pytest.fixture
def opened(session: MemorySession, monkeypatch: pytest.MonkeyPatch) -> Opener:
    """Open the app: `async with opened(80, 24) as pilot`; whatever fails inside fails the test."""
    monkeypatch.setenv("HOME", str(session.workspace.folder.parent))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    # Textual's own tests take an idle processor for the end of a key's effects; `settle` knows better.
    monkeypatch.setattr("textual.app.wait_for_idle", sleep_a_little)
    monkeypatch.setattr("textual.pilot.wait_for_idle", sleep_a_little)
    monkeypatch.setattr(Compositor, "render_update", only_if_full)
    monkeypatch.setattr(Stylesheet, "_parse_rules", parsed_once)

    @asynccontextmanager
    async def open_app(
        columns: int = 80, rows: int = 24, *, failures: int = 0, settled: bool = True, **options: Any
    ) -> AsyncIterator[Pilot[int]]:
        app = SkylabApp(session)
        async with app.run_test(size=(columns, rows), **options) as pilot:
            if settled:
                await settle(pilot)
            yield pilot
            await settle(pilot)
            assert len(app.failures) == failures, app.failures

    return open_app


async def settle(pilot: Pilot[int]) -> None:
    """Wait until no worker runs, no message and no short timer waits, and nothing is to be drawn."""
    app, quiet, limit = pilot.app, 0, monotonic() + PATIENCE
    while quiet < ROUNDS and not app._exit:
        # The worker that follows the sandbox never comes to an end by itself.
        busy = [each for each in app.workers if each.group != "follow" and not each.is_finished]
        if busy:
            await app.workers.wait_for_complete(busy)
        await pilot.pause(0)
        if not quiet:
            screen_strips(app)  # some parts find out how large they are when they are drawn
        at_work = list(unrest(app))
        if at_work:
            assert monotonic() < limit, f"the app does not come to rest: {at_work}"
            await sleep_a_little(0.005)
        quiet = 0 if at_work else quiet + 1


def unrest(app: App[Any]) -> Iterator[str]:
    """What the app has still to do by itself."""
    for pump in (app, *app.screen.walk_children(with_self=True)):
        if pump.message_queue_size or pump._next_callbacks:
            yield f"messages of {pump}"
        if any(due_soon(each) for each in pump._timers):
            yield f"a timer of {pump}"
    screen = app.screen
    if screen._layout_required or screen._repaint_required or screen._dirty_widgets or screen._callbacks:
        yield f"drawing {screen}"
    world = getattr(getattr(app, "current_stage", None), "world", None)
    if isinstance(world, MemoryWorld) and world.ledger and world.told < world.ledger[-1].sequence:
        yield "requests that were not told"


def due_soon(timer: Timer) -> bool:
    """Whether a timer will do something once, a moment after a key."""
    task = timer._task
    return timer._repeat == 0 and timer._interval <= SOON and task is not None and not task.done()


@pytest.fixture
def press() -> Callable[..., Any]:
    """Press keys one after the other, each when the last has had its effect; without keys, only wait."""

    async def press_keys(pilot: Pilot[int], *keys: str) -> None:
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)

    return press_keys


draw_whole = Compositor.render_update
parse_rules = Stylesheet._parse_rules
PARSED: dict[Any, Any] = {}


def parsed_once(sheet: Stylesheet, css: str, read_from: Any, *rest: Any, **options: Any) -> Any:
    """The rules of a style sheet in a theme, which each app of a test would parse again."""
    key = (css, read_from, rest, *options.items(), *sheet._variables.items())
    if key not in PARSED:
        PARSED[key] = parse_rules(sheet, css, read_from, *rest, **options)
    return PARSED[key]


def only_if_full(
    compositor: Compositor, full: bool = False, screen_stack: Any = None, simplify: bool = False
) -> Any:
    """Draw a screenshot, and nothing for a terminal that is not there: it would be a third of all work."""
    if full:
        return draw_whole(compositor, full, screen_stack, simplify)
    visible_screen_stack.set(screen_stack or [])
    compositor._dirty_regions.clear()
    return None


def screen_strips(app: App[Any]) -> list[Strip]:
    """What the terminal shows, line by line."""
    visible_screen_stack.set(list(app._background_screens))
    return app.screen._compositor.render_strips()


def screen_text(app: App[Any]) -> str:
    """What the terminal shows, as text."""
    return "\n".join(strip.text.rstrip() for strip in screen_strips(app)).rstrip() + "\n"


@pytest.fixture
def screen() -> Callable[[Pilot[int]], str]:
    return lambda pilot: screen_text(pilot.app)


@pytest.fixture
def difference() -> Callable[[str, str], Iterator[str]]:
    """How a screen differs from the one that is kept; UPDATE_GOLDENS=1 keeps this one instead."""

    def compare(name: str, text: str) -> Iterator[str]:
        kept = GOLDENS / (name if name.endswith(".svg") else f"{name}.txt")
        if UPDATE:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(text, encoding="utf-8")
        before = kept.read_text(encoding="utf-8").splitlines()
        lines = list(difflib.unified_diff(before, text.splitlines(), "kept", "now", lineterm=""))
        if lines:
            yield "\n".join([f"{name} looks different:", *lines])

    return compare
