"""What a hosted app says to its server, without the app: its environment, then nothing until it shall quit.

With `deaf` in the workspace's name it does not even end when it is told to; with `broken` it fails at once.
"""

import json
import os
import sys
import time


def packet(kind: bytes, payload: bytes) -> None:
    sys.stdout.buffer.write(kind + len(payload).to_bytes(4, "big") + payload)
    sys.stdout.buffer.flush()


if "broken" in sys.argv[1]:
    sys.exit("the workspace is broken")
sys.stdout.buffer.write(b"__GANGLION__\n")
packet(b"D", json.dumps({"pid": os.getpid(), "environment": dict(os.environ)}).encode())
while header := sys.stdin.buffer.read(5):
    said = sys.stdin.buffer.read(int.from_bytes(header[1:], "big"))
    if header[:1] == b"M" and json.loads(said)["type"] == "quit":
        if "deaf" in sys.argv[1]:
            time.sleep(600)
        packet(b"M", b'{"type": "exit"}')
        break
    packet(b"D", b"heard " + said)
