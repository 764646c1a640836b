"""The whole way on the real server: made-up respondents walk, the desk pulls, opens and reports what they sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import lxml.html
import pytest
from starlette.testclient import TestClient

from offramp.desk import Desk, alone, dummy, open_all, pull, read_findings, reader
from offramp.desk.archive import Archive
from offramp.desk.folder import Server
from offramp.desk.rates import WORDS, Rates
from offramp.exchange import MISSING, Column
from offramp.sealing import response_id
from offramp.survey import Body, Missing, Survey, join
from offramp.survey.answers import Answer, Chosen, ChosenMany, Number
from offramp.survey.definition import QuestionId
from offramp.survey.form import forget_field, read_page
from offramp.survey.receipt import read_receipt
from tests.desk.counting import report, rows_of
from tests.web.installation import SERVICE, Installation

RESPONSES = 130
# The order of parts is the server's chance, so that no two runs are alike: what is to occur must be likely.
RATES = Rates(deletes=0.1)
FORM = {"content-type": "application/x-www-form-urlencoded"}


def sender(client: TestClient) -> Callable[[dummy.Ask], dummy.Answer]:
    """Return how to fetch a page of the server, following where it leads inside."""

    def send(ask: dummy.Ask) -> dummy.Answer:
        path = ask.path
        if ask.fields is None:
            reply = client.get(path)
        else:
            reply = client.post(path, content=urlencode(ask.fields), headers=FORM)
        while reply.status_code == 303:
            path = reply.headers["location"]
            assert not urlsplit(path).netloc
            reply = client.get(path)
        return dummy.Answer(reply.status_code, path, reply.content)

    return send


class Played:
    """What was walked, and what the desk has of it."""

    def __init__(self, folder: Path) -> None:
        self.place = Installation(folder / "server")
        self.desk = Desk(folder / "desk")
        known = dummy.known({self.place.slug: self.place.survey})
        with self.place.running() as client:
            self.records = [dummy.drive(w, sender(client)) for w in dummy.walks(11, RESPONSES, RATES, known)]
            self.inbox = self.desk.inbox()

            def post(path: str, question: dict[str, Any]) -> tuple[int, dict[str, Any]]:
                reply = client.post(path, json=question)
                return reply.status_code, reply.json()

            self.pulled = pull(post, self.place.keys, self.inbox, None, now=True)
        survey = self.place.survey
        self.archive = Archive.at(
            folder / "archive", b"a" * 32, lambda n: next(self._numbers).to_bytes(n, "big")
        )
        opener = alone(reader(self.place.keys, self.pulled.server, {survey.slug: survey}))
        self.opened = open_all(self.archive, self.inbox, opener)

    _numbers = iter(range(1, 10**6))

    def bodies(self, record: dummy.Record) -> list[Body]:
        secret = read_receipt(record.receipt)
        new = self.archive.id_of(response_id(secret, self.place.slug))
        return [body for body in self.archive.bodies(self.place.slug) if body.context.response == new]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    played = Played(tmp_path_factory.mktemp("chain"))
    yield played
    played.inbox.close()


def test_respondents_did_all_that_they_can(played: Played):
    outcomes = {record.outcome for record in played.records}
    assert {"finished", "broke_off", "deleted", "declined"} <= outcomes
    assert "lost" not in outcomes


def test_everything_is_pulled_and_opened_and_nothing_is_set_aside(played: Played):
    assert played.pulled.server == Server(SERVICE, True)
    assert played.pulled.tombstones > 0
    assert (played.opened.new, played.opened.aside) == (played.pulled.envelopes, {})


def test_every_acknowledged_page_is_there_once_in_its_last_state(played: Played):
    survey, compared = played.place.survey, 0
    for record in played.records:
        if not record.posted:
            continue
        found = [body for body in played.bodies(record) if body.answers is not None]
        assert len(found) == len(record.last) == len({body.page for body in found})
        for body in found:
            assert body.answers == understood(survey, record.last[body.page])
            assert body.context.synthetic
            compared += 1
    assert compared > 4 * RESPONSES


def understood(survey: Survey, posted: dummy.Posted) -> dict[QuestionId, Answer]:
    """Return what the fields of a page mean for the questions that stood on it."""
    numbers = {int(name[1:]) for name in posted.offered}
    asked = [question for question in survey.page_of[posted.page].questions if question.number in numbers]  # type: ignore[index]
    worded = frozenset(question.id for question in asked if forget_field(question) in posted.worded)
    fields: dict[str, list[str]] = {}
    for name, value in posted.fields:
        fields.setdefault(name, []).append(value)
    return dict(read_page(asked, fields, worded).answers)


def test_nothing_is_left_of_what_was_deleted(played: Played):
    deleted = [record for record in played.records if record.outcome == "deleted"]
    assert deleted
    assert all(played.bodies(record) == [] for record in deleted)


def test_exact_rows_have_every_answer_that_was_sent(played: Played):
    survey = played.place.survey
    rows = rows_of(survey, played.archive.bodies(survey.slug))
    places = {response: place for place, response in enumerate(rows.cells["response"])}
    # What was answered on a page that the path left afterwards is in no row.
    left = {each.context.response: each.off_path for each in join(survey, played.archive.bodies(survey.slug))}
    compared = 0
    for record in played.records:
        secret = read_receipt(record.receipt) if record.posted else None
        new = played.archive.id_of(response_id(secret, survey.slug)) if secret else ""
        if not record.posted or record.outcome == "deleted":
            assert new not in places
            continue
        sent = [understood(survey, posted) for posted in record.last.values()]
        answers = {question: answer for page in sent for question, answer in page.items()}
        for column in rows.columns:
            cell = rows.cells[column.name][places[new]]
            if column.question.id in left[new]:
                assert cell < 0
            elif column.question.id in answers:
                assert cell == meant(column, answers[column.question.id])
                compared += 1
    assert compared > 40 * RESPONSES


def meant(column: Column, answer: Answer) -> int:
    """Return the number that stands for an answer."""
    match answer:
        case Missing():
            return MISSING[answer]
        case Chosen(option):
            return [each.id for each in column.question.options].index(option) + 1
        case ChosenMany(options):
            return int(column.option is not None and column.option.id in options)
        case Number(number):
            return number
        case _:
            return 1


def test_totals_count_what_the_respondents_did(played: Played):
    begun = [record for record in played.records if record.posted]
    totals = played.inbox.totals()

    def total(name: str) -> int:
        return sum(n for tally, n in totals.items() if tally.name == name)

    assert total("first_page") == total("agreed") == len(begun)
    assert total("declined") == sum(record.outcome == "declined" for record in played.records)
    assert total("under_18") == sum(record.outcome == "under_18" for record in played.records)
    assert total("message_shown") > 0


def test_the_report_of_it_is_marked_as_synthetic_and_has_its_findings(played: Played):
    survey = played.place.survey
    made = report(survey, played.archive.bodies(survey.slug), played.inbox.totals(),
                  read_findings(played.place.content, survey))  # fmt: skip
    tree = lxml.html.document_fromstring(made)
    assert tree.xpath("//p[@class='banner']")
    shown = tree.xpath("//table[@class='findings']/tbody/tr")
    assert len(shown) >= 5
    assert all("Of " in row.text_content() for row in shown)
    findings = read_findings(played.place.content, survey)
    withheld = [
        line.text_content().partition(": ")[2].strip(" .\n").split("; ")
        for line in tree.xpath("//p[contains(@class, 'withheld')]")
    ]
    assert len(shown) + sum(map(len, withheld)) == len(findings)
    assert not [word for word in WORDS if word in tree.text_content()], "made-up words are never printed"
