"""Judging the database and the ledger: can they be opened, are their tables those of this version, is the log cut.

Not here: opening them. The invariant: of what a table holds only the revision plays a part here.
`synchronous` is no property of a file: the store sets it each time it opens one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from offramp.doctor.findings import Finding, fault, fine, warn
from offramp.schema import NEWEST, REVISIONS
from offramp.store import Rolled

Shape = Mapping[str, frozenset[str]]
LONG_LOG = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class DatabaseSeen:
    """A database file: what kept it from being read, or its tables with their columns, and how these should be.

    `roll` has the versions of questionnaires that were answered here.
    """

    path: Path
    exists: bool
    error: str = ""
    journal: str = ""
    shape: Shape = field(default_factory=dict)
    known: Shape = field(default_factory=dict)
    revision: str = NEWEST
    size: int = 0
    log_bytes: int = 0
    roll: tuple[Rolled, ...] = ()


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
    if seen.revision == NEWEST:
        yield from _shape(place, seen.shape, seen.known)
    elif seen.revision in REVISIONS:
        yield fault("database.older", place, f"Its revision is {seen.revision}, and this version works with {NEWEST}.",
                    "Please stop the server, back up both files, and type: offramp upgrade")  # fmt: skip
    else:
        yield fault("database.newer", place, f"Its revision {seen.revision} was made by a newer version than this one.",
                    "Please install the newer version.")  # fmt: skip
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
                    "Please either start the version that made them, or restore the newest backup.")  # fmt: skip
    else:
        yield fine(
            "database.shape", place, f"It opens, and is of revision {NEWEST}, which is this version’s."
        )


def retention(lasting: bool, keep_weeks: int | None) -> Iterator[Finding]:
    """Judge how long answers stay: people were told, and the purge must know."""
    if lasting:
        yield warn("store.retention", "store", "How many weeks answers stay is not said, so no purge deletes any.",
                   "Please write keep_weeks into [store], in agreement with “retention”, and enable "
                   "ops/systemd/offramp-purge.timer.")  # fmt: skip
    elif keep_weeks is not None:
        yield fine("store.retention", "store", f"A purge deletes what is older than {keep_weeks} weeks, once the desk "
                   "has it.")  # fmt: skip
