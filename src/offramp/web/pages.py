"""Making pages: templates, words, headers and one size for all pages of a survey.

Not here: which page is shown (the endpoints). The invariant: every page leaves through `Pages.page`, so that each
has the same headers, asks for nothing else, and keeps nothing in the browser.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import Response

from offramp.errors import Problem, Refusal
from offramp.language import (
    LANGUAGES,
    SOURCE,
    Catalogue,
    Language,
    Tag,
    read_english,
    read_translations,
)
from offramp.web.gentle import Gentle
from offramp.web.results import POLICY, Result

# Every page is padded up to a multiple of this; a question page stays below one of them.
PAGE_BYTES = 24 * 1024
# Pages that are the same for everybody, kept rendered; with options in random order one page makes many.
# Pages of a programme hold what somebody wrote at length, so that their steps are larger.
PROGRAMME_BYTES = 48 * 1024
MOST_REMEMBERED = 500
NOTHING: Mapping[str, str] = {}
# A page of questions is the longest that there is, and needs no more of the style than what stands before this.
END_OF_QUESTIONS_STYLE = "/* a page of questions ends its style here */"
START_OF_PROGRAMME_STYLE = "/* only a programme wears what follows */"
_END = b"</html>"
# Where a page is filled in. Nobody can guess it, so that nobody can write it into a page.
_MARK = f"\x01{os.urandom(16).hex()}/{{}}\x01"


def read_interface(folder: Path, translated: bool = True) -> dict[Tag, Catalogue]:
    """Return the words of the pages per language, or in English alone. Refusal: everything missing in any of them."""
    problems: list[Problem] = []
    english = read_english(folder / "interface.toml", problems)
    catalogues = read_translations(folder / "locale", english, problems) if translated else {SOURCE: english}
    if problems:
        raise Refusal(problems)
    return catalogues


def pad(page: bytes, unit: int = PAGE_BYTES) -> bytes:
    """Return the page filled up to the next multiple of `unit`, so that its length says next to nothing."""
    opening, closing = b"<!--", b"-->"
    room = -(len(page) + len(opening) + len(closing)) % unit
    return page.replace(_END, opening + b"." * room + closing + _END)


@dataclass(frozen=True, slots=True)
class Dress:
    """The style of a page, and what is `sent` in front of it: headers that allow this style and nothing else."""

    style: Markup
    sent: Mapping[str, str]

    @classmethod
    def of(cls, style: str) -> Dress:
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        headers = {
            "content-security-policy": f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; "
            "frame-ancestors 'none'; base-uri 'none'",
            "cache-control": "no-store, no-transform",
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
            "x-robots-tag": "noindex, nofollow",
            "cross-origin-opener-policy": "same-origin",
        }
        # The hash in the policy is over these very characters, so nothing may escape or trim them.
        return cls(Markup(style), headers)  # noqa: S704


@dataclass(frozen=True, slots=True)
class Words:
    """The interface's words in one language, for a template: `t("page/next")`."""

    catalogue: Catalogue

    def __call__(self, key: str, **values: object) -> str:
        text = self.catalogue[key]
        return text.format(**values) if values else text

    @property
    def language(self) -> Language:
        return self.catalogue.language


class Pages:
    """All templates and words, read once at the start."""

    def __init__(
        self,
        interface: Mapping[Tag, Catalogue],
        offered: tuple[Tag, ...],
        drafts: frozenset[Tag],
        demonstration: bool,
        quick_exit: str,
        results: Sequence[Result] = (),
    ) -> None:
        style = (files("offramp.web") / "static" / "style.css").read_text(encoding="utf-8")
        self._asked, self._whole, self._programme = (
            Dress.of(part)
            for part in (
                style.partition(END_OF_QUESTIONS_STYLE)[0], style.partition(START_OF_PROGRAMME_STYLE)[0], style
            )
        )  # fmt: skip
        self.offered = offered
        self._remembered: dict[Hashable, bytes] = {}
        self._words = {tag: Words(interface[tag]) for tag in offered}
        self._templates = Environment(
            loader=PackageLoader("offramp.web"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True, auto_reload=False,
        )  # fmt: skip
        self._templates.globals.update(
            offered=tuple(LANGUAGES[tag] for tag in offered),
            drafts=drafts,
            demonstration=demonstration,
            quick_exit=quick_exit,
            results=results,
        )

    @property
    def always(self) -> Mapping[str, str]:
        """The headers of every answer, whether or not it is a page."""
        return self._whole.sent

    def words(self, tag: Tag) -> Words:
        return self._words[tag]

    def page(
        self, template: str, tag: Tag, status: int = 200, switch: str = "", remember: Hashable = None,
        fill: Mapping[str, str] = NOTHING, gentle: Gentle | None = None,
        contents: Callable[[], Mapping[str, object]] = dict, matrix: bool = False,
        unit: int = PAGE_BYTES, **values: object,
    ) -> Response:  # fmt: skip
        """Return a page.

        `switch` is the address of the same page in another language, with {tag} in it. With `remember`, the page
        is rendered once for this template, language and value, which must determine all the rest; only what
        `fill` names differs between people, and is put in afterwards. `contents` makes more values, where what it
        costs to make them is not to be paid for a page that is remembered. A page that holds an answer, or a `gentle`
        word about one, is never remembered.
        """
        remember = None if gentle else remember
        # Questions have the least room to spare, so what only a `matrix` wears stands in the rest of the style.
        dress = self._asked if template == "page.html" and not matrix else self._whole
        dress = self._programme if template.startswith("programme/") else dress
        key = (template, tag, switch, remember, tuple(fill))
        rendered = self._remembered.get(key) if remember is not None else None
        if rendered is None:
            marks = {name: _MARK.format(name) if text else "" for name, text in fill.items()}
            loaded = self._templates.get_template(template)
            frame = {"t": self._words[tag], "here": LANGUAGES[tag], "switch": switch, "gentle": gentle}
            frame["style"] = dress.style
            rendered = loaded.render(**frame, **marks, **values, **contents()).encode()
            if remember is not None:
                self._keep(key, rendered)
        for name, text in fill.items():
            rendered = rendered.replace(_MARK.format(name).encode(), text.encode(), 1)
        return Response(pad(rendered, unit), status, dress.sent, "text/html")

    def result(self, result: Result) -> Response:
        """Return a finished page of results; of the headers only the policy differs, as its bars are styles."""
        sent = {**self._whole.sent, "content-security-policy": POLICY}
        return Response(pad(result.body), 200, sent, "text/html")

    def _keep(self, key: Hashable, rendered: bytes) -> None:
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[key] = rendered

    def elsewhere(self, address: str) -> Response:
        """Return a redirect that keeps nothing and tells the next site nothing."""
        return Response(b"", 303, {**self._whole.sent, "location": address})
