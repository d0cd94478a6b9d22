import subprocess
import sys


def double(n):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(5)"], start_new_session=True)
    return 2 * n
