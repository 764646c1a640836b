"""What is kept: one envelope a page, which the desk opens to exactly what was sent."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from offramp.errors import Refusal
from offramp.sealing import Binding, DeskKeys, envelope_bytes, unseal
from offramp.survey import Missing
from tests.web import answers
from tests.web.answers import TAKEN
from tests.web.installation import SERVICE, Installation
from tests.web.respondent import Respondent
from tests.web.test_web_walk import walk_all

Somebody = Callable[..., Respondent]


def test_each_page_is_one_envelope_and_words_are_one_more(somebody: Somebody, place: Installation) -> None:
    person = somebody().begin()
    counted, expected = [len(place.envelopes())], []
    while person.seen.page in TAKEN:
        page = TAKEN[person.seen.page]
        person.answer_page(page.ticks, page.words)
        counted.append(len(place.envelopes()))
        expected.append(1 + len(page.words))
    assert counted[0] == 0
    assert [after - before for before, after in pairwise(counted)] == expected
    assert len(expected) == len(TAKEN)


def test_all_envelopes_have_one_size_and_the_store_knows_only_survey_and_week(
    somebody: Somebody, place: Installation
) -> None:
    walk_all(somebody().begin(), TAKEN)
    assert {len(e.body) for e in place.envelopes()} == {envelope_bytes(place.survey.body_bytes, 1)}
    assert {len(e.key) for e in place.envelopes()} == {24}
    assert {(e.survey, e.week) for e in place.envelopes()} == {("help-us", "2026-W47")}


def test_only_the_desks_key_for_this_service_and_survey_opens_them(
    somebody: Somebody, place: Installation
) -> None:
    somebody().begin().next({"stop_attempts": "few"})
    (envelope,) = place.envelopes()
    assert place.open(envelope).answers
    stranger = DeskKeys(b"\1" * 32)
    for keys, service, purpose, code in (
        (stranger, SERVICE, "survey/help-us", "sealing.foreign"),
        (place.keys, "another", "survey/help-us", "sealing.cannot_open"),
        (place.keys, SERVICE, "survey/another", "sealing.cannot_open"),
    ):
        with pytest.raises(Refusal) as refusal:
            unseal(envelope.body, keys, Binding(service, purpose))
        assert refusal.value.codes == (code,)


def test_each_way_of_not_answering_has_its_own_code(somebody: Somebody, place: Installation) -> None:
    person = somebody().begin().next({"stop_attempts": Missing.REFUSED})
    person.next({"first_age": Missing.DONT_KNOW, "frequency": Missing.REFUSED})
    person.next({"told_anyone": ["friend", "nobody"]})
    codes = place.response().codes
    assert codes["stop_attempts"] is codes["frequency"] is Missing.REFUSED
    assert codes["livestream"] is Missing.SKIPPED
    assert codes["wish_to_stop"] in (Missing.SKIPPED, Missing.NOT_DRAWN)
    assert codes["first_age"] is Missing.DONT_KNOW
    assert codes["told_anyone"] is Missing.INVALID
    assert codes["wish_to_stop_after"] is Missing.NOT_REACHED


def test_answers_that_do_not_go_together_are_shown_again_until_they_are_mended(
    somebody: Somebody, place: Installation
) -> None:
    person = (
        somebody().begin().next().next().next({"told_anyone": ["friend", "nobody"], "fear_acts": "often"})
    )
    assert person.seen.status == 422
    assert person.seen.page == "contact"
    assert place.response().codes["fear_acts"] == ("often",)
    person.next({"told_anyone": ["nobody"]})
    assert person.seen.page == "help"
    assert place.response().codes["told_anyone"] == ("nobody",)
    assert place.response().codes["fear_acts"] == ("often",)


def test_going_back_shows_what_was_ticked_and_sending_it_again_changes_nothing(
    somebody: Somebody, place: Installation
) -> None:
    person = walk_all(somebody().begin(), TAKEN)
    before = place.response()
    person.press("go", "show")
    while person.seen.page != "stopping":
        person.back()
    while person.seen.page in TAKEN:
        offered = person.seen.page.startswith("offer_")
        person.answer_page(TAKEN[person.seen.page].ticks, {}) if offered else person.next()
    assert person.seen.tree.xpath("//main[@id='finished']")
    assert place.response().codes == before.codes == before.codes | answers.codes(TAKEN)
    assert place.response().words == before.words == answers.words(TAKEN)


def test_words_are_never_sent_back_out_and_stay_when_nothing_is_written(
    somebody: Somebody, place: Installation
) -> None:
    person = somebody().begin().next().next({"first_age": "age_35_up"}, {"first_way": "a brambulette"}).back()
    assert "brambulette" not in person.seen.body.decode()
    assert "saved and locked" in person.seen.text
    person.next({"first_age": "age_25_34"})
    assert place.response().words == {"first_way": "a brambulette"}
    assert place.response().codes["first_age"] == ("age_25_34",)
    assert place.response().codes["first_way"] == ("other",)


def test_words_written_again_take_the_place_of_the_earlier_ones(
    somebody: Somebody, place: Installation
) -> None:
    person = somebody().begin().next().next(words={"first_way": "a brambulette"}).back()
    person.next(words={"first_way": "a plinder"})
    assert place.response().words == {"first_way": "a plinder"}


def test_words_written_again_or_deleted_leave_those_of_the_pages_other_question(
    somebody: Somebody, place: Installation
) -> None:
    person = somebody().begin().next().next().next()
    person.next(words={"barriers": "plinders", "help_useful": "a brambulette"}).back()
    person.next(words={"barriers": "fewer plinders"})
    assert place.response().words == {"barriers": "fewer plinders", "help_useful": "a brambulette"}
    person.back().forget_words("barriers").next()
    assert place.response().words == {"help_useful": "a brambulette"}


def test_words_are_deleted_when_somebody_asks_for_it(somebody: Somebody, place: Installation) -> None:
    person = somebody().begin().next().next(words={"first_way": "a brambulette"}).back()
    person.forget_words("first_way").next({"first_way": "curious"})
    assert place.response().words == {}
    assert place.response().codes["first_way"] == ("curious",)
    assert "saved and locked" not in person.back().seen.text


def test_what_is_written_in_one_language_is_kept_when_the_language_is_changed(
    somebody: Somebody, place: Installation
) -> None:
    person = somebody().begin().next({"stop_attempts": "once"}).tick({"first_age": "age_0_9"})
    person.write({"first_way": "a plinder"}).switch("ar")
    assert person.seen.language == "ar"
    assert person.seen.page == "beginning"
    person.next().next()
    assert place.response().words == {"first_way": "a plinder"}
    assert place.response().codes["first_age"] == ("age_0_9",)
    assert place.response().context.language == "ar"


def test_a_double_click_and_a_reload_leave_one_answer(somebody: Somebody, place: Installation) -> None:
    person = somebody().begin().next({"stop_attempts": "many"}).again().again()
    assert person.seen.page == "beginning"
    assert len(place.envelopes()) == 1
    assert place.response().codes["stop_attempts"] == ("many",)


def test_the_receipt_is_offered_from_the_first_saved_page_on(somebody: Somebody, place: Installation) -> None:
    person = somebody().begin()
    assert not person.seen.receipt
    receipt = person.next().seen.receipt
    assert receipt
    assert person.next().seen.receipt == receipt
    assert {body.page for body in place.bodies(receipt)} == {"stopping", "beginning"}


def test_a_page_that_was_open_for_a_while_says_so_only_coarsely(
    somebody: Somebody, place: Installation
) -> None:
    person = somebody().begin()
    for seconds in (3, 14, 59, 299):
        place.clock.advance(seconds=seconds)
        person.next()
    assert sorted((body.page, body.time) for body in place.bodies()) == [
        ("beginning", 1), ("contact", 2), ("help", 3), ("stopping", 0)
    ]  # fmt: skip


def test_somebody_who_unticks_everything_and_goes_back_has_unticked_it(
    somebody: Somebody, place: Installation
) -> None:
    person = somebody().begin().next().next().next({"told_anyone": ["friend"]}).back()
    person.tick({"told_anyone": []}).back()
    assert place.response().codes["told_anyone"] is Missing.SKIPPED


def test_going_back_past_the_offer_leaves_the_module_taken(somebody: Somebody, place: Installation) -> None:
    person = somebody().begin()
    for _ in range(4):
        person.next()
    person.come_to_offer("technology").take().next({"tp1_open_web": "no"}).back().back().switch("ar").back()
    while person.seen.page.startswith("offer_"):
        person.back()
    assert person.seen.page == "help"
    assert place.response().codes["take_technology"] == ("take",)
    assert place.response().codes["tp1_open_web"] == ("no",)


def test_about_half_are_asked_how_strong_their_wish_is_and_the_others_are_not_drawn(
    somebody: Somebody, place: Installation
) -> None:
    asked = 0
    for _ in range(40):
        person = somebody().begin()
        offered = "q000" in person.seen.tree.xpath("//fieldset/@id")
        asked += offered
        person.next({"wish_to_stop": 7} if offered else {})
    codes = [response.codes["wish_to_stop"] for response in place.responses()]
    assert 8 <= asked <= 32
    assert codes.count(("7",)) == asked
    assert codes.count(Missing.NOT_DRAWN) == 40 - asked


def test_whoever_unticks_what_did_not_go_together_and_goes_back_has_skipped_it(
    somebody: Somebody, place: Installation
) -> None:
    person = somebody().begin().next().next().next({"told_anyone": ["friend", "nobody"]})
    assert person.seen.status == 422
    person.tick({"told_anyone": []}).back()
    assert place.response().codes["told_anyone"] is Missing.SKIPPED
