"""A participant in a few verbs, over real pages: opens, fills in, presses what a page offers, and reads.

Questions are called by their ids. The invariant: nothing is sent that the page on the screen does not offer.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import lxml.html
from starlette.testclient import TestClient

from offramp.programme import Programme
from offramp.survey.definition import Kind, Question, QuestionId
from offramp.survey.form import choice_field, option_code, words_field


@dataclass
class Participant:
    """One person in one tab. `sent` is every body that left it."""

    client: TestClient
    programme: Programme
    tag: str = "en"
    tree: lxml.html.HtmlElement = None
    status: int = 0
    length: int = 0
    filled: dict[str, list[str]] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)

    @property
    def home(self) -> str:
        return f"/{self.tag}/p/{self.programme.slug}"

    def open(self, path: str = "") -> Participant:
        """Go to a page by its address."""
        return self._take(self.client.get(self.home + path))

    def _take(self, reply) -> Participant:  # type: ignore[no-untyped-def]
        self.status, self.length, self.filled = reply.status_code, len(reply.content), {}
        self.tree = lxml.html.document_fromstring(
            reply.content, parser=lxml.html.HTMLParser(encoding="utf-8")
        )
        return self

    @property
    def text(self) -> str:
        return " ".join(self.tree.find(".//main").text_content().split())

    @property
    def title(self) -> str:
        return str(self.tree.find(".//h1").text_content())

    @property
    def journal(self) -> str:
        """Return the sealed locker that the page carries; nothing where no journal is open."""
        return next(iter(self.tree.xpath('//input[@name="journal"]/@value')), "")

    @property
    def code(self) -> str:
        return str(self.tree.get_element_by_id("new-code").text_content())

    def offers(self, value: str, name: str = "go") -> bool:
        return bool(self._buttons(name, value))

    def _buttons(self, name: str, value: str) -> list[lxml.html.HtmlElement]:
        return list(self.tree.xpath(f'//button[@name="{name}"][@value="{value}"]'))

    def question(self, identity: str) -> Question:
        return self.programme.question_of[QuestionId(identity)]

    def write(self, identity: str, words: str) -> Participant:
        return self.fill(words_field(self.question(identity)), words)

    def choose(self, identity: str, *options: str) -> Participant:
        question = self.question(identity)
        places = {option.id: place for place, option in enumerate(question.options)}
        codes = [option_code(places[option]) for option in options]
        return self.fill(choice_field(question), *codes)

    def rate(self, identity: str, number: int) -> Participant:
        question = self.question(identity)
        assert question.kind is Kind.SCALE
        return self.fill(choice_field(question), option_code(number - question.low))

    def fill(self, name: str, *values: str) -> Participant:
        assert self.tree.xpath(f'//*[@name="{name}"]'), f"the page has no field {name}"
        self.filled[name] = list(values)
        return self

    def press(self, value: str, name: str = "go", nth: int = 0) -> Participant:
        """Press a button: everything in its form is sent, as a browser does."""
        button = self._buttons(name, value)[nth]
        form = next(each for each in button.iterancestors("form"))
        fields: dict[str, list[str]] = {}
        for key, found in form.form_values():
            fields.setdefault(key, []).append(found)
        fields |= {key: values for key, values in self.filled.items() if form.xpath(f'.//*[@name="{key}"]')}
        fields[name] = [value]
        reply = self.client.post(form.get("action"), data=fields)
        self.sent.append(str(reply.request.content, "utf-8"))
        return self._take(reply)

    def go(self, step: str, name: str = "to") -> Participant:
        """Go to a step or a sheet of an open journal, over the overview where the page does not lead there."""
        if not self.offers(step, name):
            if not self.offers("overview"):
                onward = self.tree.xpath('//button[@name="to"]/@value')[0]
                self.press(str(onward), "to")
            self.press("overview")
        return self.press(step, name)
