"""A reader of reports who subtracts: what can be worked out from nothing but the printed page.

Written apart from the desk's own attack, and on purpose in another way: it reads the HTML, knows the questionnaire
and its rules, writes everything down as linear constraints, and narrows. It is also told which of the suppressed
counts are the small ones, which is more than a real reader knows.
The invariant: every constraint here is true of any study that respondents without stale tabs can make.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import lxml.html

from offramp.desk.codebook import Variable

N = "n"
MARK = "[c]"
KEPT, FLAGGED = "kept: ", "flagged: "
OF = {"Responses in this report": "", "Without flagged": KEPT}
LABELS = {
    "Skipped": "skipped", "Would rather not say": "rather_not_say", "Does not know": "dont_know",
    "Not valid": "invalid", "Not asked": "not_asked", "Part not taken": "not_drawn", "Not offered": "not_drawn",
    "Not drawn": "not_drawn", "Part not taken, or not drawn": "not_drawn",
    "Not in what was shown": "not_shown", "Not in this version": "not_in_version",
    "Shown, not sent": "seen_not_sent", "Not reached": "not_reached",
}  # fmt: skip
ON_PAGE = ("skipped", "rather_not_say", "dont_know", "invalid")
ANYTHING = 10**6


@dataclass
class Seen:
    """What stands on the page: printed numbers by name, and the names that carry the mark."""

    printed: dict[str, int] = field(default_factory=dict)
    marked: set[str] = field(default_factory=set)

    def note(self, name: str, text: str) -> None:
        if text == MARK:
            self.marked.add(name)
        else:
            self.printed[name] = int(text.replace(",", ""))

    def row(self, name: str, row: lxml.html.HtmlElement) -> None:
        """Note a row of a table: label, count, share, and both again without flagged responses."""
        self.note(name, row[1].text_content())
        if len(row) > 3 and row[3].text_content() != "–":
            self.note(f"{KEPT}{name}", row[3].text_content())

    def only(self, which: str) -> Seen:
        """Return one half by the names of the whole."""
        return Seen({name.removeprefix(which): n for name, n in self.printed.items() if name.startswith(which)},
                    {name.removeprefix(which) for name in self.marked if name.startswith(which)})  # fmt: skip

    @property
    def names(self) -> set[str]:
        return self.marked | self.printed.keys()


def read_report(html: str, variables: Sequence[Variable], pages: Iterable[str]) -> Seen:
    """Return everything that a report prints."""
    modules = _modules(variables)
    tree, seen = lxml.html.document_fromstring(html), Seen()
    _, by_language, by_week, last_page = tree.xpath("//h2[@id='stages']/following::table")[:4]
    heads = [head.text_content() for head in by_language.xpath(".//thead//th")[2:]]
    for row in by_language.xpath(".//tbody/tr")[:2]:
        if (which := OF.get(row[0].text_content())) is not None:
            seen.note(f"{which}{N}", row[1].text_content())
            for head, cell in zip(heads, row[2:], strict=True):
                seen.note(f"{which}language {head}", cell.text_content())
    heads = [head.text_content() for head in by_week.xpath(".//thead//th")]
    for row in by_week.xpath(".//tbody/tr"):
        seen.note(f"week {row[0].text_content()}", row[1].text_content())
        if heads[2:3] == ["Without flagged"]:
            seen.note(f"{KEPT}week {row[0].text_content()}", row[2].text_content())
    for row in tree.xpath("//h2[@id='marks']/following-sibling::table[1]/tbody/tr"):
        seen.row(f"marked {row[0].text_content()}", row)
    for row in tree.xpath("//h2[@id='cleaning']/following-sibling::table[1]/tbody/tr"):
        seen.note(f"flag {row[0].text}", row[1].text_content())
    left = [*pages, "none"]
    for row in last_page.xpath(".//tbody/tr[td]"):
        if row.get("class") == "all":
            # The sum of a module stands over its pages; which these are follows from the questionnaire.
            (module,) = (own for own in modules if own[0] == left[0])
            seen.row(f"ended in {module[0]}", row)
            continue
        several = len(row.xpath("./th/span")) if row.get("class") == "each" else 1
        for _ in range(several):
            seen.row(f"last {left.pop(0)}", row)
    assert left == []
    for variable in variables:
        (section,) = tree.xpath(f"//section[@id='q-{variable.id}']")
        caption = section.xpath(".//*[@class='base']")[0].text_content()
        for which, pattern in (("", r"Base n = (\S+)"), (KEPT, r"Without flagged responses, n = (\S+)\.")):
            if base := re.search(pattern, caption):
                seen.note(f"{which}{variable.id} base", base[1])
        rows = section.xpath(".//tbody/tr")
        for category, row in zip(variable.categories, rows, strict=variable.kind != "text"):
            seen.row(f"{variable.id} {category.id}", row)
        for line in section.xpath(".//div[@class='missing']//li"):
            name = f"{variable.id} {LABELS[line.text.strip()]}"
            seen.note(name, line[0].text_content())
            for without in line[1:]:
                seen.note(f"{KEPT}{name}", without.text_content().strip("()"))
    return seen


def _modules(variables: Iterable[Variable]) -> list[list[str]]:
    """Return the pages of each module, its offer first."""
    modules: dict[str, dict[str, None]] = {}
    for variable in variables:
        if variable.module:
            modules.setdefault(variable.module, {})[variable.page] = None
    return [list(pages) for pages in modules.values()]


@dataclass(frozen=True)
class Constraint:
    """A sum of counts, some taken away, that lies between two numbers."""

    plus: tuple[str, ...]
    minus: tuple[str, ...]
    low: int = 0
    high: int = 0


def twice(seen: Seen, variables: Sequence[Variable], pages: Sequence[str]) -> list[Constraint]:
    """Write down what is known of all responses, of those kept, and of the flagged ones, which are the difference."""
    known, half = constraints(seen, variables, pages), seen.only(KEPT)
    known += [
        Constraint(("flag Any of these",), (name,), 0, ANYTHING) for name in seen.names if name[:5] == "flag "
    ]
    if not half.names:
        return known
    own = [variable for variable in variables if f"{variable.id} base" in half.names]
    for which, some in ((KEPT, half), (FLAGGED, seen)):
        for each in constraints(some, own, pages):
            if some.names.issuperset((*each.plus, *each.minus)):
                plus, minus = (tuple(f"{which}{name}" for name in names) for names in (each.plus, each.minus))
                known.append(Constraint(plus, minus, each.low, each.high))
    known += [Constraint((name,), (f"{KEPT}{name}", f"{FLAGGED}{name}")) for name in half.names]
    # What stands at a question and not beside it cannot be among those kept: such an answer is itself a flag.
    ids = {variable.id for variable in own}
    known += [
        Constraint((name,), (f"{FLAGGED}{name}",))
        for name in seen.names - half.names
        if name.split()[0] in ids and len(name.split()) == 2
    ]
    known.append(Constraint(("flag Any of these",), (f"{FLAGGED}{N}",)))
    return known


def constraints(seen: Seen, variables: Sequence[Variable], pages: Sequence[str]) -> list[Constraint]:
    """Write down all that a reader knows of how the counts hang together."""
    known: list[Constraint] = []
    known += [Constraint((N,), (name,), 0, ANYTHING) for name in seen.names if name.startswith("marked ")]
    for kind in ("language ", "week ", "last "):
        known.append(
            Constraint((N,), tuple(sorted(n for n in seen.names if n.startswith(kind) and ">" not in n)))
        )
    for variable in variables:
        q = variable.id
        missing = [f"{q} {code}" for code in dict.fromkeys(LABELS.values()) if f"{q} {code}" in seen.names]
        known.append(Constraint((N,), (f"{q} base", *missing)))
        rows = [
            f"{q} {category.id}" for category in variable.categories if f"{q} {category.id}" in seen.names
        ]
        if variable.multiple:
            known += [Constraint((f"{q} base",), (row,), 0, ANYTHING) for row in rows]
            known.append(Constraint(tuple(rows), (f"{q} base",), 0, ANYTHING))
        elif rows:
            known.append(Constraint((f"{q} base",), tuple(rows)))
        known += _routed(seen, variable)
    for module in _modules(variables):
        known.append(Constraint((f"ended in {module[0]}",), tuple(f"last {page}" for page in module)))
        known += _left_out(seen, [variable for variable in variables if variable.page in module])
    return known + _pages(seen, variables, pages)


def _routed(seen: Seen, variable: Variable) -> list[Constraint]:
    """Whoever was asked on condition gave the answer that leads there."""
    sent = [f"{variable.id} {code}" for code in ("base", *ON_PAGE)]
    inside = tuple(name for name in sent if name in seen.names)
    routed = []
    for need in variable.needs:
        leading = tuple(f"{need.question} {code}" for code in sorted(need.codes))
        # Numbers that are counted in bands have no row for each code.
        if seen.names.issuperset(leading):
            routed.append(Constraint(leading, inside, 0, ANYTHING))
    return routed


def _left_out(seen: Seen, module: Sequence[Variable]) -> list[Constraint]:
    """Whoever did not get a part's questions had left it out, had ended all parts, or had not answered the offer."""
    offer, *asked = module
    said = [*(c.id for c in offer.categories if c.id != "take"), "not_drawn", *ON_PAGE]
    names = tuple(name for code in said if (name := f"{offer.id} {code}") in seen.names)
    return [Constraint((f"{variable.id} not_drawn",), names) for variable in asked if variable.drawn == 100]


def _pages(seen: Seen, variables: Sequence[Variable], pages: Sequence[str]) -> list[Constraint]:
    """What questions of one page share, and how pages that everybody meets follow each other."""
    known: list[Constraint] = []
    first = {page: next((v for v in variables if v.page == page), None) for page in pages}
    for variable in variables:
        twin = first[variable.page]
        if twin is None or (twin.relevant, twin.drawn) != (variable.relevant, variable.drawn):
            continue
        for code in ("seen_not_sent", "not_reached", "not_drawn"):
            if twin is not variable and f"{variable.id} {code}" in seen.names:
                known.append(Constraint((f"{variable.id} {code}",), (f"{twin.id} {code}",)))
    met = [
        next((v for v in variables if v.page == page and not v.relevant and v.drawn == 100), None)
        for page in pages
    ]
    for one, two in pairwise(met):
        if one is None or two is None or not {one.part, two.part} <= {"core", "offer"}:
            continue
        if "offer" in (one.part, two.part) and len(_modules(variables)) > 1:
            # With several modules the next page may be another offer, or none.
            continue
        gone = [
            name for code in ("seen_not_sent", "not_reached") if (name := f"{one.id} {code}") in seen.names
        ]
        if f"{two.id} not_reached" in seen.names:
            known.append(Constraint((f"{two.id} not_reached",), tuple(gone)))
        known.append(Constraint((f"{two.id} seen_not_sent",), (f"last {one.page}",)))
    return known


Ranges = dict[str, tuple[int, int]]


def at_first(seen: Seen, small: Iterable[str]) -> Ranges:
    """Return what each count can be before anything is subtracted."""
    ranges = {name: (max(10, n - 2), n + 2) for name, n in seen.printed.items()}
    # What is kept is withheld where it is small, and where the flagged rest would be known: there no mark tells which.
    ranges |= {name: (0 if name.startswith(KEPT) else 10, ANYTHING) for name in seen.marked}
    return ranges | {name: (0, 9) for name in small if name in seen.marked}


def narrow(ranges: Ranges, known: list[Constraint]) -> Ranges:
    """Use every constraint on every count until nothing changes."""
    ranges = dict(ranges)
    changed = True
    while changed:
        changed = False
        for each in known:
            low = sum(ranges[n][0] for n in each.plus) - sum(ranges[n][1] for n in each.minus)
            high = sum(ranges[n][1] for n in each.plus) - sum(ranges[n][0] for n in each.minus)
            for name in (*each.plus, *each.minus):
                lowest, highest = ranges[name]
                if name in each.plus:
                    better = (
                        max(lowest, each.low - (high - highest)),
                        min(highest, each.high - (low - lowest)),
                    )
                else:
                    better = (
                        max(lowest, (low + highest) - each.high),
                        min(highest, (high + lowest) - each.low),
                    )
                assert better[0] <= better[1], f"the reader knows something of {name} that is not so"
                if better != (lowest, highest):
                    ranges[name], changed = better, True
                    low = sum(ranges[n][0] for n in each.plus) - sum(ranges[n][1] for n in each.minus)
                    high = sum(ranges[n][1] for n in each.plus) - sum(ranges[n][0] for n in each.minus)
    return ranges


def works_out(seen: Seen, truth: Mapping[str, int], known: list[Constraint]) -> dict[str, tuple[int, int]]:
    """Return what the reader learns of every suppressed count under ten."""
    small = [name for name in seen.marked if truth[name] < 10]
    ranges = at_first(seen, small)
    # What is flagged stands nowhere, and has no mark: it has to be worked out.
    hidden = {name for each in known for name in (*each.plus, *each.minus) if name.startswith(FLAGGED)}
    ranges = narrow(ranges | dict.fromkeys(hidden, (0, ANYTHING)), known)
    small += [name for name in hidden if truth[name] < 10]
    for name, (low, high) in ranges.items():
        assert low <= truth[name] <= high, (
            f"the reader errs about {name}: {low} to {high}, and it is {truth[name]}"
        )
    return {name: ranges[name] for name in small}
