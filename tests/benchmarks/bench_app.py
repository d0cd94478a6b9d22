"""What the app costs, in a terminal of its own: python tests/benchmarks/bench_app.py [--runs N] [PART…]

Must hold: its first whole frame within 1.2 of that of a bare Textual app with the same widgets (paint); less
than 1 % of a processor over 20 s with a sandbox up (idle); no key that waits longer than 50 ms for its frame
while others hammer the sandbox with requests (keys); and 80 MB of memory without the sandbox (memory).

Each app is a whole process under a pseudo-terminal, as a terminal starts it. The machine should be idle: what
else it does is in every wall time. Of paint the processor time up to the frame is given too, which says more
on a busy machine.
"""

from __future__ import annotations

import argparse
import fcntl
import multiprocessing
import os
import pty
import re
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from labs.course import Workspace, load_course
from labs.sandbox import World
from labs.sandbox.values import Connection
from tui.address import read_address

MOST_RATIO, MOST_IDLE, MOST_WAIT, MOST_MEMORY = 1.2, 1.0, 50.0, 80.0
COLUMNS, ROWS = 120, 36
IDLE = 20.0
"""Seconds for which the app is watched while nobody touches it."""
PRESSED = 110
CLIENTS = 4
TICK = os.sysconf("SC_CLK_TCK")
ESCAPES = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-Z\\-_]|\x1b\][^\x07]*\x07")
SKYLAB = (sys.executable, "-P", "-m", "tui")
BARE = (sys.executable, str(Path(__file__).with_name("bare_app.py")))


class Shown:
    """A program under a pseudo-terminal, and what it has drawn."""

    def __init__(self, command: tuple[str, ...], workspace: Path) -> None:
        environment = {**os.environ, "SKYLAB_WORKSPACE": str(workspace), "TERM": "xterm-256color"}
        self.began = time.perf_counter()
        self.pid, self.terminal = pty.fork()
        if not self.pid:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            os.execve(command[0], command, environment)
        self.drawn = b""

    def read(self, wait: float) -> bool:
        """Take what has been drawn by then; whether there was something."""
        ready, _, _ = select.select([self.terminal], [], [], wait)
        if ready:
            try:
                self.drawn += os.read(self.terminal, 1 << 16)
            except OSError:  # it has ended
                return False
        return bool(ready)

    def until(self, *texts: str, limit: float = 60.0) -> float:
        """The moment at which all these texts have been drawn, and their frame is whole."""
        end = time.perf_counter() + limit
        while time.perf_counter() < end:
            self.read(0.5)
            plain = ESCAPES.sub(b"", self.drawn)
            if all(text.encode() in plain for text in texts):
                return time.perf_counter()
        raise TimeoutError(f"not drawn: {texts}, but {ESCAPES.sub(b'', self.drawn)[-2000:]!r}")

    def quiet(self, seconds: float) -> None:
        """Read until nothing has been drawn for so long."""
        while self.read(seconds):
            pass

    def press(self, key: str, sign: str) -> float:
        """Milliseconds from a key until a sign has been drawn that comes with its effect only."""
        self.drawn = b""
        began = time.perf_counter()
        os.write(self.terminal, key.encode())
        return (self.until(sign) - began) * 1e3

    def cpu(self) -> float:
        """Seconds of processor time that the program itself has used, without what it has started."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def memory(self) -> dict[str, float]:
        """MB that the program itself holds: resident, and its share of what others hold as well."""
        lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()
        sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith("kB")}
        return {"RSS": sizes["Rss"] * 1024 / 1e6, "PSS": sizes["Pss"] * 1024 / 1e6}

    def close(self) -> None:
        os.kill(self.pid, signal.SIGTERM)
        os.write(self.terminal, b"\x11")  # Ctrl+Q
        end = time.monotonic() + 20
        while not os.waitpid(self.pid, os.WNOHANG)[0]:
            self.read(0.05)
            if time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
        os.close(self.terminal)


@contextmanager
def shown(command: tuple[str, ...], workspace: Path) -> Iterator[Shown]:
    """A program under a pseudo-terminal, until the end of the block."""
    program = Shown(command, workspace)
    try:
        yield program
    finally:
        program.close()


def bench_paint(workspace: Path, runs: int) -> bool:
    """From exec to the first whole frame, in turns, so that what else the machine does falls on both."""
    course = load_course()
    bare = (*BARE, str(len(course.units)), str(len(course.units[0].exercises) + 1))
    walls: dict[str, list[float]] = {"skylab": [], "bare": []}
    cpus: dict[str, list[float]] = {"skylab": [], "bare": []}
    for _ in range(runs):
        for name, command in (("skylab", SKYLAB), ("bare", bare)):
            with shown(command, workspace) as program:
                painted = program.until("Skylab", "Units", "F1 help", "commands")
                cpus[name].append(program.cpu())
                walls[name].append(painted - program.began)
    for name in walls:
        print(
            f"paint   {name:<7} median {statistics.median(walls[name]) * 1e3:6.0f} ms"
            f"   best {min(walls[name]) * 1e3:6.0f} ms   cpu {statistics.mean(cpus[name]) * 1e3:6.0f} ms"
        )
    ratio = statistics.median(walls["skylab"]) / statistics.median(walls["bare"])
    best = min(walls["skylab"]) / min(walls["bare"])
    cpu = statistics.mean(cpus["skylab"]) / statistics.mean(cpus["bare"])
    return told(f"paint   ratio of the best {best:.2f}, of cpu {cpu:.2f}, of medians", ratio, MOST_RATIO, "")


def bench_idle(workspace: Path) -> bool:
    """What the app uses while nobody touches it, with its sandbox up."""
    with shown(SKYLAB, workspace) as program:
        program.until("sandbox ready")
        program.quiet(1.0)
        before, began = program.cpu(), time.perf_counter()
        while (left := began + IDLE - time.perf_counter()) > 0:
            program.read(left)
        used = (program.cpu() - before) / (time.perf_counter() - began) * 100
    return told(f"idle    processor over {IDLE:.0f} s, sandbox up", used, MOST_IDLE, "%")


def bench_keys(workspace: Path) -> bool:
    """The wait from a key to its frame while the sandbox works, on the map and beside its requests."""
    holds = True
    with shown(SKYLAB, workspace) as program:
        program.until("sandbox ready")
        connection = read_address(Workspace.open(workspace).sandbox_file).connection
        marks = [("\x1b[B", "▸"), ("\x1b[A", "▸")] * PRESSED
        # Letters that stand nowhere else, so that each shows when its own frame is there.
        letters = [(chr(each),) * 2 for each in (*range(0x100, 0x180), *range(0x400, 0x460))][: 2 * PRESSED]
        for place, keys in (("map", marks), ("editor", letters)):
            if place == "editor":
                program.press("\x10", "Search for")
                program.press("least privilege for a", "exercise: Least")
                program.press("\r", "^s check")
                program.quiet(0.5)
            calm = [program.press(*key) for key in keys[:PRESSED]]
            with hammered(connection) as answered:
                waits = sorted(program.press(*key) for key in keys[PRESSED:])
            print(
                f"keys    {place:<7} median {statistics.median(calm):.1f} ms with a calm sandbox,"
                f" {statistics.median(waits):.1f} ms while it answers {answered():.0f} requests a second"
            )
            holds &= told(f"keys    {place:<7} p99", waits[int(len(waits) * 0.99)], MOST_WAIT, "ms")
            holds &= told(f"keys    {place:<7} worst of {len(waits)}", waits[-1], MOST_WAIT, "ms")
    return holds


@contextmanager
def hammered(connection: Connection) -> Iterator[Callable[[], float]]:
    """Clients that ask the sandbox as fast as it answers; gives how many requests a second that were.

    They are in a process of their own: beside the clock that measures the keys they would hold it up.
    """
    count = multiprocessing.Value("L", 0)
    clients = multiprocessing.Process(target=ask, args=(connection, count), daemon=True)
    clients.start()
    while not count.value:
        time.sleep(0.05)
    count.value, began = 0, time.perf_counter()
    try:
        yield lambda: count.value / (time.perf_counter() - began)
    finally:
        clients.kill()
        clients.join()


def ask(connection: Connection, count: Any) -> None:
    """Ask for the buckets for ever, from several clients at once."""
    world = World.connect(connection)

    def client() -> None:
        s3 = world.client("s3")
        while True:
            s3.list_buckets()
            with count:
                count.value += 1

    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for each in clients:
        each.start()
    for each in clients:
        each.join()


def bench_memory(workspace: Path) -> bool:
    """What the app holds once it has come to rest, its sandbox's processes left out."""
    with shown(SKYLAB, workspace) as program:
        program.until("sandbox ready")
        program.quiet(1.0)
        sizes = program.memory()
    print(f"memory  PSS {sizes['PSS']:.1f} MB")
    return told("memory  RSS of the app's process", sizes["RSS"], MOST_MEMORY, "MB")


def told(what: str, figure: float, most: float, unit: str) -> bool:
    """Print a figure with its limit; whether it holds."""
    holds = figure <= most
    print(
        f"{what:<60}{figure:8.2f} {unit:<2} at most {most:5.1f}  {'holds' if holds else 'BROKEN'}", flush=True
    )
    return holds


PARTS: dict[str, Callable[[Path, int], bool]] = {
    "paint": bench_paint,
    "idle": lambda workspace, runs: bench_idle(workspace),
    "keys": lambda workspace, runs: bench_keys(workspace),
    "memory": lambda workspace, runs: bench_memory(workspace),
}


def main() -> int:
    """Measure and print; 1 if a limit is broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    said = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.create(Path(folder) / "work", "ada").folder
        held = [PARTS[part](workspace, said.runs) for part in said.parts or PARTS]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
