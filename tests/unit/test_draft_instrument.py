"""Version 2 of the instrument, in content/drafts until it takes the place of version 1: sound, and can be walked."""

from __future__ import annotations

from pathlib import Path

import pytest

from offramp.language import Tag
from offramp.sealing import Secret
from offramp.survey import Moment, Survey, Walk, join, read_body
from offramp.survey.answers import Missing
from offramp.survey.check import read_survey

CONTENT = Path(__file__).resolve().parents[2] / "content"


@pytest.fixture(scope="module")
def survey() -> Survey:
    return read_survey(CONTENT / "drafts" / "help-us", CONTENT / "platforms.toml")


def test_it_is_sound_in_both_languages_and_keeps_every_question_of_version_1(survey: Survey) -> None:
    first = read_survey(CONTENT / "surveys" / "help-us", CONTENT / "platforms.toml")
    assert (survey.slug, survey.version) == (first.slug, first.version + 1)
    assert set(survey.catalogues) == {"en", "ar"}
    assert {question.id for question in first.questions} <= {question.id for question in survey.questions}
    assert survey.random_modules
    assert len(survey.modules) == 10


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("language", ["en", "ar"])
def test_it_can_be_walked_to_the_end_with_every_module(survey: Survey, number: int, language: str) -> None:
    walk = Walk.begin(survey, Secret(number.to_bytes(16, "big")))
    page, bodies, seen = walk.first(), [], []
    while page:
        seen.append(page)
        view = walk.show(page, Tag(language))
        assert view.title
        fields = {field.name: [field.options[0].code] for field in view.fields if field.options}
        step = walk.post(page, fields, Moment("2026-W48", 20, Tag(language), synthetic=True))
        assert not step.form.complaints
        bodies += [body for _, body in step.bodies]
        walk, page = step.walk, step.next
    (response,) = join(survey, [read_body(body) for body in bodies])
    assert response.complete
    assert sum(str(page).startswith("offer_") for page in seen) == 10
    asked = response.codes["wish_to_stop"] is not Missing.NOT_DRAWN
    assert asked == any(q == "wish_to_stop" for body in bodies for q in read_body(body).answers or ())
