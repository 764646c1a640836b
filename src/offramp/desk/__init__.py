"""The desk: from sealed envelopes to figures that may leave, on the researchers' own machine."""

from offramp.desk import armspage, dummy, rowfiles, shortlabels, spss, stata
from offramp.desk.adherence import Stretch, programme_report
from offramp.desk.analysis import analysis
from offramp.desk.apart import folder_apart, public_id, refuse_among_rows
from offramp.desk.archive import Archive
from offramp.desk.arms import arms_report
from offramp.desk.clean import EVERYWHERE, read_rules
from offramp.desk.counterparts import Counterpart
from offramp.desk.described import Described, described
from offramp.desk.doorcounts import read_door_counts, told_of_doors
from offramp.desk.exact import Exact, exact
from offramp.desk.findings import read_findings
from offramp.desk.folder import Desk
from offramp.desk.frame import Declared, frame_english, in_words, own_english, own_folder, read_frame
from offramp.desk.hands import alone, shared
from offramp.desk.intake import Confirmed, confirm, pull
from offramp.desk.joint import read_joint
from offramp.desk.marked import marked
from offramp.desk.opening import open_all, reader
from offramp.desk.parcel import take_parcel, write_parcel
from offramp.desk.printable import shown
from offramp.desk.published import read_published
from offramp.desk.report import report, spoken
from offramp.desk.sealedcounts import SealedCounts
from offramp.desk.wholefile import write_whole

__all__ = [
    "EVERYWHERE",
    "Archive",
    "Confirmed",
    "Counterpart",
    "Declared",
    "Described",
    "Desk",
    "Exact",
    "SealedCounts",
    "Stretch",
    "alone",
    "analysis",
    "arms_report",
    "armspage",
    "confirm",
    "described",
    "dummy",
    "exact",
    "folder_apart",
    "frame_english",
    "in_words",
    "marked",
    "open_all",
    "own_english",
    "own_folder",
    "programme_report",
    "public_id",
    "pull",
    "read_door_counts",
    "read_findings",
    "read_frame",
    "read_joint",
    "read_published",
    "read_rules",
    "reader",
    "refuse_among_rows",
    "report",
    "rowfiles",
    "shared",
    "shortlabels",
    "shown",
    "spoken",
    "spss",
    "stata",
    "take_parcel",
    "told_of_doors",
    "write_parcel",
    "write_whole",
]
