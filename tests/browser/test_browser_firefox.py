"""Firefox ESR, with everything off that Tor Browser's "Safest" level has off, walks the survey in every language.

The walk is a person's: what is clicked and typed is on the page, and each page costs one request.
"""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator

import pytest

from offramp.survey import Survey
from offramp.survey.form import choice_field, words_field
from tests.browser.firefox import Firefox, firefox
from tests.web.answers import TAKEN, Given, words
from tests.web.browsing import SCREENSHOTS
from tests.web.installation import OFFERED, Installation
from tests.web.process import Server, serving
from tests.web.respondent import _code, _several

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(tmp_path_factory.mktemp("firefox") / "server")


@pytest.fixture(scope="module")
def server(place: Installation) -> Iterator[Server]:
    with serving(place) as running:
        yield running


@pytest.fixture(scope="module")
def fox(firefox_program: str) -> Iterator[Firefox]:
    """One Firefox for all languages."""
    with firefox(firefox_program) as running:
        yield running


def shown(fox: Firefox) -> str:
    """Return the survey's page that is asked, or what is shown instead."""
    if fox.all("form#answers"):
        return fox.attribute("form#answers input[name='page']", "value")
    return fox.attribute("main", "id")


def answer(fox: Firefox, survey: Survey, given: Given) -> None:
    questions = {question.id: question for question in survey.questions}
    for identity, tick in given.ticks.items():
        question = questions[identity]  # type: ignore[index]
        codes = [_code(question, one) for one in _several(tick)]
        if fox.all(f"button[name='{choice_field(question)}']"):
            fox.click(f"button[name='{choice_field(question)}'][value='{codes[0]}']")
            return
        for code in codes:
            fox.click(f"label:has(input[name='{choice_field(question)}'][value='{code}'])")
    for identity, text in given.words.items():
        fox.type(f"[name='{words_field(questions[identity])}']", text)  # type: ignore[index]
    fox.click("button[value='next']")


@pytest.mark.parametrize("language", OFFERED)
def test_from_the_search_to_the_end_and_to_deletion(
    fox: Firefox, place: Installation, server: Server, language: str
) -> None:
    before = len(fox.asked_for)
    fox.open(f"{server.url}/{language}/search")
    fox.type("input[name='q']", "zorblaxin")
    fox.click("main form button")
    fox.click("main a[href^='/go/survey']")
    fox.click("button[value='agree']")
    walked = []
    while (page := shown(fox)) in TAKEN:
        assert not fox.all("#errors"), fox.source()
        walked.append(page)
        answer(fox, place.survey, TAKEN[page])
        if page == "contact":
            fox.keep_a_picture(SCREENSHOTS / f"{language}-firefox-help.png")
    assert shown(fox) == "finished"
    assert set(walked) == set(TAKEN)
    receipt = str(fox.say("WebDriver:GetElementText", id=fox.one("code#receipt")))
    bodies = place.bodies(receipt)
    assert {body.page for body in bodies} == set(TAKEN)
    assert {q: text for body in bodies if body.words for q, text in body.words.items()} == words(TAKEN)
    fox.click("button[value='delete']")
    fox.click("button[value='delete-yes']")
    assert shown(fox) == "deleted"
    assert place.bodies(receipt) == []
    asked = fox.asked_for[before:]
    assert all(server.url in each for each in asked), asked
    # Search, message, its link and where that leads; agreeing, each page, asking to delete, and saying yes.
    assert len(asked) == 4 + 1 + len(TAKEN) + 2, asked


# -- whether what is off is off --------------------------------------------------------------------------------

PROBE = b"""<!doctype html><title>off</title>
<style>@font-face{font-family:x;src:url(/font.woff2)} p{font-family:x}</style>
<p>x</p><svg id="svg" width="90" height="90"></svg><math id="math"><mspace width="90px" height="90px"/></math>
<script>document.title = "on"</script>"""


class Probe(http.server.BaseHTTPRequestHandler):
    """A page that tries all that has to be off; it keeps the addresses that it is asked for."""

    def __init__(self, asked: list[str], *more: object) -> None:
        self.asked = asked
        super().__init__(*more)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(PROBE if self.path == "/" else b"")

    def log_message(self, *_: object) -> None:
        pass


def tried(fox: Firefox) -> set[str]:
    """Return what a page can do in this Firefox."""
    asked: list[str] = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Probe, asked)) as probe:
        threading.Thread(target=probe.serve_forever, daemon=True).start()
        fox.open(f"http://127.0.0.1:{probe.server_port}/")
        able = {name for name in ("svg", "math") if fox.size(f"#{name}")[0] >= 90}
        if fox.say("WebDriver:GetTitle") == "on":
            able.add("script")
        if "/font.woff2" in asked:
            able.add("font")
        probe.shutdown()
    return able


def test_what_is_off_is_off(fox: Firefox) -> None:
    assert tried(fox) == set()


def test_that_it_is_off_would_be_seen(firefox_program: str) -> None:
    usual = {"javascript.enabled": True, "svg.disabled": False, "mathml.disabled": False,
             "gfx.downloadable_fonts.enabled": True}  # fmt: skip
    with firefox(firefox_program, usual) as other:
        assert tried(other) == {"script", "svg", "math", "font"}
