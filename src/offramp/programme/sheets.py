"""What each kind of worksheet needs, so that it can be laid out; what is missing comes back as problems.

Not here: laying out (worksheet). The invariant: a worksheet without a fault here has a place for every answer that it
gathers.
"""

from __future__ import annotations

from collections.abc import Mapping

from offramp.programme.definition import Step, Worksheet, WorksheetKind
from offramp.survey import Kind, Question, QuestionId
from offramp.tables import Table

# The stations of a path in the order in which they follow each other, and the ways off it.
STATIONS = ("situation", "thought", "feeling", "urge", "act", "after")
EXITS = "exits"
DAY, TIME, STRENGTH = "day", "time", "strength"
DAYS = 7

Asked = Mapping[QuestionId, tuple[Step, Question]]


def worksheet_faults(table: Table, sheet: Worksheet, asked: Asked) -> None:
    """Report what keeps a worksheet from being laid out."""
    for part in sheet.parts:
        for name in part.questions:
            if name in asked and asked[name][1].kind is Kind.STATEMENT:
                table.fault("programme.statement", f"“{name}” is a statement and has no answer to show.",
                            "Please name a question, or remove it.")  # fmt: skip
    match sheet.kind:
        case WorksheetKind.PATH:
            _named(table, sheet, (*STATIONS, EXITS))
        case WorksheetKind.CALENDAR:
            _named(table, sheet, (DAY, TIME, STRENGTH))
            _calendar(table, sheet, asked)
        case WorksheetKind.COURSE:
            if sheet.parts:
                table.fault("programme.course_parts", "A course shows the check-ins and has no parts.",
                            "Please remove them, or make it a plan.")  # fmt: skip
        case WorksheetKind.PLAN:
            if not sheet.parts:
                table.fault(
                    "programme.no_parts", "The plan has no parts.", "Please write [[worksheet.part]]."
                )


def _named(table: Table, sheet: Worksheet, wanted: tuple[str, ...]) -> None:
    if tuple(part.id for part in sheet.parts) != wanted:
        table.fault("programme.parts", f"A {sheet.kind} has other parts than these.",
                    f"Please write these, in this order: {', '.join(wanted)}.")  # fmt: skip


def _calendar(table: Table, sheet: Worksheet, asked: Asked) -> None:
    """A calendar counts the entries of one exercise, so all it shows has to come from the same one."""
    gathered = {part.id: [asked[name] for name in part.questions if name in asked] for part in sheet.parts}
    steps = {step.id: step for found in gathered.values() for step, _ in found}
    if len(steps) > 1 or any(not step.repeat for step in steps.values()):
        table.fault("programme.calendar_step", "Not all of it comes from one exercise that may be repeated.",
                    "Please name questions of one exercise, and write repeat = true there.")  # fmt: skip
    kinds = {DAY: Kind.SINGLE, TIME: Kind.SINGLE, STRENGTH: Kind.SCALE}
    for name, kind in kinds.items():
        found = gathered.get(name, [])
        if found and (len(found) != 1 or found[0][1].kind is not kind):
            table.fault("programme.calendar_question", f"“{name}” is not one {kind} question.",
                        f"Please name one question of the kind {kind}.")  # fmt: skip
        elif found and name == DAY and len(found[0][1].options) != DAYS:
            table.fault("programme.calendar_days", f"A week does not have {len(found[0][1].options)} days.",
                        "Please offer the seven days of the week, in order.")  # fmt: skip
