"""A real terminal: a tmux server of its own with one window, and a shell in it."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic, sleep

__all__ = ["PROMPT", "Terminal"]

PROMPT = "skylab-test$"
PATIENCE = 20.0
"""Seconds within which a terminal has to show what is waited for, also on a machine that does much else."""


class Terminal:
    """A window that is typed into, clicked at and looked at as a learner does."""

    def __init__(self, name: str, environment: Mapping[str, str], columns: int = 80, rows: int = 24) -> None:
        """`name` is that of the server's socket; the shell has nothing but `environment`."""
        self.name = name
        self.environment = {
            "PATH": os.environ["PATH"],
            "TERM": "tmux-256color",
            "LANG": "C.UTF-8",
            **environment,
        }
        shell = ["env", "-i", *(f"{key}={value}" for key, value in self.environment.items())]
        shell += [f"PS1={PROMPT} ", "bash", "--norc", "--noprofile", "-i"]
        size = ("-x", str(columns), "-y", str(rows))
        self.tmux("new-session", "-d", *size, shlex.join(shell))
        self.tmux("set-option", "-g", "window-size", "manual")
        self.wait(lambda: PROMPT in self.screen(), "a shell")

    def tmux(self, *words: str) -> str:
        """What a command of tmux prints."""
        command = ["tmux", "-u", "-L", self.name, "-f", os.devnull, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=self.environment)
        assert done.returncode == 0, f"{shlex.join(command)}: {done.stderr}"
        return done.stdout

    def close(self) -> None:
        """End the server with all that runs in it."""
        (socket,) = self.ask("socket_path")
        self.tmux("kill-server")
        Path(socket).unlink(missing_ok=True)

    # What goes in

    def press(self, *keys: str) -> None:
        """Press keys, by tmux's names for them."""
        self.tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        self.tmux("send-keys", "-l", "--", text)

    def click(self, text: str) -> None:
        """Click on a text, as terminals tell it to a program that follows the mouse (xterm's SGR mode)."""
        row, line = next((row, line) for row, line in enumerate(self.lines(), 1) if text in line)
        column = line.index(text) + 2
        self.type(f"\x1b[<0;{column};{row}M")
        self.type(f"\x1b[<0;{column};{row}m")

    def paste(self, text: str) -> None:
        """Paste a text as terminals do where a program asks for it: in brackets."""
        self.tmux("set-buffer", "--", text)
        self.tmux("paste-buffer", "-p", "-r")

    def resize(self, columns: int, rows: int) -> None:
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    # What comes out

    def screen(self) -> str:
        """What the window shows."""
        return self.tmux("capture-pane", "-p")

    def lines(self) -> list[str]:
        """The rows of the window, without the space at their ends."""
        return [line.rstrip() for line in self.screen().split("\n")[:-1]]

    def ask(self, *formats: str) -> list[str]:
        """What tmux knows about the window, such as `cursor_flag` and `alternate_on`."""
        asked = " ".join(f"#{{{each}}}" for each in formats)
        return self.tmux("display-message", "-p", asked).split()

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until a condition holds.

        Raises:
            AssertionError: it does not within the time; it tells what the window shows.
        """
        limit = monotonic() + PATIENCE
        while not condition():
            assert monotonic() < limit, f"There is no {what}:\n{self.screen()}"
            sleep(0.05)

    def shows(self, *texts: str) -> None:
        """Wait until all these texts are on the screen at once."""

        def all_are_there() -> bool:
            screen = self.screen()
            return all(text in screen for text in texts)

        self.wait(all_are_there, " and ".join(map(repr, texts)))
