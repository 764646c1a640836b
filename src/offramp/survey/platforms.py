"""The shared option lists of services (content/platforms.toml), each entry with its public count and source.

Only reading and checking. The invariant: a brand that is offered to people has a count, a date and a source.
"""

from __future__ import annotations

from pathlib import Path

from offramp.errors import Problem, Refusal
from offramp.tables import Table, read_toml

Entry = tuple[str, str, bool]


def read_platforms(path: Path) -> dict[str, tuple[Entry, ...]]:
    """Return per group the entries (id, name, whether the name is a brand and so the same in every language)."""
    problems: list[Problem] = []
    groups: dict[str, tuple[Entry, ...]] = {}
    raw = read_toml(path)
    root = Table(raw, path.name, problems)
    for group in raw:
        table = root.table(group)
        table.text("ordering", "random")
        groups[group] = tuple(_entry(entry) for entry in table.tables("entries", "entry"))
        table.finish()
    if problems:
        raise Refusal(problems)
    return groups


def _entry(table: Table) -> Entry:
    brand = table.has("users") or table.has("source")
    if brand:
        table.integer("users"), table.text("as_of"), table.text("source")
    entry = (table.text("id"), table.text("name"), brand)
    table.finish()
    return entry
