"""The gate's side of the web: the message page, its doors, and the search page of the demonstration.

A display is counted as arm x language x day; a click as the same and its target. The invariant: of a query nothing
is stored, logged, or carried into any link.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from offramp.language import Tag
from offramp.survey import Survey
from offramp.web.guard import log_fault, read_form
from offramp.web.house import House
from offramp.web.respond import first

# One for each survey that a message can have a door to, in the order of the settings.
DOORS = ("survey", "other-survey")
TARGETS = (*DOORS, "help", "programme", "not-looking", "exit")
# Results of the demonstration: a line that stands there for everybody, whatever was asked.
CANNED = {
    "tea": ("How to make a pot of tea", "Tea gardens of the hills", "A short history of the tea cup"),
    "mountain": ("Mountain huts in autumn", "The ten highest mountains", "How mountains grow"),
}


class Door:
    """The endpoints of messages, over one house."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def message(self, request: Request) -> Response:
        """GET: a message in place of results; what was searched for is not known here."""
        return await self._message(self.house.tag(request), greeting=False)

    async def _message(self, tag: Tag, greeting: bool) -> Response:
        house = self.house
        arm = house.content.messages.choose(house.week(), house.chance)
        await self._count("message_shown", arm.id, tag)
        message = house.content.messages.message(arm, tag)
        return house.pages.page(
            "message.html", tag, arm=arm.id, message=message, greeting=greeting, switch="/{tag}/message",
            doors=[(target, survey.catalogues[tag].texts) for target, survey in self._doors.items()
                   if tag in house.content.spoken[survey.slug]],
            programme=house.content.guides.way(tag),
        )  # fmt: skip

    @property
    def _doors(self) -> dict[str, Survey]:
        return dict(zip(DOORS, self.house.doors, strict=False))

    async def _count(self, name: str, arm: str, tag: Tag) -> None:
        await self.house.count(name, tag, arm, self.house.clock().date().isoformat())

    async def go(self, request: Request) -> Response:
        """GET: count a click on one of the fixed targets, and lead there."""
        house = self.house
        target = request.path_params["target"]
        tag = Tag(request.query_params.get("l", ""))
        tag = tag if tag in house.pages.offered else house.tag(request)
        programme = house.content.guides.way(tag)
        missing = (target in DOORS and target not in self._doors) or (target == "programme" and not programme)
        if target not in TARGETS or missing:
            return house.pages.page("problem.html", tag, 404, what="problem/not_found")
        arm = request.query_params.get("a", "")
        if any(known.id == arm for known in house.content.messages.arms):
            try:
                await self._count(f"go_{target}", arm, tag)
            except Exception as error:  # Nobody is kept from help because a click could not be counted.
                log_fault(error)
        else:
            arm = ""
        match target:
            case "survey" | "other-survey":
                slug = self._doors[target].slug
                return house.pages.elsewhere(f"/{tag}/s/{slug}" + (f"?a={arm}" if arm else ""))
            case "help":
                return house.pages.elsewhere(f"/{tag}/help")
            case "programme" if programme:
                return house.pages.elsewhere(programme.address)
            case "exit":
                return house.pages.elsewhere(house.settings.quick_exit)
            case _:
                return house.pages.page("sorry.html", tag)

    async def search_page(self, request: Request) -> Response:
        """GET, demonstration: a small search page that names its invented terms."""
        return self._search_page(self.house.tag(request))

    def _search_page(self, tag: Tag, results: tuple[str, ...] | None = None) -> Response:
        assert self.house.gate is not None
        return self.house.pages.page(
            "search.html", tag, results=results, switch="/{tag}/search", terms=self.house.demonstration_terms
        )

    async def search(self, request: Request) -> Response:
        """POST, demonstration: decide, then either the message or canned results."""
        house, tag = self.house, self.house.tag(request)
        assert house.gate is not None
        query = first(await read_form(request), "q")[: house.gate.longest_query]
        decision = house.gate.decide(query)
        if decision:
            return await self._message(tag, greeting=decision.intent == "help")
        return self._search_page(tag, CANNED.get(query.strip().casefold(), ()))
