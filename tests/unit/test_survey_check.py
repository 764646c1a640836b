"""A definition is sound, or everything that is wrong with it comes back at once."""

from __future__ import annotations

import pytest

from offramp.errors import Refusal
from offramp.survey import Missing
from tests.questionnaires import FULL, HEAD, PAGE, read

FAULTY = """
slug = "Not A Slug"
version = "one"
state = "finished"
colour = "green"
[consent]
purpose = ""
topics = "Tea."
[[page]]
id = "tea"
part = "core"
title = "Tea"
[[page.question]]
id = "likes_tea"
kind = "single"
text = "Do you like tea?"
options = [{ id = "yes", text = "Yes" }, { id = "yes", text = "No" }]
[[page.question]]
id = "Cups!"
kind = "number"
text = "How many?"
low = 9
high = 3
[[page.question]]
id = "likes_tea"
kind = "tick"
text = "Again?"
[[page.question]]
id = "one_option"
kind = "single"
text = "One?"
options = [{ id = "only", text = "Only", exclusive = true }]
[[page.question]]
id = "other"
kind = "text"
text = "Words?"
max_length = 100000
[[page.question]]
id = "from_nowhere"
kind = "multiple"
text = "Where?"
options_from = "no_such_group"
[[page.question]]
id = "too_early"
kind = "text"
text = "When?"
relevant = "${likes_tea} = 'yes'"
[[page]]
id = "tea"
part = "middle"
title = "Tea"
[[page.question]]
id = "unreadable"
kind = "text"
text = "Why?"
relevant = "${likes_tea} is 'yes'"
[[page.question]]
id = "never"
kind = "text"
text = "Who?"
relevant = "${likes_tea} = 'maybe'"
[[page.question]]
id = "scale_with_options"
kind = "scale"
text = "How?"
low = 0
high = 100
low_label = "Low"
high_label = "High"
options = [{ id = "a", text = "A" }]
[[page]]
id = "nothing"
module = "undeclared"
title = "Nothing"
[[module]]
id = "empty"
title = "Empty"
invite = "Nothing here."
"""


def refusal(text: str, po: str = "") -> Refusal:
    with pytest.raises(Refusal) as caught:
        read(text, po)
    return caught.value


def test_more_than_twenty_faults_come_back_at_once_each_with_file_place_and_remedy() -> None:
    problems = refusal(FAULTY).problems
    assert {
        "survey.slug", "table.type", "language.state", "table.unknown_key", "table.blank", "table.missing",
        "survey.duplicate_id", "survey.id", "survey.bounds", "survey.kind", "survey.option_count",
        "survey.exclusive", "survey.reserved_id", "survey.max_length", "survey.unknown_group",
        "survey.condition_question", "survey.part", "rules.syntax", "survey.condition_value", "survey.options",
        "survey.unknown_module", "survey.empty_page", "survey.empty_module",
    } <= {problem.code for problem in problems}  # fmt: skip
    assert len(problems) >= 23
    for problem in problems:
        assert problem.place.startswith("tiny/survey.toml"), problem
        assert problem.remedy.startswith("Please "), problem
        assert problem.what.endswith(".")


def test_each_fault_names_the_question_it_is_in() -> None:
    places = {problem.code: problem.place for problem in refusal(FAULTY).problems}
    assert places["survey.reserved_id"] == "tiny/survey.toml, page tea, question other"
    assert places["survey.condition_value"] == "tiny/survey.toml, page tea, question never"


def test_a_page_whose_fullest_answers_do_not_fit_an_envelope_is_refused() -> None:
    options = ", ".join(
        f'{{ id = "an_option_with_a_long_name_{n}", text = "Option {n}" }}' for n in range(80)
    )
    questions = "".join(
        f'[[page.question]]\nid = "many{n}"\nkind = "multiple"\ntext = "Which?"\noptions = [{options}]\n'
        for n in range(2)
    )
    assert refusal(HEAD + PAGE + questions).codes == ("survey.overfull",)


def test_a_condition_may_not_look_at_its_own_page() -> None:
    own = '[[page.question]]\nid = "why"\nkind = "text"\ntext = "Why?"\nrelevant = "${likes_tea} = \'yes\'"\n'
    assert refusal(HEAD + PAGE + own).codes == ("survey.condition_question",)


def test_a_survey_without_a_core_page_is_refused() -> None:
    assert "survey.no_core" in refusal(HEAD).codes


def test_a_translation_that_lacks_a_text_is_refused_when_it_is_read_and_not_while_it_is_shown() -> None:
    po = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8"\n'
    po += 'msgctxt "title"\nmsgid "A tiny survey"\nmsgstr "استبيان"\n'
    found = refusal('languages = ["ar"]\n' + HEAD + PAGE, po)
    assert set(found.codes) == {"language.missing"}
    assert "ar.po, question/likes_tea/text" in {problem.place for problem in found.problems}


def test_mending_a_text_keeps_the_structure_and_changes_the_text_hash() -> None:
    before, after = read(FULL), read(FULL.replace("How strong?", "How strong do you like it?"))
    assert before.structure == after.structure
    assert before.text_hash != after.text_hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("high = 40", "high = 41"),
        ('id = "strength"', 'id = "power"'),
        ("${cups} >= 1", "${cups} >= 2"),
        ('  { id = "green", text = "Green" },\n', ""),
        ("random_order = true\nother = true\ndont_know = true", "other = true\ndont_know = true"),
    ],
)
def test_changing_what_is_asked_changes_the_structure(old: str, new: str) -> None:
    assert old in FULL
    changed = FULL.replace(old, new, 1)
    if "green" in old:
        changed = changed.replace("selected(${which}, 'green')", "selected(${which}, 'black')")
    assert read(FULL).structure != read(changed).structure


def test_an_offer_page_stands_before_its_module_and_other_before_the_options_that_close_a_list() -> None:
    survey = read(FULL)
    assert [page.id for page in survey.pages] == ["tea", "kinds", "offer_places", "where", "end"]
    which = next(question for question in survey.questions if question.id == "which")
    assert [option.id for option in which.options] == ["green", "black", "other", "none"]


def test_an_option_that_is_to_stay_last_does_so_in_a_single_choice_too() -> None:
    one = FULL.replace('{ id = "no", text = "No" }', '{ id = "no", text = "No", last = true }')
    likes, *_ = read(one).questions
    assert [(option.id, option.fixed, option.exclusive) for option in likes.options] == [
        ("yes", False, False), ("no", True, False)
    ]  # fmt: skip
    assert read(one).structure != read(one.replace(", last = true", "")).structure


@pytest.mark.parametrize("identity", ["other", *Missing])
def test_no_option_is_called_as_a_way_of_not_answering_is_counted(identity: str) -> None:
    faulty = FULL.replace('id = "black"', f'id = "{identity}"', 1)
    assert "survey.reserved_id" in refusal(faulty).codes


def test_brands_keep_their_name_and_kinds_of_place_are_translated() -> None:
    survey = read(FULL)
    texts = survey.catalogues["en"].texts
    assert texts["platforms/places/square"] == "A square"
    assert not any("acorn" in key for key in texts)
