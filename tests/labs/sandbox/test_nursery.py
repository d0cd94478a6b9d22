from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from labs.errors import JournalError, SandboxError
from labs.sandbox import Nursery, World


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_alive(pid)


def first_answer(world: World) -> int:
    place = urlsplit(world.endpoint)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=5)
    connection.request("GET", "/")
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_fresh_world_answers_at_once(nursery: Nursery) -> None:
    started = time.perf_counter()
    with nursery.world() as world:
        assert first_answer(world) == 403
        assert time.perf_counter() - started < 1, "tests/benchmarks/bench_world.py measures it properly"


def test_worlds_know_nothing_of_each_other(nursery: Nursery) -> None:
    with nursery.world(seed=1) as one, nursery.world(seed=1) as other:
        one.client("s3").create_bucket(Bucket="bucket")
        assert other.client("s3").list_buckets()["Buckets"] == []
        other.client("s3").create_bucket(Bucket="bucket")
        assert [event.operation for event in one.events()] == ["CreateBucket"]


def test_what_happened_in_one_world_does_not_show_in_the_next(nursery: Nursery) -> None:
    with nursery.world(seed=1) as world:
        world.client("iam").create_user(UserName="dev")
    with nursery.world(seed=1) as world:
        assert [each.id for each in world.resources()] == ["admin"]


def test_many_threads_can_ask_at_once(nursery: Nursery) -> None:
    worlds: list[World] = []
    threads = [
        threading.Thread(target=lambda seed=seed: worlds.append(nursery.world(seed))) for seed in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(world.seed for world in worlds) == list(range(8))
    assert len({world.endpoint for world in worlds}) == 8
    for world in worlds:
        assert world.client("sts").get_caller_identity()["Account"] == world.account
        world.close()


def test_a_closed_world_is_gone_and_leaves_no_zombie(nursery: Nursery) -> None:
    with nursery.world() as world:
        pid = world.connection.pid
    assert wait_until_gone(pid)


def test_a_world_that_nobody_holds_any_more_ends(nursery: Nursery) -> None:
    pid = nursery.world().connection.pid  # no reference is kept
    assert wait_until_gone(pid)


def test_no_world_outlives_a_starter_that_is_killed() -> None:
    program = (
        "import time\nfrom labs.sandbox import Nursery, World\n"
        "nursery, own = Nursery(), World.start()\nforked = nursery.world()\n"
        "print(nursery._process.pid, own.connection.pid, forked.connection.pid, flush=True)\ntime.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pids = [int(pid) for pid in starter.stdout.readline().split()]
        assert all(map(is_alive, pids))
        starter.kill()
    assert all(map(wait_until_gone, pids))


def test_no_world_outlives_a_nursery_that_is_killed() -> None:
    nursery = Nursery()
    world = nursery.world()
    nursery._process.send_signal(signal.SIGKILL)
    assert wait_until_gone(world.connection.pid)
    with pytest.raises(SandboxError):
        nursery.world()
    nursery.close()


def test_a_world_that_is_killed_harms_no_other(nursery: Nursery) -> None:
    with nursery.world() as one, nursery.world() as other:
        os.kill(one.connection.pid, signal.SIGKILL)
        assert wait_until_gone(one.connection.pid)
        with pytest.raises(SandboxError, match="cannot be reached"):
            one.events()
        assert other.events() == ()
        assert nursery.world().events() == ()


def test_a_journal_that_cannot_be_opened_leaves_no_world_behind(nursery: Nursery, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_text("{}\n")
    with pytest.raises(JournalError, match="damaged"):
        nursery.world(journal=path)
    assert path.read_text() == "{}\n"
