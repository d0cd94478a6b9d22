"""A whole world as one file: a zip archive that can be kept, mailed, and opened anywhere.

`world.json` says what the world is and how the other two are summed; `preparation.jsonl` holds the changes
that prepared it, and `journal.jsonl` its journal. Whoever opens the file makes the world again from them,
through the gate: a file can do no more than the keys of its own world allow. Those keys can be worked out
from the file, so it is as secret as the world is.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from labs.errors import JournalError
from labs.sandbox.entries import JournalEntry
from labs.sandbox.journal_file import LONGEST_OFFSET, JournalFile, parse_journal

__all__ = ["WorldFile", "read_world", "write_world"]

VERSION = 1
LARGEST = 1 << 30  # bytes of each part, unpacked
_PARTS = ("preparation.jsonl", "journal.jsonl")

Json = Any


@dataclass(frozen=True, slots=True)
class WorldFile:
    """What a world's file holds. `offset` is how far its clock was ahead before it was prepared."""

    seed: int
    secret: str
    label: str
    moto: str
    offset: timedelta
    preparation: tuple[JournalEntry, ...]
    journal: JournalFile


def write_world(
    path: Path,
    about: Mapping[str, Json],
    preparation: Iterable[JournalEntry],
    journal: bytes,
) -> None:
    """Write a world's file, whole or not at all; only its owner may read it.

    Args:
        about: seed, secret, label, moto and offset of the world.

    Raises:
        JournalError: it cannot be written.
    """
    lines = (json.dumps(entry.to_json(), ensure_ascii=False) + "\n" for entry in preparation)
    parts = dict(zip(_PARTS, ("".join(lines).encode(), journal), strict=True))
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in parts.items()}
    manifest = json.dumps({"world": "skylab", "version": VERSION, **about, "sha256": sums}, indent=1)
    temporary = None
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("world.json", manifest)
            for name, data in parts.items():
                archive.writestr(name, data)
        Path(temporary).replace(path)
    except OSError as broken:
        if temporary is not None:
            with suppress(OSError):
                Path(temporary).unlink()
        raise JournalError("The world's file cannot be written", f"{path}: {broken.strerror}.") from broken


def read_world(path: Path) -> WorldFile:
    """Read a world's file.

    Raises:
        JournalError: it cannot be read, is no world's file, or is damaged; the detail says where.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _manifest(path, _part(path, archive, "world.json"))
            data = {name: _part(path, archive, name) for name in _PARTS}
    except OSError as broken:
        raise JournalError("The world's file cannot be read", f"{path}: {broken.strerror}.") from broken
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as broken:
        raise _damaged(path, f"it is no zip archive, or one that is cut off ({broken})") from broken
    for name, content in data.items():
        if hashlib.sha256(content).hexdigest() != manifest["sha256"].get(name):
            raise _damaged(path, f"{name} is not what was written")
    return WorldFile(
        seed=manifest["seed"],
        secret=manifest["secret"],
        label=manifest["label"],
        moto=manifest["moto"],
        offset=timedelta(seconds=manifest["offset"]),
        preparation=_entries(path, data["preparation.jsonl"]),
        journal=parse_journal(data["journal.jsonl"], f"{path}, journal.jsonl"),
    )


def _part(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise _damaged(path, f"it has no {name}") from None
    if info.file_size > LARGEST:
        raise _damaged(path, f"{name} is larger than {LARGEST >> 30} GiB")
    with archive.open(info) as file:
        try:
            return file.read(LARGEST)
        except (zipfile.BadZipFile, EOFError, OSError, ValueError, zlib.error) as broken:
            raise _damaged(path, f"{name} cannot be unpacked ({broken})") from broken


def _manifest(path: Path, text: bytes) -> dict[str, Json]:
    try:
        manifest = json.loads(text)
    except ValueError as broken:
        raise _damaged(path, "world.json is not JSON") from broken
    if not isinstance(manifest, dict) or manifest.get("world") != "skylab":
        raise _damaged(path, "world.json does not say that this is a world of Skylab")
    if manifest.get("version") != VERSION:
        raise JournalError(
            "The world's file is of another version",
            f"{path} is version {manifest.get('version')!r}; this Skylab reads version {VERSION}.",
            "Open it with the Skylab that wrote it.",
        )
    kinds = {"seed": int, "secret": str, "label": str, "moto": str, "offset": (int, float), "sha256": dict}
    for name, kind in kinds.items():
        if not isinstance(manifest.get(name), kind):  # type: ignore[arg-type]
            raise _damaged(path, f"world.json says nothing of use about {name}")
    if not abs(manifest["offset"]) < LONGEST_OFFSET:
        raise _damaged(path, "world.json has an impossible offset")
    return manifest


def _entries(path: Path, data: bytes) -> tuple[JournalEntry, ...]:
    found = []
    for place, line in enumerate(data.splitlines(), start=1):
        try:
            found.append(JournalEntry.from_json(json.loads(line)))
        except (ValueError, TypeError, AttributeError) as broken:
            raise _damaged(path, f"preparation.jsonl, line {place}: {broken}") from broken
    return tuple(found)


def _damaged(path: Path, why: str) -> JournalError:
    return JournalError(
        "The world's file is damaged",
        f"{path}: {why}.",
        "Copy it again from where it came from, or export the world again.",
    )
