"""Every kind of page that the programme has, by name: all steps, all sheets, and what is asked around them.

Nothing here judges a page. The invariant: each template of the programme that is a page is among them, which
`test_web_kinds.py` holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from starlette.testclient import TestClient

from offramp.programme import Programme, read_programmes
from tests.web.installation import CONTENT, Installation
from tests.web.kinds import Kinds
from tests.web.participant import Participant
from tests.web.respondent import Seen


@cache
def way_on() -> Programme:
    return read_programmes(CONTENT)["way-on"]


def spoken() -> tuple[str, ...]:
    """Return the languages that the programme is offered in."""
    return tuple(sorted(map(str, way_on().catalogues)))


@dataclass
class Watched:
    """A client that keeps what it was last sent."""

    client: TestClient
    seen: list[Seen] = field(default_factory=list)

    def get(self, address: str) -> Any:
        return self._keep(address, self.client.get(address))

    def post(self, address: str, data: dict[str, list[str]]) -> Any:
        return self._keep(address, self.client.post(address, data=data))

    def _keep(self, address: str, reply: Any) -> Any:
        self.seen.append(Seen(address, reply.status_code, reply.content, reply.headers))
        return reply


@cache
def programme_kinds_in(language: str) -> Kinds:
    """Return one page of every kind, and all steps and sheets; once for all who ask in this process."""
    with TemporaryDirectory() as folder:
        place = Installation(Path(folder) / "server")
        with place.running(Random(1).randbytes) as client:
            watched = Watched(client)
            person = Participant(watched, way_on(), language)  # type: ignore[arg-type]
            found = {}
            for name in _walked(person, place):
                found[f"programme-{name}"] = watched.seen[-1]
            return found


def _walked(person: Participant, place: Installation) -> Iterator[str]:
    """Go through everything, and yield a name for each page while it is the last that came."""
    person.open()
    yield "front"
    person.fill("code", "amber birch").press("open")
    yield "front-wrong-code"
    person.open("/what_leads")
    yield "step-open"
    person.write("leads_before", "brambulette").press("save")
    yield "keep"
    person.press("keep-code")
    yield "code"
    code = person.code
    yield from _journal(person)
    person.press("close")
    yield "closed"
    person.open().fill("code", code).press("open")
    yield "opened-again"
    person.go("reasons").write("reasons_keep_gain", "plinder")
    place.clock.advance(hours=3)
    person.press("save")
    yield "too-late"
    person.fill("code", code).press("keep-existing").press("overview").press("delete")
    yield "ask-delete"
    person.press("delete-yes")
    yield "deleted"


def _journal(person: Participant) -> Iterator[str]:
    for step in way_on().steps:
        if step.relevant is None:
            person.go(step.id)
            yield f"step-{step.id}"
    person.go("what_leads").press("edit")
    yield "edit"
    person.go("what_leads").press("remove")
    yield "ask-remove"
    person.press("remove-no")
    person.go("check_start").rate("urge_start", 8).press("save")
    yield "ask-consent"
    person.press("consent-yes")
    yield "consented"
    person.go("check_one").rate("urge_after_one", 5).press("save").go("my_chain")
    for name in ("situation", "thought", "feeling", "urge", "act"):
        person.write(f"chain_{name}", "fenwickle")
    person.press("save").go("urge_log").rate("log_strength", 7).press("save").press("overview")
    yield "overview"
    for sheet in way_on().worksheets:
        person.go(sheet.id, "sheet")
        yield f"sheet-{sheet.id}"
