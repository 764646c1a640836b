"""Questions that two surveys share, so that their answers can be laid side by side.

A question says so itself (`same_as = "help-us:first_age"`). Pure; what is wrong comes back as problems.
The invariant: where nothing is wrong, both ask with the same kind, codes, bounds and words, in every language that
both have; only the place in the questionnaire differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from offramp.errors import Problem
from offramp.language import Tag
from offramp.survey.definition import Question, Survey


def shared(survey: Survey, surveys: Mapping[str, Survey]) -> Iterator[tuple[Question, Survey, Question]]:
    """Yield each question that another survey asks, too, with that survey and its question."""
    for question in survey.questions:
        slug, _, name = question.same_as.partition(":")
        other = surveys.get(slug)
        twin = next((asked for asked in other.questions if asked.id == name), None) if other else None
        if other is not None and twin is not None:
            yield question, other, twin


def unlike(surveys: Mapping[str, Survey]) -> Iterator[Problem]:
    """Yield what keeps questions that are called the same from being the same."""
    for survey in surveys.values():
        pairs = {question.id: (other, twin) for question, other, twin in shared(survey, surveys)}
        for question in survey.questions:
            if not question.same_as:
                continue
            place = f"{survey.slug}/survey.toml, question {question.id}"
            if question.id not in pairs:
                yield Problem("survey.unknown_same", place, f"No survey asks “{question.same_as}”.",
                              "Please write same_as = \"slug:question\", or remove it.")  # fmt: skip
                continue
            other, twin = pairs[question.id]
            differs = [name for name, of in _FORM.items() if of(question) != of(twin)]
            if differs:
                what = f"This is not “{question.same_as}”: {', '.join(differs)} differ."
                yield Problem("survey.same_form", place, what, "Please make both alike, or remove same_as.")
            for tag in survey.catalogues.keys() & other.catalogues.keys() if not differs else ():
                yield from _words(survey, question, other, twin, tag)


_FORM: Mapping[str, Callable[[Question], object]] = {
    "kinds": lambda q: q.kind,
    "codes": lambda q: [(option.id, option.exclusive, option.fixed, option.name) for option in q.options],
    "bounds": lambda q: (q.low, q.high, q.most),
    "“don’t know”": lambda q: q.dont_know,
    "orders": lambda q: q.random_order,
    "places in a matrix": lambda q: q.matrix is not None,
}  # fmt: skip


def _words(survey: Survey, question: Question, other: Survey, twin: Question, tag: Tag) -> Iterator[Problem]:
    """Yield where the same question has other words; a key stands for what a translator sees."""
    own, theirs = survey.catalogues[tag].texts, other.catalogues[tag].texts
    keys = dict(zip(question.wording, twin.wording, strict=True))
    keys |= {
        f"question/{question.id}/{part}": f"question/{twin.id}/{part}" for part in ("hint", "low", "high")
    }
    keys |= {
        a.text_key: b.text_key for a, b in zip(question.options, twin.options, strict=True) if a.text_key
    }
    for key, theirs_key in keys.items():
        if own.get(key) != theirs.get(theirs_key):
            place = f"{survey.slug}, {tag}, {key}"
            yield Problem("survey.same_words", place, f"The words differ from those of “{question.same_as}”.",
                          f"Please use the same in both: “{theirs.get(theirs_key, 'nothing')}”.")  # fmt: skip
