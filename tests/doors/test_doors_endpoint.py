"""The gate over HTTP: the same table of requests, one length of answers, and a real server on a unix socket.

All terms are invented words.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from offramp.adapters import Endpoint, Received, open_gate
from offramp.adapters.endpoint import DECIDE, DESCRIPTION, description
from offramp.gate import Count, draft
from tests.doors.engines import KEY, ROOT, options, seal
from tests.doors.requests import JSON, TABLE, Sent
from tests.doors.wires import Reply, asgi


class Asking:
    def __init__(self, sealed: Path, **more: Any) -> None:
        self.counts: list[Count] = []
        self.said: list[str] = []
        self.doorway = open_gate(
            **options(sealed, counts=self.counts.append, report=self.said.append, **more)
        )
        self.endpoint = Endpoint(self.doorway)
        self.send = asgi(self.endpoint)

    def ask(self, query: object, language: object = None, **headers: str) -> Reply:
        body = {"query": query} | ({} if language is None else {"language": language})
        return self.post(json.dumps(body).encode(), **headers)

    def post(self, body: bytes, kind: str = JSON, method: str = "POST", **headers: str) -> Reply:
        return self.send(Sent("x", "", DECIDE, body, kind, method, headers))

    def show(self, query: str) -> str:
        shown: str = json.loads(self.ask(query).body)["show"]
        return shown


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Asking:
    return Asking(seal(tmp_path_factory.mktemp("list") / "list.sealed"))


@pytest.mark.parametrize(
    "sent", [sent for sent in TABLE if sent.then != "unread"], ids=lambda sent: sent.name
)
def test_the_endpoint_decides_as_every_other_door(asking: Asking, sent: Sent):
    """A search engine reads a request itself, and asks about what it has read."""
    path, query = sent.raw
    received = Received("/search", query, sent.kind, sent.body)
    texts, _ = asking.doorway.read(received) if b"about" not in path else ([], False)
    asking.counts.clear()
    shown = [asking.show(text) for text in texts]
    assert ("message" in shown) == (sent.then in ("message", "help"))
    arms = {count.arm for count in asking.counts}
    assert ("help-seeking" in arms) == (sent.then == "help")


def test_a_message_comes_as_a_page_and_for_apps(asking: Asking):
    found = json.loads(asking.ask("zorblaxin", "ar-EG, en;q=0.1").body)
    assert (found["show"], found["json"]["offramp"]["language"]) == ("message", "ar")
    assert found["page"].startswith('<!doctype html>\n<html lang="ar" dir="rtl">')
    by_header = json.loads(asking.ask("zorblaxin", **{"accept-language": "ar"}).body)
    assert by_header["json"]["offramp"]["language"] == "ar"
    assert json.loads(asking.ask("help with zorblaxin").body)["json"]["offramp"]["intent"] == "help"
    assert json.loads(asking.ask("tea").body) == {"show": "results"}


@pytest.mark.parametrize(("body", "kind", "method", "status"), [
    (b"{}", JSON, "POST", 400), (b'{"query": 5}', JSON, "POST", 400), (b'{"query": null}', JSON, "POST", 400),
    (b"[]", JSON, "POST", 400), (b'{"query": "tea"', JSON, "POST", 400), (b"\xff\xfe\x00", JSON, "POST", 400),
    (b'{"query": "tea", "user": "x"}', JSON, "POST", 400), (b'{"query": "tea", "language": 1}', JSON, "POST", 400),
    (b"[" * 50_000, JSON, "POST", 400), (b'{"query": "tea"}', "text/plain", "POST", 415),
    (b"query=tea", "application/x-www-form-urlencoded", "POST", 415), (b'{"query": "tea"}', "", "POST", 415),
    (b'{"query": "' + b"x" * 70_000 + b'"}', JSON, "POST", 413), (b'{"query": "tea"}', JSON, "GET", 405),
    (b'{"query": "tea"}', JSON, "PUT", 405),
])  # fmt: skip
def test_what_is_no_question_is_refused_in_the_same_length(
    asking: Asking, body: bytes, kind: str, method: str, status: int
):
    reply = asking.post(body, kind, method)
    assert reply.status == status
    assert json.loads(reply.body).keys() == {"error"}
    assert len(reply.body) == asking.endpoint.length


def test_all_answers_have_one_length_and_one_set_of_headers(asking: Asking):
    replies = [asking.ask(query, language) for query in ("tea", "zorblaxin", "help with zorblaxin", "茶" * 3000, "")
               for language in (None, "en", "ar") for _ in range(12)]  # fmt: skip
    assert {len(reply.body) for reply in replies} == {asking.endpoint.length}
    assert {tuple(sorted(reply.headers.items())) for reply in replies} == {
        tuple(sorted(replies[0].headers.items()))
    }
    assert asking.endpoint.length % 1024 == 0
    assert replies[0].headers["cache-control"] == "no-store, no-transform"
    for path in (DESCRIPTION, "/", "/gate/v1/other"):
        assert len(asking.send(Sent("x", "", path)).body) == asking.endpoint.length


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.text() | st.text(alphabet='zorblaxin mevqutilsp\ud800\x00{}"\\'))
def test_the_length_never_depends_on_the_query(asking: Asking, query: str):
    reply = asking.ask(query)
    assert (reply.status, len(reply.body)) == (200, asking.endpoint.length)
    expected = asking.doorway.keeper.live.look(query)
    assert (json.loads(reply.body)["show"] == "message") == (expected is not None)


def test_ways_of_a_message_are_answered_here_too(asking: Asking):
    asking.counts.clear()
    reply = asking.send(Sent("x", "", "/offramp/go/help/neutral/en"))
    assert (reply.status, reply.headers["location"]) == (303, "https://help.example/en")
    assert [count.target for count in asking.counts] == ["help"]
    assert asking.send(Sent("x", "", "/offramp/go/elsewhere/neutral/en")).status == 404


def test_failing_and_shadow_are_told(tmp_path: Path):
    sealed = seal(tmp_path / "list.sealed")
    for failing, shown in (("closed", "unavailable"), ("open", "results")):
        asking = Asking(sealed, failing=failing)
        asking.doorway.keeper.live._gate = None  # type: ignore[assignment]
        reply = asking.ask("tea")
        assert (json.loads(reply.body)["show"], len(reply.body)) == (shown, asking.endpoint.length)
        assert asking.said == ["fault AttributeError"]
    shadow = Asking(sealed, shadow=True)
    assert shadow.show("zorblaxin") == "results"
    assert [count.target for count in shadow.counts] == ["shadow"]


def test_the_description_is_the_one_that_is_written_down(asking: Asking):
    spec = importlib.util.spec_from_file_location("make_openapi", ROOT / "docs/reference/make_openapi.py")
    assert spec is not None
    assert spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    written = (ROOT / "docs/reference/gate-openapi.json").read_text(encoding="utf-8")
    assert written == maker.gate_page(), "please run: docs/reference/make_openapi.py"
    assert json.loads(asking.send(Sent("x", "", DESCRIPTION)).body) == description() == json.loads(written)


# -- the command ----------------------------------------------------------------------------------------------


class Served:
    """`offramp gate serve` in a process of its own."""

    def __init__(self, place: Path, *more: str) -> None:
        self.socket = place / "gate.socket"
        environment = {**os.environ, "OFFRAMP_GATE_KEY": KEY.hex(), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "offramp", "gate", "serve", "--lists", str(place / "list.sealed"), "--failing",
             "open", "--help-page", "https://help.example/{language}", "--drafts", "--socket", str(self.socket),
             "--counts", str(place / "counts"), *more],
            env=environment, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.client = httpx2.Client(
            transport=httpx2.HTTPTransport(uds=str(self.socket)), base_url="http://gate"
        )
        assert self.process.stdout is not None
        self.first = self.process.stdout.readline()

    def show(self, query: str) -> str:
        shown: str = self.client.post(DECIDE, json={"query": query}).json()["show"]
        return shown

    def end(self) -> str:
        self.client.close()
        self.process.send_signal(signal.SIGTERM)
        said, _ = self.process.communicate(timeout=30)
        return said


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    seal(tmp_path / "list.sealed")
    server = Served(tmp_path)
    yield server
    if server.process.poll() is None:
        server.end()


def test_a_server_on_a_socket_reloads_counts_and_says_nothing_about_queries(served: Served, tmp_path: Path):
    assert served.first == f"The gate answers on {served.socket}.\n"
    assert stat.S_IMODE(served.socket.stat().st_mode) == 0o660
    assert [served.show("zorblaxin"), served.show("tea")] == ["message", "results"]
    (tmp_path / "words.txt").write_text("flumterquip\n", encoding="utf-8")
    whole = (tmp_path / "list.sealed").read_bytes()
    (tmp_path / "list.sealed").write_bytes(draft([tmp_path / "words.txt"]).sealed(KEY))
    assert [served.show("zorblaxin"), served.show("flumterquip")] == ["results", "message"]
    (tmp_path / "list.sealed").write_bytes(b"damaged")
    served.process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    assert served.show("flumterquip") == "message"
    (tmp_path / "list.sealed").write_bytes(whole)
    assert served.show("zorblaxin") == "message"
    [table] = (tmp_path / "counts").glob("*.csv")
    rows = table.read_text().splitlines()[1:]
    assert sum(int(row.rpartition(",")[2]) for row in rows if ",shown," in row) == 4
    said = served.end()
    assert served.process.returncode == -signal.SIGTERM, "it ended as it was told to, after the last answer"
    assert said.startswith("[")
    assert not any(word in said for word in ("zorblaxin", "flumterquip", "tea", "POST", "127.0.0.1"))


@pytest.mark.parametrize("left_out", ["--failing", "--help-page", "--lists"])
def test_without_a_choice_nothing_is_served(tmp_path: Path, left_out: str):
    given = {"--lists": "list.sealed", "--failing": "open", "--help-page": "/help"}
    del given[left_out]
    words = [word for pair in given.items() for word in pair]
    from typer.testing import CliRunner

    from offramp.cli import app

    ended = CliRunner().invoke(app, ["gate", "serve", *words])
    assert ended.exit_code == 2
