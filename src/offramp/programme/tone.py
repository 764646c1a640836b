"""Words that no step says to anybody: those that shame, those that excuse, and what no question asks for.

A short list per language in content/programmes/words.toml; a clinician reads the rest. Pure but for reading that file.
The invariant: a phrase that is spared ("you are not a monster") never hides a word that stands outside of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from offramp.errors import Problem, Refusal
from offramp.language import LANGUAGES, Tag
from offramp.tables import Table, read_toml


@dataclass(frozen=True, slots=True)
class Tone:
    """The words of one language. A star at the end of one stands for any ending."""

    shaming: tuple[str, ...]
    excusing: tuple[str, ...]
    spared: tuple[str, ...]
    asking: tuple[str, ...] = ()
    """What would ask for material, a child, or somebody's name."""

    def found(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with a text: whether a word shames or excuses, and the word."""
        text = self._without_spared(text)
        own = _QUOTED.sub(" ", text)
        for what, words, where in (("shames", self.shaming, text), ("excuses", self.excusing, own)):
            for word in words:
                if hit := _pattern(word).search(where):
                    yield what, hit[0]

    def asks_for(self, text: str) -> Iterator[str]:
        """Yield what a question may not ask for."""
        text = self._without_spared(text)
        yield from (hit[0] for phrase in self.asking if (hit := _pattern(phrase).search(text)))

    def _without_spared(self, text: str) -> str:
        for phrase in self.spared:
            text = _pattern(phrase).sub(" ", text)
        return text


# Thoughts that permit are named so that somebody knows them again: what excuses may be quoted, what shames may not.
_QUOTED = re.compile('“[^”]*”|«[^»]*»|‘[^’]*’|"[^"]*"')


@cache
def _pattern(phrase: str) -> re.Pattern[str]:
    ending = r"\w*" if phrase.endswith("*") else ""
    inner = r"\s+".join(re.escape(word) for word in phrase.removesuffix("*").split())
    return re.compile(rf"(?<!\w){inner}{ending}(?!\w)", re.IGNORECASE)


def read_tone(path: Path, problems: list[Problem]) -> Mapping[Tag, Tone]:
    """Return the lists of a file by language; what is wrong with it joins `problems`."""
    try:
        root = Table(read_toml(path), path.name, problems)
    except Refusal as refusal:
        problems.extend(refusal.problems)
        return {}
    found = {}
    for table in root.tables("language", "language"):
        tag = table.text("tag")
        if tag not in LANGUAGES or tag in found:
            table.fault("programme.words_language", f"“{tag}” is no language known here, or it is listed twice.",
                        f"Please use each of these once: {', '.join(LANGUAGES)}.")  # fmt: skip
        found[Tag(tag)] = Tone(
            table.texts("shaming"), table.texts("excusing"), table.texts("spared"), table.texts("asking")
        )
        table.finish()
    root.finish()
    return found
