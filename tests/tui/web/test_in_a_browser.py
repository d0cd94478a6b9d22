"""Both pages in a real browser: the app that `skylab serve` shows, and the page on which a class votes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

MINUTE = 60_000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
"""Chromium without what it would ask the network for."""


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    """A headless browser, started once."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        yield browser
        browser.close()


class Terminal:
    """What a page's terminal was told to show so far, without colours and places."""

    def __init__(self, page: Any) -> None:
        self.page, self.text = page, ""
        page.on("websocket", lambda socket: socket.on("framereceived", self.take))

    def take(self, payload: str | bytes) -> None:
        if isinstance(payload, bytes):
            self.text += re.sub(r"\x1b\[[0-9;?<>=]*[a-zA-Z]", "", payload.decode("utf-8", "replace"))

    def shows(self, words: str) -> None:
        """Wait until the terminal was told to show some words."""
        for _ in range(600):
            if words in self.text:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{words!r} is not in {self.text[-4000:]!r}")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`skylab serve` on a new workspace, and the address that it has printed."""
    environment = {**os.environ, "HOME": str(tmp_path), "TEXTUAL_ANIMATIONS": "none"}
    command = [sys.executable, "-m", "tui", "serve", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())["url"]
        finally:
            process.kill()


def test_the_app_opens_in_a_browser_takes_keys_and_lets_nobody_else_in(
    browser: Any, served: tuple[subprocess.Popen[str], str]
) -> None:
    from labs.course import load_course

    process, url = served
    host = url.split("/")[2]
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(MINUTE)
    asked: list[str] = []
    faults: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    terminal = Terminal(page)
    unit = load_course().units[0]

    page.goto(url)
    page.locator("body.-first-byte").wait_for()
    terminal.shows(unit.title)
    course_map = page.screenshot()
    page.keyboard.press("l")  # no click before it: the terminal has the focus
    terminal.shows(unit.pages[0].title)

    assert page.title().startswith("Skylab")
    assert page.screenshot() != course_map
    assert {each.split("/")[2] for each in asked} == {host}
    assert faults == []

    stranger = browser.new_context().new_page()
    refused = stranger.goto(f"http://{host}/wrong/")
    assert refused.status == 403
    assert "address is not whole" in stranger.inner_text("body")
    # A page of another origin, in the same browser, that has even found out the token.
    stranger.goto(f"http://localhost:{host.split(':')[1]}/")
    opened = stranger.evaluate(
        """url => new Promise(done => {
            const socket = new WebSocket(url);
            socket.onopen = () => done("open");
            socket.onerror = () => done("refused");
        })""",
        url.replace("http", "ws") + "ws",
    )
    assert opened == "refused"

    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0
    page.get_by_role("button", name="Open it here").wait_for()
    assert process.stdout is not None
    assert process.stdout.read() == ""
    context.close()
