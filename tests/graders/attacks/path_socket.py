import socket


def double(n):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as there:
        there.bind("door")
    return 0
