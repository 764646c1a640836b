"""One suite for every door, with the real frameworks behind: what was sent never reaches an engine that it should not.

All terms are invented words. Each engine notes what it took for the query; so whatever the table says, each test also
asks the gate about what the engine saw.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from offramp.adapters import Doorway
from offramp.gate import Count, Gate
from tests.doors.engines import ENGINES, KEY, ROOT, options, seal
from tests.doors.requests import FORM, JSON, MULTIPART, TABLE, WORD, Sent, form, get
from tests.doors.wires import Reply, Wire

GATE = Gate.from_lists([ROOT / "content/gate/demonstration.toml"])


@dataclass
class Standing:
    """An engine with its gate, ready to be asked."""

    name: str
    wire: Wire
    doorway: Doorway | None
    seen: list[str]
    counts: list[Count]
    said: list[str]

    def ask(self, sent: Sent) -> Reply:
        self.seen.clear()
        self.counts.clear()
        self.said.clear()
        return self.wire(sent)

    def let_nothing_through(self) -> None:
        assert [query for query in self.seen if GATE.decide(query)] == []

    def then(self, sent: Sent) -> str:
        if (self.name, sent.name) == ("django under asgi", "Latin-1, raw bytes"):
            return "results"  # Django answers 400 before any middleware
        return (sent.searxng or sent.then) if self.name == "searxng" else sent.then


def stand(name: str, sealed: Path, **more: Any) -> Standing:
    seen: list[str] = []
    counts: list[Count] = []
    said: list[str] = []
    given = options(sealed, counts=counts.append, report=said.append, **more)
    wire, doorway = ENGINES[name](seen, **given)
    return Standing(name, wire, doorway, seen, counts, said)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seal(tmp_path_factory.mktemp("list") / "list.sealed")


@pytest.fixture(scope="module", params=ENGINES)
def open_door(request: pytest.FixtureRequest, sealed: Path) -> Iterator[Standing]:
    return stand(request.param, sealed)


@pytest.fixture(scope="module", params=ENGINES)
def closed_door(request: pytest.FixtureRequest, sealed: Path) -> Iterator[Standing]:
    return stand(request.param, sealed, failing="closed")


@pytest.fixture(scope="module", params=ENGINES)
def shadow_door(request: pytest.FixtureRequest, sealed: Path) -> Iterator[Standing]:
    return stand(request.param, sealed, shadow=True, failing="closed")


def is_message(reply: Reply) -> bool:
    return "/offramp/go/help/" in reply.text


def test_the_table_is_no_smaller_than_was_promised():
    assert len(TABLE) >= 40
    assert len({sent.name for sent in TABLE}) == len(TABLE)


@pytest.mark.parametrize("sent", TABLE, ids=lambda sent: sent.name)
def test_every_request_at_every_door(open_door: Standing, sent: Sent):
    reply = open_door.ask(sent)
    if not sent.raw[0].startswith(b"/about"):
        open_door.let_nothing_through()
    then = open_door.then(sent)
    if then in ("results", "unread"):
        assert not is_message(reply)
        assert open_door.counts == []
        assert open_door.said == (["fault Unread"] if then == "unread" else [])
        return
    assert open_door.seen == []
    assert [count.target for count in open_door.counts] == ["shown"]
    assert (open_door.counts[0].arm == "help-seeking") == (then == "help")
    assert reply.headers["cache-control"] == "no-store, no-transform"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in reply.headers
    assert WORD not in reply.text
    assert (reply.body == b"") if sent.verb == "HEAD" else is_message(reply)
    assert reply.status == (403 if sent.kind == JSON else 200)


@pytest.mark.parametrize("sent", TABLE, ids=lambda sent: sent.name)
def test_a_gate_that_fails_closed_lets_nothing_through_that_it_could_not_read(
    closed_door: Standing, sent: Sent
):
    reply = closed_door.ask(sent)
    then = closed_door.then(sent)
    assert (reply.status == 503) == (then == "unread")
    if then == "unread":
        assert closed_door.seen == []
        assert closed_door.counts == []
        assert "nothing to do with what you searched" in reply.text
        assert reply.headers["cache-control"] == "no-store, no-transform"


@pytest.mark.parametrize("sent", TABLE, ids=lambda sent: sent.name)
def test_in_shadow_every_request_reaches_the_engine(shadow_door: Standing, sent: Sent):
    reply = shadow_door.ask(sent)
    then = shadow_door.then(sent)
    assert not is_message(reply)
    assert reply.status != 503
    expected = ["shadow"] if then in ("message", "help") else []
    assert [count.target for count in shadow_door.counts] == expected


def test_what_is_let_through_arrives_as_it_came(open_door: Standing):
    """The body is read twice, by the gate and by the framework; long ones and those in pieces too."""
    for sent, query in (
        (form("x", "results", "q=green+tea"), "green tea"),
        (form("x", "results", "x=" + "y" * 70_000 + "&q=tea"), "tea"),
        (form("x", "results", b'--edge\r\nContent-Disposition: form-data; name="q"\r\n\r\nt\xc3\xa9\r\n--edge--\r\n',
              kind=MULTIPART), "té"),
        (form("x", "results", json.dumps({"q": "tea"}), kind=JSON), "tea"),
        (get("x", "results", "q=tea"), "tea"),
    ):  # fmt: skip
        open_door.ask(sent)
        if (open_door.name, sent.kind) in (("wsgi", MULTIPART), ("wsgi", JSON), ("searxng", JSON)):
            continue  # these engines read no such bodies
        assert open_door.seen == [query]


def test_apps_get_json_and_browsers_get_their_language(open_door: Standing):
    asked = get(
        "x", "message", "q=zorblaxin&format=json", headers={"accept": JSON, "accept-language": "ar, en;q=0.5"}
    )
    reply = open_door.ask(asked)
    assert (reply.status, json.loads(reply.body)["offramp"]["language"]) == (403, "ar")
    page = open_door.ask(get("x", "message", "q=zorblaxin", headers={"accept-language": "ar-EG"}))
    assert 'dir="rtl"' in page.text


@pytest.mark.parametrize(
    "way", ["help/neutral/en", "survey/neutral/ar", "not_meant/help-seeking/en", "exit/neutral/en"]
)
def test_ways_are_counted_and_lead_on(open_door: Standing, way: str):
    reply = open_door.ask(Sent("x", "way", f"/offramp/go/{way}"))
    target, arm, tag = way.split("/")
    assert [(count.target, count.arm, count.language) for count in open_door.counts] == [(target, arm, tag)]
    assert reply.status == (200 if target == "not_meant" else 303)
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert open_door.seen == []


def test_the_same_message_in_another_language(open_door: Standing):
    reply = open_door.ask(Sent("x", "way", "/offramp/message/neutral/ar"))
    assert 'lang="ar"' in reply.text


def test_nothing_is_suggested_while_a_term_is_typed(open_door: Standing):
    path = "/autocompleter" if open_door.name == "searxng" else "/suggest"
    reply = open_door.ask(
        Sent("x", "results", f"{path}?q=zorblaxin", headers={"x-requested-with": "XMLHttpRequest"})
    )
    assert (reply.status, json.loads(reply.body)) == (200, [])
    assert open_door.counts == []
    assert open_door.seen == []
    open_door.ask(Sent("x", "results", f"{path}?q=tea"))
    assert open_door.seen == ["tea"]


@pytest.mark.parametrize("name", ENGINES)
def test_lists_are_exchanged_under_a_running_engine(name: str, tmp_path: Path):
    path = seal(tmp_path / "list.sealed")
    standing = stand(name, path)
    asked = get("x", "message", "q=flumterquip")
    assert not is_message(standing.ask(asked))
    other = tmp_path / "words.txt"
    other.write_text("flumterquip\n", encoding="utf-8")
    from offramp.gate import draft

    before = path.read_bytes()
    path.write_bytes(draft([other]).sealed(KEY))
    assert is_message(standing.ask(asked))
    path.write_bytes(b"broken")
    assert is_message(standing.ask(asked)), "a damaged file changes nothing"
    assert standing.said[0].startswith("[")
    path.write_bytes(before)
    assert not is_message(standing.ask(asked))
    if standing.doorway:
        standing.doorway.keeper.live.roll_back()
        assert is_message(standing.ask(asked))


class _Broken:
    longest_query = 4096

    def decide(self, query: str) -> None:
        raise RuntimeError(query)


@pytest.mark.parametrize(("failing", "status"), [("open", 200), ("closed", 503)])
@pytest.mark.parametrize("name", [name for name in ENGINES if name != "django under asgi"])
def test_a_gate_that_breaks_ends_as_it_was_chosen(name: str, failing: str, status: int, sealed: Path):
    standing = stand(name, sealed, failing=failing)
    assert standing.doorway is not None
    standing.doorway.keeper.live._gate = _Broken()  # type: ignore[assignment]
    reply = standing.ask(get("x", "results", "q=tea"))
    assert reply.status == status
    assert bool(standing.seen) == (failing == "open")
    assert set(standing.said) == {"fault RuntimeError"}


# -- whatever anybody sends -----------------------------------------------------------------------------------

_PIECES = st.sampled_from((
    b"q=", b"%71=", b"&", b";", b"zorblaxin", b"z0rblaxin", b"mervoqua", b"tilsunep", b"+", b"%20", b"tea", b"%",
    b"%ff", "ä".encode(), b"\r\n", b"--edge", b"--", b'Content-Disposition: form-data; name="q"', b"\r\n\r\n",
    b'{"q":', b'"', b"}", b",", b"[", b"\\u007a", b"\xff\xfe", b"\x00", b"filename=x", b"=",
))  # fmt: skip
_BODIES = st.lists(_PIECES | st.binary(max_size=3), max_size=12).map(b"".join)
_KINDS = st.sampled_from(
    (FORM, MULTIPART, JSON, 'multipart/form-data; boundary="edge"; boundary=x', "text/plain", "")
)
_SAFE = st.lists(st.sampled_from((
    b"q=", b"%71=", b"&", b";", b"zorblaxin", b"mervoqua", b"tilsunep", b"+", b"%20", b"%", b"%ff", b"%E4", b"x", b"=",
    b"%00", b"%C3%A4",
)), max_size=10).map(b"".join)  # fmt: skip


@pytest.mark.parametrize("name", [name for name in ENGINES if name != "django under asgi"])
@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(query=_SAFE, body=_BODIES, kind=_KINDS)
def test_no_engine_ever_searches_for_what_the_gate_would_stop(
    name: str, sealed: Path, query: bytes, body: bytes, kind: str
):
    standing = _KEPT.get(name) or _KEPT.setdefault(name, stand(name, sealed))
    sent = replace(get("x", "", query), body=body if kind else b"", kind=kind)
    standing.ask(sent)
    standing.let_nothing_through()


_KEPT: dict[str, Standing] = {}
