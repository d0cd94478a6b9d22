import socket


def double(n):
    socket.create_server(("127.0.0.1", 0))
    return 2 * n
