"""What stands out in a person's own words: something that leads elsewhere, or a sign that somebody is in danger.

Word tables are read from content/signals, a table for each language; docs/how-to/signals.md tells how to write one.
Marking is done before sealing, and the marks are sealed with the words; nothing else knows of them.
Not here: what a page answers to a mark (web), what is done about it (the study's protocol). Pure once read.
The invariant: marks follow from (tables, text, language) alone, in time linear in the length of the text, and no
part of the text is in them. A mark is no finding about anybody: word tables miss, and they mark too much.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from unicodedata import category, normalize

from offramp.errors import Problem, Refusal
from offramp.language import Tag, language
from offramp.survey.links import Links, read_links
from offramp.tables import Table, read_toml

# How many words the end of a sentence counts as, and how many words “..” may stand for where a table says nothing.
SENTENCE_END, GAP = 3, 4
SHORTEST_WITHOUT_PREFIX = 3
# Characters whose folding is remembered: far more than a language has, far fewer than somebody could send.
MOST_CHARACTERS = 10_000
APOSTROPHES = "'`´ʼ’‘"
_GAP, _GROUP = re.compile(r"\.\.(\d?)"), re.compile(r"\{([a-z_]+)\}")


class Mark(StrEnum):
    """What words were marked as; the texts that answer are in the interface catalogue under gentle/…"""

    CHILD_DANGER = "child_danger"
    LINK = "link"
    OWN_RISK = "own_risk"
    SELF_HARM = "self_harm"


Marks = tuple[Mark, ...]
DANGERS = (Mark.CHILD_DANGER, Mark.OWN_RISK, Mark.SELF_HARM)
# A word of a table, and whether it is only the beginning of one.
_Word = tuple[str, bool]
_Expression = tuple[_Word, ...]
# Groups by name, each with how many words may stand before it.
_Pattern = tuple[tuple[int, str], ...]


class _Folding(dict[int, str]):
    """Character by character, so that no pile of marks costs more than its length; each one is worked out once."""

    _LETTERS = dict(zip("ىةیک", "يهيك", strict=True))  # noqa: RUF012

    def __missing__(self, code: int) -> str:
        if len(self) > MOST_CHARACTERS:
            self.clear()
        character = chr(code)
        dropped = character in APOSTROPHES
        folded = "" if dropped else "".join(map(self._part, normalize("NFKD", character).casefold()))
        self[code] = folded
        return folded

    def _part(self, character: str) -> str:
        kind = category(character)
        if character == "ـ" or kind == "Cf" or (kind in ("Mn", "Me") and character not in "\u3099\u309a"):
            return ""
        if character in ".!?…؟。\n;؛":
            return " \n "
        return self._LETTERS.get(character, character) if kind[0] in "LNM" else " "


_FOLDING = _Folding()


def _words(text: str, spaced: bool) -> list[str]:
    """Return the folded words of a text, and "\n" where a sentence ends; single characters of unspaced writing."""
    words = text.translate(_FOLDING).split(" ")
    return [word for word in words if word] if spaced else [c for word in words for c in word]


@dataclass(frozen=True, slots=True)
class _Tongue:
    """The table of one language: where expressions begin, and the patterns of groups that make a mark.

    `exact` and `stems` lead from a first word to (group, the words that follow it); stems have these `lengths`.
    `patterns` stand under the group that they begin with.
    """

    spaced: bool
    everywhere: bool
    prefixes: tuple[str, ...]
    exact: Mapping[str, tuple[tuple[str, _Expression], ...]]
    stems: Mapping[str, tuple[tuple[str, _Expression], ...]]
    patterns: Mapping[str, tuple[tuple[Mark, _Pattern], ...]]
    lengths: tuple[int, ...]

    def marks(self, text: str) -> Iterator[Mark]:
        places = self._places(_words(text, self.spaced))
        beginning = (each for group in places for each in self.patterns.get(group, ()))
        return (mark for mark, pattern in beginning if _there(pattern, places))

    def _places(self, words: list[str]) -> dict[str, list[tuple[int, int]]]:
        """Return for each group where its expressions stand: first and last word."""
        places: dict[str, list[tuple[int, int]]] = {}
        forms = {word: self._forms(word) for word in set(words)}
        begun = {word: list(self._begun(forms[word])) for word in forms}
        place, ended = 0, True
        for number, word in enumerate(words):
            if word == "\n":
                place, ended = place + (0 if ended else SENTENCE_END), True
                continue
            place, ended = place + 1, False
            for group, rest in begun[word]:
                following = words[number + 1 : number + 1 + len(rest)]
                if len(following) == len(rest) and all(
                    any(_is(form, wanted) for form in forms[there])
                    for there, wanted in zip(following, rest, strict=True)
                ):
                    places.setdefault(group, []).append((place, place + len(rest)))
        return places

    def _forms(self, word: str) -> tuple[str, ...]:
        shorter = (word[len(prefix) :] for prefix in self.prefixes if word.startswith(prefix))
        return (word, *(form for form in shorter if len(form) >= SHORTEST_WITHOUT_PREFIX))

    def _begun(self, forms: tuple[str, ...]) -> Iterator[tuple[str, _Expression]]:
        for form in forms:
            yield from self.exact.get(form, ())
            for length in self.lengths:
                yield from self.stems.get(form[:length], ()) if length <= len(form) else ()


def _is(form: str, wanted: _Word) -> bool:
    return form.startswith(wanted[0]) if wanted[1] else form == wanted[0]


def _there(pattern: _Pattern, places: Mapping[str, list[tuple[int, int]]]) -> bool:
    """Tell whether the groups of a pattern stand in its order, with no more words between them than it allows."""
    if any(group not in places for _, group in pattern):
        return False
    (_, first), *others = pattern
    ends = sorted({end for _, end in places[first]})
    for gap, group in others:
        reached, before, last = set(), iter([*ends, None]), -GAP * 100
        following = next(before)
        for start, end in sorted(places[group]):
            while following is not None and following < start:
                last, following = following, next(before)
            if start - last <= gap + 1:
                reached.add(end)
        ends = sorted(reached)
    return bool(ends)


@dataclass(frozen=True, slots=True)
class Signals:
    """All tables. Called with words and the language of their page, it returns the marks."""

    links: Links
    tongues: Mapping[Tag, _Tongue]

    def __call__(self, text: str, tag: Tag) -> Marks:
        tongues = [tongue for own, tongue in self.tongues.items() if own == tag or tongue.everywhere]
        links = [Mark.LINK] if self.links(text) else []
        return together([links, *(tongue.marks(text) for tongue in tongues)])


def together(several: Iterable[Iterable[Mark]]) -> Marks:
    """Return all marks of several texts or tables, each once and in one order."""
    return tuple(sorted({mark for marks in several for mark in marks}))


def unmarked(text: str, tag: Tag) -> Marks:
    """Mark nothing: for walks that no person takes."""
    return ()


# -- reading the tables -------------------------------------------------------------------------------------


def read_signals(path: Path) -> Signals:
    """Return the tables in content/signals/signals.toml. Refusal: all that is wrong in any of them."""
    problems: list[Problem] = []
    root = Table(read_toml(path), path.name, problems)
    links = read_links(root.table("links"))
    languages = root.table("languages")
    tongues: dict[Tag, _Tongue] = {}
    for tag in languages.values:
        try:
            tongues[language(tag, f"{path.name}, languages").tag] = _Reader(languages.table(tag)).read()
        except Refusal as refusal:
            problems.extend(refusal.problems)
    root.finish()
    if problems:
        raise Refusal(problems)
    return Signals(links, tongues)


class _Reader:
    """One reading of a language's table: groups of expressions first, then the patterns that put them together."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.spaced = table.flag("spaced", True)
        self.gap = table.integer("gap", GAP)
        self.groups: dict[str, list[_Expression]] = {}
        self.used: set[str] = set()

    def read(self) -> _Tongue:
        table, groups, patterns = self.table, self.table.table("groups"), self.table.table("patterns")
        for name in groups.values:
            if not _GROUP.fullmatch(f"{{{name}}}"):
                groups.fault("signals.group", f"“{name}” is no name of a group.", "Please use a to z and _.")
            self.groups[name] = [e for text in groups.texts(name) if (e := self._expression(groups, text))]
        made = {mark: [self._pattern(patterns, text) for text in patterns.texts(mark)] for mark in DANGERS}
        patterns.finish()
        for name in sorted(groups.values.keys() - self.used):
            groups.fault("signals.unused_group", f"No pattern uses “{name}”.",
                         "Please use it in a pattern, or remove it.")  # fmt: skip
        prefixes = tuple(word for text in table.texts("prefixes") for word in _words(text, True))
        everywhere = table.flag("everywhere", False)
        table.finish()
        beginning: dict[str, list[tuple[Mark, _Pattern]]] = {}
        for mark, pattern in (
            (mark, pattern) for mark, found in made.items() for pattern in found if pattern
        ):
            beginning.setdefault(pattern[0][1], []).append((mark, pattern))
        exact: dict[str, list[tuple[str, _Expression]]] = {}
        stems: dict[str, list[tuple[str, _Expression]]] = {}
        for group, expressions in self.groups.items():
            for (word, stem), *rest in expressions:
                (stems if stem else exact).setdefault(word, []).append((group, tuple(rest)))
        return _Tongue(
            self.spaced, everywhere, prefixes, {word: tuple(begun) for word, begun in exact.items()},
            {word: tuple(begun) for word, begun in stems.items()},
            {group: tuple(each) for group, each in beginning.items()}, tuple(sorted(set(map(len, stems)))),
        )  # fmt: skip

    def _expression(self, table: Table, text: str) -> _Expression:
        """Return words that stand side by side, such as “my daughter” or “hurt* me”."""
        words: list[_Word] = []
        for token in text.split():
            stem = token.endswith("*")
            parts = _words(token.rstrip("*"), self.spaced)
            if (
                not parts
                or "\n" in parts
                or "*" in token[:-1]
                or (stem and len(parts[-1]) < 2 and self.spaced)
            ):
                table.fault("signals.word", f"“{token}” in “{text}” is no word.",
                            "Please write a word, or its beginning (two letters or more) and a *.")  # fmt: skip
                return ()
            words += [(part, stem and place == len(parts)) for place, part in enumerate(parts, 1)]
        if not words:
            table.fault("signals.word", "An expression is blank.", "Please write it, or remove it.")
        return tuple(words)

    def _pattern(self, table: Table, text: str) -> _Pattern:
        """Return the groups of a pattern with the gap before each; plain words become a group of their own."""
        pieces = re.sub(r"(\{[^}]*\}|\.\.\d?)", r"\n\1\n", text).split("\n")
        elements: list[tuple[int, str]] = []
        gap, wanted = 0, True
        for piece in filter(None, map(str.strip, pieces)):
            if found := _GAP.fullmatch(piece):
                gap, wanted = int(found[1]) if found[1] else self.gap, True
                continue
            if found := _GROUP.fullmatch(piece):
                name = found[1]
                if name not in self.groups:
                    table.fault("signals.unknown_group", f"“{text}”: there is no group “{name}”.",
                                "Please write the group, or correct its name.")  # fmt: skip
                    return ()
            else:
                name = f"“{piece}”"
                self.groups[name] = [e] if (e := self._expression(table, piece)) else []
            self.used.add(name)
            elements.append((gap, name))
            gap, wanted = 0, False
        if wanted or text.strip().startswith(".."):
            table.fault("signals.pattern", f"“{text}” begins or ends with a gap, or is blank.",
                        "Please begin and end with a word or a group.")  # fmt: skip
            return ()
        return tuple(elements)
