"""The line that is typed and the lines that are said. In a pipe each line that came in is said again."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tui.commands.face import Face

__all__ = ["END", "Talk"]

END = "."
"""A line that ends a text of several lines; `..` stands for a line with one dot."""


class Talk:
    """Speaks with whoever is at the other end: a person at a terminal, or a program at a pipe."""

    def __init__(self, face: Face) -> None:
        self.face = face
        self.typed_by_hand = sys.stdin.isatty()
        if self.typed_by_hand:
            with suppress(ImportError):
                import readline  # noqa: F401  (it gives input() its line editing)

    def say(self, *drawings: RenderableType) -> None:
        """Read drawings out."""
        self.face.show(*drawings)

    def tell(self, *lines: str) -> None:
        """Say lines as they are, but for what a terminal would take for a command."""
        from tui.draw.words import shown

        for line in lines:
            print(shown(line).plain)
        sys.stdout.flush()

    def ask(self, prompt: str) -> str | None:
        """The line that comes next; None at the end of the input."""
        if self.typed_by_hand:
            try:
                return input(prompt)
            except EOFError:
                print()
                return None
        sys.stdout.write(prompt)
        sys.stdout.flush()
        line = sys.stdin.readline()
        said = line.rstrip("\r\n")
        print(said)
        return said if line else None

    def ask_several(self) -> str | None:
        """The lines up to a lone dot, or to the end of the input; None when there are none."""
        lines: list[str] = []
        with suppress(KeyboardInterrupt):  # what was typed by then is kept
            while (line := self.ask("")) is not None and line.strip() != END:
                lines.append(END if line == END * 2 else line)
        return "".join(f"{line}\n" for line in lines) or None
