"""The web application: routes, the shield around them, and the life of the house.

The invariant: whatever happens inside, what leaves is a page of ours in the person's language, and what is logged
says nothing of the request.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from random import Random, SystemRandom

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from offramp import __version__
from offramp.errors import Refusal
from offramp.gate import Gate
from offramp.sealing import DraftKeys
from offramp.sealing import Random as RandomBytes
from offramp.settings import Settings
from offramp.store import NoRoom, Store
from offramp.tables import read_toml
from offramp.web.desk_door import DeskDoor
from offramp.web.door import Door
from offramp.web.guard import log_fault
from offramp.web.house import DRAFT_SECONDS, Clock, House, read_content, utc_now
from offramp.web.pages import Pages
from offramp.web.respond import Respondent
from offramp.web.writer import Writer

Endpoint = Callable[[Request], Awaitable[Response]]
SETTLE_SECONDS = 3600
_STATUS = {"form.type": 415, "form.too_large": 413}
_WHAT = {404: "problem/not_found", 405: "problem/method", 413: "problem/too_large"}


def create_app(
    settings: Settings, store: Store, clock: Clock = utc_now, random_bytes: RandomBytes = os.urandom,
    chance: Random | None = None,
) -> ASGIApp:  # fmt: skip
    """Return the application. Refusal: content that is not sound, or in no language that may be shown."""
    content = read_content(settings)
    pages = Pages(
        content.interface, content.offered, content.drafts, settings.demonstration, settings.quick_exit
    )
    demonstration = settings.content / "gate" / "demonstration.toml"
    house = House(
        settings, content, pages, store, Writer(store), DraftKeys(DRAFT_SECONDS, random_bytes), clock, random_bytes,
        chance or SystemRandom(),
        gate=Gate.from_lists([demonstration]) if settings.demonstration else None,
        demonstration_terms=_terms(read_toml(demonstration)) if settings.demonstration else (),
    )  # fmt: skip
    app = Starlette(
        routes=_routes(house),
        lifespan=_life(house),
        exception_handlers={Refusal: _refused(house), HTTPException: _http(house), Exception: _fault(house)},  # type: ignore[dict-item]
    )
    return Shield(app)


def _terms(lists: dict[str, list[dict[str, str]]]) -> tuple[str, ...]:
    return tuple(term["text"] for term in lists.get("term", []))


def _routes(house: House) -> list[Route]:
    respondent, door, desk = Respondent(house), Door(house), DeskDoor(house)

    static, spoken = _static(house), _spoken(house)

    async def start(request: Request) -> Response:
        return house.pages.elsewhere(f"/{house.tag(request)}/s/{house.survey.slug}")

    async def health(request: Request) -> Response:
        return JSONResponse({"demonstration": house.settings.demonstration, "version": __version__})

    async def robots(request: Request) -> Response:
        return PlainTextResponse("User-agent: *\nDisallow: /\n")

    routes = [
        Route("/health", health, methods=["GET"]),
        Route("/robots.txt", robots, methods=["GET"]),
        Route("/message", door.message, methods=["GET"]),
        Route("/go/{target}", door.go, methods=["GET"]),
        Route("/desk/v1/challenge", desk.challenge, methods=["POST"]),
        Route("/desk/v1/pull", desk.pull, methods=["POST"]),
        spoken("/{tag}/message", door.message),
        spoken("/{tag}/help", static("help.html")),
        spoken("/{tag}/young", static("young.html")),
        spoken("/{tag}/about", static("about.html")),
        spoken("/{tag}/s/{slug}", respondent.consent),
        spoken("/{tag}/s/{slug}", respondent.answer, "POST"),
        spoken("/{tag}/s/{slug}/receipt", respondent.receipt, "GET", "POST"),
    ]
    if house.gate is None:
        routes.insert(0, Route("/", start, methods=["GET"]))
    else:
        routes += [
            Route("/", door.search_page, methods=["GET"]),
            Route("/search", door.search, methods=["POST"]),
            spoken("/{tag}/search", door.search_page),
            spoken("/{tag}/search", door.search, "POST"),
        ]
    for route in routes:
        # A look ahead by HEAD shows nobody anything, and must not be counted as if it did.
        route.methods = (route.methods or set()) - {"HEAD"}
    return routes


def _static(house: House) -> Callable[[str], Endpoint]:
    def static(template: str) -> Endpoint:
        async def show(request: Request) -> Response:
            name = template.removesuffix(".html")
            return house.pages.page(
                template, house.tag(request), switch=f"/{{tag}}/{name}", remember="",
                directory=house.content.directory,
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


def _life(house: House) -> Callable[[Starlette], contextlib.AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        async def settle() -> None:
            while True:
                await asyncio.sleep(SETTLE_SECONDS)
                house.drafts.expire(house.now())
                with _logging(Exception):
                    await house.stored(house.store.settle)

        # A full disk is no reason to stay away: room may be made while the server runs.
        with _logging(NoRoom):
            await house.stored(house.store.settle)
        task = asyncio.create_task(settle())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            with _logging(Exception):
                await house.stored(house.store.close)

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
        return house.pages.page("problem.html", house.tag(request), error.status_code, what=what)

    return failed


def _fault(house: House) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def failed(request: Request, error: Exception) -> Response:
        return house.pages.page("problem.html", house.tag(request), 500, what="problem/fault")

    return failed


class Shield:
    """The outermost layer: of a failure that has become a page, only a log line without a trace of the request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, answer)
        except asyncio.CancelledError:
            # The server has been asked to end, and has waited long enough for whoever is still sending.
            if scope["type"] != "http":
                raise
            if not begun:
                await PlainTextResponse("", 503)(scope, receive, send)
        except Exception as error:
            if scope["type"] != "http":
                raise
            log_fault(error)
