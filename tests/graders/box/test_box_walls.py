"""What a box can and cannot reach: its own endpoint, its own folder, its own process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graders.box import Boxes, Broken, Limits, layers
from graders.box.readable import readable
from labs.errors import IsolationError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server that greets whoever connects."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(b"hello")

        threading.Thread(target=greet, daemon=True).start()
        yield server
        server.shutdown(socket.SHUT_RDWR)


def endpoint(server: socket.socket) -> str:
    return f"http://127.0.0.1:{server.getsockname()[1]}"


def run(boxes: Boxes, source: str, *arguments: Any, environment: dict[str, str] | None = None) -> Any:
    """The value of the program's `go`, or the name of what it raised."""
    with boxes.open(environment or {}) as box:
        loaded = box.load(source, "task.py")
        assert loaded.fault is None, loaded.fault
        reply = box.call("go", list(arguments))
        box.finish()
    return reply.fault.name if reply.fault else reply.value


CONNECT = """
import socket
def go(port):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        return connection.recv(10).decode()
"""

FAST_OPEN = """
import socket
def go(port):
    with socket.socket() as connection:
        connection.sendto(b"x", socket.MSG_FASTOPEN, ("127.0.0.1", port))
        return "connected"
"""

OTHER_PROTOCOL = """
import socket
def go(port):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) as connection:
        connection.connect(("127.0.0.1", port))
        return "connected"
"""


def test_its_own_endpoint_answers(boxes: Boxes, listener: socket.socket) -> None:
    environment = {"AWS_ENDPOINT_URL": endpoint(listener)}
    assert run(boxes, CONNECT, listener.getsockname()[1], environment=environment) == "hello"


@pytest.mark.parametrize("program", [CONNECT, FAST_OPEN, OTHER_PROTOCOL], ids=["tcp", "fast-open", "mptcp"])
def test_no_other_port_can_be_connected_to(boxes: Boxes, listener: socket.socket, program: str) -> None:
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    assert run(boxes, program, listener.getsockname()[1], environment=environment) == "PermissionError"


def test_without_an_endpoint_there_are_no_sockets_at_all(boxes: Boxes) -> None:
    assert run(boxes, "import socket\ndef go(): socket.socket()") == "PermissionError"


def test_only_addresses_on_loopback_open_a_port(boxes: Boxes, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    environment = {"PROXY": f"http://192.0.2.1:{port}", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    assert run(boxes, CONNECT, port, environment=environment) == "PermissionError"


def test_it_sees_its_environment_and_nothing_of_ours(boxes: Boxes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the teacher's own")
    seen = run(boxes, "import os\ndef go(): return dict(os.environ)", environment={"AWS_REGION": "us-east-1"})
    assert set(seen) == {"HOME", "TMPDIR", "LANG", "PATH", "TZ", "AWS_REGION"}


def test_it_holds_no_descriptor_of_ours(boxes: Boxes) -> None:
    source = """
import os
def go():
    held = []
    for number in range(1024):
        try:
            os.fstat(number)
            held.append(number)
        except OSError:
            pass
    return held
"""
    assert run(boxes, source) == [0, 1, 2, 3, 4]


def test_threads_work_within_reason(boxes: Boxes) -> None:
    source = """
from concurrent.futures import ThreadPoolExecutor
def go():
    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(abs, range(-100, 0)))
"""
    assert run(boxes, source) == 5050


def test_files_can_be_made_changed_and_removed_in_its_folder(boxes: Boxes) -> None:
    source = """
import os, tempfile
def go():
    with open("note", "w") as file:
        file.write("hello")
    with tempfile.NamedTemporaryFile() as file:
        inside = os.path.dirname(file.name) == os.getcwd()
    os.rename("note", "other")
    text = open("other").read()
    os.remove("other")
    return [text, inside, os.listdir()]
"""
    assert run(boxes, source) == ["hello", True, []]


@pytest.mark.parametrize(
    "action",
    [
        "os.mkdir('deeper')",
        "os.symlink('/etc', 'link')",
        "os.link('/etc/passwd', 'link')",
        "os.mkfifo('pipe')",
        "os.chmod(sys.executable, 0o777)",
        "os.chown('.', 1, 1)",
        "os.utime('/etc/passwd')",
        "os.setuid(0)",
        "os.unshare(0)" if hasattr(os, "unshare") else "os.setgroups([])",
        "os.listdir('/')",
        "os.listdir(os.path.dirname(os.getcwd()))",
        "open('/proc/self/maps').read()",
        "open('/etc/shadow').read()",
        "os.memfd_create('hidden')",
        "os.truncate('/etc/passwd', 0)",
        "os.remove('/etc/passwd')",
        "os.rename('/etc/passwd', 'mine')",
        "os.pidfd_open(os.getppid())",
        "os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)",
        "resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))",
        "resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))",
        "signal.pidfd_send_signal(4, signal.SIGKILL)",
        "os.kill(-1, signal.SIGKILL)",
        "os.killpg(0, signal.SIGKILL)",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "subprocess.run(['true'])",
        "multiprocessing.Process(target=print).start()",
    ],
)
def test_what_reaches_out_of_the_box_is_refused(boxes: Boxes, action: str) -> None:
    source = f"import multiprocessing, os, resource, signal, subprocess, sys\ndef go():\n    {action}"
    assert run(boxes, source) in ("PermissionError", "ValueError", "OSError")


@pytest.mark.parametrize(
    "path",
    [
        *ROOT.glob("labs/units/*/exercises/*/solution.*"),
        *ROOT.glob("graders/*.py"),
        ROOT / "pyproject.toml",
        Path(__file__),
    ],
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_no_file_of_the_course_or_the_graders_can_be_read(boxes: Boxes, path: Path) -> None:
    assert path.is_file()
    assert run(boxes, "def go(path): return open(path).read()", str(path)) == "PermissionError"


def test_another_box_cannot_be_looked_into(boxes: Boxes) -> None:
    with boxes.open({}) as other:
        other.load("open('work', 'w').write('mine')", "task.py")
        path = str(other.folder / "work")
        assert run(boxes, "def go(path): return open(path).read()", path) == "PermissionError"
        assert run(boxes, "def go(path): open(path, 'w').write('yours')", path) == "PermissionError"
        assert run(boxes, "import os\ndef go(path): os.remove(path)", path) == "PermissionError"
        folders = str(other.folder.parent)
        assert run(boxes, "import os\ndef go(path): return os.listdir(path)", folders) == "PermissionError"
        assert run(boxes, "def go(path): open(f'{path}/x', 'w')", folders) == "PermissionError"


def test_the_library_can_be_read_and_not_what_is_installed_in_it(boxes: Boxes) -> None:
    library = Path(sysconfig.get_path("stdlib"))
    assert run(boxes, "def go(path): return len(open(path).read())", str(library / "this.py")) > 0
    installed = next(library.glob("site-packages/**/*.py"), None)
    if installed is None:
        pytest.skip("nothing is installed in this Python's library")
    assert run(boxes, "def go(path): return open(path).read()", str(installed)) == "PermissionError"


def test_folders_that_every_box_could_read_are_refused() -> None:
    allowed = readable(private=ROOT / "labs")
    with pytest.raises(IsolationError, match="the files of others"):
        layers.common_walls(allowed, folders=f"{sysconfig.get_path('stdlib')}/boxes")


def test_a_course_that_lies_beneath_what_a_box_reads_is_never_exposed() -> None:
    below_the_library = Path(json.__file__).parent
    with pytest.raises(IsolationError, match="would be able to read the course"):
        readable(private=below_the_library)


def test_a_machine_without_the_floor_is_refused_unless_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(layers, "available", lambda: ("own-process", "rlimits"))
    with pytest.raises(IsolationError, match="cannot be shut in"):
        Boxes(allow_reduced=False)
    Boxes(allow_reduced=True).close()


def test_a_second_program_finds_nothing_of_the_first(boxes: Boxes) -> None:
    first = (
        "import os, sys\nopen('left', 'w').write('x')\nsys.modules['planted'] = sys\nos.environ['LEFT'] = 'x'"
    )
    with boxes.open({}) as box:
        box.load(first, "task.py")
    source = """
import gc, os, sys
def go():
    text = [item for item in gc.get_objects() if type(item) is list and "planted" in item]
    return [os.listdir(), "planted" in sys.modules, os.environ.get("LEFT"), text]
"""
    assert run(boxes, source) == [[], False, None, []]


def test_a_box_that_is_left_is_gone(boxes: Boxes) -> None:
    with boxes.open({}) as box:
        box.load("import time", "task.py")
        pid = box.pid
        with pytest.raises(ZeroDivisionError):
            raise ZeroDivisionError
        os.kill(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_boxes_end_with_their_parent() -> None:
    with Boxes() as boxes:
        box = boxes.open({})
        box.load("x = 1", "task.py")
        pid, folder = box.pid, box.folder
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not folder.exists()
    with pytest.raises(Broken):
        box.call("x", [])
    box.close()


def test_a_parent_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with Boxes() as boxes, pytest.raises(IsolationError, match="did not start"):
        boxes.open({})


def test_a_grader_that_is_killed_leaves_neither_a_process_nor_a_folder(tmp_path: Path) -> None:
    program = """
import os, signal
from graders.box import Boxes
boxes = Boxes()
box = boxes.open({})
box.load("open('note', 'w').write('x')", "task.py")
print(box.pid, box.folder, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    pid = int(done.stdout.split()[0])
    deadline = time.monotonic() + 10
    while list(tmp_path.iterdir()) or Path(f"/proc/{pid}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_parent_that_was_killed_is_started_again() -> None:
    with Boxes() as boxes:
        assert run(boxes, "def go(): return 1") == 1
        os.kill(run(boxes, "import os\ndef go(): return os.getppid()"), signal.SIGKILL)
        assert run(boxes, "def go(): return 2") == 2


def test_a_box_may_be_opened_from_many_threads(boxes: Boxes) -> None:
    values: list[Any] = []

    def work(number: int) -> None:
        values.append(run(boxes, "def go(n): return n * n", number))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(values) == [number * number for number in range(8)]


def test_output_is_kept_up_to_its_limit_and_counted_beyond(boxes: Boxes) -> None:
    with boxes.open({}, Limits(output=100)) as box:
        output = box.load("print('x' * 1000)", "task.py").output
    assert output == "x" * 100 + "\n… and 901 bytes more"


def test_a_large_request_is_handed_in_whole(boxes: Boxes) -> None:
    with boxes.open({}) as box:
        box.load("def go(text): return len(text)", "task.py")
        assert box.call("go", ["x" * 1_000_000]).value == 1_000_000


def test_processor_time_is_limited_too(boxes: Boxes) -> None:
    with boxes.open({}, Limits(wall=10, cpu=1)) as box:
        with pytest.raises(Broken) as raised:
            box.load("while True: pass", "task.py")
        assert raised.value.state == "timeout"
