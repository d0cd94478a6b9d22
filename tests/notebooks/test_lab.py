"""JupyterLab in a real browser: each instrument of the notebooks is driven by hand, and follows.

All stand on one page, which is made of the notebooks' own cells: a server, a kernel and a browser are started
once.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.notebooks.running import FOLDER, cells_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MINUTE = 60_000
INSTRUMENTS = (
    ("01-arns", "parts-instrument"),
    ("02-cidr", "prefix-instrument"),
    ("03-policies", "caps-instrument"),
    ("04-instances", "chain-instrument"),
    ("04-instances", "metadata-instrument"),
    ("05-billing", "stopped-instrument"),
)


def gallery() -> dict[str, Any]:
    """A notebook with the cells in which the notebooks show their instruments."""
    imports = "from labs.widgets import *"
    sources = [imports]
    for name, cell_id in INSTRUMENTS:
        (cell,) = (each for each in cells_of(FOLDER / f"{name}.ipynb") if each["id"] == cell_id)
        sources.append("".join(cell["source"]))
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {},
            "source": source,
            "execution_count": None,
            "outputs": [],
        }
        for number, source in enumerate(sources)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """The address of the gallery in a JupyterLab that is started as `skylab lab` starts it."""
    from tui.commands.machine import QUIET, free_port, jupyter_command

    folder, settings = tmp_path / "notebooks", tmp_path / "settings"
    for each in (folder, settings):
        each.mkdir()
    (folder / "gallery.ipynb").write_text(json.dumps(gallery()), "utf-8")
    (settings / "overrides.json").write_text(json.dumps(QUIET))
    environment = {**os.environ, "HOME": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}
    port, token = free_port(), "a-token-of-the-test"
    command = jupyter_command(folder, str(settings), port=port, token=token, browser=False)
    log = tmp_path / "lab.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            wait_for(process, port, log)
            yield f"http://127.0.0.1:{port}/lab/tree/gallery.ipynb?token={token}&reset"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until somebody listens at a port."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text('utf-8', 'replace')}")


@pytest.fixture
def page(browser: Any) -> Any:
    """A page in a headless browser."""
    return browser.new_page(viewport={"width": 1280, "height": 1600})


def opened(page: Any, lab: str) -> Any:
    """The page with the gallery, when every instrument stands on it."""
    page.set_default_timeout(MINUTE)
    page.goto(lab)
    page.locator(".jp-Notebook .jp-CodeCell").last.wait_for()
    page.get_by_text("| Idle").wait_for()  # before its kernel is there, running cells asks for one
    page.get_by_role("menuitem", name="Run").first.click()
    page.get_by_text("Run All Cells", exact=True).click()
    for name in ("arns", "cidr", "decision", "credentials", "bill"):
        page.locator(f".skylab.{name}").first.wait_for()
    return page


def shown(page: Any, name: str, text: str, place: int = 0) -> None:
    """Wait until an instrument shows a text."""
    page.locator(f".skylab.{name}").nth(place).filter(has_text=text).wait_for()


def drive_the_dissector(page: Any) -> None:
    field = page.get_by_label("ARN", exact=True)
    field.fill("arn:aws:s3:eu-west-1:123456789012:notes")
    shown(page, "arns", "The Region stays empty here")

    page.get_by_role("button", name="Take arn:aws:s3:::notes").press("Enter")

    shown(page, "arns", "Nothing is wrong with it")
    assert field.input_value() == "arn:aws:s3:::notes"


def drive_the_planner(page: Any) -> None:
    page.get_by_role("button", name="Split in two").click()
    page.get_by_role("button", name="10.20.128.0/17").press("Enter")  # by keyboard, as by mouse
    shown(page, "cidr", "10.20.128.0 – 10.20.255.255")

    page.get_by_role("button", name="Join with its half").click()
    shown(page, "cidr", "10.20.0.0 – 10.20.255.255")

    page.get_by_label("compare with").fill("10.20.128.0/18")
    page.get_by_label("compare with").press("Tab")
    shown(page, "cidr", "They overlap.")


def drive_the_evaluator(page: Any) -> None:
    shown(page, "decision", "✓ Allowed")
    type_into(page, "action", "s3:DeleteObject")
    shown(page, "decision", "The permissions boundary does not allow s3:DeleteObject")

    turn_to(page, "boundary •")
    held = page.get_by_label("boundary", exact=True).input_value()
    type_into(page, "boundary", held.replace("Get", "Delete"))
    shown(page, "decision", "✓ Allowed")

    turn_to(page, "SCP")
    deny = {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"}
    type_into(page, "SCP", policy_text(deny))
    shown(page, "decision", "✗ Explicitly denied")
    type_into(page, "SCP", "")
    shown(page, "decision", "✓ Allowed")

    turn_to(page, "resource")
    type_into(page, "resource policy", policy_text({**deny, "Principal": "*"}))
    shown(page, "decision", "✗ Explicitly denied")
    type_into(page, "resource policy", "")

    turn_to(page, "session")
    type_into(page, "session policy", policy_text({**deny, "Effect": "Allow", "Action": "s3:ListBucket"}))
    type_into(page, "principal", "arn:aws:sts::123456789012:assumed-role/night/run")
    shown(page, "decision", "The session policy does not allow s3:DeleteObject")


def policy_text(statement: dict[str, str]) -> str:
    """A policy with one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def turn_to(page: Any, tab: str) -> None:
    """Open a tab of the evaluator."""
    page.get_by_role("tab", name=tab, exact=True).click()


def type_into(page: Any, name: str, text: str) -> None:
    """Fill a field and leave it."""
    field = page.get_by_label(name, exact=True)
    field.fill(text)
    field.press("Tab")


def drive_the_chain(page: Any) -> None:
    shown(page, "credentials", "boto3 uses: instance metadata")
    page.get_by_label("credentials file").press("Space")
    shown(page, "credentials", "boto3 uses: credentials file")


def drive_the_stepper(page: Any) -> None:
    for status in ("1PUT", "2GET", "3GET"):
        page.get_by_role("button", name="Next request").click()
        shown(page, "credentials", status, place=1)
    shown(page, "credentials", "The program has the role's credentials", place=1)

    page.get_by_label("program", exact=True).select_option(label="in a container on it")
    shown(page, "credentials", "no answer", place=1)
    slide(page, "hop limit", "ArrowRight", 1)
    shown(page, "credentials", "The program has the role's credentials", place=1)


def drive_the_bill(page: Any) -> None:
    shown(page, "bill", "$12.10")
    page.get_by_role("button", name="Keep this design").click()
    slide(page, "hours it runs", "Home", 1)

    shown(page, "bill", "$4.36")
    shown(page, "bill", "-$7.74 against the design that was kept")
    assert page.locator(".skylab.bill svg polyline").count() == 1


def slide(page: Any, name: str, key: str, times: int) -> None:
    """Move a slider by keyboard."""
    row = page.locator(".widget-slider").filter(has_text=re.compile(rf"^{re.escape(name)}"))
    handle = row.get_by_role("slider")
    for _ in range(times):
        handle.press(key)


DRIVES: tuple[Callable[[Any], None], ...] = (
    drive_the_dissector,
    drive_the_planner,
    drive_the_evaluator,
    drive_the_chain,
    drive_the_stepper,
    drive_the_bill,
)


def test_each_instrument_follows_the_hand(lab: str, page: Any) -> None:
    opened(page, lab)
    for drive in DRIVES:
        drive(page)
