"""Every kind of page, looked at: on narrow screens, in light and dark, from right to left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.web.answers import TAKEN, WHOLE
from tests.web.browsing import Reader, reading
from tests.web.installation import LANGUAGES, Installation
from tests.web.process import Server, serving

NARROW, PHONE = 320, 375
ADDRESSES = (
    "/search",
    "/message",
    "/s/help-us",
    "/s/help-us/receipt",
    "/help",
    "/young",
    "/about",
    "/nowhere",
)

# Whatever can be pressed or ticked and is smaller than 24 by 24.
SMALL = """() => [...document.querySelectorAll('button, a.button, .doors a, fieldset label, summary, input[type=text]')]
  .map(element => [element.getBoundingClientRect(), element.outerHTML.slice(0, 100)])
  .filter(([box]) => box.width && Math.min(box.width, box.height) < 24).map(([, html]) => html)"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(tmp_path_factory.mktemp("reading") / "server")


@pytest.fixture(scope="module")
def server(place: Installation) -> Iterator[Server]:
    with serving(place) as running:
        yield running


def every_kind_of_page(somebody: Reader) -> Iterator[str]:
    """Go through every kind of page, and yield a name for each while it is shown."""
    for address in ADDRESSES:
        somebody.open(f"/{somebody.language}{address}")
        yield address.replace("/", "-").removeprefix("-")
    somebody.open(f"/{somebody.language}/s/help-us").press("agree")
    offered = False
    for name in somebody.answer_all(TAKEN):
        # One offer looks like another.
        if not (offered and name.startswith("offer_")):
            yield f"page-{name}"
        offered = offered or name.startswith("offer_")
    yield "finished"
    somebody.press("show").press("back")
    yield "saved"
    while somebody.shown != "help":
        somebody.press("back")
    yield "saved-words"
    somebody.press("back")
    somebody.input("told_anyone", "09").click()
    somebody.press("next")
    assert somebody.page.locator("#errors").count() == 1
    yield "complaint"
    somebody.press("delete")
    yield "delete"
    somebody.press("delete-yes")
    yield "deleted"
    somebody.open(f"/{somebody.language}/s/help-us").press("under18")
    yield "under18"
    somebody.open(f"/{somebody.language}/s/help-us").press("decline")
    yield "declined"
    somebody.open("/go/not-looking?l=" + somebody.language)
    yield "not-looking"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_page_on_a_narrow_screen(
    chromium: Browser, place: Installation, server: Server, language: str
) -> None:
    """Nothing runs over the edge, help is on the screen, what is pressed is large enough, every text stands out."""
    with reading(chromium, server.url, place.survey, language, NARROW) as somebody:
        for name in every_kind_of_page(somebody):
            assert_skip_link_first(somebody, name)
            assert_help_and_way_out_on_the_screen(somebody, name)
            open_everything(somebody)
            somebody.assert_nothing_beyond_the_edge()
            somebody.assert_nothing_faint()
            assert somebody.page.evaluate(SMALL) == [], name
            somebody.keep_a_picture(name)
        # The address that leads nowhere is noticed by the browser, and nothing else is.
        assert [trouble for trouble in somebody.troubles if "status of 4" not in trouble] == []


@pytest.mark.full
@pytest.mark.parametrize("width", [NARROW, 1200])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_every_part(
    chromium: Browser, place: Installation, server: Server, language: str, width: int
) -> None:
    with reading(chromium, server.url, place.survey, language, width) as somebody:
        shown = set()
        for name in somebody.begin("wish_to_stop").answer_all(WHOLE):
            shown.add(name)
            somebody.assert_nothing_beyond_the_edge()
            somebody.assert_nothing_faint()
            assert somebody.page.evaluate(SMALL) == [], name
            somebody.keep_a_picture(f"whole-{name}")
        assert shown == set(WHOLE)
        assert somebody.troubles == []


def assert_skip_link_first(somebody: Reader, name: str) -> None:
    somebody.page.keyboard.press("Tab")
    skip = somebody.page.locator("a.skip:focus")
    assert skip.count() == 1, name
    box = skip.bounding_box()
    assert box is not None
    assert 0 <= box["x"] < NARROW
    assert somebody.page.locator(str(skip.get_attribute("href"))).count() == 1


def assert_help_and_way_out_on_the_screen(somebody: Reader, name: str) -> None:
    for link in ("help", "leave"):
        box = somebody.page.locator(f"header a.{link}").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 200, name


def open_everything(somebody: Reader) -> None:
    closed = somebody.page.locator("details:not([open]) > summary")
    while closed.count():
        closed.first.click()


def test_every_text_stands_out_from_a_dark_ground_too(
    chromium: Browser, place: Installation, server: Server
) -> None:
    with reading(chromium, server.url, place.survey, "en", PHONE, "dark") as somebody:
        for name in every_kind_of_page(somebody):
            open_everything(somebody)
            somebody.assert_nothing_faint()
            somebody.keep_a_picture(f"dark-{name}")


def test_arabic_runs_from_right_to_left(chromium: Browser, place: Installation, server: Server) -> None:
    with reading(chromium, server.url, place.survey, "ar", PHONE) as somebody:
        somebody.begin("wish_to_stop")
        mark = somebody.input("stop_attempts", "00").bounding_box()
        label = somebody.input("stop_attempts", "00").locator("..").bounding_box()
        assert mark is not None
        assert label is not None
        assert mark["x"] > label["x"] + label["width"] / 2
        scale = [somebody.input("wish_to_stop", point).bounding_box() for point in ("00", "01")]
        assert scale[0] is not None
        assert scale[1] is not None
        assert scale[0]["x"] > scale[1]["x"]
        somebody.answer(TAKEN["stopping"])
        somebody.page.locator(".receipt summary").click()
        assert somebody.page.locator("#receipt").evaluate("e => getComputedStyle(e).direction") == "ltr"
