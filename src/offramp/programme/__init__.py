"""The self-help programme: its steps, its texts, and the journal of the person who walks it."""

from offramp.programme.check import read_programme, read_programmes
from offramp.programme.code import Codes, read_codes
from offramp.programme.definition import Programme, Step, StepId, StepKind
from offramp.programme.instep import prose_status, sign_texts, translated
from offramp.programme.journal import Entry
from offramp.programme.record import Paragraph, Standing
from offramp.programme.remarks import hardest, remarks

__all__ = [
    "Codes", "Entry", "Paragraph", "Programme", "Standing", "Step", "StepId", "StepKind", "hardest", "prose_status",
    "read_codes", "read_programme", "read_programmes", "remarks", "sign_texts", "translated",
]  # fmt: skip
