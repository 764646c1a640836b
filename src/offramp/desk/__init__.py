"""The desk: from sealed envelopes to figures that may leave, on the researchers' own machine."""

from offramp.desk import armspage, dummy
from offramp.desk.arms import arms_report
from offramp.desk.findings import read_findings
from offramp.desk.folder import Desk, write_whole
from offramp.desk.intake import open_all, pull
from offramp.desk.marked import marked
from offramp.desk.report import report

__all__ = [
    "Desk",
    "arms_report",
    "armspage",
    "dummy",
    "marked",
    "open_all",
    "pull",
    "read_findings",
    "report",
    "write_whole",
]
