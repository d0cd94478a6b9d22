"""Worker processes behind the interface of `concurrent.futures`: a lost worker costs only the call at hand.

What is submitted is named, not pickled: a function at the top of a module, with arguments and a result of
JSON. Each worker is warm for all that it is given; `graders.worker` is what it runs.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from abc import abstractmethod
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from labs.errors import WorkerError

__all__ = ["LONGEST", "Pool", "Workers", "processors"]

LONGEST = 180.0
"""Seconds that one call may take; whoever judges has shorter limits for all that a student can make slow."""
PARTING = 10.0


def processors() -> int:
    """How many processors this process may use."""
    return len(_usable()) or os.cpu_count() or 1


def _usable() -> list[int]:
    """The numbers of the processors that this process may use; none where the system does not tell."""
    usable = getattr(os, "sched_getaffinity", None)
    return sorted(usable(0)) if usable else []


@dataclass(frozen=True, slots=True)
class _Job:
    """One call, and where its result goes."""

    function: str
    arguments: tuple[Any, ...]
    future: Future[Any]

    def line(self) -> str:
        return json.dumps([self.function, *self.arguments]) + "\n"


class Workers(Executor):
    """Whoever judges for a batch."""

    @property
    @abstractmethod
    def width(self) -> int:
        """How many calls are made at once, now."""

    def assure(self) -> None:
        """See that somebody will answer what has been submitted.

        Raises:
            WorkerError: nobody will.
        """


class Pool(Workers):
    """Up to so many worker processes, each started when there is work for it."""

    def __init__(self, workers: int, *, longest: float = LONGEST) -> None:
        self._most = workers
        self._longest = longest
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lines: list[_Line] = []
        self._lock = threading.RLock()
        self._open = True
        self._unfinished = 0

    @property
    def width(self) -> int:
        return self._most

    @property
    def running(self) -> bool:
        """Whether any worker has been started yet."""
        return bool(self._lines)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a worker call the function, in the order of submission.

        The future raises `WorkerError` when the worker ended, or had to be ended, before it had answered.
        """
        if kwargs:
            raise TypeError("a worker takes its arguments by position")
        job = _Job(f"{fn.__module__}:{fn.__qualname__}", args, Future())
        with self._lock:
            if not self._open:
                raise RuntimeError("the pool is closed")
            self._unfinished += 1
            job.future.add_done_callback(self._finished)
            self._waiting.put(job)
            if len(self._lines) < min(self._most, self._unfinished):
                line = _Line(self._waiting, self._longest, self._processor(len(self._lines)))
                self._lines.append(line)
                line.start()
        return job.future

    def _processor(self, number: int) -> int | None:
        """The processor that a worker keeps to, with all that it starts; None where it may take any.

        A student's program, its world and who judges it take turns, so that one processor is enough for them.
        Where all processors have work, to wake the next one on another of them takes longer.
        """
        usable = _usable()
        return usable[number % len(usable)] if self._most >= len(usable) > 1 else None

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take nothing more; with `cancel_futures` give up what has not been answered."""
        with self._lock:
            self._open = False
            lines, self._lines = self._lines, []
        if cancel_futures:
            with suppress(queue.Empty):
                while True:
                    job = self._waiting.get_nowait()
                    if job is not None:
                        job.future.cancel()
            for line in lines:
                line.stop()
        for _ in lines:
            self._waiting.put(None)
        if wait:
            for line in lines:
                line.join()

    def __exit__(self, *error: object) -> None:
        """End the workers; after an exception without waiting for what they do."""
        self.shutdown(cancel_futures=error[0] is not None)

    def _finished(self, _: Future[Any]) -> None:
        with self._lock:
            self._unfinished -= 1


class _Watch(threading.Thread):
    """Ends the process of a worker whose call takes too long; a timer would be a thread for each call."""

    def __init__(self, longest: float) -> None:
        super().__init__(daemon=True)
        self._longest = longest
        self._watched: tuple[float, subprocess.Popen[str]] | None = None
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(min(1.0, self._longest / 4)):
            watched = self._watched
            if watched is not None and time.monotonic() >= watched[0]:
                watched[1].kill()

    def over(self, process: subprocess.Popen[str]) -> None:
        """A call begins."""
        self._watched = time.monotonic() + self._longest, process

    def no_more(self) -> None:
        """It has ended."""
        self._watched = None

    def end(self) -> None:
        self._ended.set()


class _Line(threading.Thread):
    """One worker process and the thread that feeds it."""

    def __init__(
        self, waiting: queue.SimpleQueue[_Job | None], longest: float, processor: int | None
    ) -> None:
        super().__init__(daemon=True)
        self._words = [] if processor is None else [str(processor)]
        self._waiting = waiting
        self._longest = longest
        self._watch = _Watch(longest)
        self._process: subprocess.Popen[str] | None = None
        self._stopped = False

    def run(self) -> None:
        self._watch.start()
        try:
            while (job := self._waiting.get()) is not None:
                if job.future.set_running_or_notify_cancel():
                    self._answer(job)
        finally:
            self._watch.end()
            self._end()

    def stop(self) -> None:
        """Give up the call at hand."""
        self._stopped = True
        if (process := self._process) is not None:
            process.kill()

    def _answer(self, job: _Job) -> None:
        try:
            answer = self._ask(job)
        except BaseException as error:  # the thread that waits for the future is the one to hear of it
            job.future.set_exception(error)
            return
        if answer is None:
            self._end()
            job.future.set_exception(_lost(self._longest))
        else:
            job.future.set_result(answer["result"])

    def _ask(self, job: _Job) -> dict[str, Any] | None:
        """The worker's answer; None when it is lost, or has to be ended."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "graders.worker", *self._words],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                start_new_session=True,  # Ctrl-C in the terminal is for whoever holds the pool
            )
        process = self._process
        if self._stopped:
            process.kill()
        assert process.stdin is not None
        assert process.stdout is not None
        self._watch.over(process)
        try:
            process.stdin.write(job.line())
            process.stdin.flush()
            answer: dict[str, Any] = json.loads(process.stdout.readline())
        except (OSError, ValueError):
            return None
        finally:
            self._watch.no_more()
        return answer

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(timeout=PARTING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _lost(longest: float) -> WorkerError:
    return WorkerError(
        "A worker was lost", f"The process that judged ended, or gave no answer in {longest:g} seconds."
    )
