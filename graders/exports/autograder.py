"""An autograder for Gradescope: a zip file with everything that grading some exercises needs.

Gradescope unpacks it to /autograder/source, runs `setup.sh` once, and for each submission runs
`/autograder/run_autograder`, which reads /autograder/submission and /autograder/submission_metadata.json and
writes /autograder/results/results.json (Gradescope: "Autograder Specifications"). Both scripts find their way
from where they lie, so that the whole also runs elsewhere.
"""

from __future__ import annotations

import io
import json
import re
import secrets
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from importlib.metadata import distribution, distributions
from importlib.resources.abc import Traversable

from graders.roster import Roster
from labs.course import Exercise
from labs.course.notebooks import notebook_folder

__all__ = ["CONFIGURATION", "autograder"]

CONFIGURATION = "autograder.json"
PACKAGES = ("labs", "graders")
SCREENS = frozenset({"awscli", "rich", "textual", "tree-sitter", "tree-sitter-json", "typer", "watchfiles"})
"""What Skylab stands on and grading does not."""
REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(\[[^\]]*\])?")
LEFT_OUT = frozenset({"__pycache__", "notebooks", "widgets"})
STAMP = (2026, 1, 1, 0, 0, 0)  # the same content gives the same file

SETUP = r"""#!/usr/bin/env bash
# Installs Python 3.11 or newer, where there is none, and what Skylab stands on, into a folder of its own.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

find_python() {
    for name in python3.14 python3.13 python3.12 python3.11 python3; do
        command -v "$name" > /dev/null || continue
        "$name" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' || continue
        command -v "$name"
        return
    done
    return 1
}

if ! python="$(find_python)"; then
    apt-get update
    apt-get install -y python3.12 python3.12-venv || apt-get install -y python3.11 python3.11-venv
    python="$(find_python)"
fi
if ! "$python" -m venv "$here/venv"; then
    apt-get update
    apt-get install -y python3-venv
    "$python" -m venv "$here/venv"
fi
"$here/venv/bin/python" -m pip install --no-cache-dir \
    -r "$here/requirements.txt" -c "$here/constraints.txt"
# The processes that hold student code look at no environment, so Skylab has to be found without one.
"$here/venv/bin/python" -c 'import pathlib, sys, sysconfig
pathlib.Path(sysconfig.get_path("purelib"), "skylab.pth").write_text(sys.argv[1] + "\n")' "$here/skylab"
"""

RUN = """#!/usr/bin/env bash
# Grades what lies in submission/ and writes results/results.json, whatever happens.
set -u
root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source="$root/source"
export PYTHONPATH="$source/skylab" PYTHONDONTWRITEBYTECODE=1
exec "${SKYLAB_PYTHON:-$source/venv/bin/python}" -m graders.exports.gradescope_run "$root"
"""


def autograder(
    exercises: Sequence[Exercise],
    *,
    roster: Roster | None = None,
    allow_reduced: bool = False,
    secret: str | None = None,
) -> bytes:
    """The zip file for one Gradescope assignment.

    Args:
        roster: who is in the class; with it, a student is found by email, name or id, and has the variant of
            the roster's key. Without it, the variant is that of what stands before the @ of the email.
        allow_reduced: run programs even where they cannot be shut in fully; each mark says so.
        secret: what the hidden variants are drawn from, the same for all submissions; a new one by default.
    """
    configuration = _configuration(exercises, roster, allow_reduced, secret or secrets.token_hex())
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "setup.sh", SETUP.encode(), executable=True)
        _add(archive, "run_autograder", RUN.encode(), executable=True)
        _add(archive, "requirements.txt", "".join(_requirements()).encode())
        _add(archive, "constraints.txt", "".join(_constraints()).encode())
        _add(archive, CONFIGURATION, configuration.encode())
        for name, data in _package_files():
            _add(archive, f"skylab/{name}", data)
    return file.getvalue()


def _add(archive: zipfile.ZipFile, name: str, data: bytes, *, executable: bool = False) -> None:
    info = zipfile.ZipInfo(name, STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (0o100755 if executable else 0o100644) << 16
    archive.writestr(info, data)


def _requirements() -> Iterator[str]:
    """What grading stands on, without what only screens need."""
    for said in distribution("skylab").requires or ():
        match = REQUIREMENT.match(said)
        if match and "extra ==" not in said and match[1].casefold() not in SCREENS:
            yield f"{match[1]}{match[2] or ''}\n"


def _constraints() -> Iterator[str]:
    """Every version that is installed here: the marks there shall be the marks here."""
    installed = {each.metadata["Name"]: each.version for each in distributions()}
    return (f"{name}=={installed[name]}\n" for name in sorted(installed) if name and name != "skylab")


def _configuration(
    exercises: Iterable[Exercise], roster: Roster | None, allow_reduced: bool, secret: str
) -> str:
    entries = roster.entries if roster else ()
    said = {
        "exercises": [exercise.id for exercise in exercises],
        "allow_reduced": allow_reduced,
        "secret": secret,
        "roster": [{"student": each.student, "name": each.name, "ids": dict(each.ids)} for each in entries],
    }
    return json.dumps(said, indent=1)


def _package_files() -> Iterator[tuple[str, bytes]]:
    """Skylab itself, as one installs it, without its screens."""
    for package in PACKAGES:
        yield from _files(resources.files(package), package)
    folder = notebook_folder()
    for path in sorted(folder.glob("*.ipynb")) if folder else ():
        yield f"labs/notebooks/{path.name}", path.read_bytes()
    skylab = distribution("skylab")
    metadata = f"Metadata-Version: 2.1\nName: skylab\nVersion: {skylab.version}\n"
    yield f"skylab-{skylab.version}.dist-info/METADATA", metadata.encode()


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.name in LEFT_OUT or entry.name.startswith("."):
            continue
        if entry.is_file():
            yield f"{prefix}/{entry.name}", entry.read_bytes()
        else:
            yield from _files(entry, f"{prefix}/{entry.name}")
