"""A file of the results: it appears whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

__all__ = ["write_file"]


def write_file(path: Path, text: str | bytes | Iterable[str]) -> None:
    """Write a file in one step: whoever reads it finds the old one or the new one, whole."""
    draft = path.with_name(f".{path.name}.draft")
    if isinstance(text, bytes):
        draft.write_bytes(text)
    else:
        with draft.open("w", encoding="utf-8", newline="") as file:
            file.writelines([text] if isinstance(text, str) else text)
    draft.replace(path)
