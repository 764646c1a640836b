"""Deleting: offered on every page, asked once, done for good, and brought back by nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from offramp.store import Envelope
from tests.web.answers import TAKEN, codes
from tests.web.installation import LANGUAGES, Installation
from tests.web.respondent import Respondent
from tests.web.test_web_walk import walk_all

Somebody = Callable[..., Respondent]
every_language = pytest.mark.parametrize("language", LANGUAGES)


@every_language
def test_every_page_can_delete_and_saying_no_leads_back_with_everything_intact(
    somebody: Somebody, place: Installation, language: str
) -> None:
    person = somebody(language).begin()
    while person.seen.page in TAKEN:
        here, kept = person.seen.page, len(place.envelopes())
        person.delete()
        assert person.seen.page == "delete"
        person.press("go", "show")
        assert person.seen.page == here
        assert len(place.envelopes()) == kept
        person.answer_page(TAKEN[here].ticks, TAKEN[here].words)
    person.delete().press("go", "show").next()
    assert person.seen.tree.xpath("//main[@id='finished']")
    response = place.response()
    assert {question: response.codes[question] for question in codes(TAKEN)} == codes(TAKEN)


@every_language
@pytest.mark.parametrize("pages", [*range(6), 11, 15, len(TAKEN)])
def test_deleting_after_any_number_of_pages_leaves_nothing(
    somebody: Somebody, place: Installation, language: str, pages: int
) -> None:
    person = somebody(language).begin()
    for _ in range(pages):
        given = TAKEN[person.seen.page]
        person.answer_page(given.ticks, given.words)
    person.delete().press("go", "delete-yes")
    assert person.seen.status == 200
    assert person.seen.tree.xpath("//main[@id='deleted']")
    assert place.envelopes() == []


def test_what_was_ticked_but_not_saved_is_not_kept_by_asking_to_delete(
    somebody: Somebody, place: Installation
) -> None:
    somebody().begin().tick({"stop_attempts": "many"}).delete()
    assert place.envelopes() == []


@every_language
def test_a_late_post_from_an_old_tab_brings_nothing_back(
    somebody: Somebody, place: Installation, language: str
) -> None:
    person = somebody(language).begin()
    first_page = person.another_tab()
    person.next({"stop_attempts": "once"})
    second_page = person.another_tab()
    person.delete().press("go", "delete-yes")
    for late, ticks in ((first_page, {"stop_attempts": "once"}), (second_page, {"first_age": "age_0_9"})):
        late.next(ticks)
        assert late.seen.status == 410
        assert late.seen.language == language
        assert late.seen.tree.xpath("//main[@id='deleted']")
        late.again()
        assert late.seen.status == 410
    assert place.envelopes() == []
    assert place.total("first_page") == 1


def test_deleting_twice_is_as_good_as_once(somebody: Somebody, place: Installation) -> None:
    person = somebody().begin().next().delete()
    person.press("go", "delete-yes").again()
    assert person.seen.status == 200
    assert place.envelopes() == []
    assert len(place.tombstones()) == len(set(place.tombstones())) > 0


def test_with_the_receipt_alone_everything_is_deleted(somebody: Somebody, place: Installation) -> None:
    receipt = walk_all(somebody().begin(), TAKEN).seen.receipt
    walk_all(somebody("ar").begin(), TAKEN)
    assert len(place.responses()) == 2
    other = somebody().open_receipt()
    other.type_receipt(receipt)
    other.press("go", "delete")
    assert other.seen.tree.xpath("//main[@id='deleted']")
    assert place.bodies(receipt) == []
    assert place.response().context.language == "ar"


def test_a_receipt_of_deleted_answers_goes_on_with_nothing(somebody: Somebody, place: Installation) -> None:
    person = somebody().begin().next()
    receipt = person.seen.receipt
    person.delete().press("go", "delete-yes")
    for go in ("continue", "delete"):
        person.open_receipt()
        person.type_receipt(receipt)
        person.press("go", go)
        assert person.seen.tree.xpath("//main[@id='deleted']")
    assert place.envelopes() == []


def test_a_lost_page_with_the_receipt_of_deleted_answers_keeps_nothing(
    somebody: Somebody, place: Installation
) -> None:
    person = somebody().begin().next()
    receipt = person.seen.receipt
    tab = person.another_tab()
    person.delete().press("go", "delete-yes")
    place.clock.advance(hours=13)
    tab.next({"first_age": "age_0_9"}).type_receipt(receipt).next()
    assert tab.seen.status == 410
    assert place.envelopes() == []


def test_a_lost_page_deletes_what_its_receipt_is_for(somebody: Somebody, place: Installation) -> None:
    person = somebody().begin().next({"stop_attempts": "once"}).next()
    receipt = person.seen.receipt
    place.clock.advance(hours=13)
    person.next().type_receipt(receipt).delete().press("go", "delete-yes")
    assert person.seen.tree.xpath("//main[@id='deleted']")
    assert place.envelopes() == []


def test_a_lost_page_without_a_receipt_does_not_say_that_anything_is_deleted(
    somebody: Somebody, place: Installation
) -> None:
    person = somebody().begin().next({"stop_attempts": "once"}).next()
    place.clock.advance(hours=13)
    person.next().delete()
    assert person.seen.status == 409
    assert "/en/s/help-us/receipt" in person.seen.links()
    assert not person.seen.tree.xpath("//main[@id='deleted'] | //form[@id='delete']")
    assert len(place.envelopes()) == 2


# -- for good -----------------------------------------------------------------------------------------------


def traces(place: Installation, envelopes: list[Envelope]) -> list[str]:
    """Return the files of the server in which a piece of these envelopes, or of their keys, can be read."""
    pieces = [e.body[start : start + 32] for e in envelopes for start in range(0, len(e.body) - 32, 1024)]
    return sorted(
        path.name for path in place.folder.iterdir() if any(piece in path.read_bytes() for piece in pieces)
    )


def test_not_one_byte_is_left_in_database_log_or_ledger(somebody: Somebody, place: Installation) -> None:
    walk_all(somebody().begin(), TAKEN)
    kept = place.envelopes()
    goes = walk_all(somebody().begin(), TAKEN)
    gone = [envelope for envelope in place.envelopes() if envelope not in kept]
    assert traces(place, gone), "as long as they are kept, their bytes are found"
    goes.delete().press("go", "delete-yes")
    assert traces(place, gone) == []
    assert traces(place, kept)


def test_an_answer_that_was_replaced_leaves_no_byte_once_the_server_has_settled(place: Installation) -> None:
    with place.running() as client:
        person = Respondent(client, place.survey).begin().next({"stop_attempts": "no"})
        replaced = place.envelopes()
        person.back().next({"stop_attempts": "once"})
        assert place.envelopes() != replaced
    assert traces(place, replaced) == []
    assert traces(place, place.envelopes()) == ["offramp.sqlite"]


def test_a_restored_copy_of_the_database_is_deleted_from_again_when_the_server_starts(
    place: Installation,
) -> None:
    database = place.settings.database
    backup = place.folder.parent / "backup.sqlite"
    with place.running() as client:
        goes, _ = (
            Respondent(client, place.survey, tag).begin().next({"stop_attempts": "no"}) for tag in LANGUAGES
        )
        late, receipt = goes.another_tab(), goes.seen.receipt
    shutil.copy(database, backup)
    before = place.envelopes()
    with place.running() as client:
        goes.http = client
        goes.open_receipt()
        goes.type_receipt(receipt)
        goes.press("go", "delete")
    gone = [envelope for envelope in before if envelope not in place.envelopes()]
    assert len(gone) == 1
    shutil.copy(backup, database)
    assert traces(place, gone) == ["offramp.sqlite"]
    with place.running() as client:
        assert traces(place, gone) == []
        late.http = client
        late.next({"first_age": "age_0_9"}).type_receipt(receipt).next()
        assert late.seen.status == 410
    assert place.response().context.language == "ar"
    assert place.response().pages == ("stopping",)
