"""Programmes as the server offers them: in which languages, and with which words around them.

Not here: what a programme is (`programme`), what a participant does (participant). The invariant: a programme is
offered in a language only where its texts and the words around it are there, in the state that the settings ask for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from offramp.language import LANGUAGES, Catalogue, State, Tag
from offramp.programme import Codes, Programme, Step, read_codes, read_programmes
from offramp.settings import Settings
from offramp.survey import Survey
from offramp.web.pages import read_interface

AROUND = "interface"


@dataclass(frozen=True, slots=True)
class Guide:
    """One programme in the languages in which it may be shown; `around` are the words of its pages."""

    programme: Programme
    around: Mapping[Tag, Catalogue]
    tags: tuple[Tag, ...]

    @property
    def slug(self) -> str:
        return self.programme.slug

    def title(self, tag: Tag, step: Step) -> str:
        return self.programme.catalogues[tag][step.title_key]

    def reviewed(self, tag: Tag) -> bool:
        """Whether a clinician has signed the texts of this language."""
        return self.programme.catalogues[tag].state >= State.APPROVED


@dataclass(frozen=True, slots=True)
class Way:
    """Where a programme is, in which language, and what that language calls itself."""

    tag: Tag
    slug: str
    name: str

    @property
    def address(self) -> str:
        return f"/{self.tag}/p/{self.slug}"


@dataclass(frozen=True, slots=True)
class Guides:
    """All programmes that are offered, and the lists that codes are drawn from."""

    of: Mapping[str, Guide]
    check_ins: Mapping[str, Survey]
    codes: Codes

    def way(self, tag: Tag) -> Way | None:
        """Return where to lead somebody who reads this language; in another one if there is none in it."""
        here = [guide for guide in self.of.values() if tag in guide.tags]
        guide = next(iter(here or self.of.values()), None)
        if guide is None:
            return None
        shown = tag if tag in guide.tags else guide.tags[0]
        return Way(shown, guide.slug, LANGUAGES[shown].name)


def read_guides(settings: Settings, offered: Sequence[Tag]) -> Guides:
    """Return the programmes in the content folder, as far as they may be shown. Refusal: what is wrong with them.

    Without a pepper no journal can be opened, so that nobody is invited to begin one.
    """
    folder = settings.content / "programmes"
    programmes = read_programmes(settings.content)
    around = read_interface(folder / AROUND) if programmes else {}
    guides = {slug: _guide(programme, around, settings, offered) for slug, programme in programmes.items()}
    check_ins = {programme.check_in.slug: programme.check_in for programme in programmes.values()}
    offer = {slug: guide for slug, guide in guides.items() if guide.tags and settings.pepper}
    return Guides(offer, check_ins, read_codes(settings.content / "codes"))


def _guide(
    programme: Programme, around: Mapping[Tag, Catalogue], settings: Settings, offered: Sequence[Tag]
) -> Guide:
    there = [tag for tag in offered if tag in programme.catalogues and tag in around]
    states = {tag: min(programme.catalogues[tag].state, around[tag].state) for tag in there}
    shown = tuple(tag for tag, state in states.items() if settings.may_show(tag, state))
    return Guide(programme, around, shown)
