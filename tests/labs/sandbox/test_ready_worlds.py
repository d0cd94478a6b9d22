"""Worlds that are ready before they are asked for, forks from a nursery, and what ends with what."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from labs.errors import SandboxError
from labs.sandbox import Connection, Nursery, World
from labs.sandbox.nursery_process import BEHIND, PATIENCE


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 60
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_alive(pid)


@pytest.fixture(scope="module")
def ready() -> Iterator[Nursery]:
    with Nursery(ready=1) as nursery:
        yield nursery


def one_waits(nursery: Nursery) -> int:
    """The process of the world that waits, once there is one."""
    deadline = time.monotonic() + 60
    while not nursery._waiting and time.monotonic() < deadline:
        time.sleep(0.01)
    return nursery._waiting[0].pid


def ids(world: World) -> tuple[str, str, str]:
    """What follows from the seed and the secret."""
    user = world.client("iam").create_user(UserName="dev")["User"]["UserId"]
    vpc = world.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    return world.credentials().access_key_id, user, vpc


def test_they_let_whoever_shows_them_go_first(ready: Nursery, nursery: Nursery) -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)

    assert os.getpriority(os.PRIO_PROCESS, one_waits(ready)) == min(own + BEHIND, 19)
    assert os.getpriority(os.PRIO_PROCESS, nursery.pid) == own


@pytest.mark.parametrize(("seed", "secret"), [(0, ""), (7, ""), (7, "mine")])
def test_one_that_was_ready_is_the_world_that_was_asked_for(
    ready: Nursery, nursery: Nursery, seed: int, secret: str
) -> None:
    waiting = one_waits(ready)
    with ready.world(seed, secret=secret) as world, nursery.world(seed, secret=secret) as forked:
        assert world.connection.pid == waiting
        assert world.seed == seed
        assert world.connection.credentials == world.credentials()
        assert ids(world) == ids(forked)
        assert world.history()[0].what == "the beginning"


def test_it_begins_at_the_time_and_with_the_journal_that_were_asked_for(
    ready: Nursery, tmp_path: Path
) -> None:
    one_waits(ready)
    start = datetime(2031, 1, 1, tzinfo=UTC)
    with ready.world(3, journal=tmp_path / "journal", start=start) as world:
        world.client("s3").create_bucket(Bucket="bucket")
        assert world.client("s3").list_buckets()["Buckets"][0]["CreationDate"].year == 2031
    one_waits(ready)
    with ready.world(3, journal=tmp_path / "journal") as world:
        assert [each["Name"] for each in world.client("s3").list_buckets()["Buckets"]] == ["bucket"]
        assert world.clock().now.year == 2031


def test_the_next_one_is_born_while_the_first_is_used(ready: Nursery) -> None:
    first = one_waits(ready)
    with ready.world() as world:
        assert world.connection.pid == first
        assert one_waits(ready) != first


def test_one_that_died_while_it_waited_is_passed_over(ready: Nursery) -> None:
    waiting = one_waits(ready)
    os.kill(waiting, signal.SIGKILL)
    assert gone(waiting)
    with ready.world(5) as world:
        assert world.connection.pid != waiting
        world.client("sts").get_caller_identity()


def test_many_threads_get_a_world_each(ready: Nursery) -> None:
    worlds: list[World] = []
    threads = [threading.Thread(target=lambda n=n: worlds.append(ready.world(n))) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (
        sorted(world.client("iam").list_users()["Users"][0]["UserName"] for world in worlds) == ["admin"] * 6
    )
    assert len({world.connection.pid for world in worlds}) == 6
    for world in worlds:
        world.close()


def test_a_world_that_is_in_use_does_not_become_another(world: World) -> None:
    with pytest.raises(SandboxError, match="in use"):
        world._call("found-anew", seed=2, secret="")


def test_all_worlds_of_a_nursery_end_with_it_in_use_or_waiting_or_forked(nursery: Nursery) -> None:
    with Nursery(ready=2) as other, nursery.world() as original:
        one_waits(other)
        held = [other.world(), other.world(1), original.fork(other)]
        pids = [each.connection.pid for each in held] + [each.pid for each in other._waiting]
        assert all(map(is_alive, pids))
    assert all(map(gone, pids))
    with pytest.raises(SandboxError, match="has ended"):
        other.world()


# Forks


def test_a_fork_lives_on_when_its_original_ends(nursery: Nursery) -> None:
    with nursery.world() as original:
        original.client("s3").create_bucket(Bucket="bucket")
        copy = original.fork()
    assert gone(original.connection.pid)
    with copy:
        assert [each["Name"] for each in copy.client("s3").list_buckets()["Buckets"]] == ["bucket"]
    assert gone(copy.connection.pid)


def test_a_fork_can_be_forked(nursery: Nursery) -> None:
    with nursery.world() as world:
        world.client("iam").create_user(UserName="dev")
        with world.fork() as copy, copy.fork() as again:
            assert len(again.client("iam").list_users()["Users"]) == 2


def test_a_connected_handle_can_fork_as_well(nursery: Nursery) -> None:
    with nursery.world() as original, World.connect(original.connection).fork(nursery) as copy:
        assert copy.connection.pid != original.connection.pid
    assert is_alive(os.getpid())


def test_where_no_nursery_listens_the_fork_is_refused(world: World) -> None:
    with pytest.raises(SandboxError, match="cannot be forked"):
        world._call("fork", to="@skylab-nobody", key="k")
    world.clock()


def test_what_is_not_sealed_with_the_key_of_the_order_is_no_copy(nursery: Nursery) -> None:
    with nursery.world() as world, nursery._asking:
        place = nursery._order({"copy": True})
        for data in (b"", b"hello\n", b"[1]\n", b'{"seed": 1}\n', b'{"seed": 1, "parcel": 10}\nshort'):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.connect(place["address"].replace("@", "\0", 1))
                line.sendall(data)
        with pytest.raises(SandboxError, match="cannot be forked"):
            world._call("fork", to=place["address"], key="another")
        told = world._call("fork", to=place["address"], key=place["key"])
    with World(Connection.from_json(told)) as copy:
        copy.client("sts").get_caller_identity()
        copy.shutdown()
    assert "it is not sealed" in nursery.log()


def test_a_fork_that_fails_leaves_the_nursery_free(nursery: Nursery) -> None:
    with nursery.world() as world:
        pass
    with pytest.raises(SandboxError, match="cannot be reached"):
        nursery.fork(world)
    began = time.monotonic()
    with nursery.world() as again:
        again.clock()
    assert time.monotonic() - began < PATIENCE, "it does not wait for a copy that never comes"
