"""What programs can judge of every kind of page in every language: axe-core, and whether every letter has a glyph.

axe-core knows the rules of WCAG 2.2 AA. It is a script, and our pages have none and allow none: so each page is shown
to have no script first, and then looked at as it was sent in a context that runs axe-core beside it. People still have
to look: a program sees perhaps a third of what keeps somebody from reading a page.
"""

from __future__ import annotations

import html
import re
import subprocess
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from playwright.sync_api import Browser, Page

from tests.web.installation import EVERY, OFFERED
from tests.web.kinds import Kinds, kinds_in, kinds_once
from tests.web.programme_kinds import programme_kinds_in, spoken
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


def look(page: Page, source: str) -> dict[str, Any]:
    page.set_content(source.replace("<details", "<details open"))
    found: dict[str, Any] = page.evaluate(LOOK, RULES)
    return found


def assert_no_script(seen: Seen) -> None:
    assert not seen.tree.xpath("//script | //@*[starts-with(name(), 'on')]")
    assert "script-src" not in seen.headers["content-security-policy"]
    assert seen.headers["content-security-policy"].startswith("default-src 'none'")


def wrong_in(page: Page, kinds: Kinds) -> dict[str, list[str]]:
    """Return what is wrong with these pages, each of them shown to have no script."""
    found = {}
    for name, seen in kinds.items():
        assert_no_script(seen)
        looked = look(page, seen.body.decode())
        assert looked["held"] > 10, name
        if looked["wrong"]:
            found[name] = looked["wrong"]
    return found


@pytest.mark.parametrize("language", EVERY)
def test_nothing_keeps_anybody_from_reading_a_page(beside_axe: Page, language: str) -> None:
    assert wrong_in(beside_axe, kinds_once(kinds_in(language))) == {}


@pytest.mark.full
@pytest.mark.parametrize("language", spoken())
def test_nor_a_page_of_the_programme(beside_axe: Page, language: str) -> None:
    # Wide enough for the calendar: of what has to be scrolled to axe-core cannot say how well it stands out.
    beside_axe.set_viewport_size({"width": DESKTOP, "height": 720})
    assert wrong_in(beside_axe, programme_kinds_in(language)) == {}
    beside_axe.set_viewport_size({"width": PHONE, "height": 720})


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
    source, replaced = re.subn(
        sound, planted, kinds_in("en")["page-beginning"].body.decode(), count=1, flags=re.S
    )
    assert replaced == 1
    assert any(found.startswith(f"{rule}:") for found in look(beside_axe, source)["wrong"])


# -- fonts -----------------------------------------------------------------------------------------------------

UNSEEN = ("Cc", "Cf", "Zl", "Zp", "Zs")  # categories of characters that need no glyph
PRIVATE = "\U0010fffd"


@cache
def covered(font: str) -> frozenset[int]:
    """Return the characters for which an installed font has a glyph."""
    asked = ["fc-list", f":postscriptname={font}", "--format=%{file}\t%{index}\n"]
    found = subprocess.run(asked, capture_output=True, text=True, check=True)
    file, index = found.stdout.splitlines()[0].split("\t")
    with TTFont(file, fontNumber=int(index) & 0xFFFF if file.endswith(".ttc") else -1, lazy=True) as read:
        return frozenset(read.getBestCmap())


def without_glyph(chromium: Browser, language: str, style: str, text: str) -> str:
    """Show these characters, plain and bold, and return those that no font has which the browser took for them."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    shown = html.escape(text)
    page.set_content(f"<html lang={language}><style>{style}</style><p>{shown}</p><p><b>{shown}</b></p>")
    wire = context.new_cdp_session(page)
    wire.send("DOM.enable")
    wire.send("CSS.enable")
    root = wire.send("DOM.getDocument")["root"]["nodeId"]
    missing = set()
    for selector in ("p:first-of-type", "b"):
        node = wire.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
        fonts = wire.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        assert fonts
        known = frozenset[int]().union(*(covered(font["postScriptName"]) for font in fonts))
        missing |= {character for character in text if ord(character) not in known}
    context.close()
    return "".join(sorted(missing))


def characters(pages: list[Seen]) -> str:
    """Return every character that anybody can see on these pages."""
    found = {
        character for page in pages for character in page.text + "".join(page.tree.xpath("//option/text()"))
    }
    return "".join(sorted(c for c in found if unicodedata.category(c) not in UNSEEN))


@pytest.mark.full
@pytest.mark.parametrize("language", OFFERED)
def test_every_letter_has_a_glyph(chromium: Browser, fonts: None, language: str) -> None:
    pages = list(kinds_in(language).values())
    pages += programme_kinds_in(language).values() if language in spoken() else ()
    text = characters(pages)
    style = str(pages[0].tree.xpath("//style/text()")[0])
    assert len(text) > 60
    assert without_glyph(chromium, language, style, text) == ""
    assert without_glyph(chromium, language, style, text + PRIVATE) == PRIVATE
