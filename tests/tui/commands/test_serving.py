"""`skylab serve` where it cannot serve; what it serves is in tests/tui/web."""

from __future__ import annotations

import socket
from collections.abc import Callable

from typer.testing import Result

Skylab = Callable[..., Result]


def test_a_port_that_is_taken_is_told_and_is_no_fault_of_the_user(skylab: Skylab) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = skylab("serve", "--port", str(port))

    assert result.exit_code == 3
    assert result.stdout == ""
    assert "cannot be served there" in result.stderr
    assert f"port {port}" in result.stderr
    assert "0 takes a free one" in result.stderr


def test_a_port_that_is_none_is_wrong_use(skylab: Skylab) -> None:
    assert skylab("serve", "--port", "70000").exit_code == 2
