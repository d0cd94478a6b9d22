"""The C library of this process, through which the kernel is asked for what Python has no function for."""

from __future__ import annotations

import ctypes
from functools import cache

__all__ = ["libc"]


@cache
def libc() -> ctypes.CDLL:
    """It keeps the error of a call for `ctypes.get_errno`."""
    return ctypes.CDLL(None, use_errno=True)
