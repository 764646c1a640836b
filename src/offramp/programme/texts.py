"""The prose files of a programme, `text/<language>/<step>.md`, and whether each language has the same as the English.

Not here: Markdown (prose), what is recorded (record). The invariant: where nothing is wrong, block n of a translation
is the translation of block n of the English, so that they can be read, and kept in step, side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

from offramp.errors import Problem
from offramp.language import LANGUAGES, SOURCE, Tag
from offramp.programme.definition import Step, StepId, StepKind
from offramp.programme.prose import Block, Prose, read_prose
from offramp.programme.record import FILE, Record, Standing, paragraphs
from offramp.survey import unlike_english

Proses = Mapping[Tag, Mapping[StepId, Prose]]
# These are nothing without prose; a check-in and a worksheet may do with what they ask and show.
_NEED_PROSE = (StepKind.READING, StepKind.EXERCISE)
_FIRST_WORDS = 60


def read_texts(folder: Path, tag: Tag, steps: Sequence[Step], problems: list[Problem]) -> dict[StepId, Prose]:
    """Return the prose of a language by step; what is wrong with it joins `problems`."""
    home = folder / "text" / tag
    found: dict[StepId, Prose] = {}
    known = {f"{step.id}.md": step for step in steps}
    for path in sorted(home.glob("*")) if home.is_dir() else ():
        place = f"{folder.name}/text/{tag}/{path.name}"
        step = known.get(path.name)
        if step is not None:
            text = _read(path, place, problems)
            found[step.id] = read_prose(text, tag, place, problems) if text is not None else Prose()
        elif path.name != FILE:
            problems.append(Problem("programme.foreign_text", place, "This is the prose of no step.",
                                    "Please remove it, or call it as its step."))  # fmt: skip
    if tag == SOURCE:
        for step in steps:
            if step.id not in found and step.kind in _NEED_PROSE:
                problems.append(Problem("programme.missing_text", f"{folder.name}/text/{tag}/{step.id}.md",
                                        f"The {step.kind} “{step.id}” has no prose.",
                                        "Please write this file."))  # fmt: skip
    return found


def _read(path: Path, place: str, problems: list[Problem]) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem("programme.unreadable", place, f"The file cannot be read ({type(error).__name__}).",
                                "Please save it as UTF-8, or check its permissions."))  # fmt: skip
        return None


def language_faults(
    folder: str, tag: Tag, proses: Proses, record: Record, strictly: bool
) -> Iterator[Problem]:
    """Yield where the prose of a language is not that of the English: missing, of another shape, or stale."""
    english, own = proses[SOURCE], proses[tag]
    for step in sorted(english.keys() | own.keys()):
        place = f"{folder}/text/{tag}/{step}.md"
        if step not in own:
            yield Problem("programme.missing_text", place, "This prose is not translated.",
                          f"Please translate text/{SOURCE}/{step}.md, block by block.")  # fmt: skip
        elif step not in english:
            yield Problem("programme.foreign_text", place, "The English has no prose for this step.",
                          "Please remove it, or write the English first.")  # fmt: skip
        elif faults := list(shape_faults(place, english[step], own[step])):
            yield from faults
        else:
            yield from _standing(place, tag, english[step], own[step], record.made_from.get(step, ()))
            if strictly:
                yield from _unlike(place, tag, english[step], own[step])
    for name in sorted(record.made_from.keys() - own.keys()):
        yield Problem("programme.unknown_record", f"{folder}/text/{tag}/{FILE}, {name}",
                      "This language has no prose of this name.", "Please remove the line.")  # fmt: skip


def shape_faults(place: str, english: Prose, own: Prose) -> Iterator[Problem]:
    """Yield the first block that is not of the kind of the English one at its place."""
    for number, (wanted, there) in enumerate(zip_longest(english.blocks, own.blocks), 1):
        kinds = tuple(block.kind if block else "nothing" for block in (wanted, there))
        if kinds[0] != kinds[1]:
            shown = wanted or there
            yield Problem("programme.shape", f"{place}, block {number}",
                          f"Here is {_a(kinds[1])}, and in the English {_a(kinds[0])}{_first(shown)}.",
                          "Please write the same headings, paragraphs and lists in the same order.")  # fmt: skip
            # What follows is only moved by it.
            return


def _a(kind: str) -> str:
    return kind if kind == "nothing" else f"a {kind}"


def _first(block: Block | None) -> str:
    text = " ".join(block.source.split()) if block else ""
    return f" (“{text[:_FIRST_WORDS].rstrip()}{'…' if len(text) > _FIRST_WORDS else ''}”)"


def _standing(
    place: str, tag: Tag, english: Prose, own: Prose, made_from: tuple[str, ...]
) -> Iterator[Problem]:
    if not made_from:
        yield Problem("programme.unrecorded", place, "Nobody has said of which English this was made.",
                      f"Please compare the two, and type: offramp programme translated {tag}.")  # fmt: skip
        return
    for one in paragraphs(english, own, made_from):
        block = english.blocks[one.number - 1] if one.standing is not Standing.GONE else None
        if one.standing is Standing.STALE:
            yield Problem("programme.stale_text", f"{place}, block {one.number}",
                          f"The English has changed since it was translated{_first(block)}.",
                          f"Please look at it again, and type: offramp programme translated {tag}.")  # fmt: skip
        elif one.standing is Standing.MISSING:
            yield Problem("programme.stale_text", f"{place}, block {one.number}",
                          f"The English is new since this was translated{_first(block)}.",
                          f"Please translate it, and type: offramp programme translated {tag}.")  # fmt: skip
        elif one.standing is Standing.GONE:
            yield Problem("programme.stale_text", f"{place}, what was block {one.number}",
                          "The English has no such block any more.",
                          f"Please take it out here, and type: offramp programme translated {tag}.")  # fmt: skip


def _unlike(place: str, tag: Tag, english: Prose, own: Prose) -> Iterator[Problem]:
    """Yield blocks that are no translation by their looks; numbers may differ, as laws and services do."""
    texts = {f"block {number}": " ".join(block.spoken) for number, block in enumerate(own.blocks, 1)}
    source = {f"block {number}": " ".join(block.spoken) for number, block in enumerate(english.blocks, 1)}
    found = unlike_english(place, LANGUAGES[tag], texts, source)
    yield from (problem for problem in found if problem.code != "survey.other_numbers")
