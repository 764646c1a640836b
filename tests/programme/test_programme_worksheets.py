"""Worksheets and progress: functions of a programme and entries, and of nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.language import Tag
from offramp.programme import (
    Calendar,
    Course,
    Entry,
    Place,
    Programme,
    Sheet,
    StepId,
    StepKind,
    entries_of,
    lay_out,
    newest,
    progress,
    read_programme,
)
from offramp.survey import Answer, Chosen, ChosenMany, Kind, Missing, Number, Question, QuestionId
from offramp.survey.answers import WRITTEN
from tests.programme.small import ES, build

EN = Tag("en")


@cache
def programme() -> Programme:
    with tempfile.TemporaryDirectory() as folder:
        return read_programme(build(Path(folder)))


def entry(
    step: str, answers: Mapping[str, Answer], words: Mapping[str, str] | None = None, number: int = 1, stamp: int = 1
) -> Entry:  # fmt: skip
    return Entry(
        f"{step}-{number}-{stamp}", StepId(step), number,
        {QuestionId(name): answer for name, answer in answers.items()},
        {QuestionId(name): text for name, text in (words or {}).items()}, stamp,
    )  # fmt: skip


def sheet(name: str, *entries: Entry, tag: Tag = EN) -> Sheet | Calendar | Course:
    worksheet = programme().worksheet(name)
    assert worksheet is not None
    return lay_out(programme(), worksheet, entries, tag)


EVENING = entry(
    "evening",
    {"where": Chosen("other"), "told_myself": WRITTEN, "felt": ChosenMany(("lonely", "bored")), "then": Missing.SKIPPED,
     "way_off": WRITTEN},
    {"where": "On a train", "told_myself": "Only this once", "way_off": "Call my sister"},
)  # fmt: skip


def log(number: int, day: str, time: str, strength: Answer) -> Entry:
    answers = {"log_day": Chosen(day), "log_time": Chosen(time), "log_strength": strength}
    return entry("log", answers, number=number, stamp=number)


# -- progress -----------------------------------------------------------------------------------------------------


def test_nobody_has_done_anything_at_the_beginning() -> None:
    now = progress(programme(), ())
    assert now.go_on == "welcome"
    assert now.places["company"] is Place.HIDDEN
    assert {place for step, place in now.places.items() if step != "company"} == {Place.OPEN}
    assert [now.done(module) for module in programme().modules] == [(0, 3), (0, 1)]


def test_an_entry_is_a_step_done_and_conditions_look_at_it() -> None:
    now = progress(programme(), (EVENING,))
    assert now.places["evening"] is Place.DONE
    assert now.places["company"] is Place.OPEN
    assert now.go_on == "log"
    assert [step.id for step in now.shown(programme().modules[1].steps)][:2] == ["company", "last_check"]


def test_a_condition_looks_at_the_newest_entry() -> None:
    later = entry("evening", {"felt": ChosenMany(("bored",))}, stamp=7)
    assert progress(programme(), (later, EVENING)).places["company"] is Place.HIDDEN
    assert newest((later, EVENING), StepId("evening")) == later
    assert entries_of((later, EVENING), StepId("evening")) == (EVENING, later)


def test_the_entry_of_a_hidden_step_stays_and_is_not_counted() -> None:
    hidden = entry("company", {"how_sure": Number(50)})
    now = progress(programme(), (hidden,))
    assert now.places["company"] is Place.HIDDEN
    assert now.done(programme().modules[1]) == (0, 1)
    assert now.go_on == "welcome"


def test_the_end_is_reached() -> None:
    done = [entry(step.id, {}, stamp=1) for step in programme().steps if step.asks]
    now = progress(programme(), done)
    assert now.go_on == "my_path"
    assert now.done(programme().modules[0]) == (3, 3)


# -- worksheets ---------------------------------------------------------------------------------------------------


def test_a_path_assembles_itself_with_its_exits_marked() -> None:
    path = sheet("path", EVENING, log(1, "monday", "night", Number(0)))
    assert isinstance(path, Sheet)
    assert path.exits is not None
    assert [part.id for part in path.parts] == ["situation", "thought", "feeling", "urge", "act", "after"]
    assert [one.lines for part in path.parts for one in part.said] == [
        ("On a train",), ("Only this once",), ("Lonely", "Bored"), ("0",)
    ]  # fmt: skip
    assert [part.off for part in path.parts] == [True, True, True, True, False, False]
    assert path.exits.said[0].lines == ("Call my sister",)
    urge = path.parts[3].said[0]
    assert (urge.low, urge.high, urge.asked) == ("Not at all", "Very strong", "How strong was it?")


def test_without_exits_no_station_says_that_there_is_one() -> None:
    path = sheet("path", entry("evening", {"where": Chosen("home")}))
    assert isinstance(path, Sheet)
    assert not any(part.off for part in path.parts)


def test_other_without_words_is_said_to_be_other() -> None:
    path = sheet("path", entry("evening", {"where": Chosen("other")}))
    assert isinstance(path, Sheet)
    assert (path.parts[0].said[0].lines, path.parts[0].said[0].other) == ((), True)


def test_every_entry_of_a_step_stands_on_a_plan_the_oldest_first() -> None:
    first = entry("company", {"who": WRITTEN}, {"who": "A"}, stamp=3)
    beside = entry("company", {"who": WRITTEN}, {"who": "B"}, stamp=5)
    plan = sheet("plan", beside, first)
    assert isinstance(plan, Sheet)
    assert plan.exits is None
    assert [one.lines for one in plan.parts[0].said] == [("A",), ("B",)]


def test_a_calendar_counts_and_has_the_mean() -> None:
    entries = (
        log(1, "monday", "night", Number(4)), log(2, "monday", "night", Number(7)),
        log(3, "sunday", "morning", Missing.SKIPPED),
        entry("log", {"log_day": Chosen("friday"), "log_time": Missing.SKIPPED}, number=4),
    )  # fmt: skip
    calendar = sheet("calendar", *entries)
    assert isinstance(calendar, Calendar)
    assert (calendar.times, calendar.days[0], calendar.days[6]) == (("Morning", "Night"), "Monday", "Sunday")
    assert (calendar.cells[1][0].count, calendar.cells[1][0].mean) == (2, 5.5)
    assert (calendar.cells[0][6].count, calendar.cells[0][6].mean) == (1, None)
    assert sum(cell.count for row in calendar.cells for cell in row) == 3
    assert (calendar.apart, calendar.low, calendar.high) == (1, 0, 10)


def test_a_course_lays_the_check_ins_side_by_side() -> None:
    start = entry("first_check", {"urge_start": Number(8), "hours_start": Chosen("more")})
    end = entry("last_check", {"urge_end": Number(2), "hours_end": Missing.REFUSED})
    course = sheet("course", end, start)
    assert isinstance(course, Course)
    assert course.check_ins == ("How it is now", "How it is at the end")
    urge, hours = course.rows
    assert [(point.text, point.height, point.top) for point in urge.points if point] == [
        ("8", 8, 10),
        ("2", 2, 10),
    ]
    assert hours.points[0] is not None
    assert (hours.points[0].text, hours.points[0].height) == ("More than one hour", 2)
    assert hours.points[1] is None


@pytest.mark.parametrize("name", ["path", "plan", "calendar", "course"])
def test_without_entries_a_worksheet_is_blank(name: str) -> None:
    assert sheet(name).blank


def test_a_worksheet_speaks_the_language_of_the_page() -> None:
    path = sheet("path", EVENING, tag=ES)
    assert isinstance(path, Sheet)
    assert path.title == "Así: The path of that evening"
    assert path.parts[2].said[0].lines == ("Así: Lonely", "Así: Bored")


# -- laws -----------------------------------------------------------------------------------------------------------


def answers_to(question: Question) -> st.SearchStrategy[Answer]:
    missing = st.sampled_from([Missing.SKIPPED, Missing.REFUSED])
    names = [option.id for option in question.options if option.id != "other"]
    match question.kind:
        case Kind.SINGLE:
            return missing | st.sampled_from(names).map(Chosen)
        case Kind.MULTIPLE:
            return missing | st.lists(st.sampled_from(names), min_size=1, unique=True).map(
                lambda n: ChosenMany(tuple(n))
            )
        case Kind.SCALE | Kind.NUMBER:
            return missing | st.integers(question.low, question.high).map(Number)
        case _:
            return missing | st.just(WRITTEN)


@st.composite
def journals(draw: st.DrawFn) -> tuple[Entry, ...]:
    entries = []
    steps = [step for step in programme().steps if step.asks]
    for stamp in range(draw(st.integers(0, 8))):
        step = draw(st.sampled_from(steps))
        page = programme().page(step)
        assert page is not None
        answers = {q.id: draw(answers_to(q)) for q in page.questions}
        words = {name: f"words {stamp} {name}" for name, answer in answers.items() if answer is WRITTEN}
        entries.append(Entry(str(stamp), step.id, 1 + stamp, answers, words, stamp))
    return tuple(draw(st.permutations(entries)))


@settings(max_examples=60, deadline=None)
@given(journals())
def test_all_that_was_entered_stands_on_its_worksheet_and_nothing_else(entries: tuple[Entry, ...]) -> None:
    for worksheet in programme().worksheets:
        made = lay_out(programme(), worksheet, entries, EN)
        match made:
            case Sheet():
                shown = [
                    one for part in (*made.parts, *((made.exits,) if made.exits else ())) for one in part.said
                ]
                wanted = [
                    (name, one.number) for part in worksheet.parts for name in part.questions for one in entries
                    if not isinstance(one.answers.get(name, Missing.SKIPPED), Missing)
                ]  # fmt: skip
                assert sorted((one.question, one.number) for one in shown) == sorted(wanted)
                assert all(one.lines for one in shown)
            case Calendar():
                counted = sum(cell.count for row in made.cells for cell in row)
                assert counted + made.apart == len(entries_of(entries, StepId("log")))
            case Course():
                done = {
                    one.step for one in entries if programme().step_of[one.step].kind is StepKind.CHECK_IN
                }
                assert len(made.check_ins) == len(done)
                assert all(len(row.points) == len(done) for row in made.rows)


@settings(max_examples=60, deadline=None)
@given(journals())
def test_progress_knows_entries_alone_and_in_any_order(entries: tuple[Entry, ...]) -> None:
    now = progress(programme(), entries)
    assert now == progress(programme(), tuple(reversed(entries)))
    done = {step for step, place in now.places.items() if place is Place.DONE}
    assert done <= {one.step for one in entries}
    assert {one.step for one in entries} - done <= {
        step for step, p in now.places.items() if p is Place.HIDDEN
    }
    if now.go_on is not None:
        assert now.places[now.go_on] is Place.OPEN
