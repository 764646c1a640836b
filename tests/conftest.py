"""Which browser the tests drive. Nothing else lives here: what a test needs, it shows.

The invariant: a browser that is missing is never silent. The tests that want it say "not run", and where
CI=true they fail.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

INSTALL = Path(__file__).parent.parent / "ops" / "install"
NO_FIREFOX = "No Firefox runs here. Please type, as root: apt-get install firefox-esr"
NONE = "No Chromium can be driven here. Please type, as root: apt-get install chromium libatomic1"


@pytest.fixture(scope="session")
def chromium_program() -> str:
    """The path of a Chromium that runs and that Playwright can drive."""
    return _found([INSTALL / "browser.sh", "find", sys.executable], NONE)


@pytest.fixture(scope="session")
def firefox_program() -> str:
    """The path of a Firefox that runs."""
    return _found([INSTALL / "firefox.sh", "find"], NO_FIREFOX)


def _found(finder: list[str | Path], otherwise: str) -> str:
    found = subprocess.run(finder, capture_output=True, text=True, check=False)
    if found.returncode == 0:
        return found.stdout.strip()
    if found.stderr:
        pytest.fail(found.stderr.strip())
    if os.environ.get("CI") == "true":
        pytest.fail(otherwise)
    pytest.skip(f"not run: {otherwise}")


# A newcomer's machine may be busy: examples are counted, not timed.
settings.register_profile("offramp", deadline=None)
settings.load_profile("offramp")
