"""What all tests share: an environment without anybody's AWS settings, and worlds that cost little."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from labs.sandbox import Nursery, World

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
"""Chromium without what it would ask the network for."""


def pytest_configure() -> None:
    """Forget the AWS settings and the workspace of whoever runs the tests, also for child processes."""
    for name in [each for each in os.environ if each.startswith(("AWS_", "SKYLAB_", "BOTO_"))]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.devnull
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    # moto reads its settings when it is imported, whichever test does that first.
    from labs.sandbox.moto_setup import prepare_environment

    prepare_environment()


def pytest_collection_finish() -> None:
    """Look for garbage seldom, and never among what was imported: else it is a fifth of the app's tests."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_xdist_auto_num_workers() -> int:
    """For `-n auto`: two a processor, since tests of the app and of worlds wait now and then."""
    return 2 * (os.cpu_count() or 1)


@pytest.fixture(scope="session", autouse=True)
def nothing_quickened() -> Iterator[None]:
    """What a process of Skylab changes of botocore for good stays as it is in the process of the tests."""
    from labs.sandbox import quick_clients, quick_http

    with pytest.MonkeyPatch.context() as patch:
        for module in (quick_clients, quick_http):
            patch.setattr(module, "quicken", lambda: None)
        yield


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """The warm parent that worlds are forked from, one for each process that runs tests."""
    from labs.sandbox import Nursery

    with Nursery() as nursery:
        yield nursery


@pytest.fixture
def world(nursery: Nursery) -> Iterator[World]:
    """A fresh world."""
    with nursery.world(seed=7) as world:
        yield world


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium, for tests that drive a browser."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed")
    return found


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    """A headless browser, started once for the tests of a module."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=BROWSER_FLAGS)
        yield browser
        browser.close()
