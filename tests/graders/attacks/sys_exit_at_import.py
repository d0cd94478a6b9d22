import sys


def double(n):
    return 2 * n


sys.exit(0)
