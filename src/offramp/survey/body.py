"""What is inside an envelope of a survey: JSON, made to be read for decades. See docs/reference/formats.md.

A page's closed answers are one body. The words that a person wrote to one question are another, under a key of
their own, so that going Back and changing a tick wipes out no words that the server can no longer read. Words that
were deleted are an empty text. What words were marked as (signals) is sealed with them; where there is nothing, no
key says so, and the body is as it was before there were marks.
The invariant: `fullest_page` bounds every body that `answers_body` and `words_body` can make for that page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from offramp.errors import Fault
from offramp.survey.answers import Answer, ChosenMany, Missing, from_plain, to_plain
from offramp.survey.definition import Page, PageId, QuestionId, Survey
from offramp.survey.signals import Mark, Marks

VERSION = 1
# How long a page was open, in seconds, as the upper ends of coarse buckets; the last one is open.
TIME_BUCKETS = (5, 15, 60, 300)


@dataclass(frozen=True, slots=True)
class Context:
    """What is true of a whole response when one of its pages is sealed; each body repeats it."""

    response: str
    survey: str
    structure: str
    text: str
    language: str
    week: str
    draw: str
    arm: str = ""
    continued: bool = False
    synthetic: bool = False


_CONTEXT = tuple(one.name for one in fields(Context))


@dataclass(frozen=True, slots=True)
class Body:
    """One opened body: either answers or words of a page."""

    context: Context
    page: PageId
    time: int
    answers: Mapping[QuestionId, Answer] | None
    words: Mapping[QuestionId, str] | None
    marks: Marks = ()


def time_bucket(seconds: int) -> int:
    """Return 0 to 4: how long a page was open, as coarse as cleaning needs it."""
    return sum(seconds >= end for end in TIME_BUCKETS)


def answers_body(context: Context, page: PageId, answers: Mapping[QuestionId, Answer], time: int) -> bytes:
    plain = {question: to_plain(answer) for question, answer in answers.items()}
    return _bytes({"v": VERSION, **_plain(context), "page": page, "time": time, "answers": plain})


def words_body(
    context: Context, page: PageId, words: Mapping[QuestionId, str], time: int, marks: Marks = ()
) -> bytes:
    marked = {"marks": list(marks)} if marks else {}
    return _bytes(
        {"v": VERSION, **_plain(context), "page": page, "time": time, "words": dict(words), **marked}
    )


def _plain(context: Context) -> dict[str, Any]:
    return {name: getattr(context, name) for name in _CONTEXT}


def _bytes(plain: dict[str, Any]) -> bytes:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()


def read_body(opened: bytes) -> Body:
    """Return an opened body. Fault: it is none of version 1."""
    try:
        plain = json.loads(opened)
        if plain.pop("v") != VERSION:
            raise Fault("the body is of another version")
        page, time = PageId(plain.pop("page")), int(plain.pop("time"))
        answers, words = plain.pop("answers", None), plain.pop("words", None)
        # Only words have marks; elsewhere the key is as foreign as any other.
        marks = [Mark(str(mark)) for mark in _listed(plain.pop("marks", []))] if words is not None else []
        context = Context(**plain)
        if answers is not None:
            answers = {QuestionId(q): from_plain(answer) for q, answer in answers.items()}
        if words is not None and not all(isinstance(text, str) for text in words.values()):
            raise Fault("words are texts")
        return Body(context, page, time, answers, words, tuple(marks))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Fault(f"the body cannot be read ({type(error).__name__})") from None


def _listed(plain: object) -> list[object]:
    if not isinstance(plain, list):
        raise Fault("marks are a list")
    return plain


def fullest_page(survey: Survey, page: Page) -> int:
    """Return how many bytes (with the length in front) the longest body of a page takes."""
    context = Context("f" * 32, survey.slug, survey.structure, "f" * 64, "xx", "2026-W47", "f" * 16, "a" * 24,
                      False, False)  # fmt: skip
    longest: dict[QuestionId, Answer] = {}
    for question in page.questions:
        every = tuple(option.id for option in question.options)
        candidates: list[Answer] = [Missing.REFUSED, *([ChosenMany(every)] if every else [])]
        longest[question.id] = max(candidates, key=lambda answer: len(_bytes({"a": to_plain(answer)})))
    # The longest character takes four bytes; nothing that a person may write is escaped to more (see form).
    words = [{q.id: "\U0001f6e4" * q.max_length} for q in page.questions if q.open]
    bodies = [
        answers_body(context, page.id, longest, 4),
        *(words_body(context, page.id, w, 4, tuple(Mark)) for w in words),
    ]
    return 4 + max(len(body) for body in bodies)
