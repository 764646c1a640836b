"""One web page as a made-up respondent reads it: its links, its form, its buttons, and what it says happened.

Knows the marks that the pages carry, and nothing of questions. The invariant: nothing can be sent that the page
does not offer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

import lxml.html

FORM = "answers"
_FORGET = re.compile(r"f\d{3}")
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Radio buttons or tick boxes of one name: all values, and those that are ticked as the page arrives."""

    values: tuple[str, ...]
    ticked: tuple[str, ...]
    several: bool


@dataclass(frozen=True, slots=True)
class Button:
    name: str
    value: str
    path: str


@dataclass(frozen=True, slots=True)
class Form:
    """One form, ready to be filled in; `languages` are the others in which it can be shown."""

    hidden: Pairs
    choices: Mapping[str, Choice]
    typed: Mapping[str, str]
    buttons: tuple[Button, ...]
    languages: tuple[str, ...] = ()

    def button(self, value: str) -> Button | None:
        return next((button for button in self.buttons if button.value == value), None)

    @property
    def blank(self) -> bool:
        """Whether nothing on it comes from the person."""
        ticked = any(choice.ticked for choice in self.choices.values())
        return not (ticked or any(self.typed.values()) or self.worded)

    @property
    def page(self) -> str:
        return dict(self.hidden).get("page", "")

    @property
    def survey(self) -> str:
        """The slug in the address to which the form is sent."""
        return next((b.path.split("/s/")[1].split("/")[0] for b in self.buttons if "/s/" in b.path), "")

    @property
    def worded(self) -> frozenset[str]:
        """The names by which words that are saved already can be deleted."""
        return frozenset(name for name in self.choices if _FORGET.fullmatch(name))


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page."""

    main: str
    forms: Mapping[str, Form]
    links: tuple[str, ...]
    languages: Mapping[str, str]
    terms: tuple[str, ...]
    receipt: str
    complaint: bool

    @property
    def form(self) -> Form | None:
        return self.forms.get(FORM)


def read_leaf(path: str, html: bytes) -> Leaf:
    """Return the page that came from `path`."""
    tree = lxml.html.document_fromstring(html, parser=lxml.html.HTMLParser(encoding="utf-8"))
    receipt = tree.xpath("string(//code[@id='receipt'])")
    return Leaf(
        tree.xpath("string(//main/@id)"),
        {form.get("id") or "": _form(form, path) for form in tree.xpath("//main//form")},
        tuple(tree.xpath("//main//a/@href")),
        {link.get("hreflang"): link.get("href") for link in tree.xpath("//a[@hreflang]")},
        tuple(code.text_content() for code in tree.xpath("//main//code[not(@id)]")),
        receipt.strip(),
        bool(tree.xpath("//*[@id='errors']")),
    )


def _form(form: lxml.html.HtmlElement, path: str) -> Form:
    hidden: list[tuple[str, str]] = []
    choices: dict[str, Choice] = {}
    typed: dict[str, str] = {}
    for field in form.xpath(".//input | .//textarea"):
        name, kind, value = field.get("name"), field.get("type", "text"), field.get("value", "")
        if kind == "hidden":
            hidden.append((name, value))
        elif kind in ("radio", "checkbox"):
            so_far = choices.get(name, Choice((), (), kind == "checkbox"))
            ticked = (*so_far.ticked, value) if field.get("checked") is not None else so_far.ticked
            choices[name] = Choice((*so_far.values, value), ticked, so_far.several)
        else:
            typed[name] = (field.text or "").strip() if field.tag == "textarea" else value
    action = urljoin(path, form.get("action") or "")
    buttons = tuple(
        Button(
            button.get("name") or "",
            button.get("value") or "",
            urljoin(path, button.get("formaction") or action),
        )
        for button in form.xpath(".//button")
    )
    languages = tuple(form.xpath(".//select[@name='lang']/option[not(@selected)]/@value"))
    return Form(tuple(hidden), choices, typed, buttons, languages)
