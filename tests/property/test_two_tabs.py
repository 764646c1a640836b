"""Somebody answers in two tabs at once, in any order, and nothing is lost, doubled or mixed up.

Each tab sends, goes back, clicks twice, reloads, dives into its history, changes the language, is left open too long,
or deletes everything. A model remembers for each response and page what was acknowledged last; at the end the desk's
key opens exactly that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from offramp.survey import Body, Missing, Survey, join
from offramp.survey.flow import in_order
from offramp.survey.form import PageForm, choice_field, forget_field, read_page, words_field
from offramp.survey.response import Codes
from offramp.web import read_interface
from tests.web.installation import Installation
from tests.web.respondent import Respondent, Seen

ACTIONS = (
    *["next"] * 5, *["back"] * 3, "again", "again", "history", "switch", "wait", "delete", "resume", "resume",
)  # fmt: skip
STEP = st.tuples(st.integers(0, 1), st.sampled_from(ACTIONS), st.integers(0, 999))
WITH_CHILDREN = {"online", "in_person", "both"}
# Question: what decides whether it is asked, and the answers that lead to it.
CONDITIONS: Mapping[str, tuple[str, set[str]]] = {
    "tp2_open_web_services": ("tp1_open_web", {"yes"}),
    "tp8_contact_social": ("contact_sought", WITH_CHILDREN),
    "tp9_contact_messengers": ("contact_sought", WITH_CHILDREN),
    "cont_last": ("contact_sought", WITH_CHILDREN),
    "use_live_year": ("livestream", {"once", "more"}),
    "barr_treated": ("help_sought", {"not_got", "waiting", "got_some", "got"}),
}


@dataclass
class Kept:
    """What the server has acknowledged of one response."""

    receipt: str = ""
    deleted: bool = False
    answers: dict[str, list[PageForm | None]] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    def acknowledge(self, page: str, form: PageForm, perhaps: bool) -> None:
        """Take a page as saved; `perhaps` where going back from an emptied page may have left it as it was."""
        before = self.answers.get(page, [None])
        self.answers[page] = [*before, form] if perhaps else [form]
        self.words.update(form.words)
        self.words.update(dict.fromkeys(form.forget, ""))


@dataclass
class Tab:
    """A tab, and for every page that it has shown the response to which that page belongs."""

    browser: Respondent
    kept: Kept
    shown: list[tuple[Seen, Kept]]
    sent: tuple[Seen, Kept, bytes] | None = None
    lost: Kept | None = None


class Model:
    """Two tabs over one response, and whatever responses come of it when pages are lost."""

    def __init__(self, place: Installation, client: TestClient, pages: int) -> None:
        """Begin, answer that many pages, and open the second tab."""
        self.place, self.survey = place, place.survey
        interface = read_interface(place.settings.content / "interface")
        self.locked = {str(tag): texts["page/locked"] for tag, texts in interface.items()}
        person = Respondent(client, self.survey).begin()
        first = Kept()
        self.responses = [first]
        self.envelopes_before = len(place.envelopes())
        self.tabs = [Tab(person, first, [(person.seen, first)])]
        for number in range(pages):
            self.do(0, "next", 7 * number)
        (alone,) = self.tabs
        self.tabs.append(replace(alone, browser=person.another_tab(), shown=list(alone.shown)))

    def do(self, number: int, action: str, seed: int) -> None:
        tab, random = self.tabs[number], Random(seed)
        if action == "wait":
            self.place.clock.advance(hours=13)
            return
        if not tab.browser.seen.tree.xpath("//form[@id='answers']") or action == "history":
            self._dive(tab, random)
        fill(tab.browser, random)
        if tab.lost and tab.lost.receipt and tab.browser.seen.tree.xpath("//input[@name='receipt']"):
            tab.browser.type_receipt(random.choice((tab.lost.receipt, "")))
        match action:
            case "again" if tab.sent:
                seen, tab.kept, body = tab.sent
                self._send(tab, seen, body)
            case "back" if tab.browser.seen.tree.xpath("//button[@value='back']"):
                self._press(tab, ("go", "back"))
            case "switch":
                tab.browser.language = "ar" if tab.browser.seen.language == "en" else "en"
                tab.browser._entries["lang"] = [tab.browser.language]
                self._press(tab, ("go", "stay"))
            case "delete":
                self._delete(tab)
            case "resume" if tab.kept.receipt:
                self._resume(tab)
            case _ if tab.browser.seen.page.startswith("offer_"):
                offered = self.survey.page_of[tab.browser.seen.page].questions[0]
                self._press(tab, (choice_field(offered), random.choice(("00", "00", "01", "02"))))
            case _:
                self._press(tab, ("go", "next"))

    def _dive(self, tab: Tab, random: Random) -> None:
        """Go to a page that this tab has shown before, as by the browser's own history."""
        answerable = [(seen, kept) for seen, kept in tab.shown if seen.tree.xpath("//form[@id='answers']")]
        seen, tab.kept = random.choice(answerable)
        tab.browser.history.append(seen)
        tab.browser._entries = {}
        tab.shown.append((seen, tab.kept))

    def _press(self, tab: Tab, button: tuple[str, str]) -> None:
        self._send(tab, tab.browser.seen, urlencode([*tab.browser._fields(), button]).encode())

    def _send(self, tab: Tab, seen: Seen, body: bytes) -> None:
        kept = tab.kept
        tab.sent = (seen, kept, body)
        fields = parse_qs(body.decode(), keep_blank_values=True)
        typed = fields.get("receipt", [""])[0]
        if typed:
            kept = next(other for other in self.responses if other.receipt == typed)
        form = read_page(asked(self.survey, seen), fields, worded(self.survey, seen, kept if typed else None))
        tab.browser._post(f"/{tab.browser.language}/s/{self.survey.slug}", body)
        answer = tab.browser.seen
        match answer.status:
            case 409:
                tab.lost, kept = kept, Kept()
                self.responses.append(kept)
            case 410:
                assert kept.deleted
            case status:
                assert status in (200, 422)
                self._saved(kept, seen, form, fields, resumed=bool(typed))
                if answer.receipt:
                    assert kept.receipt in ("", answer.receipt)
                    kept.receipt = answer.receipt
        tab.kept = kept
        tab.shown.append((answer, kept))

    def _saved(
        self, kept: Kept, seen: Seen, form: PageForm, fields: dict[str, list[str]], resumed: bool
    ) -> None:
        leaving = fields.get("go") in (["back"], ["stay"])
        locked = kept.answers.get(seen.page) if resumed else self.locked[seen.language] in seen.text
        untouched = leaving and not seen.tree.xpath("//form[@id='answers']//input[@checked]")
        if form.empty and (locked or untouched):
            return
        assert not kept.deleted
        kept.acknowledge(seen.page, form, perhaps=leaving and form.empty)
        if locked:
            # The page said so: it takes the place of the saved one, words and all.
            everything = [
                question.id for question in self.survey.page_of[seen.page].questions if question.open
            ]
            kept.words.update({question: "" for question in everything if question not in form.words})

    def _resume(self, tab: Tab) -> None:
        """Go on with the receipt, in the same tab."""
        tab.browser.open_receipt().type_receipt(tab.kept.receipt).press("go", "continue")
        assert tab.browser.seen.status == (410 if tab.kept.deleted else 200)
        tab.shown.append((tab.browser.seen, tab.kept))

    def _delete(self, tab: Tab) -> None:
        typed = tab.browser._entries.get("receipt", [""])[0]
        # On a page that was lost, a receipt says what is to be deleted.
        kept = next(other for other in self.responses if other.receipt == typed) if typed else tab.kept
        tab.browser.delete()
        if tab.browser.seen.page != "delete":
            # Lost; and where the other tab has deleted everything, a receipt on the lost page says so.
            assert tab.browser.seen.status == 409 or (kept.deleted and tab.browser.seen.status == 410)
        else:
            tab.browser.press("go", "delete-yes")
            assert tab.browser.seen.tree.xpath("//main[@id='deleted']")
            kept.deleted = True
            kept.answers, kept.words = {}, {}
        tab.shown.append((tab.browser.seen, kept))

    def check(self) -> None:
        """Open everything and compare it with what was acknowledged last."""
        found = 0
        for kept in self.responses:
            bodies = self.place.bodies(kept.receipt) if kept.receipt else []
            found += len(bodies)
            answers = {body.page: body for body in bodies if body.answers is not None}
            for page, acceptable in kept.answers.items():
                body = answers.pop(page, None)
                assert any(agrees(body, form) for form in acceptable), (page, body, acceptable)
            assert not answers, "pages that nobody sent"
            words = [body.words for body in bodies if body.words is not None]
            assert all(len(one) == 1 for one in words), "the words of each question lie by themselves"
            assert {question: text for one in words for question, text in one.items()} == kept.words
            if bodies:
                self._check_path(bodies)
        assert len(self.place.envelopes()) - self.envelopes_before == found

    def _check_path(self, bodies: list[Body]) -> None:
        (response,) = join(self.survey, bodies)
        sent = {body.page: body.answers for body in bodies if body.answers is not None}
        assert set(response.pages) == set(sent)
        answers = {question: answer for page in sent.values() for question, answer in page.items()}
        draw = bytes.fromhex(bodies[0].context.draw)
        order = [page.questions[0].id for page in in_order(self.survey, draw) if page.part == "offer"]
        off = {question for question in answers if not on_path(self.survey, order, question, response.codes)}
        if not response.context.continued:
            assert set(response.off_path) == off
            assert all(response.codes[question] in (Missing.NOT_ASKED, Missing.NOT_DRAWN) for question in off)


def on_path(survey: Survey, order: list[str], question: str, codes: Mapping[str, Codes]) -> bool:
    """Whether this question is asked, by the survey's own conditions written out once more.

    `order` are the offers as chance put them for this response: after the one that ended all there is none.
    """
    page = next(page for page in survey.pages if any(q.id == question for q in page.questions))
    if page.part == "offer":
        return all(codes[earlier] != ("end",) for earlier in order[: order.index(question)])
    if page.module and codes[f"take_{page.module}"] != ("take",):
        return False
    if question == "strat_worked":
        tried = codes["strat_tried"]
        return isinstance(tried, tuple) and not {"none", "never_used"} & set(tried)
    asked, leading = CONDITIONS.get(question, ("", set()))
    return not asked or (isinstance(given := codes[asked], tuple) and bool(leading & set(given)))


def agrees(body: Body | None, form: PageForm | None) -> bool:
    if body is None or form is None:
        return body is None and form is None
    return (
        {q: body.answers.get(q) for q in form.answers} == form.answers if body.answers is not None else False
    )


def asked(survey: Survey, seen: Seen) -> tuple:
    """Return the questions that stand on a page."""
    if seen.page.startswith("offer_"):
        return survey.page_of[seen.page].questions
    names = set(seen.tree.xpath("//fieldset/@id"))
    return tuple(question for question in survey.questions if choice_field(question) in names)


def worded(survey: Survey, seen: Seen, resumed: Kept | None) -> frozenset:
    """Return the questions of which words are saved: as the page says, or as the store knows by the receipt."""
    if resumed is not None:
        return frozenset() if resumed.answers.get(seen.page) else frozenset(resumed.words)
    names = set(seen.tree.xpath("//input/@name"))
    return frozenset(question.id for question in survey.questions if forget_field(question) in names)


def fill(browser: Respondent, random: Random) -> None:
    """Enter something: nothing, one or several ticks per question, now and then words or the wish to delete them."""
    root = browser.seen.tree
    for group in root.xpath("//fieldset/@id"):
        codes = root.xpath(f"//input[@name='{group}'][@type!='text']/@value")
        if codes and random.random() < 0.6:
            several = bool(root.xpath(f"//input[@name='{group}'][@type='checkbox']"))
            browser._entries[group] = random.sample(
                codes, min(len(codes), random.choice((0, 1, 1, 2))) if several else 1
            )
    for question in (question for question in asked(browser.survey, browser.seen) if question.open):
        if random.random() < 0.4:
            browser._entries[words_field(question)] = [f"plinder {random.randint(0, 99)}"]
        elif random.random() < 0.5 and root.xpath(f"//input[@name='{forget_field(question)}']"):
            browser._entries[forget_field(question)] = ["1"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, TestClient]]:
    place = Installation(tmp_path_factory.mktemp("tabs") / "server")
    with place.running() as client:
        yield place, client


@given(steps=st.lists(STEP, min_size=3, max_size=14), pages=st.integers(0, 9))
# Examples are short enough to read as they are, and making them shorter would take minutes.
@settings(max_examples=100, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_two_tabs_in_any_order_leave_what_was_acknowledged_last(
    running: tuple[Installation, TestClient], steps: list[tuple[int, str, int]], pages: int
) -> None:
    model = Model(*running, pages)
    for number, action, seed in steps:
        model.do(number, action, seed)
    model.check()
