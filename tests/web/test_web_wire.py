"""Shapes of requests that no browser sends, over a real socket to a real server: a clear end, and no trace of them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import h11
import pytest

from tests.web.installation import Installation
from tests.web.process import Server, serving
from tests.web.respondent import FORM
from tests.web.wire import CHUNKED, HOST, POST, talk

MARK = b"Wobblethorpe"
GET = b"GET /robots.txt HTTP/1.1\r\n" + HOST + b"\r\n"
DESK = b"POST /desk/v1/pull HTTP/1.1\r\n" + HOST


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, Server]]:
    place = Installation(tmp_path_factory.mktemp("wire") / "server")
    with serving(place) as server:
        yield place, server


@pytest.fixture
def server(served: tuple[Installation, Server]) -> Iterator[Server]:
    yield served[1]
    assert served[1].said() == "", "nobody writes into a log by sending something odd"
    assert served[0].envelopes() == []


SHAPES: dict[str, tuple[bytes, list[int]]] = {
    "no request at all": (MARK + b"\r\n\r\n", [400]),
    "HTTP/0.9": (b"GET /" + MARK + b"\r\n\r\n", [400]),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [404, 400]),
    "an upgrade to HTTP/2": (GET[:-2] + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n", [200]),
    "an upgrade to a websocket": (GET[:-2] + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", [200]),
    "no host": (b"GET /robots.txt HTTP/1.1\r\n\r\n", [400]),
    "two hosts": (b"GET /robots.txt HTTP/1.1\r\n" + HOST * 2 + b"\r\n", [400]),
    "a NUL in the address": (b"GET /\0 HTTP/1.1\r\n" + HOST + b"\r\n", [400]),
    "bytes beyond ASCII in the address": (b"GET /\xc3\xa9 HTTP/1.1\r\n" + HOST + b"\r\n", [400]),
    "a huge address": (b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", [400]),
    "a huge header": (GET[:-2] + b"X: " + b"a" * 60_000 + b"\r\n\r\n", [400]),
    "thousands of headers": (GET[:-2] + b"X: a\r\n" * 9000 + b"\r\n", [400]),
    "a folded header": (GET[:-2] + b"X: a\r\n b\r\n\r\n", [200]),
    "an address of another host": (b"GET http://" + MARK + b"/robots.txt HTTP/1.1\r\n" + HOST + b"\r\n", [404]),
    "CONNECT": (b"CONNECT " + MARK + b":443 HTTP/1.1\r\n" + HOST + b"\r\n", [404]),
    "OPTIONS *": (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", [404]),
    "TRACE": (b"TRACE /en/help HTTP/1.1\r\nX: " + MARK + b"\r\n" + HOST + b"\r\n", [405]),
    "two requests at once": (GET * 2, [200, 200]),
    "two lengths": (DESK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}" + GET, [400]),
    "a length that is none": (DESK + b"Content-Length: +2\r\n\r\n{}" + GET, [400]),
    "a length and chunks": (DESK + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + GET, [400]),
    "chunks and a length": (DESK + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + GET, [400]),
    "chunks, misspelt": (DESK + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + GET, [400]),
    "chunks in chunks": (DESK + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" + GET, [400]),
    "chunks, squeezed": (DESK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + GET, [400]),
    "a huge extension of a chunk": (CHUNKED + b"1;" + b"a" * 60_000 + b"\r\na\r\n0\r\n\r\n", [400]),
    "a chunk of minus one": (CHUNKED + b"-1\r\n" + MARK, [400]),
    "a chunk larger than anything": (CHUNKED + b"f" * 30 + b"\r\n" + MARK, [400]),
    "a chunk of a word": (CHUNKED + MARK + b"\r\n\r\n", [400]),
    "a huge trailer": (CHUNKED + b"0\r\nX: " + b"a" * 60_000 + b"\r\n\r\n", [400]),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_of_a_request(server: Server, shape: str) -> None:
    sent, statuses = SHAPES[shape]
    heard = talk(server, sent)
    assert heard.statuses == statuses
    assert MARK.lower() not in heard.raw.lower()
    for name in ("no-store", "nosniff", "default-src 'none'", "no-referrer"):
        assert name in heard.head
    if 400 in statuses:
        assert heard.closed, "nothing more is taken from whoever is not understood"


REFUSED = {
    "an address that does not exist": b"POST /nowhere HTTP/1.1\r\n" + HOST,
    "a method that is not allowed": b"POST /en/help HTTP/1.1\r\n" + HOST,
    "no form": b"POST /en/s/help-us HTTP/1.1\r\n" + HOST,
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_body_that_breaks_after_it_was_refused_is_in_no_log(server: Server, case: str) -> None:
    head = REFUSED[case] + b"Transfer-Encoding: chunked\r\n\r\n"
    heard = talk(server, head, b"5\r\nabcde\r\n", MARK + b"\r\n\r\n", pause=0.05)
    assert heard.statuses[0] in (404, 405, 415)
    assert heard.closed
    assert MARK.decode() not in server.said()


def test_the_words_of_such_a_failure_would_name_it() -> None:
    """A control: what the library says of a broken chunk holds the chunk, so a trace in a log would be one of it."""
    line = h11.Connection(h11.SERVER)
    line.receive_data(CHUNKED + MARK + b"\r\n\r\n")
    line.next_event()
    with pytest.raises(h11.RemoteProtocolError, match=MARK.decode()):
        line.next_event()


def test_a_body_comes_after_it_was_asked_for(server: Server) -> None:
    heard = talk(server, POST + b"Expect: 100-continue\r\nContent-Length: 8\r\n\r\n", b"go=agree", pause=0.1)
    assert heard.statuses == [100, 200]
    refused = talk(server, REFUSED["no form"] + b"Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n")
    assert refused.statuses == [415]
    assert refused.closed


def test_a_body_that_would_unpack_to_a_gigabyte_is_not_read(server: Server) -> None:
    packed = gzip.compress(b"a" * 50_000_000)
    head = POST + f"Content-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode()
    heard = talk(server, head)
    assert heard.statuses == [415]
    assert heard.closed


def test_whoever_says_they_have_sent_less_than_they_do_is_not_heard_twice(server: Server) -> None:
    heard = talk(server, POST + b"Content-Length: 8\r\n\r\ngo=agree" + GET + MARK + b"\r\n\r\n")
    assert heard.statuses == [200, 200, 400]
    assert heard.closed


@pytest.mark.parametrize(
    "more",
    [
        b"Host: zemblix.example\r\n",
        HOST
        + b"X-Forwarded-Host: zemblix.example\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Prefix: /zemblix\r\n",
        HOST + b"X-Original-URL: /en/zemblix\r\nX-Rewrite-URL: /en/zemblix\r\n",
        HOST + b"Range: bytes=0-10\r\nIf-Range: zemblix\r\n",
        HOST + b"If-None-Match: *\r\nIf-Modified-Since: Mon, 23 Nov 2037 00:00:00 GMT\r\n",
        HOST + b"X-HTTP-Method-Override: DELETE\r\nX-Method-Override: POST\r\n",
        HOST
        + b"Cookie: zemblix=1\r\nAuthorization: Basic emVtYmxpeA==\r\nOrigin: http://zemblix.example\r\n",
        HOST + b"Accept: application/json\r\nAccept-Encoding: gzip, br\r\nTE: trailers\r\nConnection: TE\r\n",
        HOST + b"Accept-Language: " + b"zemblix;q=0.5," * 500 + b"\r\n",
    ],
)
@pytest.mark.parametrize(
    "address", [b"/en/help", b"/en/help/", b"/go/help?l=en", b"/health", b"/nowhere?q=zemblix"]
)
def test_no_header_changes_an_answer(server: Server, address: bytes, more: bytes) -> None:
    plain = talk(server, b"GET " + address + b" HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n")
    odd = talk(server, b"GET " + address + b" HTTP/1.1\r\nConnection: close\r\n" + more + b"\r\n")
    assert odd == plain
    assert b"zemblix" not in odd.raw


def test_an_address_with_a_slash_too_many_leads_nowhere(server: Server) -> None:
    for address in (
        b"/en/help/",
        b"//zemblix.example/en/help/",
        b"/en/s/help-us/",
        b"/go/help/",
        b"//en/help",
    ):
        heard = talk(server, b"GET " + address + b" HTTP/1.1\r\nHost: zemblix.example\r\n\r\n")
        assert heard.statuses == [404]
        assert "location" not in heard.head


def test_a_method_that_is_not_allowed_is_told_which_are(server: Server) -> None:
    for address, allowed in (
        (b"/en/s/help-us", "GET, POST"),
        (b"/en/help", "GET"),
        (b"/desk/v1/pull", "POST"),
    ):
        heard = talk(server, b"DELETE " + address + b" HTTP/1.1\r\n" + HOST + b"\r\n")
        assert f"\r\nallow: {allowed.lower()}\r\n" in heard.head


def test_a_plain_form_does_get_through(server: Server) -> None:
    """A control for all the above: the same bytes, in order, are answered."""
    assert talk(server, CHUNKED + b"8\r\ngo=agree\r\n0\r\n\r\n").statuses == [200]
    assert FORM.encode() in POST
