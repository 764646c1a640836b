"""Both instruments: sound, complete, walked to their ends, and true in what they say of themselves."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from offramp.errors import Refusal
from offramp.language import SOURCE, Tag
from offramp.sealing import Secret
from offramp.survey import Moment, Survey, Walk, join, read_body, read_surveys
from offramp.survey.answers import Missing
from offramp.survey.definition import Page, Question
from offramp.survey.shared import shared
from tests.web.installation import CONTENT, OFFERED

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# What the study is to ask about, beside the core; each topic with the questions that ask it.
TOPICS = {
    "duration": ("use_years", "use_week"),
    "escalation": ("use_often", "use_longer", "use_severity"),
    "age groups and sex": ("use_ages", "use_sex"),
    "kinds of material": ("use_forms",),
    "live streams": ("livestream", "use_live_year"),
    "thoughts before and after": ("thoughts_pre", "thoughts_post"),
    "feelings before and after": ("feel_rate_pre", "feelings_pre", "feel_rate_post", "feelings_post"),
    "what leads to use": ("trig_situation", "trig_mood", "trig_time", "trig_need"),
    "strategies tried": ("strat_tried", "strat_worked", "strat_back"),
    "barriers to help": ("barriers", "barr_main", "barr_fears"),
    "what would help": ("help_useful", "barr_easier"),
    "contact and fear in more detail": ("cont_worry", "cont_worry_when", "cont_safe", "cont_last", "cont_kept"),
    "well-being in a single rating": ("well_rate",),
    "age band and gender": ("about_age", "about_gender"),
    "answered before": ("about_before",),
    "an open last word": ("last_word",),
}  # fmt: skip


@pytest.fixture(scope="module")
def survey() -> Survey:
    return read_surveys(CONTENT)["help-us"]


@pytest.fixture(scope="module", params=["help-us", "no-need"])
def instrument(request: pytest.FixtureRequest) -> Survey:
    return read_surveys(CONTENT)[request.param]


def test_every_topic_is_asked_in_every_language_that_is_translated(survey: Survey) -> None:
    asked = {question.id for question in survey.questions}
    assert [topic for topic, questions in TOPICS.items() if not asked.issuperset(questions)] == []
    translated = {path.stem for path in (CONTENT / "surveys" / "help-us" / "locale").glob("*.po")}
    assert set(survey.catalogues) == {"en", *translated} == set(OFFERED)
    assert survey.version == 2
    assert survey.random_modules
    assert len(survey.modules) == 10


def test_the_core_is_short_and_half_rate_their_wish_before_and_all_after(survey: Survey) -> None:
    core = [page for page in survey.pages if page.part == "core"]
    assert len(core) <= 4
    assert sum(len(page.questions) for page in core) <= 12
    by_id = {question.id: question for question in survey.questions}
    before, after = by_id["wish_to_stop"], by_id["wish_to_stop_after"]
    assert {sample.id: sample.share for sample in survey.samples} == {before.sample: 50}
    assert [question.id for question in survey.questions if question.sample] == ["wish_to_stop"]
    assert (before.kind, before.low, before.high) == (after.kind, after.low, after.high)


def test_nothing_can_be_written_where_it_would_invite_a_description_or_a_confession(survey: Survey) -> None:
    for page in survey.pages:
        if page.id == "use_kinds" or page.module == "contact":
            assert not page.open, page.id
    assert not [q.id for q in survey.questions if q.open and "contact_sought" in q.relevant_text]


def test_no_page_comes_or_stays_away_because_of_an_answer(instrument: Survey) -> None:
    """Whoever counts the pages that go over the line learns which parts were taken, and no answer."""
    for page in instrument.pages:
        assert any(question.relevant is None and not question.sample for question in page.questions), page.id


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("language", OFFERED)
def test_it_can_be_walked_to_the_end_with_every_module(
    instrument: Survey, number: int, language: str
) -> None:
    survey = instrument
    if language not in survey.catalogues:
        pytest.skip("this survey is not translated into it yet")
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
    assert list(response.pages) == seen, "in the order in which they came"
    assert sum(str(page).startswith("offer_") for page in seen) == len(survey.modules)
    if not survey.samples:
        return
    asked = response.codes["wish_to_stop"] is not Missing.NOT_DRAWN
    assert asked == any(q == "wish_to_stop" for body in bodies for q in read_body(body).answers or ())


# -- what it says of itself -----------------------------------------------------------------------------------


def words(text: str) -> int:
    return len(text.split())


def length(survey: Survey, pages: list[Page]) -> float:
    """Return how many minutes pages take: their words at 180 a minute, and five seconds for each question.

    What stands above a matrix, and its options, are read once.
    """
    texts = survey.catalogues[SOURCE].texts
    read = sum(
        words(texts.get(f"page/{page.id}/{part}", "")) for page in pages for part in ("title", "intro")
    )
    asked = [question for page in pages for question in page.questions]
    keys: set[str] = set()
    for question in asked:
        keys.update(question.wording, (option.text_key for option in question.options))
        keys.update(f"question/{question.id}/{part}" for part in ("hint", "low", "high"))
        read += sum(words(option.name or "") for option in question.options)
    read += sum(words(texts.get(key, "")) for key in keys)
    return read / 180 + len(asked) * 5 / 60


def test_an_invitation_says_how_many_questions_there_are_and_how_long_they_take(instrument: Survey) -> None:
    survey = instrument
    for module in survey.modules:
        pages = list(survey.module_pages(module))
        asked: list[Question] = [question for page in pages for question in page.questions]
        invite = survey.catalogues[SOURCE][f"module/{module}/invite"]
        some = any(question.relevant for question in asked)
        minutes = math.ceil(length(survey, pages))
        assert f"It has {'up to ' * some}{NUMBERS[len(asked)]} questions" in invite, module
        assert f"takes about {NUMBERS[minutes]} minute{'s' * (minutes > 1)}." in invite, module
        assert "You can leave it out or stop at any time" in invite


def test_the_consent_says_how_many_parts_there_are_and_how_long_it_takes_without_them(
    instrument: Survey,
) -> None:
    survey = instrument
    texts = survey.catalogues[SOURCE]
    assert f"{NUMBERS[len(survey.modules)]} short parts" in texts["consent/topics"]
    outside = length(survey, [page for page in survey.pages if page.part in ("core", "closing")])
    invited = sum(words(texts[f"module/{module}/invite"]) for module in survey.modules) / 180
    assert survey.minutes == math.ceil(outside + invited)


def test_no_text_asks_for_a_name_or_an_address_but_to_leave_it_out(instrument: Survey) -> None:
    texts = instrument.catalogues[SOURCE].texts
    told = [text for text in texts.values() if re.search(r"\baddress(es)?\b", text)]
    assert told
    assert all("no addresses" in text for text in told)


# -- “No need for help” ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def no_need() -> Survey:
    return read_surveys(CONTENT)["no-need"]


def test_the_second_instrument_is_short_and_asks_nothing_on_a_condition(no_need: Survey) -> None:
    core = [page for page in no_need.pages if page.part == "core"]
    assert len(core) <= 4
    assert sum(len(page.questions) for page in core) <= 12
    asked = [question for page in no_need.pages if page.part != "offer" for question in page.questions]
    assert 25 <= len(asked) <= 40
    assert not [question.id for question in asked if question.relevant or question.sample]
    assert no_need.random_modules


def test_whoever_says_that_they_need_no_help_can_also_say_that_they_are_not_sure(no_need: Survey) -> None:
    reasons = next(question for question in no_need.questions if question.id == "why_none")
    assert {"not_sure", "need_help", "never_used", "accident"} <= {option.id for option in reasons.options}


def test_every_page_of_the_second_instrument_names_help_where_it_is_about_harm_or_contact(
    no_need: Survey,
) -> None:
    texts = no_need.catalogues[SOURCE].texts
    for page in ("harm", "worry_contact", "about_you"):
        assert "Help now" in texts[f"page/{page}/intro"]
    open_ones = [question.id for question in no_need.questions if question.kind == "text"]
    assert open_ones == ["why_words", "oth_words", "last_word"]
    assert all("Help now" in texts[f"question/{question}/hint"] for question in open_ones)


def test_what_both_surveys_ask_is_the_same_and_the_rest_has_other_ids(
    no_need: Survey, survey: Survey
) -> None:
    same = {question.id for question, _, _ in shared(no_need, {"help-us": survey})}
    assert len(same) >= 15
    assert same == {question.id for question in no_need.questions if question.same_as}
    assert same == asked(no_need) & asked(survey)


def asked(survey: Survey) -> set[str]:
    return {question.id for page in survey.pages if page.part != "offer" for question in page.questions}


TRIED = 'kind = "single"\ntext = "Have you ever tried'


@pytest.mark.parametrize(("before", "after", "code"), [
    ('same_as = "help-us:frequency"', 'same_as = "help-us:frequencies"', "survey.unknown_same"),
    ('same_as = "help-us:frequency"', 'same_as = "frequency"', "survey.unknown_same"),
    ('{ id = "rarely", text = "Less than once a month" },', "", "survey.same_form"),
    (TRIED, TRIED.replace("single", "multiple"), "survey.same_form"),
    ("Have you ever tried to stop using CSAM?", "Have you tried to stop using CSAM?", "survey.same_words"),
    ('text = "Less than once a month"', 'text = "Hardly ever"', "survey.same_words"),
])  # fmt: skip
def test_a_question_that_is_called_the_same_and_is_not(
    tmp_path: Path, before: str, after: str, code: str
) -> None:
    """Each fault is planted into a copy of both instruments, in English alone."""
    for name in ("platforms.toml", "surveys/help-us/survey.toml", "surveys/no-need/survey.toml"):
        text = (CONTENT / name).read_text(encoding="utf-8")
        text = re.sub(r"(?ms)^languages = .*?\]", "languages = []", text)
        if "no-need" in name:
            assert before in text
            text = text.replace(before, after, 1)
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        read_surveys(tmp_path)
    assert set(refused.value.codes) == {code}
    assert all("no-need" in problem.place for problem in refused.value.problems)
