"""Invented questionnaires, and studies of them: random pages, kinds, routing, parts, samples, flags, findings, tables.

Not here: reading a report, or attacking it. The invariant: everything is a function of the random numbers handed in,
and whatever the checks of a survey, its findings and its tables would refuse is thrown away and drawn again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from random import Random

from offramp.desk import read_findings, read_joint, read_rules
from offramp.desk.clean import EVERYWHERE, Rule
from offramp.desk.findings import Finding
from offramp.desk.joint import Joint
from offramp.errors import Refusal
from offramp.store import Tally
from offramp.survey import Body, Survey, read_surveys
from tests.desk.studies import bodies

LANGUAGES = ("en", "es", "ar")
WEEKS = ("2026-W45", "2026-W46", "2026-W47", "2026-W48")
ARMS = ("", "neutral", "harm-negative")
SIZES = (100, 102, 105, 110, 120, 140, 170, 220, 300, 420)
_HEAD = """
slug = "invented"
version = 1
state = "draft"
title = "Invented"
module_order = "{order}"
[consent]
purpose = "To try things out."
topics = "Tea."
minutes = 1
[[sample]]
id = "some"
share = {share}
"""


@dataclass(frozen=True, slots=True)
class Instrument:
    """A questionnaire with all that is declared beside it."""

    survey: Survey
    rules: tuple[Rule, ...]
    findings: tuple[Finding, ...]
    joint: Joint


@dataclass(slots=True)
class _Asked:
    """A question as it was written, for the conditions of later ones."""

    id: str
    kind: str
    codes: tuple[str, ...]
    exclusive: str = ""

    def test(self, random: Random) -> str:
        """Return a condition on it."""
        some = random.sample(self.codes, min(len(self.codes), random.choice((1, 1, 2))))
        match self.kind:
            case "single":
                return " or ".join(f"${{{self.id}}} = '{code}'" for code in some)
            case "multiple":
                return f"selected(${{{self.id}}}, '{some[0]}')"
            case _:
                return f"${{{self.id}}} {random.choice(('>=', '<=', '='))} {some[0]}"


class _Writer:
    """Writes one questionnaire, page after page."""

    def __init__(self, random: Random) -> None:
        self.random, self.asked, self.lines = random, list[_Asked](), list[str]()
        self.open: list[_Asked] = []

    def page(self, name: str, where: str, kinds: tuple[str, ...]) -> None:
        self.lines += ["[[page]]", f'id = "{name}"', where, 'title = "A page"']
        own = [self._question(f"{name}q{number}", kind, where) for number, kind in enumerate(kinds)]
        self.open += [each for each in own if each.codes]
        if "core" in where:
            self.asked += [each for each in own if each.codes]

    def _question(self, name: str, kind: str, where: str) -> _Asked:
        random, lines = self.random, self.lines
        lines += ["[[page.question]]", f'id = "{name}"', f'kind = "{kind}"', 'text = "What of it?"']
        codes: tuple[str, ...] = ()
        exclusive = ""
        match kind:
            case "single" | "multiple":
                codes = tuple(f"{letter}x" for letter in "abcdefg"[: random.randint(2, 6)])
                exclusive = codes[-1] if kind == "multiple" and random.random() < 0.6 else ""
                options = ", ".join(
                    f'{{ id = "{code}", text = "Option {code}"{", exclusive = true" if code == exclusive else ""} }}'
                    for code in codes
                )
                lines.append(f"options = [{options}]")
                if random.random() < 0.25:
                    lines += ["other = true", "max_length = 60"]
            case "scale":
                high = random.choice((3, 5, 10))
                codes = tuple(map(str, range(high + 1)))
                lines += ["low = 0", f"high = {high}", 'low_label = "Low"', 'high_label = "High"']
            case "number":
                high = random.choice((9, 40, 99))
                codes = tuple(map(str, range(min(high, 12))))
                lines += ["low = 0", f"high = {high}"]
            case "text":
                lines.append("max_length = 80")
        if kind != "text" and random.random() < 0.3:
            lines.append("dont_know = true")
        if "core" in where and random.random() < 0.1 and self.asked:
            lines.append('sample = "some"')
        elif self.asked and random.random() < 0.45:
            first, *more = random.sample(self.asked, min(len(self.asked), random.choice((1, 1, 1, 2))))
            joined = "".join(f" {random.choice(('and', 'or'))} ({each.test(random)})" for each in more)
            lines.append(f'relevant = "{f"({first.test(random)})" if more else first.test(random)}{joined}"')
        return _Asked(name, kind, codes, exclusive)


_KINDS = ("single", "single", "single", "multiple", "multiple", "scale", "number", "text")


def _kinds(random: Random, most: int) -> tuple[str, ...]:
    return tuple(random.choice(_KINDS) for _ in range(random.randint(1, most)))


def _written(random: Random) -> tuple[str, str, str]:
    """Return survey.toml, findings.toml and joint.toml."""
    writer, modules = _Writer(random), random.choice((0, 0, 1, 2))
    for number in range(random.randint(1, 4)):
        kinds = _kinds(random, 3)
        writer.page(f"core{number}", 'part = "core"', ("single", *kinds[1:]) if number == 0 else kinds)
    declared = "".join(
        f'[[module]]\nid = "part{number}"\ntitle = "Part {number}"\ninvite = "More?"\n'
        for number in range(modules)
    )
    for number in range(modules):
        for place in range(random.randint(1, 2)):
            writer.page(f"mod{number}{place}", f'module = "part{number}"', _kinds(random, 2))
    if random.random() < 0.7:
        writer.page("end", 'part = "closing"', random.choice((("text",), ("single",), ("text", "multiple"))))
    head = _HEAD.format(order=random.choice(("fixed", "random")), share=random.choice((30, 50, 80)))
    return (
        head + declared + "\n".join(writer.lines),
        _findings(random, writer.open) + _flags(random, writer.asked),
        _joint(random, writer.open),
    )


def _findings(random: Random, asked: list[_Asked]) -> str:
    lines = []
    for number in range(random.randint(0, 3)):
        one = random.choice(asked)
        if one.kind == "number":
            continue
        codes = random.sample(
            one.codes, 1 if one.kind == "multiple" else random.randint(1, len(one.codes) - 1)
        )
        rest = [code for code in one.codes if code not in codes]
        lines += ["[[finding]]", f'id = "finding{number}"', f'question = "{one.id}"', 'title = "Some"',
                  f"codes = {sorted(codes)}", 'sentence = "Of {base}, {percent} % did."']  # fmt: skip
        if one.kind == "multiple" and one.exclusive and one.exclusive not in codes and random.random() < 0.5:
            lines.append(f'outside = ["{one.exclusive}"]')
        elif one.kind != "multiple" and len(rest) > 1 and random.random() < 0.4:
            lines.append(f'outside = ["{rest[0]}"]')
        if one.kind == "single" and random.random() < 0.3:
            lines.append('inside = ["skipped"]')
    return "\n".join(lines).replace("'", '"') + "\n"


def _flags(random: Random, asked: list[_Asked]) -> str:
    lines = []
    for number in range(random.choice((0, 1, 1, 2, 3))):
        some = random.sample(asked, min(len(asked), random.choice((1, 2, 2))))
        joined = random.choice((" and ", " and ", " or ")).join(f"({each.test(random)})" for each in some)
        lines += ["[[flag]]", f'id = "flag{number}"', 'kind = "contradiction"', f'title = "Flag {number}"',
                  f'when = "{joined}"']  # fmt: skip
    return "\n".join(lines) + "\n"


def _joint(random: Random, asked: list[_Asked]) -> str:
    lines = []
    choices = [each for each in asked if each.kind in ("single", "multiple")]
    crossed: set[tuple[str, str]] = set()
    for number in range(random.choice((0, 0, 1, 2))):
        by = random.choice(("language", "week", "arm", *(each.id for each in choices)))
        others = [each.id for each in asked if each.id != by and (by, each.id) not in crossed
                  and each.kind in ("single", "multiple", "scale")]  # fmt: skip
        if others:
            chosen = random.sample(others, min(len(others), random.choice((1, 2))))
            crossed |= {(by, one) for one in chosen}
            lines += ["[[crosstab]]", f'id = "cross{number}"', 'title = "Cross"', f'by = "{by}"',
                      f"questions = {chosen}"]  # fmt: skip
    if len(choices) > 1:
        steps = sorted(random.sample(choices, min(len(choices), random.choice((2, 3)))), key=asked.index)
    if (
        len(choices) > 1
        and random.random() < 0.3
        and not crossed & {(a.id, b.id) for a, b in pairwise(steps)}
    ):
        lines += ["[[pathway]]", 'id = "way"', 'title = "Way"', f"steps = {[each.id for each in steps]}"]
    return "\n".join(lines).replace("'", '"') + "\n"


def instrument(random: Random) -> Instrument:
    """Return a questionnaire that every check lets through."""
    while True:
        survey_toml, findings_toml, joint_toml = _written(random)
        with tempfile.TemporaryDirectory() as name:
            content = Path(name)
            folder = content / "surveys" / "invented"
            folder.mkdir(parents=True)
            (content / "platforms.toml").write_text("", encoding="utf-8")
            for file, text in (("survey", survey_toml), ("findings", findings_toml), ("joint", joint_toml)):
                (folder / f"{file}.toml").write_text(text, encoding="utf-8")
            try:
                survey = read_surveys(content)["invented"]
                rules = read_rules(content, survey) if random.random() < 0.85 else EVERYWHERE
                return Instrument(survey, rules, read_findings(content, survey), read_joint(content, survey))
            except Refusal:
                continue


def crowd(instrument: Instrument, random: Random, how_many: int) -> list[list[Body]]:
    """Return made-up responses, each as its pages."""
    rates = {"leave": random.choice((0.01, 0.04, 0.12)), "skip": random.choice((0.02, 0.1, 0.3))}
    by_response: dict[str, list[Body]] = {}
    for body in bodies(instrument.survey, random.randrange(10**9), how_many, **rates):
        by_response.setdefault(body.context.response, []).append(body)
    return list(by_response.values())


def study(people: list[list[Body]], random: Random) -> list[Body]:
    """Return a study: some of a crowd, many of them more than once, in languages and weeks of which some are rare."""
    kinds = random.choices(people, [random.expovariate(1) for _ in people], k=random.choice(SIZES))
    languages, weeks, arms = (
        [some[min(int(random.expovariate(rate)), len(some) - 1)] for _ in kinds]
        for some, rate in (
            (LANGUAGES, random.choice((0.7, 2, 4))),
            (WEEKS, random.choice((0.5, 1.5))),
            (ARMS, 1.5),
        )
    )
    return [
        replace(
            body,
            context=replace(body.context, response=f"{number:032x}", language=language, week=week, arm=arm),
        )
        for number, (own, language, week, arm) in enumerate(zip(kinds, languages, weeks, arms, strict=True))
        for body in own
    ]


STAGES = ("consent_shown", "agreed", "declined", "under_18", "first_page", "module_taken", "finished")


def totals(random: Random) -> dict[Tally, int]:
    """Return what a server would have counted of stages, small numbers among it."""
    return dict(_tallies(random))


def _tallies(random: Random) -> Iterator[tuple[Tally, int]]:
    for stage in random.sample(STAGES, random.randint(0, len(STAGES))):
        mean = random.choice((3, 15, 60))
        for language in LANGUAGES[: random.randint(1, 3)]:
            for week in WEEKS[: random.randint(1, 4)]:
                if n := int(random.expovariate(1 / mean)):
                    yield Tally(stage, "invented", language, week), n
