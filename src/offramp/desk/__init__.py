"""The desk: from sealed envelopes on the researchers' own machine to figures that may leave it."""

from offramp.desk.findings import read_findings
from offramp.desk.folder import Desk
from offramp.desk.intake import open_all, pull
from offramp.desk.report import report
