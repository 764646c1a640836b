"""A live installation: a tiny approved instrument, and a study with its particulars. Nothing in it is real.

The invariant: it serves as it is, so that a test that takes one thing away sees that thing refused.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.web.installation import CONTENT, Clock, Installation

TINY = Path(__file__).parents[1] / "golden" / "tiny"
PARTICULARS = {
    "title": "What people like about tea",
    "controller": "The invented Institute of Tea, Nowhere",
    "contact": "tea@study.invalid",
    "ethics_approval": "Board of the invented institute, no. 0",
    "legal_basis": "Consent of those who answer",
    "retention": "Until the tea is cold",
    "disclosures": "Nobody answers about anything but tea",
}


def tiny_content(folder: Path) -> Path:
    """Return a copy of the tiny content with the real words of the pages, taken as approved for this test."""
    content = folder / "content"
    shutil.copytree(TINY, content)
    words = (CONTENT / "interface" / "interface.toml").read_text(encoding="utf-8")
    (content / "interface").mkdir()
    approved = words.replace('state = "draft"', 'state = "approved"', 1)
    (content / "interface" / "interface.toml").write_text(approved, encoding="utf-8")
    return content


def study(**changed: str | None) -> str:
    """Return the settings' table of particulars; one that is None is left out."""
    lines = [f"{key} = '{value}'" for key, value in (PARTICULARS | changed).items() if value is not None]
    return "\n".join(["[study]", *lines, ""])


def live(folder: Path, more: str = "", clock: Clock | None = None) -> Installation:
    """Return a live installation; `more` is added to its settings."""
    return Installation(
        folder / "server", demonstration=False, content=tiny_content(folder), study=study() + more,
        clock=clock or Clock(),
    )  # fmt: skip
