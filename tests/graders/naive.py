"""A naive grader, against which the attacks are shown to work: it runs the program in its own process.

python naive.py PROGRAM VERDICT: takes the program in, compares what it returns, and writes what it saw.
"""

import json
import sys
from pathlib import Path
from typing import Any

EXPECTED = {2: 4, 21: 42}


def main() -> None:
    source, verdict = Path(sys.argv[1]).read_text("utf-8"), Path(sys.argv[2])
    program: dict[str, Any] = {"__name__": "task"}
    said = ""
    try:
        exec(compile(source, "task.py", "exec"), program)
        right = all(program["double"](number) == wanted for number, wanted in EXPECTED.items())
    except Exception as error:
        right, said = False, f"{type(error).__name__}: {error}"
    verdict.write_text(json.dumps({"right": bool(right), "said": said}), "utf-8")


if __name__ == "__main__":
    main()
