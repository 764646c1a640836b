"""The directory of help (content/help): read, checked, and grouped for a page. Facts only, each with its source.

The invariant: what is shown was read at a source that is named, with the month in which it was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from babel import Locale

from offramp.errors import Problem, Refusal
from offramp.language import SOURCE, Catalogue, State, Tag, parse_state, read_translations, source_catalogue
from offramp.tables import Table, read_toml

AUDIENCES = ("worried", "young", "report", "crisis")
CONTACTS = ("web", "phone", "chat", "email")
EVERYWHERE = "*"


@dataclass(frozen=True, slots=True)
class Contact:
    kind: str
    value: str

    @property
    def address(self) -> str:
        """What the contact links to; nothing for a telephone number spelt in letters."""
        match self.kind:
            case "email":
                return f"mailto:{self.value}"
            case "phone":
                digits = "".join(character for character in self.value if character in "+0123456789")
                return f"tel:{digits}" if not any(c.isalpha() for c in self.value) else ""
            case _:
                return self.value


@dataclass(frozen=True, slots=True)
class Service:
    """One service. `anonymous` is None where its source does not say."""

    id: str
    name: str
    audience: str
    countries: tuple[str, ...]
    contacts: tuple[Contact, ...]
    anonymous: bool | None
    read: str


@dataclass(frozen=True, slots=True)
class Directory:
    """All services, and their notes per language."""

    services: tuple[Service, ...]
    notes: Mapping[Tag, Catalogue]

    def by_country(self, audience: str, tag: Tag) -> list[tuple[str, list[Service]]]:
        """Return (country's name, services), those of many countries first, under an empty name."""
        names = Locale.parse(tag).territories
        groups: dict[str, list[Service]] = {}
        for service in self.services:
            if service.audience == audience:
                many = EVERYWHERE in service.countries or len(service.countries) > 3
                for country in ("",) if many else service.countries:
                    groups.setdefault(names.get(country, country) if country else "", []).append(service)
        return sorted(groups.items())

    def note(self, service: Service, tag: Tag) -> str:
        return self.notes[tag].texts.get(f"help/{service.id}", "")


def read_directory(folder: Path, translated: bool = True) -> Directory:
    """Return the directory in `folder` (help.toml, and locale/*.po if `translated`). Refusal: all that is wrong."""
    problems: list[Problem] = []
    root = Table(read_toml(folder / "help.toml"), "help.toml", problems)
    notes: dict[str, str] = {}
    services = tuple(_service(table, notes) for table in root.tables("entries", "entry"))
    state = parse_state(root.text("state", State.DRAFT.name), root.place)
    root.finish()
    english = source_catalogue(notes, state)
    catalogues = read_translations(folder / "locale", english, problems) if translated else {SOURCE: english}
    if problems:
        raise Refusal(problems)
    return Directory(services, catalogues)


def _service(table: Table, notes: dict[str, str]) -> Service:
    identity, audience = table.text("id"), table.text("audience")
    if audience not in AUDIENCES:
        table.fault(
            "help.audience", f"“{audience}” is no audience.", f"Please use one of: {', '.join(AUDIENCES)}."
        )
    contacts = []
    for number, entry in enumerate(table.tables("contact", "contact"), 1):
        kind = entry.text("kind")
        if kind not in CONTACTS:
            entry.fault("help.contact", f"Contact {number} is of no known kind.",
                        f"Please use one of: {', '.join(CONTACTS)}.")  # fmt: skip
        contacts.append(Contact(kind, entry.text("value")))
        entry.finish()
    if not contacts:
        table.fault(
            "help.no_contact", "The entry names no way to reach it.", "Please add one, or remove the entry."
        )
    if table.has("note"):
        notes[f"help/{identity}"] = table.text("note")
    table.texts("languages")
    table.text("source")
    service = Service(identity, table.text("name"), audience, table.texts("countries"), tuple(contacts),
                      table.flag("anonymous") if table.has("anonymous") else None, table.text("read"))  # fmt: skip
    table.finish()
    return service
