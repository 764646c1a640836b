"""`offramp gate serve`: the gate for a search engine that is not written in Python, on a unix socket or on loopback."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from offramp.cli.server import CONTENT, dump_nothing, keep_serving
from offramp.cli.workers import listen_at
from offramp.errors import Refusal
from offramp.settings import gate_key

# Its owner and group: the search engine's user belongs to the group, and nobody else asks.
_OWNER_AND_GROUP = 0o660


class Failing(StrEnum):
    """What the search engine is told when the gate fails."""

    OPEN = "open"
    CLOSED = "closed"


def serve(
    lists: Annotated[Path, typer.Option(help="A sealed list; it is loaded anew when the file changes.")],
    failing: Annotated[Failing, typer.Option(help="What is shown when the gate fails: results, or none.")],
    help_page: Annotated[str, typer.Option(help="The address where help is; {language} in it is replaced.")],
    survey: Annotated[str, typer.Option(help="The address of a survey.")] = "",
    programme: Annotated[str, typer.Option(help="The address of a programme.")] = "",
    leave: Annotated[str, typer.Option(help="Where “Leave quickly” leads.")] = "https://www.wikipedia.org/",
    socket: Annotated[Path | None, typer.Option(help="A unix socket, for its owner and group.")] = None,
    port: Annotated[
        int, typer.Option(help="A port on 127.0.0.1, without a socket.", min=1, max=65535)
    ] = 8047,
    language: Annotated[
        list[str] | None,
        typer.Option(help="A language to show; may be repeated. The first is for all others."),
    ] = None,
    drafts: Annotated[bool, typer.Option("--drafts", help="Show texts that nobody has approved.")] = False,
    shadow: Annotated[bool, typer.Option("--shadow", help="Decide and count, and show nothing.")] = False,
    counts: Annotated[Path | None, typer.Option(help="A folder for the counts of each day.")] = None,
    content: Annotated[Path | None, typer.Option(help="The folder with messages; else our own.")] = None,
    base: Annotated[str, typer.Option(help="Where the links of a message begin.")] = "/offramp",
) -> None:
    """Answer POST /gate/v1/decide on this machine. Never expose it: whoever may ask can find out what is listed.

    SIGHUP loads the list anew.
    """
    from offramp.adapters import DayCounts, Endpoint, open_gate

    doorway = open_gate(
        lists, gate_key(os.environ), failing=failing.value, content=content or CONTENT, help=help_page,
        paths=(), survey=survey, programme=programme, exit=leave, languages=language or ("en",), drafts=drafts,
        shadow=shadow, counts=DayCounts(counts) if counts else None, report=_report, base=base,
    )  # fmt: skip
    dump_nothing()
    signal.signal(signal.SIGHUP, lambda *_: reloaded(doorway.keeper.live.reload))
    door = listen_at(str(socket or ""), "127.0.0.1", port, _OWNER_AND_GROUP)
    _report(f"The gate answers on {socket or f'127.0.0.1:{port}'}.")
    keep_serving(Endpoint(doorway), door)


def reloaded(reload: Callable[[], None]) -> None:
    """Load the list anew; one that cannot be loaded is reported, and the one before it goes on deciding."""
    try:
        reload()
    except Refusal as refusal:
        _report(str(refusal))
    else:
        _report("The list has been loaded anew.")


def _report(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
