"""By keyboard alone: Tab, Space, the arrows and Enter lead from the consent to the end, and nobody loses their way.

Scripts are off on the page; what is measured (where the focus is, how it can be seen) is asked of the browser.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser

from offramp.survey.answers import Chosen
from offramp.survey.form import choice_field, words_field
from tests.web.answers import TAKEN, Given, words
from tests.web.browsing import Reader, reading
from tests.web.installation import LANGUAGES, Installation
from tests.web.kinds import kinds_in
from tests.web.process import Server, serving
from tests.web.respondent import _code, _several

PHONE = 375
MOST_STOPS = 120


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(tmp_path_factory.mktemp("keyboard") / "server")


@pytest.fixture(scope="module")
def server(place: Installation) -> Iterator[Server]:
    with serving(place) as running:
        yield running


FOCUSED = "() => document.activeElement.outerHTML.slice(0, 80)"
OUTLINED = """() => { const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2; }"""


def tab_to(somebody: Reader, selector: str) -> None:
    for _ in range(80):
        somebody.page.keyboard.press("Tab")
        if somebody.page.locator(f"{selector}:focus").count():
            return
    raise AssertionError(f"{selector} is not reached by Tab")


def test_wherever_tab_comes_to_the_focus_can_be_seen(
    chromium: Browser, place: Installation, server: Server
) -> None:
    with reading(chromium, server.url, place.survey, "en", PHONE) as somebody:
        somebody.open("/en/s/help-us").press("agree").answer(TAKEN["stopping"])
        reached = []
        for _ in range(80):
            somebody.page.keyboard.press("Tab")
            reached.append(somebody.page.evaluate(FOCUSED))
            if reached[-1].startswith("<body"):
                break
            assert somebody.page.evaluate(OUTLINED), reached[-1]
        for control in ("Help now", 'name="q002"', 'name="w003"', 'value="next"', 'value="back"', 'value="delete"',
                        'name="lang"', 'value="stay"', "<summary"):  # fmt: skip
            assert (
                any(control in found for found in reached) or somebody.page.locator(f"text={control}").count()
            )
        assert len(reached) > 12


def test_a_page_is_answered_and_sent_without_a_pointer(
    chromium: Browser, place: Installation, server: Server
) -> None:
    with reading(chromium, server.url, place.survey, "en", PHONE) as somebody:
        somebody.open("/en/s/help-us")
        tab_to(somebody, "button[value='agree']")
        somebody.key("Enter")
        tab_to(somebody, "input[name='q001']")
        somebody.page.keyboard.press("Space")
        for _ in range(3):
            somebody.page.keyboard.press("ArrowRight")
        tab_to(somebody, "button[value='next']")
        somebody.key("Enter")
        assert somebody.shown == "beginning"
        (body,) = place.bodies(somebody.receipt)
        assert body.answers is not None
        assert body.answers["stop_attempts"] == Chosen("many")
        assert set(body.answers) - {"stop_attempts"} <= {"wish_to_stop"}


def test_enter_in_a_field_saves_and_goes_on_and_deletes_nothing(
    chromium: Browser, place: Installation, server: Server
) -> None:
    with reading(chromium, server.url, place.survey, "en", PHONE) as somebody:
        somebody.open("/en/s/help-us").press("agree").press("next")
        somebody.page.locator("[name='w003']").focus()
        somebody.page.keyboard.type("a plinder")
        somebody.key("Enter")
        assert somebody.shown == "contact"
        assert [body.words for body in place.bodies(somebody.receipt) if body.words] == [
            {"first_way": "a plinder"}
        ]
        receipt = somebody.receipt
        somebody.open("/en/s/help-us/receipt").page.locator("#receipt").focus()
        somebody.page.keyboard.type(receipt)
        somebody.key("Enter")
        assert somebody.shown == "contact"
        assert len(place.bodies(receipt)) == 3


# -- from the consent to the end ---------------------------------------------------------------------------------

# How a stop is called: a group of radio buttons is one, and everything else is itself.
NAMED = """element => [element.localName, element.name || element.getAttribute('href') || '',
  element.type === 'radio' ? '' : element.type === 'checkbox' || element.localName === 'button' ? element.value
    : element.localName === 'a' || element.localName === 'summary' ? element.textContent.trim() : ''
].join(' ').trim()"""
# Everything that can be reached, in the order in which the page is read.
STOPS = f"""() => {{ const named = {NAMED};
  const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')];
  return [...new Set(all.filter(element => element.checkVisibility()).map(named))]; }}"""
# Where the focus is, how it is seen, and whether it is seen.
STOP = f"""() => {{
  const named = {NAMED}, element = document.activeElement, style = getComputedStyle(element);
  const light = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(Number).map(v => v / 255)
    .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, part, place) => sum + part * [.2126, .7152, .0722][place], 0);
  const [a, b] = [style.outlineColor, getComputedStyle(document.documentElement).backgroundColor].map(light);
  const box = element.getBoundingClientRect();
  return {{
    name: element === document.body ? '' : named(element), left: box.left, right: box.right, top: box.top + scrollY,
    bottom: box.bottom + scrollY, inside: box.top >= -1 && box.bottom <= innerHeight + 1 && box.left >= 0
      && box.right <= innerWidth, outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
    contrast: (Math.max(a, b) + .05) / (Math.min(a, b) + .05)}};
}}"""


@dataclass(frozen=True, slots=True)
class Stop:
    """Where Tab has come to."""

    name: str
    left: float
    right: float
    top: float
    bottom: float
    inside: bool
    outline: float
    contrast: float


def tab(somebody: Reader) -> Stop:
    somebody.page.keyboard.press("Tab")
    return Stop(**somebody.page.evaluate(STOP))


def assert_seen(stop: Stop) -> None:
    assert stop.outline >= 2, stop
    assert stop.contrast >= 3, stop
    assert stop.inside, stop


def assert_in_order_of_reading(stops: list[Stop], backwards: bool) -> None:
    """From top to bottom, and within a line as the language runs."""
    for one, other in pairwise(stops):
        same_line = other.top < one.bottom and one.top < other.bottom
        along = other.right <= one.left + 1 if backwards else other.left >= one.right - 1
        assert along if same_line else other.top >= one.bottom - 1, (one, other)


def through(somebody: Reader, given: Given) -> list[Stop]:
    """Go through the whole page by Tab, answer what is to be answered on the way, and return all stops."""
    questions = {question.id: question for question in somebody.survey.questions}
    wanted: dict[str, Any] = {words_field(questions[i]): text for i, text in given.words.items()}  # type: ignore[index]
    for identity, tick in given.ticks.items():
        question = questions[identity]  # type: ignore[index]
        wanted[choice_field(question)] = [_code(question, one) for one in _several(tick)]
    stops: list[Stop] = []
    # After the last stop comes the page as a whole, or the first stop again.
    while (stop := tab(somebody)).name and stop.name not in [first.name for first in stops[:1]]:
        assert len(stops) < MOST_STOPS
        stops.append(stop)
        kind, _, rest = stop.name.partition(" ")
        name, _, value = rest.partition(" ")
        if kind == "input" and value and value in wanted.get(name, ()):
            somebody.page.keyboard.press("Space")
        elif kind == "input" and not value and isinstance(wanted.get(name), list):
            choose(somebody, name, wanted[name][0])
        elif isinstance(wanted.get(name), str):
            somebody.page.keyboard.type(wanted[name])
    return stops


def choose(somebody: Reader, name: str, code: str) -> None:
    """Choose one of a group of radio buttons with Space and the arrows."""
    if somebody.page.locator(f"input[type='text'][name='{name}']").count():
        somebody.page.keyboard.type(code)
        return
    somebody.page.keyboard.press("Space")
    wanted = somebody.page.locator(f"input[name='{name}'][value='{code}']")
    for _ in range(40):
        if wanted.is_checked():
            return
        somebody.page.keyboard.press("ArrowDown")
    raise AssertionError(f"{name}={code} is not reached by the arrows")


@pytest.mark.full
@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_consent_to_the_end(
    chromium: Browser, place: Installation, server: Server, language: str
) -> None:
    with reading(chromium, server.url, place.survey, language, PHONE) as somebody:
        somebody.open(f"/{language}/s/help-us")
        assert_all_in_order(somebody, Given({}))
        tab_to(somebody, "button[value='agree']")
        somebody.key("Enter")
        while (page := somebody.shown) in TAKEN:
            offered = page.startswith("offer_")
            assert_all_in_order(somebody, Given({}) if offered else TAKEN[page])
            code = "00" if page == "offer_technology" else "01"
            tab_to(somebody, f"main form button[value='{code if offered else 'next'}']")
            somebody.key("Enter")
        assert somebody.shown == "finished"
        assert_all_in_order(somebody, Given({}))
        bodies = place.bodies(somebody.receipt)
        assert {body.page for body in bodies} == set(TAKEN)
        assert {q: text for body in bodies if body.words for q, text in body.words.items()} == words(TAKEN)


def assert_all_in_order(somebody: Reader, given: Given) -> None:
    """Every stop of the page is reached, seen, and comes when it is read."""
    expected = somebody.page.evaluate(STOPS)
    stops = through(somebody, given)
    assert [stop.name for stop in stops] == expected
    for stop in stops:
        assert_seen(stop)
    # The first leads over the header, and is above everything while it has the focus.
    assert_in_order_of_reading(stops[1:], somebody.language == "ar")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_skip_link_leads_over_the_header(
    chromium: Browser, place: Installation, server: Server, language: str
) -> None:
    with reading(chromium, server.url, place.survey, language, PHONE) as somebody:
        somebody.open(f"/{language}/s/help-us").press("agree")
        skip = tab(somebody)
        assert skip.name.startswith("a #")
        assert_seen(skip)
        somebody.page.keyboard.press("Enter")
        first = tab(somebody)
        assert somebody.page.evaluate("() => document.querySelector('main').contains(document.activeElement)")
        assert first.name == next(name for name in somebody.page.evaluate(STOPS) if name.startswith("input"))


@pytest.mark.full
@pytest.mark.parametrize(
    ("sound", "planted"),
    [
        ("outline:3px solid var(--focus)", "outline:0"),
        ("--focus:#b45f00", "--focus:#e8e4da"),
        (".buttons{display:flex", ".buttons{flex-direction:row-reverse;display:flex"),
        (
            '<button type="submit" name="go" value="next"',
            '<button tabindex="1" type="submit" name="go" value="next"',
        ),
        (
            '<button type="submit" name="go" value="back"',
            '<button tabindex="-1" type="submit" name="go" value="back"',
        ),
    ],
)
def test_a_planted_fault_is_found(
    chromium: Browser, place: Installation, server: Server, sound: str, planted: str
) -> None:
    page = kinds_in("en")["page-contact"].body.decode()
    assert sound in page
    with reading(chromium, server.url, place.survey, "en", PHONE) as somebody:
        somebody.page.set_content(page)
        assert_all_in_order(somebody, Given({}))
        somebody.page.set_content(page.replace(sound, planted))
        with pytest.raises(AssertionError):
            assert_all_in_order(somebody, Given({}))
