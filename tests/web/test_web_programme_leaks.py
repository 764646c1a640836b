"""What participants write, and their codes, are nowhere on the server: not in its files, its output, or the memory of
a server that was started again; and nothing that it has opens a journal. Each search is shown to find what was planted.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from offramp.programme import Programme, read_programmes
from offramp.sealing import Locker, RowKey
from tests.web.installation import CONTENT, PEPPER, Installation
from tests.web.participant import Participant
from tests.web.process import Server, serving
from tests.web.test_web_leaks import has, shapes

pytestmark = pytest.mark.full
PEOPLE = 8
CONTROL = "Quibbleford 77"
WORDS = ("stormy-heron-{}", "ميموزا-{}", "\U0001f6e4 ember-{}")


class Used(NamedTuple):
    """A server with journals: what it had while it ran, what it has in its files, and what would be known again."""

    place: Installation
    running: dict[str, bytes]
    files: dict[str, bytes]
    marks: tuple[str, ...]


def programme() -> Programme:
    return read_programmes(CONTENT)["way-on"]


def memory(server: Server) -> bytes:
    """Return all that a process has in memory and may write to."""
    folder = Path("/proc") / str(server.process.pid)
    found = []
    with (folder / "mem").open("rb", buffering=0) as whole:
        for line in (folder / "maps").read_text().splitlines():
            area = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if area and "[vvar" not in line:
                start, end = (int(part, 16) for part in area.groups())
                with suppress(OSError, ValueError):
                    whole.seek(start)
                    found.append(whole.read(end - start))
    return b"".join(found)


def keep_a_journal(server: Server, number: int, made: Programme) -> tuple[str, tuple[str, ...]]:
    """Write into two exercises; return the code and what was written."""
    marks = tuple(words.format(f"{number}-{number * 7919}") for words in WORDS)
    with server.client() as client:
        person = Participant(client, made, ("en", "es")[number % 2])
        person.open("/what_leads").write("leads_before", marks[0]).write("leads_gain", marks[1]).press("save")
        code = person.press("keep-code").code
        person.go("reasons").write("reasons_keep_gain", marks[2]).press("save").press("overview").press(
            "close"
        )
    return code, marks


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Used:
    place, made = Installation(tmp_path_factory.mktemp("journals") / "server"), programme()
    with serving(place, {"PLANTED_BY_THE_TEST": CONTROL}) as server:
        kept = [keep_a_journal(server, number, made) for number in range(PEOPLE)]
        running = has(place, server)
    files = {name: Path(name).read_bytes() for name in running if Path(name).exists()}
    marks = tuple(mark for code, words in kept for mark in (code, *words))
    codes = [code.split() for code, _ in kept]
    # Two words beside each other are a part of a code by which it would be known.
    pairs = tuple(f"{code[place]} {code[place + 1]}" for code in codes for place in range(7))
    return Used(place, running, files, (*marks, *pairs))


def test_nothing_that_was_written_is_in_what_the_server_has(used: Used) -> None:
    for mark in used.marks:
        for shape in shapes(mark):
            assert not [name for name, content in used.running.items() if shape in content], mark


def test_the_search_finds_what_is_there(used: Used) -> None:
    assert [name for name, content in used.running.items() if CONTROL.encode() in content] == [
        "process environ"
    ]


def test_nothing_is_in_the_memory_of_a_server_that_was_started_again(used: Used) -> None:
    made = programme()
    with serving(used.place) as server, server.client() as client:
        client.get("/en/p/way-on")
        assert not [mark for mark in used.marks if mark.encode() in memory(server)]
        # The control: what somebody sends to this very server can be found in it.
        person = Participant(client, made).open("/what_leads").write("leads_before", CONTROL).press("save")
        assert CONTROL in person.text
        assert CONTROL.encode() in memory(server) or b"Quibbleford+77" in memory(server)


def opens(content: bytes, rows: frozenset[bytes]) -> bool:
    """Tell whether any 32 bytes in a row are the secret of a locker that has a row here."""
    return any(Locker(content[at : at + 32]).row_key("head/0") in rows for at in range(len(content) - 31))


def test_nothing_that_the_server_has_opens_a_journal(used: Used) -> None:
    database = next(content for name, content in used.files.items() if name.endswith("offramp.sqlite"))
    planted = Locker(b"planted by the test, 32 bytes ok")
    rows = row_keys(used.place) | {bytes(planted.row_key("head/0"))}
    assert len(rows) > 2 * PEOPLE
    # In hex, as keys are written, and as they are; the database itself is looked at where its rows are not sealed.
    small = {name: content for name, content in used.files.items() if len(content) < 20_000}
    assert small
    for content in (*small.values(), bytes.fromhex(PEPPER), database[:8192]):
        assert not opens(content, rows)
    assert opens(b"something before " + planted.secret + b" and after", rows)


def row_keys(place: Installation) -> frozenset[bytes]:
    """Return the keys of all rows, as whoever has the database can read them."""
    with sqlite3.connect(place.settings.database) as database:
        return frozenset(RowKey(key) for (key,) in database.execute("SELECT key FROM journal"))
