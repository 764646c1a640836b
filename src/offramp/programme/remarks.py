"""What a check says of a sound programme that somebody may want to know, and that stops nothing.

Pure but for looking which words are listed. The invariant: a remark is no fault; whoever reads none has missed nothing
that would be refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from offramp.errors import Problem
from offramp.language import State, Tag
from offramp.programme.check import DEFINITION, WORDS
from offramp.programme.definition import Programme, StepKind
from offramp.programme.readability import FORMULAS, measured
from offramp.programme.tone import read_tone
from offramp.programme.wording import spoken


def remarks(folder: Path, programme: Programme) -> Iterator[Problem]:
    """Yield what is unsigned, what no worksheet shows, and what nobody measures."""
    tones = read_tone(folder.resolve().parent / WORDS, [])
    for tag, catalogue in programme.catalogues.items():
        place = f"{programme.slug}, {tag}"
        if catalogue.state is State.DRAFT:
            signed = programme.signed.get(tag, "")
            what = f"Signed {signed}." if signed else "Nobody has signed for these texts."
            yield Problem("programme.unsigned", place, what,
                          f"Please have them read: offramp programme proof {tag}, then sign.")  # fmt: skip
        if tag not in tones:
            yield Problem("programme.no_words", place, "There is no list of words that shame or excuse.",
                          f"Please add one to {WORDS}.")  # fmt: skip
        if tag not in FORMULAS:
            yield Problem("programme.not_measured", place, "How hard it is to read is not measured in this language.",
                          "Please let somebody read it aloud.")  # fmt: skip
    shown = {name for sheet in programme.worksheets for part in sheet.parts for name in part.questions}
    for step in (step for step in programme.steps if step.kind is StepKind.EXERCISE):
        page = programme.page(step)
        if page and not any(question.id in shown for question in page.questions):
            yield Problem("programme.not_shown", f"{programme.slug}/{DEFINITION}, step {step.id}",
                          "No worksheet shows anything of it back.",
                          "Please let a worksheet gather it, unless its own page is enough.")  # fmt: skip


def hardest(programme: Programme, tag: Tag) -> tuple[str, float, str]:
    """Return the formula of a language, its figure for the step that is hardest to read, and that step."""
    formula = FORMULAS.get(tag)
    figures = []
    for step in programme.steps if formula else ():
        texts = programme.catalogues[tag].texts
        figure = measured(tag, spoken(step, programme.prose[tag].get(step.id), programme.page(step), texts))
        figures += [(figure, step.id)] if figure is not None else []
    if formula is None or not figures:
        return "", 0.0, ""
    figure, step_id = max(figures) if formula.hard_above else min(figures)
    return formula.name, figure, step_id
