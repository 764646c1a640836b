"""The example proxies in front of a real server: the walk works, and nothing about a person is kept or passed on.

The server is a live one on a unix socket; nginx and Caddy are Debian's. What a test says is not there, it finds in a
second run whose example was spoilt.
"""

from __future__ import annotations

import contextlib
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from tests.ops.fronts import EXAMPLES, PACKAGES, Front, in_front
from tests.ops.live import ADDRESS, MARKS, first_pages, serving
from tests.web.respondent import FORM

pytestmark = [pytest.mark.full, pytest.mark.timeout(600)]
PAGE_BYTES = 24 * 1024
# As much as the fullest page can have, within what the server takes.
FULL_BODY = b"go=agree&filler=" + b"x" * 60_000
SURVEY = "/en/s/help-us"
Run = Callable[..., contextlib.AbstractContextManager[Front]]


@pytest.fixture(scope="module")
def door() -> Iterator[Path]:
    """The socket of a live server (in a short path, as sockets want it)."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as found:
        yield found


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as found:
        yield Path(found)


@pytest.fixture(params=EXAMPLES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def run(kind: str, program: Callable[[str, str], str], folder: Path) -> Run:
    """Run the proxy in front of a socket."""
    found = program(kind, PACKAGES[kind])
    return lambda door, edits=None: in_front(kind, found, folder, door, edits)


def kept_about_anybody(folder: Path) -> list[str]:
    """Return every planted mark, and the visitor's address, that any file of the proxy holds."""
    held = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return [mark for mark in (*MARKS.values(), ADDRESS) if mark.encode() in held]


def test_the_first_pages_work_and_leave_nothing_behind(run: Run, door: Path, folder: Path) -> None:
    with run(door) as front, front.client() as http:
        first_pages(http, **MARKS)
        http.get("/no/such/page", headers=MARKS)
        http.get("/en/s/help-us", headers={**MARKS, "accept-encoding": "gzip, br, zstd"})
    assert kept_about_anybody(folder) == []


LOGGING = {
    "nginx": {"access_log off;": "access_log said combined;"},
    "caddy": {"\trequest_body {": "\tlog {\n\t\toutput stderr\n\t}\n\trequest_body {", "\t\texclude http\n": "",
              "level ERROR": "level INFO"},
}  # fmt: skip


def test_a_log_of_requests_would_be_noticed(kind: str, run: Run, door: Path, folder: Path) -> None:
    with run(door, LOGGING[kind]) as front, front.client() as http:
        first_pages(http, **MARKS)
    assert MARKS["user-agent"] in kept_about_anybody(folder)


def test_a_request_that_fails_leaves_nothing_behind(run: Run, folder: Path) -> None:
    with run(folder / "nobody.sock") as front, front.client() as http:
        assert http.get(SURVEY, headers=MARKS).status_code == 502
        assert http.post(SURVEY, content=b"x" * 200_000, headers=MARKS).status_code in (413, 502)
    assert kept_about_anybody(folder) == []


SPEAKING = {"nginx": {"stderr emerg;": "stderr error;"}, "caddy": {"\t\texclude http\n": ""}}


def test_an_error_log_would_be_noticed(kind: str, run: Run, folder: Path) -> None:
    with run(folder / "nobody.sock", SPEAKING[kind]) as front, front.client() as http:
        assert http.get(SURVEY, headers=MARKS).status_code == 502
    assert ADDRESS in kept_about_anybody(folder)


def test_nothing_of_a_request_is_written_to_a_file(run: Run, door: Path) -> None:
    with run(door) as front, front.client() as http:
        front.write_no_file()
        first_pages(http)
        answer = http.post(SURVEY, content=FULL_BODY, headers={"content-type": FORM})
    assert answer.status_code == 200
    assert len(answer.content) % PAGE_BYTES == 0


def test_a_body_in_a_file_would_be_noticed(
    program: Callable[[str, str], str], folder: Path, door: Path
) -> None:
    spoilt = {"client_body_buffer_size 80k;": "client_body_buffer_size 8k;"}
    nginx = program("nginx", PACKAGES["nginx"])
    with in_front("nginx", nginx, folder, door, spoilt) as front, front.client() as http:
        front.write_no_file()
        with contextlib.suppress(httpx2.HTTPError):
            assert http.post(SURVEY, content=FULL_BODY, headers={"content-type": FORM}).status_code >= 500


def test_pages_are_not_compressed_and_keep_their_size(run: Run, door: Path) -> None:
    with run(door) as front, front.client() as http:
        answer = http.get(SURVEY, headers={"accept-encoding": "gzip, br, zstd, deflate"})
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers
    assert len(answer.content) % PAGE_BYTES == 0
    assert answer.headers["content-length"] == str(len(answer.content))


def test_headers_of_the_server_arrive_and_nothing_is_added_about_it(run: Run, door: Path) -> None:
    with run(door) as front, front.client() as http:
        answer = http.get(SURVEY)
    assert "no-store" in answer.headers["cache-control"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["strict-transport-security"]
    assert "set-cookie" not in answer.headers
    assert not any(digit in answer.headers.get("server", "") for digit in "0123456789")


@pytest.mark.parametrize(("size", "page"), [(70_000, True), (200_000, False)])
def test_too_large_a_post(run: Run, door: Path, size: int, page: bool) -> None:
    with run(door) as front, front.client() as http:
        answer = http.post(SURVEY, content=b"a=" + b"x" * size, headers={"content-type": FORM})
    assert answer.status_code == 413
    assert ("too large" in answer.text and len(answer.content) % PAGE_BYTES == 0) is page


def test_languages_are_still_asked_for(run: Run, door: Path) -> None:
    with run(door) as front, front.client() as http:
        found = [http.get("/", headers={"accept-language": tag}).headers["location"] for tag in ("ar", "en")]
    assert found == ["/ar/s/help-us", "/en/s/help-us"]


@contextlib.contextmanager
def listening(place: Path) -> Iterator[list[bytes]]:
    """A server that answers nothing but keeps, for this test alone, what reaches it."""
    heard: list[bytes] = []

    def listen(door: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                visitor, _ = door.accept()
                with visitor:
                    visitor.settimeout(10)
                    said = b""
                    while b"filler=xyz" not in said:
                        said += visitor.recv(65536)
                    heard.append(said)
                    visitor.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")

    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(place))
        place.chmod(0o666)
        door.listen()
        thread = threading.Thread(target=listen, args=(door,), daemon=True)
        thread.start()
        yield heard
        door.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def test_what_reaches_the_server_is_what_it_needs(run: Run, folder: Path) -> None:
    place = folder / "listening.sock"
    sent = {**MARKS, "content-type": FORM, "accept-language": "ar;q=0.7", "accept-encoding": "gzip"}
    with listening(place) as heard, run(place) as front, front.client() as http:
        assert http.post(SURVEY, content=b"filler=xyz", headers=sent).status_code == 200
    (request,) = (said.lower() for said in heard)
    for needed in (b"post /en/s/help-us http/1.1\r\n", b"accept-language: ar;q=0.7\r\n", b"content-length: 10\r\n",
                   f"content-type: {FORM}\r\n".encode()):  # fmt: skip
        assert needed in request
    for mark in (*MARKS.values(), ADDRESS, "gzip", "x-forwarded"):
        assert mark.lower().encode() not in request
