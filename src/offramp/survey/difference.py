"""What differs between two versions of a survey, and which of their answers can be counted together.

Pure. Not here: the counting itself (response joins what this says may be joined).
The invariant: answers are counted together only if every code of the old question has a place in the new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from offramp.language import Tag
from offramp.survey.definition import Option, Page, Question, QuestionId, Survey
from offramp.survey.view import label


class Joins(StrEnum):
    """Whether answers of both versions can be counted together."""

    YES = "yes"
    WITH_CARE = "with care"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: of what (a question, or the order, or a sample), what it is, and what follows for counting."""

    subject: str
    joins: Joins
    what: str


def difference(old: Survey, new: Survey) -> tuple[Change, ...]:
    """Return all that differs, in the order of the new version, then what is gone."""
    earlier = {question.id: question for question in old.questions}
    changes = list(_whole(old, new))
    for question in new.questions:
        before = earlier.pop(question.id, None)
        if before is None:
            changes.append(Change(question.id, Joins.NO, "added: whoever answered before was not asked"))
        else:
            changes += _question(old, new, before, question)
    changes += [Change(gone, Joins.NO, "gone: asked in the earlier version alone") for gone in earlier]
    return tuple(changes)


def joined(old: Survey, new: Survey) -> frozenset[QuestionId]:
    """Return the questions whose answers of both versions can be counted together."""
    apart = {change.subject for change in difference(old, new) if change.joins is Joins.NO}
    return frozenset(question.id for question in old.questions if question.id not in apart)


def _whole(old: Survey, new: Survey) -> Iterator[Change]:
    if old.random_modules != new.random_modules:
        yield Change("order of modules", Joins.WITH_CARE, "now random" if new.random_modules else "now fixed")
    elif old.modules != new.modules and not new.random_modules:
        yield Change("order of modules", Joins.WITH_CARE, f"now {', '.join(new.modules)}")
    shares = {sample.id: sample.share for sample in old.samples}
    for sample in new.samples:
        before = shares.get(sample.id, sample.share)
        if before != sample.share:
            yield Change(f"sample {sample.id}", Joins.WITH_CARE, f"{before} % before, {sample.share} % now")


def _question(old: Survey, new: Survey, before: Question, now: Question) -> Iterator[Change]:
    for joins, what in (*_form(before, now), *_options(before.options, now.options), *_asking(before, now),
                        *_place(old.page_asking(before.id), new.page_asking(now.id)),
                        *_wording(old, new, now)):  # fmt: skip
        yield Change(now.id, joins, what)


Found = Iterator[tuple[Joins, str]]


def _form(before: Question, now: Question) -> Found:
    if before.kind != now.kind:
        yield Joins.NO, f"a {before.kind} question before, {now.kind} now"
    elif (before.low, before.high) != (now.low, now.high):
        yield Joins.NO, f"{before.low} to {before.high} before, {now.low} to {now.high} now"
    if before.most != now.most:
        yield Joins.WITH_CARE, f"up to {before.most or 'all'} answers before, up to {now.most or 'all'} now"
    if before.max_length != now.max_length and before.open and now.open:
        yield Joins.YES, f"words of up to {before.max_length} characters before, {now.max_length} now"


def _options(before: Iterable[Option], now: Iterable[Option]) -> Found:
    old, new = {option.id: option for option in before}, {option.id: option for option in now}
    if gone := [name for name in old if name not in new]:
        yield Joins.NO, f"options gone: {', '.join(gone)}"
    if added := [name for name in new if name not in old]:
        yield Joins.WITH_CARE, f"options added, which nobody could choose before: {', '.join(added)}"
    if alone := [name for name in new if name in old and old[name].exclusive != new[name].exclusive]:
        yield Joins.WITH_CARE, f"options that stand alone in one version only: {', '.join(alone)}"
    both = [name for name in new if name in old]
    if both != [name for name in old if name in new]:
        yield Joins.WITH_CARE, "options in another order"


def _asking(before: Question, now: Question) -> Found:
    if before.relevant_text != now.relevant_text:
        yield Joins.WITH_CARE, "asked of others: " + (now.relevant_text or "now of everybody")
    if before.sample != now.sample:
        yield Joins.WITH_CARE, f"asked of the sample “{now.sample}”" if now.sample else "now in no sample"
    if before.dont_know != now.dont_know:
        yield Joins.WITH_CARE, "“don’t know” can be chosen in one version only"
    if before.random_order != now.random_order:
        yield Joins.WITH_CARE, "options in random order in one version only"


def _place(before: Page, now: Page) -> Found:
    if (before.part, before.module) != (now.part, now.module):
        yield Joins.WITH_CARE, f"in another part: {now.module or now.part}"
    elif before.id != now.id:
        yield Joins.WITH_CARE, f"on another page: {now.id}"


def _wording(old: Survey, new: Survey, question: Question) -> Found:
    """Only a person can tell whether a changed wording asks the same."""
    both = old.catalogues.keys() & new.catalogues.keys()
    before = next(asked for asked in old.questions if asked.id == question.id)
    changed = sorted(tag for tag in both if _words(old, tag, before) != _words(new, tag, question))
    if changed:
        yield Joins.WITH_CARE, f"other words in: {', '.join(changed)}"
    labels = sorted(tag for tag in both if _labels_differ(old, new, tag, question.id))
    if labels:
        yield Joins.WITH_CARE, f"options in other words in: {', '.join(labels)}"


def _words(survey: Survey, tag: Tag, question: Question) -> list[str | None]:
    texts = survey.catalogues[tag].texts
    keys = (*question.wording, *(f"question/{question.id}/{part}" for part in ("hint", "low", "high")))
    return [texts.get(key) for key in keys]


def _labels_differ(old: Survey, new: Survey, tag: Tag, question: QuestionId) -> bool:
    before, now = _labels(old, tag, question), _labels(new, tag, question)
    return any(before[option] != now[option] for option in before.keys() & now.keys())


def _labels(survey: Survey, tag: Tag, identity: QuestionId) -> dict[str, str]:
    question = next(question for question in survey.questions if question.id == identity)
    return {option.id: label(option, survey.catalogues[tag]) for option in question.options}
