"""The self-help programme: its steps, and the journal of the person who walks it."""

from offramp.programme.code import Codes, read_codes
from offramp.programme.definition import StepId, StepKind
from offramp.programme.journal import Entry

__all__ = ["Codes", "Entry", "StepId", "StepKind", "read_codes"]
