"""JupyterLab in a real browser: the notebook of unit 4 runs, and its policy evaluator follows the typing."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MINUTE = 60_000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """The address of a JupyterLab that `skylab lab` has opened."""
    environment = {**os.environ, "HOME": str(tmp_path)}
    environment["JUPYTER_RUNTIME_DIR"] = str(tmp_path / "runtime")
    command = [sys.executable, "-m", "tui", "lab", "--no-browser", "--port", "0"]
    log = tmp_path / "lab.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield address(process, log)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def address(process: subprocess.Popen[bytes], log: Path) -> str:
    """The notebook's address, when JupyterLab answers where `skylab lab` says it does."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        text = log.read_text("utf-8", "replace")
        found = re.search(r"http://127\.0\.0\.1:(\d+)/lab\?token=(\w+)", text)
        if found and answers(int(found[1])):
            return f"http://127.0.0.1:{found[1]}/lab/tree/4-policies.ipynb?token={found[2]}&reset"
        time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text('utf-8', 'replace')}")


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def page(chromium: str) -> Iterator[Any]:
    """A page in a headless browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        yield browser.new_page(viewport={"width": 1280, "height": 1600})
        browser.close()


def test_the_policy_evaluator_follows_what_is_typed(lab: str, page: Any) -> None:
    page.goto(lab)
    page.get_by_role("heading", name="Every call is a question").wait_for(timeout=MINUTE)
    page.get_by_role("menuitem", name="Run").first.click()
    page.get_by_text("Run All Cells", exact=True).click()

    action = page.get_by_label("action", exact=True).first
    action.wait_for(timeout=MINUTE)
    decision = page.locator(".skylab .headline").last
    action.scroll_into_view_if_needed()
    decision.filter(has_text="Allowed").wait_for(timeout=MINUTE)

    action.fill("s3:DeleteObject")
    action.press("Tab")

    page.locator(".skylab .headline", has_text="nothing allows it").last.wait_for(timeout=MINUTE)
