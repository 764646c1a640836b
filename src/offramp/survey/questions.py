"""From one [[page.question]] table to the questions that it makes, and all that is wrong with it.

A matrix is written as one table and makes a single choice for each of its rows. Not here: pages and modules (check),
what a question is (definition). The invariant: a question gathers its texts under its own id, and every fault goes
to the list that the whole reading shares.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

from offramp.errors import Refusal
from offramp.rules import Condition, literals, parse, questions
from offramp.survey.answers import Missing
from offramp.survey.definition import MOST_OPTIONS, OTHER, Kind, Matrix, Option, Question, QuestionId, Sample
from offramp.tables import Table

_ID = re.compile(r"[a-z][a-z0-9_]{0,31}")
LONGEST_TEXT = 600
MOST_ROWS = 10
MATRIX = "matrix"
# Where answers are counted, a code of an option stands beside these, and a question beside what else is counted.
_MISSING = frozenset(code.value for code in Missing)
_COUNTED = frozenset(("responses", "language", "week"))
Platforms = Mapping[str, tuple[tuple[str, str, bool], ...]]


class Gathering(Protocol):
    """What a reading of a whole survey shares with the reading of its questions."""

    platforms: Platforms
    texts: dict[str, str]
    seen: dict[str, Question]
    samples: tuple[Sample, ...]
    longest_text: int

    def next_number(self) -> int:
        """Return the place of the next question in the whole survey."""


def read_id(table: Table, reserved: frozenset[str] = frozenset()) -> str:
    """Return the id of a table, and report one that is none or that the software uses itself."""
    identity = table.text("id")
    if not _ID.fullmatch(identity):
        table.fault("survey.id", f"“{identity}” is no id.",
                    "Please use lower-case letters, digits and _, a letter first, 32 at most.")  # fmt: skip
    elif identity in reserved | {OTHER} or identity.startswith(("offer_", "take_")):
        table.fault("survey.reserved_id", f"“{identity}” is an id that the software uses itself.",
                    "Please choose another (for an open “other”, write other = true).")  # fmt: skip
    return identity


def report_twice(table: Table, ids: list[str], kind: str) -> None:
    """Report every id that is given more than once."""
    for identity in sorted({identity for identity in ids if ids.count(identity) > 1}):
        table.fault("survey.duplicate_id", f"The {kind} id “{identity}” is used twice.",
                    "Please give one of the two another id.")  # fmt: skip


class QuestionReader:
    """Reads the questions of one survey, in the order in which they are asked."""

    def __init__(self, gathering: Gathering) -> None:
        self.all = gathering
        self.matrices: list[str] = []

    def read(self, table: Table) -> tuple[Question, ...]:
        """Return the question of a table; of a matrix, one for each row."""
        identity = read_id(table, _COUNTED)
        kind = table.text("kind")
        self._say(table, identity)
        made = self._matrix(table, identity) if kind == MATRIX else (self._question(table, identity, kind),)
        table.finish()
        return made

    def _say(self, table: Table, identity: str) -> None:
        self.all.texts[f"question/{identity}/text"] = table.text("text")
        if table.has("hint"):
            self.all.texts[f"question/{identity}/hint"] = table.text("hint")
        table.knows("hint")

    def _question(self, table: Table, identity: str, name: str) -> Question:
        kind = self._kind(table, name)
        low, high = self._bounds(table, identity, kind)
        options = self._options(table, identity, kind)
        return Question(
            QuestionId(identity), kind, self.all.next_number(), options,
            table.flag("dont_know", False), table.flag("random_order", False), low, high,
            self._max_length(table, kind), self.relevant(table), table.text("relevant", ""), self._sampled(table),
            most=self._most(table, kind, options), same_as=table.text("same_as", ""),
        )  # fmt: skip

    def _matrix(self, table: Table, identity: str) -> tuple[Question, ...]:
        matrix = Matrix(identity, table.flag("random_rows", False))
        self.matrices.append(identity)
        options = self._options(table, identity, Kind.SINGLE)
        dont_know, sample = table.flag("dont_know", False), self._sampled(table)
        relevant, text = self.relevant(table), table.text("relevant", "")
        rows = table.tables("rows", "row")
        if not 2 <= len(rows) <= MOST_ROWS:
            table.fault("survey.rows", f"There are {len(rows)} rows.",
                        f"Please write between 2 and {MOST_ROWS}: rows = [{{ id = …, text = … }}].")  # fmt: skip
        made = []
        for row in rows:
            name = read_id(row, _COUNTED | {identity})
            self.all.texts[f"question/{name}/text"] = row.text("text")
            made.append(
                Question(QuestionId(name), Kind.SINGLE, self.all.next_number(), options, dont_know, relevant=relevant,
                         relevant_text=text, sample=sample, same_as=row.text("same_as", ""), matrix=matrix)
            )  # fmt: skip
            row.finish()
        if any(option.id == OTHER for option in options):
            table.fault("survey.matrix_other", "A matrix has no room for words of one’s own.",
                        "Please remove other, or ask a single question beside it.")  # fmt: skip
        return tuple(made)

    def _kind(self, table: Table, name: str) -> Kind:
        if name not in tuple(Kind):
            table.fault("survey.kind", f"“{name}” is no kind of question.",
                        f"Please use one of: {', '.join((*Kind, MATRIX))}.")  # fmt: skip
            return Kind.STATEMENT
        return Kind(name)

    def _sampled(self, table: Table) -> str:
        name = table.text("sample", "")
        if name and all(sample.id != name for sample in self.all.samples):
            table.fault("survey.unknown_sample", f"There is no sample “{name}”.",
                        "Please declare it with [[sample]], or correct its name.")  # fmt: skip
        return name

    def _bounds(self, table: Table, identity: str, kind: Kind) -> tuple[int, int]:
        if kind not in (Kind.SCALE, Kind.NUMBER):
            return 0, 0
        low, high = table.integer("low"), table.integer("high")
        if not 0 < high - low <= (20 if kind is Kind.SCALE else 60_000) or (kind is Kind.NUMBER and low < 0):
            table.fault("survey.bounds", f"{low} to {high} is no range that can be asked.",
                        "Please let high exceed low, by 20 at most for a scale, and no number be below 0.")  # fmt: skip
        if kind is Kind.SCALE:
            self.all.texts[f"question/{identity}/low"] = table.text("low_label")
            self.all.texts[f"question/{identity}/high"] = table.text("high_label")
        return low, high

    def _max_length(self, table: Table, kind: Kind) -> int:
        other = table.flag("other", False)
        if kind is not Kind.TEXT and not other:
            return 0
        length = table.integer("max_length", 500 if kind is Kind.TEXT else 120)
        if not 10 <= length <= self.all.longest_text:
            table.fault("survey.max_length", f"{length} characters is no sensible length.",
                        f"Please allow between 10 and {self.all.longest_text}.")  # fmt: skip
        return length

    def _options(self, table: Table, identity: str, kind: Kind) -> tuple[Option, ...]:
        group, other = table.text("options_from", ""), table.flag("other", False)
        given = table.tables("options", "option")
        if kind not in (Kind.SINGLE, Kind.MULTIPLE):
            if group or given or other:
                table.fault("survey.options", f"A {kind} question has no options.", "Please remove them.")
            return ()
        options = list(self._group(table, group))
        for option in given:
            key = f"question/{identity}/option/{read_id(option, _MISSING)}"
            self.all.texts[key] = option.text("text")
            exclusive, last = option.flag("exclusive", False), option.flag("last", False)
            if exclusive and kind is Kind.SINGLE:
                option.fault(
                    "survey.exclusive", "Every option of a single choice is exclusive.", "Please remove it."
                )
            options.append(Option(option.text("id"), exclusive, None, key, bool(group) or exclusive or last))
            option.finish()
        if other:
            # Before the options that stay last, because "Other" belongs to the list and "None" closes it.
            place = next((i for i, option in enumerate(options) if option.fixed), len(options))
            options.insert(place, Option(OTHER, fixed=True))
        if not 2 <= len(options) <= MOST_OPTIONS:
            table.fault("survey.option_count", f"There are {len(options)} options.",
                        f"Please offer between 2 and {MOST_OPTIONS}.")  # fmt: skip
        report_twice(table, [option.id for option in options], "option")
        return tuple(options)

    def _most(self, table: Table, kind: Kind, options: tuple[Option, ...]) -> int:
        if not table.knows("most"):
            return 0
        most = table.integer("most")
        if kind is not Kind.MULTIPLE or not 2 <= most < len(options):
            table.fault("survey.most", f"At most {most} answers is nothing that can be asked here.",
                        "Please give a multiple choice a number from 2 to one less than its options.")  # fmt: skip
        if not table.has("hint"):
            table.fault("survey.most", "Nobody is told how many answers may be ticked.",
                        "Please say so in the hint.")  # fmt: skip
        return most

    def _group(self, table: Table, group: str) -> list[Option]:
        if group and group not in self.all.platforms:
            table.fault("survey.unknown_group", f"platforms.toml has no group “{group}”.",
                        f"Please use one of: {', '.join(self.all.platforms)}.")  # fmt: skip
        options = []
        for identity, name, proper in self.all.platforms.get(group, ()):
            key = "" if proper else f"platforms/{group}/{identity}"
            if key:
                self.all.texts[key] = name
            options.append(Option(identity, name=name if proper else None, text_key=key))
        return options

    def relevant(self, table: Table) -> Condition | None:
        """Return the condition of a table over questions that were read before it, if it has a sound one."""
        text = table.text("relevant", "")
        if not text:
            return None
        try:
            condition = parse(text, table.place)
        except Refusal as refusal:
            table.problems.extend(refusal.problems)
            return None
        for name in sorted(questions(condition) - self.all.seen.keys()):
            table.fault("survey.condition_question", f"The condition looks at “{name}”, which no earlier page asks.",
                        "Please name a question of an earlier page, or move this one.")  # fmt: skip
        for name, wanted in sorted(literals(condition), key=str):
            asked = self.all.seen.get(name)
            if asked is not None and not _possible(asked, wanted):
                table.fault("survey.condition_value", f"“{name}” can never be “{wanted}”.",
                            "Please name one of its options, or a number within its bounds.")  # fmt: skip
        return condition


def _possible(question: Question, wanted: str | int) -> bool:
    if isinstance(wanted, int):
        return question.kind in (Kind.SCALE, Kind.NUMBER) and question.low <= wanted <= question.high
    return question.option(wanted) is not None
