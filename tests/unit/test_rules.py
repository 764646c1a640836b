"""The condition language, by example and by its laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.errors import Refusal
from offramp.rules import Both, Condition, Either, Not, evaluate, literals, parse, questions

ANSWERS = {"tea": "yes", "cups": 3, "kinds": ("green", "black")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${tea} = 'yes'", True),
        ("${tea} != 'yes'", False),
        ("${cups} >= 3 and ${cups} < 4", True),
        ("3 = ${cups}", True),
        ("selected(${kinds}, 'green')", True),
        ("selected(${tea}, 'yes')", True),
        ("count-selected(${kinds}) > 2", False),
        ("not(${tea} = 'no') and (${cups} = 1 or ${cups} = 3)", True),
        ("${unknown} = 'yes'", None),
        ("not(${unknown} = 'yes')", None),
        ("${unknown} = 'yes' or ${tea} = 'yes'", True),
        ("${unknown} = 'yes' and ${tea} = 'no'", False),
        ("selected(${unknown}, 'green')", None),
        ("${tea} = 3", False),
        ("${tea} > 'a'", None),
    ],
)
def test_what_conditions_say(text: str, expected: bool | None) -> None:
    assert evaluate(parse(text, "here"), ANSWERS.get) is expected


def test_or_binds_weaker_than_and() -> None:
    assert evaluate(parse("${tea} = 'yes' or ${cups} = 1 and ${cups} = 2", "here"), ANSWERS.get) is True


@pytest.mark.parametrize("text", ["", "${tea}", "${tea} =", "${Tea} = 'x'", "tea = 'x'", "${tea} = 'x' or", "1 2",
                                  "selected(${tea})", "${tea} = “yes”", "(${tea} = 'x'", "\udc80"])  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse(text, "survey.toml, question q")
    assert caught.value.codes == ("rules.syntax",)
    assert caught.value.problems[0].place == "survey.toml, question q"


def test_a_check_can_see_what_a_condition_looks_at() -> None:
    condition = parse("${a} = 'x' and not(selected(${b}, 'y')) or 2 <= ${c}", "here")
    assert questions(condition) == {"a", "b", "c"}
    assert literals(condition) == {("a", "x"), ("b", "y"), ("c", 2)}


leaves = st.sampled_from(["${a} = 'x'", "selected(${b}, 'y')", "${c} > 2"]).map(
    lambda text: parse(text, "here")
)
conditions: st.SearchStrategy[Condition] = st.recursive(
    leaves,
    lambda inner: st.one_of(inner.map(Not), st.builds(Both, inner, inner), st.builds(Either, inner, inner)),
    max_leaves=8,
)
answers = st.fixed_dictionaries({
    "a": st.sampled_from([None, "x", "z"]), "b": st.sampled_from([None, ("y",), ("q",)]),
    "c": st.sampled_from([None, 1, 3]),
})  # fmt: skip


@given(conditions, conditions, answers)
def test_de_morgan_holds_with_three_values(
    left: Condition, right: Condition, known: dict[str, object]
) -> None:
    assert evaluate(Not(Both(left, right)), known.get) is evaluate(Either(Not(left), Not(right)), known.get)  # type: ignore[arg-type]


@given(conditions, answers, st.sampled_from(["a", "b", "c"]))
def test_learning_more_never_turns_a_known_truth_round(
    inner: Condition, known: dict[str, object], name: str
) -> None:
    less = evaluate(inner, {**known, name: None}.get)  # type: ignore[arg-type]
    assert less is None or less is evaluate(inner, known.get)  # type: ignore[arg-type]
