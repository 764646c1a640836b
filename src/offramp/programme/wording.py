"""How a programme is worded: words that shame or excuse, and steps that are hard to read.

For the check, pure. Not here: the lists (tone), the formulas (readability). The invariant: every text that a person can
meet is looked at in every language that has a list, or a formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from offramp.errors import Problem
from offramp.language import Tag
from offramp.programme.definition import Step, StepId
from offramp.programme.prose import Prose
from offramp.programme.readability import FORMULAS, measured
from offramp.programme.tone import Tone
from offramp.survey import Page

Texts = Mapping[str, str]


def tone_faults(tag: Tag, tone: Tone | None, texts: Mapping[str, str]) -> Iterator[Problem]:
    """Yield the words that nobody says, in texts by their places; a question is told by the key in its place."""
    for place, text in texts.items() if tone else ():
        for what, word in tone.found(text) if tone else ():
            yield Problem("programme.tone", place, f"“{word}” {what}.",
                          f"Please say it without, or spare a phrase for {tag} in words.toml.")  # fmt: skip
        if "question/" in place:
            for words in tone.asks_for(text) if tone else ():
                yield Problem("programme.asks", place, f"“{words}”: no question asks for material, a child or a name.",
                              "Please ask about the person alone, or spare a phrase in words.toml.")  # fmt: skip


def spoken(step: Step, prose: Prose | None, page: Page | None, texts: Texts) -> tuple[str, ...]:
    """Return what somebody reads on a step, each a sentence or more."""
    questions = page.questions if page else ()
    keys = [f"question/{question.id}/{part}" for question in questions for part in ("text", "hint")]
    return (*(prose.spoken if prose else ()), *(texts[key] for key in keys if key in texts))


def level_faults(
    folder: str, tag: Tag, steps: Sequence[Step], prose: Mapping[StepId, Prose], pages: Mapping[str, Page], texts: Texts
) -> Iterator[Problem]:  # fmt: skip
    """Yield the steps that are harder to read than they should be."""
    formula = FORMULAS.get(tag)
    for step in steps if formula else ():
        figure = measured(tag, spoken(step, prose.get(step.id), pages.get(step.id), texts))
        if formula and figure is not None and formula.hard(figure):
            side = "most" if formula.hard_above else "least"
            yield Problem("programme.hard_to_read", f"{folder}/text/{tag}/{step.id}.md",
                          f"The step is at {figure} by {formula.name}; {formula.limit:g} is the {side}.",
                          "Please make two sentences of long ones, and use shorter words.")  # fmt: skip
