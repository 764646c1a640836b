"""The reader of tests/desk/reader.py, looking at questions that stand together: their tables, and what follows.

Written apart from the desk's own sums. The invariant: every constraint here is true of any study.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import lxml.html

from offramp.desk import wording
from offramp.desk.codebook import Category, Variable
from offramp.desk.findings import Finding
from offramp.desk.joint import Joint
from offramp.language import LANGUAGES, Catalogue
from offramp.survey import Missing, QuestionId, Response
from tests.desk.counting import english
from tests.desk.reader import ANYTHING, MARK, Constraint, N, Seen
from tests.desk.studies import WEEKS

Variables = Mapping[str, Variable]


def _groups(subject: str, names: Mapping[str, str]) -> Variable:
    groups = tuple(Category(code or "none", frozenset((code,)), name=name) for code, name in names.items())
    return Variable(subject, "", "", "", "group", groups, ())


# What is no question: who was counted when, in which language, and after which message (made-up ones met none).
GROUPS = {
    "week": _groups("week", {week: week for week in WEEKS}),
    "language": _groups("language", {tag: tongue.name for tag, tongue in LANGUAGES.items()}),
    "arm": _groups("arm", {"": "no message"}),
}


def steps(joint: Joint, variables: Variables) -> list[tuple[Variable, Variable]]:
    ways = [(variables[a], variables[b]) for way in joint.pathways for a, b in pairwise(way.steps)]
    groups = {**GROUPS, **variables}
    return ways + [(groups[each.by], variables[q]) for each in joint.crosstabs
                   if each.by != "survey" for q in each.questions]  # fmt: skip


def read_joint_tables(html: str, joint: Joint, variables: Variables, texts: Catalogue, seen: Seen) -> None:
    """Note everything that these tables print; answers that are only named carry the mark."""
    tree = lxml.html.document_fromstring(html)
    tables = tree.xpath("//table[@class='crossing']")
    for table, (one, other) in zip(tables, steps(joint, variables), strict=True):
        name = f"{one.id} > {other.id}"
        starts, ends = (
            {wording.label(each, texts, english())[0]: each.id for each in question.categories}
            for question in (one, other)
        )  # fmt: skip
        every, *groups = table.xpath("./tbody")
        _group(every, name, "", ends, seen)
        for group in groups:
            label = group.xpath("string(./tr[1]/th)").strip()
            _group(group, name, starts[label], ends, seen)
        for start in starts.values():
            seen.marked |= {cell for end in ("", *ends.values())
                            if (cell := _cell(name, start, end)) not in seen.printed}  # fmt: skip
        seen.marked |= {cell for end in ends.values() if (cell := _cell(name, "", end)) not in seen.printed}
    for compared in joint.halves:
        own = f"{compared.before} and {compared.after}"
        last, changes = tree.xpath(f"//h3[@id='h-{compared.id}']/following::table[@class='half']")[:3:2]
        for half, row in zip(("asked", "not asked"), last.xpath("./tbody/tr"), strict=True):
            seen.note(f"{own} {half}", row[1].text_content())
            seen.note(f"{own} {half} high", row[2].text_content())
        first = tree.xpath(f"//h3[@id='h-{compared.id}']/following::table[@class='half']")[1].xpath(
            "./tbody/tr[1]"
        )[0]
        assert first[1].text_content() in changes.xpath("string(./caption)")
        seen.note(f"{own} both high", first[2].text_content())
        both = changes.xpath("string(./caption)").split("Base: ")[1].split(" ")[0]
        seen.note(f"{own} both", both)
        for change, row in zip(("lower", "same", "higher"), changes.xpath("./tbody/tr"), strict=True):
            seen.note(f"{own} {change}", row[1].text_content())


def read_trends(html: str, joint: Joint, seen: Seen) -> None:
    """Note what stands there of findings over time."""
    tables = iter(lxml.html.document_fromstring(html).xpath("//table[@class='trend']"))
    for trend in joint.trends:
        for finding in trend.findings:
            for row in next(tables).xpath("./tbody/tr"):
                weeks = row[0].text_content().strip()
                seen.note(f"over time {finding}: {weeks} base", row[1].text_content())
                seen.note(f"over time {finding}: {weeks} counted", row[2].text_content())
    assert next(tables, None) is None


def read_findings_shown(html: str, findings: Mapping[str, Finding], seen: Seen) -> None:
    """Note count and base of each finding that is printed; of the others neither is known."""
    tree = lxml.html.document_fromstring(html)
    rows = {row.get("id")[2:]: row for row in tree.xpath("//tr[starts-with(@id, 'f-')]")}
    for name in findings:
        seen.note(f"finding {name} counted", rows[name][1].text_content() if name in rows else MARK)
        seen.note(f"finding {name} base", rows[name][2].text_content() if name in rows else MARK)


def finding_truth(responses: Sequence[Response], findings: Mapping[str, Finding]) -> Counter[str]:
    """Count findings directly."""
    counts: Counter[str] = Counter()
    for name, finding in findings.items():
        given = [_of_finding(response, finding) for response in responses]
        counts[f"finding {name} base"] = sum(bool(codes) for codes in given)
        counts[f"finding {name} counted"] = sum(bool(codes & finding.codes) for codes in given)
    return counts


def finding_constraints(findings: Mapping[str, Finding], variables: Variables) -> list[Constraint]:
    """Write down how findings hang together with the answers to their questions."""
    known: list[Constraint] = []
    for name, finding in findings.items():
        counted, base, outside, inside = _pieces(finding, variables[finding.question])
        known += [
            Constraint(counted, (f"finding {name} counted",)),
            Constraint((base, *inside), (f"finding {name} base", *outside)),
            Constraint((f"finding {name} base",), (f"finding {name} counted",), 0, ANYTHING),
        ]
    return known


def _of_finding(response: Response, finding: Finding) -> set[str]:
    """Return what of a response is in the base of a finding."""
    codes = response.codes[QuestionId(finding.question)]
    return {codes.value} & finding.inside if isinstance(codes, Missing) else set(codes) - finding.outside


def _pieces(
    finding: Finding, variable: Variable
) -> tuple[tuple[str, ...], str, tuple[str, ...], tuple[str, ...]]:
    """Return the names of what is counted, the question's base, what of it is outside, and what is in as well."""
    rows = {code: c.id for c in variable.categories for code in c.codes}
    counted, outside = (
        tuple(sorted({f"{variable.id} {rows[code]}" for code in codes}))
        for codes in (finding.codes, finding.outside)
    )
    return (
        counted,
        f"{variable.id} base",
        outside,
        tuple(f"{variable.id} {c}" for c in sorted(finding.inside)),
    )


def ranges(joint: Joint) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield each finding that is followed over time with each range of weeks: its name, and its weeks."""
    for trend in joint.trends:
        for finding in trend.findings:
            for start in range(0, len(WEEKS), trend.span):
                weeks = WEEKS[start : start + trend.span]
                yield finding, weeks[0] if len(weeks) == 1 else f"{weeks[0]} – {weeks[-1]}", weeks


def trend_truth(responses: Sequence[Response], joint: Joint, findings: Mapping[str, Finding]) -> Counter[str]:
    """Count findings over time directly, one response after another."""
    counts: Counter[str] = Counter()
    for name, title, weeks in ranges(joint):
        finding = findings[name]
        for response in responses:
            given = _of_finding(response, finding)
            if response.context.week in weeks and given:
                counts[f"over time {name}: {title} base"] += 1
                counts[f"over time {name}: {title} counted"] += bool(given & finding.codes)
    return counts


def trend_constraints(
    joint: Joint, findings: Mapping[str, Finding], variables: Variables
) -> list[Constraint]:
    """Write down how findings over time hang together with weeks and with their questions."""
    known: list[Constraint] = []
    by_finding: dict[str, list[str]] = {}
    for name, title, weeks in ranges(joint):
        own = f"over time {name}: {title}"
        known.append(Constraint((f"{own} base",), (f"{own} counted",), 0, ANYTHING))
        known.append(Constraint(tuple(f"week {week}" for week in weeks), (f"{own} base",), 0, ANYTHING))
        by_finding.setdefault(name, []).append(own)
    for name, cells in by_finding.items():
        finding = findings[name]
        counted, base, outside, inside = _pieces(finding, variables[finding.question])
        known.append(Constraint(counted, tuple(f"{cell} counted" for cell in cells)))
        known.append(Constraint((base, *inside), (*(f"{cell} base" for cell in cells), *outside)))
        known.append(Constraint((f"finding {name} base",), tuple(f"{cell} base" for cell in cells)))
    return known


def _cell(name: str, start: str, end: str) -> str:
    return f"{name}: {start or 'any'} > {end or 'any'}"


def _group(group: lxml.html.HtmlElement, name: str, start: str, ends: Mapping[str, str], seen: Seen) -> None:
    head, *rows = group.xpath("./tr")
    seen.note(_cell(name, start, ""), head[1].text_content())
    for row in rows:
        if row.get("class") == "rest":
            assert row.text_content().startswith(MARK)
            continue
        seen.note(_cell(name, start, ends[row[0].text_content().strip()]), row[1].text_content())


def joint_truth(responses: Sequence[Response], joint: Joint, variables: Variables) -> Counter[str]:
    """Count directly, one response after another."""
    counts: Counter[str] = Counter()
    for response in responses:
        for one, other in steps(joint, variables):
            firsts, seconds = _given(response, one), _given(response, other)
            if firsts and seconds:
                for start in ("", *firsts):
                    for end in ("", *seconds):
                        counts[_cell(f"{one.id} > {other.id}", start, end)] += 1
        for compared in joint.halves:
            name = f"{compared.before} and {compared.after}"
            before, after = response.codes[compared.before], response.codes[compared.after]
            if not isinstance(after, tuple):
                continue
            half = f"{name} {'not asked' if before is Missing.NOT_DRAWN else 'asked'}"
            counts[half] += 1
            counts[f"{half} high"] += after[0] in compared.high
            if isinstance(before, tuple):
                counts[f"{name} both"] += 1
                counts[f"{name} both high"] += before[0] in compared.high
                one_, other_ = int(before[0]), int(after[0])
                counts[f"{name} {'same' if one_ == other_ else 'higher' if other_ > one_ else 'lower'}"] += 1
    return counts


def _given(response: Response, variable: Variable) -> list[str]:
    group = variable.kind == "group"
    codes = (getattr(response.context, variable.id),) if group else response.codes[variable.id]
    if isinstance(codes, Missing):
        return []
    return [category.id for category in variable.categories if category.codes & set(codes)]


def joint_constraints(joint: Joint, variables: Variables) -> list[Constraint]:
    """Write down how these counts hang together with each other and with each question by itself."""
    known: list[Constraint] = []
    for one, other in steps(joint, variables):
        name = f"{one.id} > {other.id}"
        starts, ends = ([category.id for category in question.categories] for question in (one, other))
        known += _covered(_cell(name, "", ""), [_cell(name, start, "") for start in starts], one.multiple)
        known += _covered(_cell(name, "", ""), [_cell(name, "", end) for end in ends], other.multiple)
        for start in starts:
            row = _cell(name, start, "")
            known += _covered(row, [_cell(name, start, end) for end in ends], other.multiple)
            if one.id != "arm":
                # How many came after which message stands nowhere else.
                known.append(Constraint((f"{one.id} {start}",), (row,), 0, ANYTHING))
        for end in ends:
            column = _cell(name, "", end)
            known += _covered(column, [_cell(name, start, end) for start in starts], one.multiple)
            known.append(Constraint((f"{other.id} {end}",), (column,), 0, ANYTHING))
        bases = (N if one.kind == "group" else f"{one.id} base", f"{other.id} base")
        known += [Constraint((base,), (_cell(name, "", ""),), 0, ANYTHING) for base in bases]
    for compared in joint.halves:
        own = f"{compared.before} and {compared.after}"
        before = tuple(f"{compared.before} {code}" for code in sorted(compared.high))
        high = tuple(f"{compared.after} {code}" for code in sorted(compared.high))
        known += [
            Constraint((f"{compared.after} base",), (f"{own} asked", f"{own} not asked")),
            Constraint(high, (f"{own} asked high", f"{own} not asked high")),
            *(Constraint((f"{own} {half}",), (f"{own} {half} high",), 0, ANYTHING) for half in ("asked", "not asked")),
            Constraint((f"{own} asked",), (f"{own} both",), 0, ANYTHING),
            Constraint((f"{compared.before} base",), (f"{own} both",), 0, ANYTHING),
            Constraint((f"{own} both",), (f"{own} both high",), 0, ANYTHING),
            # Whoever is high at one time alone rose or fell.
            Constraint((f"{own} both high", f"{own} higher", f"{own} asked"), (f"{own} asked high", f"{own} both"),
                       0, ANYTHING),
            Constraint((f"{own} asked high", f"{own} lower"), (f"{own} both high",), 0, ANYTHING),
            Constraint(before, (f"{own} both high",), 0, ANYTHING),
            Constraint((f"{own} both",), tuple(f"{own} {change}" for change in ("lower", "same", "higher"))),
        ]  # fmt: skip
    return known


def _covered(total: str, parts: Sequence[str], several: bool) -> list[Constraint]:
    if not several:
        return [Constraint((total,), tuple(parts))]
    inside = [Constraint((total,), (part,), 0, ANYTHING) for part in parts]
    return [*inside, Constraint(tuple(parts), (total,), 0, ANYTHING)]
