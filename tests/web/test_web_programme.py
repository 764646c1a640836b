"""A participant's way through the programme over real pages: nothing kept unasked, a code, sittings, tabs, deletion."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from offramp.language import Tag
from offramp.programme import Programme, StepKind, read_codes, read_programmes
from offramp.sealing import Binding, locker_from_code, unseal
from offramp.survey import QuestionId, join, read_body
from offramp.web.guide import read_guides
from offramp.web.pages import PROGRAMME_BYTES
from tests.web.installation import CONTENT, PEPPER, SERVICE, Installation
from tests.web.participant import Participant


@cache
def shipped() -> Programme:
    return read_programmes(CONTENT)["way-on"]


@pytest.fixture
def place(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "server")


@pytest.fixture
def client(place: Installation) -> Iterator[TestClient]:
    with place.running() as client:
        yield client


def somebody(client: TestClient, tag: str = "en") -> Participant:
    return Participant(client, shipped(), tag)


def new_code() -> tuple[str, ...]:
    return read_codes(CONTENT / "codes").new("en", os.urandom)


def rows(place: Installation) -> int:
    with place._store() as store:
        return store.journals.expired("9999-12-31")


def begun(client: TestClient, words: str = "marker-heron", how: str = "keep-code") -> Participant:
    """Return somebody who has written something down and keeps it."""
    return somebody(client).open("/what_leads").write("leads_before", words).press("save").press(how)


def test_every_step_can_be_read_without_a_code_in_both_languages(client: TestClient) -> None:
    for tag in ("en", "es"):
        reader = somebody(client, tag).open()
        assert reader.title == shipped().catalogues[tag]["title"]
        for step in shipped().steps:
            reader.open(f"/{step.id}")
            assert (reader.status, reader.length) == (200, PROGRAMME_BYTES), step.id
            assert reader.title == shipped().catalogues[tag][step.title_key]
            assert not reader.journal


def test_nothing_is_kept_before_somebody_has_chosen_how(client: TestClient, place: Installation) -> None:
    person = somebody(client).open("/what_leads").write("leads_before", "marker-heron").press("save")
    assert "marker-heron" in person.text
    assert not person.journal
    assert rows(place) == 0


def test_an_exercise_with_nothing_in_it_asks_nobody_to_keep_it(client: TestClient) -> None:
    person = somebody(client).open("/what_leads").press("save")
    assert person.title == shipped().catalogues["en"]["page/stakes/title"]


def test_a_code_is_shown_once_and_opens_the_journal_again(client: TestClient) -> None:
    person = begun(client)
    code = person.code
    assert len(code.split()) == 8
    person.go("stakes")
    assert code not in person.text
    later = somebody(client).open().fill("code", f" {code.upper()} ").press("open")
    later.go("what_leads")
    assert "marker-heron" in later.text


def test_a_code_is_in_no_address_and_no_header_and_never_in_a_page_again(client: TestClient) -> None:
    person = begun(client)
    code = person.code
    words = code.split()
    person.go("stakes").press("overview").go("what_leads")
    assert not any(code in body for body in person.sent)
    assert not any(f" {words[0]} {words[1]} " in person.text for _ in (0,))


@pytest.mark.parametrize(("typed", "status"), [("amber birch", 422), ("", 422), ("1111 " * 8, 422)])
def test_a_code_that_is_none_is_said_to_be_mistyped(client: TestClient, typed: str, status: int) -> None:
    person = somebody(client).open().fill("code", typed).press("open")
    assert person.status == status
    assert not person.journal


def test_a_deleted_journal_looks_like_one_that_never_was(client: TestClient) -> None:
    code = begun(client).code
    somebody(client).open().fill("code", code).press("open").press("delete").press("delete-yes")
    deleted = somebody(client).open().fill("code", code).press("open")
    never = somebody(client).open().fill("code", " ".join(new_code())).press("open")
    assert (deleted.status, deleted.length) == (never.status, never.length) == (404, PROGRAMME_BYTES)
    assert deleted.text == never.text


def test_a_sitting_has_no_code_and_may_still_get_one(client: TestClient, place: Installation) -> None:
    person = begun(client, how="keep-sitting")
    assert person.journal
    person.press("overview")
    assert person.offers("get-code")
    person.press("get-code")
    code = person.code
    later = somebody(client).open().fill("code", code).press("open").go("what_leads")
    assert "marker-heron" in later.text


def test_a_sitting_is_gone_three_days_later_and_a_journal_is_not(
    client: TestClient, place: Installation
) -> None:
    begun(client, how="keep-sitting")
    sat = rows(place)
    begun(client)
    both = rows(place)
    place.clock.advance(days=3)
    with place._store() as store:
        store.journals.purge(place.clock().date().isoformat())
    assert sat > 0
    assert rows(place) == both - sat


def test_what_is_written_again_takes_the_place_of_what_was_there(client: TestClient) -> None:
    person = begun(client).go("what_leads").press("edit")
    person.write("leads_before", "marker-egret").press("save").go("what_leads")
    assert "marker-egret" in person.text
    assert "marker-heron" not in person.text


def test_an_entry_that_two_tabs_change_is_kept_twice(client: TestClient) -> None:
    person = begun(client)
    code = person.code
    one = somebody(client).open().fill("code", code).press("open").go("what_leads").press("edit")
    two = somebody(client).open().fill("code", code).press("open").go("what_leads").press("edit")
    one.write("leads_before", "marker-one").press("save")
    two.write("leads_before", "marker-two").press("save").go("what_leads")
    assert "marker-one" in two.text
    assert "marker-two" in two.text


def test_sending_a_page_twice_is_one_entry(client: TestClient) -> None:
    person = begun(client).go("urge_log")
    person.rate("log_strength", 7)
    form = person.tree
    person.press("again")
    person.tree = form
    person.rate("log_strength", 7).press("again").go("urge_log")
    assert person.text.count("Entry 1") == 1
    assert "Entry 2" not in person.text


def test_an_entry_is_removed_only_after_being_asked(client: TestClient) -> None:
    person = begun(client).go("what_leads").press("remove")
    assert person.offers("remove-yes")
    person.press("remove-yes")
    assert "marker-heron" not in person.text


def test_after_two_hours_the_code_is_asked_for_and_what_was_typed(
    client: TestClient, place: Installation
) -> None:
    person = begun(client)
    code = person.code
    person.go("reasons").write("reasons_keep_gain", "marker-late")
    place.clock.advance(hours=3)
    person.press("save")
    assert (person.status, person.journal) == (409, "")
    assert "marker-late" in person.text
    person.fill("code", code).press("keep-existing").go("reasons")
    assert "marker-late" in person.text


def test_check_ins_stay_in_the_journal_until_somebody_agrees(client: TestClient, place: Installation) -> None:
    person = begun(client).go("check_start").rate("urge_start", 8).press("save")
    assert person.offers("consent-yes")
    assert place.envelopes() == []
    person.press("consent-yes")
    assert len(place.envelopes()) == 1
    person.go("check_one").rate("urge_after_one", 5).press("save")
    survey = shipped().check_in
    found = [
        read_body(unseal(e.body, place.keys, Binding(SERVICE, f"survey/{survey.slug}")))
        for e in place.envelopes()
    ]
    (response,) = join(survey, found)
    assert [response.codes[QuestionId(name)] for name in ("urge_start", "urge_after_one")] == [("8",), ("5",)]


def test_taking_it_back_deletes_what_was_sent(client: TestClient, place: Installation) -> None:
    person = begun(client).go("check_start").rate("urge_start", 8).press("save")
    person.press("consent-yes").press("consent")
    sent = [envelope.key for envelope in place.envelopes()]
    person.press("consent-no")
    assert place.envelopes() == []
    assert set(map(bytes, sent)) <= set(place.tombstones())


def test_deleting_everything_leaves_nothing(client: TestClient, place: Installation) -> None:
    person = begun(client).go("check_start").rate("urge_start", 8).press("save")
    person.press("consent-yes").press("delete")
    assert rows(place) > 0
    person.press("delete-yes")
    assert rows(place) == 0
    assert place.envelopes() == []


def test_sheets_fill_themselves(client: TestClient) -> None:
    person = begun(client).go("my_chain")
    for name in ("situation", "thought", "feeling", "urge", "act"):
        person.write(f"chain_{name}", f"marker-{name}")
    person.press("save").go("path", "sheet")
    for name in ("situation", "thought", "feeling", "urge", "act"):
        assert f"marker-{name}" in person.text


def test_every_page_of_an_open_journal_has_one_length(client: TestClient) -> None:
    person = begun(client)
    lengths = {person.length}
    for step in shipped().steps:
        if step.relevant is None:
            lengths.add(person.go(step.id).length)
    for sheet in shipped().worksheets:
        lengths.add(person.go(sheet.id, "sheet").length)
    assert lengths == {PROGRAMME_BYTES}
    assert any(step.kind is StepKind.WORKSHEET for step in shipped().steps)


def test_closing_takes_the_key_out_of_the_page(client: TestClient) -> None:
    person = begun(client).go("stakes").press("close")
    assert not person.journal
    assert "closed" in person.title


@pytest.mark.parametrize(("drafts", "shown"), [((), ()), (("es",), ("es",)), (("en", "es"), ("en", "es"))])
def test_a_live_server_shows_no_text_that_nobody_has_signed_unless_it_is_named(
    place: Installation, drafts: tuple[str, ...], shown: tuple[str, ...]
) -> None:
    live = replace(place.settings, demonstration=False, drafts=tuple(map(Tag, drafts)))
    offered = (Tag("en"), Tag("es"), Tag("fi"))
    found = read_guides(live, offered).of
    assert (found["way-on"].tags if found else ()) == shown


def test_without_a_pepper_nobody_is_invited_to_begin(place: Installation) -> None:
    assert read_guides(replace(place.settings, pepper=None), (Tag("en"),)).of == {}


def damage(place: Installation, code: str, *rows: str) -> None:
    """Change one byte in rows of a journal, as a failing disk would."""
    locker = locker_from_code(read_codes(CONTENT / "codes").read(code), bytes.fromhex(PEPPER))
    with contextlib.closing(sqlite3.connect(place.settings.database)) as database, database:
        for row in rows:
            key = locker.row_key(row)
            (body,) = database.execute("SELECT body FROM journal WHERE key = ?", (key,)).fetchone()
            spoilt = body[:-1] + bytes([body[-1] ^ 1])
            database.execute("UPDATE journal SET body = ? WHERE key = ?", (spoilt, key))


def test_a_damaged_journal_says_so_and_goes_on_from_its_last_good_state(
    client: TestClient, place: Installation
) -> None:
    person = begun(client)
    code = person.code
    person.go("reasons").write("reasons_keep_gain", "marker-newest").press("save")
    # The second change lies in head 0, the first one in head 1.
    damage(place, code, "head/0")
    back = somebody(client).open().fill("code", code).press("open")
    assert back.status == 200
    assert "the newest state of your journal cannot be opened" in back.text
    assert "There is an earlier state that can be opened" in back.text
    assert "marker-heron" in back.go("what_leads").text
    assert "marker-newest" not in back.go("reasons").text


def test_a_journal_of_which_nothing_can_be_read_can_be_deleted_with_its_code(
    client: TestClient, place: Installation
) -> None:
    person = begun(client)
    code = person.code
    person.go("reasons").write("reasons_keep_gain", "x").press("save")
    damage(place, code, "head/0", "head/1")
    back = somebody(client).open().fill("code", code).press("open")
    assert "Your journal is damaged" in back.title
    back.press("damaged-delete")
    assert "Everything is deleted" in back.title
    assert somebody(client).open().fill("code", code).press("open").status == 404
