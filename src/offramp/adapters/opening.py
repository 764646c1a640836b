"""Opening a gate for a search engine: lists, texts, ways, clock, chance and counts, put together once at the start.

Not here: reading requests (doorway). The invariant: whatever is wrong is refused here, before the first request.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom

from offramp.adapters.doorway import Doorway
from offramp.gate import CountSink, Day, Failing, Keeper, LiveGate, Ways, load_notice


def open_gate(
    lists: Path | str, key: Path | str | bytes, *, failing: Failing, content: Path | str, help: str,
    paths: Sequence[str], survey: str = "", programme: str = "", exit: str = "https://www.wikipedia.org/",
    languages: Sequence[str] = ("en",), drafts: bool = False, shadow: bool = False,
    counts: CountSink | None = None, report: Callable[[str], object] | None = None,
    names: Sequence[str] = ("q",), suggestions: Sequence[str] = (), base: str = "/offramp",
) -> Doorway:  # fmt: skip
    """Return a gate to put in front of a search engine.

    `lists` is a sealed file and `key` its key, or the file that holds it. `failing` is "open" or "closed": nobody can
    choose for you. `help`, `survey`, `programme` and `exit` are where the links of a message lead. `paths` are the
    paths that search, `names` the fields that hold a query, and `suggestions` the paths that are asked while somebody
    types. `content` is the folder with messages, and `drafts` lets texts be shown that nobody has approved.
    """
    live = LiveGate(
        Path(lists), Path(key) if isinstance(key, str) else key, failing=failing, shadow=shadow, report=report
    )
    ways = Ways(help=help, survey=survey, programme=programme, exit=exit)
    notice = load_notice(Path(content), languages, ways, drafts=drafts, base=base)
    keeper = Keeper(live, notice, chance=SystemRandom(), today=today, counts=counts)
    return Doorway(keeper, tuple(paths), tuple(names), tuple(suggestions))


def today() -> Day:
    """Return the day by Coordinated Universal Time."""
    now = datetime.now(UTC).date()
    year, week, _ = now.isocalendar()
    return Day(now.isoformat(), f"{year:04d}-W{week:02d}")
