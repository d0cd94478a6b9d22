"""The walls hold for an ordinary user as they do for root: the same attacks, run without root's rights."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SYSTEM = Path("/usr/bin/python3")
AS_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def why_not() -> str | None:
    """Why the attacks cannot be run as another user here; None where they can."""
    if os.geteuid():
        return "the tests run as an ordinary user already"
    if shutil.which("setpriv") is None:
        return "there is no setpriv"
    version = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    if not SYSTEM.exists() or subprocess.run([*AS_NOBODY, SYSTEM, "-I", "-c", version]).returncode:
        return "there is no Python of this version that every user may run"
    if subprocess.run([*AS_NOBODY, "test", "-r", str(ROOT / "pyproject.toml")]).returncode:
        return "this checkout is readable by root only"
    return None


REASON = why_not()


@pytest.mark.slow
@pytest.mark.skipif(REASON is not None, reason=str(REASON))
def test_every_attack_has_the_same_end_for_an_ordinary_user() -> None:
    with tempfile.TemporaryDirectory(prefix="skylab-user-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        (home / "tmp").mkdir()
        (home / "tmp").chmod(0o777)
        subprocess.run([SYSTEM, "-m", "venv", "--without-pip", home / "venv"], check=True)
        packages = next(home.glob("venv/lib/python*/site-packages"))
        ours = next(path for path in sys.path if path.endswith("site-packages"))
        (packages / "skylab.pth").write_text(f"{ours}\n{ROOT}\n", "utf-8")
        done = subprocess.run(
            [
                *AS_NOBODY,
                *(home / "venv/bin/python", "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0"),
                *("--rootdir", ROOT, ROOT / "tests/graders/box/test_box_attacks.py"),
            ],
            cwd=home / "tmp",
            env={"PATH": os.defpath, "HOME": str(home / "tmp"), "TMPDIR": str(home / "tmp")},
            capture_output=True,
            text=True,
            timeout=300,
        )
    assert done.returncode == 0, done.stdout + done.stderr
