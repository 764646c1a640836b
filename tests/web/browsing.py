"""A person in front of a real browser with scripts off: clicks labels and buttons, types, and looks.

Questions are called by their ids, as in `respondent`. Also what a page is measured by. The invariant: what is done
to a page is what a person could do to it; measuring it changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Locator, Page

from offramp.survey import Survey
from offramp.survey.form import choice_field, words_field
from tests.web.answers import Given
from tests.web.respondent import _code, _several

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
# The page asks for no icon in this way; that the policy forbids even this is as it should be.
NO_ICON = "Loading the image 'data:,' violates"

# Everything that a person can see and that lies partly outside the width of the page.
BEYOND = """() => [...document.querySelectorAll('body *')].filter(element => {
  const box = element.getBoundingClientRect(), style = getComputedStyle(element);
  const unseen = element.closest('.skip, .unseen') || style.visibility === 'hidden' || !box.width;
  return !unseen && (box.left < -1 || box.right > document.documentElement.clientWidth + 1);
}).map(element => element.outerHTML.slice(0, 120))"""

# Every text with less contrast to its ground than 4.5 to 1.
FAINT = """() => {
  const rgb = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = colour => {
    const part = colour.slice(0, 3).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * part[0] + .7152 * part[1] + .0722 * part[2];
  };
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgb(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('body *')].filter(element =>
    [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())
    && element.getBoundingClientRect().width).map(element => {
      const [a, b] = [light(rgb(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
      return [(a + .05) / (b + .05), element.outerHTML.slice(0, 100)];
    }).filter(([contrast]) => contrast < 4.5);
}"""


@dataclass
class Reader:
    """One person at one page.

    `asked_for` is everything that the browser fetched, `lengths` how long each page was as it came, `troubles` what it
    complained of.
    """

    page: Page
    url: str
    survey: Survey
    language: str
    asked_for: list[tuple[str, str, str]] = field(default_factory=list)
    lengths: dict[str, set[int]] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)

    def note_length(self, url: str, length: int) -> None:
        if length:
            self.lengths.setdefault(url.removeprefix(self.url).partition("?")[0], set()).add(length)

    def open(self, address: str) -> Reader:
        self.page.goto(self.url + address)
        return self

    def press(self, value: str) -> Reader:
        return self.click(f"main form button[value='{value}']")

    def click(self, selector: str) -> Reader:
        """Click on what leads to another page, and wait until it is there."""
        with self.page.expect_navigation():
            self.page.locator(selector).click()
        return self

    def key(self, key: str) -> Reader:
        """Press a key that leads to another page, and wait until it is there."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        return self

    def answer(self, given: Given) -> Reader:
        """Answer a page and send it; an offer by its own button."""
        for identity, tick in given.ticks.items():
            question = self._question(identity)
            name = choice_field(question)
            codes = [_code(question, one) for one in _several(tick)]
            if self.shown.startswith("offer_"):
                return self.click(f"button[name='{name}'][value='{codes[0]}']")
            for code in codes:
                self.option(name, code).click()
        for identity, text in given.words.items():
            self.page.locator(f"[name='{words_field(self._question(identity))}']").fill(text)
        return self.press("next")

    def option(self, name: str, code: str) -> Locator:
        """Return one option with its label, to click on it anywhere."""
        return self.page.locator(f"label:has(input[name='{name}'][value='{code}'])")

    def begin(self, *asked: str) -> Reader:
        """Agree to take part, again and again until chance asks these questions on the first page."""
        names = [choice_field(self._question(identity)) for identity in asked]
        for _ in range(60):
            self.open(f"/{self.language}/s/{self.survey.slug}").press("agree")
            if all(self.page.locator(f"#{name}").count() for name in names):
                return self
        raise AssertionError(f"{asked} were not asked in sixty beginnings")

    def input(self, identity: str, code: str) -> Locator:
        """Return the radio button or tick box of one answer."""
        return self.page.locator(f"input[name='{choice_field(self._question(identity))}'][value='{code}']")

    def answer_all(self, given: Mapping[str, Given]) -> Iterator[str]:
        """Answer every page that comes; yield the name of each before it is answered."""
        while self.shown in given:
            yield self.shown
            self.answer(given[self.shown])

    def _question(self, identity: str) -> Any:
        return next(question for question in self.survey.questions if question.id == identity)

    @property
    def shown(self) -> str:
        """The survey's page that is asked, or what is shown instead."""
        asked = self.page.locator("form#answers input[name='page']")
        if asked.count():
            return str(asked.get_attribute("value"))
        return str(self.page.locator("main").get_attribute("id"))

    @property
    def receipt(self) -> str:
        return (self.page.locator("code#receipt").text_content() or "").strip()

    def keep_a_picture(self, name: str) -> None:
        width = (self.page.viewport_size or {"width": 0})["width"]
        path = SCREENSHOTS / f"{self.language}-{width:04d}-{name}.png"
        self.page.screenshot(path=path, full_page=True)

    def assert_nothing_beyond_the_edge(self) -> None:
        width = (self.page.viewport_size or {"width": 0})["width"]
        measured = self.page.context.new_cdp_session(self.page).send("Page.getLayoutMetrics")
        assert measured["cssContentSize"]["width"] <= width
        assert self.page.evaluate(BEYOND) == []

    def assert_nothing_faint(self) -> None:
        assert self.page.evaluate(FAINT) == []


@contextmanager
def reading(
    chromium: Browser,
    url: str,
    survey: Survey,
    language: str,
    width: int,
    scheme: Literal["light", "dark"] = "light",
) -> Iterator[Reader]:
    """Open a page without scripts in a window of this width."""
    context = chromium.new_context(
        java_script_enabled=False, viewport={"width": width, "height": 720}, color_scheme=scheme
    )
    context.set_default_timeout(8000)
    page = context.new_page()
    reader = Reader(page, url, survey, language)
    page.on("request", lambda r: reader.asked_for.append((r.method, r.url, r.resource_type)))
    page.on("response", lambda r: reader.note_length(r.url, int(r.headers.get("content-length", 0))))
    page.on("requestfailed", lambda r: reader.troubles.append(r.url))
    page.on("console", lambda m: reader.troubles.append(m.text) if not m.text.startswith(NO_ICON) else None)
    yield reader
    context.close()
