"""A matrix in a real browser: columns where there is room, single questions where there is none, by style alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page

from offramp.survey import read_surveys
from tests.web.browsing import Reader, reading
from tests.web.installation import CONTENT, LANGUAGES, Installation
from tests.web.process import Server, serving

PHONE, DESKTOP = 320, 1000
ROWS = ("harm_making", "harm_sharing", "harm_looking", "harm_computer")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(Installation(tmp_path_factory.mktemp("matrix") / "server")) as running:
        yield running


@pytest.fixture
def harm(chromium: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """The page with a matrix, in a language and at a width."""
    language, width = request.param
    survey = read_surveys(CONTENT)["no-need"]
    with reading(chromium, server.url, survey, language, width) as somebody:
        somebody.open(f"/{language}/s/no-need").press("agree").press("next").press("next")
        assert somebody.shown == "harm"
        yield somebody


def at(*widths: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "harm", [(language, width) for language in LANGUAGES for width in widths], indirect=True
    )


def places(page: Page) -> list[list[tuple[float, float]]]:
    """Return of each row where the middle of each of its radio buttons is."""
    found = []
    for row in page.locator(".matrix fieldset").all():
        boxes = (radio.bounding_box() for radio in row.locator("input").all())
        found.append([(box["x"] + box["width"] / 2, box["y"]) for box in boxes if box])
    return found


@at(DESKTOP)
def test_where_there_is_room_the_same_answers_stand_below_each_other(harm: Reader) -> None:
    rows = places(harm.page)
    assert [len(row) for row in rows] == [7] * len(ROWS)
    for column in zip(*rows, strict=True):
        assert max(x for x, _ in column) - min(x for x, _ in column) < 1
    for row in rows:
        assert max(y for _, y in row) - min(y for _, y in row) < 1
    widths = [[span.bounding_box()["width"] for span in row.locator("label span").all()]  # type: ignore[index]
              for row in harm.page.locator(".matrix fieldset").all()]  # fmt: skip
    assert min(widths[0]) > 10
    assert all(width <= 1 for row in widths[1:] for width in row)
    harm.assert_nothing_beyond_the_edge()


@at(PHONE)
def test_on_a_phone_each_row_is_a_question_with_all_its_words(harm: Reader) -> None:
    for row in places(harm.page):
        assert max(x for x, _ in row) - min(x for x, _ in row) < 1
        assert all(lower - upper >= 24 for (_, upper), (_, lower) in pairwise(row))
    assert all(span.bounding_box()["width"] > 10 for span in harm.page.locator(".matrix label span").all())  # type: ignore[index]
    harm.assert_nothing_beyond_the_edge()


@pytest.mark.full
@at(PHONE, DESKTOP)
def test_each_answer_has_its_words_its_row_and_what_stands_above_for_whoever_listens(harm: Reader) -> None:
    texts = harm.survey.catalogues[harm.language].texts  # type: ignore[index]
    matrix = harm.page.get_by_role("group", name=texts["question/harm_view/text"])
    for row in ROWS:
        group = matrix.get_by_role("group", name=texts[f"question/{row}/text"], exact=True)
        assert group.get_by_role("radio").count() == 7
        group.get_by_role("radio", name=texts["question/harm_view/option/much"], exact=True).check()
    harm.press("next").press("back")
    assert harm.page.locator(".matrix input:checked").count() == len(ROWS)


@pytest.mark.full
@at(DESKTOP)
def test_a_matrix_is_answered_by_keyboard_alone(harm: Reader) -> None:
    harm.input("harm_making", "00").focus()
    for row in ROWS:
        harm.page.keyboard.press("Space")
        assert harm.input(row, "00").is_checked()
        harm.page.keyboard.press("Tab")
