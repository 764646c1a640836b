"""The page that follows words which stood out: a calm box on whatever page it is, and no trace of it anywhere else."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from offramp.survey import Mark
from offramp.survey.form import words_field
from offramp.web.pages import PAGE_BYTES
from tests.web.installation import LANGUAGES, Installation
from tests.web.respondent import Respondent, Seen
from tests.web.test_web_walk import QUESTION_BYTES

Somebody = Callable[..., Respondent]
HOW = {
    Mark.CHILD_DANGER: "A child is in danger.",
    Mark.OWN_RISK: "I am afraid that I may hurt a child.",
    Mark.SELF_HARM: "I want to end my life.",
    Mark.LINK: "tortoise.example.com",
}
WHERE = {Mark.CHILD_DANGER: "report", Mark.OWN_RISK: "worried", Mark.SELF_HARM: "crisis", Mark.LINK: "report"}
# Fits into the shortest field for words.
EVERYTHING = "Child in danger. Afraid I may hurt a child. I want to end my life. tortoise.com"
OTHER = {"first_way": "other"}


def box(page: Seen) -> str:
    """Return what the box says, or nothing."""
    return " ".join(
        "".join(str(part.text_content()) for part in page.tree.xpath("//*[@id='gentle']")).split()
    )


def leads_to(page: Seen) -> list[str]:
    return [str(link) for link in page.tree.xpath("//*[@id='gentle']//a/@href")]


def at_words(person: Respondent) -> Respondent:
    """Go to the second page, which has a field for words."""
    return person.begin().next()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mark", Mark)
def test_the_next_page_says_where_to_turn(somebody: Somebody, language: str, mark: Mark) -> None:
    person = at_words(somebody(language)).next(OTHER, {"first_way": HOW[mark]})
    assert person.seen.status == 200
    assert person.seen.page == "contact"
    assert f"/{language}/help#{WHERE[mark]}" in leads_to(person.seen)
    assert person.go_to(f"/{language}/help").seen.tree.get_element_by_id(WHERE[mark]) is not None


def test_each_kind_has_words_of_its_own(somebody: Somebody) -> None:
    said = {box(at_words(somebody()).next(OTHER, {"first_way": text}).seen) for text in HOW.values()}
    assert len(said) == len(Mark)
    assert all("may be wrong" in each for each in said)


def test_a_place_to_report_stands_there_with_its_address(somebody: Somebody) -> None:
    person = at_words(somebody()).next(OTHER, {"first_way": HOW[Mark.LINK]})
    outside = [link for link in leads_to(person.seen) if not link.startswith("/")]
    assert outside == ["https://www.inhope.org/EN"]
    assert "tortoise" not in person.seen.body.decode()


def test_ordinary_words_are_answered_by_no_box(somebody: Somebody) -> None:
    person = at_words(somebody()).next(OTHER, {"first_way": "A friend showed me a brambulette."})
    assert not box(person.seen)


def too_long(person: Respondent) -> Respondent:
    return person.next(OTHER, {"first_way": EVERYTHING + " y" * 100})


def back(person: Respondent) -> Respondent:
    return person.tick(OTHER).write({"first_way": EVERYTHING}).back()


def other_language(person: Respondent) -> Respondent:
    return person.tick(OTHER).write({"first_way": EVERYTHING}).switch("ar")


def deleting(person: Respondent) -> Respondent:
    return person.tick(OTHER).write({"first_way": EVERYTHING}).delete()


def twice(person: Respondent) -> Respondent:
    return person.next(OTHER, {"first_way": EVERYTHING}).again()


def lost(person: Respondent) -> Respondent:
    return person.with_draft("").next(OTHER, {"first_way": EVERYTHING})


def lost_with_a_wrong_receipt(person: Respondent) -> Respondent:
    lost(person)
    return person.type_receipt("ABCD").press("go", "next")


def deleted_meanwhile(person: Respondent) -> Respondent:
    person.another_tab().delete().press("go", "delete-yes")
    return person.next(OTHER, {"first_way": EVERYTHING})


WAYS = (too_long, back, other_language, deleting, twice, lost, lost_with_a_wrong_receipt, deleted_meanwhile)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_whatever_page_follows_has_the_box_and_one_size(
    somebody: Somebody, way: Callable[[Respondent], Respondent]
) -> None:
    person = way(at_words(somebody()))
    assert len(leads_to(person.seen)) == 4
    assert len(person.seen.body) == PAGE_BYTES


def test_the_last_page_has_it_too(somebody: Somebody, place: Installation) -> None:
    person = somebody().begin()
    last = place.survey.pages[-1]
    while person.seen.page != last.id:
        person = person.leave() if person.seen.page.startswith("offer_") else person.next()
        assert not box(person.seen)
    (asked,) = (question.id for question in last.questions if question.open)
    person.next({}, {asked: EVERYTHING})
    assert person.seen.tree.xpath("//main[@id='finished']")
    assert len(leads_to(person.seen)) == 4
    assert len(person.seen.body) == PAGE_BYTES


# -- and then nothing remembers it --------------------------------------------------------------------------


def test_the_box_is_gone_with_the_next_page_and_nobody_else_sees_it(somebody: Somebody) -> None:
    person = at_words(somebody()).next(OTHER, {"first_way": EVERYTHING})
    assert box(person.seen)
    assert not box(person.next().seen)
    assert not box(person.back().seen)
    assert not box(at_words(somebody()).next(OTHER, {"first_way": "words"}).seen)
    assert not box(at_words(somebody()).next().seen)


def test_marks_are_in_the_envelope_of_the_words_and_in_no_other_place(
    somebody: Somebody, place: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    person = at_words(somebody()).next(OTHER, {"first_way": EVERYTHING})
    marked, plain = person.seen, at_words(somebody()).next(OTHER, {"first_way": "words"}).seen
    assert not any(str(mark) in str(tally) for tally in place.totals() for mark in Mark)
    assert [record for record in caplog.records if not record.name.startswith("http")] == []
    assert len(marked.draft) == len(plain.draft)
    assert [body.marks for body in place.bodies() if body.words] in ([tuple(Mark), ()], [(), tuple(Mark)])
    assert all(not body.marks for body in place.bodies() if not body.words)
    assert len({len(envelope.body) for envelope in place.envelopes()}) == 1


def test_words_that_are_replaced_take_their_marks_along(somebody: Somebody, place: Installation) -> None:
    person = at_words(somebody()).next(OTHER, {"first_way": EVERYTHING}).back()
    person.write({"first_way": "nothing of the kind"}).next()
    assert [body.marks for body in place.bodies() if body.words] == [()]
    person.back().forget_words("first_way").next()
    assert [(body.words, body.marks) for body in place.bodies() if body.words] == [({"first_way": ""}, ())]


# -- sizes --------------------------------------------------------------------------------------------------


def without_padding(page: Seen) -> int:
    return len(re.sub(rb"<!--\.*-->", b"", page.body))


def shown_after_words(person: Respondent, server: TestClient) -> list[Seen]:
    """Send each page that takes words, full of what stands out, by each of its buttons; return what follows."""
    draft, seen = person.seen.draft, []
    for page in person.survey.pages:
        # What is asked only after a certain answer is not asked here, so that its words would not be read.
        asked = [q for q in page.questions if q.max_length >= len(EVERYTHING) and not q.relevant]
        words = [(words_field(q), EVERYTHING) for q in asked]
        for go in ("next", "back", "stay") if words else ():
            form = {"draft": draft, "page": page.id, "go": go, **dict(words)}
            answer = server.post(f"/{person.language}/s/{person.survey.slug}", data=form)
            seen.append(Seen("", answer.status_code, answer.content, answer.headers))
    return [page for page in seen if page.tree.xpath("//form[@id='answers']")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_of_questions_with_everything_in_the_box_still_leaves_room(
    server: TestClient, place: Installation, language: str
) -> None:
    person = Respondent(server, place.survey, language).begin()
    fresh = shown_after_words(person, server)
    receipt = person.next().seen.receipt
    person.open_receipt().type_receipt(receipt).press("go", "continue")
    locked = shown_after_words(person, server)
    assert len(fresh) > 5
    assert all(len(leads_to(page)) == 4 for page in (*fresh, *locked))
    assert any(page.tree.xpath("//p[@class='note'][not(ancestor::header)]") for page in locked)
    assert max(map(without_padding, (*fresh, *locked))) <= QUESTION_BYTES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_that_shows_back_the_longest_words_stays_within_its_size(
    server: TestClient, place: Installation, language: str
) -> None:
    for page in place.survey.pages:
        # A quotation mark takes the most room when it is escaped; one word beside it brings the box.
        words = {words_field(q): "tortoise.com " + '"' * (q.max_length + 9) for q in page.questions if q.open}
        form = {"draft": "", "page": page.id, "go": "next", **words}
        for _ in range(bool(words)):
            answer = server.post(f"/{language}/s/{place.slug}", data=form)
            assert answer.status_code == 409
            assert len(answer.content) == PAGE_BYTES
