"""The self-help programme: its steps, its texts, and the journal of the person who walks it."""

from offramp.programme.check import read_programme, read_programmes
from offramp.programme.code import Codes, read_codes
from offramp.programme.definition import Programme, Step, StepId, StepKind
from offramp.programme.instep import prose_status, sign_texts, translated
from offramp.programme.journal import Entry, Facts, Journal, Noted, Sent, new_id
from offramp.programme.record import Paragraph, Standing
from offramp.programme.remarks import hardest, remarks
from offramp.programme.shelf import Opened, Shelf, change_journal, delete_journal, move_journal, open_journal

__all__ = [
    "Codes", "Entry", "Facts", "Journal", "Noted", "Opened", "Paragraph", "Programme", "Sent", "Shelf", "Standing",
    "Step", "StepId", "StepKind", "change_journal", "delete_journal", "hardest", "move_journal", "new_id",
    "open_journal", "prose_status", "read_codes", "read_programme", "read_programmes", "remarks", "sign_texts",
    "translated",
]  # fmt: skip
