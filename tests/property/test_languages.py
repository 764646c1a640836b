"""Whatever the language: the same fields with the same values in the same order, and the same answers in the end."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.language import SOURCE, Tag
from offramp.sealing import Secret
from offramp.survey import Moment, Response, Survey, Walk, join, read_body, read_surveys
from offramp.survey.view import FieldView, PageView
from tests.web.installation import CONTENT

SURVEYS = ("help-us", "no-need")
Choose = Callable[[Random, list[Tag]], Tag]


@cache
def surveys() -> dict[str, Survey]:
    return read_surveys(CONTENT)


def posts(view: PageView) -> list[object]:
    """Return all that a page can send, in the order in which it stands there."""
    return [
        (view.id, field.name, field.words_name, field.forget_name, field.max_length, field.kind, field.matrix,
         [option.code for option in field.options], [option.code for option in field.missing])
        for field in view.fields
    ]  # fmt: skip


def fill(random: Random, field: FieldView) -> dict[str, list[str]]:
    """Answer a question at random: nothing, something, too much, or words."""
    codes = [option.code for option in (*field.options, *field.missing)]
    several = field.kind == "multiple" and random.random() < 0.6
    chosen = random.sample(codes, min(len(codes), 3 if several else 1)) if random.random() < 0.8 else []
    filled = {field.name: chosen} if chosen else {}
    if field.words_name and random.random() < 0.3:
        filled[field.words_name] = ["plinder " * random.randint(1, 3)]
    return filled


def walked(survey: Survey, seed: int, language: Choose) -> Response:
    """Walk a survey to its end with the answers of a seed, each page in the language that is chosen for it."""
    secret = Secret(Random(f"{seed}/secret").randbytes(16))
    answers, tags = Random(f"{seed}/answers"), Random(f"{seed}/tags")
    known = sorted(survey.catalogues)
    walk = Walk.begin(survey, secret)
    page, bodies = walk.first(), []
    while page:
        english, tag = walk.show(page, SOURCE), language(tags, known)
        if tag != SOURCE:
            assert all(posts(walk.show(page, one)) == posts(english) for one in known), page
        fields: dict[str, list[str]] = {}
        for field in english.fields:
            fields |= fill(answers, field)
        step = walk.post(page, fields, Moment("2026-W48", 20, tag, synthetic=True))
        bodies += [read_body(body) for _, body in step.bodies]
        walk = step.walk
        # Another language on the same page: what was just sent still stands there.
        assert _ticked(walk.show(page, tag)) == _ticked(walk.show(page, SOURCE))
        page = step.next
    (response,) = join(survey, bodies)
    return response


def _ticked(view: PageView) -> list[str]:
    return [
        f"{field.name}={option.code}"
        for field in view.fields
        for option in (*field.options, *field.missing)
        if option.checked
    ]


@pytest.mark.parametrize("slug", SURVEYS)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=12, deadline=None)
def test_every_language_posts_the_same_and_changing_it_on_the_way_changes_no_answer(
    slug: str, seed: int
) -> None:
    survey = surveys()[slug]
    alone = walked(survey, seed, lambda _, tags: SOURCE)
    mixed = walked(survey, seed, lambda random, tags: random.choice(tags))
    assert mixed.codes == alone.codes
    assert mixed.words == alone.words
    assert mixed.pages == alone.pages
    assert mixed.complete
    assert alone.complete
