def double(n):
    return double(n) + 1
