from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from labs.errors import SandboxError
from labs.sandbox import Connection, Nursery, World
from labs.sandbox.clock import Clock
from labs.sandbox.launching import launch
from labs.sandbox.processes import finish
from labs.sandbox.raw import RawRequest
from labs.sandbox.rehearsal import rehearse
from labs.sandbox.web import GateServer


class Echo:
    """A gate that remembers what it was asked and answers with the body."""

    def __init__(self) -> None:
        self.seen: list[RawRequest] = []
        self.status = 200

    def handle(self, raw: RawRequest) -> Echo:
        self.seen.append(raw)
        return self

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        return (("Content-Length", "999"), ("x-amz-meta-under_score", "kept"))

    @property
    def body(self) -> bytes:
        return self.seen[-1].body


@pytest.fixture
def echo() -> Iterator[tuple[Echo, int]]:
    echo = Echo()
    server = GateServer(echo.handle, Clock())
    server.start()
    yield echo, server.port
    server.shutdown()
    server.server_close()


def send(port: int, data: bytes) -> bytes:
    """Send bytes as they are; read until the server closes or is silent."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(data)
        connection.settimeout(0.5)
        received = b""
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except TimeoutError:
            pass
        return received


# The wire


@pytest.mark.parametrize(
    "target", ["//key", "/b/a%2Fb/../c//d", "/b/%e2%82%ac?x=&x=1&y", "/b/a+b%20c", "/b/?%3F"]
)
def test_the_target_reaches_the_gate_as_it_was_sent(echo: tuple[Echo, int], target: str) -> None:
    gate, port = echo
    send(port, f"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
    assert gate.seen[0].target == target


def test_headers_keep_their_spelling_order_and_number(echo: tuple[Echo, int]) -> None:
    gate, port = echo
    send(
        port,
        b"GET / HTTP/1.1\r\nHost: h\r\n"
        b"X-Amz-Meta-A_b: 1\r\nX-Amz-Meta-A-b: 2\r\nX-Amz-Meta-A-b: \xe9\r\n\r\n",
    )
    assert gate.seen[0].headers == (
        ("Host", "h"),
        ("X-Amz-Meta-A_b", "1"),
        ("X-Amz-Meta-A-b", "2"),
        ("X-Amz-Meta-A-b", "\xe9"),
    )


def test_a_connection_serves_many_requests(echo: tuple[Echo, int]) -> None:
    gate, port = echo
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    for number in range(5):
        connection.request("PUT", f"/{number}", body=b"x" * number)
        response = connection.getresponse()
        assert response.read() == b"x" * number
        assert response.headers["x-amz-meta-under_score"] == "kept"
    connection.close()
    assert [raw.target for raw in gate.seen] == ["/0", "/1", "/2", "/3", "/4"]


def test_a_chunked_body_arrives_whole(echo: tuple[Echo, int]) -> None:
    gate, port = echo
    head = b"PUT /k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    answer = send(port, head + b"5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n")
    assert gate.seen[0].body == b"hello world"
    assert answer.endswith(b"hello world")


def test_a_client_that_waits_to_continue_is_told_to(echo: tuple[Echo, int]) -> None:
    _, port = echo
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"ok")
        assert connection.recv(1000).endswith(b"ok")


def test_the_answer_to_head_says_the_length_that_the_gate_says_and_has_no_body(
    echo: tuple[Echo, int],
) -> None:
    _, port = echo
    answer = send(port, b"HEAD /k HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
    assert b"Content-Length: 999\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


def test_an_answer_has_one_length_and_it_is_right(echo: tuple[Echo, int]) -> None:
    _, port = echo
    answer = send(port, b"PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
    assert answer.count(b"Content-Length") == 1
    assert b"Content-Length: 2\r\n" in answer


@pytest.mark.parametrize(
    "request_",
    [
        b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
        b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: two\r\n\r\n",
        b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
        b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
def test_a_request_that_makes_no_sense_is_refused_before_the_gate(
    echo: tuple[Echo, int], request_: bytes
) -> None:
    gate, port = echo
    assert b" 400 " in send(port, request_).partition(b"\r\n")[0] or not gate.seen
    assert gate.seen == []


def test_a_client_that_goes_away_in_the_middle_harms_nobody(echo: tuple[Echo, int]) -> None:
    gate, port = echo
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf")
    assert send(port, b"GET /after HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").startswith(
        b"HTTP/1.1 200"
    )
    assert [raw.target for raw in gate.seen] == ["/after"]


# The process


def start() -> tuple[subprocess.Popen[bytes], Connection]:
    process = subprocess.Popen(
        [sys.executable, "-m", "labs.sandbox.server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b'{"seed": 4, "port": 0, "secret": ""}\n')
    process.stdin.flush()
    return process, Connection.from_json(json.loads(process.stdout.readline()))


@pytest.mark.parametrize("how", ["SIGTERM", "end of input"])
def test_a_world_ends_when_told_to_however_many_connections_are_open(how: str) -> None:
    process, connection = start()
    assert process.stdin is not None
    assert process.stdout is not None
    says_what_contracts_promise(connection, process.pid)
    with an_open_connection(connection):
        if how == "end of input":
            process.stdin.close()
        else:
            process.send_signal(signal.Signals[how])
        assert process.wait(60) == 0
    assert process.stdout.read() == b"", "all is said on one line"
    process.stdout.close()
    process.stdin.close()


def test_a_world_that_was_borne_obeys_signals_too(nursery: Nursery) -> None:
    with nursery.world() as world, an_open_connection(world.connection):
        os.kill(world.connection.pid, signal.SIGINT)
        deadline = time.monotonic() + 60
        while is_alive(world.connection.pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not is_alive(world.connection.pid)


@contextmanager
def an_open_connection(connection: Connection) -> Iterator[None]:
    """Within this, a client holds a connection on which it has had an answer."""
    place = urlsplit(connection.endpoint)
    idle = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    idle.request("GET", "/")
    assert idle.getresponse().read()
    yield
    idle.close()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def says_what_contracts_promise(connection: Connection, pid: int) -> None:
    told = connection.to_json()
    assert {"endpoint", "metadata_endpoint", "region", "account", "credentials", "control"} <= told.keys()
    assert {"AccessKeyId", "SecretAccessKey"} <= told["credentials"].keys()
    assert told["control"].keys() == {"endpoint", "token"}
    assert (told["region"], told["account"], told["seed"]) == ("us-east-1", "123456789012", 4)
    assert told["pid"] == pid


def test_a_world_listens_on_loopback_only(world: World) -> None:
    ports = {
        urlsplit(url).port
        for url in (world.endpoint, world.connection.metadata_endpoint, world.connection.control.endpoint)
    }
    assert len(ports) == 3
    assert all(
        url.startswith("http://127.0.0.1:") for url in (world.endpoint, world.connection.control.endpoint)
    )
    own = socket.gethostbyname(socket.gethostname())
    if own.startswith("127."):
        pytest.skip("this machine has no address but loopback")
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((own, port), timeout=2)


def test_a_port_that_is_taken_is_said_to_be_so(nursery: Nursery) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SandboxError, match=f"Port {port} cannot be used") as caught:
            nursery.bear({"seed": 0, "port": port, "secret": ""})
    assert "take another port" in caught.value.hint


def test_every_call_of_the_rehearsal_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    from labs.sandbox.gate import Gate

    statuses: list[int] = []
    handle = Gate.handle

    def watched(self: Gate, raw: RawRequest) -> object:
        answer = handle(self, raw)
        statuses.append(answer.status)
        return answer

    monkeypatch.setattr(Gate, "handle", watched)
    rehearse()
    assert statuses[:2] == [200, 404], "the bucket is looked for before it is made"
    assert len(statuses) > 40
    assert set(statuses[2:]) <= {200, 204}


def test_importing_the_sandbox_loads_neither_moto_nor_boto3() -> None:
    program = (
        "import sys\n"
        "from labs.sandbox import Credentials, Event, JournalEntry, Nursery, World, read_journal\n"
        "print(sorted({'moto', 'boto3', 'botocore', 'werkzeug'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_world_does_not_take_modules_from_the_folder_it_is_started_in(
    tmp_path: os.PathLike[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any module of ours will do: `launch` starts worlds and nurseries alike."""
    monkeypatch.chdir(tmp_path)
    with open("random.py", "w") as trap:  # noqa: PTH123  # the folder is the current one, as it is for a learner
        trap.write("raise SystemExit('the wrong random')")
    with tempfile.TemporaryFile() as log:
        process = launch("labs.sandbox.processes", log)
        finish(process, log)
    assert process.returncode == 0
