"""Every notebook runs from top to bottom on a machine with nothing set up, and is kept without outputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with nothing in it, seen by the notebook's kernel."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    return tmp_path


def run(path: Path, folder: Path) -> list[dict[str, Any]]:
    """The cells of a notebook after it ran in a folder."""
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    return [dict(cell) for cell in notebook.cells]


def shown(cells: list[dict[str, Any]]) -> str:
    """Everything that a notebook's cells put out, as one text."""
    return json.dumps([cell.get("outputs", []) for cell in cells], ensure_ascii=False)


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    cells = json.loads(path.read_text("utf-8"))["cells"]

    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in cells if "outputs" in cell)
    assert len({cell["id"] for cell in cells}) == len(cells)


def test_the_notebook_on_policies_teaches_on_a_live_world(home: Path) -> None:
    cells = run(FOLDER / "4-policies.ipynb", home)
    output = shown(cells)

    assert "because no identity-based policy allows the s3:GetObject action" in output
    assert "with an explicit deny in an identity-based policy" in output
    assert output.count("It went through: 200") == 2
    assert "application/vnd.jupyter.widget-view+json" in output
    assert "Bucket or object?" in output
    assert "{{" not in output
    assert (home / "skylab" / ".skylab" / "progress.sqlite").is_file()
