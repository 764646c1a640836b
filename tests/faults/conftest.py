"""A disk that keeps only what was synced, under an installation of its own.

The invariant: a compiler that is missing is never silent. `make test-full` installs it, as root on Debian; where
CI=true a test that has none fails, elsewhere it says "not run" and what to type.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.disk import Disk, build
from tests.web.installation import Installation

NONE = "There is no C compiler here. Please type, as root: apt-get install gcc libc6-dev"


@pytest.fixture
def place(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "server")


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library of `disk.c`, built here and now."""
    compiler = shutil.which("cc")
    if compiler:
        return build(tmp_path_factory.mktemp("disk"), compiler)
    if os.environ.get("CI") == "true":
        pytest.fail(NONE)
    pytest.skip(f"not run: {NONE}")


@pytest.fixture
def disk(place: Installation, library: Path, tmp_path: Path) -> Disk:
    return Disk(place.folder, tmp_path / "shadow", library)


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mount a small disk in memory where `place` will be: `mounted("size=6m")`; again, with "remount,ro", to change it.

    Not everybody may mount, and not every machine that tests is allowed to; then the test says so.
    """
    folder = tmp_path / "server"
    folder.mkdir()

    def mount(options: str) -> Path:
        if not shutil.which("mount"):
            pytest.skip("not run: there is no mount here")
        command = ["mount", "-t", "tmpfs", "-o", options, "offramp-test", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"not run: nothing can be mounted here ({done.stderr.strip()})")
        return folder

    yield mount
    if folder.is_mount():
        subprocess.run(["umount", "--lazy", folder], check=True, capture_output=True)
