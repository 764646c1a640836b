"""The prose of a step: Markdown in, blocks of safe HTML out, once when the content is loaded.

Headings, paragraphs, lists, quotations, emphasis, and links to a few pages of this site; nothing else has a meaning,
and what looks as if it should have one is refused. Not here: which steps have prose (check), how hard it is to read.
The invariant: the HTML of a block holds no tag, address or attribute that was written by hand.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from offramp.errors import Problem
from offramp.language import Tag

# Pages that are there for everybody and keep nothing; what a link says of the language is filled in here.
TARGETS = ("/{lang}/help", "/{lang}/young", "/{lang}/about")
_RULES = (
    "heading",
    "list",
    "blockquote",
    "emphasis",
    "link",
    "escape",
    "newline",
    "balance_pairs",
    "fragments_join",
)
_KINDS = {"paragraph_open": "paragraph", "bullet_list_open": "list", "ordered_list_open": "numbered list",
          "blockquote_open": "quotation"}  # fmt: skip
_HEADINGS = ("h2", "h3")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, a list or a quotation: the Markdown as written, its HTML, and the words in it.

    `spoken` has one text for each paragraph and each entry of a list, without any marks.
    """

    kind: str
    source: str
    html: str
    spoken: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Return what tells whether this is still what was translated; line ends and indents do not count."""
        return hashlib.sha256(" ".join(self.source.split()).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Prose:
    """All blocks of one step in one language, in order."""

    blocks: tuple[Block, ...] = ()

    @property
    def html(self) -> str:
        return "".join(block.html for block in self.blocks)

    @property
    def spoken(self) -> tuple[str, ...]:
        return tuple(text for block in self.blocks for text in block.spoken)


def read_prose(text: str, tag: Tag, place: str, problems: list[Problem]) -> Prose:
    """Return the prose of a file; what is wrong with it joins `problems`, each with its line."""
    found = list(_faults(text, place))
    problems.extend(found)
    if found:
        # What is no Markdown of ours is not shown to anybody, so it need not be made into anything.
        text = "\n".join(line for line in text.splitlines() if "](" not in line)
    marked = MarkdownIt("zero").enable(list(_RULES))
    tokens = marked.parse(text)
    lines = text.splitlines()
    blocks = []
    for group in _blocks(tokens):
        _point(group, tag)
        start, end = group[0].map or (0, 0)
        blocks.append(Block(
            _kind(group[0]), "\n".join(lines[start:end]).strip(), marked.renderer.render(group, marked.options, {}),
            tuple(_words(token) for token in group if token.type == "inline"),
        ))  # fmt: skip
    if not blocks and not found:
        problems.append(Problem("programme.empty_prose", place, "Nothing is written here.",
                                "Please write it, or remove the file in every language."))  # fmt: skip
    problems.extend(_outline(blocks, place))
    return Prose(tuple(blocks))


def _blocks(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    group: list[Token] = []
    for token in tokens:
        group.append(token)
        if token.level == 0 and token.nesting == -1:
            yield group
            group = []


def _kind(token: Token) -> str:
    return _KINDS.get(token.type, f"heading {token.tag[1:]}")


def _point(group: list[Token], tag: Tag) -> None:
    """Let links point into the language of the page, and have no attribute beside."""
    for token in group:
        for child in token.children or ():
            if child.type == "link_open":
                # What the parser makes of braces.
                child.attrs = {"href": str(child.attrs["href"]).replace("%7Blang%7D", tag)}


def _words(token: Token) -> str:
    parts = (
        " " if child.type in ("softbreak", "hardbreak") else child.content for child in token.children or ()
    )
    return "".join(parts)


def _outline(blocks: Sequence[Block], place: str) -> Iterator[Problem]:
    """The title of the step is the page's first heading, so those below it are of the second level and the third."""
    deepest = 1
    for block in blocks:
        level = int(block.kind[-1]) if block.kind.startswith("heading") else 0
        if level and (f"h{level}" not in _HEADINGS or level > deepest + 1):
            yield Problem("programme.heading", f"{place}, “{block.source}”",
                          f"A heading of level {level} cannot stand here.",
                          "Please begin with ##, and with ### below one of these.")  # fmt: skip
        deepest = level or deepest


# -- what looks as if it meant something -------------------------------------------------------------------------

_TELEPHONE = r"(?<![\w.])\+?\d(?:[ ()/-]?\d){6,}"
_SIGNS: tuple[tuple[str, str, str, str], ...] = (
    ("programme.raw_html", r"<[A-Za-z/!]", "HTML has no meaning here.", "Please write Markdown, or leave it out."),
    ("programme.image", r"!\[", "There are no pictures.", "Please say it in words."),
    ("programme.markup", r"`|^\s*~~~|^\s*\|.*\||^\s*[-*_]{3,}\s*$|^\s*[=-]{2,}\s*$|&#?\w+;|^\s*\[[^]]+\]:",
     "Code, tables, rules, entities and references have no meaning here.",
     "Please use headings, paragraphs, lists, quotations and emphasis."),
    ("programme.address", r"\b(?:https?|ftp|tel|mailto):|\bwww\.|\S@\w+\.\w|\b[\w-]+\.(?:onion|com|org|net|info)\b",
     "An address stands in the prose.",
     "Please link to /{lang}/help; the directory of help is where addresses are looked after."),
    ("programme.telephone", _TELEPHONE, "A telephone number stands in the prose.",
     "Please link to /{lang}/help; the directory of help is where numbers are looked after."),
)  # fmt: skip
_LINK = re.compile(r"\[[^]]*\]\(([^)]*)\)")


def _faults(text: str, place: str) -> Iterator[Problem]:
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{place}, line {number}"
        bare = line
        for target in _LINK.findall(line):
            bare = bare.replace(f"({target})", "()")
            if target not in TARGETS:
                yield Problem("programme.link", where, f"The link leads to “{target}”.",
                              f"Please link to one of these alone: {', '.join(TARGETS)}.")  # fmt: skip
        for code, sign, what, remedy in _SIGNS:
            if re.search(sign, bare):
                yield Problem(code, where, what, remedy)
