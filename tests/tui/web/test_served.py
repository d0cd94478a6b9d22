"""The server of the app: who is let in, what the app's process gets, and which tab has it."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar, WSMsgType, WSServerHandshakeError, web

from tui.web import served
from tui.web.door import Door, listen
from tui.web.served import KEPT, OF_THE_DRIVER, AppServer, HostedApp

TOKEN = "the-token-of-the-test"
LOOPBACK = ipaddress.ip_address("127.0.0.1")


class Client:
    """What a browser would ask of a server, or what somebody else would."""

    def __init__(self, server: AppServer, session: ClientSession) -> None:
        self.server, self.session = server, session
        self.origin = server.door.origin

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        async with self.session.get(f"{self.origin}{path}", headers=headers) as answer:
            return answer.status, await answer.text()

    async def socket(self, token: str = TOKEN, **headers: str) -> Any:
        sent = {"Origin": self.origin, **headers}
        return await self.session.ws_connect(
            f"{self.origin}/{token}/ws?width=90&height=25", headers={k: v for k, v in sent.items() if v}
        )


@asynccontextmanager
async def serving(workspace: Path) -> AsyncIterator[Client]:
    with listen(LOOPBACK, 0) as listener:
        door = Door(LOOPBACK, listener.getsockname()[1], TOKEN)
        server = AppServer(workspace, "Skylab · <alice>", door)
        runner = web.AppRunner(await server._make_app(), access_log=None)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        try:
            async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
                yield Client(server, session)
        finally:
            await runner.cleanup()


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a small program in place of the app, which takes a second to start."""
    program = (sys.executable, "-S", str(Path(__file__).with_name("stub_app.py")))
    monkeypatch.setattr(HostedApp, "PROGRAM", program)


async def said(socket: Any) -> dict[str, Any]:
    """The first thing that the app behind a socket says."""
    message = await socket.receive(timeout=30)
    assert message.type is WSMsgType.BINARY
    found: dict[str, Any] = json.loads(message.data)
    return found


async def gone(pid: int) -> None:
    """Wait until a process is no more."""
    async with asyncio.timeout(30):
        while alive(pid):
            await asyncio.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_the_page_opens_with_the_token_and_names_no_other_host(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        async with client.session.get(client.server.url) as answer:
            text, policy = await answer.text(), answer.headers["Content-Security-Policy"]
        files = [
            await client.get(path) for path in ("/page/app.css", "/page/app.js", "/static/css/xterm.css")
        ]

    assert answer.status == 200
    assert "<title>Skylab · &lt;alice&gt;</title>" in text
    assert f'"ws://{client.server.door.host}/{TOKEN}/ws"' in text
    assert "http" not in "".join([text, files[0][1], files[1][1]])
    assert [status for status, _ in files] == [200, 200, 200]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "headers", "sentence"),
    [
        ("/", {}, "address is not whole"),
        ("/wrong/", {}, "address is not whole"),
        (f"/{TOKEN}x/", {}, "address is not whole"),
        (f"/{TOKEN[:-1]}/", {}, "address is not whole"),
        ("/%FFwrong/", {}, "address is not whole"),
        (f"/{TOKEN}/", {"Host": "skylab.example:80"}, "Open it as"),
        (f"/{TOKEN}/", {"Host": "localhost"}, "Open it as"),
        (f"/{TOKEN}/", {"Origin": "https://skylab.example"}, "Only the page"),
        ("/static/js/textual.js", {"Host": "skylab.example"}, "Open it as"),
        ("/download/1", {}, "from the page of Skylab"),
        ("/no/such/page", {}, "address is not whole"),
    ],
)
async def test_whoever_lacks_the_token_or_comes_from_elsewhere_is_refused_with_a_sentence(
    path: str, headers: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    async with serving(tmp_path) as client:
        status, text = await client.get(path, **headers)

    assert status == 403
    assert sentence in text
    assert TOKEN not in text


@pytest.mark.parametrize(
    ("token", "origin"),
    [
        ("wrong", None),
        (TOKEN, "http://127.0.0.1:1"),
        (TOKEN, "https://skylab.example"),
        (TOKEN, "null"),
        (TOKEN, ""),
    ],
)
async def test_a_socket_without_the_token_or_of_a_foreign_page_starts_no_app(
    token: str, origin: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HostedApp, "PROGRAM", ("nothing-that-can-be-started",))
    async with serving(tmp_path) as client:
        with pytest.raises(WSServerHandshakeError) as refused:
            await client.socket(token, **({} if origin is None else {"Origin": origin}))

    assert refused.value.status == 403


async def test_a_download_opens_for_the_browser_that_has_the_page(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        before = await client.get("/download/none")
        await client.get(f"/{TOKEN}/")
        after = await client.get("/download/none")

    assert (before[0], after[0]) == (403, 404)


@pytest.mark.usefixtures("stub")
async def test_the_app_gets_what_it_needs_of_the_environment_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "GITHUB_TOKEN", "HTTPS_PROXY", "EDITOR"):
        monkeypatch.setenv(name, "of-the-teacher")
    monkeypatch.setenv("LANG", "C.UTF-8")
    async with serving(tmp_path) as client:
        socket = await client.socket()
        environment = (await said(socket))["environment"]
        await socket.close()

    assert "of-the-teacher" not in environment.values()
    ours = {"SKYLAB_WORKSPACE", "TEXTUAL_DRIVER"}
    assert environment.keys() - {"LC_CTYPE"} <= KEPT | OF_THE_DRIVER | ours
    assert environment["SKYLAB_WORKSPACE"] == str(tmp_path)
    assert environment["PATH"] == os.environ["PATH"]
    assert environment["LANG"] == "C.UTF-8"
    assert (environment["COLUMNS"], environment["ROWS"]) == ("90", "25")
    assert environment["TEXTUAL_DRIVER"] == "tui.web.driver:BrowserDriver"


@pytest.mark.usefixtures("stub")
async def test_what_is_typed_reaches_the_app_and_a_second_tab_takes_it_over(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        first = await client.socket()
        one = await said(first)
        await first.send_json(["stdin", "hello"])
        assert (await first.receive(timeout=30)).data == b"heard hello"

        second = await client.socket()
        two = await said(second)
        assert not alive(one["pid"])
        assert (await first.receive(timeout=30)).type is WSMsgType.CLOSE
        assert alive(two["pid"])

        await second.close()
        await gone(two["pid"])


@pytest.mark.usefixtures("stub")
async def test_the_apps_end_with_the_server_even_one_that_does_not_want_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "PATIENCE", 0.1)
    for name in ("willing", "deaf"):
        async with serving(tmp_path / name) as client:
            socket = await client.socket()
            pid = (await said(socket))["pid"]
            assert alive(pid)
            listening = asyncio.ensure_future(socket.receive())
        await listening

        await gone(pid)


@pytest.mark.usefixtures("stub")
async def test_an_app_that_fails_lets_its_tab_go_and_says_why_on_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listener = listen(LOOPBACK, 0)
    door = Door(LOOPBACK, listener.getsockname()[1], TOKEN)
    server, ready = AppServer(tmp_path / "broken", "Skylab", door), asyncio.Event()
    running = asyncio.ensure_future(server.run(listener, ready.set))
    await ready.wait()
    async with ClientSession() as session:
        socket = await Client(server, session).socket()
        assert (await socket.receive(timeout=30)).type is WSMsgType.CLOSE
    os.kill(os.getpid(), signal.SIGTERM)  # which ends the server, not the process
    await running

    printed = capsys.readouterr()
    assert printed.out == ""
    assert "the workspace is broken" in printed.err
    with pytest.raises(OSError, match="Bad file descriptor"):
        listener.getsockname()


def test_an_app_whose_server_has_gone_ends_by_itself() -> None:
    environment = {**os.environ, "TEXTUAL_DRIVER": "tui.web.driver:BrowserDriver"}
    command = [sys.executable, "-P", "-c", "from textual.app import App; App().run()"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, bufsize=0
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            assert process.stdout.read(13) == b"__GANGLION__\n"
            process.stdin.close()
            process.stdin = None
            process.communicate(timeout=60)
            assert process.returncode == 0
        finally:
            process.kill()
