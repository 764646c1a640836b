"""The one place that keeps and asks: envelopes, journals, tombstones, totals. SQLite through SQLAlchemy Core.

Only this room and `schema` speak SQL. The invariant: what was kept is on the disk when its caller hears so, and what
was deleted is gone from database and write-ahead log, and comes back by no late post and no restored backup.
"""

from offramp.store.burial import Forgotten
from offramp.store.envelopes import LAST_KEY, Deposit, Envelope, Rolled, Store, Tally
from offramp.store.files import upgrade
from offramp.store.journals import Journals, Rewriting, Row

__all__ = [
    "LAST_KEY", "Deposit", "Envelope", "Forgotten", "Journals", "Rewriting", "Rolled", "Row", "Store", "Tally",
    "upgrade",
]  # fmt: skip
