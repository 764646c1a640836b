"""An installation to try things on: a folder with a server's files, the desk's keys, and a clock that stands still.

Everything is the real thing (content, settings file, store, sealing, application) but for the clock.
The invariant: the server's folder holds what a server has, and the desk's keys are only in this process's memory.
"""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from offramp.sealing import Binding, DeskKeys, DraftKeys, unseal
from offramp.settings import Settings, read_settings
from offramp.store import Envelope, Store, Tally
from offramp.survey import Body, Response, Survey, Walk, join, read_body, read_surveys
from offramp.web import Shared, create_app, read_content
from offramp.web.house import DRAFT_SECONDS, Content

CONTENT = Path(__file__).parents[2] / "content"
# One for each direction: enough where the words make no difference.
LANGUAGES = ("en", "ar")
# All that are complete. What reads the words themselves goes through EVERY, of which `make test` takes the first two.
OFFERED = (
    "en",
    "ar",
    "cs",
    "de",
    "es",
    "et",
    "fi",
    "fr",
    "it",
    "ja",
    "nl",
    "pl",
    "pt",
    "ru",
    "sv",
    "tl",
)
EVERY = (*LANGUAGES, *(pytest.param(tag, marks=pytest.mark.full) for tag in OFFERED if tag not in LANGUAGES))
SERVICE = "tried-out"
PEPPER = "5a" * 32
EVERYTHING = 1_000_000


@cache
def shipped() -> Survey:
    """Return the survey of the repository; reading it takes a moment, and no test changes it."""
    return read_surveys(CONTENT)["help-us"]


@dataclass
class Clock:
    """A clock that moves when it is told to."""

    moment: datetime = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **how_far: int) -> None:
        self.moment += timedelta(**how_far)


_READ: dict[tuple[object, ...], Content] = {}


def _shared(settings: Settings, clock: Clock, random_bytes: Callable[[int], bytes]) -> Shared:
    """Return what a start reads and begins; of the repository's content only the first start reads it."""

    def ticks() -> int:
        return int(clock().timestamp())

    asked = (settings.demonstration, settings.drafts, settings.state, settings.surveys, settings.results)
    if settings.content != CONTENT:
        content = read_content(settings)
    else:
        content = _READ.get(asked) or _READ.setdefault(asked, read_content(settings))
    return Shared(content, DraftKeys(DRAFT_SECONDS, ticks(), random_bytes), ticks)


@dataclass
class Installation:
    """One server over one folder; `running` starts it, and starting it again is a restart."""

    folder: Path
    demonstration: bool = True
    content: Path = CONTENT
    study: str = ""
    keys: DeskKeys = field(default_factory=lambda: DeskKeys(os.urandom(32)))
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "recipient.txt").write_text(self.keys.recipient.to_text())
        (self.folder / "verifier.txt").write_text(self.keys.verifier_text())
        (self.folder / "pepper.key").write_text(PEPPER)
        self.config.write_text(
            f"service = '{SERVICE}'\n[content]\nfolder = '{self.content}'\nsurveys = {self.slugs}\n"
            f"[programme]\npepper = 'pepper.key'\n"
            f"[keys]\nrecipients = ['recipient.txt']\ndesk = 'verifier.txt'\n{self.study}",
            encoding="utf-8",
        )

    @property
    def config(self) -> Path:
        return self.folder / "offramp.toml"

    @property
    def slug(self) -> str:
        return "help-us" if self.content == CONTENT else next(iter(read_surveys(self.content)))

    @property
    def slugs(self) -> list[str]:
        """The surveys that messages lead to: of the repository both."""
        return [self.slug, "no-need"] if self.content == CONTENT else [self.slug]

    @property
    def settings(self) -> Settings:
        return read_settings(self.config, {}, demonstration=self.demonstration)

    @property
    def survey(self) -> Survey:
        return shipped() if self.content == CONTENT else read_surveys(self.content)[self.slug]

    @contextlib.contextmanager
    def running(self, random_bytes: Callable[[int], bytes] = os.urandom) -> Iterator[TestClient]:
        """Serve, with fresh keys for drafts, as after every start."""
        settings = self.settings
        store = Store.open(settings.database, settings.ledger)
        shared = _shared(settings, self.clock, random_bytes)
        app = create_app(settings, store, self.clock, random_bytes, random.Random(1), shared)
        with TestClient(app, follow_redirects=False) as client:
            yield client
            assert not client.cookies

    # -- what the desk sees -----------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _store(self) -> Iterator[Store]:
        """A second pair of eyes on the same files: it reads, and settles nothing."""
        store = Store.open(self.settings.database, self.settings.ledger)
        try:
            yield store
        finally:
            store._files.database.dispose()
            store._files.ledger.dispose()

    def envelopes(self) -> list[Envelope]:
        with self._store() as store:
            return store.envelopes(limit=EVERYTHING)

    def tombstones(self) -> list[bytes]:
        with self._store() as store:
            return [bytes(key) for key in store.forgotten()]

    def totals(self) -> dict[Tally, int]:
        with self._store() as store:
            return store.totals()

    def total(self, name: str) -> int:
        return sum(n for tally, n in self.totals().items() if tally.name == name)

    def open(self, envelope: Envelope) -> Body:
        """Open one envelope with the desk's key."""
        return read_body(unseal(envelope.body, self.keys, Binding(SERVICE, f"survey/{envelope.survey}")))

    def bodies(self, receipt: str = "") -> list[Body]:
        """Return all opened bodies, or those that belong to a receipt."""
        own = Walk.from_receipt(self.survey, receipt).locations() if receipt else None
        found = [envelope for envelope in self.envelopes() if own is None or envelope.key in own]
        return [self.open(envelope) for envelope in found]

    def responses(self) -> list[Response]:
        return join(self.survey, self.bodies())

    def response(self) -> Response:
        """Return the only response there is."""
        (response,) = self.responses()
        return response
