"""The words of a report that no survey has: missing codes, stages, and answers that the software adds itself.

English, like the report around them; the questions come in the language that is asked for. Only words live here.
The invariant: every code that a count can stand for has a label of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from offramp.desk.codebook import WRITTEN, Category, Variable
from offramp.language import Catalogue
from offramp.survey import Mark, Missing

SUPPRESSED = "[c]"
_QUESTION = re.compile(r"\$\{(\w+)\}")

# Code: label, and what exactly it means.
MISSING: Mapping[Missing, tuple[str, str]] = {
    Missing.SKIPPED: ("Skipped", "the page was sent, and nothing was entered here"),
    Missing.REFUSED: ("Would rather not say", "this was ticked"),
    Missing.DONT_KNOW: ("Does not know", "this was ticked, where it is offered"),
    Missing.INVALID: ("Not valid", "what was entered does not go together, and was not mended"),
    Missing.NOT_ASKED: (
        "Not asked",
        "the answers before it led past this question, or the response went on here after an earlier page was lost",
    ),
    Missing.NOT_DRAWN: ("Part not taken", "the optional part that this question is in was left out"),
    Missing.NOT_SHOWN: ("Not in what was shown", "the page was sent in a form that did not have this question"),
    Missing.NOT_IN_VERSION: ("Not in this version", "the version that was answered does not ask it in this way"),
    Missing.SEEN_NOT_SENT: ("Shown, not sent", "the last page that was shown; the response ended there"),
    Missing.NOT_REACHED: ("Not reached", "the response ended before this page"),
}  # fmt: skip

# The same code, where it is not a part that was left out.
NOT_OFFERED = ("Not offered", "no more parts were wanted before this one was offered")
NOT_IN_SAMPLE = ("Not drawn", "chance did not choose this response for this question")
NEITHER = ("Part not taken, or not drawn", "one of the two, or both")
MEANINGS = (*MISSING.values(), NOT_OFFERED, NOT_IN_SAMPLE)
MARKS: Mapping[Mark, str] = {
    Mark.CHILD_DANGER: "A child may be in danger",
    Mark.OWN_RISK: "The writer may be afraid of hurting a child",
    Mark.SELF_HARM: "The writer may think of hurting themselves",
    Mark.LINK: "Something like an address or a contact",
}

STAGES: Mapping[str, str] = {
    "message_shown": "Message shown",
    "consent_shown": "Consent page shown",
    "agreed": "Agreed to take part",
    "declined": "Declined",
    "under_18": "Said to be under 18",
    "first_page": "First page sent",
    "module_taken": "Optional parts begun",
    "finished": "Last page sent",
    "programme_shown": "Programme shown",
    "journal_kept": "Journal of the programme kept",
}

_OWN = {
    "other": "Other",
    "take": "Taken",
    "leave": "Left out",
    "end": "Left out with all further parts",
    WRITTEN: "Something was written",
}


def label(category: Category, texts: Catalogue) -> tuple[str, bool]:
    """Return an answer's label, and whether it is in the language of the questions."""
    if category.text_key:
        return texts[category.text_key], True
    return category.name or _OWN[category.id], False


def part(name: str, module: str, texts: Catalogue) -> tuple[str, bool]:
    """Return what a part of the questionnaire is called, and whether it is in the language of the questions."""
    if module:
        return texts[f"module/{module}/title"], True
    return {"core": "First part", "closing": "Closing pages"}[name], False


def question(variable: Variable, texts: Catalogue) -> tuple[str, bool]:
    """Return a question's wording, and whether it is in the language of the questions."""
    if variable.part == "offer":
        return f"Was the part “{texts[f'module/{variable.module}/title']}” taken?", False
    return " – ".join(texts[key] for key in variable.wording), True


def missing(code: Missing, variable: Variable) -> str:
    """Return what a missing code is called in the table of this question."""
    if code is not Missing.NOT_DRAWN:
        return MISSING[code][0]
    if variable.part == "offer":
        return NOT_OFFERED[0]
    if variable.drawn < 100:
        return (NEITHER if variable.module else NOT_IN_SAMPLE)[0]
    return MISSING[code][0]


def base_rule(variable: Variable, texts: Catalogue) -> str:
    """Return in words which responses a question's percentages are of; it goes on where their number has been given."""
    if variable.kind == "text":
        rule = "responses in which something was written. The words themselves are never printed."
    elif variable.multiple:
        rule = "responses with at least one answer here. Several answers are possible, so shares can add up " \
               "to more than 100\u00a0%."  # fmt: skip
    else:
        rule = "responses with an answer here."
    if variable.drawn < 100:
        rule += f" Only those drawn were asked: chance chose about {variable.drawn}\u00a0% of the responses."
    if variable.part == "module":
        rule += f" Asked only in the part “{texts[f'module/{variable.module}/title']}”, where it was taken."
    if variable.relevant:
        condition = _QUESTION.sub(r"\1", variable.relevant)
        rule += f" Asked only where {condition}."
    if variable.same_as:
        survey, _, name = variable.same_as.partition(":")
        rule += f" Asked in the same words in “{survey}” (as {name}): the shares can be laid side by side."
        rule += " Nothing says whether somebody answered both."
    return rule
