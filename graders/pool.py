"""Several workers at once: hand out tasks, take in reports, replace a worker that is lost."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from graders.worker import Task

__all__ = ["Settings", "Verdict", "judge_all"]

LONGEST = 180.0
ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Settings:
    """What each worker is told when it starts."""

    loader: str
    allow_reduced: bool
    limits: dict[str, float]

    def argument(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Verdict:
    """A task and its report; where no worker could judge it, why."""

    task: Task
    report: dict[str, Any] | None
    reason: str = ""


def judge_all(tasks: Sequence[Task], settings: Settings, workers: int) -> Iterator[Verdict]:
    """The verdicts, as they come; a task that ends two workers costs only itself."""
    waiting: queue.SimpleQueue[Task] = queue.SimpleQueue()
    for task in tasks:
        waiting.put(task)
    verdicts: queue.SimpleQueue[Verdict | BaseException] = queue.SimpleQueue()
    lines = [_Line(waiting, verdicts.put, settings) for _ in range(min(workers, len(tasks)))]
    try:
        for line in lines:
            line.start()
        for _ in tasks:
            verdict = verdicts.get()
            if isinstance(verdict, BaseException):
                raise verdict
            yield verdict
    finally:
        for line in lines:
            line.stop()
        for line in lines:
            line.join()


class _Line(threading.Thread):
    """One worker process and the thread that feeds it."""

    def __init__(
        self,
        waiting: queue.SimpleQueue[Task],
        say: Callable[[Verdict | BaseException], None],
        settings: Settings,
    ) -> None:
        super().__init__(daemon=True)
        self._waiting = waiting
        self._say = say
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None
        self._stopped = threading.Event()

    def run(self) -> None:
        try:
            while not self._stopped.is_set():
                self._say(self._judge(self._waiting.get_nowait()))
        except queue.Empty:
            pass
        except BaseException as error:
            self._say(error)
        finally:
            self._end()

    def stop(self) -> None:
        """Take no further task, and give up the one at hand."""
        self._stopped.set()
        if self._process is not None and self.is_alive():
            self._process.kill()

    def _judge(self, task: Task) -> Verdict:
        reason = ""
        for _ in range(ATTEMPTS):
            answer = self._ask(task)
            if answer is None:
                reason = f"The process that judged it ended, or gave no answer in {LONGEST:g} seconds."
            elif "report" in answer:
                return Verdict(task, answer["report"])
            else:
                reason = answer["failure"]
            self._end()
            if self._stopped.is_set():
                break
        return Verdict(task, None, reason)

    def _ask(self, task: Task) -> dict[str, Any] | None:
        """The worker's answer; None when it is lost, or has to be ended."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "graders.worker", self._settings.argument()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                start_new_session=True,
            )
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        alarm = threading.Timer(LONGEST, process.kill)
        alarm.start()
        try:
            process.stdin.write(json.dumps(task.to_json()) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            answer: dict[str, Any] = json.loads(line)
        except (OSError, ValueError):
            return None
        finally:
            alarm.cancel()
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
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
