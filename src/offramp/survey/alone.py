"""A page that is asked by itself: outside any walk, with no draft, and with words that may be shown again.

What a respondent wrote is sealed to others and never shown again; what a participant wrote is their own. Not here:
where it is kept. The invariant: what is entered is read and asked exactly as on a page of a survey.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from offramp.language import Tag
from offramp.sealing import SECRET_BYTES, Secret
from offramp.survey.answers import WRITTEN, Answer, Missing
from offramp.survey.definition import Page, QuestionId, Survey
from offramp.survey.draft import Draft
from offramp.survey.flow import Stop
from offramp.survey.form import Fields, PageForm, choice_field, forget_field, read_page, words_field
from offramp.survey.view import PageView, page_view

# Options in random order keep one order for everybody here: who comes back to an entry finds it as it was.
_DRAW = bytes(8)
_NOBODY = Draft(Secret(bytes(SECRET_BYTES)))


def read_alone(page: Page, fields: Fields) -> PageForm:
    """Return what was entered on a page. Empty words are no words: whoever empties a field deletes them."""
    return read_page(page.questions, fields, frozenset())


def show_alone(
    survey: Survey, page: Page, tag: Tag, answers: Mapping[QuestionId, Answer], words: Mapping[QuestionId, str],
    posted: Fields | None = None, form: PageForm | None = None,
) -> PageView:  # fmt: skip
    """Return a page to be shown: filled from what was posted, or else from an earlier entry."""
    known = {name: answer for name, answer in answers.items() if answer is not WRITTEN}
    draft = replace(_NOBODY, answers=known)
    complaints = form.complaints if form else None
    view = page_view(survey, draft, _DRAW, Stop(page, page.questions), tag, posted, complaints)
    if posted is not None:
        return view
    fields = tuple(
        replace(field, words=words.get(QuestionId(field.id), "")) if field.words_name else field
        for field in view.fields
    )
    return replace(view, fields=fields)


def as_sent(
    survey: Survey,
    page: Page,
    tag: Tag,
    answers: Mapping[QuestionId, Answer],
    words: Mapping[QuestionId, str],
) -> Fields:
    """Return the fields that would have been posted for an entry, so that it can be sent as a page of a survey."""
    view = show_alone(survey, page, tag, answers, words)
    fields: dict[str, list[str]] = {}
    for field in view.fields:
        ticked = [option.code for option in (*field.options, *field.missing) if option.checked]
        fields[field.name] = [*ticked, *([field.value] if field.value else [])]
        if field.words_name and field.words:
            fields[field.words_name] = [field.words]
    return {name: values for name, values in fields.items() if values}


def entered(page: Page, fields: Fields) -> tuple[tuple[str, str], ...]:
    """Return the fields of a page with their values, so that a page in between can carry them on."""
    names = [name(q) for q in page.questions for name in (choice_field, words_field, forget_field)]
    return tuple((name, value) for name in names for value in fields.get(name, ()) if value.strip())


def says_nothing(form: PageForm) -> bool:
    """Tell whether a page was sent with nothing in it that is worth keeping."""
    passed = (Missing.SKIPPED, Missing.REFUSED, Missing.DONT_KNOW)
    return not form.words and all(answer in passed for answer in form.answers.values())
