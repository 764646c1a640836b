"""The words of a report that no survey has: missing codes, stages, and answers that the software adds itself.

The English of what the desk itself names, and where in a report which words stand; the rest of the frame is in
content/report. The invariant: every code that a count can stand for has a label of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from offramp.desk.codebook import WRITTEN, Category, Variable
from offramp.language import Catalogue
from offramp.rules import in_plain
from offramp.survey import Mark, Missing

SUPPRESSED = "[c]"

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
    "none": "no message",
    "take": "Taken",
    "leave": "Left out",
    "end": "Left out with all further parts",
    WRITTEN: "Something was written",
}


class Words(Protocol):
    """The words of a report in one language (frame)."""

    def __call__(self, key: str, **values: object) -> str: ...
    def share(self, share: int) -> str: ...


def words() -> dict[str, str]:
    """Return all that is named here, in English, by the keys of the frame."""
    found: dict[str, str] = {}
    apart = {"not_offered": NOT_OFFERED, "not_in_sample": NOT_IN_SAMPLE, "neither": NEITHER}
    for code, (name, means) in ({each.value: MISSING[each] for each in MISSING} | apart).items():
        found |= {f"missing/{code}": name, f"missing/{code}_means": means}
    found |= {f"stage/{name}": text for name, text in STAGES.items()}
    found |= {f"marked/{mark.value}": text for mark, text in MARKS.items()}
    return found | {f"added/{name}": text for name, text in _OWN.items()}


def meanings(frame: Words) -> list[tuple[str, str]]:
    """Return each reason for a missing answer with what it means."""
    codes = [*(code.value for code in MISSING), "not_offered", "not_in_sample"]
    return [(frame(f"missing/{code}"), frame(f"missing/{code}_means")) for code in codes]


def label(category: Category, texts: Catalogue, frame: Words) -> tuple[str, bool]:
    """Return an answer's label, and whether it is in the language of the questions."""
    if category.text_key:
        return texts[category.text_key], True
    return category.name or frame(f"added/{category.id}"), False


def part(name: str, module: str, texts: Catalogue, frame: Words) -> tuple[str, bool]:
    """Return what a part of the questionnaire is called, and whether it is in the language of the questions."""
    if module:
        return texts[f"module/{module}/title"], True
    return frame(f"part/{name}"), False


def asked(variable: Variable, texts: Catalogue) -> str:
    """Return a question's wording."""
    return " – ".join(texts[key] for key in variable.wording)


def question(variable: Variable, texts: Catalogue, frame: Words) -> tuple[str, bool]:
    """Return a question's wording, and whether it is in the language of the questions."""
    if variable.part == "offer":
        return frame("offer/taken", part=texts[f"module/{variable.module}/title"]), False
    return asked(variable, texts), True


def missing(code: Missing, variable: Variable) -> str:
    """Return under which key it stands what a missing code is called in the table of this question."""
    if code is Missing.NOT_DRAWN:
        if variable.part == "offer":
            return "missing/not_offered"
        if variable.drawn < 100:
            return "missing/neither" if variable.module else "missing/not_in_sample"
    return f"missing/{code.value}"


def base_rule(variable: Variable, texts: Catalogue, frame: Words) -> str:
    """Return in words which responses a question's percentages are of; it goes on where their number has been given."""
    rules = [
        frame(
            "base/words" if variable.kind == "text" else "base/several" if variable.multiple else "base/one"
        )
    ]
    if variable.drawn < 100:
        rules.append(frame("base/drawn", share=frame.share(variable.drawn)))
    if variable.part == "module":
        rules.append(frame("base/part", part=texts[f"module/{variable.module}/title"]))
    if variable.relevant:
        rules.append(frame("base/condition", condition=in_plain(variable.relevant)))
    if variable.same_as:
        survey, _, name = variable.same_as.partition(":")
        rules.append(frame("base/same", survey=survey, question=name))
    return " ".join(rules)
