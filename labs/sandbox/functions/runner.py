"""Runs functions: finds an idle environment or begins one, and bounds how many there are.

None of this belongs to the world's state. After a rewind all environments are gone, a fork has none of its
original's, and when the world's process ends they end too.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

from labs.errors import SandboxError
from labs.sandbox.entries import Mint
from labs.sandbox.functions.environment import INIT_SECONDS, Environment, Ran
from labs.sandbox.functions.facts import RUNTIME, Function, invoked_arn, stream_of
from labs.sandbox.functions.lineage import trace_of
from labs.sandbox.functions.packing import Shelf
from labs.sandbox.functions.report import Report
from labs.sandbox.principals import Credential
from labs.sandbox.state import WorldState
from labs.sandbox.values import CONFIG_FILE

__all__ = ["AT_ONCE", "Gone", "Runner", "Throttled"]

AT_ONCE = 10
"""Invocations that run at the same time in an account, as a new account of AWS's has it.
Lambda Developer Guide, "Lambda quotas"."""
IDLE = timedelta(minutes=10)
"""World time after which an idle environment is ended; on AWS some minutes, and nobody says how many."""
MOST_IDLE = 8
_OFF = "Functions do not run in this world."
_NOT_RUN = "Sandbox.NotRun"


class Throttled(Exception):
    """There are as many invocations as there may be; `reason` is AWS's word for which limit it is."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Gone(Exception):
    """The world was put back while the function ran, so that it has not run."""


class Runner:
    """The environments of one world's functions. Safe to use from many threads.

    `endpoint` is where functions find the world; `on` says whether it runs functions at all.
    """

    def __init__(self, state: WorldState, mint: Callable[[Mint], Credential]) -> None:
        self.state = state
        self.endpoint = ""
        self.on = True
        self.generation = 0
        self._mint = mint
        self._shelf = Shelf()
        self._lock = threading.Lock()
        self._running: list[str] = []
        self._idle: list[Environment] = []
        self._busy: list[Environment] = []

    # -- how many --------------------------------------------------------------------------------------

    @contextmanager
    def slot(self, function: Function) -> Iterator[None]:
        """Within this the function counts as running.

        Raises:
            Throttled: it may not, for now.
        """
        self.claim(function)
        try:
            yield
        finally:
            self.release(function)

    def claim(self, function: Function) -> None:
        """Count the function as running, until `release`.

        Raises:
            Throttled: it may not, for now.
        """
        reserved = function.made.reserved_concurrency
        with self._lock:
            if reserved is not None and self._running.count(function.unqualified) >= int(reserved):
                raise Throttled("ReservedFunctionConcurrentInvocationLimitExceeded")
            if len(self._running) >= AT_ONCE:
                raise Throttled("ConcurrentInvocationLimitExceeded")
            self._running.append(function.unqualified)

    def release(self, function: Function) -> None:
        """The function has ended."""
        with self._lock:
            self._running.remove(function.unqualified)

    # -- running ---------------------------------------------------------------------------------------

    def run(
        self, function: Function, event: str, request_id: str, qualifier: str | None, depth: int
    ) -> Report:
        """Run a function once. The caller has a slot for it, and not the world's lock.

        Args:
            depth: how many functions have run before it in its chain.

        Raises:
            Gone: the world was put back meanwhile.
            SandboxError: the function's role cannot be assumed.
        """
        reason = function.cannot_run() or ("" if self.on else _OFF)
        if reason:
            return self._report(function, request_id, Ran(fault=_NOT_RUN, message=reason), None, "")
        generation = self.generation  # before the environment is taken, which may end right after
        environment = self._warm(function)
        init, fault = None, None
        if environment is None:
            environment, generation, fault = self._begin(function)
            init = environment.init
        try:
            context = _context(function, environment, request_id, qualifier)
            trace = trace_of(request_id, depth)
            ran = fault or environment.run(event, context, function.timeout, trace)
        except OSError as broken:
            ran = Ran(fault="Runtime.ExitError", message=f"{broken}", ended=True)
        finally:
            self._put_back(environment, generation)
        if generation != self.generation:
            raise Gone
        return self._report(function, request_id, ran, init, environment.stream)

    def _report(
        self, function: Function, request_id: str, ran: Ran, init: float | None, stream: str
    ) -> Report:
        return Report(function, request_id, ran, init, self.state.clock.now(), stream)

    def _warm(self, function: Function) -> Environment | None:
        """An idle environment of the function."""
        now, key = self.state.clock.now(), function.key
        self.reap()
        with self._lock:
            for environment in reversed(self._idle):
                lasts = environment.ends - now > timedelta(seconds=function.timeout)
                if environment.key == key and environment.alive and lasts:
                    self._idle.remove(environment)
                    self._busy.append(environment)
                    return environment
        return None

    def _begin(self, function: Function) -> tuple[Environment, int, Ran | None]:
        """A new environment, and what went wrong when it loaded the code."""
        state, name = self.state, uuid4().hex
        with state.lock:
            credential = self._mint(Mint("function", function.arn))
            folder, shelf = state.scratch.place("functions", name), state.scratch.place("code")
            stream = stream_of(function, state.clock.now(), name)
            ends = credential.expires or state.clock.now()
            environment = Environment(function.key, stream, folder, ends)
            with self._lock:
                generation = self.generation
                self._busy.append(environment)
        try:
            code = self._shelf.unpacked(shelf, function.code(), function.layers(), RUNTIME)
            ran = environment.begin(
                code,
                _variables(function, credential, self.endpoint, environment, str(code.task)),
                handler=function.handler,
                memory=function.memory,
                storage=function.storage,
                seconds=max(INIT_SECONDS, function.timeout),
            )
        except SandboxError as broken:
            ran = Ran(fault="Runtime.InvalidZipFileException", message=f"{broken}", ended=True)
        except OSError as broken:
            ran = Ran(fault="Runtime.ExitError", message=f"{broken}", ended=True)
        return environment, generation, ran

    def _put_back(self, environment: Environment, generation: int) -> None:
        """Let an environment wait for the next invocation, when it can and may."""
        over = []
        with self._lock:
            self._busy.remove(environment)
            if environment.alive and generation == self.generation:
                environment.last_used = self.state.clock.now()
                self._idle.append(environment)
                over = self._idle[:-MOST_IDLE]
                self._idle = self._idle[-MOST_IDLE:]
            else:
                over = [environment]
        for each in over:
            each.clear()

    # -- ending ----------------------------------------------------------------------------------------

    def reap(self) -> None:
        """End the environments that nobody has used for long, or that have ended by themselves."""
        now = self.state.clock.now()
        with self._lock:
            over = [each for each in self._idle if not each.alive or now - each.last_used > IDLE]
            self._idle = [each for each in self._idle if each not in over]
        for each in over:
            each.clear()

    def forget(self) -> None:
        """The world was put back, or ends: nobody runs on, and nothing is warm."""
        with self._lock:
            self.generation += 1
            idle, self._idle = self._idle, []
            for environment in self._busy:
                environment.end()
        for environment in idle:
            environment.clear()

    def stop(self) -> None:
        """The world ends."""
        self.on = False
        self.forget()


def _context(
    function: Function, environment: Environment, request_id: str, qualifier: str | None
) -> dict[str, str]:
    """Lambda Developer Guide, "Using the Lambda context object to retrieve Python function information"."""
    return {
        "aws_request_id": request_id,
        "function_name": function.name,
        "function_version": function.version,
        "invoked_function_arn": invoked_arn(function, qualifier),
        "memory_limit_in_mb": str(function.memory),
        "log_group_name": function.log_group,
        "log_stream_name": environment.stream,
    }


def _variables(
    function: Function, credential: Credential, endpoint: str, environment: Environment, task: str
) -> dict[str, str]:
    """The environment variables: the function's own, those of AWS, and the way to this world.

    Lambda Developer Guide, "Working with Lambda environment variables", "Defined runtime environment
    variables".
    """
    return {
        "PATH": os.defpath,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        **function.variables,
        "HOME": str(environment.folder),
        "TMPDIR": str(environment.folder),
        "LAMBDA_TASK_ROOT": task,
        "_HANDLER": function.handler,
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": environment.stream,
        "AWS_ACCESS_KEY_ID": credential.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credential.secret,
        "AWS_SESSION_TOKEN": credential.session_token or "",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_CONFIG_FILE": CONFIG_FILE,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
