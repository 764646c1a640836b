"""How far somebody has come: which steps are shown, which are done, and where to go on. From entries alone.

Pure. Nothing of it is stored. The invariant: conditions show or hide a step and do nothing else; the answers of a step
that is hidden now decide nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from offramp.programme.definition import Module, Programme, Step, StepId
from offramp.programme.journal import Entry
from offramp.rules import Value, evaluate
from offramp.survey import Answer, QuestionId, value


class Place(StrEnum):
    """Where a step stands for one person; readings and worksheets are never done, they can be gone back to."""

    HIDDEN = "hidden"
    OPEN = "open"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Progress:
    """`go_on` is the step to offer next; nothing when the last one is reached."""

    places: Mapping[StepId, Place]
    go_on: StepId | None

    def shown(self, steps: Iterable[Step]) -> tuple[Step, ...]:
        return tuple(step for step in steps if self.places[step.id] is not Place.HIDDEN)

    def done(self, module: Module) -> tuple[int, int]:
        """Return how many of a module's exercises and check-ins are done, and how many there are to do."""
        asked = [self.places[step.id] for step in self.shown(module.steps) if step.asks]
        return asked.count(Place.DONE), len(asked)


def entries_of(entries: Iterable[Entry], step: StepId) -> tuple[Entry, ...]:
    """Return the entries of a step, the oldest first."""
    return tuple(sorted((e for e in entries if e.step == step), key=lambda e: (e.number, e.stamp, e.id)))


def newest(entries: Iterable[Entry], step: StepId) -> Entry | None:
    """Return the entry of a step that was changed last."""
    own = entries_of(entries, step)
    return max(own, key=lambda entry: (entry.stamp, entry.number, entry.id)) if own else None


def progress(programme: Programme, entries: Sequence[Entry]) -> Progress:
    """Return how far these entries have come in a programme."""
    known: dict[str, Value] = {}
    places: dict[StepId, Place] = {}
    for step in programme.steps:
        if step.relevant is not None and not evaluate(step.relevant, known.get):
            places[step.id] = Place.HIDDEN
            continue
        entry = newest(entries, step.id) if step.asks else None
        places[step.id] = Place.DONE if entry else Place.OPEN
        known.update((str(name), value(answer)) for name, answer in _answers(entry).items())
    return Progress(places, _go_on(programme.steps, places))


def _answers(entry: Entry | None) -> Mapping[QuestionId, Answer]:
    return entry.answers if entry else {}


def _go_on(steps: Sequence[Step], places: Mapping[StepId, Place]) -> StepId | None:
    """The first step that is open behind the last one that is done: what lies before it was passed over on purpose."""
    last = max((n for n, step in enumerate(steps) if places[step.id] is Place.DONE), default=-1)
    return next((step.id for step in steps[last + 1 :] if places[step.id] is Place.OPEN), None)
