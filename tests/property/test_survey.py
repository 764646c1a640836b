"""Laws of the survey's core, for every way of filling a form in."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from offramp.language import Tag
from offramp.sealing import Secret
from offramp.survey import Moment, Walk, join, read_body
from offramp.survey.answers import Missing, packed_bytes
from offramp.survey.body import fullest_page
from offramp.survey.draft import draft_bytes
from offramp.survey.receipt import read_receipt, write_receipt
from tests.questionnaires import FULL, read

SURVEY = read(FULL)
NAMES = [f"{letter}{n:03d}" for letter in "qwf" for n in range(len(SURVEY.questions))]
VALUES = st.one_of(
    st.sampled_from(["00", "01", "02", "03", "07", "97", "98", "x97", "x98", "", "3", "99"]),
    st.text(max_size=80),
)
FIELDS = st.dictionaries(st.sampled_from(NAMES), st.lists(VALUES, max_size=4), max_size=12)
POSTS = st.lists(st.tuples(st.sampled_from([page.id for page in SURVEY.pages]), FIELDS), max_size=8)
MOMENT = Moment("2026-W47", 400, Tag("en"), synthetic=True)


def walked(posts: list[tuple[Any, Any]]) -> tuple[Walk, dict[bytes, bytes]]:
    walk = Walk.begin(SURVEY, Secret(b"s" * 16), "a" * 24)
    kept: dict[bytes, bytes] = {}
    for page, fields in posts:
        step = walk.post(page, fields, MOMENT)
        kept.update(step.bodies)
        walk = step.walk
    return walk, kept


@given(POSTS)
def test_a_draft_comes_back_as_it_was_and_has_one_length(posts: list[tuple[Any, Any]]) -> None:
    walk, _ = walked(posts)
    encoded = walk.to_bytes()
    assert len(encoded) == draft_bytes(SURVEY)
    assert Walk.from_bytes(SURVEY, encoded) == walk
    assert packed_bytes(SURVEY) < len(encoded)


@given(POSTS)
def test_every_body_fits_the_bound_that_the_check_promised(posts: list[tuple[Any, Any]]) -> None:
    _, kept = walked(posts)
    for body in kept.values():
        page = SURVEY.page(read_body(body).page)
        assert page is not None
        assert len(body) + 4 <= fullest_page(SURVEY, page) <= SURVEY.body_bytes


@given(POSTS)
def test_every_question_has_one_code_and_the_path_of_the_desk_is_that_of_the_walk(
    posts: list[tuple[Any, Any]],
) -> None:
    walk, kept = walked(posts)
    if not kept:
        return
    (response,) = join(SURVEY, [read_body(body) for body in kept.values()])
    assert set(response.codes) == {q.id for q in SURVEY.questions if q.kind != "statement"}
    first = walk.first()
    assert response.complete == (first is None)
    if first is not None:
        seen = [q for q, code in response.codes.items() if code is Missing.SEEN_NOT_SENT]
        page = SURVEY.page(first)
        assert page is not None
        assert set(seen) <= {question.id for question in page.questions}
    answered = {q for q, code in response.codes.items() if not isinstance(code, Missing)}
    assert not answered & response.off_path.keys()


@given(POSTS, st.sampled_from([page.id for page in SURVEY.pages]), FIELDS)
def test_sending_the_same_page_twice_is_sending_it_once(posts: list[Any], page: Any, fields: Any) -> None:
    walk, kept = walked([*posts, (page, fields)])
    step = walk.post(page, fields, MOMENT)
    assert {**kept, **dict(step.bodies)} == kept
    assert step.walk == walk


@given(st.binary(min_size=16, max_size=16))
def test_a_receipt_is_read_as_it_was_written(secret: bytes) -> None:
    assert read_receipt(write_receipt(Secret(secret))) == secret
