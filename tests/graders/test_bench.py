"""The bench gives a fresh world for each piece of work, whatever became of the worlds before."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from graders import Bench, judge
from graders.box import Limits
from labs.course import CodeExercise, Course
from labs.errors import SandboxError
from labs.sandbox import World

FLOOD = """
import socket, os
from urllib.parse import urlsplit

def double(n):
    place = urlsplit(os.environ["AWS_ENDPOINT_URL"])
    request = b"GET /left-behind HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n"
    for _ in range(20):
        line = socket.create_connection((place.hostname, place.port))
        line.sendall(request * 20)
        globals().setdefault("lines", []).append(line)
    return 2 * n
"""
RIGHT = "def double(n):\n    return 2 * n\n"


@pytest.fixture
def own_bench() -> Iterator[Bench]:
    with Bench(allow_reduced=False, limits=Limits(wall=5.0)) as bench:
        yield bench


def exercise_of(course: Course, name: str) -> CodeExercise:
    exercise = course.exercise(name)
    assert isinstance(exercise, CodeExercise)
    return exercise


@pytest.mark.parametrize("again", [False, True])
def test_a_world_is_fresh_though_its_process_has_served_another(
    toy: Course, own_bench: Bench, again: bool
) -> None:
    bucket = exercise_of(toy, "bucket")
    seen = []
    for student in ("alice", "bob", "alice"):
        with own_bench.hidden_world(bucket, bucket.variant(student), again=again) as world:
            assert [each.id for each in world.resources() if each.service == "s3"] == []
            assert world.events() == ()
            world.client("s3").create_bucket(Bucket="left-behind")
            seen.append((world.connection.pid, world.seed, world.credentials("user/writer").access_key_id))
    pids, seeds, keys = zip(*seen, strict=True)
    assert len(set(pids)) == 1
    assert seeds[0] == seeds[2] != seeds[1], "the same variant has the same ids"
    assert bucket.variant("alice").seed not in seeds, "nobody can work out the seed of a hidden world"
    assert len({*keys}) == 2


def test_a_world_in_which_something_failed_is_not_used_again(toy: Course, own_bench: Bench) -> None:
    double = exercise_of(toy, "double")
    seen: list[int] = []
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            fail_in_a_world(own_bench, double, seen)
    assert len(set(seen)) == 2


def fail_in_a_world(bench: Bench, exercise: CodeExercise, seen: list[int]) -> None:
    with bench.hidden_world(exercise, exercise.variant("alice")) as world:
        seen.append(world.connection.pid)
        raise ZeroDivisionError


def wait_for_the_end_of(world: World) -> None:
    """Until nobody answers for it; a world hears of its nursery's end a moment later."""
    end = time.monotonic() + 30
    with suppress(SandboxError):
        while time.monotonic() < end:
            world.events()
        pytest.fail("the world still answers")


def test_a_world_or_a_nursery_that_is_killed_is_replaced(toy: Course, own_bench: Bench) -> None:
    double = exercise_of(toy, "double")
    variant = double.variant("alice")
    for kill_nursery in (False, True, True):
        with own_bench.hidden_world(double, variant) as world:
            pid = own_bench.nursery.pid if kill_nursery else world.connection.pid
        os.kill(pid, signal.SIGKILL)
        wait_for_the_end_of(world)
        assert judge(double, RIGHT, variant, own_bench).passed


def test_what_a_program_has_left_at_the_door_does_not_reach_the_next_one(
    toy: Course, own_bench: Bench
) -> None:
    double = exercise_of(toy, "double")
    for _ in range(3):
        assert judge(double, FLOOD, double.variant("mallory"), own_bench).passed
        with own_bench.hidden_world(double, double.variant("alice")) as world:
            assert world.events() == ()


def test_worlds_end_with_the_bench(toy: Course) -> None:
    double = exercise_of(toy, "double")
    with Bench(allow_reduced=False) as bench, bench.hidden_world(double, double.variant("alice")) as world:
        pass
    with pytest.raises(SandboxError):
        world.events()


def test_a_process_that_is_alone_has_quicker_clients_and_no_other() -> None:
    code = (
        "import sys; from graders import Bench\n"
        "with Bench(alone=sys.argv[1] == 'alone') as bench:\n"
        "    with bench.nursery.world() as world: assert world.client('s3').list_buckets()['Buckets'] == []\n"
        "from botocore import hooks, httpsession\n"
        "print(hooks.accepts_kwargs.__module__, httpsession.URLLib3Session._get_ssl_context.__name__)"
    )

    def told(word: str) -> str:
        done = subprocess.run([sys.executable, "-c", code, word], capture_output=True, text=True, check=True)
        return done.stdout

    assert told("shared").split() == ["botocore.compat", "_get_ssl_context"]
    assert told("alone").split() == ["labs.sandbox.quick_clients", "<lambda>"]
