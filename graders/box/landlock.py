"""Landlock: rules on files, TCP ports and signals that a Linux process lays on itself, for good.

Landlock needs no root and no package; the three system calls are made through `ctypes`. What a kernel
knows of it is its ABI number: 1 files, 4 TCP ports, 6 signals and abstract sockets.

Source: https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from labs.sandbox.kernel import libc

__all__ = ["Rules", "abi", "lay_on", "make"]

# The numbers of these system calls are the same on every architecture.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_FLAG = 1
PATH_BENEATH, NET_PORT = 1, 2

WRITE_FILE, READ_FILE, READ_DIR = 1 << 1, 1 << 2, 1 << 3
REMOVE_FILE, MAKE_FILE, TRUNCATE = 1 << 5, 1 << 8, 1 << 14
CONNECT_TCP, BIND_TCP = 1 << 1, 1 << 0
SCOPE_ABSTRACT_SOCKETS, SCOPE_SIGNALS = 1 << 0, 1 << 1

# How many file rights each ABI can take away: the lowest bits of the mask.
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
PORTS_SINCE, SCOPES_SINCE = 4, 6


class RulesetAttr(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("ports", ctypes.c_uint64), ("scopes", ctypes.c_uint64)]


class PathBeneathAttr(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("rights", ctypes.c_uint64), ("parent", ctypes.c_int32)]


class NetPortAttr(ctypes.Structure):
    _fields_ = [("rights", ctypes.c_uint64), ("port", ctypes.c_uint64)]


@dataclass(frozen=True, slots=True)
class Rules:
    """What stays allowed; all else that Landlock knows is refused.

    `read` may be read with all beneath, `listing` may only be listed, `device` is read and written as a
    file, files may be made, changed and removed in `write` (but no folders, links or sockets), and
    `connect` holds the TCP ports that may be connected to. No port may be bound. Where `connect` is None,
    the rules are about files alone.
    """

    read: tuple[str, ...] = ()
    listing: tuple[str, ...] = ()
    device: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    connect: tuple[int, ...] | None = ()


def abi() -> int:
    """The Landlock ABI of this kernel; 0 where there is none."""
    if not sys.platform.startswith("linux"):
        return 0
    level: int = libc().syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION_FLAG)
    return max(0, level)


def make(rules: Rules) -> int:
    """The rules as the kernel has them: a descriptor, which also a fork of this process can lay on itself.

    Raises:
        OSError: the kernel refused.
    """
    level = abi()
    handled = (1 << FILE_RIGHTS.get(level, FILE_RIGHTS[max(FILE_RIGHTS)])) - 1
    about_ports = level >= PORTS_SINCE and rules.connect is not None
    about_scopes = level >= SCOPES_SINCE and rules.connect is not None
    attr = RulesetAttr(
        files=handled,
        ports=CONNECT_TCP | BIND_TCP if about_ports else 0,
        scopes=SCOPE_SIGNALS | SCOPE_ABSTRACT_SOCKETS if about_scopes else 0,
    )
    size = 24 if level >= SCOPES_SINCE else 16 if level >= PORTS_SINCE else 8
    ruleset = _call(CREATE_RULESET, ctypes.byref(attr), ctypes.c_size_t(size), 0)
    try:
        _allow(ruleset, rules.read, handled & (READ_FILE | READ_DIR))
        _allow(ruleset, rules.listing, handled & READ_DIR)
        _allow(ruleset, rules.device, handled & (READ_FILE | WRITE_FILE))
        _allow(
            ruleset,
            rules.write,
            handled & (READ_FILE | READ_DIR | WRITE_FILE | MAKE_FILE | REMOVE_FILE | TRUNCATE),
        )
        for port in (rules.connect or ()) if about_ports else ():
            _call(ADD_RULE, ruleset, NET_PORT, ctypes.byref(NetPortAttr(CONNECT_TCP, port)), 0)
    except BaseException:
        os.close(ruleset)
        raise
    return ruleset


def lay_on(ruleset: int) -> None:
    """Lay rules on the calling thread and all that it starts, and let go of them; they cannot be lifted.

    Several are laid upon each other: what stays allowed is what all of them allow.

    Raises:
        OSError: the kernel refused, or `PR_SET_NO_NEW_PRIVS` was not set before.
    """
    try:
        _call(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, paths: Iterable[str], rights: int) -> None:
    """Allow `rights` beneath each path; one that does not exist needs no rule."""
    for path in paths:
        try:
            parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            # A rule for a plain file must not name rights that only folders have.
            folder = stat.S_ISDIR(os.fstat(parent).st_mode)
            fitting = rights if folder else rights & (READ_FILE | WRITE_FILE | TRUNCATE)
            _call(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(PathBeneathAttr(fitting, parent)), 0)
        finally:
            os.close(parent)


def _call(number: int, *arguments: object) -> int:
    result: int = libc().syscall(number, *arguments)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"Landlock: {os.strerror(error)}")
    return result
