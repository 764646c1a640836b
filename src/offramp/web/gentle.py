"""The calm box on the page that follows words which stood out: where to turn, and that nobody reads today.

Which words stand out is the survey's affair (signals), how the box looks the template's (gentle.html).
The invariant: the box follows from what was just sent and from nothing that is kept. It accuses nobody, it stops
nothing, and no page that carries it is remembered.
"""

from __future__ import annotations

from dataclasses import dataclass

from offramp.survey import Marks
from offramp.web.help import EVERYWHERE, Contact, Directory


@dataclass(frozen=True, slots=True)
class Gentle:
    """What the box says: its marks, and for addresses where a report can be made from any country."""

    marks: Marks
    contacts: tuple[tuple[str, Contact], ...]


def gentle(marks: Marks, directory: Directory) -> Gentle | None:
    """Return the box for marks; none where there are none."""
    contacts = (
        (service.name, contact)
        for service in directory.services
        if service.audience == "report" and EVERYWHERE in service.countries
        for contact in service.contacts
        if contact.kind == "web"
    )
    return Gentle(marks, tuple(contacts)) if marks else None
