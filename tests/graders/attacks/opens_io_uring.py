import ctypes
import os

SETUP = 425


def double(n):
    libc = ctypes.CDLL(None, use_errno=True)
    ring = libc.syscall(SETUP, 4, ctypes.create_string_buffer(120))
    if ring < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return 0
