"""Every kind of page that the platform has, by name, as a client without cookies is sent it.

What looks at pages (programs for accessibility, fonts, sizes, golden files) takes them from here. Nothing here judges a
page. The invariant: each template that is a page of its own is among them, which `test_web_kinds.py` holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from offramp.survey import Survey, read_surveys
from tests.web.answers import WHOLE
from tests.web.installation import CONTENT, Installation
from tests.web.respondent import Http, Respondent, Seen

Kinds = dict[str, Seen]
_RESULT = '<html lang="en"><meta name="generator" content="Offramp desk"><title>Tea: report</title><p>Tea.</p></html>'
ADDRESSES = ("help", "young", "about", "message", "nowhere", "search")
# What stands out, so that the page that follows says where to turn; it fits into the shortest field for words.
STANDS_OUT = "Child in danger. Afraid I may hurt a child. I want to end my life. tortoise.com"


@cache
def _surveys() -> dict[str, Survey]:
    return read_surveys(CONTENT)


def every_kind(http: Http, language: str) -> Kinds:
    """Return one page of every kind in a language, and all pages of both surveys."""
    return dict(
        page
        for part in (_door, _whole, _second, _complaints, _lost, _ends, _receipts)
        for page in part(lambda slug="help-us": Respondent(http, _surveys()[slug], language))
    )


@cache
def kinds_in(language: str) -> Kinds:
    """Return the same of a server that runs in memory for a moment; once for all who ask in this process.

    Chance is the same in every language and each time: the same questions, in the same order.
    """
    chance = Random(1).randbytes
    with TemporaryDirectory() as folder:
        with Installation(Path(folder) / "server").running(chance) as client:
            kinds = every_kind(client, language)
        return kinds | {"published": _published(Path(folder) / "publishing", language)}


def publishing(folder: Path) -> Installation:
    """Return a server that has published a result: with it, other pages have a link more."""
    place = Installation(folder, study="[results]\nfolder = 'results'\n")
    (folder / "results").mkdir()
    (folder / "results" / "tea.html").write_text(_RESULT, encoding="utf-8")
    return place


def _published(folder: Path, language: str) -> Seen:
    with publishing(folder).running() as client:
        return Respondent(client, _surveys()["help-us"], language).go_to(f"/{language}/results").seen


def kinds_once(kinds: Kinds) -> Kinds:
    """Leave out what looks like another page: of all offers of a module only the first stays."""
    offers = [name for name in kinds if "offer_" in name]
    return {name: page for name, page in kinds.items() if name not in offers[1:]}


Somebody = Callable[..., Respondent]
Pages = Iterator[tuple[str, Seen]]


def _door(come: Somebody) -> Pages:
    person = come()
    for address in ADDRESSES:
        yield address, person.go_to(f"/{person.language}/{address}").seen
    person.go_to(f"/{person.language}/search")
    yield "results", person.search_for("brambulette").seen
    yield "greeting", person.search_for("how to stop looking for zorblaxin").seen
    yield "not-looking", person.go_to(f"/go/not-looking?l={person.language}").seen
    yield "no-survey", person.go_to(f"/{person.language}/s/no-such-survey").seen


def _whole(come: Somebody) -> Pages:
    """Yield all pages of the first survey, one question left unanswered in each."""
    person = come().open_consent()
    yield "consent", person.seen
    person.agree()
    while person.seen.page in WHOLE:
        yield f"page-{person.seen.page}", person.seen
        given = WHOLE[person.seen.page]
        person.answer_page(given.ticks, given.words)
    yield "finished", person.seen
    yield "saved", person.press("go", "show").seen
    yield "delete", person.delete().seen
    yield "deleted", person.press("go", "delete-yes").seen


def _second(come: Somebody) -> Pages:
    """Yield all pages of the second survey, among them one with a matrix."""
    person = come("no-need").open_consent()
    yield "no-need-consent", person.seen
    person.agree()
    while person.seen.page:
        if person.seen.tree.xpath("//main[@id='finished']"):
            yield "no-need-finished", person.seen
            return
        yield f"no-need-{person.seen.page}", person.seen
        if person.seen.page.startswith("offer_"):
            person.take()
        else:
            person.next()


def _complaints(come: Somebody) -> Pages:
    person = come().begin().next()
    yield "gentle", person.next({"first_way": "other"}, {"first_way": STANDS_OUT}).seen
    yield "words-saved", person.back().seen
    yield "complaint", person.next().tick({"told_anyone": ["friend", "nobody"]}).next().seen
    yield "too-long", come().begin().next().next({"first_way": "other"}, {"first_way": "plinder " * 30}).seen


def _lost(come: Somebody) -> Pages:
    person = come().begin().next({"stop_attempts": "no"})
    broken = person.ready_to_send().replace(b"draft=", b"draft=AAAA")
    yield "lost", person._post(person.seen.address, broken).seen
    yield "lost-wrong-receipt", person.type_receipt("nonsense").next().seen
    yield "lost-nothing", person._post(person.seen.address, b"go=nothing").seen


def _ends(come: Somebody) -> Pages:
    yield "under18", come().open_consent().press("go", "under18").seen
    yield "declined", come().open_consent().press("go", "decline").seen


def _receipts(come: Somebody) -> Pages:
    yield "receipt", come().open_receipt().seen
    yield "receipt-wrong", come().open_receipt().type_receipt("nonsense").press("go", "continue").seen
