"""Worker processes: each call is answered, and a worker that is lost costs only the call at hand."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, wait
from typing import Any

import pytest

from graders.pool import Pool, processors
from labs.errors import WorkerError


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 30
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return found


def test_calls_are_made_in_other_processes_which_stay_for_the_next_call() -> None:
    with Pool(1) as pool:
        first, second = pool.submit(os.getpid).result(), pool.submit(os.getpid).result()
        assert first == second != os.getpid()
        assert pool.submit(os.path.join, "a", "b").result() == "a/b"
    assert not is_alive(first)


def test_no_more_workers_are_started_than_there_is_work_for() -> None:
    with Pool(8) as pool:
        assert len({pool.submit(os.getpid).result() for _ in range(5)}) == 1
        calls = [pool.submit(time.sleep, 0.2) for _ in range(3)]
        assert len(wait(calls).done) == 3
        assert len(pool._lines) <= 3


@pytest.mark.skipif(processors() < 2, reason="this machine has one processor")
def test_workers_for_all_processors_each_keep_to_one_of_them() -> None:
    def kept_to(workers: int) -> list[set[int]]:
        with Pool(workers) as pool:
            wait([pool.submit(time.sleep, 0.3) for _ in range(workers)])
            pids = [line._process.pid for line in pool._lines if line._process is not None]
            return [os.sched_getaffinity(pid) for pid in pids]

    usable = os.sched_getaffinity(0)
    assert sorted(map(list, kept_to(processors()))) == [[each] for each in sorted(usable)]
    assert kept_to(1) == [usable]


def test_a_worker_that_ends_loses_only_the_call_at_hand() -> None:
    with Pool(1) as pool:
        before = pool.submit(os.getpid).result()
        deadly, after = pool.submit(os._exit, 0), pool.submit(os.getpid)
        with pytest.raises(WorkerError, match="lost"):
            deadly.result()
        assert after.result() != before


def test_a_worker_that_is_killed_is_replaced() -> None:
    with Pool(1) as pool:
        pid = pool.submit(os.getpid).result()
        call = pool.submit(time.sleep, 60)
        assert wait_for(call.running)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(WorkerError):
            call.result()
        assert pool.submit(os.getpid).result() != pid


def test_a_call_that_takes_too_long_is_ended() -> None:
    with Pool(1, longest=0.5) as pool, pytest.raises(WorkerError, match=r"0\.5 seconds"):
        pool.submit(time.sleep, 60).result()


def test_a_pool_that_is_left_by_an_error_waits_for_nothing() -> None:
    pool = Pool(1)
    pid = pool.submit(os.getpid).result()
    at_hand, waiting = pool.submit(time.sleep, 600), pool.submit(time.sleep, 600)
    assert wait_for(at_hand.running)
    pool.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert waiting.cancelled()
    with pytest.raises(CancelledError):
        waiting.result()
    with pytest.raises(WorkerError):
        at_hand.result()
    assert wait_for(lambda: not is_alive(pid))


def test_a_closed_pool_takes_nothing() -> None:
    with Pool(1) as pool:
        pass
    with pytest.raises(RuntimeError):
        pool.submit(os.getpid)


def test_what_a_call_prints_is_no_answer() -> None:
    with Pool(1) as pool:
        assert pool.submit(print, '{"result": 7}').result() is None
        assert pool.submit(os.system, "echo forged").result() == 0
