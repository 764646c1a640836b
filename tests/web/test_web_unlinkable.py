"""Given the store alone, only survey and week link two pages of one response; with the receipt all are found.

The order on the disk is looked at by a permutation test, which finds the link where one was planted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from offramp.store import Envelope
from tests.web.answers import CLOSING, CORE
from tests.web.installation import Installation
from tests.web.respondent import Respondent

RESPONSES, AT_ONCE, SHUFFLES = 60, 8, 400
PAGES = list((CORE | CLOSING).values())


class Filled(NamedTuple):
    """A settled server, the receipts, and its envelopes in the order in which they were sent."""

    place: Installation
    receipts: tuple[str, ...]
    as_sent: tuple[Envelope, ...]
    response: Mapping[bytes, int]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """Sixty responses, a few under way at any time; keys from a fixed seed, so that the outcome is too."""
    place = Installation(tmp_path_factory.mktemp("unlinkable") / "server")
    order, receipts, as_sent, response = Random(5), {}, {}, {}
    with place.running(Random(7).randbytes) as client:
        waiting = [(number, Respondent(client, place.survey)) for number in range(RESPONSES)]
        while waiting:
            number, person = order.choice(waiting[:AT_ONCE])
            if not person.history:
                person.begin()
            elif person.seen.page.startswith("offer_"):
                person.end()
            else:
                person.next((CORE | CLOSING)[person.seen.page].ticks)
            for envelope in place.envelopes():
                as_sent.setdefault(envelope.key, envelope)
                response.setdefault(envelope.key, number)
            receipts[number] = person.seen.receipt
            if person.seen.page == "after":
                waiting.remove((number, person))
    return Filled(place, tuple(receipts[n] for n in range(RESPONSES)), tuple(as_sent.values()), response)


def nearness(labels: Sequence[int]) -> float:
    """Return how far apart two pages of one response stand in an order, on average over all such pairs."""
    places: dict[int, list[int]] = {}
    for at, label in enumerate(labels):
        places.setdefault(label, []).append(at)
    distances = [abs(a - b) for own in places.values() for a, b in combinations(own, 2)]
    return sum(distances) / len(distances)


def chance(labels: Sequence[int]) -> float:
    """Return the share of shuffled orders in which pages of one response stand as near together as they do here."""
    found, shuffled, random = nearness(labels), list(labels), Random(11)
    hits = 0
    for _ in range(SHUFFLES):
        random.shuffle(shuffled)
        hits += nearness(shuffled) <= found
    return hits / SHUFFLES


def order_in(file: Path, pieces: Mapping[bytes, int]) -> list[int]:
    """Return whose pieces these are, in the order in which they lie in the file. Each must be there once."""
    content = file.read_bytes()
    assert all(content.count(piece) == 1 for piece in pieces)
    return [pieces[piece] for piece in sorted(pieces, key=content.index)]


def test_the_store_has_a_key_a_survey_a_week_and_a_sealed_body_and_no_order_of_coming(filled: Filled) -> None:
    with sqlite3.connect(filled.place.settings.database) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(envelope)")]
        assert columns == ["key", "survey", "week", "body"]
        with pytest.raises(sqlite3.OperationalError, match="no such column: rowid"):
            database.execute("SELECT rowid FROM envelope")
        assert database.execute("SELECT DISTINCT survey, week, length(key), length(body) FROM envelope").fetchall() \
            == [("help-us", "2026-W47", 24, len(filled.as_sent[0].body))]  # fmt: skip
        assert database.execute("PRAGMA freelist_count").fetchone() == (0,)
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
        assert {name for name in tables if not name.startswith("sqlite_")} == {
            "envelope",
            "tombstone",
            "total",
            "revision",
            "roll",
            "journal",
            "confirmed",
        }
        # Whole weeks alone, and how many: nothing of any envelope.
        assert [row[1] for row in database.execute("PRAGMA table_info(confirmed)")] == ["week", "n"]
        survey = filled.place.survey
        assert database.execute("SELECT * FROM roll").fetchall() == [
            (survey.structure, "help-us", survey.version, "2026-W47")
        ]
    database.close()
    files = {path.name for path in filled.place.folder.iterdir() if path.stat().st_size}
    given = {"offramp.toml", "pepper.key", "recipient.txt", "verifier.txt"}
    assert files == {"offramp.sqlite", "tombstones.sqlite", *given}


def test_no_eight_bytes_stand_in_two_envelopes_but_the_head_that_all_have(filled: Filled) -> None:
    head = len(b"OFRE\x01") + 1 + 16
    assert len({envelope.body[:head] for envelope in filled.as_sent}) == 1
    seen: set[bytes] = set()
    for envelope in filled.as_sent[:60]:
        rest = envelope.key + envelope.body[head:]
        own = {rest[at : at + 8] for at in range(len(rest) - 7)}
        assert not seen & own
        seen |= own


def test_the_order_of_the_keys_says_nothing(filled: Filled) -> None:
    assert chance([filled.response[key] for key in sorted(filled.response)]) > 0.05


@pytest.mark.parametrize(
    "piece",
    [lambda e: e.key, lambda e: e.body[22:70], lambda e: e.body[-48:]],
    ids=["keys", "beginnings of envelopes", "ends of envelopes"],
)
def test_the_order_on_the_disk_says_nothing_once_the_store_has_settled(filled: Filled, piece) -> None:
    pieces = {piece(envelope): filled.response[envelope.key] for envelope in filled.as_sent}
    assert chance(order_in(filled.place.settings.database, pieces)) > 0.05


def test_the_same_test_finds_a_planted_order_of_coming(filled: Filled, tmp_path: Path) -> None:
    planted = tmp_path / "planted.sqlite"
    with sqlite3.connect(planted) as database:
        database.execute("CREATE TABLE envelope (key BLOB, body BLOB)")
        database.executemany("INSERT INTO envelope VALUES (?, ?)", [(e.key, e.body) for e in filled.as_sent])
    database.close()
    pieces = {envelope.key: filled.response[envelope.key] for envelope in filled.as_sent}
    assert chance(order_in(planted, pieces)) == 0


def test_with_the_receipts_all_pages_of_all_responses_are_found(filled: Filled) -> None:
    found = [filled.place.bodies(receipt) for receipt in filled.receipts]
    assert sum(len(bodies) for bodies in found) == len(filled.as_sent)
    for bodies in found:
        (offer,) = {body.page for body in bodies} - {*CORE, *CLOSING}
        assert offer.startswith("offer_")
        assert len({body.context.response for body in bodies}) == 1


@pytest.fixture(scope="module")
def deleted(filled: Filled) -> dict[bytes, int]:
    """Delete twenty responses, and return for each tombstone which of them it stands for."""
    whose: dict[bytes, int] = {}
    with filled.place.running(Random(9).randbytes) as client:
        for number, receipt in enumerate(filled.receipts[:20]):
            person = Respondent(client, filled.place.survey).open_receipt().type_receipt(receipt)
            person.press("go", "delete")
            for key in filled.place.tombstones():
                whose.setdefault(key, number)
    return whose


@pytest.mark.parametrize(
    "file",
    [
        "offramp.sqlite",
        "tombstones.sqlite",
    ],
)
def test_tombstones_do_not_tell_which_were_deleted_together(
    filled: Filled, deleted: dict[bytes, int], file: str
) -> None:
    """A tombstone stands for a page that an older copy of the database may still have."""
    assert len(deleted) > 20 * len(PAGES)
    assert chance([deleted[key] for key in sorted(deleted)]) > 0.05
    assert chance(order_in(filled.place.folder / file, deleted)) > 0.05
