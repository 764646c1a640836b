"""The web application: routes, the shield around them, and the life of the house.

The invariant: whatever happens inside, what leaves is a page of ours in the person's language, and what is logged
says nothing of the request.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from random import Random, SystemRandom

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from offramp import __version__
from offramp.disk import Unwritten
from offramp.errors import Refusal
from offramp.gate import Gate
from offramp.language import Tag
from offramp.sealing import Random as RandomBytes
from offramp.settings import Settings
from offramp.store import Store
from offramp.tables import read_toml
from offramp.web.desk_door import DeskDoor
from offramp.web.door import Door
from offramp.web.guard import log_fault
from offramp.web.house import Clock, House, Shared, share, utc_now
from offramp.web.pages import Pages
from offramp.web.participant import Participant
from offramp.web.respond import Respondent
from offramp.web.roll import demand_versions
from offramp.web.stretching import Stretching
from offramp.web.writer import Writer

Endpoint = Callable[[Request], Awaitable[Response]]
SETTLE_SECONDS = 3600
_STATUS = {"form.type": 415, "form.too_large": 413, "form.too_slow": 408}
_WHAT = {
    404: "problem/not_found", 405: "problem/method", 408: "problem/too_slow", 413: "problem/too_large"
}  # fmt: skip


def create_app(
    settings: Settings, store: Store, clock: Clock = utc_now, random_bytes: RandomBytes = os.urandom,
    chance: Random | None = None, shared: Shared | None = None, settles: bool = True,
) -> ASGIApp:  # fmt: skip
    """Return the application. Refusal: content that is not sound, is in no language that may be shown, or lacks a
    version that was answered here; a demonstration may lose what was made up.

    Without `shared` it is the only process of its server. Of several, one alone `settles` the store.
    """
    shared = shared or share(settings, lambda: int(clock().timestamp()), random_bytes)
    content = shared.content
    if not settings.demonstration:
        demand_versions(store.roll(), content.answered)
    pages = Pages(
        content.interface, content.offered, content.drafts, settings.demonstration, settings.quick_exit,
        content.results,
    )  # fmt: skip
    demonstration = settings.content / "gate" / "demonstration.toml"
    house = House(
        settings, content, pages, store, Writer(store), shared.drafts, shared.ticks, clock, random_bytes,
        chance or SystemRandom(),
        gate=Gate.from_lists([demonstration]) if settings.demonstration else None,
        demonstration_terms=_terms(read_toml(demonstration)) if settings.demonstration else (),
        stretching=Stretching(shared.places, settings.pepper, settings.workers) if settings.pepper else None,
    )  # fmt: skip
    app = Starlette(
        routes=_routes(house),
        lifespan=_life(house, settles),
        exception_handlers={Refusal: _refused(house), HTTPException: _http(house), Exception: _fault(house)},  # type: ignore[dict-item]
    )
    # Otherwise an address with a slash too many leads to whatever host the request names.
    app.router.redirect_slashes = False
    return Shield(app, pages.always)


def _terms(lists: dict[str, list[dict[str, str]]]) -> tuple[str, ...]:
    return tuple(term["text"] for term in lists.get("term", []))


def _routes(house: House) -> list[Route]:
    respondent, door, desk, participant = Respondent(house), Door(house), DeskDoor(house), Participant(house)

    static, spoken = _static(house), _spoken(house)

    async def health(request: Request) -> Response:
        return JSONResponse({"demonstration": house.settings.demonstration, "version": __version__})

    async def robots(request: Request) -> Response:
        return PlainTextResponse("User-agent: *\nDisallow: /\n")

    routes = [
        # First, because nearly every request asks for these, and each route before them is tried in vain.
        spoken("/{tag}/s/{slug}", respondent.consent),
        spoken("/{tag}/s/{slug}", respondent.answer, "POST"),
        Route("/health", health, methods=["GET"]),
        Route("/robots.txt", robots, methods=["GET"]),
        Route("/message", door.message, methods=["GET"]),
        Route("/go/{target}", door.go, methods=["GET"]),
        Route("/desk/v1/challenge", desk.challenge, methods=["POST"]),
        Route("/desk/v1/pull", desk.pull, methods=["POST"]),
        Route("/desk/v1/confirm", desk.confirm, methods=["POST"]),
        spoken("/{tag}/message", door.message),
        spoken("/{tag}/help", static("help.html")),
        spoken("/{tag}/young", static("young.html")),
        spoken("/{tag}/about", static("about.html")),
        *_results(house, spoken),
        spoken("/{tag}/s/{slug}/receipt", respondent.receipt, "GET", "POST"),
        spoken("/{tag}/p/{slug}", participant.front),
        spoken("/{tag}/p/{slug}", participant.work, "POST"),
        spoken("/{tag}/p/{slug}/{step}", participant.step),
        *_front(house, door, spoken),
    ]
    for route in routes:
        # A look ahead by HEAD shows nobody anything, and must not be counted as if it did.
        route.methods = (route.methods or set()) - {"HEAD"}
    return routes


def _front(house: House, door: Door, spoken: Callable[..., Route]) -> list[Route]:
    """Return what is at the address alone: an operator's search page in the demonstration, else the first survey."""

    async def start(request: Request) -> Response:
        return house.pages.elsewhere(f"/{house.tag(request)}/s/{house.doors[0].slug}")

    if house.gate is None:
        return [Route("/", start, methods=["GET"])]
    return [
        Route("/", door.search_page, methods=["GET"]),
        Route("/search", door.search, methods=["POST"]),
        spoken("/{tag}/search", door.search_page),
        spoken("/{tag}/search", door.search, "POST"),
    ]


def _results(house: House, spoken: Callable[..., Route]) -> list[Route]:
    """Return where finished results stand; there is no such address while there are none."""
    pages = {result.name: result for result in house.content.results}
    if not pages:
        return []

    async def one(request: Request) -> Response:
        if (result := pages.get(request.path_params["name"])) is None:
            raise HTTPException(404)
        return house.pages.result(result)

    async def all_(request: Request) -> Response:
        tag = Tag(request.path_params["tag"])
        return house.pages.page("results.html", tag, switch="/{tag}/results", remember="")

    return [spoken("/{tag}/results", all_), Route("/results/{name}", one, methods=["GET"])]


def _static(house: House) -> Callable[[str], Endpoint]:
    def static(template: str) -> Endpoint:
        async def show(request: Request) -> Response:
            name, tag = template.removesuffix(".html"), house.tag(request)
            return house.pages.page(
                template, tag, switch=f"/{{tag}}/{name}", remember="", directory=house.content.directory,
                programme=house.content.guides.way(tag),
            )  # fmt: skip

        return show

    return static


def _spoken(house: House) -> Callable[..., Route]:
    """No page exists in a language that is not offered; what is posted to one is taken all the same."""

    def spoken(path: str, endpoint: Endpoint, *methods: str) -> Route:
        async def known(request: Request) -> Response:
            if request.method != "POST" and request.path_params["tag"] not in house.pages.offered:
                raise HTTPException(404)
            return await endpoint(request)

        return Route(path, known, methods=methods or ["GET"])

    return spoken


async def _settle(house: House) -> None:
    # Here too, and not by the purge alone: how long a journal stays is promised to each person.
    await house.stored(house.store.journals.purge, house.day())
    await house.stored(house.store.settle)


def _life(house: House, settles: bool) -> Callable[[Starlette], contextlib.AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        async def tend() -> None:
            while True:
                await asyncio.sleep(SETTLE_SECONDS)
                house.drafts.expire(house.now())
                with _logging(Exception):
                    if settles:
                        await _settle(house)

        if settles:
            # A full disk is no reason to stay away: room may be made while the server runs.
            with _logging(Unwritten):
                await _settle(house)
        task = asyncio.create_task(tend())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            if house.stretching:
                house.stretching.close()
            with _logging(Unwritten):
                await house.stored(house.store.close if settles else house.store.release)

    return life


@contextlib.contextmanager
def _logging(kind: type[Exception]) -> Iterator[None]:
    """Let a failure of this kind be a line in the log and nothing more."""
    try:
        yield
    except kind as error:
        log_fault(error)


def _refused(house: House) -> Callable[[Request, Refusal], Awaitable[Response]]:
    async def refused(request: Request, refusal: Refusal) -> Response:
        code = refusal.codes[0]
        status = _STATUS.get(code, 400)
        if request.url.path.startswith("/desk/"):
            problem = refusal.problems[0]
            return JSONResponse({"code": code, "message": f"{problem.what} {problem.remedy}"}, status)
        what = _WHAT.get(status, "problem/form")
        return house.pages.page("problem.html", house.tag(request), status, what=what)

    return refused


def _http(house: House) -> Callable[[Request, HTTPException], Awaitable[Response]]:
    async def failed(request: Request, error: HTTPException) -> Response:
        what = _WHAT.get(error.status_code, "problem/fault")
        answer = house.pages.page("problem.html", house.tag(request), error.status_code, what=what)
        if error.status_code == 405:
            answer.init_headers({"allow": _allowed(request)})
        return answer

    return failed


def _allowed(request: Request) -> str:
    """Return the methods of all routes to this address."""
    routes: list[Route] = request.app.routes
    found = {m for r in routes if r.matches(request.scope)[0] is not Match.NONE for m in r.methods or ()}
    return ", ".join(sorted(found))


def _fault(house: House) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def failed(request: Request, error: Exception) -> Response:
        status = 503 if isinstance(error, Unwritten) else 500
        return house.pages.page("problem.html", house.tag(request), status, what="problem/fault")

    return failed


class Shield:
    """The outermost layer: our headers on whatever leaves, and of a failure only a log line without a trace of it."""

    def __init__(self, app: ASGIApp, always: Mapping[str, str]) -> None:
        self.app = app
        self.always = [(name.encode(), value.encode()) for name, value in always.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def shielded(message: Message) -> None:
            nonlocal begun
            begun = True
            if message["type"] == "http.response.start":
                have = {name for name, _ in message["headers"]}
                message["headers"] += [header for header in self.always if header[0] not in have]
            await send(message)

        try:
            await self.app(scope, receive, shielded)
        except asyncio.CancelledError:
            # The server has been asked to end, and has waited long enough for whoever is still sending.
            if scope["type"] != "http":
                raise
            if not begun:
                await PlainTextResponse("", 503)(scope, receive, shielded)
        except Exception as error:
            if scope["type"] != "http":
                raise
            log_fault(error)
