import signal
import time

signal.signal(signal.SIGALRM, signal.SIG_IGN)


def double(n):
    while True:
        time.sleep(1000)
