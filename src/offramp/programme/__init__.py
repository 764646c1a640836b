"""The self-help programme: its steps, its texts, and the journal of the person who walks it."""

from offramp.programme.check import read_programme, read_programmes
from offramp.programme.code import Codes, read_codes
from offramp.programme.definition import Module, Programme, Step, StepId, StepKind, Worksheet
from offramp.programme.instep import prose_status, sign_texts, translated
from offramp.programme.journal import Entry, Facts, Journal, Noted, Sent, new_id
from offramp.programme.progress import Place, Progress, entries_of, newest, progress
from offramp.programme.record import Paragraph, Standing
from offramp.programme.remarks import hardest, remarks
from offramp.programme.shelf import Opened, Shelf, change_journal, delete_journal, move_journal, open_journal
from offramp.programme.worksheet import Calendar, Course, Layout, Said, Sheet, lay_out, said

__all__ = [
    "Calendar",
    "Codes",
    "Course",
    "Entry",
    "Facts",
    "Journal",
    "Layout",
    "Module",
    "Noted",
    "Opened",
    "Paragraph",
    "Place",
    "Programme",
    "Progress",
    "Said",
    "Sent",
    "Sheet",
    "Shelf",
    "Standing",
    "Step",
    "StepId",
    "StepKind",
    "Worksheet",
    "change_journal",
    "delete_journal",
    "entries_of",
    "hardest",
    "lay_out",
    "move_journal",
    "new_id",
    "newest",
    "open_journal",
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
