"""axe-core, a program that knows the rules of WCAG 2.2 AA, finds nothing wrong on any kind of page in any language.

It is a script, and our pages have none and allow none: so each page is shown to have no script first, and then looked
at as it was sent in a context that runs axe-core beside it. People still have to look: a program sees perhaps a third
of what keeps somebody from reading a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.web.installation import EVERY
from tests.web.kinds import kinds_in, kinds_once
from tests.web.respondent import Seen

PHONE, DESKTOP = 375, 1000
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What it found, and what it could not decide; both are to be nothing.
LOOK = """async tags => {
  const wanted = {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations', 'incomplete']};
  const found = await axe.run(document, wanted);
  return {held: found.passes.length, wrong: [...found.violations, ...found.incomplete].map(rule =>
    rule.id + ': ' + rule.nodes.map(node => node.html.slice(0, 120)).join(' | '))};
}"""


@pytest.fixture(scope="module")
def beside_axe(chromium: Browser) -> Iterator[Page]:
    """A page with axe-core in it, whose document is then replaced again and again."""
    context = chromium.new_context(viewport={"width": PHONE, "height": 720})
    page = context.new_page()
    page.set_content("<p>nothing yet")
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    yield page
    context.close()


def look(page: Page, html: str) -> dict[str, Any]:
    page.set_content(html.replace("<details", "<details open"))
    found: dict[str, Any] = page.evaluate(LOOK, RULES)
    return found


def assert_no_script(seen: Seen) -> None:
    assert not seen.tree.xpath("//script | //@*[starts-with(name(), 'on')]")
    assert "script-src" not in seen.headers["content-security-policy"]
    assert seen.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("language", EVERY)
def test_nothing_keeps_anybody_from_reading_a_page(beside_axe: Page, language: str) -> None:
    found = {}
    for name, seen in kinds_once(kinds_in(language)).items():
        assert_no_script(seen)
        looked = look(beside_axe, seen.body.decode())
        assert looked["held"] > 10, name
        if looked["wrong"]:
            found[name] = looked["wrong"]
    assert found == {}


@pytest.mark.full
@pytest.mark.parametrize("language", ["en", "ar", "ja"])
def test_nor_on_a_wide_screen(beside_axe: Page, language: str) -> None:
    beside_axe.set_viewport_size({"width": DESKTOP, "height": 720})
    pages = kinds_in(language)
    for name in ("no-need-harm", "page-stopping", "message", "help"):
        assert look(beside_axe, pages[name].body.decode())["wrong"] == [], name
    beside_axe.set_viewport_size({"width": PHONE, "height": 720})


PLANTED = (
    ("html-has-lang", r"<html lang=\"en\"", "<html"),
    ("color-contrast", r"--ink:#1b2530", "--ink:#b0b0b0"),
    ("label", r"<label for=\"w003\">.*?</label>", ""),
    ("target-size", r"\.buttons\{display:flex;flex-wrap:wrap;gap:\.75rem",
     "button{padding:0!important;border:0!important;font-size:5px!important}.buttons{display:flex;gap:0"),
    ("list", r"<ul class=\"x\">|<form", "<ul><p>x</p></ul><form"),
    ("document-title", r"<title>.*?</title>", ""),
    ("select-name", r"<select name=\"lang\" aria-label=\"[^\"]*\"", '<select name="lang"'),
    ("aria-valid-attr-value", r"aria-describedby=\"w003-hint\"", 'aria-labelledby="nothing"'),
    ("meta-viewport", r"initial-scale=1", "initial-scale=1, user-scalable=no"),
)  # fmt: skip


@pytest.mark.full
@pytest.mark.parametrize(("rule", "sound", "planted"), PLANTED, ids=[rule for rule, _, _ in PLANTED])
def test_a_planted_fault_is_found(beside_axe: Page, rule: str, sound: str, planted: str) -> None:
    html, replaced = re.subn(
        sound, planted, kinds_in("en")["page-beginning"].body.decode(), count=1, flags=re.S
    )
    assert replaced == 1
    assert any(found.startswith(f"{rule}:") for found in look(beside_axe, html)["wrong"])
