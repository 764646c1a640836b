"""The desk: from sealed envelopes to figures that may leave, on the researchers' own machine."""

from offramp.desk import armspage, dummy
from offramp.desk.arms import arms_report
from offramp.desk.clean import read_rules
from offramp.desk.findings import read_findings
from offramp.desk.folder import Desk
from offramp.desk.hands import alone, shared
from offramp.desk.intake import pull
from offramp.desk.marked import marked
from offramp.desk.opening import open_all, reader
from offramp.desk.report import report
from offramp.desk.wholefile import write_whole

__all__ = [
    "Desk",
    "alone",
    "arms_report",
    "armspage",
    "dummy",
    "marked",
    "open_all",
    "pull",
    "read_findings",
    "read_rules",
    "reader",
    "report",
    "shared",
    "write_whole",
]
