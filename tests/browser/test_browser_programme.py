"""Chromium with scripts off goes through the whole programme in three sittings, sees its sheets, prints, deletes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, TimeoutError

from offramp.programme import Module, Programme, StepKind, read_programmes
from offramp.web.pages import PROGRAMME_BYTES
from tests.web.browsing import BEYOND, SCREENSHOTS
from tests.web.installation import CONTENT, Installation
from tests.web.process import Server, serving

pytestmark = pytest.mark.full
PHONE = 375
# What is written into every field of words: each is looked for where it has to come back.
MARKER = "marker-{}"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(tmp_path_factory.mktemp("browser") / "server")


@pytest.fixture(scope="module")
def server(place: Installation) -> Iterator[Server]:
    with serving(place) as running:
        yield running


@pytest.fixture(scope="module")
def programme() -> Programme:
    return read_programmes(CONTENT)["way-on"]


@dataclass
class Sitting:
    """One person in one browser that forgets everything when it is closed."""

    page: Page
    programme: Programme
    home: str
    tag: str
    lengths: set[int] = field(default_factory=set)
    requests: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("response", lambda reply: self._note(reply.request.resource_type, reply.headers))

    def _note(self, kind: str, headers: dict[str, str]) -> None:
        self.requests.append(kind)
        self.lengths.add(int(headers.get("content-length", "0")))

    def press(self, value: str, name: str = "go") -> None:
        self.click(f'button[name="{name}"][value="{value}"]')

    def click(self, selector: str) -> None:
        """Click on what leads to another page, and wait until it is there: a count does not wait by itself."""
        try:
            with self.page.expect_navigation():
                self.page.locator(selector).first.click()
        except TimeoutError as wrong:
            wrong.add_note(f"This page was there: {self.page.locator('main').inner_text()[:500]}")
            raise

    def fill_in(self) -> None:
        """Answer everything that the page asks, with words wherever there is room for some."""
        for box in self.page.locator("fieldset").all():
            for room in box.locator("textarea, input[type=text]").all():
                numeric = room.get_attribute("inputmode") == "numeric"
                room.fill("3" if numeric else MARKER.format(room.get_attribute("name")))
            if box.locator("input[type=radio]").count():
                box.locator("input[type=radio]").nth(1).check()
            elif box.locator("input[type=checkbox]").count() and not box.locator("textarea").count():
                box.locator("input[type=checkbox]").nth(0).check()

    def go_through(self, module: Module) -> None:
        for step in module.steps:
            if not self.page.locator(f'button[name="to"][value="{step.id}"]').count():
                self.press("overview")
            if not self.page.locator(f'button[name="to"][value="{step.id}"]').count():
                continue  # A step that what was answered hides.
            self.press(step.id, "to")
            assert self.page.locator("h1").inner_text() == self.programme.catalogues[self.tag][step.title_key]
            assert self.page.evaluate(BEYOND) == []
            # What was written already is shown, and asks for nothing more.
            if (
                step.kind in (StepKind.EXERCISE, StepKind.CHECK_IN)
                and self.page.locator('[value="save"]').count()
            ):
                self.fill_in()
                self.press("save")
                assert self.page.locator("#errors").count() == 0
                if self.page.locator('button[value="consent-yes"]').count():
                    self.press("consent-yes")


@contextmanager
def sitting(chromium: Browser, server: Server, programme: Programme, tag: str) -> Iterator[Sitting]:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": PHONE, "height": 720})
    context.set_default_timeout(10_000)
    somebody = Sitting(context.new_page(), programme, f"{server.url}/{tag}/p/{programme.slug}", tag)
    somebody.watch()
    yield somebody
    assert set(somebody.requests) == {"document"}
    assert context.cookies() == []
    assert somebody.lengths <= {PROGRAMME_BYTES, 2 * PROGRAMME_BYTES}
    context.close()


def begin(somebody: Sitting) -> str:
    """Write something, choose to keep it, and return the code."""
    somebody.page.goto(f"{somebody.home}/what_leads")
    somebody.fill_in()
    somebody.press("save")
    somebody.press("keep-code")
    code = somebody.page.locator("#new-code").inner_text()
    somebody.click("#noted button")
    return code


def come_back(somebody: Sitting, code: str) -> None:
    somebody.page.goto(somebody.home)
    somebody.page.locator("#code").fill(code)
    somebody.press("open")
    assert somebody.page.locator('button[value="close"]').count()


@pytest.mark.parametrize("tag", ["en", "es"])
def test_three_sittings_from_the_first_page_to_the_end(
    chromium: Browser, server: Server, place: Installation, programme: Programme, tag: str, tmp_path: Path
) -> None:
    one, two, three, four, five = programme.modules
    with sitting(chromium, server, programme, tag) as somebody:
        code = begin(somebody)
        for module in (one, two):
            somebody.go_through(module)
        somebody.press("close")
    with sitting(chromium, server, programme, tag) as somebody:
        come_back(somebody, code)
        for module in (three, four):
            somebody.go_through(module)
        somebody.press("close")
    with sitting(chromium, server, programme, tag) as somebody:
        come_back(somebody, code)
        somebody.go_through(five)
        look_at_sheets(somebody, tmp_path)
        sent = [envelope for envelope in place.envelopes() if envelope.survey == programme.check_in.slug]
        assert len(sent) == sum(step.kind is StepKind.CHECK_IN for step in programme.steps)
        somebody.press("overview")
        somebody.press("delete")
        somebody.press("delete-yes")
        somebody.page.goto(somebody.home)
        somebody.page.locator("#code").fill(code)
        somebody.press("open")
        assert somebody.page.locator('button[value="close"]').count() == 0
    assert [envelope for envelope in place.envelopes() if envelope.survey == programme.check_in.slug] == []


def look_at_sheets(somebody: Sitting, folder: Path) -> None:
    """See that every sheet has filled itself, keep a picture of it, and print it."""
    for sheet in somebody.programme.worksheets:
        somebody.press("overview")
        somebody.press(sheet.id, "sheet")
        page = somebody.page
        assert page.locator("h1").inner_text() == somebody.programme.catalogues[somebody.tag][sheet.title_key]
        shown = page.locator("main").inner_text()
        assert page.locator("main dl, main table").count(), sheet.id
        if sheet.kind.value in ("path", "plan"):
            assert "marker-" in shown, sheet.id
        assert page.evaluate(BEYOND) == [] or sheet.kind.value in ("calendar", "course")
        page.screenshot(path=SCREENSHOTS / f"programme-{somebody.tag}-{sheet.id}.png", full_page=True)
        printed = folder / f"{sheet.id}.pdf"
        page.pdf(path=printed)
        assert printed.read_bytes().startswith(b"%PDF")
