"""Journals in the database: a change is written whole, onto what it was made from, and what goes is gone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from offramp.disk import NoRoom
from offramp.sealing import RowKey
from offramp.store import Forgotten, Rewriting, Row, Store

KEYS = [RowKey(bytes([n]) * 24) for n in range(10)]
HEAD, OTHER, ENTRY, SECOND, *_ = KEYS


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "store.sqlite", tmp_path / "ledger.sqlite")
    yield store
    store.close()


def row(key: RowKey, version: int = 7, body: bytes = b"sealed", until: str = "2027-05-31") -> Row:
    return Row(key, until, version, body)


def test_what_was_written_is_read_again_and_nothing_else(store: Store) -> None:
    assert store.journals.rows([HEAD, ENTRY]) == {}
    assert store.journals.write(Rewriting({HEAD: 0, OTHER: 0}, [row(HEAD), row(ENTRY, 9)]))
    assert store.journals.rows([HEAD, OTHER, ENTRY]) == {HEAD: row(HEAD), ENTRY: row(ENTRY, 9)}
    assert store.envelopes() == []


@pytest.mark.parametrize(
    "expected", [{HEAD: 0}, {HEAD: 8}, {HEAD: 7, OTHER: 1}, {HEAD: 7, OTHER: 0, ENTRY: 3}]
)
def test_a_change_onto_another_state_is_not_done_at_all(store: Store, expected: dict[RowKey, int]) -> None:
    store.journals.write(Rewriting({HEAD: 0}, [row(HEAD), row(SECOND)]))
    late = Rewriting(expected, [row(HEAD, 8), row(ENTRY)], drop=[SECOND], bury=[OTHER])
    assert not store.journals.write(late)
    assert store.journals.rows(KEYS) == {HEAD: row(HEAD), SECOND: row(SECOND)}
    assert store.forgotten() == []


def test_a_row_takes_the_place_of_the_one_that_was_expected_and_others_are_dropped(store: Store) -> None:
    store.journals.write(Rewriting({HEAD: 0}, [row(HEAD), row(ENTRY)]))
    assert store.journals.write(Rewriting({HEAD: 7}, [row(HEAD, 8), row(SECOND)], drop=[ENTRY]))
    assert store.journals.rows(KEYS) == {HEAD: row(HEAD, 8), SECOND: row(SECOND)}
    # What was dropped may come again; what was buried may not.
    assert store.journals.write(Rewriting({HEAD: 8}, [row(ENTRY)], bury=[SECOND]))
    assert store.journals.rows(KEYS) == {HEAD: row(HEAD, 8), ENTRY: row(ENTRY)}
    assert store.journals.forgotten(KEYS) == {SECOND}
    for change in (Rewriting({SECOND: 0}), Rewriting({HEAD: 8}, [row(SECOND), row(ENTRY, 9)])):
        with pytest.raises(Forgotten):
            store.journals.write(change)
    assert store.journals.rows(KEYS) == {HEAD: row(HEAD, 8), ENTRY: row(ENTRY)}


def test_rows_that_stay_are_kept_as_long_as_the_new_ones(store: Store) -> None:
    store.journals.write(Rewriting({HEAD: 0}, [row(HEAD), row(ENTRY), row(SECOND)]))
    later = row(HEAD, 8, until="2027-06-30")
    store.journals.write(Rewriting({HEAD: 7}, [later], stay=[ENTRY], until="2027-06-30"))
    there = store.journals.rows(KEYS)
    assert [there[key].until for key in (HEAD, ENTRY, SECOND)] == ["2027-06-30", "2027-06-30", "2027-05-31"]


def test_a_purge_deletes_what_should_have_gone_and_no_more(store: Store) -> None:
    days = ["2027-04-30", "2027-05-31", "2027-06-30"]
    store.journals.write(Rewriting({}, [row(key, until=day) for key, day in zip(KEYS, days, strict=False)]))
    assert store.journals.expired("2027-05-31") == store.journals.purge("2027-05-31") == 1
    assert [store.journals.rows(KEYS)[key].until for key in KEYS[1:3]] == days[1:]
    assert store.journals.purge("2027-05-31") == 0
    assert store.journals.purge("2027-07-01") == 2
    assert store.forgotten() == []


def pieces(folder: Path, mark: bytes) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file() and mark in path.read_bytes())


@pytest.mark.parametrize("way", ["bury", "purge"])
def test_not_one_byte_of_a_row_that_went_is_left_in_any_file(tmp_path: Path, store: Store, way: str) -> None:
    mark, stays = os.urandom(16), os.urandom(16)
    store.journals.write(
        Rewriting({}, [row(ENTRY, body=mark * 256, until="2026-01-31"), row(SECOND, body=stays * 256)])
    )
    assert pieces(tmp_path, mark)
    if way == "bury":
        store.journals.write(Rewriting({ENTRY: 7}, bury=[ENTRY]))
    else:
        store.journals.purge("2026-02-01")
    assert pieces(tmp_path, mark) == []
    assert pieces(tmp_path, stays) == ["store.sqlite"]


def test_a_restored_backup_brings_nothing_back(tmp_path: Path, store: Store) -> None:
    store.journals.write(Rewriting({}, [row(HEAD), row(ENTRY)]))
    store.settle()
    shutil.copy(tmp_path / "store.sqlite", tmp_path / "backup.sqlite")
    store.journals.write(Rewriting({HEAD: 7}, bury=[ENTRY]))
    again = Store.open(tmp_path / "backup.sqlite", tmp_path / "ledger.sqlite")
    assert again.journals.rows(KEYS) == {HEAD: row(HEAD)}
    assert again.journals.forgotten(KEYS) == {ENTRY}
    again.close()


def test_of_many_who_change_one_state_at_once_one_does(tmp_path: Path, store: Store) -> None:
    other = Store.open(tmp_path / "store.sqlite", tmp_path / "ledger.sqlite")
    store.journals.write(Rewriting({HEAD: 0}, [row(HEAD, 1)]))
    with ThreadPoolExecutor(8) as pool:
        for now in range(1, 20):
            changes = [Rewriting({HEAD: now}, [row(HEAD, now + 1, b"%d" % n)]) for n in range(8)]
            done = list(pool.map(lambda n, c=changes: (store, other)[n % 2].journals.write(c[n]), range(8)))
            assert done.count(True) == 1
            assert store.journals.rows([HEAD])[HEAD].body == b"%d" % done.index(True)
    other.release()


def test_a_change_that_the_disk_does_not_take_is_nowhere(tmp_path: Path, store: Store) -> None:
    store.journals.write(Rewriting({HEAD: 0}, [row(HEAD), row(ENTRY)]))
    pages = store._files.database.raw_connection()
    pages.execute("PRAGMA max_page_count=1")
    pages.close()
    with pytest.raises(NoRoom):
        store.journals.write(
            Rewriting({HEAD: 7}, [row(HEAD, 8), row(SECOND, body=os.urandom(100_000))], drop=[ENTRY])
        )
    assert store.journals.rows(KEYS) == {HEAD: row(HEAD), ENTRY: row(ENTRY)}
