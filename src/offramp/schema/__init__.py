"""The shape of the database and of the ledger: its tables, its revision, and how an older one becomes this one."""

from offramp.schema import statements
from offramp.schema.revision import NEWEST, REVISIONS, STAMP, Kind, demand, found
from offramp.schema.tables import CONFIRMED, ENVELOPE, JOURNAL, ROLL, TOMBSTONE, TOTAL
from offramp.schema.upgrade import VERSIONS, Step, steps, upgrade

__all__ = [
    "CONFIRMED", "ENVELOPE", "JOURNAL", "NEWEST", "REVISIONS", "ROLL", "STAMP", "TOMBSTONE", "TOTAL", "VERSIONS",
    "Kind", "Step", "demand", "found", "statements", "steps", "upgrade",
]  # fmt: skip
