"""Programs that stand around the server: systemd, nginx, Caddy, Tor. Nothing else lives here.

The invariant: a program that is missing is never silent. Where CI=true it is installed, as root on Debian, and a
test that cannot run fails; elsewhere nothing is installed (such packages start services), and the test says
"not run" and what to type.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

INSTALL = Path(__file__).parents[2] / "ops" / "install" / "debian.sh"
PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
CI = os.environ.get("CI") == "true"


def not_run(why: str) -> NoReturn:
    """End a test that cannot run here: a failure where CI=true."""
    if CI:
        pytest.fail(why)
    pytest.skip(f"not run: {why}")


@pytest.fixture(scope="session")
def program() -> Callable[[str, str], str]:
    """Return the path of a program of a Debian package: `program("nginx", "nginx-light")`."""

    def find(name: str, package: str) -> str:
        if CI and not shutil.which(name, path=PLACES):
            command = '. "$1" && root_on_debian && install_packages "$2"'
            subprocess.run(["sh", "-c", command, "sh", INSTALL, package], check=False, timeout=600)
        found = shutil.which(name, path=PLACES)
        return found or not_run(f"{name} is not here. Please type, as root: apt-get install {package}")

    return find
