"""The files of one submission: a folder, a zip, or single files. Nothing is unpacked, no link is followed."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from graders.submissions.spent import MARKER, PROGRESS
from labs.errors import SkylabError, SubmissionError

__all__ = ["LARGEST_FILE", "LARGEST_NOTEBOOK", "Files", "SingleFiles", "open_files"]

MIB = 1024 * 1024
LARGEST_FILE = 4 * MIB
LARGEST_NOTEBOOK = 32 * MIB  # pictures lie in the outputs, which nobody looks at
LARGEST_ARCHIVE = 64 * MIB
LARGEST_DIRECTORY = 4 * MIB
MOST_ENTRIES = 20_000
DEEPEST = 6
PACKED_BY_A_MAC = "__MACOSX"


class Files(ABC):
    """Names and contents; a name is a path with slashes, from where the work begins."""

    names: tuple[str, ...]
    """All files, sorted; links and pipes are among them, and cannot be read."""

    @abstractmethod
    def read(self, name: str, most: int = LARGEST_FILE) -> bytes:
        """A file's content.

        Raises:
            FileNotFoundError: there is none of this name.
            SubmissionError: it is no plain file, or too large.
        """


class SingleFiles(Files):
    """Files that lie beside those of other students, each under the name that it stands for."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._paths = paths
        self.names = tuple(sorted(paths))

    def read(self, name: str, most: int = LARGEST_FILE) -> bytes:
        if name not in self._paths:
            raise FileNotFoundError(name)
        path = self._paths[name]
        return _read_beneath(path.parent, (path.name,), most)


@contextmanager
def open_files(path: Path, tops: frozenset[str]) -> Iterator[Files]:
    """The files of a folder or a zip file. All of them may lie in one more folder, as in many an archive.

    Args:
        tops: the folders that work begins with, such as `policies`; none of them is taken for one more.

    Raises:
        SubmissionError: the submission as a whole cannot be read.
    """
    if path.is_dir():
        yield _Folder(path, tops)
        return
    size = path.stat().st_size
    with path.open("rb") as file, _archive(file, size, tops) as archive:
        yield archive


@contextmanager
def open_inner(data: bytes, tops: frozenset[str]) -> Iterator[Files]:
    """The files of a zip file that lies in a submission."""
    with _archive(io.BytesIO(data), len(data), tops) as archive:
        yield archive


def _too_large(name: str, most: int) -> SubmissionError:
    return _unusable(name, f"is larger than {most // MIB} MiB")


def _unusable(name: str, why: str) -> SubmissionError:
    return SubmissionError("The file is not read", f"{name} {why}.", "Hand in a plain file.")


def _common_folder(names: Iterable[str], tops: frozenset[str]) -> str:
    """The one folder that everything lies in, with its slash; nothing where there is none."""
    found = {top if slash else "" for top, slash, _ in (name.partition("/") for name in names)}
    found = {top for top in found if top != PACKED_BY_A_MAC}
    top = found.pop() if len(found) == 1 else ""
    return f"{top}/" if top and top not in tops else ""


# Folders


class _Folder(Files):
    def __init__(self, root: Path, tops: frozenset[str]) -> None:
        names = [entry.name for entry in os.scandir(root) if entry.is_dir(follow_symlinks=False)]
        inner = [name for name in names if not name.startswith(".") and name != PACKED_BY_A_MAC]
        self._base = root / inner[0] if len(inner) == 1 and inner[0] not in tops else root
        found = _walk(self._base, "", DEEPEST)
        if self._base != root:
            # What lies beside the one folder was handed in too, as a single file may be.
            self._beside = tuple(entry.name for entry in os.scandir(root) if not entry.is_dir())
        else:
            self._beside = ()
        self._root = root
        self.names = tuple(sorted({*_first(found), *self._beside}))

    def read(self, name: str, most: int = LARGEST_FILE) -> bytes:
        try:
            return _read_beneath(self._base, PurePosixPath(name).parts, most)
        except FileNotFoundError:
            if name not in self._beside:
                raise
            return _read_beneath(self._root, (name,), most)


def _first(names: Iterator[str]) -> Iterator[str]:
    for number, name in enumerate(names):
        if number >= MOST_ENTRIES:
            return
        yield name


def _walk(folder: Path, prefix: str, depth: int) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name == PACKED_BY_A_MAC:
                continue
            if not entry.is_dir(follow_symlinks=False):
                yield prefix + entry.name
            elif depth > 0:
                yield from _walk(folder / entry.name, f"{prefix}{entry.name}/", depth - 1)


def _read_beneath(base: Path, parts: Sequence[str], most: int) -> bytes:
    """A plain file, reached without following a link: a link may lead to the solutions."""
    name = "/".join(parts)
    try:
        folder = os.open(base, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for part in parts[:-1]:
                inner = _open_beneath(folder, part, os.O_DIRECTORY)
                os.close(folder)
                folder = inner
            file = _open_beneath(folder, parts[-1], os.O_NONBLOCK)
        finally:
            os.close(folder)
        with os.fdopen(file, "rb") as stream:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise _unusable(name, "is not a plain file")
            data = stream.read(most + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SubmissionError("The file cannot be read", f"{name}: {error.strerror}.") from error
    if len(data) > most:
        raise _too_large(name, most)
    return data


def _open_beneath(folder: int, name: str, flags: int) -> int:
    status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if stat.S_ISLNK(status.st_mode):
        raise _unusable(name, "is a link")
    return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | flags, dir_fd=folder)


# Archives


@contextmanager
def _archive(file: IO[bytes], size: int, tops: frozenset[str]) -> Iterator[Files]:
    if size > LARGEST_ARCHIVE:
        raise _unpackable(f"It has {size // MIB} MiB; at most {LARGEST_ARCHIVE // MIB} MiB are read.")
    if _directory_size(file, size) > LARGEST_DIRECTORY:
        raise _unpackable(f"Its list of entries has more than {LARGEST_DIRECTORY // MIB} MiB.")
    with _as_damaged(), zipfile.ZipFile(file) as archive:
        yield _Archive(archive, tops)


class _Archive(Files):
    def __init__(self, archive: zipfile.ZipFile, tops: frozenset[str]) -> None:
        infos = archive.infolist()
        if len(infos) > MOST_ENTRIES:
            raise _unpackable(f"It has {len(infos)} entries; at most {MOST_ENTRIES} are looked at.")
        files = [info for info in infos if not info.is_dir()]
        prefix = _common_folder((info.filename for info in files), tops)
        self._archive = archive
        self._entries: dict[str, list[zipfile.ZipInfo]] = {}
        for info in files:
            if info.filename.startswith(prefix) and _leads_inside(info.filename):
                self._entries.setdefault(info.filename.removeprefix(prefix), []).append(info)
        self.names = tuple(sorted(self._entries))

    def read(self, name: str, most: int = LARGEST_FILE) -> bytes:
        if name not in self._entries:
            raise FileNotFoundError(name)
        info, *more = self._entries[name]
        if more:
            raise _unusable(name, f"is in the archive {len(more) + 1} times")
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            raise _unusable(name, "is not a plain file")
        if info.flag_bits & 1:
            raise _unusable(name, "is locked with a password")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _unusable(name, "is packed in a way that is not read")
        with _as_damaged(), self._archive.open(info) as stream:
            data = stream.read(most + 1)
        if len(data) > most:
            raise _too_large(name, most)
        return data


def _leads_inside(name: str) -> bool:
    """Whether an entry's name is one that a file of the submission may have."""
    parts = name.split("/")
    hidden = any(part in ("", ".", "..") or part.startswith(".") for part in parts)
    if name.endswith((PROGRESS, MARKER)) and not {"", ".", ".."} & set(parts):
        return True
    return not hidden and "\\" not in name and parts[0] != PACKED_BY_A_MAC


@contextmanager
def _as_damaged() -> Iterator[None]:
    """A damaged or hostile archive makes zipfile raise whatever it stumbles upon."""
    try:
        yield
    except (SkylabError, FileNotFoundError):
        raise
    except Exception as error:
        raise SubmissionError(
            "The archive cannot be read", f"{type(error).__name__}: {error}", "Pack it again as a zip file."
        ) from error


def _unpackable(why: str) -> SubmissionError:
    return SubmissionError("The archive is too large", why, "Pack the exercises only.")


END, LOCATOR = b"PK\x05\x06", b"PK\x06\x07"
END_LENGTH, LOCATOR_LENGTH, END64_LENGTH = 22, 20, 56


def _directory_size(file: IO[bytes], size: int) -> int:
    """How long the archive says that its list of entries is: zipfile reads all of it, whatever it holds."""
    file.seek(max(0, size - 65_536 - END_LENGTH - LOCATOR_LENGTH - END64_LENGTH))
    tail = file.read()
    last = tail[-END_LENGTH:]
    plain = last.startswith(END) and last.endswith(b"\0\0")
    end = len(tail) - END_LENGTH if plain else tail.rfind(END)
    file.seek(0)
    if end < 0:
        return 0  # no archive at all, as zipfile will say
    said = int.from_bytes(tail[end + 12 : end + 16], "little")
    if tail[max(0, end - LOCATOR_LENGTH) : end].startswith(LOCATOR):
        long = end - LOCATOR_LENGTH - END64_LENGTH + 40
        said = max(said if said < 0xFFFFFFFF else 0, int.from_bytes(tail[long : long + 8], "little"))
    return said
