"""What every endpoint is handed: the settings, the pages, the surveys, the store, a clock and chance.

Values and doors only; no endpoint reads anything else of the world. The invariant: a House that exists can serve
every language it offers in full, and offers none below the state that the settings ask for.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import TypeVar

from starlette.requests import Request

from offramp.disk import Unwritten
from offramp.errors import Problem, Refusal, refuse
from offramp.gate import Gate, Messages, load_messages
from offramp.language import Catalogue, State, Tag, preferred
from offramp.sealing import DraftKeys
from offramp.sealing import Random as RandomBytes
from offramp.settings import Settings
from offramp.store import Deposit, Store, Tally
from offramp.survey import Signals, Survey, read_signals, read_surveys
from offramp.web.guard import log_fault
from offramp.web.guide import Guides, read_guides
from offramp.web.help import Directory, read_directory
from offramp.web.pages import Pages, read_interface
from offramp.web.results import Result, read_results
from offramp.web.stretching import Places, Stretching
from offramp.web.writer import Writer

T = TypeVar("T")
Clock = Callable[[], datetime]
Ticks = Callable[[], int]
DRAFT_SECONDS = 12 * 60 * 60
# SQLite works on one thing at a time; each thread more is a connection more, with memory of its own.
STORE_THREADS = 4


def week_of(moment: datetime) -> str:
    """Return the ISO week, such as 2026-W47: the finest time that is kept of an answer."""
    year, week, _ = moment.isocalendar()
    return f"{year}-W{week:02d}"


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Content:
    """Everything read from the content folder, in the languages that may be shown.

    `offered` are those of the first survey and of all around it; `spoken` says in which of them each survey is shown.
    """

    surveys: Mapping[str, Survey]
    messages: Messages
    directory: Directory
    signals: Signals
    interface: Mapping[Tag, Catalogue]
    offered: tuple[Tag, ...]
    spoken: Mapping[str, tuple[Tag, ...]]
    drafts: frozenset[Tag]
    guides: Guides
    results: tuple[Result, ...] = ()

    @property
    def answered(self) -> Mapping[str, Survey]:
        """Return whatever answers may be kept of: all surveys, and the check-ins of all programmes."""
        return {**self.surveys, **self.guides.check_ins}


def read_content(settings: Settings) -> Content:
    """Read all content. Refusal: what is wrong with it, or no language in the state that is asked for."""
    surveys = read_surveys(settings.content)
    if missing := [slug for slug in settings.surveys if slug not in surveys]:
        raise Refusal([
            Problem("settings.survey", "content, surveys", f"There is no survey “{slug}”.",
                    f"Please use one or two of: {', '.join(surveys)}.")
            for slug in missing
        ])  # fmt: skip
    messages = load_messages(settings.content / "messages")
    directory = read_directory(settings.content / "help")
    signals = read_signals(settings.content / "signals" / "signals.toml")
    interface = read_interface(settings.content / "interface")
    sources = [surveys[settings.surveys[0]].catalogues, messages.catalogues, directory.notes, interface]
    everywhere = [tag for tag in interface if all(tag in source for source in sources)]
    offered = tuple(tag for tag in everywhere if settings.may_show(tag, _state(tag, sources)))
    if not offered:
        raise refuse("settings.no_language", "languages",
                     f"No language is in the state “{settings.state.name.lower()}” in all its texts.",
                     "Please have the texts approved, or name a draft language: drafts = [\"en\"].")  # fmt: skip
    _check_earlier(surveys.values(), offered)
    spoken = {slug: _spoken(survey, settings, offered) for slug, survey in surveys.items()}
    drafts = frozenset(
        tag for tag in offered
        if _state(tag, (*sources, *(surveys[slug].catalogues for slug, tags in spoken.items() if tag in tags)))
        < State.APPROVED
    )  # fmt: skip
    guides = read_guides(settings, offered)
    results = read_results(settings.results, settings.demonstration)
    return Content(surveys, messages, directory, signals, interface, offered, spoken, drafts, guides, results)


def _spoken(survey: Survey, settings: Settings, offered: Sequence[Tag]) -> tuple[Tag, ...]:
    there = (tag for tag in offered if tag in survey.catalogues)
    return tuple(tag for tag in there if settings.may_show(tag, survey.catalogues[tag].state))


def _check_earlier(surveys: Iterable[Survey], offered: Sequence[Tag]) -> None:
    """Refuse an earlier version that could be shown to nobody who comes back to it."""
    silent = [v for survey in surveys for v in survey.earlier if not set(offered) & v.catalogues.keys()]
    if silent:
        raise Refusal([
            Problem("settings.version_language", f"content, {version.slug}, version {version.version}",
                    "This version has none of the languages that are offered.",
                    "Please offer one that it has, or purge its answers and remove it.")
            for version in silent
        ])  # fmt: skip


def _state(tag: Tag, sources: Sequence[Mapping[Tag, Catalogue]]) -> State:
    """Return how far the least finished of all texts of a language has come."""
    return min(source[tag].state for source in sources)


@dataclass(frozen=True, slots=True)
class Shared:
    """What all processes of one server have in common: made once, by the one that starts the others.

    `ticks` are seconds that only ever grow, whatever is done to the clock on the wall; drafts grow old by them.
    """

    content: Content
    drafts: DraftKeys
    ticks: Ticks
    places: Places = field(default_factory=Places)


def share(settings: Settings, ticks: Ticks, random_bytes: RandomBytes = os.urandom) -> Shared:
    """Read the content and begin the ratchet. Refusal: as `read_content`."""
    return Shared(read_content(settings), DraftKeys(DRAFT_SECONDS, ticks(), random_bytes), ticks)


@dataclass(frozen=True, slots=True)
class House:
    """See the module. `chance` chooses arms; secrets and draws come from `random_bytes`."""

    settings: Settings
    content: Content
    pages: Pages
    store: Store
    writer: Writer
    drafts: DraftKeys
    ticks: Ticks
    clock: Clock
    random_bytes: RandomBytes
    chance: Random
    gate: Gate | None = None
    demonstration_terms: tuple[str, ...] = ()
    # None where the settings name no pepper, and so no journal can be opened.
    stretching: Stretching | None = None
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(STORE_THREADS, "store"))

    @property
    def doors(self) -> tuple[Survey, ...]:
        """Return the surveys to which messages lead, the first one first."""
        return tuple(self.content.surveys[slug] for slug in self.settings.surveys)

    def now(self) -> int:
        """Return the seconds of the clock by which drafts grow old."""
        return self.ticks()

    def day(self) -> str:
        return self.clock().date().isoformat()

    def week(self) -> str:
        return week_of(self.clock())

    def tag(self, request: Request) -> Tag:
        """Return the language in the address, or else the one that the browser asks for."""
        # The path and not its parameters: an address that leads nowhere has none, but may name a language.
        asked = request.scope["path"].strip("/").split("/")[0]
        if asked in self.pages.offered:
            return Tag(asked)
        return preferred(request.headers.get("accept-language", ""), self.pages.offered)

    async def stored(self, work: Callable[..., T], *values: object) -> T:
        """Do the store's work off the loop; the store itself sees to the order."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, work, *values)

    async def count(self, name: str, language: Tag, subject: str = "", period: str = "") -> None:
        """Count something; what cannot be counted keeps nobody from a page, least of all from help."""
        try:
            await self.writer.keep(Deposit(always=(Tally(name, subject, language, period or self.week()),)))
        except Unwritten as error:
            log_fault(error)
