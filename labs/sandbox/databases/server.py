"""One PostgreSQL server behind a DB instance: started, asked, stopped, taken away.

As on RDS, the master user is no superuser: there is `rdsadmin` for that, whom nobody else can be.

Source: Amazon RDS User Guide, "Master user account privileges" and "Understanding the rds_superuser role".
"""

from __future__ import annotations

import json
import os
import secrets
import selectors
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from labs.errors import SandboxError
from labs.sandbox.databases.installed import Installation, make_folder
from labs.sandbox.databases.keeper import HOST, PATIENCE, as_servant

__all__ = ["Copy", "Server", "Wanted"]

ADMIN = "rdsadmin"
GROUP = "rds_superuser"
_STOP = b"stop\n"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an instance says of its server.

    `key` names it for good: its ARN and when it was made. `origin` names the copy that it begins with.
    """

    key: str
    user: str
    password: str = field(repr=False)
    database: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """What was in a server once, with the passwords that its users had."""

    folder: Path
    secret: str = field(repr=False)
    password: str = field(repr=False)

    def remove(self) -> None:
        """Take the files away."""
        shutil.rmtree(self.folder, ignore_errors=True)


class Server:
    """The server of one instance."""

    def __init__(self, installed: Installation, wanted: Wanted, origin: Copy | None = None) -> None:
        self.port = 0
        self._installed = installed
        self._wanted = wanted
        self._origin = origin
        self._secret = origin.secret if origin is not None else secrets.token_urlsafe(24)
        self._folder: Path | None = None
        self._keeper: subprocess.Popen[bytes] | None = None
        self._password: str | None = None  # that the master user has; None before there is one

    @property
    def running(self) -> bool:
        return self._keeper is not None and self._keeper.poll() is None

    def start(self) -> None:
        """Have the server run, with the user, the password and the database that are wanted.

        Raises:
            SandboxError: it does not start.
        """
        if self.running:
            return
        if self._keeper is not None:
            self._finish(_STOP)  # it has ended by itself
        if self._folder is None:
            self._folder = self._first_folder()
        self.port = self._launch(self._folder)
        try:
            if self._password is None:
                self._ask(*_first(self._wanted))
                self._password = self._wanted.password
            self.set_password(self._wanted.password)
        except BaseException:
            self.stop()
            raise

    def _first_folder(self) -> Path:
        folder = make_folder()
        if self._origin is not None:
            subprocess.run(["cp", "-a", str(self._origin.folder / "data"), str(folder)], check=True)
            self._password = self._origin.password
        return folder

    def copy(self) -> Copy:
        """A copy of what is in the server, which runs.

        Raises:
            SandboxError: PostgreSQL cannot make one.
        """
        folder = make_folder()
        words = ["-D", str(folder / "data"), "-X", "fetch", "-c", "fast", "--no-sync", "--no-password"]
        said = subprocess.run(
            [str(self._installed.folder / "pg_basebackup"), *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **as_servant(folder, **self._as_admin()),
        )
        made = Copy(folder, self._secret, self._password or "")
        if said.returncode:
            made.remove()
            raise SandboxError("PostgreSQL could not copy its files", said.stderr.strip()[-500:])
        return made

    def set_password(self, password: str) -> None:
        """Give the master user a password; one whose server does not run gets it when that starts."""
        self._wanted = replace(self._wanted, password=password)
        if self.running and password != self._password:
            self._ask(f"ALTER ROLE {_name(self._wanted.user)} PASSWORD {_text(password)}")
            self._password = password

    def stop(self) -> None:
        """End the server and keep its files."""
        if self._keeper is not None:
            self._finish(_STOP)

    def remove(self) -> None:
        """End the server and take its files away."""
        if self._keeper is not None:
            self._finish(b"")
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _launch(self, folder: Path) -> int:
        root = str(Path(__file__).parents[3])
        self._keeper = subprocess.Popen(
            [sys.executable, "-P", "-m", "labs.sandbox.databases.keeper"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": root},
            start_new_session=True,
        )
        order = {
            "programs": str(self._installed.folder),
            "folder": str(folder),
            "port": self.port,
            "user": ADMIN,
            "password": self._secret,
        }
        assert self._keeper.stdin is not None
        with suppress(BrokenPipeError):  # what it says tells why it has ended
            self._keeper.stdin.write(json.dumps(order).encode() + b"\n")
            self._keeper.stdin.flush()
        answer = _heard(self._keeper)
        if "port" not in answer:
            self._finish(_STOP)
            said = answer.get("error") or {"title": "PostgreSQL did not start"}
            raise SandboxError(said["title"], said.get("detail", ""), said.get("hint", ""))
        return int(answer["port"])

    def _finish(self, last_words: bytes) -> None:
        keeper = self._keeper
        assert keeper is not None
        assert keeper.stdin is not None
        assert keeper.stdout is not None
        with suppress(OSError):
            keeper.stdin.write(last_words)
            keeper.stdin.close()
        try:
            keeper.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            keeper.kill()
            keeper.wait()
        keeper.stdout.close()
        self._keeper = None

    def _ask(self, *statements: str) -> None:
        """Have the server carry out statements, as its administrator."""
        said = subprocess.run(
            [str(self._installed.folder / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1"],
            input="".join(f"{each};\n" for each in statements),
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": os.defpath, "PGDATABASE": "postgres", **self._as_admin()},
        )
        if said.returncode:
            raise SandboxError("PostgreSQL refused a statement", said.stderr.strip()[-500:])

    def _as_admin(self) -> dict[str, str]:
        return {
            "PGHOST": HOST,
            "PGPORT": str(self.port),
            "PGUSER": ADMIN,
            "PGPASSWORD": self._secret,
            "PGSSLMODE": "disable",
            "PGCONNECT_TIMEOUT": "30",
        }


def _first(wanted: Wanted) -> Iterator[str]:
    """What a new server is told: its users, and the database."""
    user = _name(wanted.user)
    yield f"CREATE ROLE {GROUP} NOLOGIN IN ROLE pg_monitor, pg_signal_backend"
    password = _text(wanted.password)
    yield f"CREATE ROLE {user} LOGIN CREATEDB CREATEROLE PASSWORD {password} IN ROLE {GROUP}"
    yield f"ALTER DATABASE postgres OWNER TO {user}"
    if wanted.database and wanted.database != "postgres":
        yield f"CREATE DATABASE {_name(wanted.database)} OWNER {user}"


def _heard(keeper: subprocess.Popen[bytes]) -> dict[str, Any]:
    """What the keeper says; nothing when it ends, or says nothing in time."""
    assert keeper.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(keeper.stdout, selectors.EVENT_READ)
        line = keeper.stdout.readline() if selector.select(2 * PATIENCE) else b""
    answer: dict[str, Any] = json.loads(line) if line else {}
    return answer


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
