"""Ten thousand respondents over HTTP, and each of them at the desk once, as the server last acknowledged them.

A real server process, restarted in the middle; every language; every module. Figures: pytest -s -m soak with the
path of this file; PEOPLE=5000 before it lets fewer come.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from offramp.desk import Desk, alone, open_all, pull, reader
from offramp.desk.archive import Archive
from offramp.sealing import response_id
from offramp.store import Tally
from offramp.survey import Body, Survey, join
from offramp.survey.answers import Answer, codes_of
from offramp.survey.definition import QuestionId
from offramp.survey.form import forget_field, read_page
from offramp.survey.receipt import read_receipt
from offramp.web import read_content
from tests.bench.bench_web import cpu, memory
from tests.web.crowd import MIX, Crowd, Kept
from tests.web.installation import OFFERED, Installation
from tests.web.process import Server, serving

pytestmark = [pytest.mark.soak, pytest.mark.timeout(2400)]
PEOPLE, AT_ONCE, SEED = int(os.environ.get("PEOPLE", "10000")), 32, 1
MOST_MEGABYTES = 150


@dataclass
class Played:
    """What the crowd was told, and what the desk then has of it by the id inside the envelopes."""

    survey: Survey
    crowd: Crowd
    found: dict[str, list[Body]]
    totals: Mapping[Tally, int]
    aside: Mapping[str, int]
    envelopes: int
    megabytes: float

    def bodies(self, kept: Kept) -> list[Body]:
        return self.found.get(response_id(read_receipt(kept.receipt), self.survey.slug), [])

    def living(self) -> list[Kept]:
        return [kept for kept in self.crowd.kept if kept.posts and not kept.deleted]


async def answer(crowd: Crowd, serve: Callable[[], contextlib.AbstractContextManager[Server]]) -> list[float]:
    """Let everybody come, the server being restarted when half of them have; return CPU and memory of each run."""
    people, measured = iter(range(PEOPLE)), []
    half = iter([next(people) for _ in range(PEOPLE // 2)])

    def everybody() -> Iterator[int]:
        yield from half
        yield from people

    coming = everybody()
    with serve() as server:
        crowd.port = server.port
        crowd.gate.set()
        lanes = [asyncio.create_task(crowd.come(coming, SEED)) for _ in range(AT_ONCE)]
        while half.__length_hint__() and not any(lane.done() for lane in lanes):
            await asyncio.sleep(0.05)
        # Everybody who is in the middle of the survey loses the page that is open.
        await crowd.stand_still()
        measured.append((cpu(server.process.pid), memory(server.process.pid, "Rss")))
    with serve() as server:
        crowd.port = server.port
        crowd.gate.set()
        await asyncio.gather(*lanes)
        measured.append((cpu(server.process.pid), memory(server.process.pid, "Rss")))
    return measured


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("bulk")
    place = Installation(folder / "server")
    interface = read_content(place.settings).interface
    crowd = Crowd(
        place.slug, {str(tag): texts["page/locked"] for tag, texts in interface.items()}, languages=OFFERED
    )
    start = time.perf_counter()
    measured = asyncio.run(answer(crowd, lambda: serving(place)))
    walked = time.perf_counter() - start
    played = open_at_the_desk(place, crowd, folder, max(megabytes for _, megabytes in measured))
    figures(played, walked, sum(seconds for seconds, _ in measured), time.perf_counter() - start - walked)
    return played


def open_at_the_desk(place: Installation, crowd: Crowd, folder: Path, megabytes: float) -> Played:
    """Pull everything from a running server, and open it."""
    inbox, survey = Desk(folder / "desk").inbox(), place.survey
    with serving(place) as server, httpx2.Client(base_url=server.url, timeout=60) as client:

        def post(path: str, question: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            reply = client.post(path, json=question)
            return reply.status_code, reply.json()

        pulled = pull(post, place.keys, inbox, None, now=True)
    archive = Archive.at(folder / "archive", b"a" * 32, lambda n: next(_NUMBERS).to_bytes(n, "big"))
    opener = alone(reader(place.keys, pulled.server, {survey.slug: survey}))
    opened = open_all(archive, inbox, opener)
    totals = inbox.totals()
    inbox.close()
    old = {archive.id_of(row.response): row.response for row in archive.rows()}
    found: dict[str, list[Body]] = {}
    for body in archive.bodies(survey.slug):
        found.setdefault(old[body.context.response], []).append(body)
    return Played(survey, crowd, found, totals, opened.aside, pulled.envelopes, megabytes)


_NUMBERS = iter(range(1, 10**9))


def figures(played: Played, walked: float, cpu: float, desk: float) -> None:
    crowd = played.crowd
    requests, waits = len(crowd.waits), statistics.quantiles(crowd.waits, n=100)
    print(f"\n{PEOPLE:,} respondents, {requests:,} requests, {AT_ONCE} at once: {walked:.0f} s, "
          f"{requests / walked:.0f} requests a second")  # fmt: skip
    print(f"server CPU {cpu / requests * 1e3:.2f} ms a request; waits: median {waits[49] * 1e3:.0f} ms, "
          f"99 % under {waits[98] * 1e3:.0f} ms")  # fmt: skip
    print(f"resident memory of all server processes: {played.megabytes:.0f} MB")
    print(f"pulled and opened {played.envelopes:,} envelopes in {desk:.0f} s")
    print(", ".join(f"{what}: {n:,}" for what, n in crowd.did.most_common()))


# -- what the server understood, worked out again from what was sent ------------------------------------------


def expected(survey: Survey, kept: Kept) -> tuple[dict[str, dict[QuestionId, Answer]], dict[QuestionId, str]]:
    """Return the last acknowledged answers of each page, and the words that are kept."""
    answers: dict[str, dict[QuestionId, Answer]] = {}
    words: dict[QuestionId, str] = {}
    for post in kept.posts:
        page = survey.page_of[post.page]  # type: ignore[index]
        numbers = {int(name[1:]) for name in post.offered if name[1:].isdecimal()}
        asked = [question for question in page.questions if question.number in numbers]
        worded = frozenset(question.id for question in asked if forget_field(question) in post.worded)
        fields: dict[str, list[str]] = {}
        for name, value in post.fields:
            fields.setdefault(name, []).append(value)
        form = read_page(asked, fields, worded)
        answers[post.page] = dict(form.answers)
        # A page that says it is locked is replaced as a whole.
        dropped = {question.id for question in page.questions} if post.locked else form.forget
        words = {question: text for question, text in words.items() if question not in dropped}
        words.update(form.words)
    return answers, words


def test_everybody_did_something_and_every_module_was_answered_in_every_language(played: Played) -> None:
    did = played.crowd.did
    assert sum(did[kind.name] for kind in MIX) == PEOPLE
    for what in ("went back", "clicked twice", "sent an older tab", "changed the language", "deleted", "finished",
                 "went on with the receipt", "went on afresh", "sent a page after deleting",
                 "planted repeats"):  # fmt: skip
        assert did[what] >= 20, what
    seen = Counter(
        (played.survey.page_of[body.page].module, body.context.language)
        for bodies in played.found.values() for body in bodies
    )  # fmt: skip
    for module in played.survey.modules:
        assert min(seen[module, language] for language in OFFERED) >= PEOPLE / 2000, module


def test_every_response_is_there_once_in_its_last_acknowledged_state(played: Played) -> None:
    living = played.living()
    ids = [response_id(read_receipt(kept.receipt), played.survey.slug) for kept in living]
    assert len(ids) == len(set(ids))
    assert set(ids) == set(played.found), (
        "what is found is what was acknowledged and not deleted, no more, no less"
    )
    assert played.aside == {}
    assert len(ids) > PEOPLE * 0.9
    for kept in living:
        answers, words = expected(played.survey, kept)
        closed = [body for body in played.bodies(kept) if body.answers is not None]
        assert {body.page: dict(body.answers or {}) for body in closed} == answers
        assert len(closed) == len(answers)
        written = [body.words for body in played.bodies(kept) if body.words is not None]
        assert {q: text for one in written for q, text in one.items() if text} == words


def test_what_was_deleted_is_not_there_even_where_a_page_came_later(played: Played) -> None:
    deleted = [kept for kept in played.crowd.kept if kept.deleted]
    assert len(deleted) >= PEOPLE / 200
    assert all(kept.posts and not played.bodies(kept) for kept in deleted)


def test_the_joined_responses_say_on_the_path_what_was_confirmed_last(played: Played) -> None:
    compared = off = 0
    for kept in played.living():
        (response,) = join(played.survey, played.bodies(kept))
        answers, _ = expected(played.survey, kept)
        for question, answer in ((q, a) for page in answers.values() for q, a in page.items()):
            where = response.off_path if question in response.off_path else response.codes
            assert where[question] == codes_of(answer)
            off += question in response.off_path
            compared += 1
        if kept.finished and kept.alone:
            assert response.complete
    assert compared > 5 * PEOPLE
    assert off > 0


def test_the_server_stays_small(played: Played) -> None:
    assert played.megabytes < MOST_MEGABYTES


def test_the_totals_count_each_of_them_once(played: Played) -> None:
    did, totals = played.crowd.did, Counter[str]()
    for tally, n in played.totals.items():
        totals[tally.name] += n
    assert totals["consent_shown"] == PEOPLE
    assert totals["agreed"] == did["agreed"]
    assert totals["declined"] == did["declines"]
    assert totals["finished"] >= did["finished"]
