"""Archives of code: unpacked once, within bounds, and nowhere else."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from labs.errors import SandboxError
from labs.sandbox.functions import packing
from labs.sandbox.functions.packing import Shelf, is_archive
from tests.labs.sandbox.functions.making import archive


def _with(name: str, text: str = "x = 1") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(name, text)
    return packed.getvalue()


def test_code_and_layers_are_unpacked_once(tmp_path: Path) -> None:
    shelf, layers = Shelf(), [_with("python/lib/python3.11/site-packages/a.py"), _with("python/b.py")]
    found = shelf.unpacked(tmp_path, archive(), layers, "3.11")
    assert (found.task / "app.py").is_file()
    assert [sorted(each.name for each in place.iterdir()) for place in found.layers] == [
        ["lib"],
        ["a.py"],
        ["b.py"],
    ]
    (found.task / "mark").touch()
    assert (shelf.unpacked(tmp_path, archive(), [], "3.11").task / "mark").exists()


@pytest.mark.parametrize("name", ["../out.py", "/out.py", "a/../../out.py"])
def test_nothing_is_written_outside_of_the_folder(tmp_path: Path, name: str) -> None:
    inner = tmp_path / "code"
    inner.mkdir()
    with pytest.raises(SandboxError, match="cannot be unpacked"):
        Shelf().unpacked(inner, _with(name), [], "3.11")
    assert not list(tmp_path.rglob("out.py"))


def test_code_has_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "LARGEST", 100)
    with pytest.raises(SandboxError, match="too large"):
        Shelf().unpacked(tmp_path, _with("a.py", "x" * 60), [_with("b.py", "x" * 60)], "3.11")


def test_what_is_no_archive_cannot_be_unpacked(tmp_path: Path) -> None:
    assert is_archive(archive())
    assert not is_archive(b"def handler(): ...")
    with pytest.raises(SandboxError, match="cannot be unpacked"):
        Shelf().unpacked(tmp_path, b"PK", [], "3.11")
