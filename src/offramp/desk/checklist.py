"""What two checklists that readers of surveys know are filled in from: CHERRIES, and AAPOR's disclosure.

The words are in templates/checklist.html; here are the facts of the study and the figures of its report, as they were
let through. The invariant: nothing is counted here, so that a checklist says no more than the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from offramp.survey import Survey


@dataclass(frozen=True, slots=True)
class Checklist:
    """Printed counts are texts (or the mark), shares are whole per cent or nothing."""

    survey: Survey
    responses: str
    weeks: Sequence[str]
    consent_shown: str
    agreed: str
    first_page: str
    finished: str
    participation: int | None
    completion: int | None

    @property
    def asked(self) -> int:
        """How many questions there are, offers and statements aside."""
        pages = (page for page in self.survey.pages if page.part != "offer")
        return sum(question.kind != "statement" for page in pages for question in page.questions)

    @property
    def conditional(self) -> int:
        return sum(bool(question.relevant) for question in self.survey.questions)
