"""The app on a real sandbox: instruments act on it, its bill is a chart, it may stop and start again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from labs.sandbox import Nursery, World
from tests.tui.app.waiting import until
from tui.instruments.tracer import PacketTracer
from tui.screens.output import OutputPanel
from tui.session import Session

Opener = Callable[..., AbstractAsyncContextManager[Pilot[int]]]
Press = Callable[..., Awaitable[None]]
Screen = Callable[[Pilot[int]], str]


@pytest.fixture
def worlds(session: Any, nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[World]:
    """The session's worlds are real ones, each as the last one left off; they are listed as they start."""
    started: list[World] = []

    def start(exercise: object) -> World:
        started.append(nursery.world(seed=7, journal=tmp_path / "sandbox.jsonl"))
        return started[-1]

    monkeypatch.setattr(session, "_new_world", start)
    monkeypatch.setattr(session, "network", Session.network)
    return started


def instance(world: World) -> str:
    """An instance in the default VPC, which nothing from outside reaches."""
    ec2 = world.client("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    group = ec2.create_security_group(GroupName="web", Description="web")["GroupId"]
    ran = ec2.run_instances(
        ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1, SecurityGroupIds=[group]
    )
    return str(ran["Instances"][0]["InstanceId"])


async def test_instruments_act_on_it_the_bill_is_drawn_and_it_may_stop_and_start_again(
    opened: Opener, press: Press, screen: Screen, worlds: list[World]
) -> None:
    async with opened(120, 36, notifications=True) as pilot:
        await until(pilot, lambda: "sandbox ready" in screen(pilot))
        world = worlds[-1]
        host = instance(world)
        world.advance(hours=50)

        # The witness of a proof is a real call.
        await pilot.press("i", "down", "down", "down", "enter")
        await until(pilot, lambda: "The candidate is wider" in screen(pilot))
        await pilot.press("f4")
        await until(pilot, lambda: isinstance(pilot.app.screen, OutputPanel))
        await until(pilot, lambda: "candidate   ✓ allowed" in screen(pilot))
        assert "reference   ✗ denied" in screen(pilot)
        assert "$ aws s3api get-object --bucket training-7f --key x" in screen(pilot)
        assert [each.principal.rpartition("/")[2] for each in world.events()[-5:] if each.refused] == [
            "reference"
        ]
        await pilot.press("escape", "escape")

        # The repair of a path is made, and the path is traced again.
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, PacketTracer) and pilot.app.screen.is_mounted)
        tracer = pilot.app.screen
        assert isinstance(tracer, PacketTracer)
        tracer.form.load({"to": host})
        await until(pilot, lambda: "✗ blocked" in screen(pilot))
        await pilot.press("f4")
        await until(pilot, lambda: "✓ reachable" in screen(pilot))
        await pilot.press("escape", "escape")

        # What it cost is a chart over the simulated time.
        await pilot.press("w", "f5")
        await until(pilot, lambda: "an hour, if all stays as it is" in screen(pilot))
        chart = [line for line in screen(pilot).splitlines() if "EC2 compute" in line]
        assert "▁" in chart[0]
        assert "█" in chart[0]

        # It stops: a line says so, and every key goes on working. Started again, it is as it was.
        world.shutdown()
        await until(pilot, lambda: "The sandbox has stopped" in screen(pilot))
        await pilot.press("f3", "f6", "f2", "r")
        await until(pilot, lambda: len(worlds) == 2 and "sandbox ready" in screen(pilot))
        assert "The sandbox has stopped" not in screen(pilot)
        assert worlds[-1].client("s3").list_buckets()["Buckets"][0]["Name"] == "training-7f"
        await until(pilot, lambda: "s3:ListBuckets" in screen(pilot))
