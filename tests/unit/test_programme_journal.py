"""Journals on a real database: nothing that was entered is lost, and what was removed is gone."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from offramp.errors import Refusal
from offramp.programme import (
    Facts,
    Journal,
    Sent,
    StepId,
    change_journal,
    delete_journal,
    move_journal,
    new_id,
    open_journal,
)
from offramp.sealing import Locker, Secret, new_locker
from offramp.store import Forgotten, Store
from offramp.survey import Missing, QuestionId
from offramp.survey.answers import WRITTEN, Chosen, ChosenMany, Number

UNTIL = "2028-05-31"
FACTS = Facts("en", kept=True)
URGES, CHAIN = StepId("urges"), StepId("chain")
ANSWERS = {
    QuestionId("when"): Chosen("evening"), QuestionId("where"): ChosenMany(("home", "alone")),
    QuestionId("strength"): Number(7), QuestionId("note"): WRITTEN, QuestionId("sleep"): Missing.REFUSED,
}  # fmt: skip
HEADS = ("head/0", "head/1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "store.sqlite", tmp_path / "ledger.sqlite")
    yield store
    store.close()


@pytest.fixture
def locker() -> Locker:
    return new_locker()


def sent(words: str, identity: str = "", revision: int = 0, step: StepId = URGES) -> Sent:
    return Sent(identity or new_id(os.urandom), revision, step, ANSWERS, {QuestionId("note"): words})


def put(store: Store, locker: Locker, what: Sent, until: str = UNTIL) -> Journal:
    return change_journal(store.journals, locker, lambda now: now.record(what), until, os.urandom, FACTS)


def remove(store: Store, locker: Locker, identity: str) -> Journal:
    return change_journal(store.journals, locker, lambda now: now.remove(identity), UNTIL, os.urandom)


def read(store: Store, locker: Locker) -> Journal:
    opened = open_journal(store.journals, locker)
    assert opened is not None
    return opened.journal


def words(journal: Journal) -> list[str]:
    return [*("".join(entry.words.values()) for entry in journal.entries)]


def refused(code: str, store: Store, locker: Locker) -> None:
    with pytest.raises(Refusal) as caught:
        open_journal(store.journals, locker)
    assert caught.value.codes == (code,)


def rows(store: Store, path: Path) -> dict[bytes, tuple[str, int, bytes]]:
    with closing(sqlite3.connect(path / "store.sqlite")) as database:
        return {key: rest for key, *rest in database.execute("SELECT key, until, version, body FROM journal")}


# -- what is kept -------------------------------------------------------------------------------------------


def test_what_was_entered_is_there_again_with_every_kind_of_answer(store: Store, locker: Locker) -> None:
    first = sent("It was late, سلحفاة.")
    put(store, locker, first)
    put(store, locker, sent("A second one."))
    put(store, locker, sent("Another step.", step=CHAIN))
    journal = read(store, locker)
    assert journal.facts == FACTS
    assert not journal.damaged
    assert not journal.lost
    assert [(e.step, e.number, e.stamp) for e in journal.entries] == [
        (URGES, 1, 1),
        (URGES, 2, 2),
        (CHAIN, 1, 3),
    ]
    assert words(journal) == ["It was late, سلحفاة.", "A second one.", "Another step."]
    assert journal.entry(first.id).answers == ANSWERS
    assert open_journal(store.journals, new_locker()) is None


def test_an_entry_is_changed_where_it_lies(store: Store, locker: Locker) -> None:
    one, two = sent("one"), sent("two")
    put(store, locker, one)
    put(store, locker, two)
    put(store, locker, sent("one, better", one.id, 1))
    journal = read(store, locker)
    assert words(journal) == ["two", "one, better"]
    assert journal.index[one.id].revision == 2
    assert journal.entry(one.id).number == 1


def test_a_page_that_is_sent_twice_is_one_entry(store: Store, locker: Locker) -> None:
    new = sent("new")
    for _ in range(3):
        put(store, locker, new)
    for _ in range(3):
        put(store, locker, sent("changed", new.id, 1))
    assert words(read(store, locker)) == ["changed"]
    assert read(store, locker).version == 2


def test_what_was_changed_elsewhere_is_kept_beside_what_a_page_brings(store: Store, locker: Locker) -> None:
    first = sent("first")
    put(store, locker, first)
    put(store, locker, sent("from one tab", first.id, 1))
    for _ in range(2):
        put(store, locker, sent("from the other", first.id, 1))
    journal = read(store, locker)
    assert words(journal) == ["from one tab", "from the other"]
    assert [entry.number for entry in journal.entries] == [1, 2]


def test_facts_are_kept(store: Store, locker: Locker) -> None:
    put(store, locker, sent("x"))
    facts = Facts("es", kept=True, link=Secret(os.urandom(16)))
    change_journal(store.journals, locker, lambda now: now.telling(facts), UNTIL, os.urandom)
    assert read(store, locker).facts == facts
    assert facts.link.hex() not in repr(facts)
    assert words(read(store, locker)) == ["x"]


def test_what_changes_nothing_writes_nothing(store: Store, locker: Locker, tmp_path: Path) -> None:
    put(store, locker, sent("x"))
    before = rows(store, tmp_path)
    change_journal(store.journals, locker, lambda now: now, "2030-01-31", os.urandom)
    remove(store, locker, "nobody")
    assert rows(store, tmp_path) == before


def test_each_change_makes_all_rows_stay_as_long(store: Store, locker: Locker, tmp_path: Path) -> None:
    for until in ("2028-05-31", "2028-05-31", "2028-06-30"):
        put(store, locker, sent("x"), until)
    assert {until for until, _, _ in rows(store, tmp_path).values()} == {"2028-06-30"}
    assert store.journals.purge("2028-07-01") == 5


def test_nothing_says_which_rows_are_of_one_journal(store: Store, tmp_path: Path) -> None:
    lockers = [new_locker() for _ in range(20)]
    for locker in lockers:
        for n in range(3):
            put(store, locker, sent(f"entry {n}"))
    there = rows(store, tmp_path)
    assert len(there) == 20 * 5
    assert len({version for _, version, _ in there.values()}) == len(there)
    assert {len(body) for _, _, body in there.values()} == {2048 + 5 + 12 + 16}
    assert {body[:5] for _, _, body in there.values()} == {b"OFRJ\x01"}


def test_an_entry_that_is_too_long_and_a_journal_that_is_full_are_refused(
    store: Store, locker: Locker
) -> None:
    with pytest.raises(Refusal) as caught:
        put(store, locker, sent("x" * 17_000))
    assert caught.value.codes == ("journal.too_long",)
    assert open_journal(store.journals, locker) is None

    def many(count: int) -> Journal:
        def act(journal: Journal) -> Journal:
            for n in range(count):
                journal = journal.record(sent(f"{n}"))
            return journal

        return change_journal(store.journals, locker, act, UNTIL, os.urandom, FACTS)

    many(300)
    with pytest.raises(Refusal) as caught:
        many(200)
    assert caught.value.codes == ("journal.full",)
    assert len(read(store, locker).entries) == 300


# -- what goes ----------------------------------------------------------------------------------------------


def pieces(folder: Path, marks: list[bytes]) -> list[tuple[str, int]]:
    return [(path.name, n) for path in folder.iterdir() if path.is_file()
            for n, mark in enumerate(marks) if mark in path.read_bytes()]  # fmt: skip


def bodies(store: Store, locker: Locker, names: list[str]) -> list[bytes]:
    """Return the middle of each sealed body: what no file may hold once it is gone."""
    there = store.journals.rows(locker.row_key(name) for name in names)
    assert len(there) == len(names)
    return [there[locker.row_key(name)].body[100:200] for name in names]


def test_an_entry_that_is_removed_is_gone_from_every_file_with_its_former_revision(
    store: Store, locker: Locker, tmp_path: Path
) -> None:
    first, stays = sent("first"), sent("stays")
    put(store, locker, first)
    put(store, locker, stays)
    put(store, locker, sent("first, changed", first.id, 1))
    marks = bodies(store, locker, [f"entry/{first.id}/1", f"entry/{first.id}/2"])
    control = bodies(store, locker, [f"entry/{stays.id}/1"])
    assert len(pieces(tmp_path, marks)) >= 2
    remove(store, locker, first.id)
    assert pieces(tmp_path, marks) == []
    assert pieces(tmp_path, control) == [("store.sqlite", 0)]
    assert words(read(store, locker)) == ["stays"]
    assert not read(store, locker).damaged


def test_a_late_page_brings_back_nothing_that_was_removed(store: Store, locker: Locker) -> None:
    first = sent("first")
    put(store, locker, first)
    put(store, locker, sent("stays"))
    remove(store, locker, first.id)
    with pytest.raises(Refusal) as caught:
        put(store, locker, sent("changed", first.id, 1))
    assert caught.value.codes == ("journal.removed",)
    with pytest.raises(Forgotten):
        put(store, locker, first)
    assert words(read(store, locker)) == ["stays"]


def test_a_journal_that_is_deleted_is_gone_from_every_file_and_stays_gone(
    store: Store, locker: Locker, tmp_path: Path
) -> None:
    one = sent("one")
    put(store, locker, one)
    put(store, locker, sent("one, changed", one.id, 1))
    other = new_locker()
    put(store, other, sent("of somebody else"))
    marks = bodies(store, locker, [*HEADS, f"entry/{one.id}/2"])
    delete_journal(store.journals, locker)
    assert pieces(tmp_path, marks) == []
    assert open_journal(store.journals, locker) is None
    with pytest.raises(Forgotten):
        put(store, locker, sent("late"))
    assert words(read(store, other)) == ["of somebody else"]
    assert len(rows(store, tmp_path)) == 2
    delete_journal(store.journals, locker)


def test_a_restored_backup_brings_back_nothing_that_was_removed(
    store: Store, locker: Locker, tmp_path: Path
) -> None:
    first, gone = sent("first"), new_locker()
    put(store, locker, first)
    put(store, locker, sent("stays"))
    put(store, gone, sent("of a journal that is deleted"))
    store.settle()
    shutil.copy(tmp_path / "store.sqlite", tmp_path / "backup.sqlite")
    # Changed after the backup, then removed: the revision that the backup has must not come back either.
    put(store, locker, sent("first, changed", first.id, 1))
    put(store, locker, sent("later"))
    remove(store, locker, first.id)
    delete_journal(store.journals, gone)
    again = Store.open(tmp_path / "backup.sqlite", tmp_path / "ledger.sqlite")
    assert words(read(again, locker)) == ["stays"]
    assert not read(again, locker).lost
    assert open_journal(again.journals, gone) is None
    assert len(rows(again, tmp_path)) == 4
    put(again, locker, sent("and it goes on"))
    assert words(read(again, locker)) == ["stays", "and it goes on"]
    again.close()


# -- a sitting that gets a code -----------------------------------------------------------------------------


def test_a_sitting_moves_under_a_code_and_leaves_nothing_behind(store: Store, tmp_path: Path) -> None:
    sitting, code = new_locker(), new_locker()
    first = sent("one")
    change_journal(
        store.journals, sitting, lambda j: j.record(first), "2026-12-01", os.urandom, Facts("es", kept=False)
    )
    put(store, sitting, sent("two"))
    marks = bodies(store, sitting, [*HEADS, f"entry/{first.id}/1"])
    move_journal(store.journals, sitting, code, UNTIL, os.urandom)
    assert read(store, code).facts == Facts("es", kept=True)
    assert words(read(store, code)) == ["one", "two"]
    assert open_journal(store.journals, sitting) is None
    assert pieces(tmp_path, marks) == []
    assert {until for until, _, _ in rows(store, tmp_path).values()} == {UNTIL}
    put(store, code, sent("one, changed", first.id, 1))
    assert words(read(store, code)) == ["two", "one, changed"]
    with pytest.raises(Forgotten):
        put(store, sitting, sent("late"))


def test_what_another_tab_adds_while_a_sitting_moves_is_moved_too(store: Store) -> None:
    sitting, code = new_locker(), new_locker()
    put(store, sitting, sent("one"))

    class Interrupted:
        """A shelf on which somebody adds an entry as soon as the first rows of the code are written."""

        added = False
        rows = staticmethod(store.journals.rows)
        forgotten = staticmethod(store.journals.forgotten)

        def write(self, change) -> bool:
            done = store.journals.write(change)
            if not self.added:
                self.added = True
                put(store, sitting, sent("two"))
            return done

    move_journal(Interrupted(), sitting, code, UNTIL, os.urandom)
    assert words(read(store, code)) == ["one", "two"]
    assert open_journal(store.journals, sitting) is None


def test_a_sitting_that_is_over_cannot_be_moved(store: Store) -> None:
    with pytest.raises(Refusal) as caught:
        move_journal(store.journals, new_locker(), new_locker(), UNTIL, os.urandom)
    assert caught.value.codes == ("journal.unknown",)


# -- damage -------------------------------------------------------------------------------------------------


def spoil(store: Store, locker: Locker, row: str, how: str) -> None:
    key = locker.row_key(row)
    with store._files.writing() as connection:
        if how == "gone":
            connection.exec_driver_sql("DELETE FROM journal WHERE key = ?", (key,))
        elif how == "cut":
            connection.exec_driver_sql("UPDATE journal SET body = substr(body, 1, 40) WHERE key = ?", (key,))
        else:
            body = bytearray(store.journals.rows([key])[key].body)
            body[len(body) // 2] ^= 1
            connection.exec_driver_sql("UPDATE journal SET body = ? WHERE key = ?", (bytes(body), key))


DAMAGES = pytest.mark.parametrize("how", ["gone", "cut", "flipped"])


@DAMAGES
def test_a_damaged_entry_is_said_and_the_others_stay(store: Store, locker: Locker, how: str) -> None:
    names = [sent(f"entry {n}") for n in range(4)]
    for one in names:
        put(store, locker, one)
    spoil(store, locker, f"entry/{names[1].id}/1", how)
    journal = read(store, locker)
    assert words(journal) == ["entry 0", "entry 2", "entry 3"]
    assert [noted.id for noted in journal.lost] == [names[1].id]
    assert not journal.damaged
    put(store, locker, sent("entry 4"))
    journal = read(store, locker)
    assert (words(journal)[-1], [noted.id for noted in journal.lost]) == ("entry 4", [names[1].id])
    # It can be written anew, or removed.
    put(store, locker, sent("written anew", names[1].id, 1))
    assert words(read(store, locker))[-1] == "written anew"
    spoil(store, locker, f"entry/{names[2].id}/1", how)
    remove(store, locker, names[2].id)
    assert read(store, locker).lost == ()


@DAMAGES
@pytest.mark.parametrize("count", [2, 3])
def test_a_damaged_newest_state_is_said_and_the_last_good_one_goes_on(
    store: Store, locker: Locker, how: str, count: int
) -> None:
    for n in range(count):
        put(store, locker, sent(f"entry {n}"))
    spoil(store, locker, HEADS[count % 2], how)
    journal = read(store, locker)
    # Of two heads where only the first is left nobody can say that there was a second.
    assert journal.damaged == (count > 2 or how != "gone")
    assert words(journal) == [f"entry {n}" for n in range(count - 1)]
    put(store, locker, sent("after"))
    assert words(read(store, locker)) == [*(f"entry {n}" for n in range(count - 1)), "after"]
    assert not read(store, locker).damaged


@DAMAGES
def test_a_damaged_former_state_costs_nothing(store: Store, locker: Locker, how: str) -> None:
    for n in range(3):
        put(store, locker, sent(f"entry {n}"))
    spoil(store, locker, "head/0", how)
    assert read(store, locker).damaged
    assert words(read(store, locker)) == ["entry 0", "entry 1", "entry 2"]


def test_without_any_state_a_journal_is_damaged_and_can_still_be_deleted(
    store: Store, locker: Locker, tmp_path: Path
) -> None:
    put(store, locker, sent("one"))
    put(store, locker, sent("two"))
    spoil(store, locker, "head/0", "flipped")
    spoil(store, locker, "head/1", "cut")
    refused("journal.damaged", store, locker)
    with pytest.raises(Refusal):
        put(store, locker, sent("three"))
    delete_journal(store.journals, locker)
    assert open_journal(store.journals, locker) is None
    # Nobody knows any more which rows its entries were; they go when their month comes.
    assert len(rows(store, tmp_path)) == 2


def test_heads_that_were_exchanged_are_damaged(store: Store, locker: Locker) -> None:
    for n in range(2):
        put(store, locker, sent(f"entry {n}"))
    keys = [locker.row_key(row) for row in HEADS]
    there = store.journals.rows(keys)
    with store._files.writing() as connection:
        for key, other in (keys, keys[::-1]):
            connection.exec_driver_sql("UPDATE journal SET body = ? WHERE key = ?", (there[other].body, key))
    refused("journal.damaged", store, locker)


def test_a_journal_of_a_later_version_is_left_as_it_is(store: Store, locker: Locker, tmp_path: Path) -> None:
    put(store, locker, sent("one"))
    key = locker.row_key("head/1")
    with store._files.writing() as connection:
        body = bytearray(store.journals.rows([key])[key].body)
        body[4] = 2
        connection.exec_driver_sql("UPDATE journal SET body = ? WHERE key = ?", (bytes(body), key))
    before = rows(store, tmp_path)
    refused("sealing.version", store, locker)
    with pytest.raises(Refusal):
        put(store, locker, sent("two"))
    assert rows(store, tmp_path) == before
