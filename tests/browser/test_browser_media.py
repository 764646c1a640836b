"""Every kind of page in the dark, in colours that the reader's system forces, on paper, and from right to left.

Pages are shown as they were sent. The invariant: what is asserted is computed by the browser from the whole style, so
that a rule which another one undoes does not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

import offramp.web
from tests.web.browsing import FAINT, SCREENSHOTS
from tests.web.installation import LANGUAGES, OFFERED
from tests.web.kinds import Kinds, kinds_in, kinds_once
from tests.web.programme_kinds import programme_kinds_in, spoken

STYLE = Path(offramp.web.__file__).parent / "static" / "style.css"
PHONE = 375
SHOWN = ("consent", "message", "help", "page-beginning", "page-feelings_before", "complaint", "gentle", "no-need-harm",
         "finished", "lost", "receipt")  # fmt: skip
PROGRAMME = ("programme-front", "programme-overview", "programme-code", "programme-sheet-path")
WITH_QUESTIONS = ("page-beginning", "page-feelings_before", "page-closing", "complaint", "no-need-harm")

# How light something is, from 0 to 1, as WCAG computes it.
LIGHT = """const light = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(Number).map(v => v / 255)
  .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
  .reduce((sum, part, place) => sum + part * [.2126, .7152, .0722][place], 0);"""
# What is drawn as a box, and by less than three to one against the page.
UNBOXED = f"""selector => {{ {LIGHT}
  const ground = light(getComputedStyle(document.body.parentElement).backgroundColor);
  return [...document.querySelectorAll(selector)].filter(e => e.checkVisibility()).map(element => {{
    const style = getComputedStyle(element), side = element.matches('.attention, .note') ? 'InlineStart' : 'Top';
    const line = light(style[`border${{side}}Color`]);
    const contrast = (Math.max(line, ground) + .05) / (Math.min(line, ground) + .05);
    const drawn = style[`border${{side}}Style`] !== 'none' && parseFloat(style[`border${{side}}Width`]) >= 1;
    return [drawn ? contrast : 0, element.outerHTML.slice(0, 90)];
  }}).filter(([contrast]) => contrast < 3); }}"""
GROUND = f"() => {{ {LIGHT} return light(getComputedStyle(document.documentElement).backgroundColor); }}"
TYPED = "input[type=text], textarea, select"
BOXES = f"{TYPED}, button:not(.link), .button, .doors a, .errors, .attention, .note, .card, .points label"


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """An empty page on a phone, scripts off."""
    context = chromium.new_context(java_script_enabled=False, viewport={"width": PHONE, "height": 720})
    yield context.new_page()
    context.close()


def every(language: str) -> Kinds:
    """Return one page of every kind, those of the programme too where it is spoken."""
    programme = programme_kinds_in(language) if language in spoken() else {}
    return kinds_once(kinds_in(language)) | programme


def show(page: Page, language: str, name: str) -> None:
    kinds = programme_kinds_in(language) if name.startswith("programme-") else kinds_in(language)
    page.set_content(kinds[name].body.decode())


def keep_a_picture(page: Page, how: str, language: str, name: str) -> None:
    page.screenshot(path=SCREENSHOTS / f"{language}-{how}-{name}.png", full_page=True)


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_and_every_field_stands_out(
    page: Page, language: str, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    for name in every(language):
        show(page, language, name)
        assert (page.evaluate(GROUND) < 0.1) == (scheme == "dark")
        assert page.evaluate(FAINT) == [], name
        assert page.evaluate(UNBOXED, f"{TYPED}, .doors a, .errors, button:not(.link), .button") == [], name
    for name in (*SHOWN, *(PROGRAMME if language in spoken() else ())):
        show(page, language, name)
        keep_a_picture(page, scheme, language, name)


def test_what_does_not_stand_out_would_be_seen(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    source = kinds_in("en")["page-beginning"].body.decode()
    page.set_content(source.replace("--ink:#e9ecea", "--ink:#444"))
    assert page.evaluate(FAINT)
    page.set_content(source.replace("--line:#8d979f", "--line:#2a3238"))
    assert page.evaluate(UNBOXED, TYPED)


@pytest.mark.full
@pytest.mark.parametrize("language", LANGUAGES)
def test_forced_colours_leave_every_box_its_edge(page: Page, language: str) -> None:
    page.emulate_media(forced_colors="active")
    for name in every(language):
        show(page, language, name)
        assert page.evaluate(UNBOXED, BOXES) == [], name
        page.keyboard.press("Tab")
        assert page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") == "solid"
    for name in (*SHOWN, *(PROGRAMME if language in spoken() else ())):
        show(page, language, name)
        keep_a_picture(page, "forced", language, name)


def test_a_box_without_an_edge_would_be_seen(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    source = kinds_in("en")["message"].body.decode()
    page.set_content(source.replace(",.card{border:1px solid}", "{border:1px solid}"))
    assert len(page.evaluate(UNBOXED, BOXES)) == page.locator(".card").count() > 1


def test_nothing_opts_out_of_forced_colours() -> None:
    assert "forced-color-adjust" not in STYLE.read_text(encoding="utf-8")


@pytest.mark.full
@pytest.mark.parametrize("language", LANGUAGES)
def test_on_paper_are_the_questions_and_nothing_to_press(page: Page, language: str) -> None:
    page.emulate_media(media="print", color_scheme="light")
    for name in WITH_QUESTIONS:
        show(page, language, name)
        for unwanted in (".doors", "a.skip", "button", "select"):
            assert page.locator(f"{unwanted} >> visible=true").count() == 0, (name, unwanted)
        for wanted in ("h1", "legend", "fieldset label", "fieldset input"):
            assert page.locator(wanted).count() == page.locator(f"{wanted} >> visible=true").count() > 0, (
                name,
                wanted,
            )
        keep_a_picture(page, "print", language, name)
    show(page, language, "finished")
    assert page.locator("code#receipt").is_visible()


# -- from right to left ------------------------------------------------------------------------------------------


def test_the_style_knows_no_left_and_no_right() -> None:
    """What begins a line is on the left in some languages, and on the right in others."""
    style = STYLE.read_text(encoding="utf-8")
    assert re.findall(r"(?<![\w-])(?:[a-z-]+-)?(?:left|right)(?![\w-])", style) == []
    # Four different sides in one go are another way to say left and right.
    sides = re.findall(r"(?:margin|padding|inset|border-width):([^;}]+)", style)
    assert [value for value in sides if len(parts := value.split()) == 4 and parts[1] != parts[3]] == []


MIRRORED = """() => [...document.querySelectorAll('body, h1, p, legend, label, button, li, dt, dd')]
  .filter(element => element.checkVisibility() && !element.closest('[dir]:not(html)')
    && !['start', 'center'].includes(getComputedStyle(element).textAlign))
  .map(element => element.outerHTML.slice(0, 90))"""


@pytest.mark.full
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_text_begins_where_its_language_begins(page: Page, language: str) -> None:
    page.emulate_media(color_scheme="light")
    for name in SHOWN:
        show(page, language, name)
        assert page.evaluate(MIRRORED) == [], name
        assert page.evaluate("() => getComputedStyle(document.body).direction") == (
            "rtl" if language == "ar" else "ltr"
        )


def boxes(page: Page, selector: str) -> list[dict[str, float]]:
    found = (each.bounding_box() for each in page.locator(selector).all())
    return [dict(box) for box in found if box]


@pytest.mark.full
@pytest.mark.parametrize("language", OFFERED)
def test_a_scale_runs_from_its_first_end_to_its_last(page: Page, language: str) -> None:
    """The points run as the language does, line after line; the words of the ends stand above and below."""
    backwards = language == "ar"
    show(page, language, "page-feelings_before")
    points = boxes(page, ".scale:first-of-type >> nth=0 >> .points label")
    assert len(points) == 11
    for one, other in pairwise(points):
        along = other["x"] < one["x"] if backwards else other["x"] > one["x"]
        assert along if abs(other["y"] - one["y"]) < 2 else other["y"] > one["y"], (one, other)
    first, last = boxes(page, ".scale:first-of-type >> nth=0 >> .end")
    assert first["y"] < points[0]["y"] < points[-1]["y"] + 1 <= last["y"]


@pytest.mark.full
def test_arabic_is_the_mirror_of_english(page: Page) -> None:
    """Marks before their words, the way out at the end of the line, a complaint's edge at its beginning."""
    edges = {}
    for language in LANGUAGES:
        show(page, language, "complaint")
        names = (".doors .help", ".doors .leave", "fieldset.wrong input >> nth=0", "button[value=next]")
        found = [boxes(page, name)[0] for name in names]
        edges[language] = [box["x"] if language == "en" else PHONE - box["x"] - box["width"] for box in found]
        wrong = page.locator("fieldset.wrong").first
        sides = wrong.evaluate(
            "e => [getComputedStyle(e).borderLeftWidth, getComputedStyle(e).borderRightWidth]"
        )
        assert sides == (["4px", "0px"] if language == "en" else ["0px", "4px"])
    help_en, leave_en, mark_en, next_en = edges["en"]
    help_ar, leave_ar, mark_ar, next_ar = edges["ar"]
    assert help_en == pytest.approx(help_ar, abs=1)
    assert mark_en == pytest.approx(mark_ar, abs=1)
    assert next_en == pytest.approx(next_ar, abs=1)
    assert leave_en > 120
    assert leave_ar > 120
