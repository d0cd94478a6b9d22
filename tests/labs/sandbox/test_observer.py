"""Whoever holds the control token may look on without leaving an event; nobody else, and only by reads."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from labs.sandbox import World
from labs.sandbox.described import network_of
from labs.sandbox.values import OBSERVER


def operations(world: World, after: int) -> list[str]:
    return [each.operation for each in world.events(after=after)]


def last(world: World) -> int:
    return max((each.sequence for each in world.events()), default=0)


def test_what_the_owner_reads_leaves_no_event(world: World) -> None:
    before = last(world)
    network_of(world)
    world.observer("ec2").describe_vpcs()

    assert operations(world, before) == []


def test_whoever_looks_seldom_may_ask_for_the_newest_alone(world: World) -> None:
    before, s3 = last(world), world.client("s3")
    s3.list_buckets()
    for _ in range(2):
        with pytest.raises(ClientError):
            s3.head_bucket(Bucket="nowhere")

    assert [each.operation for each in world.events(after=before, newest=2)] == ["HeadBucket"] * 2
    assert len(world.events(after=before, newest=9)) == 3


def test_what_the_owner_changes_leaves_one(world: World) -> None:
    before = last(world)
    world.observer("ec2").create_vpc(CidrBlock="10.9.0.0/16")

    assert operations(world, before) == ["CreateVpc"]


@pytest.mark.parametrize("token", ["", "guessed"])
def test_a_header_without_the_token_hides_nothing(world: World, token: str) -> None:
    client, before = world.session().client("ec2"), last(world)
    client.meta.events.register(
        "before-sign.ec2", lambda request, **_: request.headers.add_header(OBSERVER, token)
    )
    client.describe_vpcs()

    assert operations(world, before) == ["DescribeVpcs"]


def test_a_refused_read_of_others_is_still_told(world: World) -> None:
    before = last(world)
    with pytest.raises(ClientError):
        world.client("ec2", as_="anonymous").describe_vpcs()

    assert len(operations(world, before)) == 1
