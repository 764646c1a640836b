"""Whole query logs against term lists: what an operator's own log would have been answered with, as counts only.

The one door of the room. A log is opened (all its faults at once), cut into portions, and decided about by as many
processes as there are cores; what comes back are counts per day, list and category.
"""

from offramp.scan.counts import Counts
from offramp.scan.countsfile import check_output, write
from offramp.scan.progress import Progress
from offramp.scan.querylog import Columns, QueryLog, open_log
from offramp.scan.sharing import count
from offramp.scan.spark import count_on_spark, is_local

__all__ = [
    "Columns",
    "Counts",
    "Progress",
    "QueryLog",
    "check_output",
    "count",
    "count_on_spark",
    "is_local",
    "open_log",
    "write",
]
