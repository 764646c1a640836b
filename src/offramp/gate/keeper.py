"""The keeper answers at a door in place of a search engine, or lets the search engine answer.

Here: one request as a door has read it, and what comes of it: results, a message, the page of a gate that failed, or
the way on from a message. Not here: reading requests (adapters), deciding (live), words and looks (notice,
noticepage). The invariants: every answer has been counted without the query, nobody is kept from help because
something could not be counted, and what fails is answered as the operator has chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import get_args

from offramp.gate.counting import HELP_SEEKING, Count, CountSink, Day, Target
from offramp.gate.live import Failed, Found, LiveGate
from offramp.gate.messages import Arm, Randomness
from offramp.gate.notice import Notice, Shown
from offramp.gate.noticepage import Answer, Form, dressed, elsewhere
from offramp.language import Tag, preferred

_WAYS = frozenset(get_args(Target)) - {"shown", "shadow"}


class Unread(Exception):
    """A door could not read a request as its search engine might; carries nothing of it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as far as a door reads it: its path, all texts that may be the query, and how to answer.

    `language` is what a browser prefers, in its own words; it chooses the language of the page and is not kept.
    """

    path: str
    texts: Sequence[str] = ()
    form: Form = "html"
    language: str = ""
    unread: bool = False


class Keeper:
    """One for a process; any number of threads may ask it."""

    __slots__ = ("_chance", "_counts", "_roots", "_today", "live", "notice")

    def __init__(
        self, live: LiveGate, notice: Notice, *, chance: Randomness, today: Callable[[], Day],
        counts: CountSink | None = None,
    ) -> None:  # fmt: skip
        self.live, self.notice = live, notice
        self._chance, self._today, self._counts = chance, today, counts
        path = (
            "/" + notice.base.partition("://")[2].partition("/")[2] if "://" in notice.base else notice.base
        )
        # Where a search engine lies below a path of its site, it does not see that path; so the end of ours is enough.
        steps = path.strip("/").split("/")
        self._roots = tuple(f"/{'/'.join(steps[start:])}/" for start in range(len(steps)))

    def answer(self, asked: Asked) -> Answer | None:
        """Return what to send in place of results, or None to let the search engine answer."""
        try:
            if asked.path.startswith(self._roots):
                return self._way(asked)
            if not asked.texts and not asked.unread:
                return None
            shown = self.show(asked.texts, asked.language, asked.form, asked.unread)
            return dressed(self.notice, shown, asked.form) if shown else None
        except Exception as error:
            if self.live.fail(error) is None:
                return None
            return dressed(self.notice, self.notice.unavailable(self.notice.languages[0]), asked.form)

    def show(
        self, texts: Sequence[str], language: str, form: Form = "html", unread: bool = False
    ) -> Shown | None:
        """Return the page to show in place of results, counted, or None."""
        self.live.refresh()
        found = self.found(texts, unread)
        tag = preferred(language, self.notice.languages)
        if isinstance(found, Failed):
            return self.notice.unavailable(tag)
        if found is None:
            return None
        arm = None if found.intent == "help" else self._drawn()
        if form != "suggestions":  # there nothing is shown, only nothing suggested
            self._count_display(arm, tag)
        if self.live.shadow:
            return None
        return self.notice.message(arm, tag)

    def found(self, texts: Sequence[str], unread: bool = False) -> Found:
        """Decide about all that may be the query; a wish for help counts only where nothing else was found."""
        asks: Found = None
        for text in texts:
            found = self.live.look(text)
            if isinstance(found, Failed) or (found and found.intent == "search"):
                return found
            asks = asks or found
        return asks or (self.live.fail(Unread()) if unread else None)

    def _count_display(self, arm: Arm | None, tag: Tag) -> None:
        if self.live.shadow:
            self.count("", tag, "shadow")
        else:
            self.count(arm.id if arm else HELP_SEEKING, tag, "shown")

    def _drawn(self) -> Arm:
        return self.notice.messages.choose(self._today().week, self._chance)

    def _way(self, asked: Asked) -> Answer | None:
        """Lead on from a message, or show it in another language; what is no such way is the search engine's."""
        root = next(root for root in self._roots if asked.path.startswith(root))
        match asked.path.removeprefix(root).split("/"):
            case ["message", name, tag] if tag in self.notice.languages:
                arm = self._arm(name)
                if arm is None and name != HELP_SEEKING:
                    return None
                self.count(name, tag, "shown")
                return dressed(self.notice, self.notice.message(arm, Tag(tag)), asked.form)
            case ["go", target, name, tag] if target in _WAYS and tag in self.notice.languages:
                return self._led(
                    next(way for way in get_args(Target) if way == target), name, Tag(tag), asked.form
                )
            case _:
                return None

    def _led(self, target: Target, name: str, tag: Tag, form: Form) -> Answer | None:
        known = name == HELP_SEEKING or self._arm(name) is not None
        if known:
            self.count(name, tag, target)
        if target == "not_meant":
            return dressed(self.notice, self.notice.thanks(tag), form)
        address = self.notice.ways.address(target, tag, name if known else HELP_SEEKING)
        return elsewhere(address) if address else None

    def _arm(self, name: str) -> Arm | None:
        return next((arm for arm in self.notice.messages.arms if arm.id == name), None)

    def count(self, arm: str, language: str, target: Target) -> None:
        """Count one more; that it could not be counted is reported, and changes nothing."""
        if self._counts:
            try:
                self._counts(Count(arm, language, self._today().date, target))
            except Exception as error:
                self.live.tell(error)
