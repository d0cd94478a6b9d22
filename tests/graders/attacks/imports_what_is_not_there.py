import numpy


def double(n):
    return int(numpy.int64(2 * n))
