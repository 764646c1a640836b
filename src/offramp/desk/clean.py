"""Cleaning: which responses stand out, by rules that each have a name. Nothing is deleted, and nothing mended.

Some rules are the same for every survey; others are declared beside its findings, as a condition under which two
answers do not go together. A flag is no judgement of a person: it may be a slip, a joke, a machine, or true.
Not here: what a report shows of it (twofold). The invariant: a flag depends on the answers and on nothing else, so
the same responses have the same flags in whatever order they come.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from offramp.desk.bursts import AROUND, LEAST, LEAST_AROUND, TIMES, stands_out
from offramp.desk.codebook import Variable, codebook
from offramp.desk.findings import declared
from offramp.desk.totals import weeks_between
from offramp.errors import Problem, Refusal
from offramp.rules import Condition, Value, evaluate, in_plain, literals, parse, questions
from offramp.survey import Missing, QuestionId, Response, Survey
from offramp.tables import Table, read_toml

FAST_PAGES, FAST_ANSWERS = 2, 2
STRAIGHT_ROWS = 4
SAME_TEXT, SAME_TIMES = 20, 3
KINDS = ("contradiction", "impossible", "again")


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason for a flag. `when` is the condition of one that a survey declares."""

    id: str
    title: str
    what: str
    when: Condition | None = None

    @property
    def alone(self) -> str:
        """The question that decides by itself, if only one does: unflagged responses all answer it alike."""
        names = questions(self.when) if self.when is not None else frozenset()
        return next(iter(names)) if len(names) == 1 else ""


FAST = Rule("fast_pages", "Pages sent within five seconds",
            f"at least {FAST_PAGES} pages, and at least half, of those with {FAST_ANSWERS} answers or more "
            "were open for less than five seconds")  # fmt: skip
STRAIGHT = Rule("straight_lines", "The same answer in every row",
                f"every table with at least {STRAIGHT_ROWS} answered rows has one and the same answer in all "
                "of them")  # fmt: skip
SAME_WORDS = Rule("same_words", "Words that others wrote, too",
                  f"a text of at least {SAME_TEXT} characters stands in at least {SAME_TIMES} responses, but for "
                  "case and spaces")  # fmt: skip
BURST = Rule("burst_week", "Sent in a week with a burst",
             f"the responses of this language in this week are at least {LEAST}, more than {TIMES} times "
             f"the median of the {AROUND} weeks before and the {AROUND} after it, and far above their spread; where "
             f"fewer than {LEAST_AROUND} weeks lie around it, no week is one")  # fmt: skip
FORGED = Rule("no_such_answer", "Answers that no form lets through",
              "an answer that stands alone was given with another, or one is missing in a way that cannot "
              "occur")  # fmt: skip
EVERYWHERE = (FAST, STRAIGHT, SAME_WORDS, BURST, FORGED)


def read_rules(content: Path, survey: Survey) -> tuple[Rule, ...]:
    """Return all rules for a survey, its own last. Refusal: all that is wrong with these, at once."""
    path = declared(content, survey)
    if not path.exists():
        return EVERYWHERE
    problems: list[Problem] = []
    root = Table(read_toml(path), f"{path.parent.name}/{path.name}", problems)
    root.knows("finding")  # read by findings
    variables = {variable.id: variable for variable in codebook(survey)}
    own = [_rule(table, variables) for table in root.tables("flag", "flag")]
    ids = [rule.id for rule in (*EVERYWHERE, *own)]
    for twice in sorted({identity for identity in ids if ids.count(identity) > 1}):
        root.fault("flags.duplicate", f"The id “{twice}” is used twice.", "Please rename one of the two.")
    if problems:
        raise Refusal(problems)
    return (*EVERYWHERE, *own)


def _rule(table: Table, variables: Mapping[str, Variable]) -> Rule:
    kind, text = table.text("kind"), table.text("when")
    if kind not in KINDS:
        table.fault("flags.kind", f"“{kind}” is no kind of flag.", f"Please use one of: {', '.join(KINDS)}.")
    when = None
    try:
        when = parse(text, table.place)
    except Refusal as refusal:
        table.problems.extend(refusal.problems)
    rule = Rule(table.text("id"), table.text("title"), in_plain(text), when)
    table.finish()
    for name in sorted(questions(when) if when is not None else ()):
        if name not in variables or variables[name].kind == "text":
            table.fault("flags.unknown_question", f"The survey has no closed question “{name}”.",
                        "Please correct its name.")  # fmt: skip
    for name, value in sorted(literals(when) if when is not None else (), key=str):
        if name in variables and variables[name].kind != "text" and str(value) not in variables[name].codes:
            table.fault("flags.unknown_code", f"“{name}” has no code “{value}”.",
                        f"Please use one of: {', '.join(sorted(variables[name].codes))}.")  # fmt: skip
    return rule


class Seen(NamedTuple):
    """What one response gives to cleaning: its own flags, fingerprints of longer texts, how and when it came."""

    own: Sequence[str]
    texts: Sequence[str]
    came: tuple[str, str]


class Cleaner:
    """Looks at one response after another, each by itself."""

    def __init__(self, survey: Survey, rules: Sequence[Rule] = EVERYWHERE) -> None:
        self._variables = {variable.id: variable for variable in codebook(survey)}
        self._matrices, self._structure, self._rules = _matrices(survey), survey.structure, rules

    def seen(self, response: Response) -> Seen:
        own = own_flags(response, self._variables, self._matrices, self._rules, self._structure)
        texts = [text.hex() for text in texts_of(response)]
        return Seen(sorted(own), texts, (response.context.language, response.context.week))


class Common:
    """What shows only where all are looked at together: how often a text was written, and how many came when."""

    def __init__(self) -> None:
        self._texts, self._came = Counter[str](), Counter[tuple[str, str]]()
        self._busy: set[tuple[str, str]] = set()

    def note(self, seen: Seen) -> None:
        self._texts.update(seen.texts)
        self._came[seen.came] += 1

    def settle(self) -> None:
        """Find what stands out, once all are noted."""
        self._busy = _busy(self._came)

    def flags(self, seen: Seen) -> frozenset[str]:
        """Return the ids of all rules that flag a response."""
        found = set(seen.own)
        if any(self._texts[text] >= SAME_TIMES for text in seen.texts):
            found.add(SAME_WORDS.id)
        if seen.came in self._busy:
            found.add(BURST.id)
        return frozenset(found)


def own_flags(
    response: Response, variables: Mapping[str, Variable], matrices: Sequence[Sequence[str]], rules: Sequence[Rule],
    structure: str,
) -> set[str]:  # fmt: skip
    """Return the flags of a response that follow from itself alone."""
    found = {rule.id for rule in rules if rule.when is not None and _holds(rule.when, response, variables)}
    if _fast(response, variables):
        found.add(FAST.id)
    if _straight(response, matrices):
        found.add(STRAIGHT.id)
    if _forged(response, variables, structure):
        found.add(FORGED.id)
    return found


def _holds(when: Condition, response: Response, variables: Mapping[str, Variable]) -> bool:
    def lookup(name: str) -> Value:
        codes = response.codes[QuestionId(name)]
        if isinstance(codes, Missing):
            return None
        if variables[name].multiple:
            return codes
        return int(codes[0]) if variables[name].kind in ("scale", "number") else codes[0]

    return evaluate(when, lookup) is True


def _fast(response: Response, variables: Mapping[str, Variable]) -> bool:
    answers = Counter(
        variables[q].page for q, codes in response.codes.items() if not isinstance(codes, Missing)
    )
    looked_at = [page for page in response.times if answers[page] >= FAST_ANSWERS]
    fast = sum(response.times[page] == 0 for page in looked_at)
    return fast >= FAST_PAGES and 2 * fast >= len(looked_at)


def _matrices(survey: Survey) -> tuple[tuple[str, ...], ...]:
    rows: dict[str, list[str]] = {}
    for question in survey.questions:
        if question.matrix is not None:
            rows.setdefault(question.matrix.id, []).append(question.id)
    return tuple(tuple(own) for own in rows.values())


def _straight(response: Response, matrices: Sequence[Sequence[str]]) -> bool:
    answered = []
    for rows in matrices:
        given = [codes for row in rows if not isinstance(codes := response.codes[QuestionId(row)], Missing)]
        if len(given) >= STRAIGHT_ROWS:
            answered.append(len(set(given)))
    return bool(answered) and set(answered) == {1}


def _forged(response: Response, variables: Mapping[str, Variable], structure: str) -> bool:
    """Tell whether something cannot be; what an earlier version let through is not known here."""
    if response.context.structure != structure:
        return False
    for question, codes in response.codes.items():
        variable = variables[question]
        if isinstance(codes, Missing):
            if codes not in variable.possible:
                return True
        elif len(codes) > 1 and any(c.exclusive and c.codes & set(codes) for c in variable.categories):
            return True
    return False


def texts_of(response: Response) -> set[bytes]:
    """Return fingerprints of the longer texts of a response; these cannot be turned back into words."""
    plain = (" ".join(text.casefold().split()) for text in response.words.values())
    return {hashlib.sha256(text.encode()).digest()[:12] for text in plain if len(text) >= SAME_TEXT}


def _busy(counts: Mapping[tuple[str, str], int]) -> set[tuple[str, str]]:
    """Return the languages and weeks with a burst."""
    weeks = weeks_between(week for _, week in counts)
    found: set[tuple[str, str]] = set()
    for language in {language for language, _ in counts}:
        series = [counts.get((language, week), 0) for week in weeks]
        found |= {(language, week) for place, week in enumerate(weeks) if stands_out(series, place)}
    return found
