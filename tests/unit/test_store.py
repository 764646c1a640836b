"""The store: what is kept is there, what is forgotten is gone, and totals are exact."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from offramp.disk import NoRoom, Unwritten, unwritten, write_again
from offramp.errors import Refusal
from offramp.sealing import PageKey
from offramp.store import Envelope, Forgotten, Store, Tally
from offramp.turns import hold

FIRST = Tally("first_page", "tiny", "en", "2026-W47")


def key(number: int) -> PageKey:
    return PageKey(number.to_bytes(24, "big"))


def envelope(number: int, body: bytes = b"sealed", week: str = "2026-W47") -> Envelope:
    return Envelope(key(number), "tiny", week, body)


@pytest.fixture
def store(tmp_path: Path):
    store = Store.open(tmp_path / "store.sqlite", tmp_path / "ledger.sqlite")
    yield store
    store.close()


def test_an_envelope_replaces_the_one_under_its_key_and_a_milestone_counts_once(store: Store) -> None:
    store.keep([envelope(1, b"one")], [FIRST])
    store.keep([envelope(1, b"two", "2026-W48")], [FIRST])
    store.keep([envelope(2)], [FIRST])
    assert store.envelopes() == [envelope(1, b"two", "2026-W48"), envelope(2)]
    assert store.totals() == {FIRST: 2}


def test_totals_add_up(store: Store) -> None:
    other = Tally("declined", "tiny", "ar", "2026-W47")
    store.count({FIRST: 2, other: 1})
    store.count({FIRST: 3})
    assert store.totals() == {FIRST: 5, other: 1}
    store.replace_totals({other: 7})
    assert store.totals() == {other: 7}


def test_envelopes_come_in_batches_in_the_order_of_their_keys_and_of_closed_weeks_only(store: Store) -> None:
    for number in (3, 1, 2):
        store.keep([envelope(number, week=f"2026-W{45 + number}")])
    assert [e.key for e in store.envelopes(limit=2)] == [key(1), key(2)]
    assert [e.key for e in store.envelopes(after=key(2))] == [key(3)]
    assert [e.key for e in store.envelopes(before_week="2026-W47")] == [key(1)]


def test_what_is_forgotten_stays_forgotten(store: Store) -> None:
    store.keep([envelope(1), envelope(2)])
    store.forget([key(1), key(9)])
    assert store.present([key(2)]) == {key(2)}
    assert set(store.forgotten()) == {key(1), key(9)}
    for late in (key(1), key(9)):
        with pytest.raises(Forgotten):
            store.keep([Envelope(late, "tiny", "2026-W47", b"late")])
    with pytest.raises(Forgotten):
        store.present([key(1), key(2)])
    store.forget([key(1)])
    assert len(store.forgotten()) == 2


def test_a_refused_late_post_keeps_nothing_of_itself(store: Store) -> None:
    store.forget([key(2)])
    with pytest.raises(Forgotten):
        store.keep([envelope(1), envelope(2)], [FIRST])
    assert store.envelopes() == []
    assert store.totals() == {}


def test_not_one_byte_of_what_was_forgotten_is_left_in_any_file(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store.sqlite", tmp_path / "ledger.sqlite")
    marker = os.urandom(16)
    store.keep([envelope(n, marker * 300) for n in range(20)])
    assert any(marker in path.read_bytes() for path in tmp_path.iterdir())
    store.forget([key(n) for n in range(20)])
    assert not any(marker in path.read_bytes() for path in tmp_path.iterdir())
    store.close()


def test_a_restored_backup_is_cleaned_by_the_ledger(tmp_path: Path) -> None:
    database, ledger, backup = tmp_path / "store.sqlite", tmp_path / "ledger.sqlite", tmp_path / "backup"
    store = Store.open(database, ledger)
    store.keep([envelope(1), envelope(2)])
    store.close()
    shutil.copy(database, backup)
    store = Store.open(database, ledger)
    store.forget([key(1)])
    store.close()
    shutil.copy(backup, database)
    restored = Store.open(database, ledger)
    assert [e.key for e in restored.envelopes()] == [key(2)]
    restored.close()


def test_files_are_for_their_owner_alone(tmp_path: Path, store: Store) -> None:
    store.keep([envelope(1)])
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}, modes


def test_many_threads_write_without_losing_anything(store: Store) -> None:
    def write(start: int) -> None:
        for number in range(start, start + 25):
            store.keep([envelope(number)], [FIRST])

    threads = [threading.Thread(target=write, args=(start,)) for start in range(0, 100, 25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.envelopes()) == 100
    assert store.totals() == {FIRST: 100}


def test_two_stores_on_one_database_write_delete_and_settle_by_turns(tmp_path: Path) -> None:
    """Two processes, as SQLite sees it: each has connections of its own. Nobody's deletion fails over the other's."""
    files, failed = (tmp_path / "store.sqlite", tmp_path / "ledger.sqlite"), []
    stores = [Store.open(*files) for _ in range(2)]

    def work(store: Store, start: int) -> None:
        try:
            for number in range(start, start + 60):
                store.keep([envelope(number)], [FIRST])
                if number % 3 == 0:
                    store.forget([key(number)])
            store.settle()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(store, 100 * n)) for n, store in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert stores[0].envelopes() == stores[1].envelopes()
    assert (len(stores[0].envelopes()), len(stores[0].forgotten())) == (80, 40)
    assert stores[0].totals() == {FIRST: 120}
    for store in stores:
        store.close()


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(Refusal) as caught:
        Store.open(path)
    assert caught.value.codes == ("store.unreadable",)
    assert path.read_bytes() == b"not a database" * 100


def test_a_place_where_no_file_can_be_is_refused_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for use in (Store.open, hold):
        with pytest.raises(Refusal) as caught:
            use(tmp_path / "file" / "store.sqlite")
        assert caught.value.codes == ("store.unreadable",)
        assert "cannot be opened (" in str(caught.value)


def test_a_ledger_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(Refusal) as caught:
        Store.open(tmp_path / "store.sqlite", tmp_path / "ledger.sqlite")
    assert [problem.place for problem in caught.value.problems] == [str(tmp_path / "ledger.sqlite")]


def test_a_log_that_is_written_again_stays_as_it_was(tmp_path: Path) -> None:
    log, content = tmp_path / "store.sqlite-wal", os.urandom(3_000_000)
    write_again(log)
    assert not log.exists()
    log.write_bytes(content)
    write_again(log)
    assert log.read_bytes() == content


def test_a_start_finds_what_lay_in_the_log_of_one_that_was_killed(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store.sqlite", tmp_path / "ledger.sqlite")
    store.keep([envelope(1)])
    for path in list(tmp_path.iterdir()):
        if not path.name.endswith("-shm"):
            shutil.copy(path, tmp_path / f"killed-{path.name}")
    store.close()
    killed = Store.open(tmp_path / "killed-store.sqlite", tmp_path / "killed-ledger.sqlite")
    assert killed.envelopes() == [envelope(1)]
    killed.close()


def test_what_a_full_database_does_not_take_is_nowhere_and_is_taken_when_there_is_room(
    tmp_path: Path,
) -> None:
    store = Store.open(tmp_path / "store.sqlite", tmp_path / "ledger.sqlite")
    store.keep([envelope(1)], [FIRST])
    pages = store._files.database.raw_connection()
    pages.execute("PRAGMA max_page_count=1")
    pages.close()
    with pytest.raises(NoRoom):
        store.keep([envelope(2, os.urandom(100_000))], [FIRST])
    assert store.envelopes() == [envelope(1)]
    assert store.totals() == {FIRST: 1}
    pages = store._files.database.raw_connection()
    pages.execute("PRAGMA max_page_count=100000")
    pages.close()
    store.keep([envelope(2, os.urandom(100_000))], [FIRST])
    assert store.totals() == {FIRST: 2}
    store.close()


@pytest.mark.parametrize(
    ("code", "means"),
    [
        (sqlite3.SQLITE_FULL, NoRoom), (sqlite3.SQLITE_IOERR_SHMSIZE, NoRoom), (sqlite3.SQLITE_IOERR_FSYNC, Unwritten),
        (sqlite3.SQLITE_READONLY_DBMOVED, Unwritten), (sqlite3.SQLITE_BUSY, Unwritten),
        (sqlite3.SQLITE_ERROR, type(None)), (sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, type(None)),
    ],
)  # fmt: skip
def test_only_what_the_disk_did_is_said_of_the_disk(code: int, means: type) -> None:
    error = sqlite3.OperationalError("words")
    error.sqlite_errorcode = code
    assert type(unwritten(error)) is means
    assert type(unwritten(OSError(errno.ENOSPC, "No space"))) is NoRoom
    assert type(unwritten(OSError(errno.EIO, "Error"))) is Unwritten


def test_a_purge_deletes_old_weeks_alone_and_leaves_tombstones_and_totals(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store.sqlite", tmp_path / "ledger.sqlite")
    marker = os.urandom(16)
    store.keep(
        [envelope(1, marker, "2026-W20"), envelope(2, marker, "2025-W52"), envelope(3, week="2026-W21")]
    )
    store.count({FIRST: 1})
    store.forget([key(9)])
    assert store.older("2026-W21") == {"2025-W52": 1, "2026-W20": 1}
    assert len(store.envelopes()) == 3
    assert store.purge("2026-W21") == {"2025-W52": 1, "2026-W20": 1}
    assert [e.key for e in store.envelopes()] == [key(3)]
    assert store.totals() == {FIRST: 1}
    assert store.forgotten() == [key(9)]
    assert not any(marker in path.read_bytes() for path in tmp_path.iterdir())
    store.close()


def test_a_second_server_on_one_database_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    claim = hold(tmp_path / "store.sqlite")
    with pytest.raises(Refusal) as caught:
        hold(tmp_path / "store.sqlite")
    assert caught.value.codes == ("store.in_use",)
    (tmp_path / "link.sqlite").symlink_to(tmp_path / "store.sqlite")
    with pytest.raises(Refusal):
        hold(tmp_path / "link.sqlite")
    os.close(claim)
    os.close(hold(tmp_path / "store.sqlite"))
