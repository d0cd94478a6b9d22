"""Where the sandbox of a workspace is: written by whoever starts one, read by every command that needs one.

The file is the connection as JSON, with one key more: `as` names the principal that the learner is there.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labs.course import WorldExercise
from labs.errors import SandboxError

if TYPE_CHECKING:
    from labs.course import Exercise
    from labs.sandbox import Connection, World

__all__ = ["ADMIN", "Address", "announce", "learner_in", "read_address", "withdraw"]

ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Address:
    """How to reach a sandbox, and as whom."""

    connection: Connection
    principal: str = ADMIN


def learner_in(exercise: Exercise | None) -> str:
    """Whom the learner is in the world of an exercise; in a sandbox of no exercise, its administrator."""
    return exercise.learner if isinstance(exercise, WorldExercise) else ADMIN


def announce(file: Path, world: World, exercise: Exercise | None = None) -> str:
    """Say where a world is, in a file that only its owner may read (it holds keys); returns what it says."""
    text = json.dumps({**world.connection.to_json(), "as": learner_in(exercise)}) + "\n"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    return text


def withdraw(file: Path, text: str) -> None:
    """Take back what `announce` said, unless another sandbox has said something else since."""
    with suppress(OSError):
        if file.read_text(encoding="utf-8") == text:
            file.unlink()


def read_address(file: Path) -> Address:
    """The address that a file holds.

    Raises:
        SandboxError: there is none, or it cannot be read.
    """
    from labs.sandbox import Connection

    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        return Address(Connection.from_json(said), said.get("as", ADMIN))
    except FileNotFoundError:
        raise SandboxError(
            "No sandbox runs for this workspace",
            f"{file} is not there.",
            "Start one in another terminal: skylab sandbox",
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SandboxError(
            "The sandbox's address cannot be read",
            f"{file}: {error}",
            "Start the sandbox again: skylab sandbox",
        ) from None
