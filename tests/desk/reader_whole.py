"""The reader of tests/desk/reader.py and reader_joint.py with the rest of a report, and with more sense.

It also reads findings with their shares and the stages of the server, and knows what conditions say: that whoever is
flagged by a rule, or asked on a condition, gave the answers that the printed rule names. The invariant: every
constraint here is true of any study that respondents without stale tabs can make.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations, pairwise, product

import lxml.html

from offramp.desk.codebook import Category, Variable, codebook
from offramp.desk.findings import Finding
from offramp.desk.sentences import percent
from offramp.desk.totals import STAGES
from offramp.desk.wording import STAGES as LABELS_OF_STAGES
from offramp.language import SOURCE
from offramp.rules import Condition, Value, evaluate, literals, questions
from offramp.store import Tally
from offramp.survey import Response
from tests.desk.counting import Cleaning
from tests.desk.invented import ARMS, LANGUAGES, WEEKS, Instrument
from tests.desk.reader import (
    ANYTHING,
    FLAGGED,
    KEPT,
    MARK,
    ON_PAGE,
    Constraint,
    N,
    Ranges,
    Seen,
    at_first,
    read_report,
    twice,
)
from tests.desk.reader_joint import joint_constraints, joint_truth, read_joint_tables, steps
from tests.desk.test_desk_attack import counted

PART = re.compile(r"Without flagged responses: (\d+)\N{NO-BREAK SPACE}% of ([\d,]+)\.")


@dataclass
class Whole:
    """Everything on a page: numbers, marks, and what a number that is only told as a share can stand for."""

    instrument: Instrument
    seen: Seen
    spans: Ranges = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, Variable]:
        return by_id(self.instrument)


def by_id(instrument: Instrument) -> dict[str, Variable]:
    """Return all variables of a report: questions, and the groups that responses are in."""
    names = {
        str(tag): str(catalogue.language.name) for tag, catalogue in instrument.survey.catalogues.items()
    }
    groups = (
        _groups("week", WEEKS, {}),
        _groups("language", tuple(dict.fromkeys((*names, *LANGUAGES))), names),
        _groups("arm", ARMS, {}),
    )
    return {variable.id: variable for variable in (*groups, *codebook(instrument.survey))}


def _groups(subject: str, codes: Sequence[str], names: Mapping[str, str]) -> Variable:
    kinds = tuple(
        Category(code or "none", frozenset((code,)), name=names.get(code, code or "no message"))
        for code in codes
    )
    return Variable(subject, "", "", "", "group", kinds, ())


# -- reading ----------------------------------------------------------------------------------------------------------


def read_whole(html: str, instrument: Instrument) -> Whole:
    """Return everything that a report prints."""
    survey, variables = instrument.survey, codebook(instrument.survey)
    whole = Whole(instrument, read_report(html, variables, [page.id for page in survey.pages]))
    read_joint_tables(html, instrument.joint, whole.variables, survey.catalogues[SOURCE], whole.seen)
    tree = lxml.html.document_fromstring(html)
    for finding in instrument.findings:
        _read_finding(tree, finding, whole)
    _read_stages(tree, whole.seen)
    _shares_say_no_more(tree)
    return whole


def _read_finding(tree: lxml.html.HtmlElement, finding: Finding, whole: Whole) -> None:
    names = [f"finding {finding.id} {what}" for what in ("n", "base")]
    rows = tree.xpath(f"//tr[@id='f-{finding.id}']")
    for name, place in zip(names, (1, 2), strict=True):
        whole.seen.note(name, rows[0][place].text_content() if rows else MARK)
    if not rows:
        return
    if told := PART.search(rows[0][0].text_content()):
        share, base = int(told[1]), int(told[2].replace(",", ""))
        fitting = [n for n in range(0, base + 6, 5) if percent(n, base) == share]
        whole.spans[f"{KEPT}{names[0]}"] = (max(10, fitting[0] - 2), fitting[-1] + 2)
        whole.seen.note(f"{KEPT}{names[1]}", str(base))
    elif "Without flagged" in rows[0][0].text_content():
        # One of the two is suppressed, and nobody says which.
        whole.spans |= {f"{KEPT}{name}": (0, ANYTHING) for name in names}


def _read_stages(tree: lxml.html.HtmlElement, seen: Seen) -> None:
    titles = {label: name for name, label in LABELS_OF_STAGES.items()}
    funnel, by_language, by_week = tree.xpath("//h2[@id='stages']/following::table")[:3]
    heads = [head.text_content() for head in by_language.xpath(".//thead//th")[2:]]
    for row in by_language.xpath(".//tbody/tr"):
        if stage := titles.get(row[0].text_content()):
            seen.note(f"stage {stage}", row[1].text_content())
            for head, cell in zip(heads, row[2:], strict=True):
                seen.note(f"stage {stage} language {head}", cell.text_content())
    heads = [head.text_content() for head in by_week.xpath(".//thead//th")[1:]]
    for row in by_week.xpath(".//tbody/tr"):
        for head, cell in zip(heads, row[1:], strict=True):
            if stage := titles.get(head):
                seen.note(f"stage {stage} week {row[0].text_content()}", cell.text_content())
    for row in funnel.xpath(".//tbody/tr"):
        name = f"stage {titles[row[0].text_content().strip()]}"
        assert row[1].text_content() == (MARK if name in seen.marked else f"{seen.printed[name]:,}")


def _shares_say_no_more(tree: lxml.html.HtmlElement) -> None:
    """Hold that a share stands only beside its count, and a bar only beside its share: neither says more."""
    for row in tree.xpath("//tr[td]"):
        cells = [cell.text_content().strip() for cell in row if cell.tag == "td"]
        for count, share in pairwise(cells):
            assert not (count == MARK and share.endswith("%")), f"a share of a suppressed count: {cells}"
        shares = {cell.rstrip("%\N{NO-BREAK SPACE}") for cell in cells if cell.endswith("%")}
        for bar in row.xpath(".//i/@style"):
            assert bar.removeprefix("width:").removesuffix("%") in shares, f"a bar without its share: {cells}"


# -- the truth --------------------------------------------------------------------------------------------------------


def whole_truth(
    instrument: Instrument, responses: list[Response], cleaning: Cleaning, totals: Mapping[Tally, int]
) -> Counter[str]:
    """Count all, those without a flag, and those with one, each directly."""
    survey = instrument.survey
    variables, pages = codebook(survey), [page.id for page in survey.pages]
    known = by_id(instrument)
    counts = counted(responses, variables, pages) + joint_truth(responses, instrument.joint, known)
    counts += _findings_truth(instrument.findings, responses, known)
    for which, flagged in ((KEPT, False), (FLAGGED, True)):
        half = [r for r, flags in zip(responses, cleaning.flags, strict=True) if bool(flags) is flagged]
        own = counted(half, variables, pages) + _findings_truth(instrument.findings, half, known)
        counts.update({f"{which}{cell}": n for cell, n in own.items()})
    for flags in cleaning.flags:
        counts.update(f"flag {rule.title}" for rule in cleaning.rules if rule.id in flags)
        counts["flag Any of these"] += bool(flags)
    for tally, n in totals.items():
        for place in ("", f" language {tally.language}", f" week {tally.period}"):
            counts[f"stage {tally.name}{place}"] += n
    return counts


def _findings_truth(
    findings: Sequence[Finding], responses: Sequence[Response], variables: Mapping[str, Variable]
) -> Counter[str]:
    counts: Counter[str] = Counter()
    for response in responses:
        for finding in findings:
            codes = response.codes[finding.question]  # type: ignore[index]
            given = set(codes) if isinstance(codes, tuple) else {codes.value}
            inside = (variables[finding.question].codes - finding.outside) | finding.inside
            counts[f"finding {finding.id} n"] += bool(given & finding.codes)
            counts[f"finding {finding.id} base"] += bool(given & inside)
    return counts


# -- what is known ----------------------------------------------------------------------------------------------------


def knowledge(whole: Whole, burst: Sequence[str] = ()) -> list[Constraint]:
    """Write down all that a reader knows; `burst` are the groups of which anybody sees that the burst lay in them."""
    survey, seen = whole.instrument.survey, whole.seen
    variables, by_id = codebook(survey), whole.variables
    known = twice(seen, variables, [page.id for page in survey.pages])
    known += joint_constraints(whole.instrument.joint, by_id)
    known += list(_crossed(whole))
    for finding in whole.instrument.findings:
        for which in ("", KEPT, FLAGGED):
            known += _found(finding, by_id[finding.question], which, whole)
    known += list(_asked_on_condition(whole)) + list(_flagged_by(whole, burst)) + list(_stages(seen))
    return known


def _found(finding: Finding, variable: Variable, which: str, whole: Whole) -> Iterator[Constraint]:
    """A finding is the sum of rows of its question."""
    n, base = (f"{which}finding {finding.id} {what}" for what in ("n", "base"))
    there = whole.seen.names | whole.spans.keys()
    if (which == KEPT and n not in there) or (which == FLAGGED and f"{KEPT}{n}" not in there):
        return
    inside = (variable.codes - finding.outside) | finding.inside

    def rows(codes: frozenset[str]) -> tuple[str, ...]:
        names = [f"{variable.id} {c.id}" for c in variable.categories if c.codes <= codes]
        names += [
            name
            for code in sorted(finding.inside & codes)
            if (name := f"{variable.id} {code}") in whole.seen.names
        ]
        return tuple(f"{which}{name}" for name in names)

    yield Constraint((n,), rows(finding.codes))
    if variable.multiple:
        alone = tuple(f"{which}{variable.id} {code}" for code in sorted(finding.outside))
        yield Constraint((f"{which}{variable.id} base",), (base, *alone))
        yield Constraint((base,), (n,), 0, ANYTHING)
    else:
        yield Constraint((base,), rows(inside))
    if which == FLAGGED:
        for what in ("n", "base"):
            name = f"finding {finding.id} {what}"
            yield Constraint((name,), (f"{KEPT}{name}", f"{FLAGGED}{name}"))


def _leading(condition: Condition, variables: Mapping[str, Variable], question: str) -> frozenset[str] | None:
    """Return the codes of a question of which whoever fulfils a condition has one; None where there may be none."""
    return _fulfilling(condition, tuple(variables[name] for name in sorted(questions(condition))))[question]


@cache
def _fulfilling(condition: Condition, named: tuple[Variable, ...]) -> dict[str, frozenset[str] | None]:
    fulfilling: list[set[Value]] = [set() for _ in named]
    for chosen in product(*([None, *_values(variable, condition)] for variable in named)):
        given = dict(zip((variable.id for variable in named), chosen, strict=True))
        if evaluate(condition, given.__getitem__) is True:
            for own, value in zip(fulfilling, chosen, strict=True):
                own.add(value)
    found: dict[str, frozenset[str] | None] = {}
    for variable, values in zip(named, fulfilling, strict=True):
        codes = [frozenset(map(str, v)) if isinstance(v, tuple) else frozenset((str(v),)) for v in values]
        joined = frozenset.intersection(*codes) if variable.multiple and codes else frozenset().union(*codes)
        found[variable.id] = None if None in values else joined
    return found


def _values(variable: Variable, condition: Condition) -> list[Value]:
    codes = sorted(variable.codes)
    if variable.multiple:
        # Of many options those that the condition does not name are all alike, so that two of them are enough.
        named = {str(value) for name, value in literals(condition) if name == variable.id}
        codes = (
            codes
            if len(codes) <= 8
            else [*named, *(code for code in codes if code not in named)][: len(named) + 2]
        )
        return [some for size in range(1, len(codes) + 1) for some in combinations(codes, size)]
    return [int(code) for code in codes] if variable.kind in ("scale", "number") else list(codes)


def _holders(
    condition: Condition, variables: Mapping[str, Variable], which: str = ""
) -> Iterator[tuple[str, ...]]:
    """Yield sums of rows, each of which everybody who fulfils a condition stands in."""
    for name in sorted(questions(condition)):
        codes = _leading(condition, variables, name)
        if codes is None:
            continue
        if variables[name].multiple:
            yield from ((f"{which}{name} {code}",) for code in sorted(codes))
            yield (f"{which}{name} base",)
        else:
            yield tuple(f"{which}{name} {c.id}" for c in variables[name].categories if c.codes & codes)


def _asked_on_condition(whole: Whole) -> Iterator[Constraint]:
    """Whoever was asked on condition gave the answers that lead there, and nobody else was."""
    survey, by_id, seen = whole.instrument.survey, whole.variables, whole.seen
    for question in survey.questions:
        if question.relevant is None or question.id not in by_id:
            continue
        sent = tuple(name for code in ("base", *ON_PAGE) if (name := f"{question.id} {code}") in seen.names)
        for which in ("", KEPT, FLAGGED):
            there = sent if which != KEPT else tuple(n for n in sent if f"{KEPT}{n}" in seen.names)
            if which and f"{KEPT}{question.id} base" not in seen.names:
                continue
            for rows in _holders(question.relevant, by_id, which):
                if which == "" or all(f"{KEPT}{row.removeprefix(which)}" in seen.names for row in rows):
                    yield Constraint(rows, tuple(f"{which}{name}" for name in there), 0, ANYTHING)


def _flagged_by(whole: Whole, burst: Sequence[str]) -> Iterator[Constraint]:
    """A rule that a survey declares is printed: whoever it flags gave these answers, and all of them."""
    by_id, seen = whole.variables, whole.seen
    for rule in whole.instrument.rules:
        flag = f"flag {rule.title}"
        if rule.when is None:
            continue
        for which in ("", FLAGGED):
            for rows in _holders(rule.when, by_id, which):
                if which == "" or all(f"{KEPT}{row.removeprefix(which)}" in seen.names for row in rows):
                    yield Constraint(rows, (flag,), 0, ANYTHING)
        names = sorted(questions(rule.when))
        if len(names) == 1 and not by_id[names[0]].multiple:
            codes = _leading(rule.when, by_id, names[0]) or frozenset()
            rows = [c for c in by_id[names[0]].categories if c.codes & codes]
            if all(c.codes <= codes for c in rows):
                yield Constraint((flag,), tuple(f"{names[0]} {c.id}" for c in rows))
        yield from _flagged_cells(whole, rule.when, flag)
    for group in burst:
        yield Constraint((group,), ("flag Sent in a week with a burst",), 0, ANYTHING)
        if f"{KEPT}{group}" in seen.names:
            yield Constraint((f"{FLAGGED}{group}",), ("flag Sent in a week with a burst",), 0, ANYTHING)


def _flagged_cells(whole: Whole, when: Condition, flag: str) -> Iterator[Constraint]:
    """Where the two questions of a rule stand together in a table, the flag is a sum of its cells."""
    by_id, names = whole.variables, questions(when)
    for one, other in steps(whole.instrument.joint, by_id):
        if {one.id, other.id} != names or one.multiple or other.multiple:
            continue
        if _leading(when, by_id, one.id) is None or _leading(when, by_id, other.id) is None:
            continue
        cells = []
        for start, end in product(one.categories, other.categories):
            given = {v.id: int(c.id) if v.kind in ("scale", "number") else c.id for v, c in ((one, start), (other, end))
                     if len(c.codes) == 1}  # fmt: skip
            if len(given) == 2 and evaluate(when, lambda name, given=given: given[name]) is True:  # type: ignore[misc]
                cells.append(f"{one.id} > {other.id}: {start.id} > {end.id}")
        if all(len(c.codes) == 1 for c in (*one.categories, *other.categories)):
            yield Constraint((flag,), tuple(cells))


def _crossed(whole: Whole) -> Iterator[Constraint]:
    """What a table of two shows again: a question by groups that everybody is in, or by the answer that leads to it."""
    by_id = whole.variables
    conditions = {question.id: question.relevant for question in whole.instrument.survey.questions}
    for one, other in steps(whole.instrument.joint, by_id):
        name = f"{one.id} > {other.id}"
        for leading, led, cell in ((one, other, "{0} > {1}"), (other, one, "{1} > {0}")):
            when = conditions.get(led.id)  # type: ignore[arg-type]
            codes = _leading(when, by_id, leading.id) if when and leading.id in questions(when) else None
            if leading.kind != "group" and codes is None:
                continue
            yield Constraint((f"{name}: any > any",), (f"{led.id} base",))
            for end in led.categories:
                yield Constraint((f"{name}: {cell.format('any', end.id)}",), (f"{led.id} {end.id}",))
                for start in leading.categories if codes is not None and not leading.multiple else ():
                    if not start.codes & (codes or frozenset()):
                        yield Constraint((f"{name}: {cell.format(start.id, end.id)}",), ())


def _stages(seen: Seen) -> Iterator[Constraint]:
    for stage in STAGES:
        for kind in ("language", "week"):
            parts = sorted(name for name in seen.names if name.startswith(f"stage {stage} {kind} "))
            if parts:
                yield Constraint((f"stage {stage}",), tuple(parts))


# -- ranges -----------------------------------------------------------------------------------------------------------


def with_rests(known: Sequence[Constraint], truth: Counter[str]) -> tuple[list[Constraint], list[str]]:
    """Name the difference of each two counts of which one lies in the other: it is a count of people as well."""
    named, rests = [], []
    for number, each in enumerate(known):
        ticks = len(each.minus) == 1 and len(each.plus) > 1
        if each.high != ANYTHING or ticks:
            named.append(each)
            continue
        rest = f"rest {number}: {' + '.join(each.plus)} - {' - '.join(each.minus)}"
        truth[rest] = sum(truth[name] for name in each.plus) - sum(truth[name] for name in each.minus)
        named.append(Constraint(each.plus, (*each.minus, rest)))
        rests.append(rest)
    return named, rests


def all_ranges(whole: Whole, known: Sequence[Constraint], truth: Mapping[str, int], told: bool) -> Ranges:
    """Return what each count can be before anything is subtracted; `told` which marks stand for small counts."""
    small = [name for name in whole.seen.marked if truth[name] < 10] if told else []
    ranges = at_first(whole.seen, small)
    if not told:
        ranges |= dict.fromkeys(whole.seen.marked, (0, ANYTHING))
    ranges |= whole.spans
    most = truth[N] + 2
    for each in known:
        for name in (*each.plus, *each.minus):
            ranges.setdefault(name, (0, ANYTHING))
    return {
        name: (low, min(high, most) if not name.startswith("stage ") else high)
        for name, (low, high) in ranges.items()
    }
