"""What is recorded beside the prose of a language: of which English each paragraph was made, and who signed for it all.

`text/<language>/state.toml`, written by `offramp programme translated` and `offramp programme sign`. Values in, values
out; the command line writes the file. The invariant: a paragraph is in step only while its English is, word for word,
what it was when somebody said that it is translated; a signature says nothing of texts that were changed after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from pathlib import Path

from offramp.errors import Problem, Refusal
from offramp.language import State
from offramp.programme.prose import Block, Prose
from offramp.tables import Table, read_toml

FILE = "state.toml"


@dataclass(frozen=True, slots=True)
class Record:
    """`made_from` has the digests of the English blocks by step; `signed` is a state, initials, a day and a hash."""

    made_from: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    signed: str = ""

    def standing(self, text_hash: str) -> str:
        """Return what the signature is worth: "", "approved AB 2026-11-29", or that the texts changed since."""
        said, _, digest = self.signed.rpartition(" ")
        if not said:
            return ""
        return said if digest == text_hash else f"{said}, but the texts have changed since"

    def state(self, text_hash: str) -> State:
        """Return how far the texts of this hash have come by this signature."""
        said, _, digest = self.signed.rpartition(" ")
        name = said.partition(" ")[0].upper()
        return State[name] if name in State.__members__ and digest == text_hash else State.DRAFT


def read_record(path: Path, place: str, problems: list[Problem]) -> Record:
    """Return what is recorded of a language; nothing where nothing is recorded yet."""
    if not path.exists():
        return Record()
    try:
        table = Table(read_toml(path), place, problems)
    except Refusal as refusal:
        problems.extend(refusal.problems)
        return Record()
    steps = table.table("made_from")
    made = {step: steps.texts(step) for step in steps.values}
    signed = table.text("signed", "")
    table.finish()
    return Record(made, signed)


def write_record(record: Record) -> str:
    """Return the file of a record, steps in the order of their ids, so that a change of one is a change of one line."""
    lines = [
        "# Written by “offramp programme translated” and “offramp programme sign”; see docs/how-to/translator.md."
    ]
    lines += [f'signed = "{record.signed}"'] if record.signed else []
    lines += ["", "[made_from]"] if record.made_from else []
    for step, digests in sorted(record.made_from.items()):
        quoted = ", ".join(f'"{digest}"' for digest in digests)
        lines.append(f"{step} = [{quoted}]")
    return "\n".join(lines) + "\n"


class Standing(StrEnum):
    """How a paragraph stands to its English."""

    IN_STEP = "in step"
    STALE = "stale"
    MISSING = "missing"
    UNRECORDED = "not recorded"
    GONE = "no longer in the English"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One block of the English, by its place; one that is gone has the place that it had."""

    number: int
    standing: Standing
    english: str = ""


def paragraphs(english: Prose, translated: Prose | None, made_from: tuple[str, ...]) -> tuple[Paragraph, ...]:
    """Return how each block of the English stands in a translation, and which of it are gone."""
    if translated is None:
        return tuple(_each(english, Standing.MISSING, 0, len(english.blocks)))
    if not made_from:
        return tuple(_each(english, Standing.UNRECORDED, 0, len(english.blocks)))
    return tuple(_compared(english, made_from))


def _compared(english: Prose, made_from: tuple[str, ...]) -> Iterator[Paragraph]:
    now = [block.digest for block in english.blocks]
    for kind, a, b, c, d in SequenceMatcher(None, made_from, now, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from _each(english, Standing.IN_STEP, c, d)
            continue
        both = min(b - a, d - c)
        yield from _each(english, Standing.STALE, c, c + both)
        yield from _each(english, Standing.MISSING, c + both, d)
        yield from (Paragraph(number, Standing.GONE) for number in range(a + both + 1, b + 1))


def _each(english: Prose, standing: Standing, start: int, end: int) -> Iterator[Paragraph]:
    blocks: tuple[Block, ...] = english.blocks[start:end]
    yield from (Paragraph(number, standing, block.source) for number, block in enumerate(blocks, start + 1))
