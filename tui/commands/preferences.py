"""The command that shows what can be set in the app."""

from __future__ import annotations

import typer

from tui.commands.face import face_of

__all__ = ["settings"]


def settings(context: typer.Context) -> None:
    """Print a settings file for the app, with every key.

    Each setting and each action has a line that says what it is for. Save it where the last line says, and
    take the # off what you change.
    """
    from tui.draw.words import shown
    from tui.settings import documented, settings_file

    print(documented(), end="", flush=True)
    face_of(context).tell(shown(f"The app reads {settings_file()}."))
