"""R run again where it is installed: it still says what was recorded."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.desk.recorded import RECORDED, SCRIPTS, closed, recorded

TOPICS = sorted(path.stem for path in SCRIPTS.glob("*.R") if path.stem != "record")


def test_every_script_has_a_record() -> None:
    assert sorted(path.stem for path in RECORDED.glob("*.json")) == TOPICS


@pytest.mark.full
@pytest.mark.skipif(not shutil.which("Rscript") and not os.environ.get("CI"), reason="R is not installed")
def test_r_says_again_what_was_recorded(tmp_path: Path) -> None:
    script = str((SCRIPTS / "record.R").relative_to(Path.cwd()))
    run = subprocess.run(["Rscript", script, str(tmp_path)], capture_output=True, text=True, timeout=110)
    assert run.returncode == 0, run.stderr
    for topic in TOPICS:
        again, before = recorded(topic, tmp_path), recorded(topic)
        again.pop("made_by")
        before.pop("made_by")
        same(again, before, topic)


def same(one: Any, other: Any, place: str) -> None:
    if isinstance(one, dict):
        assert one.keys() == other.keys(), place
        for key in one:
            same(one[key], other[key], f"{place}.{key}")
    elif isinstance(one, list):
        assert len(one) == len(other), place
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            same(left, right, f"{place}[{number}]")
    elif isinstance(one, float):
        assert one == closed(other), place
    else:
        assert one == other, place
