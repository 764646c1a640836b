"""Check-ins on the way to the desk: linked and in their order where somebody agreed, absent where nobody did, and
gone after a pull where it was taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from offramp.desk import Desk, alone, open_all, pull, reader
from offramp.desk.archive import Archive
from offramp.programme import Programme, Step, StepKind, read_programmes
from offramp.survey import QuestionId, join, read_every
from tests.web.installation import CONTENT, Installation
from tests.web.participant import Participant


class Desks:
    """A desk that pulls from this server whenever it is told to."""

    def __init__(self, place: Installation, client: TestClient, folder: Path) -> None:
        self.place, self.client, self.desk = place, client, Desk(folder / "desk")
        numbers = iter(range(1, 10**6))
        self.archive = Archive.at(folder / "archive", b"a" * 32, lambda n: next(numbers).to_bytes(n, "big"))

    def pull(self) -> None:
        def post(path: str, question: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            reply = self.client.post(path, json=question)
            return reply.status_code, reply.json()

        inbox = self.desk.inbox()
        pulled = pull(post, self.place.keys, inbox, None, now=True)
        opener = alone(reader(self.place.keys, pulled.server, read_every(CONTENT)))
        open_all(self.archive, inbox, opener)
        inbox.close()


@pytest.fixture(scope="module")
def programme() -> Programme:
    return read_programmes(CONTENT)["way-on"]


def check_ins(programme: Programme) -> list[Step]:
    return [step for step in programme.steps if step.kind is StepKind.CHECK_IN]


def urge(programme: Programme, step: Step) -> str:
    page = programme.page(step)
    assert page is not None
    return next(str(question.id) for question in page.questions if question.id.startswith("urge_"))


def walk(client: TestClient, programme: Programme, urges: list[int], agrees: bool) -> Participant:
    """Keep a journal under a code, and do as many check-ins as there are urges."""
    person = Participant(client, programme).open("/what_leads").write("leads_before", "x").press("save")
    person.press("keep-code")
    for step, strength in zip(check_ins(programme), urges, strict=False):
        person.go(step.id).rate(urge(programme, step), strength).press("save")
        if agrees and person.offers("consent-yes"):
            person.press("consent-yes")
    return person


def test_check_ins_reach_the_desk_linked_and_in_order(programme: Programme, tmp_path: Path) -> None:
    place = Installation(tmp_path / "server")
    with place.running() as client:
        desk = Desks(place, client, tmp_path)
        walk(client, programme, [9, 7, 4], agrees=True)
        walk(client, programme, [8, 8], agrees=True)
        walk(client, programme, [1, 2, 3], agrees=False)
        desk.pull()
    found = join(programme.check_in, desk.archive.bodies(programme.check_in.slug))
    asked = [QuestionId(urge(programme, step)) for step in check_ins(programme)]
    courses = sorted(
        [code for name in asked if (code := response.codes[name][0]).isdecimal()] for response in found
    )
    assert courses == [["8", "8"], ["9", "7", "4"]]
    assert [response.pages for response in found if len(response.pages) == 3] == [
        tuple(programme.page(step).id for step in check_ins(programme)[:3])  # type: ignore[union-attr]
    ]


def test_what_is_taken_back_after_a_pull_leaves_the_desk(programme: Programme, tmp_path: Path) -> None:
    place = Installation(tmp_path / "server")
    with place.running() as client:
        desk = Desks(place, client, tmp_path)
        stays = walk(client, programme, [5], agrees=True)
        goes = walk(client, programme, [9, 7], agrees=True)
        desk.pull()
        assert len(join(programme.check_in, desk.archive.bodies(programme.check_in.slug))) == 2
        goes.press("overview").press("consent").press("consent-no")
        desk.pull()
        (left,) = join(programme.check_in, desk.archive.bodies(programme.check_in.slug))
        assert len(left.pages) == 1
        stays.press("delete").press("delete-yes")
        desk.pull()
        assert join(programme.check_in, desk.archive.bodies(programme.check_in.slug)) == []
