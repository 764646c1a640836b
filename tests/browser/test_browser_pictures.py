"""Every text of a survey stands on the picture that a reviewer's sheet names for it."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from offramp.language import Tag
from offramp.translation import read_sources, write_sheet
from offramp.translation.sheet import picture
from tests.browser.pictures import draw, every_page, shown, write_index
from tests.web.installation import CONTENT

pytestmark = pytest.mark.full
ET = Tag("et")


def test_pictures_show_what_sheets_say(tmp_path: Path, chromium_program: str) -> None:
    pages = every_page(ET)
    texts = {name: seen.text for name, seen in pages.items()}
    sources = read_sources(CONTENT)
    for slug in ("help-us", "no-need"):
        found = dict(shown(sources[slug], ET, texts))
        assert set(found) == set(sources[slug].texts)
        asked = {key for key in found if key.startswith("question/")}
        assert {key: found[key] for key in asked} == {key: picture(sources[slug], key, ET) for key in asked}
    there, nowhere = write_index(tmp_path, ET, texts)
    assert there > 20 * nowhere
    write_sheet(sources["interface"], ET, tmp_path / "sheet.csv", tmp_path)
    assert "interface-consent-et.png" in (tmp_path / "sheet.csv").read_text(encoding="utf-8-sig")
    few = dict(islice(pages.items(), 3))
    draw(tmp_path, few, chromium_program)
    assert all((tmp_path / name).read_bytes().startswith(b"\x89PNG") for name in few)
