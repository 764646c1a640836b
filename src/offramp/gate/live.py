"""A gate that stays in service: its list can be exchanged while it decides, and it says what happens when it fails.

Here: reloading, rolling back, shadow mode, failing open or closed. Not here: deciding (match), and what is shown
(keeper). The invariants: there is always one whole list that decides, and a list that cannot be loaded changes nothing;
nothing that is reported holds any part of a query.

No lock is needed: a list is exchanged by one assignment, and a query that is being decided keeps the list that it
began with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from offramp.errors import Refusal, refuse
from offramp.gate.match import Gate, Sink, load
from offramp.gate.verdict import Decision
from offramp.sealing import read_key

Failing = Literal["open", "closed"]
# Two parts of a long query share so many characters, so that no term lies across a cut.
_SHARED = 512


@dataclass(frozen=True, slots=True)
class Failed:
    """The gate could not decide, and fails closed: show neither results nor a message about the search."""


Found = Decision | Failed | None
_Stamp = tuple[int, int, int] | None


class LiveGate:
    """The sealed lists in one file, decided about for as long as a process lives.

    `failing` has no default, because nobody but the operator can choose: "open" shows results when the gate fails,
    "closed" shows none. `decisions` is called with each Decision, in shadow mode too. `report` is called with one line
    about whatever went wrong.
    """

    __slots__ = ("_decisions", "_former", "_gate", "_key", "_path", "_report", "_stamp", "failing", "shadow")

    def __init__(
        self, path: Path, key: bytes | Path, *, failing: Failing, shadow: bool = False,
        decisions: Sink | None = None, report: Callable[[str], object] | None = None,
    ) -> None:  # fmt: skip
        if failing not in get_args(Failing):
            raise refuse("gate.failing", "failing", "It is not said what happens when the gate fails.",
                         "Please write “open” to show results then, or “closed” to show none.")  # fmt: skip
        self.failing, self.shadow = failing, shadow
        self._path, self._key = path, _key_of(key) if isinstance(key, Path) else key
        self._decisions, self._report = decisions, report
        self._former: Gate | None = None
        # Taken before the file is read: what changes in between is read once more, and never missed.
        self._stamp = self._stamped()
        self._gate = load(self._path, self._key)

    def decide(self, query: str) -> Found:
        """Tell whether a message should be shown, None for results; in shadow mode always None."""
        found = self.look(query)
        return None if self.shadow else found

    def look(self, query: str) -> Found:
        """Decide whether or not this is shadow mode. A query of any length is read to its end."""
        try:
            found = self._decided(query)
        except Exception as error:
            return self.fail(error)
        if found and self._decisions:
            try:
                self._decisions(found)
            except Exception as error:  # A person sees the message also where it cannot be counted.
                self.tell(error)
        return found

    def _decided(self, query: str) -> Decision | None:
        decide, asks = self._gate.decide, None
        for part in parts(query, self._gate.longest_query):
            found = decide(part)
            if found and found.intent == "search":
                return found
            asks = asks or found
        return asks

    def fail(self, error: Exception) -> Failed | None:
        """Say what comes of a failure, here or in whoever reads the query for this gate."""
        self.tell(error)
        return None if self.failing == "open" or self.shadow else Failed()

    def tell(self, error: Exception) -> None:
        """Report a failure by its name; the words of one that is not ours might hold what was asked."""
        if self._report:
            self._report(str(error) if isinstance(error, Refusal) else f"fault {type(error).__name__}")

    def refresh(self) -> bool:
        """Load the list anew if its file has changed, and tell whether another one decides from now on."""
        stamp = self._stamped()
        if stamp == self._stamp:
            return False
        self._stamp = stamp  # at once, so that other threads go on meanwhile with the list that there is
        try:
            self._exchange(load(self._path, self._key))
        except Exception as error:
            self.tell(error)
            return False
        return True

    def reload(self) -> None:
        """Load the list anew. Refusal: it cannot be, and the one that decides stays."""
        self._stamp = self._stamped()
        self._exchange(load(self._path, self._key))

    def roll_back(self) -> None:
        """Let the former list decide again, until the file changes or a reload is asked for."""
        if self._former is None:
            raise refuse("gate.no_former", self._path.name, "No list was loaded before this one.",
                         "Please put the former file in its place; it will be loaded.")  # fmt: skip
        self._exchange(self._former)

    def _exchange(self, gate: Gate) -> None:
        self._former, self._gate = self._gate, gate

    def _stamped(self) -> _Stamp:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def _key_of(path: Path) -> bytes:
    try:
        return read_key(path.read_text(encoding="ascii"), path.name)
    except (OSError, UnicodeDecodeError):
        raise refuse("gate.no_key", path.name, "The key file cannot be read.",
                     "Please check its name and permissions.") from None  # fmt: skip


def parts(query: str, longest: int) -> Iterator[str]:
    """Give a query whole, or cut into parts that a gate can read; each shares its beginning with the one before."""
    yield query[:longest]
    for start in range(longest - _SHARED, len(query) - _SHARED, longest - _SHARED):
        yield query[start : start + longest]
