"""The app in a browser: `serve`."""

from __future__ import annotations

from typing import Annotated

import typer

from tui.commands.face import face_of

__all__ = ["serve"]

LOOPBACK = "127.0.0.1"


def serve(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where it listens; 0 takes a free port.")] = 0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON when it can serve, and nothing else.")
    ] = False,
) -> None:
    """Show the app in a browser.

    On this machine only, at an address with a token that is printed. It runs until Ctrl+C or SIGTERM.
    """
    import asyncio
    import ipaddress
    import secrets

    from rich.text import Text

    from tui.web.door import Door, listen
    from tui.web.served import AppServer

    face = face_of(context)
    workspace = face.workspace()
    loopback = ipaddress.ip_address(LOOPBACK)
    with listen(loopback, port) as listener:
        door = Door(loopback, listener.getsockname()[1], secrets.token_urlsafe(32))
        server = AppServer(workspace.folder, f"Skylab · {workspace.student}", door)

        def ready() -> None:
            if as_json:
                face.data({"url": server.url, "port": door.port, "workspace": str(workspace.folder)})
                return
            print(server.url, flush=True)  # whole on one line, however narrow the terminal
            face.tell(Text("Only this machine can open it, in one tab at a time. Ctrl+C ends it.", "quiet"))

        asyncio.run(server.run(listener, ready))
