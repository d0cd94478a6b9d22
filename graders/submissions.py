"""What students hand in: folders and zip files named after them, read without trusting a byte of them."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from graders.names import printable
from labs.errors import SkylabError, SubmissionError

__all__ = ["Listing", "Submission", "find_submissions", "text_of"]

MIB = 1024 * 1024
LARGEST_FILE = 4 * MIB
LARGEST_ARCHIVE = 64 * MIB
MOST_ENTRIES = 20_000
PACKED_BY_A_MAC = "__MACOSX"


@dataclass(frozen=True, slots=True)
class Submission:
    """One student's work: a folder or a zip file."""

    student: str
    source: str
    path: Path = field(repr=False)

    def read(self, wanted: Sequence[str]) -> dict[str, bytes | SubmissionError]:
        """The wanted files that are there, or why one that is there cannot be read.

        A name is a path as the workspace has it, `policies/read-a-statement/answer.toml`. All of them may lie
        in one more folder, as many an archive has it.

        Raises:
            SubmissionError: the submission as a whole cannot be read.
        """
        if self.path.is_dir():
            return _read_folder(self.path, wanted)
        return _read_archive(self.path, wanted)


@dataclass(frozen=True, slots=True)
class Listing:
    """The submissions of a folder, and what else lies there."""

    submissions: tuple[Submission, ...]
    errors: tuple[tuple[str, SubmissionError], ...]


def find_submissions(folder: Path) -> Listing:
    """The submissions in a folder, in the order of their names.

    Raises:
        SubmissionError: there is no such folder.
    """
    if not folder.is_dir():
        raise SubmissionError(
            "There is no such folder",
            f"{folder} is not a folder.",
            "Name the folder that holds one folder or zip file for each student.",
        )
    found, errors = [], []
    for path in sorted(folder.iterdir()):
        source = _readable(path.name)
        if path.name.startswith(".") or path.name == PACKED_BY_A_MAC:
            continue
        if path.is_symlink() or not (path.is_dir() or path.suffix.lower() == ".zip"):
            errors.append((source, _not_a_submission(path)))
        else:
            student = source if path.is_dir() else _readable(path.stem)
            found.append(Submission(student, source, path))
    return Listing(tuple(found), tuple(errors))


def text_of(data: bytes) -> str:
    """A file's text.

    Raises:
        SubmissionError: it is not UTF-8.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        kind = "UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "not UTF-8"
        raise SubmissionError(
            "The file is not text that can be read",
            f"It is {kind}: byte {error.start + 1} is {data[error.start]:#04x}.",
            "Save it again with the encoding UTF-8.",
        ) from None
    if "\0" in text:
        raise SubmissionError(
            "The file is not text that can be read",
            f"It has a zero byte at position {text.index(chr(0)) + 1}.",
            "Save it again as plain text.",
        )
    return text


def _readable(name: str) -> str:
    """A file name as text: bytes that are no UTF-8 become signs of replacement."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _not_a_submission(path: Path) -> SubmissionError:
    kind = "a link" if path.is_symlink() else "no folder and no zip file"
    return SubmissionError(
        "Not a submission",
        f"{printable(_readable(path.name))} is {kind}.",
        "Put one folder or zip file for each student here, named after the student.",
    )


# Folders


def _read_folder(root: Path, wanted: Sequence[str]) -> dict[str, bytes | SubmissionError]:
    base = _base(root, wanted)
    found: dict[str, bytes | SubmissionError] = {}
    for name in wanted:
        try:
            found[name] = _read_beneath(base, PurePosixPath(name).parts)
        except FileNotFoundError:
            continue
        except SubmissionError as error:
            found[name] = error
        except OSError as error:
            found[name] = SubmissionError("The file cannot be read", f"{name}: {error.strerror}.")
    return found


def _base(root: Path, wanted: Sequence[str]) -> Path:
    """The folder that the wanted names start from: the root, or the one folder in it."""
    first = {PurePosixPath(name).parts[0] for name in wanted}
    names = [entry.name for entry in os.scandir(root) if entry.is_dir(follow_symlinks=False)]
    inner = [name for name in names if not name.startswith(".") and name != PACKED_BY_A_MAC]
    return root / inner[0] if len(inner) == 1 and inner[0] not in first else root


def _read_beneath(base: Path, parts: Sequence[str]) -> bytes:
    """A plain file, reached without following a link: a link may lead to the solutions."""
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
            raise _unusable("/".join(parts), "is not a plain file")
        return _at_most(stream.read(LARGEST_FILE + 1), "/".join(parts))


def _open_beneath(folder: int, name: str, flags: int) -> int:
    status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if stat.S_ISLNK(status.st_mode):
        raise _unusable(name, "is a link")
    return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | flags, dir_fd=folder)


# Archives


def _read_archive(path: Path, wanted: Sequence[str]) -> dict[str, bytes | SubmissionError]:
    if path.stat().st_size > LARGEST_ARCHIVE:
        raise SubmissionError(
            "The archive is too large",
            f"It has {path.stat().st_size // MIB} MiB; at most {LARGEST_ARCHIVE // MIB} MiB are read.",
            "Pack the exercises only.",
        )
    try:
        with zipfile.ZipFile(path) as archive:
            entries = _entries(archive.infolist(), wanted)
            return {name: _read_entry(archive, name, entries[name]) for name in wanted if name in entries}
    except SkylabError:
        raise
    except Exception as error:  # a damaged or hostile archive makes zipfile raise whatever it stumbles upon
        raise SubmissionError(
            "The archive cannot be read", f"{type(error).__name__}: {error}", "Pack it again as a zip file."
        ) from error


def _entries(infos: Sequence[zipfile.ZipInfo], wanted: Sequence[str]) -> Mapping[str, list[zipfile.ZipInfo]]:
    """The wanted entries; names that lead elsewhere match none, and nothing is ever unpacked."""
    if len(infos) > MOST_ENTRIES:
        raise SubmissionError(
            "The archive is too large",
            f"It has {len(infos)} entries; at most {MOST_ENTRIES} are looked at.",
            "Pack the exercises only.",
        )
    files = [info for info in infos if not info.is_dir()]
    prefix = _common_folder(info.filename for info in files)
    if prefix.rstrip("/") in {PurePosixPath(name).parts[0] for name in wanted}:
        prefix = ""
    entries: dict[str, list[zipfile.ZipInfo]] = {}
    for info in files:
        if info.filename.startswith(prefix):
            entries.setdefault(info.filename.removeprefix(prefix), []).append(info)
    return {name: entries[name] for name in wanted if name in entries}


def _common_folder(names: Iterable[str]) -> str:
    """The one folder that everything lies in, with its slash; nothing where there is none."""
    tops = {top if slash else "" for top, slash, _ in (name.partition("/") for name in names)}
    tops.discard(PACKED_BY_A_MAC)
    return f"{tops.pop()}/" if len(tops) == 1 and "" not in tops else ""


def _read_entry(
    archive: zipfile.ZipFile, name: str, infos: Sequence[zipfile.ZipInfo]
) -> bytes | SubmissionError:
    info = infos[0]
    if len(infos) > 1:
        return _unusable(name, f"is in the archive {len(infos)} times")
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return _unusable(name, "is not a plain file")
    if info.flag_bits & 1:
        return _unusable(name, "is locked with a password")
    with archive.open(info) as stream:
        try:
            return _at_most(stream.read(LARGEST_FILE + 1), name)
        except SubmissionError as error:
            return error


def _at_most(data: bytes, name: str) -> bytes:
    if len(data) > LARGEST_FILE:
        raise _unusable(name, f"is larger than {LARGEST_FILE // MIB} MiB")
    return data


def _unusable(name: str, why: str) -> SubmissionError:
    return SubmissionError("The file is not read", f"{name} {why}.", "Hand in a plain file.")
