"""Counting and reporting a list of responses in tests, without any file: the same blocks, reckoning and sheets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from offramp.desk import read_findings, read_frame
from offramp.desk import report as made_report
from offramp.desk.clean import EVERYWHERE, Cleaner, Common, Rule
from offramp.desk.codebook import Variable
from offramp.desk.count import Counted, count
from offramp.desk.countstore import CountStore, Half, Study
from offramp.desk.exact import Exact, exact
from offramp.desk.frame import Frame
from offramp.desk.planes import FLAG, Block, Filling, keys
from offramp.desk.reckoning import reckon
from offramp.language import SOURCE
from offramp.survey import Body, Response, Survey
from tests.desk.studies import CONTENT, help_us, help_us_study


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What was looked for, and of each response the ids of the rules that flag it, in the order of the responses."""

    rules: tuple[Rule, ...]
    flags: Sequence[frozenset[str]]


def clean(survey: Survey, responses: Sequence[Response], rules: Sequence[Rule] = EVERYWHERE) -> Cleaning:
    """Look at every response by every rule."""
    cleaner, common = Cleaner(survey, rules), Common()
    seen = [cleaner.seen(response) for response in responses]
    for each in seen:
        common.note(each)
    common.settle()
    return Cleaning(tuple(rules), [common.flags(each) for each in seen])


def rows_of(survey: Survey, bodies: Iterable[Body], rules: Sequence[Rule] = EVERYWHERE) -> Exact:
    """Return the exact rows of pages that lie in one piece."""
    opened = list(bodies)
    return exact(survey, [lambda: iter(opened)], rules)


def blocks(study: Iterable[tuple[Response, Collection[str]]], size: int = 1 << 18) -> Iterator[Block]:
    """Yield responses, each with its flags, as blocks of planes."""
    filling = Filling(size)
    for response, flags in study:
        if block := filling.take([*keys(response), *((FLAG, flag) for flag in flags)]):
            yield block
    if filling.n:
        yield filling.block()


def counted(
    variables: Sequence[Variable], pages: Sequence[str], languages: Sequence[str], weeks: Sequence[str],
    responses: Sequence[Response], *more: Any, size: int = 1 << 18,
) -> Counted:  # fmt: skip
    own = list(blocks(((response, ()) for response in responses), size))
    occurring = frozenset(key for block in own for key in block.planes)
    layout = count(variables, pages, languages, weeks, occurring, *more)
    return layout.counted(reckon(own, layout.sheet.asked()))


def count_store(survey: Survey, bodies: Iterable[Body], rules: Sequence[Rule]) -> CountStore:
    opened = list(bodies)
    study = Study(survey, [lambda: iter(opened)], rules)
    laid = list(study.blocks())
    clear, flagged = (half([block for one, block in laid if one is which]) for which in (False, True))
    return CountStore(clear, flagged, study.synthetic, study.elsewhere)


def half(own: list[Block]) -> Half:
    return Half(sum(b.n for b in own), frozenset(key for b in own for key in b.planes), lambda: iter(own))


def report(
    survey: Survey, bodies: Iterable[Body], *more: Any, rules: Sequence[Rule] = EVERYWHERE, **named: Any
) -> str:
    """Return the report of opened pages, as the desk makes it of an archive."""
    named.setdefault("frame", english())
    return made_report(survey, count_store(survey, bodies, rules), *more, rules=rules, **named)


@cache
def english() -> Frame:
    """Return the words of a report, in English."""
    return read_frame(CONTENT, SOURCE)


@cache
def whole_report(findings: bool = False) -> str:
    """Return the report of one made-up study of the real survey; made once, because that takes seconds."""
    survey = help_us()
    return report(survey, help_us_study(1, 300), {}, read_findings(CONTENT, survey) if findings else ())
