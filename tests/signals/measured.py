"""What the tables of content/signals find and miss, on sentences made for it. All of them are invented.

`*.tsv` here: when a sentence was written (before or after the tables were frozen), what it should be marked as
(`-` for an ordinary answer), and the sentence. The same hand wrote tables and sentences, so that real answers will
be found less often than these; what was written after the tables is the nearer guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from offramp.language import Tag
from offramp.survey import Mark, Signals, read_signals

HERE = Path(__file__).parent
CONTENT = HERE.parents[1] / "content"
BEFORE, AFTER = "before", "after"
ORDINARY = "-"
# Addresses belong to no language.
FILES = {"en": Tag("en"), "ar": Tag("ar"), "links": Tag("en")}


@dataclass(frozen=True, slots=True)
class Sentence:
    when: str
    wanted: str
    text: str
    found: tuple[Mark, ...]

    @property
    def danger(self) -> bool:
        return any(mark is not Mark.LINK for mark in self.found)


def sentences(file: str, signals: Signals) -> list[Sentence]:
    rows = (HERE / f"{file}.tsv").read_text(encoding="utf-8").splitlines()
    split = (row.split("\t") for row in rows)
    return [Sentence(when, wanted, text, signals(text, FILES[file])) for when, wanted, text in split]


def shipped() -> Signals:
    return read_signals(CONTENT / "signals" / "signals.toml")


def share(part: Sequence[object], whole: Sequence[object]) -> str:
    return f"{len(part):3d} of {len(whole):3d} ({100 * len(part) / len(whole):3.0f} %)" if whole else "none"


def lines(file: str, read: Sequence[Sentence]) -> list[str]:
    """Return what is to be said of one file, for each time of writing."""
    said = []
    for when in (BEFORE, AFTER):
        these = [each for each in read if each.when == when]
        ordinary = [each for each in these if each.wanted == ORDINARY]
        if ordinary:
            said.append(
                f"{file} {when:6} ordinary answers marked: {share([e for e in ordinary if e.found], ordinary)}"
            )
        told = [each for each in these if each.wanted not in (ORDINARY, Mark.LINK)]
        if told:
            said.append(
                f"{file} {when:6} disclosures marked at all: {share([e for e in told if e.danger], told)}"
            )
        for mark in Mark:
            of_kind = [each for each in these if each.wanted == mark]
            if of_kind:
                right = [each for each in of_kind if mark in each.found]
                other = [each for each in of_kind if set(each.found) - {mark}]
                said.append(f"{file} {when:6}   {mark:12} found: {share(right, of_kind)}, "
                            f"another kind as well or instead: {len(other)}")  # fmt: skip
    return said
