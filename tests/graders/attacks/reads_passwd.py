def double(n):
    open("/etc/passwd").read()
    return 2 * n
