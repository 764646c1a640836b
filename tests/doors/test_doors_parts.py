"""Single parts of the doors: what is opened, what is counted on disk, and bodies that are handed on."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from offramp.adapters import DayCounts, Doorway, Received, open_gate
from offramp.adapters.asgi import AsgiGate
from offramp.adapters.opening import today
from offramp.adapters.wsgi import WsgiGate
from offramp.errors import Refusal
from offramp.gate import Count
from tests.doors.engines import KEY, options, seal
from tests.doors.requests import FORM, form
from tests.doors.wires import Stingy


@pytest.fixture(scope="module")
def said() -> list[str]:
    return []


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, said: list[str]) -> Doorway:
    return open_gate(**options(seal(tmp_path_factory.mktemp("list") / "list.sealed"), report=said.append))


def test_counts_of_a_day_are_one_table_in_order_of_the_alphabet(tmp_path: Path):
    counts = DayCounts(tmp_path / "counts")
    for target in ("shown", "help", "shown"):
        counts(Count("neutral", "en", "2026-11-29", target))  # type: ignore[arg-type]
    counts(Count("", "ar", "2026-11-29", "shadow"))
    counts(Count("neutral", "en", "2026-11-30", "shown"))
    assert (tmp_path / "counts/2026-11-29.csv").read_text() == (
        "arm,language,target,n\n,ar,shadow,1\nneutral,en,help,1\nneutral,en,shown,2\n"
    )
    assert counts.read("2026-11-30") == {("neutral", "en", "shown"): 1}
    assert counts.read("2026-12-01") == {}
    assert {path.name for path in counts.folder.iterdir()} == {"2026-11-29.csv", "2026-11-30.csv", "lock"}


@pytest.mark.parametrize("day", ["", "../etc", "2026-11-29T10:00", "29"])
def test_a_time_finer_than_the_day_is_not_counted(tmp_path: Path, day: str):
    with pytest.raises(ValueError):
        DayCounts(tmp_path)(Count("neutral", "en", day, "shown"))


def test_whoever_counts_at_once_loses_nothing(tmp_path: Path):
    """Each has a lock file of its own open, so that threads are to each other what processes are."""

    def add() -> None:
        counts = DayCounts(tmp_path)
        for _ in range(50):
            counts(Count("neutral", "en", "2026-11-29", "shown"))

    several = [Thread(target=add) for _ in range(3)]
    for one in several:
        one.start()
    for one in several:
        one.join()
    assert DayCounts(tmp_path).read("2026-11-29") == {("neutral", "en", "shown"): 150}


def test_today_is_a_day_and_its_week():
    day, now = today(), datetime.now(UTC)
    assert day.date in (f"{now:%Y-%m-%d}", f"{datetime.now(UTC):%Y-%m-%d}")
    assert day.week[:6] == f"{now:%G-W}"


@pytest.mark.parametrize(("given", "code"), [
    ({"failing": ""}, "gate.failing"), ({"help": "nowhere"}, "notice.address"), ({"languages": ()}, "notice.language"),
    ({"drafts": False}, "notice.draft"), ({"lists": "none.sealed"}, "gate.compiled_unreadable"),
    ({"key": "none.key"}, "gate.no_key"), ({"base": "x"}, "notice.base"),
])  # fmt: skip
def test_what_is_wrong_is_refused_before_the_first_request(tmp_path: Path, given: dict[str, Any], code: str):
    with pytest.raises(Refusal) as caught:
        open_gate(**options(seal(tmp_path / "list.sealed"), **given))
    assert code in caught.value.codes


def test_what_has_no_default_must_be_given(tmp_path: Path):
    whole = options(seal(tmp_path / "list.sealed"))
    for name in ("lists", "key", "failing", "content", "help", "paths"):
        with pytest.raises(TypeError):
            open_gate(**{key: value for key, value in whole.items() if key != name})


def test_a_key_file_may_be_named_by_a_text(tmp_path: Path):
    (tmp_path / "gate.key").write_text(KEY.hex(), encoding="ascii")
    given = options(seal(tmp_path / "list.sealed"), key=str(tmp_path / "gate.key"))
    assert open_gate(**given).answer(Received("/search", b"q=zorblaxin")) is not None


@pytest.mark.parametrize("path", ["/search", "/search/", "//search", "/search//"])
def test_slashes_make_no_difference(opened: Doorway, path: str):
    assert opened.searches(path)
    assert not opened.searches(path.replace("search", "searching"))


# -- bodies that are handed on --------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [0, 1, 8191, 8192, 65_535, 65_536, 65_537, 65_538, 200_000])
@pytest.mark.parametrize("how", ["whole", "lines", "pieces", "more than there is"])
def test_a_wsgi_body_is_handed_on_to_its_last_byte(opened: Doorway, length: int, how: str):
    body = (b"x" * 70 + b"\n") * (length // 71) + b"y" * (length % 71)
    got = io.BytesIO()

    def app(environ: dict[str, Any], start: Any) -> list[bytes]:
        stream = environ["wsgi.input"]
        match how:
            case "whole":
                got.write(stream.read(length) if length else b"")
            case "lines":
                got.writelines(stream if length else ())
            case "pieces":
                while got.tell() < length and (piece := stream.read(min(777, length - got.tell()))):
                    got.write(piece)
            case _:
                got.write(stream.read(length * 2) if length else b"")
        return [b""]

    gated = WsgiGate(app, opened)
    gated({"PATH_INFO": "/search", "CONTENT_TYPE": FORM, "CONTENT_LENGTH": str(length), "wsgi.input": Stingy(body)},
          lambda *_: None)  # fmt: skip
    assert got.getvalue() == body


@pytest.mark.parametrize(("environ", "unread"), [
    ({"CONTENT_LENGTH": "12"}, False), ({"CONTENT_LENGTH": "13"}, True), ({"CONTENT_LENGTH": "-1"}, False),
    ({"CONTENT_LENGTH": "²"}, False), ({}, False), ({"wsgi.input_terminated": True}, False),
])  # fmt: skip
def test_lengths_are_not_believed_and_never_waited_for(
    opened: Doorway, said: list[str], environ: dict[str, Any], unread: bool
):
    said.clear()
    gated = WsgiGate(lambda *_: [b"results"], opened)
    whole = {
        "PATH_INFO": "/search",
        "CONTENT_TYPE": FORM,
        "wsgi.input": io.BytesIO(b"q=tea&xx=123"),
        **environ,
    }
    assert b"".join(gated(whole, lambda *_: None)) == b"results"
    assert said == (["fault Unread"] if unread else [])


def test_a_body_of_unknown_length_is_read_where_the_server_ends_it(opened: Doorway):
    gated = WsgiGate(lambda *_: [b"results"], opened)
    whole = {"PATH_INFO": "/search", "CONTENT_TYPE": FORM, "wsgi.input": io.BytesIO(b"q=zorblaxin")}
    assert gated(whole | {"wsgi.input_terminated": True}, lambda *_: None) != [b"results"]
    assert gated(whole, lambda *_: None) == [b"results"], "frameworks read no such body either"


def test_an_asgi_body_is_handed_on_message_by_message(opened: Doorway):
    sent = [{"type": "http.request", "body": bytes([65 + n]) * 30_000, "more_body": n < 4} for n in range(5)]
    waiting, got = list(sent), []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        got.extend([await receive() for _ in sent])
        got.append(await receive())

    async def receive() -> Any:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(happening: Any) -> None:
        raise AssertionError("the engine answers nothing here")

    gated = AsgiGate(app, opened)
    scope = {"type": "http", "path": "/sub/search", "root_path": "/sub", "method": "POST", "query_string": b"",
             "headers": [(b"Content-Type", FORM.encode())]}  # fmt: skip
    asyncio.run(gated(scope, receive, send))
    assert got == [*sent, {"type": "http.disconnect"}]


def test_what_is_no_request_passes_an_asgi_gate(opened: Doorway):
    got = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        got.append(scope["type"])

    gated = AsgiGate(app, opened)
    for kind in ("lifespan", "websocket"):
        asyncio.run(gated({"type": kind, "path": "/search", "query_string": b"q=zorblaxin"}, None, None))  # type: ignore[arg-type]
    assert got == ["lifespan", "websocket"]


def test_whoever_leaves_in_the_middle_of_a_body_is_unread(opened: Doorway, said: list[str]):
    said.clear()
    left = [{"type": "http.request", "body": b"q=te", "more_body": True}, {"type": "http.disconnect"}]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert [await receive(), await receive()] == [
            {"type": "http.request", "body": b"q=te", "more_body": True}, {"type": "http.disconnect"}
        ]  # fmt: skip

    async def receive() -> Any:
        return left.pop(0)

    gated = AsgiGate(app, opened)
    scope = {
        "type": "http",
        "path": "/search",
        "method": "POST",
        "headers": [(b"content-type", FORM.encode())],
    }
    asyncio.run(gated(scope, receive, None))  # type: ignore[arg-type]
    assert said == ["fault Unread"]


def test_paths_that_do_not_search_keep_their_bodies_untouched(tmp_path: Path):
    """An upload elsewhere is none of a gate's business, and is not read ahead."""
    doorway = open_gate(**options(seal(tmp_path / "list.sealed"), failing="closed"))
    stream = Stingy(b"zorblaxin" * 100_000)
    environ = {
        "PATH_INFO": "/upload",
        "CONTENT_TYPE": "image/png",
        "CONTENT_LENGTH": "900000",
        "wsgi.input": stream,
    }
    assert WsgiGate(lambda given, _: [given["wsgi.input"]], doorway)(environ, lambda *_: None) == [stream]
    assert (
        doorway.answer(Received("/upload", b"q=zorblaxin", FORM, form("x", "", "q=zorblaxin").body)) is None
    )
