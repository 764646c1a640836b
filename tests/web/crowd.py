"""A crowd that answers over HTTP, many at once, each in a way of their own, and what each was told is saved.

People read pages as a browser does and know nothing of the survey but what a page shows: no question and no page is
named here. What they do is drawn from a seed. The invariant: `Kept` holds what the server has acknowledged and
nothing else, in the order of acknowledgement.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlencode

from offramp.desk.leaf import Button, Form, Leaf, Pairs, read_leaf

MISSING = frozenset(("97", "98", "x97", "x98"))
TAKE, LEAVE, END = "00", "01", "02"
MOST_PAGES = 150
WORDS = ("amber", "birch", "cedar", "dune", "أمبر", "\U0001f6e4", "<b>ember</b>", "a\nb", "fern & “grove”")


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of respondent: how many modules it takes, and after how many pages at most it leaves."""

    name: str
    share: float
    modules: int
    pages: int = MOST_PAGES


MIX = (
    Kind("takes all modules", 0.012, 99),
    Kind("takes one module", 0.18, 1),
    Kind("answers the core and the end", 0.36, 0),
    Kind("breaks off", 0.42, 1, 5),
    Kind("declines", 0.028, 0, 0),
)


@dataclass(frozen=True, slots=True)
class Rates:
    """How often people do what, for each page."""

    back: float = 0.04
    switch: float = 0.02
    twice: float = 0.05
    stale: float = 0.02
    lost: float = 0.01
    delete: float = 0.008
    skip: float = 0.08
    missing: float = 0.06
    words: float = 0.15
    forget: float = 0.2
    clash: float = 0.02


@dataclass(frozen=True, slots=True)
class Post:
    """A page as it was sent: its fields, the fields that it had, and what the page itself said of what was saved."""

    page: str
    fields: Pairs
    offered: frozenset[str]
    worded: frozenset[str]
    locked: bool


@dataclass
class Kept:
    """What the server has acknowledged of one response; `alone` while only one tab wrote to it, page after page."""

    receipt: str = ""
    posts: list[Post] = field(default_factory=list)
    deleted: bool = False
    finished: bool = False
    alone: bool = True


@dataclass
class Crowd:
    """Where everybody goes, and what came of it."""

    slug: str
    locked: Mapping[str, str]
    rates: Rates = field(default_factory=Rates)
    languages: tuple[str, ...] = ("en", "en", "en", "ar", "ar")
    port: int = 0
    kept: list[Kept] = field(default_factory=list)
    did: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    under_way: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def come(self, people: Iterator[int], seed: int) -> None:
        """Let one after another come, until nobody is left; several of these run at once."""
        lines = Line(self), Line(self)
        try:
            for number in people:
                # Every fiftieth answers once more what the one before has answered, as another response.
                same = number - (number % 50 == 49)
                await Person(self, lines, Random(f"{seed}/{same}")).live()
                self.did["planted repeats"] += same != number
        finally:
            for line in lines:
                await line.close()

    async def stand_still(self) -> None:
        """Return when no request is under way; nobody asks for anything until the gate is opened again."""
        self.gate.clear()
        while self.under_way:
            await asyncio.sleep(0.01)


class Line:
    """One connection, opened anew when the server has closed it."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self.port = 0
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
            with contextlib.suppress(ConnectionError):
                await self.writer.wait_closed()

    async def ask(self, path: str, fields: Pairs | None = None) -> tuple[int, bytes]:
        """Fetch a page, or send a form; return the status and the page."""
        crowd, body = self.crowd, urlencode(fields or ()).encode()
        head = f"{'GET' if fields is None else 'POST'} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        if fields is not None:
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        await crowd.gate.wait()
        crowd.under_way += 1
        start = time.perf_counter()
        try:
            if self.port == crowd.port:
                # A server closes a line that nobody has used for a while; a browser then opens another.
                with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                    return await self._exchange(head.encode() + b"\r\n" + body)
            await self.close()
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", crowd.port)
            self.port = crowd.port
            return await self._exchange(head.encode() + b"\r\n" + body)
        finally:
            crowd.waits.append(time.perf_counter() - start)
            crowd.under_way -= 1

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        assert self.reader is not None
        assert self.writer is not None
        self.writer.write(request)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length:")[2].split()[0])
        return int(head.split()[1]), await self.reader.readexactly(length)


class Person:
    """One person: what they are like, the page before them, and the responses that came of them."""

    def __init__(self, crowd: Crowd, lines: tuple[Line, Line], random: Random) -> None:
        self.crowd, self.lines, self.random, self.rates = crowd, lines, random, crowd.rates
        self.kind = random.choices(MIX, [kind.share for kind in MIX])[0]
        self.modules, self.pages = self.kind.modules, self.kind.pages
        if self.pages < MOST_PAGES:
            self.pages = random.randint(min(1, self.pages), self.pages)
        self.language = random.choice(crowd.languages)
        self.kept = Kept()
        self.stale: tuple[Form, bool] | None = None
        # What the page before the person says of itself.
        self.locked = self.complaint = False
        self.lost = 0

    def happens(self, chance: float) -> bool:
        return self.random.random() < chance

    def does(self, what: str, chance: float) -> bool:
        """Tell whether it happens this time, and count it."""
        happens = self.happens(chance)
        self.crowd.did[what] += happens
        return happens

    async def live(self) -> None:
        """Come, read what it is about, and answer, or not."""
        self.crowd.did[self.kind.name] += 1
        leaf = await self.see(f"/{self.language}/s/{self.crowd.slug}")
        form = leaf.forms["consent"]
        if not self.pages:
            await self.press(form, "decline")
            return
        leaf = await self.press(form, "agree")
        self.crowd.did["agreed"] += 1
        self.crowd.kept.append(self.kept)
        for _ in range(self.pages):
            if leaf.main == "finished":
                self.kept.finished = True
                self.crowd.did["finished"] += 1
                return
            if self.kept.receipt and self.does("deleted", self.rates.delete):
                await self.delete(leaf)
                return
            leaf = await self.turn(leaf)
        assert self.pages < MOST_PAGES, "the survey has no end"

    # -- what a person does with a page -------------------------------------------------------------------------

    async def turn(self, leaf: Leaf) -> Leaf:
        """Do one thing with a page; return what is shown then."""
        form = leaf.form
        assert form is not None, f"a page without a form: {leaf.main}"
        if self.stale and self.does("sent an older tab", self.rates.stale):
            here = self.locked, self.complaint
            old, self.locked = self.stale
            self.kept.alone = False
            lost = self.lost
            shown = await self.send(old, self.fill(old), "next")
            if self.lost > lost:
                # The page before them is of the response that this was, and they go on with the other.
                return shown
            self.locked, self.complaint = here
        if form.button("next") is None:
            return await self.send(form, (), self.offer(form))
        fields = self.fill(form, self.complaint)
        if self.does("lost a page", self.rates.lost):
            return await self.lose(form, fields)
        if form.languages and self.does("changed the language", self.rates.switch):
            self.language = self.random.choice(form.languages)
            return await self.send(form, fields, "stay")
        if form.button("back") and self.does("went back", self.rates.back):
            return await self.send(form, fields if self.happens(0.5) else (), "back")
        if self.happens(0.2):
            self.stale = form, self.locked
        return await self.send(form, fields, "next")

    def offer(self, form: Form) -> str:
        """Return what to say to the offer of a module."""
        if self.modules and self.modules < 10 and self.happens(0.25):
            return LEAVE
        if self.modules:
            self.modules -= 1
            self.crowd.did["took a module"] += 1
            return TAKE
        return END if form.button(END) else LEAVE

    async def delete(self, leaf: Leaf) -> None:
        """Delete everything from the page, or with the receipt; now and then the page is sent all the same."""
        form, receipt = leaf.form, self.kept.receipt
        assert form is not None
        confirmation = (await self.press(form, "delete")).forms.get("delete") if self.happens(0.5) else None
        if confirmation is not None:
            leaf = await self.press(confirmation, "delete-yes")
        if confirmation is None or leaf.main != "deleted":
            leaf = await self.see(f"/{self.language}/s/{self.crowd.slug}/receipt")
            leaf = await self.press(next(iter(leaf.forms.values())), "delete", ("receipt", receipt))
        assert leaf.main == "deleted"
        self.kept.deleted = True
        if form.button("next") and not self.locked and self.does("sent a page after deleting", 0.3):
            status, _ = await self.lines[0].ask(*_asked(form, self.fill(form), form.button("next")))
            assert status in (409, 410)

    async def lose(self, form: Form, fields: Pairs) -> Leaf:
        """Send a page whose draft no longer opens: go on with the receipt, or afresh."""
        hidden = tuple((name, "x" if name == "draft" else value) for name, value in form.hidden)
        return await self.send(Form(hidden, form.choices, form.typed, form.buttons), fields, "next")

    async def found(self, leaf: Leaf, sent: Form) -> Leaf:
        """Go on from a page that says that it was lost, and that shows what was just sent."""
        form = leaf.form
        assert form is not None
        self.lost += 1
        standing = tuple(
            [(n, v) for n, choice in form.choices.items() for v in choice.ticked]
            + [(n, v) for n, v in form.typed.items() if n != "receipt"]
        )
        go = "next" if form.button("next") else self.offer(form)
        self.stale, self.locked, self.complaint = None, False, False
        if self.kept.receipt and self.does("went on with the receipt", 0.7):
            # Pages that are saved are then known to be there, and no more of them.
            self.locked = any(post.page == form.page for post in self.kept.posts)
            # The receipt brings back the draw, and with it what the page had asked before it was lost.
            fields = (*standing, ("receipt", self.kept.receipt))
            return await self.send(form, fields, go, asked=sent.choices.keys() | sent.typed.keys())
        self.crowd.did["went on afresh"] += 1
        self.kept = Kept(alone=False)
        self.crowd.kept.append(self.kept)
        return await self.send(form, standing, go)

    # -- sending ------------------------------------------------------------------------------------------------

    async def see(self, path: str) -> Leaf:
        status, html = await self.lines[0].ask(path)
        assert status == 200
        return read_leaf(path, html)

    async def press(self, form: Form, value: str, *fields: tuple[str, str]) -> Leaf:
        button = form.button(value)
        status, html = await self.lines[0].ask(*_asked(form, fields, button))
        assert status in (200, 409)
        return read_leaf(form.buttons[0].path, html)

    async def send(
        self, form: Form, fields: Pairs, value: str, asked: AbstractSet[str] = frozenset()
    ) -> Leaf:
        """Send a page, sometimes by a double click, and remember it if the answer acknowledges it."""
        button = form.button(value)
        wish = (("lang", self.language),) if value == "stay" else ()
        ask = _asked(form, (*wish, *fields), button)
        if self.does("clicked twice", self.rates.twice):
            (status, html), _ = await asyncio.gather(self.lines[0].ask(*ask), self.lines[1].ask(*ask))
        else:
            status, html = await self.lines[0].ask(*ask)
        leaf = read_leaf(button.path, html)
        if status == 409:
            return await self.found(leaf, form)
        assert status in (200, 422), status
        assert button is not None
        self._acknowledged(form, fields, button, asked)
        self.locked = (
            self.crowd.locked[self.language if wish else button.path.strip("/")[:2]] in html.decode()
        )
        self.complaint = leaf.complaint
        self.kept.receipt = leaf.receipt or self.kept.receipt
        return leaf

    def _acknowledged(self, form: Form, fields: Pairs, button: Button, asked: AbstractSet[str]) -> None:
        own = fields if button.name == "go" else (*fields, (button.name, button.value))
        empty = not any(value.strip() for name, value in own if name != "receipt")
        stood = form.worded or any(c.ticked for c in form.choices.values()) or any(form.typed.values())
        untouched = button.value in ("back", "stay") and not stood and not self.complaint
        if not (empty and (self.locked or untouched)):
            offered = frozenset((*form.choices, *form.typed, *(b.name for b in form.buttons), *asked))
            self.kept.posts.append(Post(form.page, own, offered, form.worded, self.locked))

    # -- filling in ---------------------------------------------------------------------------------------------

    def fill(self, form: Form, mending: bool = False) -> Pairs:
        """Choose what to enter; what stands there already is mostly left."""
        pairs: list[tuple[str, str]] = []
        for name, choice in form.choices.items():
            if name in form.worded:
                pairs += [(name, "1")] * self.happens(self.rates.forget)
            elif choice.ticked and not mending and self.happens(0.6):
                pairs += [(name, value) for value in choice.ticked]
            elif not self.happens(self.rates.skip):
                pairs += [(name, value) for value in self.tick(choice.values, choice.several, mending)]
        ticked = {name for name, _ in pairs}
        for name, standing in form.typed.items():
            if name.startswith("q"):
                typed = "" if mending else standing or str(self.random.randrange(100))
                pairs.append((name, "" if name in ticked else typed))
            else:
                writes = self.happens(self.rates.words) and not mending
                pairs.append((name, " ".join(self.random.sample(WORDS, 3)) if writes else ""))
        return tuple(pairs)

    def tick(self, values: tuple[str, ...], several: bool, mending: bool) -> list[str]:
        answers, missing = [v for v in values if v not in MISSING], [v for v in values if v in MISSING]
        # Beside a field to type in there are boxes for not answering, and nothing else.
        if missing and (self.happens(self.rates.missing) if answers else self.happens(0.15)):
            return [self.random.choice(missing)]
        if not answers:
            return []
        if several and missing and not mending and self.happens(self.rates.clash):
            return [self.random.choice(answers), missing[0]]
        most = 1 if mending or not several else min(3, len(answers))
        return self.random.sample(answers, self.random.randint(1, most))


def _asked(form: Form, fields: Pairs, button: Button | None) -> tuple[str, Pairs]:
    assert button is not None
    return button.path, (*form.hidden, *fields, (button.name, button.value))
