"""The whole platform as a newcomer starts it: 584 made-up respondents over HTTP, each from an address of their own.

The server and the desk are processes of their own, as on the command line. What the respondents had acknowledged is
compared with what the desk opens, and the report with a direct count of what was sent.
"""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx2
import lxml.html
import pytest

from offramp.cli.dummy import sender
from offramp.desk import Desk, dummy
from offramp.sealing import response_id
from offramp.survey import Chosen, Kind, Question, Survey, join, read_surveys
from offramp.survey.receipt import read_receipt
from tests.desk.test_desk_chain import understood
from tests.web.process import free_port

pytestmark = [pytest.mark.full, pytest.mark.timeout(600)]
ROOT = Path(__file__).resolve().parents[2]
RESPONSES = 584


@dataclass(frozen=True)
class Whole:
    """What was sent, and the folders of the server and of the desk afterwards."""

    records: list[dummy.Record]
    folder: Path
    environment: bytes
    said: str
    survey: Survey

    def desk(self) -> Desk:
        return Desk(self.folder / "desk")


def offramp(*arguments: str) -> str:
    made = subprocess.run(
        [sys.executable, "-m", "offramp", *arguments], cwd=ROOT, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    return made.stdout


def address(number: int) -> str:
    return f"127.66.{number // 250}.{number % 250 + 1}"


def agent(number: int) -> str:
    return f"Plinderfox/{number} (made-up {number * 7919})"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder, port = tmp_path_factory.mktemp("whole"), free_port()
    url, output = f"http://127.0.0.1:{port}", folder / "said.txt"
    command = [sys.executable, "-m", "offramp", "demo", "--port", str(port), "--folder", str(folder)]
    with output.open("wb") as said:
        server = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, cwd=ROOT)
    try:
        wait(url)

        def walk(pair: tuple[int, dummy.Walk]) -> dummy.Record:
            number, walking = pair
            headers = {"user-agent": agent(number), "x-forwarded-for": f"203.0.113.{number % 254 + 1}"}
            transport = httpx2.HTTPTransport(local_address=address(number))
            with httpx2.Client(base_url=url, transport=transport, headers=headers, timeout=60,
                               follow_redirects=True) as client:  # fmt: skip
                return dummy.drive(walking, sender(client))

        known = dummy.known(read_surveys(ROOT / "content"))
        with ThreadPoolExecutor(2) as pool:
            records = list(pool.map(walk, enumerate(dummy.walks(1, RESPONSES, known=known))))
        environment = Path(f"/proc/{server.pid}/environ").read_bytes()
        desk = str(folder / "desk")
        offramp("desk", "pull", "--desk", desk, "--url", url, "--now")
        offramp("desk", "open", "--desk", desk)
        offramp("desk", "report", "--desk", desk, "-o", str(folder / "report.html"))
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
    survey = read_surveys(ROOT / "content")["help-us"]
    return Whole(records, folder, environment, output.read_text(), survey)


def wait(url: str) -> None:
    for _ in range(150):
        try:
            if httpx2.get(f"{url}/health").status_code == 200:
                return
        except httpx2.HTTPError:
            time.sleep(0.2)
    pytest.fail("the demonstration did not start")


def test_each_acknowledged_page_is_opened_once_in_its_last_acknowledged_state(whole: Whole) -> None:
    desk = whole.desk()
    archive = desk.archive(desk.unlock(""))
    by_response: dict[str, list] = {}
    for body in archive.bodies("help-us"):
        by_response.setdefault(body.context.response, []).append(body)
    begun = [record for record in whole.records if record.posted]
    assert len(begun) >= RESPONSES
    expected = 0
    for record in begun:
        new = archive.id_of(response_id(read_receipt(record.receipt), "help-us"))
        bodies = [body for body in by_response.pop(new, []) if body.answers is not None]
        assert {body.page for body in bodies} == set(record.last)
        assert len(bodies) == len(record.last)
        for body in bodies:
            assert body.answers == understood(whole.survey, record.last[body.page])
        expected += len(bodies)
    assert by_response == {}, "nothing is there that nobody sent"
    assert expected > 4 * RESPONSES


def test_the_report_is_a_direct_count_of_what_was_sent_rounded(whole: Whole) -> None:
    kept = [record for record in whole.records if record.last]
    report = lxml.html.parse(str(whole.folder / "report.html")).getroot()
    assert f"{5 * round(len(kept) / 5)} responses" in report.text_content()
    singles = [question for question in whole.survey.questions if question.kind is Kind.SINGLE]
    sent = given(whole, kept)
    printed = {
        (question.id, option): count
        for question in singles
        for option, count in printed_counts(report, whole.survey, question).items()
    }
    # Which counts chance makes small, and which are withheld beside them, differs from run to run.
    assert len(printed) >= 30
    assert {key: 5 * round(sent[key] / 5) for key in printed} == printed


def given(whole: Whole, records: list[dummy.Record]) -> Counter[tuple[str, str]]:
    """Count how often each option was the last acknowledged answer of somebody whose path kept its page."""
    desk, slug = whole.desk(), whole.survey.slug
    archive = desk.archive(desk.unlock(""))
    left = {each.context.response: each.off_path for each in join(whole.survey, archive.bodies(slug))}
    counts: Counter[tuple[str, str]] = Counter()
    for record in records:
        off = left[archive.id_of(response_id(read_receipt(record.receipt), slug))]
        for posted in record.last.values():
            for question, answer in understood(whole.survey, posted).items():
                if isinstance(answer, Chosen) and question not in off:
                    counts[question, answer.option] += 1
    return counts


def printed_counts(report: lxml.html.HtmlElement, survey: Survey, question: Question) -> dict[str, int]:
    """Return the counts of all responses that the report prints of a question, by option."""
    texts, counts = survey.catalogues["en"], {}
    rows = f"//section[@id='q-{question.id}']//tr[.//text()[normalize-space()=$label]]"
    for option in (each for each in question.options if each.text_key):
        for row in report.xpath(rows, label=texts[option.text_key])[:1]:
            first = row.xpath(".//td")[0].text_content().strip()
            if first.isdecimal():
                counts[option.id] = int(first)
    return counts


def test_the_joined_responses_are_as_many_as_were_sent(whole: Whole) -> None:
    desk = whole.desk()
    joined = join(whole.survey, desk.archive(desk.unlock("")).bodies("help-us"))
    assert len(joined) == sum(bool(record.last) for record in whole.records)
    assert all(response.context.synthetic for response in joined)


def forms(marker: str) -> list[bytes]:
    """Return a marker as it might lie in a file: plain, hex, percent, base64 at each alignment, UTF-16."""
    raw = marker.encode()
    inner = [
        base64.b64encode(b"\0" * shift + raw)[4 * (shift > 0) :][: len(raw) // 3 * 4 - 4]
        for shift in range(3)
    ]
    coded = [raw, raw.hex().encode(), raw.hex().upper().encode(), quote(marker, safe="").encode(), *inner]
    return [*coded, marker.encode("utf-16-le")]


def test_no_address_agent_or_forwarded_address_is_in_the_server_s_files_or_output(whole: Whole) -> None:
    places = {path: path.read_bytes() for path in (whole.folder / "server").rglob("*") if path.is_file()}
    places[Path("environment")] = whole.environment
    places[Path("output")] = whole.said.encode()
    markers = [marker for n in range(0, RESPONSES, 7) for marker in (address(n), agent(n))] + ["203.0.113."]
    for marker in markers:
        for form in forms(marker):
            assert [str(path) for path, found in places.items() if form in found] == []
    control = os.urandom(4) + agent(7).encode() + base64.b64encode(agent(14).encode())
    assert any(form in control for form in forms(agent(7)))
    assert any(form in control for form in forms(agent(14)))


def test_nothing_that_the_server_has_opens_an_envelope(whole: Whole) -> None:
    server = whole.folder / "server"
    # With its version: four bytes alone come up by chance in one of seventy such databases.
    assert not [path for path in server.rglob("*") if b"OFRK\x01" in path.read_bytes()]
    assert {path.name for path in server.rglob("*.key")} == {"pepper.key"}
    seed = whole.desk().unlock("").seed
    assert not [path for path in server.rglob("*") if path.is_file() and seed in path.read_bytes()]
