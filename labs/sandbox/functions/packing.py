"""The code of a function on disk: its archive and those of its layers, unpacked once for all who run them."""

from __future__ import annotations

import io
import shutil
import threading
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath

from labs.errors import SandboxError

__all__ = ["Shelf", "Unpacked", "is_archive"]

LARGEST = 250 * 1024 * 1024
"""Bytes of a function's code and its layers, unpacked. Lambda Developer Guide, "Lambda quotas"."""

_PYTHON = ("python", "python/lib/python{version}/site-packages")
"""Where a layer has its modules. Lambda Developer Guide, "Packaging your layer content"."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """Where the code lies: the folder of the handler, and those of the layers in which modules are found."""

    task: Path
    layers: tuple[Path, ...] = ()


def is_archive(data: bytes) -> bool:
    """Whether these are the bytes of a zip archive."""
    return zipfile.is_zipfile(io.BytesIO(data))


class Shelf:
    """Archives that have been unpacked, by what is in them. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def unpacked(self, folder: Path, code: bytes, layers: Iterable[bytes], version: str) -> Unpacked:
        """The folders of a function's code.

        Args:
            folder: where unpacked code is kept.
            version: of Python, as in `3.12`, for the layers that have a folder for each.

        Raises:
            SandboxError: an archive cannot be read, or holds more than Lambda takes.
        """
        with self._lock:
            task, left = _unpack(code, folder, LARGEST)
            places = []
            for layer in layers:
                place, left = _unpack(layer, folder, left)
                places += [place / part.format(version=version) for part in _PYTHON]
        return Unpacked(task, tuple(each for each in places if each.is_dir()))


def _unpack(data: bytes, folder: Path, left: int) -> tuple[Path, int]:
    """The folder of one archive, and how many bytes may still be unpacked."""
    place = folder / sha256(data).hexdigest()[:32]
    if place.is_dir():
        return place, left
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(each.file_size for each in archive.infolist())
            if size > left:
                raise SandboxError("The code is too large", f"Unpacked it has {size:,} bytes more.")
            half = place.with_suffix(".part")
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir(mode=0o700)
            for each in archive.infolist():
                _put(archive, each, half)
            half.rename(place)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as broken:
        raise SandboxError("The code cannot be unpacked", f"{broken}") from broken
    return place, left - size


def _put(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> None:
    """Write one member of an archive, which may not lie outside of the folder."""
    parts = PurePosixPath(member.filename).parts
    if not parts or ".." in parts or parts[0] == "/":
        raise ValueError(f"{member.filename!r} lies outside of the archive")
    target = folder.joinpath(*parts)
    if member.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as source, target.open("wb") as copy:
        left = member.file_size  # what the archive says; an archive that lies is cut off there
        while chunk := source.read(min(1 << 16, left)):
            copy.write(chunk)
            left -= len(chunk)
    if member.external_attr >> 16 & 0o100:
        target.chmod(0o700)
