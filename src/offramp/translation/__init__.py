"""Keeping translations in step with the English: what changed, sheets for reviewers, signatures, proofs."""

from offramp.translation.proof import proof
from offramp.translation.sheet import take_sheet, write_sheet
from offramp.translation.signature import sign, standing
from offramp.translation.source import Source, read_sources
from offramp.translation.step import Status, changes, status, template, update

__all__ = [
    "Source", "Status", "changes", "proof", "read_sources", "sign", "standing", "status", "take_sheet", "template",
    "update", "write_sheet",
]  # fmt: skip
