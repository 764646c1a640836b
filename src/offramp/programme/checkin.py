"""Check-ins: which questions are the same one asked again, and what a survey of check-ins must be.

Pure. Not here: reading the survey (offramp.survey), laying out a course (worksheet). The invariant: each page of a
sound check-in survey is asked by exactly one step, and a question asked again has the same answers in the same words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from offramp.errors import Problem
from offramp.language import Tag
from offramp.programme.definition import Step, StepKind
from offramp.survey import Part, QuestionId, Survey, unlike


def series(check_in: Survey) -> tuple[tuple[QuestionId, ...], ...]:
    """Return the questions of all check-ins, those that are asked again together, in the order of first asking."""
    found: dict[str, list[QuestionId]] = {}
    for question in check_in.questions:
        first = question.same_as.partition(":")[2]
        found.setdefault(first if first in found else question.id, []).append(question.id)
    return tuple(tuple(asked) for asked in found.values())


def check_in_faults(
    place: str, slug: str, steps: Sequence[Step], survey: Survey, tags: Sequence[Tag]
) -> Iterator[Problem]:
    """Yield what keeps a survey from being the check-ins of a programme."""
    if survey.slug != f"{slug}-check-in":
        yield Problem("programme.check_in_slug", place, f"“{survey.slug}” is not the name of these check-ins.",
                      f"Please write slug = \"{slug}-check-in\".")  # fmt: skip
    if survey.modules or survey.samples or any(page.part is not Part.CORE for page in survey.pages):
        yield Problem("programme.check_in_part", place, "A check-in is one core page that everybody is asked.",
                      "Please write part = \"core\" for each page, without modules and samples.")  # fmt: skip
    for tag in sorted(set(tags) - survey.catalogues.keys()):
        yield Problem("programme.check_in_language", place, f"The check-ins are not there in “{tag}”.",
                      f"Please add it to languages, and translate locale/{tag}.po.")  # fmt: skip
    yield from _pages(place, steps, survey)
    yield from unlike({survey.slug: survey})
    yield from _again(place, survey)


def _pages(place: str, steps: Sequence[Step], survey: Survey) -> Iterator[Problem]:
    asked = Counter(step.page for step in steps if step.kind is StepKind.CHECK_IN)
    for step in (
        step for step in steps if step.kind is StepKind.CHECK_IN and step.page not in survey.page_of
    ):
        yield Problem("programme.unknown_page", f"{place.partition('/')[0]}, step {step.id}",
                      f"The check-ins have no page “{step.page}”.",
                      f"Please use one of: {', '.join(survey.page_of)}.")  # fmt: skip
    for page in survey.page_of:
        if asked[page] != 1:
            times = "no step" if not asked[page] else f"{asked[page]} steps"
            yield Problem("programme.check_in_page", f"{place}, page {page}", f"The page is asked by {times}.",
                          "Please let exactly one step of kind check_in name it.")  # fmt: skip


def _again(place: str, survey: Survey) -> Iterator[Problem]:
    """A check-in that asks nothing that the first one asked shows no course."""
    first = {question.id for question in survey.pages[0].questions}
    for page in survey.pages[1:]:
        if not any(question.same_as.partition(":")[2] in first for question in page.questions):
            yield Problem("programme.check_in_series", f"{place}, page {page.id}",
                          "Nothing of the first check-in is asked again here, so no course can be shown.",
                          f"Please write same_as = \"{survey.slug}:<question of the first page>\".")  # fmt: skip
