"""A real browser with scripts off, as a respondent at Tor Browser's "Safest" level has it.

Starts no server and knows no page. The invariant: each page is in a context of its own, so that nothing
(cache, cookie, history) passes from one test to the next.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NO_FONTS = "The fonts are not here. Please type, as root: apt-get install fonts-noto-core fonts-noto-cjk"
PHONE_HEIGHT = 720
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def chromium(chromium_program: str) -> Iterator[Browser]:
    """A running Chromium, for any context that a test wants (desktop width, scripts on).

    One per file and not per session: Playwright keeps an event loop running in this thread as long as it lives,
    and every later test that calls `asyncio.run` would fail.
    """
    with launched(chromium_program) as browser:
        yield browser


@contextmanager
def launched(program: str) -> Iterator[Browser]:
    """Run a Chromium as long as it is wanted."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            chromium_sandbox=os.geteuid() != 0,  # Chromium's sandbox refuses root
            args=QUIET,
        )
        yield browser
        browser.close()


@pytest.fixture
def page_without_scripts(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """An empty page on a phone, scripts off.

    360 px wide, or as wide as asked: `@pytest.mark.parametrize("page_without_scripts", [320, 390], indirect=True)`.
    """
    width: int = getattr(request, "param", 360)
    context = chromium.new_context(
        java_script_enabled=False, viewport={"width": width, "height": PHONE_HEIGHT}
    )
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def fonts() -> None:
    """Fonts for every script that our pages are written in."""
    installed = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, check=False).stdout
    if {"Noto Sans", "Noto Sans Arabic", "Noto Sans CJK JP"} <= set(re.split(r"[,\n]", installed)):
        return
    if os.environ.get("CI") == "true":
        pytest.fail(NO_FONTS)
    pytest.skip(f"not run: {NO_FONTS}")
