"""Judging the database and the ledger: can they be opened, are their tables those of this version, is the log cut.

Not here: opening them. The invariant: nothing of what a table holds plays a part, only its shape.
`synchronous` is no property of a file: the store sets it each time it opens one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from offramp.doctor.findings import Finding, fault, fine, warn

Shape = Mapping[str, frozenset[str]]
LONG_LOG = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class DatabaseSeen:
    """A database file: what kept it from being read, or its tables with their columns, and how these should be."""

    path: Path
    exists: bool
    error: str = ""
    journal: str = ""
    shape: Shape = field(default_factory=dict)
    known: Shape = field(default_factory=dict)
    size: int = 0
    log_bytes: int = 0


def database(seen: DatabaseSeen) -> Iterator[Finding]:
    """Judge one database file."""
    place = str(seen.path)
    if not seen.exists:
        yield fine("database.missing", place, "Not there yet; the server makes it at its first start.")
        return
    if seen.error:
        yield fault("database.unreadable", place, f"It cannot be read ({seen.error}).",
                    "Please either ask again as root, or restore the newest backup.")  # fmt: skip
        return
    yield from _shape(place, seen.shape, seen.known)
    if seen.journal != "wal":
        yield warn("database.journal", place, f"Its journal is “{seen.journal}” and not “wal”.",
                   "Please start the server once: it sets this. If it stays, the file system cannot do it (a network "
                   "share cannot); please move the database to a local disk.")  # fmt: skip
    if seen.log_bytes > LONG_LOG:
        yield warn("database.log", place, f"Its write-ahead log has grown to {seen.log_bytes >> 20:,} MiB: it tells "
                   "what came after what, and may still hold what was deleted.",
                   "Please start the server, or end the program that holds the database open.")  # fmt: skip


def _shape(place: str, shape: Shape, known: Shape) -> Iterator[Finding]:
    differs = sorted(name for name in shape.keys() | known.keys() if shape.get(name) != known.get(name))
    if differs:
        yield fault("database.shape", place, f"Tables are not as this version makes them: {', '.join(differs)}.",
                    "Please either start the version that made them, or upgrade (docs/how-to/server.md).")  # fmt: skip
    else:
        yield fine("database.shape", place, f"It opens, and has the {len(known)} tables of this version.")
