"""The self-help programme: its steps, and the journal of the person who walks it."""

from offramp.programme.definition import StepId, StepKind
from offramp.programme.journal import Entry

__all__ = ["Entry", "StepId", "StepKind"]
