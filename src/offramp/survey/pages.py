"""Pages of questions that belong to something else than a survey of the content: the exercises of a programme.

They are read as a survey's are, and are asked by the same form and shown by the same view. Not here: what the pages
belong to. The invariant: what passes can be asked; each text is gathered under the key that a survey would give it.
"""

from __future__ import annotations

from offramp.errors import Problem
from offramp.rules import Condition
from offramp.survey.definition import Kind, Page, PageId, Part, Question, QuestionId, Sample
from offramp.survey.likeness import alike_answers
from offramp.survey.questions import Platforms, QuestionReader, read_id, report_twice
from offramp.survey.reach import unreachable
from offramp.tables import Table


class PageReader:
    """One reading of such pages, in the order in which they may be asked."""

    def __init__(self, longest_text: int) -> None:
        self.platforms: Platforms = {}
        self.texts: dict[str, str] = {}
        self.seen: dict[str, Question] = {}
        self.samples: tuple[Sample, ...] = ()
        self.longest_text = longest_text
        self.pages: list[Page] = []
        self._questions = QuestionReader(self)
        self._number = -1

    def next_number(self) -> int:
        self._number += 1
        return self._number

    def page(self, identity: str, tables: list[Table]) -> Page:
        """Return a page of the questions in `tables`; from then on conditions may look at them."""
        read = tuple(question for table in tables for question in self._questions.read(table))
        page = Page(PageId(identity), Part.CORE, read)
        self.pages.append(page)
        self.seen.update((question.id, question) for question in read)
        return page

    def condition(self, table: Table) -> Condition | None:
        """Return what `relevant` says of the questions that were read so far."""
        return self._questions.relevant(table)

    def never(self, condition: Condition) -> bool:
        """Tell whether no answers to the questions that were read so far make a condition true."""
        asked = Question(QuestionId("take_it"), Kind.STATEMENT, 0, relevant=condition)
        pages = (*self.pages, Page(PageId("take_it"), Part.CORE, (asked,)))
        return any(question is asked for _, question in unreachable(pages))

    def finish(self, root: Table, others: tuple[str, ...] = ()) -> None:
        """Report ids that are given twice, also beside `others`, and answers that nobody can tell apart."""
        ids = [question.id for page in self.pages for question in page.questions]
        report_twice(root, [*ids, *self._questions.matrices, *others], "question")
        found: list[Problem] = list(alike_answers(root.place, self.texts, tuple(self.pages)))
        root.problems.extend(found)


__all__ = ["PageReader", "read_id", "report_twice"]
