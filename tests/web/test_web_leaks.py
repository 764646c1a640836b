"""What people send and where they come from is nowhere on the server: not in its files, output or environment.

A real server, people at addresses of their own, and a search that is shown to find what was planted for it.
"""

from __future__ import annotations

import base64
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, quote_plus

import pytest

from offramp.errors import Refusal
from offramp.sealing import Binding, DeskKeys, unseal
from offramp.survey.receipt import read_receipt
from tests.web.answers import TAKEN, Given
from tests.web.installation import SERVICE, Installation
from tests.web.process import Server, serving
from tests.web.respondent import Respondent
from tests.web.test_web_walk import walk_all

PEOPLE = 16
CONTROL = "Wobblethorpe & 127.77.7.7"


class Person(NamedTuple):
    """Somebody with marks by which every trace of them would be known."""

    address: str
    forwarded: str
    agent: str
    query: str
    words: str
    language: str

    @property
    def marks(self) -> tuple[str, ...]:
        return (self.address, self.forwarded, self.agent, self.query, self.words)


def person(number: int) -> Person:
    word = "".join(chr(ord("a") + (number * 7 + step * 11) % 26) for step in range(12))
    return Person(
        f"127.66.{number // 8}.{number + 1}", f"203.0.113.{number + 1}, 2001:db8:66::{number + 1:x}",
        f"Plumbrowser/{number}.{word} (Zemblix; rv:{number * 31})", f"zorblaxin {word}-gezocht",
        f"Ich {word} ظرومب{word} \U0001f6e4{number}", ("en", "ar")[number % 2],
    )  # fmt: skip


class Searched(NamedTuple):
    """A server that people have used: what it had while it ran, and what it left."""

    place: Installation
    running: Mapping[str, bytes]
    stopped: Mapping[str, bytes]
    receipts: tuple[str, ...]
    opened_to: tuple[str, ...]


def visit(server: Server, place: Installation, who: Person) -> str:
    headers = {"user-agent": who.agent, "x-forwarded-for": who.forwarded, "forwarded": f"for={who.forwarded}",
               "x-real-ip": who.forwarded, "referer": f"http://invalid/?q={quote(who.query)}"}  # fmt: skip
    given = {page: Given(g.ticks, dict.fromkeys(g.words, who.words)) for page, g in TAKEN.items()}
    with server.client(who.address) as client:
        tab = Respondent(client, place.survey, who.language, headers)
        tab.go_to(f"/{who.language}/search").search_for(who.query).click("/go/survey").agree()
        walk_all(tab, given)
        assert tab.seen.receipt
        for odd in (f"/{who.query}", f"/{who.language}/s/help-us?q={quote(who.words)}"):
            tab.go_to(odd)
        client.post(f"/en/s/{quote(who.words)}", content=b"x" * 70_000, headers=headers)
        client.post("/en/s/help-us", content=who.words.encode(), headers=headers)
    with socket.create_connection((server.host, server.port), source_address=(who.address, 0)) as raw:
        raw.sendall(f"BREW {who.query} TEA/9\r\nUser-Agent: {who.agent}\r\nX: {who.words}\r\n\r\n".encode())
        raw.recv(100)
    return next(page.receipt for page in reversed(tab.history) if page.receipt)


def has(place: Installation, server: Server) -> dict[str, bytes]:
    """Return everything that the server has: its files, what it printed, and what its process was given."""
    found = {str(path): path.read_bytes() for path in place.folder.rglob("*") if path.is_file()}
    found |= {str(path): path.read_bytes() for path in server.output}
    process = Path("/proc") / str(server.process.pid)
    for name in ("environ", "cmdline"):
        if (process / name).exists():
            found[f"process {name}"] = (process / name).read_bytes()
    return found


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Searched:
    place = Installation(tmp_path_factory.mktemp("leaks") / "server")
    with serving(place, {"PLANTED_BY_THE_TEST": CONTROL}) as server:
        receipts = tuple(visit(server, place, person(number)) for number in range(PEOPLE))
        control = place.folder / "temporary" / "control"
        control.write_bytes(b"1" + base64.b64encode(CONTROL.encode()))
        running = has(place, server)
        control.unlink()
        handles = (Path("/proc") / str(server.process.pid) / "fd").iterdir()
        opened_to = tuple(os.readlink(handle) for handle in handles)
    files = {name: Path(name).read_bytes() for name in running if Path(name).exists()}
    return Searched(place, running, files, receipts, opened_to)


# -- the search ---------------------------------------------------------------------------------------------


def shapes(mark: str | bytes) -> set[bytes]:
    """Return every shape in which a mark could lie in a file."""
    raw = mark if isinstance(mark, bytes) else mark.encode()
    found = {raw, raw.hex().encode(), raw.hex().upper().encode(), quote(raw).encode(), quote(raw, safe="").encode(),
             quote_plus(raw).encode(), "".join(f"%{byte:02X}" for byte in raw).encode(),
             "".join(f"%{byte:02x}" for byte in raw).encode()}  # fmt: skip
    if isinstance(mark, str):
        found |= {mark.encode("utf-16-le"), mark.encode("utf-16-be"), ascii(mark)[1:-1].encode()}
    for before in range(3):
        # What stands beside the mark shares a letter with it at either end, so these are left off.
        letters = base64.b64encode(bytes(before) + raw)
        inner = letters[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        found |= {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))}
    return found


def find(mark: str | bytes, having: Mapping[str, bytes]) -> list[str]:
    """Return where a mark can be read in any shape."""
    sought = shapes(mark)
    return [name for name, content in having.items() if any(shape in content for shape in sought)]


@pytest.mark.parametrize(
    "write",
    [
        lambda mark: mark.encode(),
        lambda mark: mark.encode("utf-16"),
        lambda mark: mark.encode().hex().encode(),
        lambda mark: mark.encode().hex().upper().encode(),
        lambda mark: quote(mark).encode(),
        lambda mark: quote_plus(mark).encode(),
        lambda mark: base64.b64encode(b"1" + mark.encode() + b"1"),
        lambda mark: base64.b64encode(b"22" + mark.encode() + b"22"),
        lambda mark: base64.urlsafe_b64encode(b"333" + mark.encode()),
    ],
    ids=["plain", "UTF-16", "hex", "HEX", "percent", "plus", "base64", "base64 one on", "base64 two on"],
)
@pytest.mark.parametrize("mark", person(3).marks)
def test_the_search_finds_what_is_planted(write: Callable[[str], bytes], mark: str) -> None:
    planted = {"planted": os.urandom(5000) + write(mark) + os.urandom(5000), "empty": os.urandom(10_000)}
    assert find(mark, planted) == ["planted"]


def test_the_search_reaches_the_environment_the_settings_and_the_database(searched: Searched) -> None:
    found = find(CONTROL, searched.running)
    assert [Path(name).name for name in found] == ["control", "process environ"]
    assert str(searched.place.config) in find(SERVICE, searched.running)
    assert [Path(name).name for name in find("2026-W", searched.stopped)] == ["offramp.sqlite"]
    names = {Path(name).name for name in searched.running}
    assert {"offramp.sqlite", "offramp.sqlite-wal", "tombstones.sqlite", "stdout", "stderr"} <= names


# -- what it finds ------------------------------------------------------------------------------------------


def test_everybody_was_there(searched: Searched) -> None:
    written = [
        body.words["about_help"] for body in searched.place.bodies() if "about_help" in (body.words or {})
    ]
    assert sorted(written) == sorted(person(number).words for number in range(PEOPLE))


@pytest.mark.parametrize("when", ["running", "stopped"])
def test_no_answer_query_agent_or_address_is_anywhere(searched: Searched, when: str) -> None:
    having = getattr(searched, when)
    for number in range(PEOPLE):
        for mark in person(number).marks:
            assert find(mark, having) == [], mark
            for part in re.findall(r"[^\W\d]{9,}|[\d.]{9,}", mark):
                assert find(part, having) == [], part
    for question in ("wish_to_stop", "tp1_open_web", "about_help", '"page":', "zorblaxin", "127.66."):
        assert find(question, having) == [], question


@pytest.mark.parametrize("when", ["running", "stopped"])
def test_no_receipt_and_no_response_is_named_anywhere(searched: Searched, when: str) -> None:
    for receipt in searched.receipts:
        assert find(receipt, getattr(searched, when)) == []
        assert find(read_receipt(receipt), getattr(searched, when)) == []


def test_the_server_printed_nothing_about_anybody(searched: Searched) -> None:
    printed = b"".join(
        searched.stopped[name] for name in searched.stopped if name.endswith(("stdout", "stderr"))
    )
    lines = {line.decode() for line in printed.splitlines()}
    assert lines <= {"WARNING:  Invalid HTTP request received."}


def test_the_server_writes_into_no_file_outside_its_folder(searched: Searched) -> None:
    ours = str(searched.place.folder.parent)
    elsewhere = [name for name in searched.opened_to if name.startswith("/") and not name.startswith(ours)]
    # In memory alone, and always empty: the places in which codes are stretched, shared among processes by locks.
    assert set(elsewhere) <= {"/dev/null", "/memfd:offramp-places (deleted)"}
    assert not list((searched.place.folder / "temporary").iterdir())


# -- keys ---------------------------------------------------------------------------------------------------


def private_parts(keys: DeskKeys) -> Iterator[bytes]:
    """Yield every secret by which an envelope could be opened, or a pull be signed."""
    yield keys.seed
    yield keys.archive_key()
    yield keys._signer.private_bytes_raw()
    yield from (part.private_bytes_raw() for part in _parts(keys))


def _parts(keys: DeskKeys) -> Iterator[object]:
    from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    from offramp.sealing.pieces import labelled

    yield MLKEM768PrivateKey.from_seed_bytes(labelled(keys.seed, "desk/mlkem768", 64))
    yield X25519PrivateKey.from_private_bytes(labelled(keys.seed, "desk/x25519", 32))


def test_no_private_key_is_anywhere_on_the_server(searched: Searched) -> None:
    keys = searched.place.keys
    for secret in private_parts(keys):
        assert find(secret, searched.running) == []
        assert find(secret, {"a desk's file": b"before" + secret + b"after"})
    assert find(keys.recipient.public, searched.running), "the public key is there, and is found"


def test_nothing_that_the_server_has_opens_an_envelope(searched: Searched) -> None:
    envelope = searched.place.envelopes()[0]
    binding = Binding(SERVICE, f"survey/{envelope.survey}")
    for seed in candidates(searched.running):
        with pytest.raises(Refusal):
            unseal(envelope.body, DeskKeys(seed), binding)
    planted = {**searched.running, "a file too many": b"key = " + searched.place.keys.seed.hex().encode()}
    opened = [
        seed for seed in candidates(planted) if DeskKeys(seed).recipient == searched.place.keys.recipient
    ]
    assert opened == [searched.place.keys.seed]


def candidates(having: Mapping[str, bytes]) -> set[bytes]:
    """Return all that could be a key: 32 bytes that begin any file or stand written out in it."""
    found = set()
    for content in having.values():
        found |= {content[start : start + 32] for start in range(0, min(len(content), 3000), 16)}
        found |= {bytes.fromhex(text.decode()) for text in re.findall(rb"\b[0-9a-fA-F]{64}\b", content)}
        for text in re.findall(rb"[A-Za-z0-9+/_-]{43,}", content):
            # A path is written in the same letters, and a number of them that no base64 has is no key.
            text = text[: len(text) - (len(text) % 4 == 1)]
            raw = base64.urlsafe_b64decode(text.translate(bytes.maketrans(b"+/", b"-_")) + b"==")
            found |= {raw[start : start + 32] for start in range(0, len(raw) - 31, 32)}
    return {seed for seed in found if len(seed) == 32}


# -- at the same moment -------------------------------------------------------------------------------------


def test_a_click_sent_many_times_at_the_same_moment_is_one_answer(tmp_path: Path) -> None:
    place = Installation(tmp_path / "server")
    with serving(place) as server:
        with server.client() as client:
            tabs = [Respondent(client, place.survey).begin().tick({"stop_attempts": "few"})]
        tabs += [tabs[0].another_tab() for _ in range(11)]
        threads = [threading.Thread(target=click, args=(server, tab)) for tab in tabs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [tab.seen.page for tab in tabs] == ["beginning"] * len(tabs)
        assert len(place.envelopes()) == 1
        assert place.total("first_page") == 1
    assert place.response().codes["stop_attempts"] == ("few",)


def click(server: Server, tab: Respondent) -> None:
    with server.client() as client:
        tab.http = client
        tab.next()
