"""A respondent in a few verbs: what a browser without scripts and without cookies does with our pages.

Reads each page as HTML and sends what stands in its form, changed as a person would change it, by one of its
buttons. Questions and options are called by their ids, so that a test reads like an interview. Knows nothing of the
server's insides. The invariant: nothing can be ticked, written or pressed that the page does not show.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self
from urllib.parse import urlencode

import lxml.html
from lxml.html import HtmlElement

from offramp.survey import Missing, Survey
from offramp.survey.definition import Kind, Question
from offramp.survey.form import choice_field, forget_field, option_code, words_field

FORM = "application/x-www-form-urlencoded"
Tick = str | int | Missing | Sequence[str]
_MISSING_CODES = {Missing.REFUSED: "98", Missing.DONT_KNOW: "97"}


class Answer(Protocol):
    """What every HTTP client hands back."""

    @property
    def status_code(self) -> int: ...
    @property
    def content(self) -> bytes: ...
    @property
    def headers(self) -> Mapping[str, str]: ...


class Http(Protocol):
    """An HTTP client: Starlette's over an app, or httpx2's over a socket."""

    def get(self, url: str, *, headers: Mapping[str, str]) -> Answer: ...
    def post(self, url: str, *, content: bytes, headers: Mapping[str, str]) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as it arrived."""

    address: str
    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def tree(self) -> HtmlElement:
        return lxml.html.document_fromstring(self.body.decode())

    @property
    def heading(self) -> str:
        (heading,) = self.tree.xpath("//h1")
        return str(heading.text_content()).strip()

    @property
    def language(self) -> str:
        return str(self.tree.get("lang"))

    @property
    def text(self) -> str:
        """What a person can read of it."""
        return " ".join(str(self.tree.xpath("//body")[0].text_content()).split())

    @property
    def page(self) -> str:
        """The survey's page that it asks, or what it asks instead (the form of a deletion names its page too)."""
        if self.tree.xpath("//form[@id='answers']"):
            return str(self.tree.xpath("//form[@id='answers']//input[@name='page']/@value")[0])
        forms = self.tree.xpath("//form/@id")
        return str(forms[0]) if forms else ""

    @property
    def draft(self) -> str:
        return str(self.tree.xpath("//input[@name='draft']/@value")[0])

    @property
    def receipt(self) -> str:
        found = self.tree.xpath("//code[@id='receipt']")
        return str(found[0].text_content()).strip() if found else ""

    def links(self) -> list[str]:
        return [str(link) for link in self.tree.xpath("//a/@href")]


@dataclass
class Respondent:
    """One tab of a person's browser."""

    http: Http
    survey: Survey
    language: str = "en"
    headers: Mapping[str, str] = field(default_factory=dict)
    history: list[Seen] = field(default_factory=list)
    last_sent: bytes = b""
    _entries: dict[str, list[str]] = field(default_factory=dict)

    # -- getting about ----------------------------------------------------------------------------------------

    @property
    def seen(self) -> Seen:
        return self.history[-1]

    def go_to(self, address: str) -> Self:
        """Open an address, following where it leads inside this site."""
        answer = self.http.get(address, headers=dict(self.headers))
        while answer.status_code == 303 and answer.headers["location"].startswith("/"):
            address = answer.headers["location"]
            answer = self.http.get(address, headers=dict(self.headers))
        return self._arrive(address, answer)

    def click(self, start: str) -> Self:
        """Follow the link on this page whose address begins like that."""
        return self.go_to(next(link for link in self.seen.links() if link.startswith(start)))

    def open_consent(self, arm: str = "") -> Self:
        return self.go_to(f"/{self.language}/s/{self.survey.slug}" + (f"?a={arm}" if arm else ""))

    def open_receipt(self) -> Self:
        return self.go_to(f"/{self.language}/s/{self.survey.slug}/receipt")

    def begin(self, arm: str = "") -> Self:
        return self.open_consent(arm).agree()

    def another_tab(self) -> Self:
        """Return a second tab that shows the same page, with what was entered in it."""
        tab = copy.copy(self)
        tab.history, tab._entries = list(self.history), copy.deepcopy(self._entries)
        return tab

    # -- filling a form in ------------------------------------------------------------------------------------

    def tick(self, answers: Mapping[str, Tick]) -> Self:
        """Answer questions: an option's id, several, a number, or one of the ways of not answering."""
        for identity, answer in answers.items():
            question = self._question(identity)
            name = choice_field(question)
            codes = [_code(question, one) for one in _several(answer)]
            for code in codes:
                assert self._offers(name, code), f"the page does not offer {answer!r} for {identity}"
            self._entries[name] = codes
        return self

    def write(self, words: Mapping[str, str]) -> Self:
        """Write words beside a list, or into an open question."""
        for identity, text in words.items():
            name = words_field(self._question(identity))
            assert self._form().xpath(f".//*[@name='{name}']"), f"nothing can be written for {identity}"
            self._entries[name] = [text]
        return self

    def forget_words(self, identity: str) -> Self:
        name = forget_field(self._question(identity))
        assert self._offers(name, "1"), f"no words of {identity} are saved that could be deleted"
        self._entries[name] = ["1"]
        return self

    def type_receipt(self, receipt: str) -> Self:
        assert self._form().xpath(".//input[@name='receipt']"), "the page does not ask for a receipt"
        self._entries["receipt"] = [receipt]
        return self

    def search_for(self, query: str) -> Self:
        """Type a query into the search page and press its button."""
        self._entries["q"] = [query]
        return self._send(self._form().get("action"))

    def with_draft(self, draft: str) -> Self:
        """Let the page carry something else than what the server put there."""
        self._entries["draft"] = [draft]
        return self

    # -- pressing a button ------------------------------------------------------------------------------------

    def agree(self) -> Self:
        return self.press("go", "agree")

    def next(self, answers: Mapping[str, Tick] | None = None, words: Mapping[str, str] | None = None) -> Self:
        return self.tick(answers or {}).write(words or {}).press("go", "next")

    def back(self) -> Self:
        return self.press("go", "back")

    def take(self) -> Self:
        return self._offer(0)

    def leave(self) -> Self:
        return self._offer(1)

    def end(self) -> Self:
        return self._offer(2)

    def come_to_offer(self, module: str) -> Self:
        """Leave out every module that is offered before this one."""
        while self.seen.page != f"offer_{module}":
            self.leave()
        return self

    def switch(self, language: str) -> Self:
        """Choose another language on the page, and press the button beside it."""
        assert language in self._form().xpath(".//select[@name='lang']/option/@value")
        self.language, self._entries["lang"] = language, [language]
        return self.press("go", "stay")

    def delete(self) -> Self:
        return self.press("go", "delete")

    def press(self, name: str, value: str) -> Self:
        found = self._form().xpath(f".//button[@name='{name}'][@value='{value}']")
        assert found, f"there is no button {name}={value} on the page “{self.seen.heading}”"
        return self._send(self._form().get("action"), (name, value))

    def answer_page(self, answers: Mapping[str, Tick], words: Mapping[str, str]) -> Self:
        """Answer a whole page and go on; an offer by the button that says so."""
        if self.seen.page.startswith("offer_"):
            return self._offer(("take", "leave", "end").index(str(next(iter(answers.values())))))
        return self.next(answers, words)

    def again(self) -> Self:
        """Send the last form once more: a double click, or a reload of the page that came of it."""
        return self._post(self.seen.address, self.last_sent)

    def ready_to_send(self) -> bytes:
        """Return what “next” would send, without sending it."""
        return urlencode([*self._fields(), ("go", "next")]).encode()

    # -- how it is done ---------------------------------------------------------------------------------------

    def _offer(self, place: int) -> Self:
        assert self.seen.page.startswith("offer_"), f"nothing is offered on “{self.seen.heading}”"
        name = choice_field(self.survey.page_of[self.seen.page].questions[0])  # type: ignore[index]
        return self.press(name, option_code(place))

    def _question(self, identity: str) -> Question:
        return next(question for question in self.survey.questions if question.id == identity)

    def _offers(self, name: str, code: str) -> bool:
        typed = self._form().xpath(f".//input[@name='{name}'][@type='text']")
        return bool(typed or self._form().xpath(f".//input[@name='{name}'][@value='{code}']"))

    def _form(self) -> HtmlElement:
        forms = self.seen.tree.xpath("//main//form")
        assert forms, f"there is no form on the page “{self.seen.heading}”"
        return forms[0]

    def _fields(self) -> list[tuple[str, str]]:
        """Return what a browser would send of this form, with what the person entered in place of what stood there."""
        pairs: list[tuple[str, str]] = []
        for element in self._form().xpath(".//input[@name] | .//textarea[@name] | .//select[@name]"):
            name, kind = element.get("name"), element.get("type", "text")
            if element.tag == "select":
                chosen = [str(code) for code in element.xpath("./option[@selected]/@value")]
                pairs.append((name, self._entries.get(name, chosen)[0]))
            elif kind in ("checkbox", "radio"):
                entered = self._entries.get(name)
                ticked = (
                    element.get("checked") is not None if entered is None else element.get("value") in entered
                )
                pairs += [(name, element.get("value"))] * ticked
            elif kind == "hidden":
                pairs.append((name, self._entries.get(name, [element.get("value")])[0]))
            else:
                standing = (
                    (element.text or "").removeprefix("\n")
                    if element.tag == "textarea"
                    else element.get("value", "")
                )
                typed = [code for code in self._entries.get(name, [standing]) if not code.startswith("x9")]
                pairs.append((name, typed[0] if typed else ""))
        return pairs

    def _send(self, address: str, *button: tuple[str, str]) -> Self:
        return self._post(address, urlencode([*self._fields(), *button]).encode())

    def _post(self, address: str, body: bytes) -> Self:
        self.last_sent = body
        return self._arrive(
            address, self.http.post(address, content=body, headers={**self.headers, "content-type": FORM})
        )

    def _arrive(self, address: str, answer: Answer) -> Self:
        assert "set-cookie" not in answer.headers
        self.history.append(Seen(address, answer.status_code, answer.content, answer.headers))
        self._entries = {}
        return self


def _several(answer: Tick) -> Sequence[str | int | Missing]:
    return [answer] if isinstance(answer, str | int) else answer


def _code(question: Question, answer: str | int | Missing) -> str:
    mark = "x" if question.kind is Kind.NUMBER else ""
    match answer:
        case Missing():
            return mark + _MISSING_CODES[answer]
        case int():
            return option_code(answer - question.low) if question.kind is Kind.SCALE else str(answer)
        case str():
            return option_code([option.id for option in question.options].index(answer))
