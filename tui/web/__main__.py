"""The app for one browser tab: `python -m tui.web WORKSPACE`, as `skylab serve` starts it.

It speaks textual-serve's protocol on its standard streams, so nothing else may be printed there.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tui.app import run

if __name__ == "__main__":
    sys.exit(run(lambda: Path(sys.argv[1])))
