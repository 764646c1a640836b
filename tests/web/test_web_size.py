"""How large the pages of the real survey are before they are filled up: each, in every language, at its fullest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from offramp.language import LANGUAGES as KNOWN
from offramp.language import Tag
from offramp.survey import read_surveys
from offramp.survey.definition import Kind
from offramp.survey.form import choice_field, words_field
from offramp.web import read_content
from offramp.web.pages import PAGE_BYTES
from tests.web.installation import CONTENT, EVERY, OFFERED, Installation
from tests.web.respondent import Respondent, Seen, Tick

QUESTION_BYTES = 16 * 1024
# Whoever answers this is asked every question that depends on another.
LEADING: dict[str, dict[str, Tick]] = {
    "beginning": {"livestream": "more"},
    "contact": {"contact_sought": "both"},
    "help": {"help_sought": "waiting"},
    "tech_web": {"tp1_open_web": "yes"},
    "strategies_tried": {"strat_tried": ["talking"]},
}
# Pages that complain, at the least: those with a multiple choice.
COMPLAIN = {"help-us": 16, "no-need": 7}
# How each language is offered on a page of questions; those that are not complete yet must find room there too.
OPTION = '<option value="{0}" lang="{0}">{1}</option>'
# A letter that takes two bytes, as in every language here that is not written in Latin letters.
LETTER = "ظ"


def length(page: Seen) -> int:
    """Return how many bytes a page has without what fills it up."""
    return len(re.sub(rb"<!--\.*-->", b"", page.body))


def drawn(person: Respondent) -> Respondent:
    """Begin again and again, until chance has drawn every question of the first page."""
    for _ in range(60):
        fields = person.begin().seen.tree.xpath("//fieldset/@id")
        if len(fields) == len(person.survey.pages[0].questions):
            return person
    raise AssertionError("nobody was drawn in sixty beginnings")


def fullest(person: Respondent) -> Iterator[tuple[str, Seen]]:
    """Yield every page of the survey: as it comes, with all words and complaints on it, and as one comes back to it."""
    drawn(person)
    while person.seen.tree.xpath("//form[@id='answers']"):
        page = person.survey.page_of[person.seen.page]  # type: ignore[index]
        yield f"{page.id}, fresh", person.seen
        if page.part == "offer":
            person.take()
            continue
        shown = set(person.seen.tree.xpath("//fieldset/@id"))
        asked = [question for question in page.questions if choice_field(question) in shown]
        assert asked == list(page.questions), f"not everything is asked on {page.id}"
        leading = {
            q: tick for q, tick in LEADING.get(page.id, {}).items() if q in {each.id for each in asked}
        }
        for question in asked:
            if question.open:
                person._entries[words_field(question)] = [LETTER * question.max_length]
            if question.kind is Kind.MULTIPLE:
                # Does not go together with “I would rather not say”.
                person._entries[choice_field(question)] = ["00", "98"]
        person.press("go", "next")
        if person.seen.status == 422:
            yield f"{page.id}, with complaints", person.seen
            for question in asked:
                if question.kind is Kind.MULTIPLE:
                    person._entries[choice_field(question)] = [] if question.open else ["00"]
            person.tick(leading).press("go", "next")
        elif leading:
            person.back().tick(leading).press("go", "next")
        assert person.seen.status == 200
    yield "finished", person.seen
    person.press("go", "show")
    while True:
        yield f"{person.seen.page}, saved", person.seen
        if not person.seen.tree.xpath("//button[@value='back']"):
            return
        person.back()


@pytest.mark.parametrize("slug", COMPLAIN)
@pytest.mark.parametrize("language", EVERY)
def test_every_question_page_is_at_most_sixteen_kibibytes_before_it_is_filled_up(
    somebody: Callable[..., Respondent], place: Installation, language: str, slug: str
) -> None:
    shown = read_content(place.settings)
    assert set(shown.offered) == set(OFFERED)
    if language not in shown.spoken[slug]:
        pytest.skip("this survey is not translated into it yet")
    person = somebody(language)
    person.survey = read_surveys(CONTENT)[slug]
    seen = dict(fullest(person))
    assert {name.split(",")[0] for name in seen} == {"finished", *(page.id for page in person.survey.pages)}
    assert sum("complaints" in name for name in seen) >= COMPLAIN[slug]
    tongues = (one for one in KNOWN.values() if one.tag not in shown.spoken[slug])
    coming = sum(len(OPTION.format(one.tag, one.name).encode()) for one in tongues)
    other = KNOWN[Tag("ar" if language == "en" else "en")]
    asked = {n for n, page in seen.items() if OPTION.format(other.tag, other.name).encode() in page.body}
    assert len(asked) == len(seen) - 1  # all but the last page
    sizes = {name: length(page) + coming * (name in asked) for name, page in seen.items()}
    assert {name: size for name, size in sizes.items() if size > QUESTION_BYTES} == {}
    assert {len(page.body) for page in seen.values()} == {PAGE_BYTES}
