import warnings


def double(n):
    warnings.simplefilter("always")
    for number in range(20_000):
        warnings.warn(f"number {number}", stacklevel=1)
    return 0
