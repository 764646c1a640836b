"""The desk: from sealed envelopes to figures that may leave, on the researchers' own machine."""

from offramp.desk import armspage, dummy, rowfiles
from offramp.desk.apart import folder_apart, refuse_among_rows
from offramp.desk.archive import Archive
from offramp.desk.arms import arms_report
from offramp.desk.described import described
from offramp.desk.exact import exact
from offramp.desk.findings import read_findings
from offramp.desk.folder import Desk, write_whole
from offramp.desk.intake import open_all, pull
from offramp.desk.marked import marked
from offramp.desk.report import report

__all__ = [
    "Archive",
    "Desk",
    "arms_report",
    "armspage",
    "described",
    "dummy",
    "exact",
    "folder_apart",
    "marked",
    "open_all",
    "pull",
    "read_findings",
    "refuse_among_rows",
    "report",
    "rowfiles",
    "write_whole",
]
