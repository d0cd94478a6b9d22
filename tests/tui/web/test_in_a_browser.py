"""Both pages in a real browser: the app that `skylab serve` shows, and the page on which a class votes."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labs.course.walkthrough import Option
from tui.web.ballot import Question
from tui.web.polling import PollPage

pytestmark = pytest.mark.browser

MINUTE = 60_000


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


ASKED = Question(
    1,
    "the bucket or its objects",
    "The same alice runs `aws s3 ls s3://a-bucket-with-a-very-long-name-that-does-not-break-anywhere/`. "
    "What happens?",
    (
        Option("A", "She sees the keys: `/*` covers everything in the bucket.", "S1"),
        Option("B", "Denied: listing is asked of the bucket, and the policy names its objects."),
        Option("C", "She sees only the keys that she may read."),
    ),
    ("aws sts assume-role --role-session-name night --role-arn arn:aws:iam::123456789012:role/trainer",),
)


@pytest.fixture
def polls() -> Iterator[PollPage]:
    page = PollPage(ipaddress.ip_address("127.0.0.1"), 0)
    page.start()
    yield page
    page.close()


def phone(browser: Any, **options: Any) -> Any:
    """A page on a device of its own, as wide as a small phone."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, **options)
    page = context.new_page()
    page.set_default_timeout(MINUTE)
    return page


def test_a_class_votes_by_phone(browser: Any, polls: PollPage) -> None:
    ballot, origin = polls.ballot, polls.door.origin
    ann, ben = phone(browser), phone(browser, java_script_enabled=False, color_scheme="dark")
    asked: list[str] = []
    ann.context.on("request", lambda request: asked.append(request.url))
    ann.clock.install()

    def look_for_news() -> None:
        ann.clock.fast_forward(5000)

    for page in (ann, ben):
        page.goto(origin)
        page.get_by_role("heading", name="No question now").wait_for()
    ballot.ask(ASKED)
    look_for_news()
    ann.get_by_role("button", name="Denied").click()  # the question came by itself
    ann.locator(".choice.mine").filter(has_text="Denied").wait_for()
    ben.goto(origin)
    ben.get_by_role("button", name="She sees the keys").click()
    assert ballot.counts(1) == {"B": 1, "A": 1}
    ben.get_by_role("button", name="only the keys").click()
    assert ballot.counts(1) == {"B": 1, "C": 1}
    assert ben.locator(".choice.mine").count() == 1
    for page in (ann, ben):
        assert page.locator("body").evaluate("body => document.documentElement.scrollWidth") <= 390
        assert "answer" not in page.locator("ul").inner_text().lower()

    ballot.ask(replace(ASKED, open=False))
    ben.get_by_role("button", name="Denied").click()  # from the page as it was before
    ben.get_by_text("The vote was closed before yours came.").wait_for()
    look_for_news()
    ann.get_by_text("The vote is closed. The answer comes soon.").wait_for()
    assert ballot.counts(1) == {"B": 1, "C": 1}
    assert ben.get_by_role("button").count() == 0

    ballot.ask(replace(ASKED, open=False, revealed=True, answer="B"))
    look_for_news()
    ann.locator(".choice.right.mine").filter(has_text="The answer").wait_for()
    assert ann.locator("body").evaluate("body => document.documentElement.scrollWidth") <= 390
    assert {each.split("/")[2] for each in asked} == {polls.door.host}

    stranger = phone(browser)
    stranger.goto(f"http://localhost:{polls.door.port}/")
    assert "Open it as" in stranger.inner_text("body")
    for page in (ann, ben, stranger):
        page.context.close()
