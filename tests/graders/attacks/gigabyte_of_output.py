import os

LINE = b"x" * (1 << 20)


def double(n):
    for _ in range(1024 if n == 2 else 0):
        left = LINE
        while left:
            left = left[os.write(1, left):]
    return "no"
