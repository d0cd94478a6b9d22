"""The app in a browser: textual-serve's processes and files behind a token, on this machine only.

The token stands in the address that is printed. The page and its WebSocket ask for it, and for a `Host` and
an `Origin` that are ours; a download asks for the cookie that came with the page. All else is answered with
403 and a sentence. The files of the page itself are free: they are the same in every installation.

One browser tab has the app. Another one that opens the page takes it over: two apps on one workspace would
write each other's files, and what was typed is saved before the first one ends.

The app's process gets `KEPT` of the environment and nothing else: how to find programs and the home, the
language and the clock, the settings of Skylab and of how it is drawn, and the workspace. It gets no keys,
tokens or proxies of whoever started the server, and no editor: there is no terminal to open one in.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from contextlib import redirect_stdout, suppress
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, ClassVar

import textual_serve
from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.server import Server, to_int

from tui.web.door import Door, same

if TYPE_CHECKING:
    from socket import socket as Socket

__all__ = ["KEPT", "AppServer", "HostedApp"]

KEPT = frozenset(
    (
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "XDG_CONFIG_HOME"),
        *("LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "TZ"),
        *("TERM", "COLORTERM", "NO_COLOR", "TEXTUAL_ANIMATIONS"),
        "SKYLAB_SETTINGS",
    )
)
"""What the app's process has of the server's environment."""
OF_THE_DRIVER = frozenset(
    ("TEXTUAL_FPS", "TEXTUAL_COLOR_SYSTEM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "COLUMNS", "ROWS")
)
"""What textual-serve adds to it."""
PATIENCE = 20.0
"""Seconds that an app has to end by itself."""


class HostedApp(AppService):
    """One process of the app, and what a browser says to it."""

    PROGRAM: ClassVar[tuple[str, ...]] = (sys.executable, "-P", "-m", "tui.web")

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        whole = super()._build_environment(width, height)
        return {
            **{name: value for name, value in whole.items() if name in KEPT | OF_THE_DRIVER},
            "SKYLAB_WORKSPACE": self.command,
            "TEXTUAL_DRIVER": "tui.web.driver:BrowserDriver",
        }

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        # A session of its own: Ctrl+C in the terminal is for the server, which then ends the app.
        self._process = process = await asyncio.create_subprocess_exec(
            *self.PROGRAM,
            self.command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=self._build_environment(width, height),
            start_new_session=True,
        )
        self._stdin = process.stdin
        return process

    async def run(self) -> None:
        # An app that fails says no goodbye, and its tab would wait for it.
        await super().run()
        await self.remote_close()

    async def on_data(self, payload: bytes) -> None:
        # An app whose tab has closed has to be read on, or it would wait for us and never end.
        with suppress(ConnectionError):
            await super().on_data(payload)

    async def on_meta(self, data: bytes) -> None:
        with suppress(ConnectionError):
            await super().on_meta(data)

    async def end(self) -> None:
        """Have the app save and end; one that does not is killed, with all that it has started."""
        process = self._process
        if process is None:
            return

        async def by_itself() -> None:
            await self.stop()
            await process.wait()

        # Not by a time-out: the task that reads the app takes a cancellation for the end of what it reads.
        ending = asyncio.ensure_future(by_itself())
        ended, _ = await asyncio.wait({ending}, timeout=PATIENCE)
        if not ended:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            ending.cancel()
            await process.wait()


class AppServer(Server):
    """Serves the app on one workspace to one browser tab at a time."""

    def __init__(self, workspace: Path, title: str, door: Door) -> None:
        super().__init__(
            command=str(workspace),
            host=str(door.address),
            port=door.port,
            title=title,
            public_url=door.origin,
        )
        self.door = door
        self.statics_path = Path(textual_serve.__file__).with_name("static")
        self._cookie = f"skylab-downloads-{door.port}", secrets.token_urlsafe(32)
        self._tab: web.WebSocketResponse | None = None
        self._turn = asyncio.Lock()

    @property
    def url(self) -> str:
        """The page's address, with the token."""
        return f"{self.door.origin}/{self.door.token}/"

    async def run(self, listener: Socket, ready: Callable[[], None]) -> None:
        """Serve until SIGINT, SIGTERM or SIGHUP; then the app ends, and after it the server."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        signals = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
        for each in signals:
            loop.add_signal_handler(each, ended.set)
        # No log of requests: their paths hold the token.
        runner = web.AppRunner(await self._make_app(), access_log=None, shutdown_timeout=PATIENCE)
        await runner.setup()
        try:
            await web.SockSite(runner, listener).start()
            ready()
            # textual-serve prints what an app says on its standard error; ours is the place for that.
            with redirect_stdout(sys.stderr):
                await ended.wait()
                await runner.cleanup()
        finally:
            await runner.cleanup()
            for each in signals:
                loop.remove_signal_handler(each)

    async def _make_app(self) -> web.Application:
        app = web.Application(middlewares=[self.let_in])
        app.add_routes(
            [
                web.get("/{token}/", self.handle_index, name="index"),
                web.get("/{token}/ws", self.handle_websocket, name="websocket"),
                web.get("/download/{key}", self.handle_download, name="download"),
                web.get("/page/{name}", handle_page_file, name="page"),
                web.static("/static", self.statics_path, name="static"),
            ]
        )
        app.on_response_prepare.append(self.shut_in)
        app.on_shutdown.append(self.on_shutdown)
        return app

    @web.middleware
    async def let_in(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Pass on a request that may come in; answer any other one with 403."""
        refusal = self.refusal(request)
        if refusal:
            return web.Response(status=403, text=refusal + "\n")
        return await handler(request)

    def refusal(self, request: web.Request) -> str:
        """Why a request is not let in, in a sentence; empty when it is."""
        name = request.match_info.route.name
        if not self.door.knows_host(request.headers):
            return f"Open it as {self.door.origin}, the address that `skylab serve` has printed."
        if not self.door.knows_origin(request.headers, needed=name == "websocket"):
            return "Only the page that `skylab serve` has printed may speak to Skylab."
        if name in ("page", "static"):
            return ""
        if name == "download":
            cookie, value = self._cookie
            known = same(request.cookies.get(cookie, ""), value)
            return "" if known else "A download opens from the page of Skylab only."
        if not self.door.knows_token(request.match_info.get("token", "")):
            return "The address is not whole: open the one that `skylab serve` has printed, with its token."
        return ""

    async def shut_in(self, request: web.Request, response: web.StreamResponse) -> None:
        """Have the browser load nothing from elsewhere, and show the page in no frame of anybody's."""
        response.headers.update(
            {
                "Content-Security-Policy": (
                    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
                    "font-src 'self'; img-src 'self' data:; "
                    f"connect-src 'self' ws://{self.door.host}; "
                    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
                ),
                "Cross-Origin-Resource-Policy": "same-origin",
                "Referrer-Policy": "same-origin",
                "X-Content-Type-Options": "nosniff",
            }
        )
        if request.match_info.route.name != "static":
            response.headers["Cache-Control"] = "no-store"

    async def handle_index(self, request: web.Request) -> web.Response:
        """The page with the terminal."""
        page = Template(page_file("app.html").decode())
        socket = f"ws://{self.door.host}/{self.door.token}/ws"
        response = web.Response(
            text=page.substitute(title=escape(self.title), socket=escape(socket)), content_type="text/html"
        )
        name, value = self._cookie
        response.set_cookie(name, value, path="/download/", httponly=True, samesite="Strict")
        return response

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Give the app to the tab that asks, once the tab that had it has let it go."""
        socket = web.WebSocketResponse(heartbeat=15)
        await socket.prepare(request)
        before, self._tab = self._tab, socket
        if before is not None:
            await before.close()
        async with self._turn:
            if self._tab is socket:
                await self.run_app(
                    socket,
                    to_int(request.query.get("width", ""), 80),
                    to_int(request.query.get("height", ""), 24),
                )
        if self._tab is socket:
            self._tab = None
        return socket

    async def run_app(self, socket: web.WebSocketResponse, width: int, height: int) -> None:
        """Run the app for a tab until one of them ends."""

        async def close() -> None:
            await socket.close()

        app = HostedApp(
            self.command,
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=close,
            download_manager=self.download_manager,
        )
        try:
            await app.start(width, height)
            await self._process_messages(socket, app)
        finally:
            await app.end()

    async def on_shutdown(self, app: web.Application) -> None:
        """Let the tab go; its app ends with it."""
        if self._tab is not None:
            await self._tab.close()


PAGE_FILES = {"app.css": "text/css", "app.js": "text/javascript"}


async def handle_page_file(request: web.Request) -> web.Response:
    """A file of our page."""
    name = request.match_info["name"]
    if name not in PAGE_FILES:
        raise web.HTTPNotFound
    return web.Response(body=page_file(name), content_type=PAGE_FILES[name], charset="utf-8")


def page_file(name: str) -> bytes:
    """What a file of our pages holds."""
    return files("tui.web").joinpath("pages", name).read_bytes()
