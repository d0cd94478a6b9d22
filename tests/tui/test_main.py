"""How `skylab` leaves: at once, with the status that was meant and all that was said."""

from __future__ import annotations

import subprocess
import sys

import pytest


def leave(after: str) -> subprocess.CompletedProcess[str]:
    """A `skylab` whose command is this code."""
    lines = "".join(f"    {line}\n" for line in after.splitlines())
    code = f"import atexit, sys, threading, time\nfrom tui import __main__ as skylab\ndef run():\n{lines}"
    code += "skylab._run = run\nskylab.main()\nprint('never')"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("after", "status"),
    [("pass", 0), ("sys.exit()", 0), ("sys.exit(0)", 0), ("sys.exit(1)", 1), ("sys.exit(130)", 130)],
)
def test_its_exit_status_is_the_one_that_was_meant(after: str, status: int) -> None:
    done = leave(after)

    assert (done.returncode, done.stdout, done.stderr) == (status, "", "")


def test_a_sentence_in_place_of_a_status_is_told() -> None:
    done = leave("sys.exit('It is gone.')")

    assert (done.returncode, done.stderr) == (1, "It is gone.\n")


def test_all_that_was_said_comes_out() -> None:
    done = leave("sys.stdout.write('out'); sys.stderr.write('err')")

    assert (done.stdout, done.stderr) == ("out", "err")


def test_what_is_registered_for_the_end_is_called() -> None:
    assert leave("atexit.register(print, 'ended')").stdout == "ended\n"


def test_a_thread_that_must_finish_is_waited_for_and_no_other_one() -> None:
    thread = "threading.Thread(target=lambda: (time.sleep(0.3), print('done')), daemon={}).start()"

    assert leave(thread.format(False)).stdout == "done\n"
    assert leave(thread.format(True)).stdout == ""


def test_output_that_cannot_be_written_is_no_success() -> None:
    done = leave("sys.stdout = open('/dev/full', 'w'); print('lost')")

    assert done.returncode != 0
    assert "No space left" in done.stderr
