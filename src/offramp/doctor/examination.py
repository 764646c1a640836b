"""The whole examination: everything that was seen, and every judgement over it, all at once.

The invariant: it is a function of what was seen and of nothing else; what keeps the server from starting hides no
other finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from offramp.doctor.database import DatabaseSeen, database, retention
from offramp.doctor.files import (
    FileSeen,
    KeysSeen,
    SocketSeen,
    owners,
    pepper,
    permissions,
    private_keys,
    runs_as_root,
    socket,
)
from offramp.doctor.findings import Finding, fault, fine, refused
from offramp.doctor.ground import SwapSeen, address, clock, core_dumps, disk, swap
from offramp.doctor.logs import FrontSeen, request_logs
from offramp.doctor.texts import ContentSeen, help_entries, languages, versions
from offramp.errors import Problem

DESK_VARIABLE = "OFFRAMP_DESK_PASSPHRASE_FILE"


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that was seen of an installation. What hangs on the settings is missing where they cannot be read.

    `doors` are by what a proxy would name this server; `variables` are names alone; `fingerprints` are those of the
    recipients; `free` is the room in bytes where the database lies or will lie, and `place` is that folder; `lasting`
    says that this is a study in whose settings no number of weeks stands after which answers go.
    """

    problems: tuple[Problem, ...]
    now: datetime
    myself: str
    variables: frozenset[str] = frozenset()
    fingerprints: tuple[str, ...] = ()
    host: str = ""
    doors: tuple[str, ...] = ()
    files: tuple[FileSeen, ...] = ()
    keys: KeysSeen = field(default_factory=KeysSeen)
    socket: SocketSeen | None = None
    databases: tuple[DatabaseSeen, ...] = ()
    place: Path | None = None
    free: int = 0
    lasting: bool = False
    keep_weeks: int | None = None
    content: ContentSeen = field(default_factory=ContentSeen)
    fronts: tuple[FrontSeen, ...] = ()
    synchronised: bool | None = None
    swap: tuple[SwapSeen, ...] | None = None
    core_limit: int = 0
    core_pattern: str | None = None


def examine(seen: Seen) -> tuple[Finding, ...]:
    """Judge everything that was seen."""
    return (*_settings(seen), *_files(seen), *_store(seen), *_texts(seen), *_ground(seen))


def _settings(seen: Seen) -> Iterator[Finding]:
    yield from (refused(problem) for problem in seen.problems)
    for fingerprint in seen.fingerprints:
        yield fine(
            "keys.recipient", "keys", f"Answers are sealed to {fingerprint}. It must be the one at your desk."
        )
    if DESK_VARIABLE in seen.variables:
        yield fault("keys.passphrase", DESK_VARIABLE, "The desk’s passphrase is named in this environment.",
                    "Please unset it, and remove that file: it belongs to the desk, on another machine.")  # fmt: skip


def _files(seen: Seen) -> Iterator[Finding]:
    yield from permissions(seen.files)
    yield from owners(seen.files)
    yield from runs_as_root(seen.files, seen.myself)
    yield from pepper(seen.files)
    yield from private_keys(seen.keys)
    if seen.socket:
        yield from socket(seen.socket)
    elif seen.host:
        yield from address(seen.host)
    yield from request_logs(seen.fronts, seen.doors, seen.variables)


def _store(seen: Seen) -> Iterator[Finding]:
    for file in seen.databases:
        yield from database(file)
    if seen.place:
        size = sum(file.size for file in seen.databases)
        yield from disk(str(seen.place), seen.free, size)
        yield from retention(seen.lasting, seen.keep_weeks)


def _texts(seen: Seen) -> Iterator[Finding]:
    yield from languages(seen.content)
    yield from versions(seen.content)
    yield from help_entries(seen.content.help, seen.now.date())


def _ground(seen: Seen) -> Iterator[Finding]:
    days = [entry.day for entry in seen.content.help if entry.day]
    newest: date | None = max(days, default=None)
    yield from clock(seen.now, newest, seen.synchronised)
    yield from swap(seen.swap)
    yield from core_dumps(seen.core_limit, seen.core_pattern)
