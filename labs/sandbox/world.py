"""A handle on a world: start one, or hold one that runs, and look at it, speak to it and steer it."""

from __future__ import annotations

import http.client
import json
import os
import selectors
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from labs import errors
from labs.errors import SandboxError, SkylabError
from labs.sandbox.values import Connection, Credentials, Event, Json, ReplayResult, Resource

if TYPE_CHECKING:
    import boto3

    from labs.sandbox.journal import JournalEntry

__all__ = ["Prepare", "World", "finish", "launch", "read_answer", "read_log"]

START_TIMEOUT = 60.0  # seconds; loading moto on a cold, slow machine takes ten
END_TIMEOUT = 10.0  # seconds
CONTROL_TIMEOUT = 600.0  # seconds; a long journal takes a while to replay
SANDBOX = "sandbox"
ANONYMOUS = "anonymous"

Prepare = Callable[["World"], object]


class World:
    """One world. As a context manager it ends with the block; one that was only connected to lives on."""

    def __init__(
        self, connection: Connection, end: Callable[[], None] | None = None, log: IO[bytes] | None = None
    ) -> None:
        self.connection = connection
        self._log = log
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._sessions: dict[tuple[str, str], Any] = {}
        self._making = threading.RLock()
        self._end = weakref.finalize(self, end) if end is not None else None

    # Beginning and end

    @classmethod
    def start(
        cls,
        seed: int = 0,
        port: int = 0,
        journal: Path | None = None,
        prepare: Prepare | None = None,
        *,
        secret: str = "",
    ) -> Self:
        """Start a world in a process of its own.

        Args:
            seed: decides all ids.
            port: of the endpoint; 0 takes a free one.
            journal: a file to continue from and to write to.
            prepare: sets the world up before the journal and the events begin.
            secret: mixed into the keys of admin and root, for a world whose seed others know.

        Raises:
            SandboxError: the process cannot start, or the port is taken.
            JournalError: the journal cannot be read, or belongs to another world.
        """
        connection, end, log = _start_process({"seed": seed, "port": port, "secret": secret})
        return cls(connection, end, log).begin(prepare, journal)

    def begin(self, prepare: Prepare | None, journal: Path | None) -> Self:
        """Prepare a fresh world, mark it and continue its journal; when that fails, the world ends."""
        try:
            if prepare is not None:
                prepare(self)
            self.mark()
            if journal is not None:
                self.open_journal(journal, SANDBOX)
        except BaseException:
            self.close()
            raise
        return self

    @classmethod
    def connect(cls, connection: Connection) -> Self:
        """Hold a world that runs.

        Raises:
            SandboxError: nothing answers there, or not to this token.
        """
        world = cls(connection)
        world._call("status")
        return world

    def close(self) -> None:
        """End the world, if this handle started it."""
        if self._end is not None:
            self._end()

    def shutdown(self) -> None:
        """End the world, whoever started it; when this returns, nothing answers there."""
        self._call("shutdown")
        deadline = time.monotonic() + END_TIMEOUT
        with suppress(SandboxError):
            while time.monotonic() < deadline:
                self._call("status")
                time.sleep(0.005)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<World {self.endpoint} seed={self.seed}>"

    # What it is

    @property
    def endpoint(self) -> str:
        return self.connection.endpoint

    @property
    def region(self) -> str:
        return self.connection.region

    @property
    def account(self) -> str:
        return self.connection.account

    @property
    def seed(self) -> int:
        return self.connection.seed

    # Speaking to it

    def credentials(self, name: str = "admin") -> Credentials:
        """Credentials of `admin`, `root`, `user/NAME` (or only NAME) or `role/NAME`.

        A user without a key gets one; a role's are those of a session.

        Raises:
            SandboxError: there is no such user or role.
        """
        return Credentials.from_json(self._call("credentials", name=name))

    def session(self, as_: str = "admin", region: str | None = None) -> boto3.Session:
        """A boto3 session of a principal, or of "anonymous"; its clients all go to this world."""
        from labs.sandbox.clients import make_session

        key = as_, region or self.region
        with self._making:
            if key not in self._sessions:
                fetch = None if as_ == ANONYMOUS else lambda: self.credentials(as_)
                self._sessions[key] = make_session(self.endpoint, key[1], fetch)
            return self._sessions[key]

    def client(self, service: str, as_: str = "admin", region: str | None = None) -> Any:
        """A boto3 client of a principal; asked again, the same one."""
        key = service, as_, region or self.region
        with self._making:
            if key not in self._clients:
                self._clients[key] = self.session(as_, region).client(service)
            return self._clients[key]

    def environment(self, as_: str = "admin") -> dict[str, str]:
        """The variables with which a shell or a program speaks to this world as a principal."""
        return {**self._surroundings(), **self.credentials(as_).as_env(), "AWS_EC2_METADATA_DISABLED": "true"}

    def instance_environment(self, instance_id: str) -> dict[str, str]:
        """The variables of a program "on" an instance: no keys, but the way to its metadata service.

        Raises:
            InputError: there is no such instance.
        """
        metadata = self.metadata_endpoint(instance_id)
        return {**self._surroundings(), "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata}

    def metadata_endpoint(self, instance_id: str) -> str:
        """Where the metadata service of an instance answers; each has a port of its own.

        Raises:
            InputError: there is no such instance.
        """
        return str(self._call("metadata", instance=instance_id)["endpoint"])

    def _surroundings(self) -> dict[str, str]:
        names = [name for name in os.environ if name.lower() in ("http_proxy", "all_proxy", "no_proxy")]
        spared = {os.environ[name] for name in names if name.lower() == "no_proxy"}
        direct = ",".join(sorted({*spared, urlsplit(self.endpoint).hostname or ""}))
        return {
            **(dict.fromkeys(("NO_PROXY", "no_proxy"), direct) if names else {}),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
            # The user's own profiles would add settings of theirs to what is said here.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    # Looking at it

    def events(self, after: int = 0, wait: float = 0.0) -> tuple[Event, ...]:
        """The events after a sequence number; when there is none, wait up to so many seconds (60) for one."""
        found = self._call("events", after=after, wait=wait)
        return tuple(Event.from_json(event) for event in found)

    def case(self, check_id: str) -> dict[str, Json]:
        """The case behind a check of an event, as `skylab explain` reads it.

        Raises:
            InputError: the world does not remember the check.
        """
        return dict(self._call("case", check=check_id))

    def resources(self) -> tuple[Resource, ...]:
        """What exists in the world now."""
        return tuple(Resource.from_json(each) for each in self._call("resources"))

    def log(self) -> str:
        """What the process of the world has logged: its own failures. Empty for a world only connected to."""
        return read_log(self._log) if self._log is not None and not self._log.closed else ""

    # Steering it

    def mark(self) -> None:
        """Preparation is over: events and the journal start here, and `reset` comes back to here."""
        self._call("mark")

    def open_journal(self, path: Path, label: str) -> ReplayResult:
        """Replay what the file holds, then write every later change to it.

        Raises:
            JournalError: the file cannot be read, is of another label or seed, or in use.
        """
        return ReplayResult.from_json(self._call("open-journal", path=str(path.absolute()), label=label))

    def replay(self, entries: Iterable[JournalEntry]) -> ReplayResult:
        """Apply the entries of a journal, through the gate, as if they came at their recorded times."""
        return ReplayResult.from_json(self._call("replay", entries=[entry.to_json() for entry in entries]))

    def reset(self) -> ReplayResult:
        """Back to where preparation ended; an open journal is set aside and begun anew."""
        result = ReplayResult.from_json(self._call("reset"))
        with self._making:  # keys that were made since then are gone
            self._clients.clear()
            self._sessions.clear()
        return result

    def _call(self, call: str, /, **arguments: Json) -> Any:
        """Call the control endpoint.

        Raises:
            SandboxError: it cannot be reached; or the error that it answers with.
        """
        control = self.connection.control
        headers = {"Authorization": f"Bearer {control.token}", "Content-Type": "application/json"}
        place = urlsplit(control.endpoint)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=CONTROL_TIMEOUT)
        try:
            connection.request("POST", f"/{call}", json.dumps(arguments), headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as broken:
            raise SandboxError(
                "The sandbox cannot be reached",
                f"{control.endpoint}: {broken}.",
                "It may have ended. Start it again.",
            ) from broken
        finally:
            connection.close()
        if response.status != 200:
            raise _error_from(answer)
        return answer


def _error_from(answer: Mapping[str, str]) -> SkylabError:
    """The error of our own tree that an answer stands for."""
    found = getattr(errors, answer.get("kind", ""), None)
    kind = found if isinstance(found, type) and issubclass(found, SkylabError) else SandboxError
    return kind(answer["title"], answer["detail"], answer["hint"])


# Processes


def launch(module: str, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a module of ours that serves until its standard input ends, whatever the user's settings are."""
    root = str(Path(__file__).parents[2])
    settings = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "MOTO_"))}
    path = [root, *filter(None, [settings.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        env={**settings, "PYTHONPATH": os.pathsep.join(path)},
        start_new_session=True,  # Ctrl-C in the terminal is for whoever holds the world
    )


def read_answer(process: subprocess.Popen[bytes], log: IO[bytes], timeout: float) -> dict[str, Json]:
    """The next line that the process prints.

    Raises:
        SandboxError: it ended or said nothing in time; the end of its log is in the detail.
    """
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        line = process.stdout.readline() if selector.select(timeout) else b""
    if not line:
        process.kill()  # nobody could tell a late answer from the answer to the next question
        said = read_log(log).strip().rpartition("\n")[2]
        raise SandboxError(
            "The sandbox did not start",
            said or f"It said nothing within {timeout:.0f} seconds.",
            "Run `skylab doctor` to see what is missing.",
        )
    answer: dict[str, Json] = json.loads(line)
    if "error" in answer:
        raise _error_from(answer["error"])
    return answer


def read_log(log: IO[bytes]) -> str:
    """What a process has logged, or the last megabyte of it; the place where it writes is not moved."""
    size = os.fstat(log.fileno()).st_size
    length = min(size, 1 << 20)
    return os.pread(log.fileno(), length, size - length).decode(errors="replace")


def _start_process(options: Mapping[str, Json]) -> tuple[Connection, Callable[[], None], IO[bytes]]:
    log = tempfile.TemporaryFile()  # noqa: SIM115  # it lives as long as the process; finish closes it
    process = launch("labs.sandbox.server", log)
    try:
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # read_answer says why it has ended
            process.stdin.write(json.dumps(options).encode() + b"\n")
            process.stdin.flush()
        connection = Connection.from_json(read_answer(process, log, START_TIMEOUT))
    except BaseException:
        finish(process, log)
        raise
    return connection, lambda: finish(process, log), log


def finish(process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    """Let a process of ours end by closing its standard input; end it when it does not."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError):  # it has ended already
        process.stdin.close()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
    log.close()
