"""What R made of classic public data, as it was recorded (tests/desk/r), and how near we have to come."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).parent / "r"
RECORDED = SCRIPTS / "recorded"


def recorded(topic: str, folder: Path = RECORDED) -> dict[str, Any]:
    return json.loads((folder / f"{topic}.json").read_text(encoding="utf-8"))


def closed(value: object) -> Any:
    """What a formula gives, to 1e-8."""
    return pytest.approx(value, rel=1e-8, abs=1e-12)


def iterative(value: object) -> Any:
    """What is found by approaching it, to 1e-5."""
    return pytest.approx(value, rel=1e-5, abs=1e-7)
