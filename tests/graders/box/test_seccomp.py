"""The table of system calls is the kernel's, and the compiled filter is one that a kernel takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graders.box import seccomp

HEADER = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")


@pytest.mark.skipif(not HEADER.exists(), reason="the kernel's headers are not installed")
def test_the_numbers_are_those_of_the_kernels_header() -> None:
    defined = dict(re.findall(r"#define __NR_(\w+) (\d+)", HEADER.read_text("ascii")))
    ours = {name: row[0] for name, row in seccomp.table()["numbers"].items()}
    assert ours == {name: int(defined[name]) for name in ours}


def test_every_allowed_call_has_a_number() -> None:
    table = seccomp.table()
    assert set(table["allowed"]["names"]) <= set(table["numbers"])


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("sockets", [True, False])
def test_a_filter_ends_on_every_path_within_its_bounds(machine: str, sockets: bool) -> None:
    program = seccomp.build(1234, sockets=sockets, machine=machine).program
    assert len(program) <= 4096
    assert program[-1][0] == seccomp.RETURN
    for place, (code, yes, no, _) in enumerate(program):
        if code in (seccomp.EQUAL, seccomp.AT_LEAST):
            assert place + 1 + max(yes, no) < len(program)


def run(
    program: tuple[seccomp.Instruction, ...], number: int, *arguments: int, arch: int = 0xC000_003E
) -> int:
    """The verdict of a filter on one call: a machine for the five instructions that filters are made of."""
    data = {seccomp.NUMBER: number, seccomp.ARCHITECTURE: arch}
    data |= {seccomp.ARGUMENTS + 8 * i: value & 0xFFFF_FFFF for i, value in enumerate(arguments)}
    accumulator = place = 0
    while True:
        code, yes, no, value = program[place]
        place += 1
        match code:
            case seccomp.LOAD:
                accumulator = data.get(value, 0)
            case seccomp.AND:
                accumulator &= value
            case seccomp.EQUAL:
                place += yes if accumulator == value else no
            case seccomp.AT_LEAST:
                place += yes if accumulator >= value else no
            case seccomp.RETURN:
                return value


@pytest.mark.parametrize(
    ("call", "verdict"),
    [
        ((0, 3), seccomp.ALLOW),  # read
        ((57,), seccomp.REFUSE),  # fork
        ((59,), seccomp.REFUSE),  # execve
        ((56, 0x0001_0F00), seccomp.ALLOW),  # clone of a thread
        ((56, 0x0000_0011), seccomp.REFUSE),  # clone of a process
        ((435,), seccomp.UNKNOWN),  # clone3
        ((41, 2, 1, 0), seccomp.ALLOW),  # socket, TCP
        ((41, 10, 1 | 0o2004000, 6), seccomp.ALLOW),  # IPv6, close-on-exec and non-blocking
        ((41, 2, 2, 0), seccomp.REFUSE),  # UDP
        ((41, 1, 1, 0), seccomp.REFUSE),  # a Unix socket
        ((41, 16, 3, 0), seccomp.REFUSE),  # netlink
        ((41, 2, 1, 262), seccomp.REFUSE),  # MPTCP
        ((44, 3, 0, 0, 0), seccomp.ALLOW),  # sendto
        ((44, 3, 0, 0, 0x2000_0000), seccomp.REFUSE),  # sendto with MSG_FASTOPEN
        ((62, 1234, 9), seccomp.ALLOW),  # kill, of itself
        ((62, 1, 9), seccomp.REFUSE),
        ((62, -1, 9), seccomp.REFUSE),
        ((49, 3), seccomp.REFUSE),  # bind
        ((50, 3), seccomp.REFUSE),  # listen
        ((101,), seccomp.REFUSE),  # ptrace
        ((425,), seccomp.REFUSE),  # io_uring_setup
        ((9999,), seccomp.UNKNOWN),
        ((0x4000_0000,), seccomp.UNKNOWN),  # the x32 variant of read
    ],
)
def test_a_call_gets_its_verdict(call: tuple[int, ...], verdict: int) -> None:
    assert run(seccomp.build(1234, sockets=True, machine="x86_64").program, *call) == verdict


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_what_no_argument_can_make_harmful_is_allowed_and_nothing_else(machine: str) -> None:
    column, architecture, unknown = seccomp.MACHINES[machine]
    table = seccomp.table()
    numbers = {name: row[column] for name, row in table["numbers"].items() if len(row) > column}
    allowed = {numbers[name] for name in table["allowed"]["names"] if name in numbers}
    judged = {numbers[name] for name in seccomp._conditional(1234, True)}
    program = seccomp.build(1234, sockets=True, machine=machine).program
    for number in set(range(unknown)) - judged - {numbers["clone3"]}:
        wanted = seccomp.ALLOW if number in allowed else seccomp.REFUSE
        assert run(program, number, arch=architecture) == wanted, number


def test_another_architecture_ends_the_process() -> None:
    program = seccomp.build(1234, sockets=True, machine="x86_64").program
    assert run(program, 0, arch=0x4000_0003) == seccomp.KILL


def test_without_sockets_not_even_tcp_is_left() -> None:
    program = seccomp.build(1234, sockets=False, machine="x86_64").program
    assert run(program, 41, 2, 1, 0) == seccomp.REFUSE
