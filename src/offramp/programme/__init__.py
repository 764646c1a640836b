"""The self-help programme: its steps, its texts, and the journal of the person who walks it."""

from offramp.programme.check import read_programme, read_programmes
from offramp.programme.code import Codes, read_codes
from offramp.programme.definition import Programme, Step, StepId, StepKind
from offramp.programme.instep import prose_status, sign_texts, translated
from offramp.programme.journal import Entry
from offramp.programme.progress import Place, Progress, entries_of, newest, progress
from offramp.programme.record import Paragraph, Standing
from offramp.programme.remarks import hardest, remarks
from offramp.programme.worksheet import Calendar, Course, Layout, Said, Sheet, lay_out, said

__all__ = [
    "Calendar",
    "Codes",
    "Course",
    "Entry",
    "Layout",
    "Paragraph",
    "Place",
    "Programme",
    "Progress",
    "Said",
    "Sheet",
    "Standing",
    "Step",
    "StepId",
    "StepKind",
    "entries_of",
    "hardest",
    "lay_out",
    "newest",
    "progress",
    "prose_status",
    "read_codes",
    "read_programme",
    "read_programmes",
    "remarks",
    "said",
    "sign_texts",
    "translated",
]
