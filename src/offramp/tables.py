"""Reading TOML tables so that every fault is found at once, each with its place and remedy.

Used for everything that people write by hand: surveys, lists, platforms, help, settings. Knows no meaning.
The invariant: reading never raises in the middle; a wrong value becomes a Problem and a harmless default.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from offramp.errors import Problem, refuse

T = TypeVar("T", str, int, bool)
_REQUIRED: Any = object()
_NAMES = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file. Refusal toml.missing or toml.syntax, with the line."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise refuse("toml.missing", str(path), "There is no such file.",
                     "Please create it, or correct its name.") from None  # fmt: skip
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise refuse("toml.syntax", str(path), f"This is no TOML: {error}.",
                     "Please correct the line that it names.") from None  # fmt: skip
    except OSError as error:
        raise refuse("toml.unreadable", str(path), f"The file cannot be read ({error.strerror}).",
                     "Please check its permissions.") from None  # fmt: skip


class Table:
    """One table being read; problems go to the list that the caller shares between tables."""

    def __init__(self, values: Mapping[str, Any], place: str, problems: list[Problem]) -> None:
        self.values, self.place, self.problems = values, place, problems
        self._taken: set[str] = set()

    def fault(self, code: str, what: str, remedy: str) -> None:
        self.problems.append(Problem(code, self.place, what, remedy))

    def has(self, key: str) -> bool:
        return key in self.values

    def knows(self, key: str) -> bool:
        """Tell whether a key that may be left out is there; either way it means something here."""
        self._taken.add(key)
        return key in self.values

    def text(self, key: str, default: str = _REQUIRED) -> str:
        """Return a text; a required one must not be blank."""
        found = self._typed(key, str, default, "")
        if default is _REQUIRED and key in self.values and not found.strip():
            self.fault("table.blank", f"“{key}” is blank.", "Please write it.")
        return found

    def integer(self, key: str, default: int = _REQUIRED) -> int:
        return self._typed(key, int, default, 0)

    def flag(self, key: str, default: bool = _REQUIRED) -> bool:
        return self._typed(key, bool, default, False)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; none where the key is missing."""
        return tuple(item for item in self._list(key, str))

    def tables(self, key: str, kind: str) -> list[Table]:
        """Return the tables of a list, each placed by its id or its number."""
        return [
            Table(item, f"{self.place}, {kind} {item.get('id', f'no. {number}')}", self.problems)
            for number, item in enumerate(self._list(key, dict), 1)
        ]

    def table(self, key: str) -> Table:
        """Return a table inside this one; an empty one where it is missing."""
        self._taken.add(key)
        found = self.values.get(key, {})
        if not isinstance(found, dict):
            self.fault("table.type", f"“{key}” is not a table.", f"Please write [{key}] and its keys below.")
            found = {}
        return Table(found, f"{self.place}, {key}", self.problems)

    def finish(self) -> None:
        """Report every key that nobody asked for: most are typing errors."""
        for key in self.values.keys() - self._taken:
            known = ", ".join(sorted(self._taken))
            self.fault("table.unknown_key", f"“{key}” means nothing here.", f"Please use one of: {known}.")

    def _typed(self, key: str, kind: type[T], default: T, empty: T) -> T:
        self._taken.add(key)
        if key not in self.values:
            if default is _REQUIRED:
                self.fault("table.missing", f"“{key}” is missing.", f"Please add {key} = … ({_NAMES[kind]}).")
                return empty
            return default
        found = self.values[key]
        if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
            self.fault("table.type", f"“{key}” is not {_NAMES[kind]}.", f"Please write {_NAMES[kind]}.")
            return empty
        return found

    def _list(self, key: str, kind: type) -> list[Any]:
        self._taken.add(key)
        found = self.values.get(key, [])
        if isinstance(found, list) and all(isinstance(item, kind) for item in found):
            return found
        self.fault("table.type", f"“{key}” is not a list in which each entry is {_NAMES[kind]}.",
                   "Please correct it.")  # fmt: skip
        return [item for item in found if isinstance(item, kind)] if isinstance(found, list) else []
