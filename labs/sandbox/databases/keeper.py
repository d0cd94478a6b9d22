"""The process that keeps one PostgreSQL server: it ends the server when the world that wanted it is gone.

`python -m labs.sandbox.databases.keeper` reads an order as one JSON line from standard input, prints one line
when the server answers or cannot start, and waits. The line `stop` ends the server and keeps its files. The
end of standard input ends it too and takes the files away: the world holds the other end, so that happens
also when the world is killed. A server whose keeper is killed is ended by the kernel, where that can (Linux).
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from labs.errors import SandboxError, SkylabError
from labs.sandbox.databases.installed import servant
from labs.sandbox.kernel import libc

__all__ = ["HOST", "PATIENCE", "as_servant", "main"]

HOST = "127.0.0.1"
PATIENCE = 60.0  # seconds for a server to start, on a slow machine that does much else
ATTEMPTS = 5  # at a free port: another program may take it first
PAUSE = 0.02  # seconds between two looks
_SET_PARENT_DEATH_SIGNAL = 1

# What is in a database lasts no longer than the world's process, so nothing waits for the disk.
_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "16MB",
    "max_connections": "80",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_ACCESS = "".join(f"host {what} all 127.0.0.1/32 scram-sha-256\n" for what in ("all", "replication"))


def main() -> int:
    """Keep one server until its world has no more use for it."""
    order = json.loads(sys.stdin.buffer.readline())
    folder = Path(order["folder"])
    try:
        _prepare(order, folder)
        server, port = _start(order, folder)
    except (SkylabError, OSError) as fault:
        told = fault if isinstance(fault, SkylabError) else SandboxError("PostgreSQL cannot run", str(fault))
        print(json.dumps({"error": told.as_json()}), flush=True)
        return 1
    print(json.dumps({"port": port}), flush=True)
    stopped = _wait(server)
    server.send_signal(signal.SIGINT if stopped else signal.SIGQUIT)
    server.wait()
    if not stopped:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _prepare(order: Mapping[str, Any], folder: Path) -> None:
    """Make the server's files, where they are not there yet."""
    data = folder / "data"
    if (data / "PG_VERSION").exists():
        return
    secret = folder / "secret"
    secret.write_text(order["password"])
    secret.chmod(0o600)
    if (user := servant()) is not None:
        os.chown(secret, *user)
    locale = "C.UTF-8" if sys.platform == "linux" else "C"
    words = ["--pgdata", str(data), "--username", order["user"], "--pwfile", str(secret), "--no-sync"]
    more = ["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", locale]
    made = subprocess.run(
        [str(Path(order["programs"]) / "initdb"), *words, *more],
        capture_output=True,
        text=True,
        check=False,
        **as_servant(folder),
    )
    secret.unlink()
    if made.returncode:
        raise SandboxError("PostgreSQL could not make its files", made.stderr.strip()[-500:])
    (data / "pg_hba.conf").write_text(_ACCESS)


def _start(order: Mapping[str, Any], folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    for _ in range(ATTEMPTS):
        port = int(order["port"]) or _free_port()
        log = folder / "log"
        with log.open("wb") as stream:
            settings = {**_SETTINGS, "port": str(port)}
            words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
            server = subprocess.Popen(
                [str(Path(order["programs"]) / "postgres"), "-D", str(folder / "data"), *words],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                preexec_fn=_end_with_keeper,
                **as_servant(folder),
            )
        if _answers(server, folder / "data" / "postmaster.pid"):
            return server, port
    raise SandboxError("PostgreSQL did not start", log.read_text(errors="replace").strip()[-500:])


def as_servant(folder: Path, **more: str) -> dict[str, Any]:
    """How the server's programs run: as whom, where, and with nothing of the world's environment."""
    settings = {"PATH": os.defpath, "LC_ALL": "C", "HOME": str(folder), **more}
    user = servant()
    as_whom = {"user": user[0], "group": user[1], "extra_groups": []} if user is not None else {}
    return {"env": settings, "cwd": folder, **as_whom}


def _end_with_keeper() -> None:
    if sys.platform == "linux":
        libc().prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGQUIT)


def _answers(server: subprocess.Popen[bytes], state: Path) -> bool:
    """Wait until the server says that it is ready, in the eighth line of its file; False when it ends."""
    deadline = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        lines = state.read_text().splitlines() if state.exists() else []
        if len(lines) > 7 and lines[7].strip() == "ready" and lines[0] == str(server.pid):
            return True
        time.sleep(PAUSE)
    if server.poll() is None:
        server.send_signal(signal.SIGQUIT)
        server.wait()
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait(server: subprocess.Popen[bytes]) -> bool:
    """Wait for the end of the server's use; whether its files are to be kept."""
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
        while server.poll() is None:
            if selector.select(1.0):
                return os.read(sys.stdin.fileno(), 64).startswith(b"stop")
    return True  # it has ended by itself; its files tell why


if __name__ == "__main__":
    # The terminal's Ctrl+C is for whoever holds the world.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(main())
