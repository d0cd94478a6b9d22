"""What a box may read: the interpreter, its standard library, boto3 and what boto3 stands on.

Never site-packages as a whole, and never a folder above it: the course, with its solutions, may be installed
there.
"""

from __future__ import annotations

import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from labs.errors import IsolationError

__all__ = ["PACKAGES", "Readable", "readable"]

# boto3 and all that it imports.
PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3", "certifi")
# Time zones, the library loader's cache, random numbers.
SYSTEM = ("/usr/share/zoneinfo", "/etc/localtime", "/etc/ld.so.cache", "/dev/urandom", "/dev/random")
INSTALLED = frozenset({"site-packages", "dist-packages"})


@dataclass(frozen=True, slots=True)
class Readable:
    """Paths that may be read with all beneath, and folders of which only the names may be read.

    `roots` are few paths beneath which all of these lie, and more that may not be read.
    """

    read: tuple[str, ...]
    listing: tuple[str, ...]
    roots: tuple[str, ...]


def readable(private: Path) -> Readable:
    """What a box may read on this machine; `private` must not be in it.

    Raises:
        IsolationError: Python or boto3 is installed above `private`, so that reading the one shows the other.
    """
    library = Path(sysconfig.get_path("stdlib")).resolve()
    others = {*(Path(path) for path in SYSTEM), *_packages(), *_library_folders(library)}
    read = {*(entry for entry in library.iterdir() if entry.name not in INSTALLED), *others}
    for path in read:
        if private.resolve().is_relative_to(path):
            raise IsolationError(
                "Student code would be able to read the course",
                f"A box has to read {path}, and the course is installed beneath it, in {private}.",
                "Install Skylab in a virtual environment of its own, as `python3 bootstrap.py` does.",
            )
    return Readable(_sorted(read), (str(library),), _sorted({library, *others}))


def _sorted(paths: set[Path]) -> tuple[str, ...]:
    return tuple(sorted(map(str, paths)))


def _packages() -> set[Path]:
    """Where the packages that a box may import are: a folder, or one file."""
    found = set()
    for name in PACKAGES:
        module = sys.modules.get(name)
        if module is not None and module.__file__ is not None:
            file = Path(module.__file__).resolve()
            found.add(file.parent if file.name == "__init__.py" else file)
    return found


def _library_folders(stdlib: Path) -> set[Path]:
    """The folders of the shared libraries in use, for extension modules that are loaded later."""
    maps = Path("/proc/self/maps")
    if not maps.exists():
        return set()
    mapped = {
        Path(line.split(maxsplit=5)[5]) for line in maps.read_text("utf-8").splitlines() if ".so" in line
    }
    folders = {path.parent for path in mapped if path.is_absolute()}
    # Beside a relocated Python its libraries lie above site-packages; they are loaded already.
    return {folder for folder in folders if not stdlib.is_relative_to(folder) and not _installed(folder)}


def _installed(folder: Path) -> bool:
    return any(part in INSTALLED for part in folder.parts)
