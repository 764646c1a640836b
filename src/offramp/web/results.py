"""Finished pages of results at public addresses of the server: reports of the desk that people have reviewed.

Read once, at the start, from the folder that the settings name, and served as they are. Nothing is counted, logged or
set when somebody reads one. The invariant: a page that is served has no script, asks for nothing outside, and was made
of real answers, unless the server is a demonstration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from offramp.errors import Problem, Refusal
from offramp.language import LANGUAGES, SOURCE, Language, Tag

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_ALIVE = frozenset((
    "script", "noscript", "svg", "math", "iframe", "frame", "object", "embed", "applet", "img", "picture", "video",
    "audio", "source", "track", "canvas", "base", "portal", "template", "form", "input", "button",
))  # fmt: skip
_ADDRESSES = frozenset(
    ("href", "src", "action", "formaction", "srcset", "data", "poster", "background", "ping")
)
_FETCHES = re.compile(r"url\s*\(|@import|expression\s*\(|image-set", re.IGNORECASE)
# A report's bars are styles of their elements; nothing but styles is allowed, and nothing from elsewhere.
POLICY = ("default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'; "
          "base-uri 'none'")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    """One page: the last part of its address, its title, its language, and all of it."""

    name: str
    title: str
    language: Language
    body: bytes = field(repr=False)


def read_results(folder: Path | None, demonstration: bool) -> tuple[Result, ...]:
    """Return the pages of a folder, none where no folder is named. Refusal: all that is wrong with any of them."""
    if folder is None:
        return ()
    if not folder.is_dir():
        raise Refusal(Problem("results.folder", "results, folder", f"There is no folder {folder.name}.",
                              "Please make it and put reports into it, or leave the setting out."))  # fmt: skip
    problems: list[Problem] = []
    found = []
    for path in sorted(path for path in folder.iterdir() if not path.name.startswith(".")):
        page = _Page()
        try:
            body = path.read_bytes()
            page.feed(body.decode())
            page.close()
        except (OSError, UnicodeDecodeError):
            page.wrong.append("It cannot be read as text in UTF-8")
        problems += _problems(path, page, demonstration)
        if not problems:
            language = LANGUAGES.get(Tag(page.language), LANGUAGES[SOURCE])
            found.append(Result(path.stem, " ".join(page.title.split()), language, body))
    if problems:
        raise Refusal(problems)
    return tuple(found)


def _problems(path: Path, page: _Page, demonstration: bool) -> Iterator[Problem]:
    place = f"results, {path.name}"
    if path.suffix != ".html" or not NAME.fullmatch(path.stem):
        yield Problem("results.name", place, "This is no page that can have an address.",
                      "Please call it NAME.html, in small letters, digits and hyphens, or take it out.")  # fmt: skip
        return
    if not page.ours:
        yield Problem("results.not_ours", place, "This is no page that the desk has made.",
                      "Please put in what “offramp desk report -o FILE.html” wrote, or take it out.")  # fmt: skip
    for what in dict.fromkeys(page.wrong):
        yield Problem(
            "results.alive", place, f"{what}.", "Please make the page anew at the desk, or take it out."
        )
    if page.synthetic and not demonstration:
        yield Problem("results.synthetic", place, "This page is of made-up answers.",
                      "Please take it out; only a demonstration shows it.")  # fmt: skip


class _Page(HTMLParser):
    """What has to be known of a page before it is served."""

    def __init__(self) -> None:
        super().__init__()
        self.title, self.language, self.ours, self.synthetic = "", "", False, False
        self.wrong: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._inside = tag
        if tag == "html":
            self.language = values.get("lang", "")
        self.ours |= (
            tag == "meta" and values.get("name") == "generator" and values.get("content") == "Offramp desk"
        )
        self.synthetic |= "banner" in values.get("class", "").split()
        if tag in _ALIVE:
            self.wrong.append(f"It has <{tag}>")
        if (
            tag == "meta"
            and values.get("http-equiv", "content-security-policy").lower() != "content-security-policy"
        ):
            self.wrong.append("It has a <meta> that acts")
        for name, value in values.items():
            outside = name in _ADDRESSES and not value.startswith("#") and value != "data:,"
            if name.startswith("on") or outside:
                self.wrong.append(f"<{tag}> has {name}, which runs or fetches something")
            if name == "style" and _FETCHES.search(value):
                self.wrong.append("A style fetches something")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title += data
        if self._inside == "style" and _FETCHES.search(data):
            self.wrong.append("A style fetches something")
