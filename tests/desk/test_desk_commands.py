"""The desk on the command line: from a pull over HTTP to a report, and what is said when a step is missing."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from offramp.cli.desk import app
from offramp.desk import Desk
from offramp.survey import read_surveys
from tests.desk.shelf import Shelf
from tests.desk.studies import FINDINGS, TINY, envelopes, written


class Counter:
    """A desk's folder, a content folder, and a server at an address."""

    def __init__(self, folder: Path) -> None:
        self.desk, self.content = folder / "desk", written(folder, TINY, findings=FINDINGS)
        self.output = folder / "out" / "report.html"
        keys = Desk(self.desk).make_keys("")
        self.shelf = Shelf(keys, envelopes(read_surveys(self.content)["tiny"], 1, 105, keys))
        self.url = ""

    def run(self, command: str, *more: str) -> Result:
        return CliRunner().invoke(app, [command, "--desk", str(self.desk), *more])

    def pull(self) -> Result:
        return self.run("pull", "--url", self.url, "--now")

    def open(self) -> Result:
        return self.run("open", "--content", str(self.content))

    def report(self, *more: str) -> Result:
        return self.run("report", "--content", str(self.content), "-o", str(self.output), *more)


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    counter = Counter(tmp_path)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["content-length"])))
            status, answer = counter.shelf.post(self.path, question)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        counter.url = f"http://127.0.0.1:{server.server_port}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield counter
        server.shutdown()


def code(result: Result) -> str:
    return result.exception.codes[0]  # type: ignore[union-attr]


def test_pull_open_and_report_lead_to_a_report(counter: Counter):
    there = f"{len(counter.shelf.envelopes):,}"
    assert f"{there} envelopes and 0 tombstones" in counter.pull().output
    assert f"{there} opened, 0 already open, 0 withdrawn." in counter.open().output
    assert f"0 opened, {there} already open, 0 withdrawn." in counter.open().output
    assert counter.report().exit_code == 0
    assert "Do you like tea?" in counter.output.read_text()
    assert "like tea at least sometimes" in counter.output.read_text()


def test_only_the_report_and_the_public_keys_can_be_read_by_others(counter: Counter):
    counter.pull()
    counter.open()
    counter.report()
    readable = {path.name for path in counter.desk.iterdir() if stat.S_IMODE(path.stat().st_mode) & 0o077}
    assert readable == {"recipient.txt", "verifier.txt"}


def test_what_is_set_aside_is_counted_by_its_reason(counter: Counter):
    damaged = counter.shelf.envelopes[0]
    counter.shelf.envelopes[0] = damaged._replace(body=damaged.body[:-1])
    counter.pull()
    assert "1 set aside: sealing.cannot_open" in counter.open().output


def test_a_step_that_is_missing_is_named(counter: Counter):
    assert code(counter.open()) == "desk.not_pulled"
    assert code(counter.report()) == "report.nothing"
    counter.pull()
    counter.open()
    assert code(counter.report("--survey", "elsewhere")) == "report.unknown_survey"
    assert code(counter.report("--language", "sv")) == "report.language"
    assert not counter.output.exists()


def test_a_server_that_is_gone_is_no_trace_of_python(counter: Counter):
    assert code(counter.run("pull", "--url", "http://127.0.0.1:9")) == "pull.unreachable"
    assert code(counter.run("pull", "--url", "nonsense")) == "pull.unreachable"


def test_a_desk_without_its_passphrase_opens_nothing(counter: Counter, tmp_path: Path):
    other = Desk(tmp_path / "other")
    other.make_keys("a long passphrase")
    assert code(CliRunner().invoke(app, ["open", "--desk", str(other.path)])) == "sealing.passphrase"
    (tmp_path / "empty").write_text("")
    environment = {"OFFRAMP_DESK_PASSPHRASE_FILE": str(tmp_path / "empty")}
    result = CliRunner().invoke(app, ["open", "--desk", str(other.path)], env=environment)
    assert code(result) == "desk.passphrase_file"


def test_no_count_is_printed_on_the_way_to_a_report(counter: Counter):
    counter.pull()
    counter.open()
    assert counter.report().output.strip() == f"{counter.output} is written."
