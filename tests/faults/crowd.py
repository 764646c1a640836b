"""Respondents who walk at the same time, whatever happens to the server, and remember what it has acknowledged.

Each does what a person would: waits and tries again, types the receipt when the page no longer knows anything, deletes.
What they were told is compared with what the desk's keys open afterwards in `ledger.py`. The invariant: a page counts
as acknowledged when its whole answer has come and says so, and at no other time.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from random import Random

from offramp.survey import Missing, PageId, Survey
from offramp.survey.answers import WRITTEN, Answer, Chosen, ChosenMany, Number
from offramp.survey.definition import Kind, Part, Question, QuestionId
from offramp.survey.form import choice_field, option_code, words_field
from tests.faults.lives import Line, Lives, LostError, OverError
from tests.web.respondent import Respondent, Tick

SAVED = (200, 422)
DRAFT_LOST, DELETED, UNSAVED = 409, 410, 503


@dataclass(frozen=True)
class Sent:
    """What was sent of one page, as it has to be opened."""

    answers: Mapping[QuestionId, Answer]
    words: Mapping[QuestionId, str]


class Deletion(Enum):
    NONE = "never asked for"
    ASKED = "asked for"
    DONE = "acknowledged"


@dataclass
class Record:
    """What one response was told. Of each page: the last that was acknowledged, if any was, and what came after it."""

    receipt: str = ""
    pages: dict[PageId, list[Sent]] = field(default_factory=dict)
    sure: set[PageId] = field(default_factory=set)
    deletion: Deletion = Deletion.NONE

    def acknowledged(self, page: PageId, sent: Sent) -> None:
        self.pages[page] = [sent]
        self.sure.add(page)


@dataclass
class Crowd:
    """A number of people at one server; `asked` and `told` count requests that add to a total, and their answers."""

    lives: Lives
    survey: Survey
    seed: int
    # How often in a hundred pages somebody goes back instead, or deletes everything.
    back: int = 8
    deletes: int = 3
    records: list[Record] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    troubles: list[BaseException] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def acknowledged(self) -> int:
        """How many pages of how many responses were acknowledged, in all."""
        return self.told["page"]

    @property
    def failed(self) -> int:
        """How many requests were answered by a page that says that something went wrong."""
        return self.told["fault"] + self.told["no deletion"]

    @contextlib.contextmanager
    def walking(self, people: int) -> Iterator[None]:
        """Let people walk, response after response, while this lasts."""
        threads = [threading.Thread(target=self._stay, args=(number,)) for number in range(people)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.lives.end()
            for thread in threads:
                thread.join(120)
        assert not any(thread.is_alive() for thread in threads)
        if self.troubles:
            raise self.troubles[0]

    def wait_for(self, pages: int, seconds: float = 60) -> None:
        """Wait until so many more pages are acknowledged, or somebody is in trouble."""
        goal = self.acknowledged + pages
        self.wait_until(lambda: self.acknowledged >= goal, seconds)

    def wait_until(self, done: Callable[[], bool], seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not done() and not self.troubles:
            assert time.monotonic() < end, f"this does not happen: {dict(self.told)}, {self.lives.said()}"
            time.sleep(0.005)

    def _stay(self, number: int) -> None:
        line, chance = Line(self.lives), Random(f"{self.seed}/{number}")
        try:
            while True:
                Somebody(self, line, chance).walk()
        except OverError:
            pass
        except BaseException as error:
            self.troubles.append(error)
            self.lives.end()
        finally:
            line.close()

    def note(self, counts: Counter[str], name: str) -> None:
        with self.lock:
            counts[name] += 1


@dataclass
class Somebody:
    """One person with one response, from consent to the end."""

    crowd: Crowd
    line: Line
    chance: Random
    record: Record = field(default_factory=Record)
    resumed: bool = False

    def __post_init__(self) -> None:
        self.browser = Respondent(
            self.line, self.crowd.survey, self.chance.choice(sorted(self.crowd.survey.catalogues))
        )
        self._remember(self.record)

    def walk(self) -> None:
        self._counted("consent_shown", self.browser.open_consent)
        self._counted("agreed", self.browser.agree)
        while self.browser.seen.page in self.crowd.survey.page_of:
            roll = self.chance.randrange(100)
            if self.record.receipt and roll < self.crowd.deletes:
                return self._delete()
            if roll < self.crowd.deletes + self.crowd.back and self._go_back():
                continue
            self._send_page()
        assert self.browser.seen.tree.xpath("//main[@id='finished']"), self.browser.seen.text

    def _remember(self, record: Record) -> None:
        with self.crowd.lock:
            self.crowd.records.append(record)

    def _counted(self, name: str, step: Callable[[], object]) -> None:
        """Do what is counted until it is done; each time may have been counted, and the last one was."""
        while True:
            self.crowd.note(self.crowd.asked, name)
            with contextlib.suppress(LostError):
                step()
                assert self.browser.seen.status == 200, self.browser.seen.text
                self.crowd.note(self.crowd.told, name)
                return

    # -- a page -----------------------------------------------------------------------------------------------

    def _send_page(self) -> None:
        """Answer the page that is shown, and send it until an answer comes."""
        browser, page = self.browser, PageId(self.browser.seen.page)
        ticks, words, sent = self._choose(page)
        while True:
            self.record.pages.setdefault(page, []).append(sent)
            self._say_who_i_am()
            try:
                self._press_next(browser, page, ticks, words)
            except LostError:
                continue
            match browser.seen.status:
                case status if status in SAVED:
                    return self._saved(page, sent)
                case status if status == UNSAVED:
                    # What was entered stands in the page that came, and is sent from there, a little later.
                    assert browser.seen.page == page, browser.seen.text
                    self.crowd.note(self.crowd.told, "fault")
                    ticks = ticks if self._offered(page) else {}
                    words = {}
                    time.sleep(0.02)
                case _:
                    return self._be_asked_who_i_am(page)

    def _press_next(
        self, browser: Respondent, page: PageId, ticks: Mapping[str, Tick], words: Mapping[str, str]
    ) -> None:
        if self._offered(page):
            question = self.crowd.survey.page_of[page].questions[0]
            place = [option.id for option in question.options].index(str(ticks[question.id]))
            browser.press(choice_field(question), option_code(place))
        else:
            browser.next(ticks, words)

    def _offered(self, page: PageId) -> bool:
        return self.crowd.survey.page_of[page].part is Part.OFFER

    def _saved(self, page: PageId, sent: Sent) -> None:
        self.record.acknowledged(page, sent)
        self.record.receipt = self.browser.seen.receipt
        assert self.record.receipt
        self.crowd.note(self.crowd.told, "page")

    def _be_asked_who_i_am(self, page: PageId) -> None:
        """The draft is lost: this page shows what was sent, keeps nothing of it, and asks for the receipt."""
        assert (self.browser.seen.status, self.browser.seen.page) == (DRAFT_LOST, page), (
            self.browser.seen.text
        )
        self.record.pages[page].pop()
        self.resumed = True
        if not self.record.receipt:
            self.record = Record()
            self._remember(self.record)

    def _say_who_i_am(self) -> None:
        if self.browser.seen.status == DRAFT_LOST and self.record.receipt:
            self.browser.type_receipt(self.record.receipt)

    def _go_back(self) -> bool:
        """Go back from a page on which nothing stands yet, which saves nothing."""
        if self.resumed or len(self.record.pages) == 0 or self.browser.seen.page in self.record.pages:
            return False
        with contextlib.suppress(LostError):
            self.browser.back()
            if self.browser.seen.status != 200:
                self.browser.history.pop()
                return False
            return True
        return False

    # -- leaving ----------------------------------------------------------------------------------------------

    def _delete(self) -> None:
        self.record.deletion = Deletion.ASKED
        self._say_who_i_am()
        page = PageId(self.browser.seen.page)
        late, (ticks, words, _) = self.browser.another_tab(), self._choose(page)
        with contextlib.suppress(LostError):
            if self.browser.delete().seen.status == 200:
                self._told_of_deletion(self.browser.press("go", "delete-yes"))
        while self.record.deletion is not Deletion.DONE:
            with contextlib.suppress(LostError):
                if self.browser.open_receipt().seen.status == 200:
                    self.browser.type_receipt(self.record.receipt)
                    self._told_of_deletion(self.browser.press("go", "delete"))
        with contextlib.suppress(LostError):
            self._press_next(late, page, ticks, words)
            assert late.seen.status in (DRAFT_LOST, DELETED, UNSAVED), late.seen.text

    def _told_of_deletion(self, browser: Respondent) -> None:
        if browser.seen.tree.xpath("//main[@id='deleted']"):
            assert browser.seen.status == 200
            self.record.deletion = Deletion.DONE
            self.crowd.note(self.crowd.told, "deletion")
        else:
            assert browser.seen.status in (DRAFT_LOST, UNSAVED), browser.seen.text
            self.crowd.note(self.crowd.told, "no deletion")
            time.sleep(0.02)

    # -- what is entered --------------------------------------------------------------------------------------

    def _choose(self, page: PageId) -> tuple[dict[str, Tick], dict[str, str], Sent]:
        """Answer everything that the page asks, with invented words wherever words can be written."""
        ticks: dict[str, Tick] = {}
        words: dict[str, str] = {}
        answers: dict[QuestionId, Answer] = {}
        for question in self.crowd.survey.page_of[page].questions:
            if not self._asked(question):
                continue
            if question.open:
                words[question.id] = f"plinder {self.chance.getrandbits(48):x}"
            tick = self._tick(question)
            if tick is not None:
                ticks[question.id] = tick
            answers[question.id] = _answer(question, tick)
        return ticks, words, Sent(answers, {QuestionId(q): text for q, text in words.items()})

    def _asked(self, question: Question) -> bool:
        names = f"@name='{choice_field(question)}' or @name='{words_field(question)}'"
        return question.kind is not Kind.STATEMENT and bool(
            self.browser.seen.tree.xpath(f"//main//*[{names}]")
        )

    def _tick(self, question: Question) -> Tick | None:
        chance = self.chance
        offer = question.id.startswith("take_")
        if not question.open and not offer and chance.random() < 0.1:
            return Missing.REFUSED
        match question.kind:
            case Kind.SCALE | Kind.NUMBER:
                return chance.randint(question.low, question.high)
            case Kind.TEXT:
                return None
            case Kind.MULTIPLE:
                some = {o.id for o in question.options if not o.exclusive and chance.random() < 0.4}
                some |= {"other"} if question.open else set()
                some = some or {chance.choice(question.options).id}
                return [o.id for o in question.options if o.id in some]
            case _:
                return "other" if question.open else chance.choice(question.options).id


def _answer(question: Question, tick: Tick | None) -> Answer:
    match tick:
        case None:
            return WRITTEN
        case Missing():
            return tick
        case str():
            return Chosen(tick)
        case int():
            return Number(tick)
        case several:
            return ChosenMany(tuple(str(one) for one in several))
