"""How a person is told that something is wrong."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.errors import Fault, Problem, Refusal, refuse

NO_TITLE = Problem(
    "survey.no_title", "survey.toml, line 1", "The survey has no title.", "Please give it one."
)
NO_PAGES = Problem("survey.no_pages", "survey.toml", "The survey has no pages.", "Please write a first page.")


def test_a_problem_reads_place_then_what_is_wrong_then_the_way_out():
    assert str(NO_TITLE) == "[survey.toml, line 1] The survey has no title. Please give it one."


def test_a_refusal_tells_all_its_problems_one_per_line_in_their_order():
    refusal = Refusal([NO_TITLE, NO_PAGES])

    assert str(refusal).splitlines() == [str(NO_TITLE), str(NO_PAGES)]
    assert refusal.problems == (NO_TITLE, NO_PAGES)
    assert refusal.codes == ("survey.no_title", "survey.no_pages")


def test_one_problem_needs_no_list():
    assert Refusal(NO_TITLE).problems == (NO_TITLE,)


def test_refuse_is_the_short_way_to_write_one_problem():
    refusal = refuse(
        "survey.no_title", "survey.toml, line 1", "The survey has no title.", "Please give it one."
    )

    assert refusal.problems == (NO_TITLE,)


def test_a_refusal_of_nothing_is_our_own_mistake():
    with pytest.raises(Fault, match="at least one problem"):
        Refusal([])


def test_who_catches_refusals_does_not_swallow_faults():
    assert not issubclass(Fault, Refusal)
    assert not issubclass(Refusal, Fault)


def test_a_problem_once_stated_cannot_be_changed():
    with pytest.raises(AttributeError):
        NO_TITLE.what = "All is well."  # type: ignore[misc]


@given(st.lists(st.builds(Problem, *[st.text()] * 4), min_size=1))
def test_problems_found_one_by_one_are_all_kept(problems: list[Problem]):
    refusal = Refusal(problem for problem in problems)

    assert list(refusal.problems) == problems
    assert list(refusal.codes) == [problem.code for problem in problems]


@given(st.lists(st.builds(Problem, *[st.text()] * 4), min_size=1))
def test_a_refusal_from_another_process_says_the_same(problems: list[Problem]):
    refusal = Refusal(problems)
    there = pickle.loads(pickle.dumps(refusal))

    assert type(there) is Refusal
    assert there.problems == refusal.problems
    assert str(there) == str(refusal)
