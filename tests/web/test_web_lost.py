"""A page whose draft no longer opens: clear words, nothing lost, nothing twice, in the person's language."""

from __future__ import annotations

import base64
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from offramp.language import Tag
from offramp.store import Store
from offramp.survey import Missing
from offramp.web import create_app, read_interface
from tests.unit.test_survey_draw import SAMPLE
from tests.web.installation import CONTENT, LANGUAGES, Installation
from tests.web.respondent import Respondent

Somebody = Callable[..., Respondent]
BEGUN = {"stop_attempts": "once"}
ENTERED = {"first_age": "age_25_34", "first_way": "other", "frequency": Missing.REFUSED}
WRITTEN = {"first_way": "a brambulette & “plinder”"}
CHOSEN = {"first_age": ("age_25_34",), "first_way": ("other",), "frequency": Missing.REFUSED}


def words(place: Installation, language: str, key: str) -> str:
    return read_interface(place.settings.content / "interface")[Tag(language)][key]


def at_the_second_page(person: Respondent) -> Respondent:
    return person.begin().next(BEGUN).tick(ENTERED).write(WRITTEN)


def assert_shown_back(person: Respondent) -> None:
    """The page shows again what was sent, so that pressing one button sends it once more."""
    assert person.seen.page == "beginning"
    names = [name for name, value in person._fields() if value and name[0] in "qw"]
    assert len(names) == len(ENTERED) + len(WRITTEN)
    assert WRITTEN["first_way"] in [value for _, value in person._fields()]


# -- the ways in which a draft does not open ----------------------------------------------------------------


def too_old(person: Respondent, place: Installation) -> None:
    place.clock.advance(hours=13)


def empty(person: Respondent, place: Installation) -> None:
    person.with_draft("")


def cut_short(person: Respondent, place: Installation) -> None:
    person.with_draft(person.seen.draft[:-40])


def not_base64(person: Respondent, place: Installation) -> None:
    person.with_draft("؟قé\x00" * 40)


def of_another_server(person: Respondent, place: Installation) -> None:
    other = Installation(place.folder.parent / "other")
    with other.running() as client:
        person.with_draft(Respondent(client, other.survey).begin().next().seen.draft)


WAYS = (too_old, empty, cut_short, not_base64, of_another_server)
every_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
every_language = pytest.mark.parametrize("language", LANGUAGES)


@every_language
@every_way
def test_what_was_just_sent_is_shown_back_and_goes_on_afresh(
    somebody: Somebody, place: Installation, way: Callable[..., None], language: str
) -> None:
    person = at_the_second_page(somebody(language))
    receipt = person.seen.receipt
    way(person, place)
    person.next()
    assert person.seen.status == 409
    assert person.seen.language == language
    assert person.seen.heading == words(place, language, "lost/title")
    assert_shown_back(person)
    assert len(place.envelopes()) == 1
    person.next()
    assert person.seen.page == "contact"
    before, after = sorted(place.responses(), key=lambda response: response.context.continued)
    assert before.pages == ("stopping",)
    assert before.codes["stop_attempts"] == ("once",)
    assert {body.page for body in place.bodies(receipt)} == {"stopping"}
    assert after.context.continued
    assert after.pages == ("beginning",)
    assert {question: after.codes[question] for question in CHOSEN} == CHOSEN
    assert after.words == WRITTEN
    assert after.codes["stop_attempts"] is Missing.NOT_ASKED


@every_language
@every_way
def test_with_the_receipt_it_is_joined_to_the_pages_before_it(
    somebody: Somebody, place: Installation, way: Callable[..., None], language: str
) -> None:
    person = at_the_second_page(somebody(language))
    receipt = person.seen.receipt
    way(person, place)
    person.next().type_receipt(receipt.lower().replace("-", " ")).next()
    assert person.seen.page == "contact"
    assert person.seen.receipt == receipt
    response = place.response()
    assert response.pages == ("stopping", "beginning")
    assert {q: response.codes[q] for q in (*CHOSEN, *BEGUN)} == {**CHOSEN, "stop_attempts": ("once",)}
    assert response.words == WRITTEN


def test_a_question_for_some_that_was_answered_is_shown_back_and_one_that_was_not_asked_does_not_appear(
    somebody: Somebody, place: Installation
) -> None:
    """The page goes on with another draw, whose sample is another."""
    kept = {True: 0, False: 0}
    for _ in range(24):
        person = somebody().begin()
        asked = person._offers("q000", "07")
        person.next({"wish_to_stop": 3} if asked else {}).back()
        receipt = person.history[-2].receipt
        person.tick({"wish_to_stop": 7} if asked else {"stop_attempts": "many"})
        too_old(person, place)
        person.next()
        assert person.seen.status == 409
        assert person._offers("q000", "07") == asked
        assert (("q000", "07") in person._fields()) == asked
        person.type_receipt(receipt).next()
        assert person.seen.page == "beginning"
        (response,) = (
            r for r in place.responses() if r.context.response == place.bodies(receipt)[0].context.response
        )
        assert response.codes["wish_to_stop"] == (("7",) if asked else Missing.NOT_DRAWN)
        kept[asked] += 1
    assert min(kept.values()) > 2


@every_language
def test_after_a_restart_saved_pages_stay_saved_and_the_receipt_goes_on(
    place: Installation, language: str
) -> None:
    with place.running() as client:
        person = at_the_second_page(Respondent(client, place.survey, language))
        receipt = person.seen.receipt
    with place.running() as client:
        person.http = client
        person.next()
        assert person.seen.status == 409
        assert_shown_back(person)
        person.type_receipt(receipt).next()
        assert person.seen.page == "contact"
    assert place.response().pages == ("stopping", "beginning")


def test_one_changed_bit_anywhere_closes_a_draft(somebody: Somebody, place: Installation) -> None:
    person = at_the_second_page(somebody())
    sealed = base64.urlsafe_b64decode(person.seen.draft)
    page = person.seen
    for bit in random.Random(2).sample(range(len(sealed) * 8), 40):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        person.history.append(page)
        person.tick(ENTERED).with_draft(base64.urlsafe_b64encode(changed).decode()).next()
        assert person.seen.status == 409
    assert len(place.envelopes()) == 1


def test_a_draft_of_another_survey_does_not_open(tmp_path: Path) -> None:
    two = tmp_path / "content"
    shutil.copytree(CONTENT, two)
    second = two / "surveys" / "second"
    shutil.copytree(two / "surveys" / "help-us", second)
    text = (second / "survey.toml").read_text(encoding="utf-8")
    (second / "survey.toml").write_text(text.replace('slug = "help-us"', 'slug = "second"'), encoding="utf-8")
    place = Installation(tmp_path / "server", content=two)
    with place.running() as client:
        person = Respondent(client, place.survey).begin().next(BEGUN)
        draft = person.seen.draft
        person.go_to("/en/s/second").agree().with_draft(draft).next(BEGUN)
        assert person.seen.status == 409
    assert len(place.envelopes()) == 1


def test_a_draft_of_an_earlier_structure_does_not_open(tmp_path: Path) -> None:
    changed = tmp_path / "content"
    shutil.copytree(CONTENT, changed)
    definition = changed / "surveys" / "help-us" / "survey.toml"
    place = Installation(tmp_path / "server", content=changed)

    def started() -> TestClient:
        """Start with the same keys for drafts each time, as no server does, so that only the structure differs."""
        store = Store.open(place.settings.database, place.settings.ledger)
        return TestClient(create_app(place.settings, store, place.clock, random.Random(7).randbytes))

    with started() as client:
        person = Respondent(client, place.survey).begin().next(BEGUN)
    with started() as client:
        person.http = client
        person.next(ENTERED)
        assert person.seen.page == "contact"
    text = definition.read_text(encoding="utf-8").replace("max_length = 500", "max_length = 400")
    definition.write_text(text, encoding="utf-8")
    with started() as client:
        person.http = client
        person.next({"fear_acts": "never"})
        assert person.seen.status == 409
        assert person.seen.page == "contact"


# -- receipts -----------------------------------------------------------------------------------------------


def test_a_wrong_receipt_is_a_complaint_and_keeps_what_was_entered(
    somebody: Somebody, place: Installation
) -> None:
    person = at_the_second_page(somebody())
    receipt = person.seen.receipt
    too_old(person, place)
    wrong = receipt[:-1] + ("0" if receipt[-1] != "0" else "1")
    person.next().type_receipt(wrong).next()
    assert person.seen.status == 422
    assert words(place, "en", "lost/receipt_wrong") in person.seen.text
    assert_shown_back(person)
    assert person.seen.tree.xpath("//input[@name='receipt']/@value") == [wrong]
    assert len(place.envelopes()) == 1
    person.type_receipt(receipt).next()
    assert place.response().pages == ("stopping", "beginning")


def test_sending_a_lost_page_twice_leaves_one_response_more_and_not_two(
    somebody: Somebody, place: Installation
) -> None:
    person = at_the_second_page(somebody())
    too_old(person, place)
    person.next().again().next().again().again()
    assert sorted(response.pages for response in place.responses()) == [("beginning",), ("stopping",)]


def test_a_lost_page_in_the_module_goes_on_with_the_receipt_inside_the_module(
    somebody: Somebody, place: Installation
) -> None:
    person = somebody().begin().next().next().next().next().come_to_offer("technology").take().next().next()
    assert person.seen.page == "tech_search"
    receipt = person.seen.receipt
    too_old(person, place)
    person.next({"tp4_search_social": ["none"]}).type_receipt(receipt).next()
    assert person.seen.page == "tech_social"


def test_a_lost_page_in_the_module_goes_on_afresh_inside_the_module(
    somebody: Somebody, place: Installation
) -> None:
    person = somebody().begin().next().next().next().next().come_to_offer("technology").take().next().next()
    too_old(person, place)
    person.next({"tp4_search_social": ["none"]}).next()
    assert person.seen.page == "tech_social"


def test_going_on_with_the_receipt_leads_to_the_first_page_that_is_not_saved(
    somebody: Somebody, place: Installation
) -> None:
    receipt = somebody().begin().next(BEGUN).next(ENTERED, WRITTEN).seen.receipt
    person = somebody("ar").open_receipt()
    person.type_receipt(receipt)
    person.press("go", "continue")
    assert person.seen.page == "contact"
    person.next({"fear_acts": "rarely"})
    assert place.response().pages == ("stopping", "beginning", "contact")


def test_pages_saved_before_a_receipt_was_used_are_not_wiped_out_by_walking_through_them(
    somebody: Somebody, place: Installation
) -> None:
    receipt = somebody().begin().next(BEGUN).next(ENTERED, WRITTEN).seen.receipt
    person = somebody().open_receipt()
    person.type_receipt(receipt)
    person.press("go", "continue").back().back().next().next()
    assert person.seen.page == "contact"
    response = place.response()
    assert response.codes["stop_attempts"] == ("once",)
    assert {question: response.codes[question] for question in CHOSEN} == CHOSEN
    assert response.words == WRITTEN


def test_after_a_receipt_nothing_is_recorded_that_nobody_ticked(
    somebody: Somebody, place: Installation
) -> None:
    person = somebody().begin().next().next().next().next(words={"barriers": "plinders"})
    receipt = person.seen.receipt
    person.open_receipt()
    person.type_receipt(receipt)
    person.press("go", "continue").back().next({"help_sought": "waiting"})
    assert place.response().codes["help_sought"] == ("waiting",)
    assert place.response().words == {}, "the page says that it takes the place of the saved one"
    assert place.response().codes["help_useful"] != ("other",)


def test_words_that_were_deleted_are_not_taken_for_saved_ones_after_a_receipt(
    somebody: Somebody, place: Installation
) -> None:
    person = somebody().begin().next().next(words={"first_way": "a plinder"}).back()
    receipt = person.forget_words("first_way").next().seen.receipt
    person.open_receipt().type_receipt(receipt).press("go", "continue").back()
    assert not person.seen.tree.xpath("//input[@name='f003']"), "there are no words to delete"
    person.next({"first_age": "age_0_9"})
    assert place.response().codes["first_way"] is Missing.SKIPPED


@every_language
def test_what_no_longer_can_be_shown_back_is_said_plainly(
    somebody: Somebody, place: Installation, language: str
) -> None:
    person = at_the_second_page(somebody(language))
    too_old(person, place)
    person.delete()
    assert person.seen.status == 409
    assert words(place, language, "lost/restart") in person.seen.text
    assert f"/{language}/s/help-us/receipt" in person.seen.links()
    assert len(place.envelopes()) == 1


def test_what_was_said_to_a_question_for_some_is_shown_again_although_nobody_knows_the_draw_any_more(
    tmp_path: Path,
) -> None:
    content = tmp_path / "content"
    shutil.copytree(
        CONTENT, content, ignore=shutil.ignore_patterns("surveys", "programmes", "drafts", "*.po")
    )
    (content / "surveys" / "tiny").mkdir(parents=True)
    (content / "surveys" / "tiny" / "survey.toml").write_text(SAMPLE, encoding="utf-8")
    place, asked = Installation(tmp_path / "server", content=content), 0
    with place.running() as client:
        while asked < 8:
            person = Respondent(client, place.survey).begin()
            if not person.seen.tree.xpath("//fieldset[.//legend[text()='Before?']]"):
                continue
            asked += 1
            person.tick({"before": "yes"}).with_draft("x").press("go", "next")
            assert person.seen.status == 409
            assert person.next().seen.status == 200
    assert [response.codes["before"] for response in place.responses()] == [("yes",)] * asked
