"""Made-up respondents, who walk through the real pages and remember what was acknowledged.

Pure: a walk is a generator that asks for pages and is sent them; HTTP is the caller's. How often they do what is
invented, see `rates`. The invariant: the same seed and the same pages make the same walk, and a record says no more
than what the pages said back.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from urllib.parse import parse_qs, urlsplit

from offramp.desk.appeal import appeal_of
from offramp.desk.codebook import Variable, by_field
from offramp.desk.leaf import Form, Leaf, Pairs, read_leaf
from offramp.desk.rates import BENIGN, NEVER, WORDS, Rates, leaning_of
from offramp.survey import Survey

START, SURVEY, OTHER_SURVEY = "/", "/go/survey", "/go/other-survey"
RATES = Rates()
# For a message with a door to a second survey, for those who feel that they need no help.
BOTH_DOORS = Rates(needs_none=0.2)
_MISSING = {"97": "dont_know", "x97": "dont_know", "98": "rather_not", "x98": "rather_not"}
_MOST_PAGES = 150
TAKE, LEAVE, END = "00", "01", "02"


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: a page, or a form sent to it."""

    path: str
    fields: Pairs | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and from which path in the end."""

    status: int
    path: str
    html: bytes


@dataclass(frozen=True, slots=True)
class Posted:
    """One page of answers whose saving was acknowledged.

    `offered` are the names of all fields that the page had, `worded` those by which words saved earlier could be
    deleted: with them, what the server understood can be worked out again.
    """

    page: str
    fields: Pairs
    offered: frozenset[str]
    worded: frozenset[str]


@dataclass(frozen=True, slots=True)
class Record:
    """What became of one walk: how it ended, and every acknowledged page in order."""

    outcome: str
    language: str = ""
    posted: tuple[Posted, ...] = ()
    receipt: str = ""

    @property
    def last(self) -> Mapping[str, Posted]:
        """The last acknowledged state of each page; none after a deletion."""
        return {} if self.outcome == "deleted" else {posted.page: posted for posted in self.posted}


# What stands behind the fields of each survey's forms; a page tells only their names.
Known = Mapping[str, Mapping[str, Variable]]
NOTHING: Known = {}


@dataclass(frozen=True, slots=True)
class Meaning:
    """A question, its answers by the values of its field, and the values that stand alone."""

    question: str
    ids: Mapping[str, str]
    alone: frozenset[str]


Walking = Generator[Ask, Answer, Record]
Visit = Generator[Ask, Answer, Leaf]


def known(surveys: Mapping[str, Survey]) -> Known:
    """Return what a respondent has to know of surveys in order to answer by the table of rates."""
    return {slug: by_field(survey) for slug, survey in surveys.items()}


def walks(seed: int, responses: int, rates: Rates = RATES, known: Known = NOTHING) -> Iterator[Walking]:
    """Yield the walks of that many respondents who begin, and of passers-by among them.

    In a survey that is not `known` all answers are equally likely.
    """
    for number in range(responses):
        # To be the same again is what is wanted of this chance; nothing is kept secret by it.
        random = Random(f"{seed}/{number}")  # noqa: S311
        if random.random() < rates.passers_by:
            yield passer_by(random, rates)
        random = Random(f"{seed}/{number}/begins")  # noqa: S311
        yield respondent(random, rates, known)


def onlookers(seed: int, displays: int, rates: Rates = RATES) -> Iterator[Walking]:
    """Yield the visits of that many whom a search engine sends straight to a message."""
    for number in range(displays):
        yield onlooker(Random(f"{seed}/{number}/looks on"), rates)  # noqa: S311


def drive(walking: Walking, send: Callable[[Ask], Answer]) -> Record:
    """Let one walk happen; `send` fetches a page."""
    try:
        ask = next(walking)
        while True:
            ask = walking.send(send(ask))
    except StopIteration as stop:
        record: Record = stop.value
        return record


def passer_by(random: Random, rates: Rates = RATES) -> Walking:
    """Somebody who meets the message or the consent page and gives no response."""
    tag = "ar" if random.random() < rates.arabic else "en"
    leaf = yield from _search(random, tag)
    return (yield from _click(leaf, tag, random, rates))


def onlooker(random: Random, rates: Rates = RATES) -> Walking:
    """Somebody whom a search engine sends straight to a message, and who gives no response."""
    tag = "ar" if random.random() < rates.arabic else "en"
    leaf = yield from _open(Ask(f"/{tag}/message"))
    return (yield from _click(leaf, tag, random, rates))


def _click(leaf: Leaf, tag: str, random: Random, rates: Rates) -> Walking:
    """Click on something of a message, as its arm makes likely, or leave."""
    wanted = appeal_of(_arm(leaf)).target(random.random())
    if not wanted:
        return Record("left", tag)
    leaf = yield from _follow(leaf, f"/go/{wanted}")
    if wanted != "survey" or "consent" not in leaf.forms:
        return Record(wanted, tag)
    go = "under18" if random.random() < rates.under_18 else "decline"
    yield from _press(leaf.forms["consent"], go)
    return Record("under_18" if go == "under18" else "declined", tag)


def respondent(random: Random, rates: Rates = RATES, known: Known = NOTHING) -> Walking:
    """Somebody who agrees and sends at least the first page."""
    walk = _Walk(random, rates, known)
    leaf = yield from walk.arrive()
    consent = leaf.forms.get("consent")
    if consent is None:
        return Record("lost", walk.language)
    leaf = yield from _press(consent, "agree")
    outcome = yield from walk.through(leaf)
    return Record(outcome, walk.language, tuple(walk.posted), walk.receipt)


def _search(random: Random, tag: str) -> Visit:
    """Search for something harmless or for a demonstration term, until the message is shown."""
    leaf = yield from _open(Ask(START))
    if tag in leaf.languages:
        leaf = yield from _open(Ask(leaf.languages[tag]))
    for query in [random.choice(BENIGN)] * (random.random() < 0.3) + [random.choice(leaf.terms or WORDS)]:
        form = next(iter(leaf.forms.values()), None)
        if form is not None and form.buttons:
            leaf = yield from _open(Ask(form.buttons[0].path, (*form.hidden, ("q", query))))
    return leaf


def _follow(leaf: Leaf, start: str) -> Visit:
    link = next((link for link in leaf.links if link.startswith(start)), start)
    return (yield from _open(Ask(link)))


def _arm(leaf: Leaf) -> str:
    """Return which arm a message is, as its links say."""
    queries = [parse_qs(urlsplit(link).query) for link in leaf.links if link.startswith(SURVEY)]
    return queries[0].get("a", [""])[0] if queries else ""


def _press(form: Form, value: str) -> Visit:
    button = form.button(value)
    if button is None:
        return read_leaf(START, b"<main></main>")
    return (yield from _open(Ask(button.path, (*form.hidden, (button.name, value)))))


def _open(ask: Ask) -> Visit:
    answer = yield ask
    return read_leaf(answer.path, answer.html)


class _Walk:
    """One respondent: a temperament, what they have open in another tab, and what was acknowledged."""

    def __init__(self, random: Random, rates: Rates, known: Known = NOTHING) -> None:
        self.random, self.rates, self.known = random, rates, known
        self.language = "ar" if random.random() < rates.arabic else "en"
        self.wish = random.betavariate(1.5, 1.3)
        self.patient = random.random() < rates.patient
        self.leaves = rates.leaves_if_patient if self.patient else rates.leaves_if_not
        self.deletes = random.random() < rates.deletes
        self.never_used = random.random() < rates.never_used
        self.taken = 0
        self.posted: list[Posted] = []
        self.receipt = ""
        self.other_tab: Form | None = None

    def happens(self, chance: float) -> bool:
        return self.random.random() < chance

    def arrive(self) -> Visit:
        """Come to the consent page, through the search or by a link, in one's language."""
        if self.happens(self.rates.through_search):
            leaf = yield from _search(self.random, self.language)
            return (yield from _follow(leaf, self.door(leaf.links)))
        leaf = yield from _open(Ask(self.door((OTHER_SURVEY,))))
        if self.language in leaf.languages:
            leaf = yield from _open(Ask(leaf.languages[self.language]))
        return leaf

    def door(self, there: Sequence[str]) -> str:
        """Return which door of a message to take, of those that are there."""
        other = any(link.startswith(OTHER_SURVEY) for link in there)
        return OTHER_SURVEY if other and self.wish < self.rates.needs_none else SURVEY

    def through(self, leaf: Leaf) -> Generator[Ask, Answer, str]:
        """Answer page after page until the end, or until something else happens."""
        for _ in range(_MOST_PAGES):
            form = leaf.form
            if leaf.main == "finished":
                return "finished"
            if form is None:
                return "lost"
            if self.posted and self.deletes and self.happens(0.3):
                return (yield from self.delete(form))
            if self.posted and self.happens(
                self.leaves + self.rates.leaves_at_first * (len(self.posted) == 1)
            ):
                return "broke_off"
            if self.other_tab and self.happens(self.rates.stale_tab):
                # The other tab shows an older page; what is sent from it comes later, and so it counts.
                yield from self.send(self.other_tab, self.fill(self.other_tab), "next")
            leaf = yield from self.turn(form, leaf.complaint)
        return "lost"

    def turn(self, form: Form, mending: bool) -> Visit:
        """Do one thing with a page: send it, go back, or read on in another language."""
        if form.button("next") is None:
            return (yield from self.send(form, (), self.say(form)))
        fields = self.fill(form, mending)
        if form.languages and self.happens(self.rates.switches):
            self.language = self.random.choice(form.languages)
            return (yield from self.send(form, fields, "stay", (("lang", self.language),)))
        if form.button("back") and self.happens(self.rates.back):
            return (yield from self.send(form, fields if self.happens(0.5) else (), "back"))
        if self.happens(0.2):
            self.other_tab = form
        return (yield from self.send(form, fields, "next"))

    def say(self, form: Form) -> str:
        """Take the part that is offered, leave it out, or end them all where the offer has a button for that."""
        rates, tired = self.rates, self.rates.tires * self.taken
        ends = (rates.ends_if_patient if self.patient else rates.ends_if_not) + tired
        if form.button(END) and self.happens(ends):
            return END
        if not self.happens((rates.takes_if_patient if self.patient else rates.takes_if_not) - tired):
            return LEAVE
        self.taken += 1
        return TAKE

    def send(self, form: Form, fields: Pairs, value: str, besides: Pairs = ()) -> Visit:
        """Send a page, sometimes twice, and remember it if the answer acknowledges it.

        What it carries `besides` is no answer.
        """
        button = form.button(value)
        assert button is not None, "a page without the button that was to be pressed"
        ask = Ask(button.path, (*form.hidden, *besides, *fields, (button.name, value)))
        for _ in range(2 if self.happens(self.rates.twice) else 1):
            answer = yield ask
            leaf = read_leaf(answer.path, answer.html)
            # Going back or to another language with nothing entered saves nothing, where nothing stood there either.
            nothing = value in ("back", "stay") and not any(v for _, v in fields) and form.blank
            if (answer.status == 200 or leaf.complaint) and not nothing:
                offered = frozenset((*form.choices, *form.typed, *(b.name for b in form.buttons))) - {"go"}
                own = fields if button.name == "go" else (*fields, (button.name, value))
                self.posted.append(Posted(form.page, own, offered, form.worded))
        self.receipt = leaf.receipt or self.receipt
        return leaf

    def delete(self, form: Form) -> Generator[Ask, Answer, str]:
        """Delete everything, and leave."""
        leaf = yield from _press(form, "delete")
        confirmation = leaf.forms.get("delete")
        if confirmation is None:
            return "lost"
        leaf = yield from _press(confirmation, "delete-yes")
        return "deleted" if leaf.main == "deleted" else "lost"

    def fill(self, form: Form, mending: bool = False) -> Pairs:
        """Choose what to enter: mostly what stood there already, else something according to one's leanings."""
        pairs: list[tuple[str, str]] = []
        for name, choice in form.choices.items():
            if name in form.worded:
                pairs += [(name, "1")] * self.happens(self.rates.forgets_words)
            elif choice.ticked and not mending and self.happens(0.7):
                pairs += [(name, value) for value in choice.ticked]
            else:
                chosen = self.choose(form.survey, name, choice.values, choice.several, mending)
                pairs += [(name, value) for value in chosen]
        pairs += [(name, self.enter(form, name, dict(pairs))) for name in form.typed]
        return tuple(pairs)

    def enter(self, form: Form, name: str, chosen: Mapping[str, str]) -> str:
        """Return what to type into a field: a number, words to an open question, or words beside a list."""
        question = f"q{name[1:]}"
        if name == question:
            return "" if name in chosen else str(self.random.randrange(10))
        choice = form.choices.get(question)
        beside = choice is not None and not set(choice.values) <= _MISSING.keys()
        writes = self.happens(self.rates.words_beside if beside else self.rates.words_alone)
        return " ".join(self.random.sample(WORDS, 3)) if writes and question not in chosen else ""

    def choose(
        self, survey: str, name: str, values: tuple[str, ...], several: bool, mending: bool
    ) -> list[str]:
        """Return the values to tick in one question."""
        missing = {_MISSING[value]: value for value in values if value in _MISSING}
        answers = sorted(value for value in values if value not in _MISSING)
        if self.happens(self.rates.skips) or not answers:
            return []
        for kind, chance in (("rather_not", self.rates.rather_not), ("dont_know", self.rates.dont_know)):
            if kind in missing and self.happens(chance):
                return [missing[kind]]
        meaning = self.meaning(survey, name, answers)
        if never := [value for value in answers if meaning.ids[value] in NEVER]:
            if self.never_used:
                return never
            answers = [value for value in answers if value not in never]
        leaning = leaning_of(meaning.question, [*meaning.ids.values()])
        weights = {value: leaning.weight(meaning.ids[value], self.wish) for value in answers}
        (first,) = self.random.choices(answers, [*weights.values()])
        if not several or first in meaning.alone or mending:
            return [first]
        if missing and self.happens(self.rates.clashes):
            # A slip: an answer and “rather not say” together; the page asks to look again.
            return [first, *missing.values()][:2]
        most = max(weights.values())
        more = (value for value in answers if value not in meaning.alone and value != first)
        further = [v for v in more if self.happens(leaning.more * min(1, 2 * weights[v] / most))]
        return sorted((first, *further))

    def meaning(self, survey: str, name: str, values: list[str]) -> Meaning:
        """Return what stands behind a question's values; only themselves where the survey is another one."""
        variable = self.known.get(survey, {}).get(name)
        if variable is None or len(variable.categories) != len(values):
            return Meaning("", {value: value for value in values}, frozenset())
        named = dict(zip(values, variable.categories, strict=True))
        alone = frozenset(value for value, category in named.items() if category.exclusive)
        return Meaning(variable.id, {value: category.id for value, category in named.items()}, alone)
