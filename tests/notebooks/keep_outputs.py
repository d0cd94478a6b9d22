"""Run the notebooks and keep what the cells tagged "kept" put out; run by hand after a change to a notebook.

python -m tests.notebooks.keep_outputs [NAME…]
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from tests.notebooks.running import cells_of, is_kept, notebooks, output_of, run


def keep(path: Path) -> int:
    """Run a notebook in a home of its own, and write its file anew; how many cells have an output."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["HOME"] = os.environ["IPYTHONDIR"] = os.environ["JUPYTER_RUNTIME_DIR"] = home
        ran = run(path)
    document = json.loads(path.read_text("utf-8"))
    document["cells"] = cells_of(path)
    for cell, fresh in zip(document["cells"], ran, strict=True):
        if cell["cell_type"] == "code":
            cell["execution_count"] = None
            cell["outputs"] = [
                {**output, "text": output["text"].splitlines(keepends=True)} if "text" in output else output
                for output in (output_of(fresh) if is_kept(cell) else [])
            ]
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return sum(bool(cell.get("outputs")) for cell in document["cells"])


if __name__ == "__main__":
    for each in notebooks():
        if not sys.argv[1:] or any(name in each.name for name in sys.argv[1:]):
            print(each.name, keep(each), "cells with an output")
