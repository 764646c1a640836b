"""The frame of a report: all words around its figures, in one language, and the survey's own findings in it.

Read from content/report, and from what the desk itself names (missing codes, stages, flags). The invariant: a frame
that exists has every text in its language, so that nothing in a report falls back to English unsaid.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from offramp.desk import wording
from offramp.desk.clean import EVERYWHERE, Rule
from offramp.desk.findings import Finding, declared
from offramp.desk.joint import Crosstab, Halves, Joint, Pathway, Trend
from offramp.errors import Problem, Refusal, refuse
from offramp.language import (
    LANGUAGES,
    SOURCE,
    Catalogue,
    Language,
    State,
    Tag,
    read_english,
    read_translation,
    source_catalogue,
)
from offramp.survey import Survey

FILE = "report.toml"
Titled = TypeVar("Titled", Pathway, Halves, Crosstab, Trend)


@dataclass(frozen=True, slots=True)
class Frame:
    """The words of a report in one language; called with a key and what its placeholders stand for."""

    language: Language
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        # A percentage stays together with its sign at the end of a line.
        return self.texts[key].replace(" %", "\N{NO-BREAK SPACE}%").format(**values)

    def number(self, n: int) -> str:
        return f"{n:,}".replace(",", self.texts["figure/thousand"].removeprefix("1").removesuffix("000"))

    def decimal(self, value: float, places: int = 0) -> str:
        mark = self.texts["figure/decimal"].removeprefix("0").removesuffix("5")
        return f"{value:.{places}f}".replace(".", mark)

    def difference(self, value: float, places: int = 0) -> str:
        """Return a number with its sign, and none where it is nought as printed."""
        digits = self.decimal(abs(value), places)
        if not round(value, places):
            return digits
        return self.ltr(("+" if value > 0 else "\N{MINUS SIGN}") + digits)

    def share(self, share: int | str) -> str:
        return self("figure/share", n=share)

    def range(self, ends: Sequence[str]) -> str:
        """Return the first and the last of these; nothing of none."""
        if not ends:
            return ""
        return self.ltr(" – ".join(dict.fromkeys((ends[0], ends[-1]))))

    def ltr(self, text: str) -> str:
        """Return weeks and signed numbers so that nothing of them changes places where one reads from right to left."""
        return text if self.language.direction == "ltr" else f"\u2066{text}\u2069"


def frame_english(folder: Path) -> Catalogue:
    """Return the English words of the frame, those that the desk itself names among them."""
    problems: list[Problem] = []
    english = read_english(folder / FILE, problems)
    if problems:
        raise Refusal(problems)
    return source_catalogue({**english.texts, **wording.words(), **_of_rules(EVERYWHERE)}, english.state)


def own_words(findings: Iterable[Finding], joint: Joint, rules: Iterable[Rule]) -> dict[str, str]:
    """Return what a survey declares for its report in words: findings, what stands together, and its own flags."""
    words: dict[str, str] = {}
    for finding in findings:
        words |= {
            f"finding/{finding.id}/title": finding.title,
            f"finding/{finding.id}/sentence": finding.sentence,
        }
    every: list[Pathway | Halves | Crosstab | Trend]
    every = [*joint.pathways, *joint.halves, *joint.crosstabs, *joint.trends]
    for each in every:
        words[f"together/{each.id}/title"] = each.title
    return words | {f"flag/{rule.id}/title": rule.title for rule in rules if rule not in EVERYWHERE}


def read_frame(content: Path, tag: Tag) -> Frame:
    """Return the frame in a language. Refusals: report.frame, and all that is wrong with its texts."""
    english = frame_english(content / "report")
    if tag == SOURCE:
        return Frame(LANGUAGES[SOURCE], english.texts)
    path = content / "report" / "locale" / f"{tag}.po"
    if not path.exists():
        raise refuse("report.frame", "report", f"The words around the figures are not translated into “{tag}”.",
                     f"Please either translate them (offramp survey messages update {tag}), or take them in English: "
                     f"--frame {SOURCE}.")  # fmt: skip
    return Frame(LANGUAGES[tag], read_translation(path, english.texts).texts)


@dataclass(frozen=True, slots=True)
class Declared:
    """What a survey declares for its report, in the words of one language."""

    findings: tuple[Finding, ...]
    joint: Joint
    rules: tuple[Rule, ...]


def own_folder(content: Path, survey: Survey) -> Path:
    """Return where the translations of a survey's findings lie."""
    return declared(content, survey).parent / "findings"


def in_words(content: Path, survey: Survey, declared: Declared, frame: Frame) -> Declared:
    """Return what is declared in the language of the frame. Refusals: report.own_words, and what is wrong with it."""
    tag, english = frame.language.tag, own_words(declared.findings, declared.joint, declared.rules)
    if tag == SOURCE:
        return declared
    texts: Mapping[str, str] = {}
    if english:
        path = own_folder(content, survey) / f"{tag}.po"
        if not path.exists():
            what = f"The findings of “{survey.slug}” are not translated into “{tag}”."
            remedy = (
                f"either translate them (offramp survey messages update {tag}), or take the frame in English"
            )
            raise refuse("report.own_words", "report", what, f"Please {remedy}: --frame {SOURCE}.")
        texts = read_translation(path, english).texts
    return _translated(declared, texts, frame)


def _translated(declared: Declared, texts: Mapping[str, str], frame: Frame) -> Declared:
    def titled(each: Titled) -> Titled:
        return replace(each, title=texts[f"together/{each.id}/title"])

    joint = Joint(
        tuple(map(titled, declared.joint.pathways)), tuple(map(titled, declared.joint.halves)),
        tuple(map(titled, declared.joint.crosstabs)), tuple(map(titled, declared.joint.trends)),
    )  # fmt: skip
    findings = tuple(
        replace(each, title=texts[f"finding/{each.id}/title"], sentence=texts[f"finding/{each.id}/sentence"])
        for each in declared.findings
    )
    own = {rule.id: texts[f"flag/{rule.id}/title"] for rule in declared.rules if rule not in EVERYWHERE}
    rules = tuple(
        replace(rule, title=own[rule.id]) if rule.id in own
        else replace(rule, title=frame.texts[f"rule/{rule.id}"], what=frame.texts[f"rule/{rule.id}_means"])
        for rule in declared.rules
    )  # fmt: skip
    return Declared(findings, joint, rules)


def own_english(findings: Iterable[Finding], joint: Joint, rules: Iterable[Rule]) -> Catalogue:
    """Return what a survey declares as the source of translations."""
    return source_catalogue(own_words(findings, joint, rules), State.DRAFT)


def _of_rules(rules: Iterable[Rule]) -> dict[str, str]:
    return {key: text for rule in rules
            for key, text in ((f"rule/{rule.id}", rule.title), (f"rule/{rule.id}_means", rule.what))}  # fmt: skip
