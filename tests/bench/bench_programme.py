"""`make bench-programme`: many participants open their journals at the same moment, on one real server.

Each types a code at once; whoever is told that there is a crowd tries again a second later, as a person would. Beside
them somebody turns the pages of an open journal and somebody answers the survey, before the crowd comes and while it
is there. Quote the ratios before the times.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import lxml.html

from tests.bench.bench_web import memory
from tests.web.installation import Installation
from tests.web.process import Server, serving

HOME, SURVEY = "/en/p/way-on", "/en/s/help-us"
QUIET_TURNS = 60


@dataclass
class Told:
    """What was waited for, in seconds, and how often somebody was told that there is a crowd."""

    opening: list[float] = field(default_factory=list)
    journal: list[float] = field(default_factory=list)
    survey: list[float] = field(default_factory=list)
    busy: int = 0
    peak: float = 0.0


def hidden(page: bytes, name: str) -> str:
    return next(iter(lxml.html.document_fromstring(page).xpath(f'//input[@name="{name}"]/@value')), "")


async def keep_a_journal(client: httpx2.AsyncClient) -> tuple[str, str]:
    """Write a line into an exercise; return the code, and what the page carries of the open journal."""
    step = await client.get(f"{HOME}/what_leads")
    words = lxml.html.document_fromstring(step.content).xpath("//textarea/@name")
    fields = {
        "step": "what_leads",
        "entry": hidden(step.content, "entry"),
        "revision": "0",
        words[0]: "x" * 200,
    }
    page = await client.post(HOME, data={**fields, "go": "keep-code"})
    code = lxml.html.document_fromstring(page.content).get_element_by_id("new-code").text_content()
    return str(code), hidden(page.content, "journal")


async def open_journal(client: httpx2.AsyncClient, code: str, told: Told) -> None:
    start = time.perf_counter()
    while True:
        reply = await client.post(HOME, data={"go": "open", "code": code})
        if reply.status_code != 503:
            break
        told.busy += 1
        await asyncio.sleep(1)
    assert reply.status_code == 200, reply.status_code
    told.opening.append(time.perf_counter() - start)


async def turn(client: httpx2.AsyncClient, path: str, fields: Mapping[str, str]) -> float:
    start = time.perf_counter()
    reply = await client.post(path, data=dict(fields))
    assert reply.status_code == 200, reply.status_code
    return time.perf_counter() - start


async def while_it_lasts(going: asyncio.Event, act: Callable[[], Awaitable[None]]) -> None:
    while not going.is_set():
        await act()
        await asyncio.sleep(0.02)


async def play(server: Server, people: int) -> tuple[Told, Told, float]:
    """Return what was told while all was quiet, and in the crowd, and the memory before it."""
    quiet, crowd = Told(), Told()
    limits = httpx2.Limits(max_connections=people + 8, max_keepalive_connections=people + 8)
    async with httpx2.AsyncClient(base_url=server.url, timeout=120, limits=limits) as client:
        codes = [(await keep_a_journal(client))[0] for _ in range(people)]
        _, token = await keep_a_journal(client)
        agreed = await client.post(SURVEY, data={"go": "agree"})
        answer = {"draft": hidden(agreed.content, "draft"), "page": hidden(agreed.content, "page"), "go": "stay",
                  "version": hidden(agreed.content, "version"), "lang": "en", "q001": "00"}  # fmt: skip
        journal = {"journal": token, "to": "what_leads"}

        async def both(told: Told) -> None:
            told.journal.append(await turn(client, HOME, journal))
            told.survey.append(await turn(client, SURVEY, answer))

        for _ in range(QUIET_TURNS):
            await both(quiet)
        before, over = memory(server.process.pid, "Rss"), asyncio.Event()

        async def watch() -> None:
            crowd.peak = max(crowd.peak, memory(server.process.pid, "Rss"))

        beside = [asyncio.create_task(while_it_lasts(over, lambda: both(crowd))),
                  asyncio.create_task(while_it_lasts(over, watch))]  # fmt: skip
        await asyncio.gather(*(open_journal(client, code, crowd) for code in codes))
        over.set()
        await asyncio.gather(*beside)
    return quiet, crowd, before


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--people", type=int, default=200)
    people = asked.parse_args().people
    with tempfile.TemporaryDirectory() as folder:
        place = Installation(Path(folder) / "server")
        with serving(place) as server:
            quiet, crowd, before = asyncio.run(play(server, people))
    slow, fast = statistics.median(crowd.journal), statistics.median(crowd.survey)
    print(f"{people} participants at once: all open after {max(crowd.opening):.1f} s, half after "
          f"{statistics.median(crowd.opening):.1f} s; told of a crowd {crowd.busy} times")  # fmt: skip
    print(
        f"memory: {crowd.peak / before:.2f} times what it was before ({before:.0f} MB, then {crowd.peak:.0f} MB)"
    )
    print(f"in the crowd: a page of an open journal takes {slow / fast:.2f} times a saved page of the survey "
          f"({slow * 1e3:.0f} and {fast * 1e3:.0f} ms, {len(crowd.journal)} each)")  # fmt: skip
    slow, fast = statistics.median(quiet.journal), statistics.median(quiet.survey)
    print(
        f"before it: {slow / fast:.2f} times ({slow * 1e3:.0f} and {fast * 1e3:.0f} ms, {len(quiet.journal)} each)"
    )


if __name__ == "__main__":
    main()
