"""Chromium with scripts off walks the whole way: search, message, consent, survey, end, deletion."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from offramp.web.pages import PAGE_BYTES
from tests.web.answers import CLOSING, CORE, ENDED, TAKEN, codes, words
from tests.web.browsing import reading
from tests.web.installation import LANGUAGES, OFFERED, Installation
from tests.web.process import Server, serving

PHONE, DESKTOP = 375, 1200


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(tmp_path_factory.mktemp("browser") / "server")


@pytest.fixture(scope="module")
def server(place: Installation) -> Iterator[Server]:
    with serving(place) as running:
        yield running


WALKS = [
    *((language, width) for language in LANGUAGES for width in (PHONE, DESKTOP)),
    *(pytest.param(tag, PHONE, marks=pytest.mark.full) for tag in OFFERED if tag not in LANGUAGES),
]


@pytest.mark.parametrize(("language", "width"), WALKS)
def test_from_the_search_to_the_end_and_to_deletion(
    chromium: Browser, place: Installation, server: Server, language: str, width: int
) -> None:
    with reading(chromium, server.url, place.survey, language, width) as somebody:
        somebody.open(f"/{language}/search").keep_a_picture("00-search")
        somebody.page.locator("input[name='q']").fill("zorblaxin")
        somebody.click("main form button").keep_a_picture("01-message")
        somebody.click("a[href^='/go/survey']").keep_a_picture("02-consent")
        somebody.press("agree")
        for number, name in enumerate(somebody.answer_all(TAKEN), 3):
            somebody.assert_nothing_beyond_the_edge()
            somebody.keep_a_picture(f"{number:02d}-{name}")
        assert somebody.shown == "finished"
        somebody.keep_a_picture("20-finished")
        receipt = somebody.receipt
        opened = place.bodies(receipt)
        assert {body.page for body in opened} == set(TAKEN)
        assert {q: text for body in opened if body.words for q, text in body.words.items()} == words(TAKEN)
        somebody.press("delete").keep_a_picture("21-delete")
        somebody.press("delete-yes").keep_a_picture("22-deleted")
        assert somebody.shown == "deleted"
        assert place.bodies(receipt) == []
        assert {kind for _, _, kind in somebody.asked_for} == {"document"}
        assert all(url.startswith(server.url) for _, url, _ in somebody.asked_for)
        # Search, message, its link and where that leads; agreeing, each page, asking to delete, and saying yes.
        assert len(somebody.asked_for) == 4 + 1 + len(TAKEN) + 2
        # All pages of a survey are of one size, and no other is larger.
        assert set(somebody.lengths) == {f"/{language}/search", f"/{language}/s/help-us"}
        assert set.union(*somebody.lengths.values()) == {PAGE_BYTES}
        assert somebody.troubles == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_parts_ended_at_the_first_offer_and_the_pages_own_back_button(
    chromium: Browser, place: Installation, server: Server, language: str
) -> None:
    with reading(chromium, server.url, place.survey, language, PHONE) as somebody:
        somebody.open(f"/{language}/s/help-us").press("agree")
        walked = list(somebody.answer_all(ENDED))
        (offer,) = (page for page in walked if page.startswith("offer_"))
        assert walked == [*CORE, offer, *CLOSING]
        somebody.press("show")
        for page in reversed(walked):
            assert somebody.shown == page
            if page != walked[0]:
                somebody.press("back")
        checked = somebody.page.locator("input:checked")
        assert checked.count() == 1
        assert somebody.input("stop_attempts", "02").is_checked()
        for _ in walked:
            if somebody.shown.startswith("offer_"):
                somebody.click("main form button >> nth=2")
            else:
                somebody.press("next")
        assert somebody.shown == "finished"
        found = {q: c for body in place.bodies(somebody.receipt) for q, c in (body.answers or {}).items()}
        assert set(codes(CORE | CLOSING)) <= set(found)
        assert somebody.troubles == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_left_open_too_long_is_sent_once_more(
    chromium: Browser, tmp_path: Path, language: str
) -> None:
    place = Installation(tmp_path / "server")
    with serving(place) as before, reading(chromium, before.url, place.survey, language, PHONE) as somebody:
        somebody.open(f"/{language}/s/help-us").press("agree").answer(TAKEN["stopping"])
        receipt = somebody.receipt
        html = somebody.page.content()
    with serving(place) as after, reading(chromium, after.url, place.survey, language, PHONE) as somebody:
        # The page that was open while the server was started again.
        somebody.page.route("**/open-page", lambda route: route.fulfill(body=html, content_type="text/html"))
        somebody.open("/open-page").answer(TAKEN["beginning"])
        assert somebody.page.locator("[name='receipt']").count() == 1
        somebody.keep_a_picture("30-lost")
        somebody.page.locator("[name='receipt']").fill("nothing of the kind")
        somebody.press("next").keep_a_picture("31-lost-wrong-receipt")
        somebody.page.locator("[name='receipt']").fill(receipt)
        somebody.press("next")
        assert somebody.shown == "contact"
        assert {body.page for body in place.bodies(receipt)} == {"stopping", "beginning"}
