"""Keeping prose in step with its English, paragraph by paragraph, and signing for all texts of a language.

Reads a programme's folder; what is to be written comes back as the text of a file (record). Not here: short strings,
which are kept in step as those of surveys are. The invariant: nothing is recorded as translated whose blocks are not
those of the English, and nobody signs for texts that are not whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from offramp.errors import Problem, Refusal, refuse
from offramp.language import SOURCE, Tag
from offramp.programme.check import read_programme
from offramp.programme.definition import Programme, StepId
from offramp.programme.prose import Prose
from offramp.programme.record import FILE, Paragraph, Record, paragraphs, read_record, write_record
from offramp.programme.texts import read_texts, shape_faults


def prose_status(folder: Path, tag: Tag) -> Iterator[tuple[StepId, tuple[Paragraph, ...]]]:
    """Yield for each step with prose how each paragraph stands to the English as it is now."""
    english, own, record = _read(folder, tag)
    for step, prose in english.prose[SOURCE].items():
        yield step, paragraphs(prose, own.get(step), record.made_from.get(step, ()))


def translated(folder: Path, tag: Tag, steps: Sequence[str] = ()) -> str:
    """Return the record of a language in which these steps, or all, are said to be made of the English as it is now.

    Refusals: programme.unknown_step, programme.missing_text, programme.shape, and what is wrong with the English.
    """
    english, own, record = _read(folder, tag)
    prose = english.prose[SOURCE]
    problems: list[Problem] = []
    made = {step: digests for step, digests in record.made_from.items() if step in prose}
    for step in [StepId(name) for name in steps] or list(prose):
        place = f"{folder.name}/text/{tag}/{step}.md"
        if step not in prose:
            problems.append(Problem("programme.unknown_step", place, f"The English has no prose for “{step}”.",
                                    f"Please use one of: {', '.join(prose)}."))  # fmt: skip
        elif step not in own:
            problems.append(Problem("programme.missing_text", place, "This prose is not translated.",
                                    "Please translate it first."))  # fmt: skip
        else:
            problems.extend(shape_faults(place, prose[step], own[step]))
            made[step] = tuple(block.digest for block in prose[step].blocks)
    if problems:
        raise Refusal(problems)
    return write_record(replace(record, made_from=made))


def sign_texts(folder: Path, tag: Tag, said: str) -> str:
    """Return the record of a language with a signature ("approved AB 2026-11-29") over all its texts.

    Refusals: programme.unknown_language, and everything that is wrong with the programme.
    """
    programme = read_programme(folder)
    if tag not in programme.catalogues:
        raise refuse("programme.unknown_language", f"{folder.name}, {tag}", "The programme is not in this language.",
                     f"Please use one of: {', '.join(programme.catalogues)}.")  # fmt: skip
    record = _record(folder, tag)
    return write_record(replace(record, signed=f"{said} {programme.text_hash(tag)}"))


def _read(folder: Path, tag: Tag) -> tuple[Programme, dict[StepId, Prose], Record]:
    if tag == SOURCE:
        raise refuse("programme.source", f"{folder.name}, {tag}", "English is the source, and no translation.",
                     "Please name another language.")  # fmt: skip
    english = read_programme(folder, translated=False)
    problems: list[Problem] = []
    own = read_texts(folder, tag, english.steps, problems)
    if problems:
        raise Refusal(problems)
    return english, own, _record(folder, tag)


def _record(folder: Path, tag: Tag) -> Record:
    problems: list[Problem] = []
    record = read_record(folder / "text" / tag / FILE, f"{folder.name}/text/{tag}/{FILE}", problems)
    if problems:
        raise Refusal(problems)
    return record
