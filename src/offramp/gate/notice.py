"""What an operator's own search engine shows in place of results: the words, the ways on, and which page it is.

Here: reading the texts around a message, and putting message, words and ways together. Not here: how that looks
(noticepage), which arm is drawn and when (keeper). The invariants: a Notice that exists is whole in each of its
languages and makes no untrue claim, and each of its pages leads to help.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from offramp.errors import Problem, Refusal
from offramp.gate.counting import HELP_SEEKING, Target
from offramp.gate.honesty import untrue_claims
from offramp.gate.messages import Arm, Messages, load_messages
from offramp.language import (
    LANGUAGES,
    Catalogue,
    State,
    Tag,
    read_english,
    read_translations,
)

_ADDRESS = re.compile(r"(?:https?://[^\s\"'<>\\]+|/[^\s\"'<>\\]*)")
_BASE = re.compile(r"(?:https?://[A-Za-z0-9.:\[\]-]+)?(?:/[A-Za-z0-9._~-]+)+")


@dataclass(frozen=True, slots=True)
class Ways:
    """Where the links of a message lead: addresses in which {language} stands for the language of the page.

    Only help has to be there; a way without an address is left out of the page.
    """

    help: str
    survey: str = ""
    programme: str = ""
    exit: str = "https://www.wikipedia.org/"

    def __post_init__(self) -> None:
        problems = [
            Problem("notice.address", f"way “{way.name}”", "This is no address.",
                    "Please write one that begins with https://, http:// or /.")
            for way in fields(self)
            if (getattr(self, way.name) or way.name in ("help", "exit"))
            and not _ADDRESS.fullmatch(getattr(self, way.name))
        ]  # fmt: skip
        if problems:
            raise Refusal(problems)

    def address(self, target: Target, tag: Tag, arm: str) -> str:
        """Return where a way leads from a page in this language; the arm travels on to the survey alone."""
        found: str = getattr(self, target).replace("{language}", tag)
        if target == "survey" and found and arm != HELP_SEEKING:
            found += ("&" if "?" in found else "?") + f"a={arm}"
        return found


@dataclass(frozen=True, slots=True)
class Shown:
    """One page in one language, before it is dressed as HTML, JSON or anything else."""

    kind: str
    """"message", "thanks" or "unavailable"."""
    tag: Tag
    heading: str
    paragraphs: tuple[str, ...]
    arm: str = ""

    @property
    def greets(self) -> bool:
        return self.arm == HELP_SEEKING


@dataclass(frozen=True, slots=True)
class Notice:
    """All that may be shown, in the languages that the operator offers; the first is for whoever asks for another."""

    messages: Messages
    texts: Mapping[Tag, Catalogue]
    languages: tuple[Tag, ...]
    ways: Ways
    base: str

    def message(self, arm: Arm | None, tag: Tag) -> Shown:
        """Return the page of an arm; without one, the page that greets somebody who asks for help."""
        if arm is None:
            t = self.texts[tag]
            return Shown("message", tag, t["greeting_title"], (t["greeting_text"],), HELP_SEEKING)
        said = self.messages.message(arm, tag)
        return Shown("message", tag, said.heading, said.paragraphs, arm.id)

    def thanks(self, tag: Tag) -> Shown:
        """Return the page after “I was not looking for this”."""
        t = self.texts[tag]
        return Shown("thanks", tag, t["thanks_title"], (t["thanks_text"], t["thanks_again"]))

    def unavailable(self, tag: Tag) -> Shown:
        """Return the page of a gate that fails closed. It says nothing about what was searched for."""
        t = self.texts[tag]
        return Shown("unavailable", tag, t["unavailable_title"], (t["unavailable_text"],))

    def link(self, target: Target, shown: Shown) -> str:
        """Return the link of a way: back to the door, which counts the click and leads on."""
        return f"{self.base}/go/{target}/{shown.arm}/{shown.tag}"

    def is_draft(self, tag: Tag) -> bool:
        """Tell whether a page in this language holds a text that nobody has approved."""
        return min(self.texts[tag].state, self.messages.catalogues[tag].state) < State.APPROVED


def load_notice(
    content: Path, languages: Iterable[str], ways: Ways, *, drafts: bool = False, base: str = "/offramp"
) -> Notice:
    """Read messages and the words around them from a content folder, for these languages.

    Texts that nobody has approved are refused unless `drafts` says that they may be shown.
    """
    problems: list[Problem] = []
    messages, texts = load_messages(content / "messages"), _texts(content / "notice", problems)
    offered = tuple(Tag(tag) for tag in languages)
    if not offered:
        problems.append(Problem("notice.language", "languages", "No language is named.", "Please name one."))
    if not _BASE.fullmatch(base):
        remedy = "Please write a path such as /offramp, after the address of this site if need be."
        problems.append(Problem("notice.base", "base", "Links cannot begin with this.", remedy))
    for tag in offered:
        if tag not in texts or tag not in messages.catalogues:
            both = ", ".join(sorted(texts.keys() & messages.catalogues.keys()))
            problems.append(Problem("notice.language", "languages", f"“{tag}” has no texts.",
                                    f"Please use some of: {both}."))  # fmt: skip
    notice = Notice(messages, texts, offered, ways, base)
    if not problems and not drafts:
        problems += [Problem("notice.draft", tag, f"Some texts in {LANGUAGES[tag].name} are not approved.",
                             "Please have them approved, or say drafts=True and show them as drafts.")
                     for tag in offered if notice.is_draft(tag)]  # fmt: skip
    if problems:
        raise Refusal(problems)
    return notice


def notice_english(folder: Path) -> Catalogue:
    """Return the English words around messages in `folder` (notice.toml), whatever their translations are like."""
    problems: list[Problem] = []
    english = _english(folder, problems)
    if problems:
        raise Refusal(problems)
    return english


def _english(folder: Path, problems: list[Problem]) -> Catalogue:
    english = read_english(folder / "notice.toml", problems)
    problems += [Problem("notice.text", "notice.toml, texts", f"“{key}” is missing.", "Please write it.")
                 for key in sorted(_KEYS - english.texts.keys())]  # fmt: skip
    return english


def _texts(folder: Path, problems: list[Problem]) -> Mapping[Tag, Catalogue]:
    catalogues = read_translations(folder / "locale", _english(folder, problems), problems)
    for tag, catalogue in catalogues.items():
        problems.extend(untrue_claims(catalogue, f"notice, {tag}"))
    return catalogues


_KEYS = frozenset((
    "greeting_title", "greeting_text", "help_now", "leave", "help_title", "help_text", "help_link",
    "survey_title", "survey_text", "survey_link", "programme_title", "programme_text", "programme_link",
    "not_meant", "not_meant_text", "thanks_title", "thanks_text", "thanks_again",
    "unavailable_title", "unavailable_text", "languages", "draft",
))  # fmt: skip
