"""Marked words at the desk: kept in the archive, counted under the law, listed with nothing to click."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from offramp.cli.desk import app
from offramp.desk import Desk, alone, marked, open_all, reader
from offramp.desk.archive import Archive
from offramp.desk.folder import Server
from offramp.desk.marked import defanged
from offramp.errors import Fault
from offramp.language import Tag
from offramp.sealing import Binding, DeskKeys, PageKey, Secret, seal
from offramp.store import Envelope, Store
from offramp.survey import Mark, Moment, Survey, Walk, join, read_body
from offramp.survey.body import fullest_page
from tests.desk.counting import report
from tests.desk.studies import SERVICE, TINY
from tests.desk.test_desk_report import WEEK, tiny_study
from tests.questionnaires import read

WORDS = "see hxxp tortoise\nhttp://tortoise.example/a?b=c or a@tortoise.example \x1b]8;;http://x\x07y\u202e"
# What programs that show text make clickable by themselves.
CLICKABLE = re.compile(r"(?i)[a-z][a-z0-9+.-]*:[/\w?]|www\.\S|\w@\w|\w\.\w|\\\\\w")


def with_words(
    number: int, marks: tuple[Mark, ...], text: str = WORDS, survey: Survey | None = None
) -> list[bytes]:
    """Return the bodies of the last page of a response, whose words were marked like that."""
    walk = Walk.begin(survey or read(TINY), Secret(number.to_bytes(16, "big")))
    question = next(question for question in walk.survey.questions if question.id == "more")
    moment = Moment(WEEK, 30, Tag("en"), False)
    step = walk.post(walk.page("end").id, {f"w{question.number:03d}": [text]}, moment, lambda _, __: marks)
    return [body for _, body in step.bodies]


def taken_in(bodies: list[bytes], archive: Archive) -> Archive:
    keys, survey = DeskKeys(b"k" * 32), read(TINY)
    binding = Binding(SERVICE, "survey/tiny")
    sealed = [seal(body, survey.body_bytes, [keys.recipient], binding) for body in bodies]
    envelopes = [Envelope(PageKey(bytes([n]) * 24), "tiny", WEEK, body) for n, body in enumerate(sealed)]
    server = Server(SERVICE, True)
    with tempfile.TemporaryDirectory() as folder:
        inbox = Store.open(Path(folder) / "inbox.sqlite")
        inbox.keep(envelopes)
        open_all(archive, inbox, alone(reader(keys, server, {"tiny": survey})))
        inbox.release()
    return archive


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.at(tmp_path / "archive", b"a" * 32)


# -- inside the body ----------------------------------------------------------------------------------------


def test_marks_come_out_of_a_body_as_they_went_in_and_are_absent_where_there_are_none() -> None:
    *_, words = with_words(1, (Mark.LINK, Mark.SELF_HARM))
    assert read_body(words).marks == (Mark.LINK, Mark.SELF_HARM)
    answers, words = with_words(1, ())
    assert b"marks" not in words + answers
    assert read_body(words).marks == read_body(answers).marks == ()


@pytest.mark.parametrize("marks", ["link", {"link": 1}, ["other"], [1], [["link"]], None])
def test_marks_that_are_none_are_refused(marks: object) -> None:
    plain = json.loads(with_words(1, (Mark.LINK,))[-1])
    with pytest.raises(Fault):
        read_body(json.dumps({**plain, "marks": marks}).encode())


def test_answers_have_no_marks() -> None:
    plain = json.loads(with_words(1, ())[0])
    with pytest.raises(Fault):
        read_body(json.dumps({**plain, "marks": ["link"]}).encode())


def test_the_longest_words_with_all_marks_are_within_what_was_promised() -> None:
    survey = read(TINY)
    *_, words = with_words(1, tuple(Mark), "\U0001f6e4" * 500, survey)
    assert len(words) + 4 <= fullest_page(survey, survey.page_of["end"]) <= survey.body_bytes  # type: ignore[index]


# -- in the archive, and in a report ------------------------------------------------------------------------


def test_the_archive_keeps_marks_and_a_response_has_them_by_question(archive: Archive) -> None:
    taken_in([*with_words(1, (Mark.LINK,)), *with_words(2, ())], archive)
    responses = join(read(TINY), archive.bodies("tiny"))
    assert sorted(response.marks.get("more", ()) for response in responses) == [(), (Mark.LINK,)]  # type: ignore[call-overload]


def test_a_body_that_only_a_later_program_can_read_is_tried_again(archive: Archive) -> None:
    later = json.dumps({**json.loads(with_words(1, ())[-1]), "marks": ["a_later_kind"]}).encode()
    taken_in([later], archive)
    assert [each.code for each in archive.block(1).aside] == ["intake.unreadable"]
    assert len(list(taken_in(with_words(1, (Mark.LINK,))[-1:], archive).rows())) == 1


def test_a_report_counts_marks_by_kind_and_says_what_they_are() -> None:
    survey = read(TINY)
    tree = lxml.html.document_fromstring(report(survey, tiny_study(survey), {}, ()))
    table = tree.xpath("//h2[@id='marks']/following-sibling::table[1]")[0]
    printed = {row[0].text_content(): row[1].text_content() for row in table.xpath("./tbody/tr")}
    assert len(printed) == len(Mark)
    assert printed["Something like an address or a contact"] == "45"
    assert printed["The writer may be afraid of hurting a child"] == "[c]"
    text = tree.xpath("//h2[@id='marks']/following-sibling::p[1]")[0].text_content()
    assert "they miss much of what they look for, and they mark what is none" in " ".join(text.split())


# -- the listing --------------------------------------------------------------------------------------------


def test_a_listing_names_the_marked_answers_alone(archive: Archive) -> None:
    taken_in([*with_words(1, (Mark.LINK, Mark.OWN_RISK)), *with_words(2, ())], archive)
    (only,) = marked(archive.bodies("tiny"))
    assert (only.question, only.marks, only.week) == ("more", (Mark.LINK, Mark.OWN_RISK), WEEK)
    assert only.response in {archive.id_of(row.response) for row in archive.rows()}


def test_nothing_in_a_listing_can_be_clicked() -> None:
    assert CLICKABLE.search(WORDS)
    assert not CLICKABLE.search(defanged(WORDS))
    assert defanged(WORDS).isprintable()
    assert "tortoise" in defanged(WORDS)


PIECES = st.sampled_from(["http", "HTTPS", "://", ":", "/", "\\\\", "www.", ".", "@", "tortoise", "example", " ", "\n",
                          "\x1b", "\x9b", "\u202e", "\u200b", "mailto:", "magnet:?", "1", "[", "]"])  # fmt: skip


@given(st.lists(PIECES | st.characters(), max_size=30).map("".join))
def test_whatever_was_typed(text: str) -> None:
    shown = defanged(text)
    assert not CLICKABLE.search(shown)
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u202e\u200b" for c in shown)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    desk = Desk(tmp_path / "desk")
    taken_in([*with_words(1, (Mark.SELF_HARM,)), *with_words(2, ())], desk.archive(desk.make_keys("")))
    return desk.path


def test_the_command_warns_first_and_shows_words_only_when_asked(home: Path) -> None:
    plain = CliRunner().invoke(app, ["marked", "--desk", str(home)])
    assert plain.exit_code == 0
    warning, listing = plain.output.split("\n\n", 1)
    assert "Nothing of this leaves the desk" in warning
    assert "hard to read" in warning
    assert "No link or address is ever opened" in warning
    assert re.fullmatch(rf"tiny {WEEK} en [0-9a-f]{{32}} more: self_harm\n", listing)
    asked = CliRunner().invoke(app, ["marked", "--desk", str(home), "--words"]).output
    assert "tortoise[.]example" in asked
    assert not CLICKABLE.search(asked.split("\n\n", 1)[1])
