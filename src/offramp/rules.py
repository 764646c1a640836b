"""The condition language: the subset of XLSForm's `relevant` that we accept, shared by survey and programme.

    ${q} = 'a'   !=   <   <=   >   >=   and   or   not(...)   selected(${q}, 'a')   count-selected(${q})

Text goes to a typed tree once; the tree is evaluated against answers with three values: a comparison with
something that is not known is neither true nor false. The invariant: evaluating never fails and has no effect.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput, v_args

from offramp.errors import refuse

Value = str | int | Collection[str] | None
Lookup = Callable[[str], Value]

_GRAMMAR = r"""
?start: either
?either: both | either "or" both           -> either
?both: unary | both "and" unary            -> both
?unary: "not" "(" either ")"               -> negation
      | "(" either ")"
      | operand OPERATOR operand           -> comparison
      | "selected" "(" name "," TEXT ")"   -> selected
?operand: name | number | text | "count-selected" "(" name ")" -> count
name: "${" WORD "}"
number: SIGNED_INT
text: TEXT
OPERATOR: "!=" | "<=" | ">=" | "=" | "<" | ">"
TEXT: "'" /[^']*/ "'" | "\"" /[^"]*/ "\""
WORD: /[a-z][a-z0-9_]*/
%import common.SIGNED_INT
%import common.WS
%ignore WS
"""

_REFERENCE = re.compile(r"\$\{(\w+)\}")
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Name:
    """The answer to a question."""

    question: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many options of a multiple choice are chosen."""

    question: str


@dataclass(frozen=True, slots=True)
class Comparison:
    left: Name | Count | str | int
    operator: str
    right: Name | Count | str | int


@dataclass(frozen=True, slots=True)
class Selected:
    question: str
    option: str


@dataclass(frozen=True, slots=True)
class Not:
    inner: Condition


@dataclass(frozen=True, slots=True)
class Both:
    left: Condition
    right: Condition


@dataclass(frozen=True, slots=True)
class Either:
    left: Condition
    right: Condition


Condition = Comparison | Selected | Not | Both | Either


class _Tree(Transformer[Token, Condition]):
    name = v_args(inline=True)(lambda _, word: Name(str(word)))
    number = v_args(inline=True)(lambda _, digits: int(digits))
    text = v_args(inline=True)(lambda _, quoted: str(quoted)[1:-1])
    count = v_args(inline=True)(lambda _, name: Count(name.question))
    comparison = v_args(inline=True)(lambda _, left, sign, right: Comparison(left, str(sign), right))
    selected = v_args(inline=True)(lambda _, name, quoted: Selected(name.question, str(quoted)[1:-1]))
    negation = v_args(inline=True)(lambda _, inner: Not(inner))
    both = v_args(inline=True)(lambda _, left, right: Both(left, right))
    either = v_args(inline=True)(lambda _, left, right: Either(left, right))


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", transformer=_Tree())


def parse(text: str, place: str) -> Condition:
    """Return the tree of a condition. Refusal rules.syntax, with the column."""
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        column = getattr(error, "column", 0)
        where = f"at column {column}" if column and column > 0 else "at its end"
        raise refuse("rules.syntax", place, f"The condition “{text}” cannot be read {where}.",
                     "Please use ${question}, = != < <= > >=, and, or, not(), selected(), "
                     "count-selected().") from None  # fmt: skip
    if not isinstance(tree, Condition):
        raise refuse("rules.syntax", place, f"“{text}” is a value and no condition.",
                     "Please compare it with something.")  # fmt: skip
    return tree


def in_plain(text: str) -> str:
    """Return a condition as people read it: its questions by their ids alone."""
    return _REFERENCE.sub(r"\1", text)


def questions(condition: Condition) -> frozenset[str]:
    """Return the ids of all questions that a condition looks at."""
    match condition:
        case Comparison(left, _, right):
            return frozenset(side.question for side in (left, right) if isinstance(side, Name | Count))
        case Selected(question, _):
            return frozenset((question,))
        case Not(inner):
            return questions(inner)
        case Both(left, right) | Either(left, right):
            return questions(left) | questions(right)


def literals(condition: Condition) -> frozenset[tuple[str, str | int]]:
    """Return the (question, value) pairs that a condition compares, so that a check can look for typing errors."""
    match condition:
        case Comparison(Name(question), _, (str() | int()) as value):
            return frozenset(((question, value),))
        case Comparison((str() | int()) as value, _, Name(question)):
            return frozenset(((question, value),))
        case Comparison():
            return frozenset()
        case Selected(question, option):
            return frozenset(((question, option),))
        case Not(inner):
            return literals(inner)
        case Both(left, right) | Either(left, right):
            return literals(left) | literals(right)


def evaluate(condition: Condition, lookup: Lookup) -> bool | None:
    """Return True, False, or None where the answers do not decide it (Kleene's three values)."""
    match condition:
        case Comparison(left, sign, right):
            return _compare(_value(left, lookup), sign, _value(right, lookup))
        case Selected(question, option):
            chosen = lookup(question)
            if chosen is None:
                return None
            return option == chosen if isinstance(chosen, str | int) else option in chosen
        case Not(inner):
            result = evaluate(inner, lookup)
            return None if result is None else not result
        case Both(left, right):
            results = (evaluate(left, lookup), evaluate(right, lookup))
            return False if False in results else None if None in results else True
        case Either(left, right):
            results = (evaluate(left, lookup), evaluate(right, lookup))
            return True if True in results else None if None in results else False


def _value(side: Name | Count | str | int, lookup: Lookup) -> Value:
    match side:
        case Name(question):
            return lookup(question)
        case Count(question):
            chosen = lookup(question)
            return len(chosen) if isinstance(chosen, Collection) and not isinstance(chosen, str) else None
        case literal:
            return literal


def _compare(left: Value, sign: str, right: Value) -> bool | None:
    if left is None or right is None:
        return None
    if type(left) is not type(right):
        return {"=": False, "!=": True}.get(sign)
    if sign not in ("=", "!=") and not isinstance(left, int):
        return None
    return _OPERATORS[sign](left, right)
