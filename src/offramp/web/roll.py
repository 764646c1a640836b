"""Whether the content still holds every version that was answered: without it, a receipt neither goes on nor deletes.

Not here: which versions were answered (the store). The invariant: what is demanded and passes leaves no answer here
that its receipt does not reach.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from offramp.errors import Problem, Refusal
from offramp.store import Rolled
from offramp.survey import Survey


def demand_versions(roll: Iterable[Rolled], surveys: Mapping[str, Survey]) -> None:
    """Refuse content without a version that was answered: content.version_gone, content.version_changed."""
    problems = list(without_version(roll, surveys))
    if problems:
        raise Refusal(problems)


def without_version(roll: Iterable[Rolled], surveys: Mapping[str, Survey]) -> Iterator[Problem]:
    """Yield what is wrong with each version on the roll that the content does not hold."""
    there = {version.structure: version for survey in surveys.values() for version in survey.versions}
    numbers = {(version.slug, version.version) for version in there.values()}
    for entry in roll:
        if entry.structure in there:
            continue
        place = f"content, {entry.survey}, version {entry.version}"
        answered = f"was answered here, last in {entry.week}"
        drop = (f"strike it off the roll (offramp drop {entry.survey} {entry.version}) if none of its answers is kept "
                "anywhere")  # fmt: skip
        if (entry.survey, entry.version) in numbers:
            yield Problem("content.version_changed", place,
                          f"Another questionnaire of this number {answered}: its receipts would no longer delete all.",
                          f"Please either put it back as it was and give your changes the next number (offramp survey "
                          f"set-aside), or {drop}.")  # fmt: skip
        else:
            yield Problem("content.version_gone", place,
                          f"This version {answered}, and is gone: its receipts would neither go on nor delete.",
                          f"Please either put it back into versions/{entry.version}, beside the survey.toml of "
                          f"today, or {drop}.")  # fmt: skip
