"""Where the course's notebooks are: one for each unit that has one, called `NN-UNIT.ipynb`."""

from __future__ import annotations

from pathlib import Path

import labs
from labs.course.catalogue import Unit

__all__ = ["notebook_folder", "notebook_of"]


def notebook_folder() -> Path | None:
    """The folder of the notebooks: beside the packages in a checkout, inside labs when installed."""
    package = Path(labs.__file__).parent
    folders = (package.parent / "notebooks", package / "notebooks")
    return next((folder for folder in folders if any(folder.glob("*.ipynb"))), None)


def notebook_of(unit: Unit) -> Path | None:
    """The notebook of a unit; None where it has none."""
    folder = notebook_folder()
    return next(iter(sorted(folder.glob(f"*-{unit.id}.ipynb"))), None) if folder else None
