"""Keeping translations in step with the English: what changed, sheets for reviewers, signatures, proofs."""

from offramp.translation.proof import proof
from offramp.translation.sheet import take_sheet, write_sheet
from offramp.translation.signature import sign, standing
from offramp.translation.source import Source, programme_sources, read_sources
from offramp.translation.step import Status, changes, status, template, update
from offramp.translation.whole import programme_proof, sign_programme

__all__ = [
    "Source", "Status", "changes", "programme_proof", "programme_sources", "proof", "read_sources", "sign",
    "sign_programme", "standing", "status", "take_sheet", "template", "update", "write_sheet",
]  # fmt: skip
