"""Whether words hold something that leads elsewhere: addresses in every dress, and names to be found under.

Written for people who write an address so that a filter may miss it, and for ordinary words that look like one.
The lists (endings, services) come from content/signals; nothing here is looked up or opened. Pure.
The invariant: the time is linear in the length of the text. Every expression is anchored or bounded, and nothing in
it can be tried in two ways without limit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv6Address
from unicodedata import category, normalize

from offramp.tables import Table

_OPEN, _CLOSE, _LABEL = r"[\[({<]\s{0,2}", r"\s{0,2}[\])}>]", r"(?<![\w-])\w[\w-]*+"
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
# At least four characters, with a letter and with a digit or a low line: what names look like and words do not.
_NICK = r"(?<![\w.])(?=[\w.]{0,39}[^\W\d])(?=[\w.]{0,39}[\d_])[a-z0-9_.]{3,39}[a-z0-9_]"
_FIXED = (
    r"(?<![a-z])[a-z][a-z0-9+-]{1,15}\s{0,2}:\s{0,2}[/\\]\s{0,2}[/\\]",
    r"(?<![a-z])h[tx*_]{2}ps?(?:\s{0,2}[:;]|\s{0,2}[/\\]{2}|\s{1,2}w{3})",
    r"(?<![a-z])(?:magnet|mailto|ed2k|xmpp)\s{0,2}:\s{0,2}[^\s]",
    r"(?<![a-z0-9])w{3}\s{0,2}[.,]\s{0,2}[a-z0-9]",
    # What stands before .onion (version 3) and .b32.i2p; hashes, and ids as long as one; two ids of IPFS.
    r"(?<![a-z0-9])(?=[a-z]{0,56}[2-7])[a-z2-7]{52,56}(?![a-z0-9])",
    r"(?<![a-z0-9])(?=[a-f]{0,64}\d)[0-9a-f]{32,128}(?![a-z0-9])",
    r"(?<![a-z0-9])(?:qm[1-9a-z]{44}|bafy[a-z2-7]{50,60})(?![a-z0-9])",
    r"(?<![\w.])(?:[^\W_][._-]){5,40}[^\W_](?!\w)",
    r"[\w.+-]@\w",
    r"(?<![\w@])@[a-z0-9_.]{3}",
    r"(?<!\w)\w{2,32}#\d{4}(?!\w)",
    r"(?<![\w+])\+\d(?:[\s().-]{0,2}\d){7,14}(?!\d)",
)
_IP6 = re.compile(r"(?<![\w:.])[0-9a-f:.]{4,45}(?![\w:])")
_PULLED_APART = re.compile(r"(?<!\S)(?:\S\s){4,}\S(?!\S)")


@dataclass(frozen=True, slots=True)
class Links:
    """What is asked of a text, made once from the lists of content/signals."""

    dots: re.Pattern[str]
    ats: re.Pattern[str]
    shapes: re.Pattern[str] = field(repr=False)

    def __call__(self, text: str) -> bool:
        """Tell whether there is anything in a text that leads elsewhere."""
        # One by one, because putting a pile of marks in order takes time quadratic in their number.
        kept = (normalize("NFKC", character) for character in text if category(character) != "Cf")
        plain = "".join(kept).casefold().replace("。", ".")
        for view in (plain, _PULLED_APART.sub(lambda run: "".join(run[0].split()), plain)):
            undone = self.ats.sub("@", self.dots.sub(".", view)).replace("[:]", ":")
            if self.shapes.search(undone) or any(_is_ip6(found[0]) for found in _IP6.finditer(undone)):
                return True
        return False


def _is_ip6(text: str) -> bool:
    try:
        return text.count(":") > 1 and len(text.strip(":")) > 2 and bool(IPv6Address(text.rstrip(".")))
    except AddressValueError:
        return False


def read_links(table: Table) -> Links:
    """Return what the lists of a [links] table make."""
    endings, wordy = table.text("endings").split(), table.text("endings_that_are_words").split()
    spoken, dots = table.text("endings_when_spaced").split(), table.texts("dots")
    services, about = table.texts("services"), table.texts("words_around_names")
    names = table.texts("words_for_names")
    table.finish()
    dot, whole = _either(dots), r"(?![\w-])"
    service, filler = (
        rf"(?<!\w)(?:{_either(services)})(?!\w)",
        rf"(?:(?:{_either((*about, *names))})\W{{1,3}}){{0,4}}",
    )
    shapes = (
        *_FIXED,
        rf"{_LABEL}\.(?:{_either(endings)}){whole}",
        # Where the ending is a word as well, or spaces stand around the dot, only a path shows that it is no sentence.
        rf"{_LABEL}\s{{0,2}}\.\s{{0,2}}(?:{_either((*endings, *wordy))})(?::\d{{2,5}})?\s{{0,2}}/\s{{0,2}}[\w#+!]",
        rf"{_LABEL}\s{{1,3}}\.\s{{0,3}}(?:{_either(spoken)}){whole}",
        rf"{_LABEL}(?:\.\s{{1,3}}com|,(?:{_either(spoken)})){whole}",
        rf"[^\W_][\s_-]{{1,3}}(?:{dot})[\s_-]{{1,3}}(?:{_either(endings)}){whole}",
        rf"[^\W_]_(?:{_either(spoken)})(?!\w)",
        rf"[^\W_]\s(?:{_either(spoken)})\s{{0,2}}/\s{{0,2}}\w",
        rf"(?<!\w)\w{{2,63}}?dot(?:{_either(spoken)}){whole}",
        rf"(?<![\d.]){_OCTET}(?:(?:\s\.\s|\.|\s{{1,3}}(?:{dot})\s{{1,3}}){_OCTET}){{3}}(?!\d)",
        rf"{service}[\s._-]{{1,3}}(?:nz|gg|io|com|org|net|me\s{{0,2}}/){whole}",
        rf"{service}\W{{0,3}}{filler}{_NICK}",
        rf"{service}\W{{0,3}}(?:{_either(names)})\s{{0,2}}[:=]\s{{0,2}}[a-z0-9_.]{{3}}",
        rf"{_NICK}\W{{1,3}}(?:{_either(about)})\W{{1,3}}{service}",
    )  # fmt: skip
    return Links(
        re.compile(rf"\s{{0,2}}{_OPEN}(?:\.|{dot}){_CLOSE}\s{{0,2}}"),
        re.compile(rf"\s{{0,2}}{_OPEN}(?:@|at){_CLOSE}\s{{0,2}}"),
        re.compile("|".join(f"(?:{shape})" for shape in shapes)),
    )


def _either(words: Iterable[str]) -> str:
    """Return an expression for any of these words, or for nothing that can be."""
    folded = (normalize("NFKC", word).casefold() for word in words)
    return "|".join(re.escape(word) for word in sorted(folded, key=len, reverse=True)) or r"(?!)"
