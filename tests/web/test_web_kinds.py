"""Whether the pages that others look at are really all kinds of pages."""

from __future__ import annotations

from pathlib import Path

import pytest

import offramp.web
from offramp.web.pages import Pages
from tests.web.kinds import kinds_in
from tests.web.programme_kinds import programme_kinds_in

TEMPLATES = Path(offramp.web.__file__).parent / "templates"


def test_every_template_that_is_a_page_is_among_the_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: set[str] = set()
    page = Pages.page

    def watched(self: Pages, template: str, *more: object, **values: object) -> object:
        rendered.add(template)
        return page(self, template, *more, **values)  # type: ignore[arg-type]

    monkeypatch.setattr(Pages, "page", watched)
    kinds = kinds_in.__wrapped__("en")
    programme = programme_kinds_in.__wrapped__("en")
    pages = [path for path in TEMPLATES.rglob("*.html") if "{% extends" in path.read_text(encoding="utf-8")]
    whole = {str(path.relative_to(TEMPLATES)) for path in pages}
    assert whole == rendered
    assert len(kinds) > 70
    assert len(programme) > 30
    for name in ("gentle", "complaint", "lost", "saved", "no-need-harm"):
        assert kinds[name].tree.xpath("//main"), name
    assert kinds["gentle"].tree.xpath("//*[@id='gentle']")
    assert kinds["no-need-harm"].tree.xpath("//div[@class='matrix']")
    assert kinds["complaint"].tree.xpath("//*[@id='errors']")
