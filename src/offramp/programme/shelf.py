"""Opening a journal from its rows, and writing a change of it, whatever somebody else has changed meanwhile.

The rows themselves are kept elsewhere; a Shelf is handed in. Two rows are heads: version v of the index lies in
head v mod 2, the one before it in the other. Not here: what an entry is (journal), how a row is sealed (sealing). The
invariants: a change is made from the newest state or made again, so that two tabs lose no entry; and a damaged row
takes nothing with it that can still be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from offramp.errors import Fault, Refusal, refuse
from offramp.programme.journal import Entry, Facts, Journal
from offramp.programme.rowform import (
    entry_body,
    entry_row,
    head_body,
    head_row,
    read_entry,
    read_head,
    with_entries,
)
from offramp.sealing import ROW_BODIES, Locker, Random, RowKey, padded_bytes

Act = Callable[[Journal], Journal]
# Somebody else would have to write as often between our reading and our writing.
_TRIES = 50
_HEADS = ("head/0", "head/1")
_VERSION_BYTES = 7


class Kept(Protocol):
    """A row as it is kept."""

    @property
    def version(self) -> int: ...
    @property
    def body(self) -> bytes: ...


class Put(NamedTuple):
    """A row to be kept until a day (ISO)."""

    key: RowKey
    until: str
    version: int
    body: bytes


class Change(NamedTuple):
    """What is written at once, if the rows of `expected` still have these versions (0: are not there)."""

    expected: Mapping[RowKey, int]
    rows: Sequence[Put] = ()
    drop: Sequence[RowKey] = ()
    bury: Sequence[RowKey] = ()
    stay: Sequence[RowKey] = ()
    until: str = ""


class Shelf(Protocol):
    """Where rows lie. `write` raises for itself if one of them was buried."""

    def rows(self, keys: Iterable[RowKey]) -> Mapping[RowKey, Kept]: ...
    def forgotten(self, keys: Iterable[RowKey]) -> frozenset[bytes]: ...
    def write(self, change: Change) -> bool: ...


@dataclass(frozen=True, slots=True)
class Opened:
    """A journal as it was read, with what its next change has to know."""

    journal: Journal
    # The versions of both heads, and the rows that the former one names.
    expected: Mapping[RowKey, int]
    former: frozenset[str] = frozenset()


def open_journal(shelf: Shelf, locker: Locker) -> Opened | None:
    """Return what lies in a locker, or nothing if nothing does.

    Refusals: journal.damaged (there is a journal, and no state of it can be read), sealing.version (a later version of
    this program wrote the row) and journal.version (and what is in it).
    """
    for _ in range(_TRIES):
        heads = shelf.rows(locker.row_key(row) for row in _HEADS)
        if not heads:
            return None
        opened = _newest(locker, heads)
        journal, moved = _entries(shelf, locker, opened.journal)
        if not moved or _versions(locker, shelf.rows(opened.expected)) == opened.expected:
            return replace(opened, journal=journal)
    raise Fault("a journal changed each time that it was read")


def change_journal(
    shelf: Shelf, locker: Locker, act: Act, until: str, random: Random, new: Facts | None = None
) -> Journal:
    """Do `act` to a journal and keep what comes of it; begin one with the facts `new` if there is none.

    `act` may be asked several times, each time with a newer state. Refusals: journal.unknown, journal.full,
    journal.too_long, those of `open_journal`, and those of `act`.
    """
    for _ in range(_TRIES):
        opened = open_journal(shelf, locker)
        if opened is None:
            if new is None:
                raise refuse("journal.unknown", "journal", "There is no journal under this code.",
                             "Please compare it with what you kept.")  # fmt: skip
            opened = Opened(Journal(new), _versions(locker, {}))
        after = act(opened.journal)
        if after is opened.journal or shelf.write(rewriting(locker, opened, after, until, random)):
            return after
    raise Fault("a journal changed each time that it was to be written")


def delete_journal(shelf: Shelf, locker: Locker) -> None:
    """Delete a journal for good, as far as it can be read; nothing comes back under its code."""
    for _ in range(_TRIES):
        try:
            opened = open_journal(shelf, locker)
        except Refusal:
            # Of a journal that cannot be read, nobody knows the entries. Without heads they are read by nobody.
            heads = [locker.row_key(row) for row in _HEADS]
            opened_at = _versions(locker, shelf.rows(heads))
            if shelf.write(Change(opened_at, bury=heads)):
                return
            continue
        if opened is None or shelf.write(Change(opened.expected, bury=_all_keys(locker, opened))):
            return
    raise Fault("a journal changed each time that it was to be deleted")


def move_journal(shelf: Shelf, old: Locker, new: Locker, until: str, random: Random) -> Journal:
    """Move the journal of a sitting under a code. It lies there before it goes from where it was.

    Whatever another tab adds to the sitting meanwhile is moved too. Refusals: as `change_journal`.
    """
    for _ in range(_TRIES):
        opened = open_journal(shelf, old)
        if opened is None:
            raise refuse("journal.unknown", "journal", "This sitting is over.", "Please begin another.")
        facts = replace(opened.journal.facts, kept=True)
        moved = change_journal(shelf, new, _adopting(opened.journal), until, random, facts)
        if shelf.write(Change(opened.expected, bury=_all_keys(old, opened))):
            return moved
    raise Fault("a sitting changed each time that it was to be moved")


def _adopting(old: Journal) -> Act:
    def act(journal: Journal) -> Journal:
        # What could not be read stays behind: it was sealed under the other locker.
        index = {entry.id: old.index[entry.id] for entry in old.entries}
        if journal.index == index and journal.version:
            return journal
        return replace(journal, version=journal.version + 1, index=index, entries=old.entries)

    return act


def rewriting(locker: Locker, opened: Opened, after: Journal, until: str, random: Random) -> Change:
    """Return what has to be written so that a journal is in its next state."""
    before = opened.journal
    was, now = _named(before), _named(after)
    entries = {entry_row(e.id, after.index[e.id].revision): e for e in after.entries}
    gone = [row for noted in before.index.values() if noted.id not in after.index
            for row in _revisions(noted.id, noted.revision)]  # fmt: skip
    head = head_row(after.version)
    bodies = {row: entry_body(entries[row]) for row in now - was}
    bodies[head] = head_body(after)
    for row, body in bodies.items():
        _demand_room(row, body)
    rows = [Put(locker.row_key(row), until, _chance(random), locker.seal(row, body, random))
            for row, body in bodies.items()]  # fmt: skip
    stay = {*was, *now, *_HEADS} - bodies.keys() - set(gone)
    return Change(
        opened.expected, rows, _keys(locker, opened.former - was - now - set(gone)), _keys(locker, gone),
        _keys(locker, stay), until,
    )  # fmt: skip


def _newest(locker: Locker, heads: Mapping[RowKey, Kept]) -> Opened:
    read: dict[int, Journal] = {}
    for row in _HEADS:
        kept = heads.get(locker.row_key(row))
        journal = _head(locker, row, kept.body) if kept else None
        if journal is not None:
            read[journal.version] = journal
    if not read:
        raise refuse("journal.damaged", "journal", "There is a journal here, and it cannot be read any more.",
                     "Please ask the server's operator for a backup of this month, or begin anew.")  # fmt: skip
    newest = read[max(read)]
    whole = (newest.version == 1 and len(heads) == 1) or newest.version - 1 in read
    former = read.get(newest.version - 1)
    return Opened(
        replace(newest, damaged=not whole),
        _versions(locker, heads),
        _named(former) if former else frozenset(),
    )


def _head(locker: Locker, row: str, body: bytes) -> Journal | None:
    try:
        opened = locker.open(row, body)
    except Refusal as refusal:
        if refusal.codes == ("sealing.version",):
            raise
        return None
    try:
        journal = read_head(opened)
    except Fault:
        # It is ours, and whole: a later version wrote it, and this one would only spoil it.
        raise refuse("journal.version", "journal", "This journal was written by a later version.",
                     "Please come back when the server is up to date.") from None  # fmt: skip
    return journal if head_row(journal.version) == row else None


def _entries(shelf: Shelf, locker: Locker, journal: Journal) -> tuple[Journal, bool]:
    """Return a journal with its entries, and whether a row is missing that nobody has removed."""
    keys = {n.id: locker.row_key(entry_row(n.id, n.revision)) for n in journal.index.values()}
    rows = shelf.rows(keys.values())
    missing = {identity for identity, key in keys.items() if key not in rows}
    removed = shelf.forgotten(keys[identity] for identity in missing) if missing else frozenset()
    index = {i: noted for i, noted in journal.index.items() if keys[i] not in removed}
    entries: dict[str, Entry] = {}
    for identity, noted in index.items():
        if identity not in missing:
            try:
                body = locker.open(entry_row(identity, noted.revision), rows[keys[identity]].body)
                entries[identity] = read_entry(body, noted)
            except (Refusal, Fault):
                continue
    return with_entries(replace(journal, index=index), entries), bool(missing)


def _versions(locker: Locker, heads: Mapping[RowKey, Kept]) -> dict[RowKey, int]:
    keys = [locker.row_key(row) for row in _HEADS]
    return {key: heads[key].version if key in heads else 0 for key in keys}


def _named(journal: Journal) -> frozenset[str]:
    return frozenset(entry_row(noted.id, noted.revision) for noted in journal.index.values())


def _revisions(identity: str, revision: int) -> list[str]:
    # The earlier ones too: a backup may hold them.
    return [entry_row(identity, number) for number in range(1, revision + 1)]


def _all_keys(locker: Locker, opened: Opened) -> list[RowKey]:
    rows = [row for noted in opened.journal.index.values() for row in _revisions(noted.id, noted.revision)]
    return _keys(locker, {*_HEADS, *rows, *opened.former})


def _keys(locker: Locker, rows: Iterable[str]) -> list[RowKey]:
    return sorted(locker.row_key(row) for row in rows)


def _demand_room(row: str, body: bytes) -> None:
    if padded_bytes(body) > ROW_BODIES[-1]:
        if row in _HEADS:
            raise refuse("journal.full", "journal", "This journal has no room for another entry.",
                         "Please remove entries that you no longer need.")  # fmt: skip
        raise refuse("journal.too_long", "journal", "This is too long for one entry.",
                     "Please make two entries of it, or shorten it.")  # fmt: skip


def _chance(random: Random) -> int:
    return 1 + int.from_bytes(random(_VERSION_BYTES), "big")
