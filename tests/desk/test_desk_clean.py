"""Cleaning flags by rules with names, deletes nothing, and does not hang on the order of responses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from offramp.desk import read_rules
from offramp.desk.clean import BURST, EVERYWHERE, FAST, FORGED, SAME_WORDS, STRAIGHT
from offramp.errors import Refusal
from offramp.survey import Missing, Response, join, read_surveys
from tests.desk.counting import clean
from tests.desk.studies import CONTENT, FINDINGS, help_us, help_us_study, written

SURVEYS = read_surveys(CONTENT)
FLAG = """
[[flag]]
id = "odd"
kind = "contradiction"
title = "Odd"
when = "${likes} = 'no' and ${strength} > 3"
"""


def a_response(**changes: object) -> Response:
    """Return one plain response without any flag, changed."""
    study = join(help_us(), help_us_study(1, 300))
    plain = clean(help_us(), study, read_rules(CONTENT, help_us())).flags
    response = next(r for r, flags in zip(study, plain, strict=True) if not flags and len(r.pages) > 3)
    return replace(response, **changes)  # type: ignore[arg-type]


def flags(*responses: Response, survey: str = "help-us") -> list[set[str]]:
    return [
        set(found) for found in clean(SURVEYS[survey], responses, read_rules(CONTENT, SURVEYS[survey])).flags
    ]


def test_pages_that_nobody_can_have_read_are_flagged():
    response = a_response()
    assert flags(replace(response, times=dict.fromkeys(response.times, 1))) == [set()]
    assert flags(replace(response, times=dict.fromkeys(response.times, 0))) == [{FAST.id}]
    # What was left empty is soon sent, and says nothing.
    empty = replace(
        response, times=dict.fromkeys(response.times, 0), codes=dict.fromkeys(response.codes, Missing.SKIPPED)
    )
    assert FAST.id not in flags(empty)[0]


def test_one_answer_in_all_rows_is_flagged_and_three_rows_are_not_enough():
    survey = SURVEYS["no-need"]
    rows = [q.id for q in survey.questions if q.matrix and q.matrix.id == "harm_view"]
    codes = dict.fromkeys((q.id for q in survey.questions if q.kind != "statement"), Missing.NOT_ASKED)
    context = replace(a_response().context, survey="no-need", structure=survey.structure)
    response = Response(context, (), codes | dict.fromkeys(rows, ("some",)), {}, {}, False)
    assert flags(response, survey="no-need") == [{STRAIGHT.id}]
    assert flags(replace(response, codes=response.codes | {rows[0]: ("much",)}), survey="no-need") == [set()]
    few = response.codes | {rows[0]: Missing.SKIPPED}
    assert flags(replace(response, codes=few), survey="no-need") == [set()]


def test_a_long_text_that_three_responses_share_is_flagged_but_for_case_and_spaces():
    one, two, three = (
        "A text of more than twenty letters",
        "a text OF more than twenty  letters",
        "Another one altogether",
    )
    responses = [
        a_response(words={"about_help": text}) for text in (one, two, one, three, "Yes.", "Yes.", "Yes.")
    ]
    assert flags(*responses) == [{SAME_WORDS.id}] * 3 + [set()] * 4


def test_a_week_with_a_burst_is_flagged_in_its_language_alone():
    response = a_response()
    weeks = [f"2026-W{number}" for number in range(10, 24)]
    counts = {week: 200 if week == "2026-W15" else 20 for week in weeks}
    study = [replace(response, context=replace(response.context, language=language, week=week))
             for language in ("en", "fi") for week, n in counts.items()
             for _ in range(20 if language == "fi" else n)]  # fmt: skip
    found = {
        (r.context.language, r.context.week)
        for r, f in zip(study, flags(*study), strict=True)
        if BURST.id in f
    }
    assert found == {("en", "2026-W15")}


def test_answers_that_no_form_lets_through_are_flagged():
    response = a_response()
    for codes in ({"told_anyone": ("friend", "nobody")}, {"take_use": Missing.SKIPPED}):
        assert flags(replace(response, codes=response.codes | codes)) == [{FORGED.id}]
    # What an earlier version let through is not known here.
    earlier = replace(response.context, structure="f" * 64)
    assert flags(
        replace(response, context=earlier, codes=response.codes | {"take_use": Missing.SKIPPED})
    ) == [set()]


@pytest.mark.parametrize(
    ("codes", "flag"),
    [
        ({"stop_attempts": ("never_used",), "frequency": ("daily",)}, "never_used_but_uses"),
        ({"first_age": ("never_seen",), "first_way": ("accident",)}, "never_seen_but_how"),
        ({"help_sought": ("got",), "barriers": ("not_wanted",)}, "got_help_not_wanted"),
        ({"first_age": ("age_35_up",), "about_age": ("age_25_34",)}, "younger_than_at_first"),
        ({"about_before": ("once",)}, "answered_before"),
    ],
)
def test_each_flag_of_the_survey_catches_what_it_names(codes: dict[str, tuple[str, ...]], flag: str):
    response = a_response()
    assert flag in flags(replace(response, codes=response.codes | codes))[0]
    one = next(iter(codes))
    skipped = replace(response, codes=response.codes | codes | {one: Missing.SKIPPED})
    assert flag not in flags(skipped)[0]


def test_flags_do_not_hang_on_the_order_and_nothing_is_changed():
    study = join(help_us(), help_us_study(1, 300))
    before = list(study)
    rules = read_rules(CONTENT, help_us())
    forwards, backwards = clean(help_us(), study, rules).flags, clean(help_us(), study[::-1], rules).flags
    assert list(forwards) == list(backwards)[::-1]
    assert study == before


def test_a_survey_declares_its_own_rules_beside_its_findings(tmp_path: Path):
    content = written(tmp_path, findings=FINDINGS + FLAG)
    rules = read_rules(content, read_surveys(content)["tiny"])
    assert [rule.id for rule in rules] == [*(rule.id for rule in EVERYWHERE), "odd"]
    assert (rules[-1].alone, rules[-1].title) == ("", "Odd")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('"contradiction"', '"strange"', "flags.kind"),
        ("${likes} =", "${loves} =", "flags.unknown_question"),
        ("${strength} > 3", "${more} = 'written'", "flags.unknown_question"),
        ("'no'", "'never'", "flags.unknown_code"),
        ("> 3", "> 30", "flags.unknown_code"),
        ("${likes} =", "${likes} ==", "rules.syntax"),
        ('"odd"', '"fast_pages"', "flags.duplicate"),
        ('title = "Odd"', "", "table.missing"),
    ],
)
def test_a_flag_that_cannot_be_is_refused(tmp_path: Path, old: str, new: str, code: str):
    content = written(tmp_path, findings=FLAG.replace(old, new))
    with pytest.raises(Refusal) as caught:
        read_rules(content, read_surveys(content)["tiny"])
    assert code in caught.value.codes
