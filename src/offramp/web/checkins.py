"""Check-ins that somebody lets researchers have: sent as the pages of one response, and taken back.

The response's secret is drawn for it and lies in the journal alone; nothing derives it from a code. Not here: asking
for consent (participant). The invariant: a check-in leaves a journal only under a link that its owner agreed to.
"""

from __future__ import annotations

from collections.abc import Sequence

from offramp.programme import Entry, Programme, Step
from offramp.sealing import Binding, Secret, new_secret, seal
from offramp.store import Deposit, Envelope, Rolled, Tally
from offramp.survey import Moment, Walk, as_sent
from offramp.web.house import House
from offramp.web.leaves import Visit


class CheckIns:
    """The check-ins of programmes, over one house."""

    def __init__(self, house: House) -> None:
        self.house = house

    def new_link(self) -> Secret:
        """Return the secret of a response that check-ins will be sent as."""
        return new_secret(self.house.random_bytes)

    async def send(self, visit: Visit, link: Secret, steps: Sequence[Step]) -> None:
        """Seal and keep what was entered at these check-ins. Raises Unwritten; Forgotten where it was taken back."""
        for step in steps:
            entry = next((entry for entry in reversed(visit.entries) if entry.step == step.id), None)
            if entry:
                await self.house.writer.keep(self._deposit(visit, link, step, entry))

    def _deposit(self, visit: Visit, link: Secret, step: Step, entry: Entry) -> Deposit:
        house, survey, page = self.house, visit.programme.check_in, visit.programme.page(step)
        assert page is not None
        walk, week = Walk.begin(survey, link), house.week()
        # How long a page was open is not known of what was kept for a while, so nothing is said of it.
        moment = Moment(week, 0, visit.tag, house.settings.demonstration)
        made = walk.post(page.id, as_sent(survey, page, visit.tag, entry.answers, entry.words), moment)
        binding = Binding(house.settings.service, f"survey/{survey.slug}")
        envelopes = [
            Envelope(
                key, survey.slug, week, seal(body, survey.body_bytes, house.settings.recipients, binding)
            )
            for key, body in made.bodies
        ]
        once = tuple(Tally(name, survey.slug, visit.tag, week) for name in made.milestones)
        return Deposit(envelopes, once, of=Rolled(survey.structure, survey.slug, survey.version, week))

    async def forget(self, programme: Programme, link: Secret, step: Step | None = None) -> None:
        """Delete and bury what was sent of all check-ins, or of one. Raises Unwritten."""
        walk = Walk.begin(programme.check_in, link)
        keys = walk.everywhere()
        if step is not None:
            page = programme.page(step)
            keys = [key for key, (place, _) in walk.locations().items() if page and place == page.id]
        await self.house.stored(self.house.store.forget, keys)
