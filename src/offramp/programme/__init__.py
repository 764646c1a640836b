"""The self-help programme: its steps, and the journal of the person who walks it."""

from offramp.programme.code import Codes, read_codes
from offramp.programme.definition import StepId, StepKind
from offramp.programme.journal import Entry, Facts, Journal, Noted, Sent, new_id
from offramp.programme.shelf import Opened, Shelf, change_journal, delete_journal, move_journal, open_journal

__all__ = [
    "Codes", "Entry", "Facts", "Journal", "Noted", "Opened", "Sent", "Shelf", "StepId", "StepKind", "change_journal",
    "delete_journal", "move_journal", "new_id", "open_journal", "read_codes",
]  # fmt: skip
