"""seccomp-BPF: the list of system calls that a box may make; the kernel refuses all others.

The list is `syscalls.toml`: what Python, its threads and one TCP client need. A refused call fails with
`EPERM`, so that a learner reads "Operation not permitted". A call that is newer than the list fails with
`ENOSYS`, upon which libraries fall back to an older one.

Source: https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import chain
from typing import Any

from labs.sandbox.kernel import libc

__all__ = ["Filter", "available", "build", "install", "table"]

# The one instruction set of classic BPF that is used here.
LOAD, AND, EQUAL, AT_LEAST, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
# struct seccomp_data: int nr; u32 arch; u64 instruction_pointer; u64 args[6]
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
ALLOW, KILL = 0x7FFF_0000, 0x8000_0000
REFUSE, UNKNOWN = 0x0005_0000 | errno.EPERM, 0x0005_0000 | errno.ENOSYS

# Machine -> (column of syscalls.toml, AUDIT_ARCH of the kernel, numbers from here on are unknown).
MACHINES = {"x86_64": (0, 0xC000_003E, 451), "aarch64": (1, 0xC000_00B7, 451)}

PR_SET_SECCOMP, MODE_FILTER = 22, 2

Instruction = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Test:
    """One argument of a call, masked, must be one of the values; only its low 32 bits count."""

    argument: int
    mask: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """A compiled filter."""

    program: tuple[Instruction, ...]

    def __bytes__(self) -> bytes:
        return struct.pack("HBBI" * len(self.program), *chain.from_iterable(self.program))


class SockFprog(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def available() -> bool:
    """Whether this kernel and this machine can be given the filter."""
    return (
        sys.platform.startswith("linux")
        and platform.machine() in MACHINES
        and os.access("/proc/sys/kernel/seccomp/actions_avail", os.R_OK)
    )


@cache
def table() -> dict[str, Any]:
    """The list of system calls; read once, before Landlock closes the folder that it is in."""
    loaded: dict[str, Any] = tomllib.loads(
        resources.files(__package__).joinpath("syscalls.toml").read_text("utf-8")
    )
    return loaded


def build(pid: int, *, sockets: bool, machine: str | None = None) -> Filter:
    """The filter of a box whose process is `pid`; without `sockets` it cannot even make one."""
    name = machine or platform.machine()
    numbers, program = _numbers(name), list(_beginning(name))
    for call, tests in _conditional(pid, sockets).items():
        block = list(_judge(tests))
        program += [(EQUAL, 0, len(block), numbers[call]), *block]
    return Filter((*program, *_the_same_for_all(name)))


@cache
def _numbers(machine: str) -> Mapping[str, int]:
    column, _, _ = MACHINES[machine]
    return {name: row[column] for name, row in table()["numbers"].items() if len(row) > column}


def _beginning(machine: str) -> Iterator[Instruction]:
    """Turn away what is no call of this machine's, and look at the call's number."""
    _, architecture, unknown = MACHINES[machine]
    yield (LOAD, 0, 0, ARCHITECTURE)
    yield (EQUAL, 1, 0, architecture)
    yield (RETURN, 0, 0, KILL)
    yield (LOAD, 0, 0, NUMBER)
    # Also every number of x86-64's x32 variant, which has the bit 30 set.
    yield (AT_LEAST, 0, 1, unknown)
    yield (RETURN, 0, 0, UNKNOWN)
    yield (EQUAL, 0, 1, _numbers(machine)["clone3"])
    # clone3 hides its flags behind a pointer; libc falls back to clone, whose flags can be judged.
    yield (RETURN, 0, 0, UNKNOWN)


@cache
def _the_same_for_all(machine: str) -> tuple[Instruction, ...]:
    """The end of all filters, which allows what no argument can make harmful, and nothing else.

    The kernel runs through a filter once for each number there is when it takes it, so a short way counts.
    """
    numbers = _numbers(machine)
    allowed = {numbers[name] for name in table()["allowed"]["names"] if name in numbers}
    edges = sorted({0, *allowed, *(number + 1 for number in allowed)})
    steps = [(edge, ALLOW if edge in allowed else REFUSE) for edge in edges]
    return tuple(_search([step for i, step in enumerate(steps) if not i or step[1] != steps[i - 1][1]]))


def _search(steps: Sequence[tuple[int, int]]) -> list[Instruction]:
    """The verdict of the last step that is not above the number, found by halves."""
    if len(steps) == 1:
        return [(RETURN, 0, 0, steps[0][1])]
    half = len(steps) // 2
    below, above = _search(steps[:half]), _search(steps[half:])
    return [(AT_LEAST, len(below), 0, steps[half][0]), *below, *above]


def install(compiled: Filter) -> None:
    """Lay the filter on the calling thread and all that it starts; it cannot be lifted.

    Raises:
        OSError: the kernel refused, or `PR_SET_NO_NEW_PRIVS` was not set before.
    """
    code = bytes(compiled)
    program = SockFprog(len(compiled.program), code)
    if libc().prctl(PR_SET_SECCOMP, MODE_FILTER, ctypes.byref(program), 0, 0):
        error = ctypes.get_errno()
        raise OSError(error, f"seccomp: {os.strerror(error)}")


def _conditional(pid: int, sockets: bool) -> Mapping[str, tuple[Test, ...]]:
    """The calls that are allowed with some arguments only."""
    whole, untyped = 0xFFFF_FFFF, 0xFFFF_FFFF & ~0o2004000  # SOCK_NONBLOCK and SOCK_CLOEXEC do not matter
    stream = Test(1, untyped, (1,))
    no_fast_open = 0x2000_0000  # MSG_FASTOPEN connects without asking Landlock
    tcp = (
        Test(0, whole, (2, 10)),
        stream,
        Test(2, whole, (0, 6)),
    )  # protocol 0 or TCP: MPTCP escapes Landlock
    return {
        **({"socket": tcp} if sockets else {}),
        "socketpair": (Test(0, whole, (1,)), stream),
        "sendto": (Test(3, no_fast_open, (0,)),),
        "sendmsg": (Test(2, no_fast_open, (0,)),),
        "clone": (Test(0, 0x0001_0000, (0x0001_0000,)),),  # CLONE_THREAD: threads, never processes
        "kill": (Test(0, whole, (pid,)),),
        "tgkill": (Test(0, whole, (pid,)),),
        "prlimit64": (Test(0, whole, (0,)),),
        # TCGETS, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
        "ioctl": (Test(1, whole, (0x5401, 0x541B, 0x5421, 0x5450, 0x5451)),),
        "prctl": (Test(0, whole, (15, 16)),),  # PR_SET_NAME, PR_GET_NAME
    }


def _judge(tests: Iterable[Test]) -> Iterator[Instruction]:
    """Allow the call that has come this far if every test holds."""
    for test in tests:
        yield (LOAD, 0, 0, ARGUMENTS + 8 * test.argument)  # both machines are little-endian
        yield (AND, 0, 0, test.mask)
        for left in range(len(test.values) - 1, -1, -1):
            yield (EQUAL, left + 1, 0, test.values[len(test.values) - 1 - left])
        yield (RETURN, 0, 0, REFUSE)
    yield (RETURN, 0, 0, ALLOW)
