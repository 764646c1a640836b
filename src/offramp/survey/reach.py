"""Whether a question can ever be asked: some answers to earlier questions have to lead to it.

For the check, pure. Not here: the path itself (flow). The invariant: what is called unreachable is asked after no
answers whatever; where there are too many to try, nothing is called so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, combinations, product
from math import prod

from offramp.rules import Both, Comparison, Condition, Count, Either, Name, Not, Value, evaluate, questions
from offramp.rules import literals as compared
from offramp.survey.definition import TAKE, Kind, Page, Question, QuestionId, offer_question

_MOST = 20_000


def unreachable(pages: Sequence[Page]) -> Iterator[tuple[Page, Question | None]]:
    """Yield the questions that no answers lead to; the page alone where it is never shown, whatever is answered."""
    asked = {question.id: (page, question) for page in pages for question in page.questions}
    for page in pages:
        lost = [question for question in page.questions if not _reached(asked, question)]
        yield from ((page, question) for question in lost)
        # A page that asks nothing is passed over, and with it what it says.
        if all(question.kind is Kind.STATEMENT for question in page.questions):
            yield page, None


Asked = Mapping[QuestionId, tuple[Page, Question]]


def _reached(asked: Asked, question: Question) -> bool:
    if question.relevant is None:
        return True
    deciding = [asked[identity] for identity in asked if identity in _deciding(asked, question)]
    conditions = [each.relevant for _, each in (*deciding, asked[question.id]) if each.relevant is not None]
    values = [_values(each, conditions) for _, each in deciding]
    if prod(map(len, values)) > _MOST:
        return True
    return any(
        _asked(
            asked[question.id], _known(deciding, dict(zip((q.id for _, q in deciding), chosen, strict=True)))
        )
        for chosen in product(*values)
    )


def _deciding(asked: Asked, question: Question) -> set[QuestionId]:
    """Return all questions on whose answers it may depend whether this one is asked."""
    found: set[QuestionId] = set()
    waiting = [question.id]
    while waiting:
        page, each = asked[waiting.pop()]
        names = (
            {QuestionId(name) for name in questions(each.relevant)} if each.relevant is not None else set()
        )
        if page.module and each.id != offer_question(page.module):
            names.add(offer_question(page.module))
        waiting += names - found
        found |= names
    return found


def _known(
    deciding: Sequence[tuple[Page, Question]], answers: Mapping[QuestionId, Value]
) -> Mapping[QuestionId, Value]:
    """Return the answers to questions that are asked after the answers before them."""
    known: dict[QuestionId, Value] = {}
    for page, question in deciding:
        if _asked((page, question), known):
            known[question.id] = answers[question.id]
    return known


def _asked(place: tuple[Page, Question], known: Mapping[QuestionId, Value]) -> bool:
    page, question = place
    inside = bool(page.module) and question.id != offer_question(page.module)
    if inside and known.get(offer_question(page.module)) != TAKE:
        return False
    return question.relevant is None or bool(evaluate(question.relevant, lambda q: known.get(QuestionId(q))))


# -- answers that stand for all that conditions could tell apart ----------------------------------------------


def _values(question: Question, conditions: Sequence[Condition]) -> tuple[Value, ...]:
    named = {value for condition in conditions for name, value in compared(condition) if name == question.id}
    bare = any(_bare(condition, question.id) for condition in conditions)
    match question.kind:
        case Kind.SINGLE:
            return (None, *_told_apart([option.id for option in question.options], named, bare))
        case Kind.MULTIPLE:
            return (None, *_sets(question, named, bare))
        case Kind.SCALE | Kind.NUMBER:
            whole = range(question.low, question.high + 1)
            near = {n + step for n in named if isinstance(n, int) for step in (-1, 0, 1)}
            return (None, *(whole if bare else sorted({whole[0], whole[-1], *(near & set(whole))})))
        case _:
            return (None,)


def _told_apart(options: list[str], named: set[str | int], all_of_them: bool) -> list[str]:
    """Return the options that are named, and one that stands for those that are not."""
    others = [option for option in options if option not in named]
    return options if all_of_them else [option for option in options if option in named] + others[:1]


def _sets(question: Question, named: set[str | int], counted: bool) -> Iterator[tuple[str, ...]]:
    """Yield the sets of options that can be ticked together, as far as conditions can tell them apart."""
    alone = [option.id for option in question.options if option.exclusive]
    options = _told_apart([o.id for o in question.options if not o.exclusive], named, counted)
    yield from ((option,) for option in alone)
    sizes = range(1, len(options) + 1)
    # More than that are not tried, and the caller sees so many that it tries none.
    together = chain.from_iterable(combinations(options, size) for size in sizes)
    yield from (chosen for chosen, _ in zip(together, range(_MOST + 1), strict=False))


def _bare(condition: Condition, name: QuestionId) -> bool:
    """Whether a question is counted, or compared with another and not with a value."""
    match condition:
        case Comparison(left, _, right):
            sides = (left, right)
            counted = any(isinstance(side, Count) and side.question == name for side in sides)
            both = all(isinstance(side, Name | Count) for side in sides) and name in questions(condition)
            return counted or both
        case Not(inner):
            return _bare(inner, name)
        case Both(left, right) | Either(left, right):
            return _bare(left, name) or _bare(right, name)
        case _:
            return False
