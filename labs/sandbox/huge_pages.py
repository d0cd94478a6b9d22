"""Memory in pages of two megabytes, for processes that live long.

Python with boto3 or moto in it has 80 MB of small objects and uses them all over the place, so that with
pages of 4 KiB a processor spends up to a tenth of its time on looking up where they are: in a virtual machine
it does so twice each time.

Source: https://docs.kernel.org/admin-guide/mm/transhuge.html
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from labs.sandbox.kernel import libc

__all__ = ["gather"]

COLLAPSE = 25  # MADV_COLLAPSE, of Linux 6.1
SIZE = Path("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size")


def gather() -> int:
    """Put what this process holds now into huge pages, as far as the system can; returns how many there are.

    It takes some milliseconds a page, and the memory is not shared any more with the process that this one
    was forked from.
    """
    if not sys.platform.startswith("linux"):
        return 0
    with suppress(OSError, ValueError):
        size = int(SIZE.read_text("ascii"))
        places = [place for span in _own_memory() for place in _within(span, size)]
        advise = libc().madvise
        return sum(advise(ctypes.c_void_p(place), ctypes.c_size_t(size), COLLAPSE) == 0 for place in places)
    return 0


def _within(span: tuple[int, int], size: int) -> range:
    """The addresses between two at which a whole huge page fits."""
    begin, end = span
    return range(-(-begin // size) * size, end // size * size, size)


def _own_memory() -> Iterator[tuple[int, int]]:
    """From where to where this process has memory of no file, which it may write; neighbours are one."""
    begin = end = 0
    for line in Path("/proc/self/maps").read_text("utf-8").splitlines():
        addresses, rights, _, _, _, *name = line.split(maxsplit=5)
        if rights != "rw-p" or name not in ([], ["[heap]"]):
            continue
        first, last = (int(address, 16) for address in addresses.split("-"))
        if first != end:
            yield begin, end
            begin = first
        end = last
    yield begin, end
