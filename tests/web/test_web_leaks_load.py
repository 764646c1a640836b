"""After a large mixed load nothing of anybody is left: in files, in what the process was given, or in what it has open.

Eighty people with marks of their own, several at a time: they search, answer, go back, delete, come back with
receipts, break their requests off, and send what is none. Each search has something planted that it must find.
"""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from offramp.survey.receipt import read_receipt
from tests.web.installation import Installation
from tests.web.process import Server, serving
from tests.web.respondent import FORM, Respondent
from tests.web.test_web_leaks import CONTROL, find, has, person, visit
from tests.web.wire import CHUNKED, POST, talk

PEOPLE = 80
pytestmark = pytest.mark.full


class Left(NamedTuple):
    """What there was: everything readable of the server while it ran and after, and who had been there."""

    running: Mapping[str, bytes]
    stopped: Mapping[str, bytes]
    marks: tuple[str, ...]
    secrets: tuple[bytes, ...]
    limits: str
    held_open: tuple[str, ...]
    place: Installation


def mark(number: int) -> str:
    """Return the mark of a person's odd requests; that of `test_web_leaks.person` repeats after some."""
    return f"vlimmer{number:03d}brambulette"


def come(server: Server, place: Installation, number: int) -> str:
    """Let one person do everything that can be done."""
    who = person(number)._replace(words=mark(number))
    receipt = visit(server, place, who)
    odd = mark(number).encode()
    talk(server, CHUNKED + odd + b"\r\n", patience=0.05)
    refused = b"POST /en/help HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    talk(server, refused, odd + b"\r\n\r\n", pause=0.01, patience=0.05)
    talk(server, POST + b"Content-Length: 999\r\n\r\nw003=" + odd, patience=0.01)
    with server.client(who.address) as client:
        tab = Respondent(client, place.survey, who.language)
        tab.open_receipt().type_receipt(f"{receipt}{mark(number)}").press("go", "continue")
        tab.begin().next({"stop_attempts": "few"}).next(words={"first_way": mark(number)}).back()
        if number % 3 == 0:
            tab.delete().press("go", "delete-yes")
        if number % 4 == 0:
            tab.open_receipt().type_receipt(receipt).press("go", "delete")
        client.post("/desk/v1/pull", content=f'{{"after": "{mark(number)}"}}'.encode())
        client.post(f"/en/s/{mark(number)}?{mark(number)}", content=odd, headers={"content-type": FORM})
    return receipt


def opened_by(server: Server) -> dict[str, bytes]:
    """Return the content of every file that the process holds open, also of one that has no name any more."""
    found = {}
    for handle in (Path("/proc") / str(server.process.pid) / "fd").iterdir():
        target = os.readlink(handle)
        if target.startswith("/") and not target.startswith("/dev/"):
            found[f"open {target}"] = handle.read_bytes()
    return found


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    place = Installation(tmp_path_factory.mktemp("load") / "server")
    with serving(place, {"PLANTED_BY_THE_TEST": CONTROL}) as server:
        with ThreadPoolExecutor(6) as people:
            receipts = list(people.map(lambda number: come(server, place, number), range(PEOPLE)))
        running = has(place, server) | opened_by(server)
        process = Path("/proc") / str(server.process.pid)
        limits = (process / "limits").read_text() + (process / "coredump_filter").read_text()
        held_open = tuple(os.readlink(handle) for handle in (process / "fd").iterdir())
    stopped = {str(path): path.read_bytes() for path in place.folder.parent.rglob("*") if path.is_file()}
    marks = tuple(m for number in range(PEOPLE) for m in (*person(number).marks[:4], mark(number)))
    secrets = tuple(bytes(read_receipt(receipt)) for receipt in receipts)
    return Left(running, stopped, (*marks, *receipts), secrets, limits, held_open, place)


def test_everybody_was_there(left: Left) -> None:
    words = {text for body in left.place.bodies() for text in (body.words or {}).values()}
    assert {mark(number) for number in range(PEOPLE) if number % 3 and number % 4} <= words
    assert len(left.place.tombstones()) > 100


@pytest.mark.parametrize("when", ["running", "stopped"])
def test_nothing_of_anybody_is_anywhere(left: Left, when: str) -> None:
    having = getattr(left, when)
    for one in (*left.marks[::7], *left.secrets):
        assert find(one, having) == [], one
    # What all marks have in common; so each is looked for, and every seventh as a whole.
    for part in (
        "vlimmer",
        "brambulette",
        "zorblaxin",
        "plumbrowser",
        "127.66.",
        "203.0.113",
        "stop_attempts",
    ):
        assert find(part, having) == [], part
        assert not [name for name in having if part in name]


def test_the_search_reaches_every_place(left: Left) -> None:
    """A control: what is known to be in each place is found there."""
    assert find(CONTROL, left.running) == ["process environ"]
    assert "process cmdline" in find("offramp.cli.server", left.running)
    names = {Path(name).name for name in left.running}
    assert {"offramp.sqlite", "offramp.sqlite-wal", "tombstones.sqlite", "stdout", "stderr"} <= names
    assert {Path(n).name for n in find("help-us", left.running)} >= {"offramp.sqlite"}
    assert any(name.startswith("open ") and "offramp.sqlite" in name for name in find("2026-W", left.running))
    for place in left.running:
        planted = {**left.running, place: left.running[place] + base64.b64encode(b"22" + mark(7).encode())}
        assert find(mark(7), planted) == [place]


def test_the_logs_are_empty(left: Left) -> None:
    assert [left.stopped[name] for name in left.stopped if name.endswith(("stdout", "stderr"))] == [b"", b""]


def test_no_core_dump_can_hold_a_page(left: Left) -> None:
    assert re.search(r"^Max core file size +0 +0 +bytes", left.limits, re.M)
    assert int(left.limits.splitlines()[-1], 16) == 0, (
        "a dump that is handed to a program has no memory in it"
    )
    ours = Path("/proc/self/coredump_filter").read_text()
    assert int(ours, 16) != 0, "a control: this process has another filter"


def test_nothing_is_open_that_has_no_name_or_lies_elsewhere(left: Left) -> None:
    ours = str(left.place.folder.parent)
    # The places in which codes are stretched are in memory alone, and always empty: processes share locks in them.
    places = "/memfd:offramp-places (deleted)"
    files = [name for name in left.held_open if name.startswith("/") and not name.startswith("/dev/")]
    files = [name for name in files if name != places]
    assert all(name.startswith(ours) and "(deleted)" not in name for name in files), files
    assert any(name.endswith("offramp.sqlite") for name in files)
    assert not list((left.place.folder / "temporary").iterdir())


def test_a_file_without_a_name_would_be_found(tmp_path: Path) -> None:
    """A control for the search through what is held open."""
    write = f"import sys, time; f = open({str(tmp_path / 'x')!r}, 'w+'); f.write({mark(1)!r}); f.flush(); " \
            f"import os; os.unlink({str(tmp_path / 'x')!r}); print(1, flush=True); time.sleep(30)"  # fmt: skip
    process = subprocess.Popen([sys.executable, "-c", write], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        server = Server("", 0, process, ())  # type: ignore[arg-type]
        assert len(find(mark(1), opened_by(server))) == 1
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
