import os


def double(n):
    os.execv("/bin/sh", ["sh", "-c", "echo out"])
