"""Small search engines in real frameworks, each with a gate in front, each noting what it took for the query.

Each engine reads its query as its framework does it. So a test can ask afterwards, whatever was sent: has the engine
searched for anything that the gate would have stopped?
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import django
import flask
from django.conf import settings
from django.http import HttpResponse
from django.test import override_settings
from django.urls import re_path
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from offramp.adapters import Doorway, open_gate
from offramp.adapters.asgi import AsgiGate
from offramp.adapters.wsgi import WsgiGate
from offramp.gate import draft
from tests.doors import searxng
from tests.doors.requests import Sent
from tests.doors.wires import Reply, Wire, asgi, wsgi

ROOT = Path(__file__).parents[2]
KEY = bytes(32)
HELP = "https://help.example/{language}"
Seen = list[str]
_METHODS = ["GET", "POST", "PUT", "HEAD"]


@cache
def _sealed() -> bytes:
    return draft([ROOT / "content/gate/demonstration.toml"]).sealed(KEY)


def seal(path: Path) -> Path:
    path.write_bytes(_sealed())
    return path


def options(sealed: Path, **more: Any) -> dict[str, Any]:
    return {
        "lists": sealed, "key": KEY, "failing": "open", "content": ROOT / "content", "help": HELP,
        "survey": "https://survey.example/{language}/s/x", "languages": ("en", "ar"), "drafts": True,
        "paths": ("/search",), "suggestions": ("/suggest",), **more,
    }  # fmt: skip


def _said(seen: Seen, query: str | None) -> str:
    seen.append(query or "")
    return f"results for {len(query or '')} characters"


def _field(body: bytes) -> str | None:
    """What an engine that takes JSON reads; whatever it cannot read it searches for nothing."""
    try:
        found = json.loads(body)
        return str(found["q"]) if isinstance(found, dict) and "q" in found else None
    except (ValueError, RecursionError):
        return None


def flask_engine(seen: Seen, **given: Any) -> tuple[Wire, Doorway]:
    app = flask.Flask("engine")

    @app.route("/search", methods=_METHODS, strict_slashes=False)
    @app.route("/about", methods=_METHODS)
    @app.route("/suggest", methods=_METHODS)
    def search() -> str:
        for query in (flask.request.args.getlist("q") + flask.request.form.getlist("q")) or [
            _field(flask.request.get_data())
        ]:
            said = _said(seen, query)
        return said

    doorway = open_gate(**given)
    app.wsgi_app = WsgiGate(app.wsgi_app, doorway)  # type: ignore[method-assign]
    return wsgi(app), doorway


def plain_engine(seen: Seen, **given: Any) -> tuple[Wire, Doorway]:
    def app(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = io.BytesIO()
        while body.tell() < length and (piece := environ["wsgi.input"].read(length - body.tell())):
            body.write(piece)
        start("200 OK", [("content-type", "text/plain")])
        fields = parse_qs(environ["QUERY_STRING"].encode("latin-1").decode("utf-8", "replace"))
        found = fields.get("q", []) + parse_qs(body.getvalue().decode("utf-8", "replace")).get("q", [])
        return [_said(seen, query).encode() for query in found] or [_said(seen, None).encode()]

    doorway = open_gate(**given)
    return wsgi(WsgiGate(app, doorway)), doorway


def starlette_engine(seen: Seen, **given: Any) -> tuple[Wire, Doorway]:
    async def search(request: Request) -> PlainTextResponse:
        found = request.query_params.getlist("q")
        body = await request.body()
        try:
            async with request.form() as posted:
                found += [text for text in posted.getlist("q") if isinstance(text, str)]
        except HTTPException:
            pass  # a form that it refuses is searched for by nobody
        else:
            if not found:
                found = [_field(body) or ""]
        return PlainTextResponse("".join(_said(seen, query) for query in found))

    doorway = open_gate(**given)
    routes = [Route(path, search, methods=_METHODS) for path in ("/search", "/search/", "/about", "/suggest")]
    return asgi(Starlette(routes=routes, middleware=[Middleware(AsgiGate, doorway=doorway)])), doorway


_DJANGO_SEEN: list[Seen] = []
"""Django knows one set of views for a process: the engine that is being asked stands last."""


def _django_search(request: Any) -> HttpResponse:
    seen = _DJANGO_SEEN[-1]
    found = [*request.GET.getlist("q"), *request.POST.getlist("q")] or [_field(request.body) or ""]
    return HttpResponse("".join(_said(seen, query) for query in found))


urlpatterns = [re_path(r"^(?:search/?|/search|about|suggest)$", _django_search)]


def _django(handler: Callable[[], Any], given: dict[str, Any]) -> Any:
    if not settings.configured:
        settings.configure(ROOT_URLCONF=__name__, SECRET_KEY="x", ALLOWED_HOSTS=["*"], DEBUG=False,
                           LOGGING_CONFIG=None, MIDDLEWARE=["offramp.adapters.django.GateMiddleware"])  # fmt: skip
        django.setup()
    with override_settings(OFFRAMP=given):
        return handler()


def _noting(seen: Seen, wire: Wire) -> Wire:
    def send(sent: Sent) -> Reply:
        _DJANGO_SEEN.append(seen)
        return wire(sent)

    return send


def _doorway_of(handler: Any) -> Doorway:
    """Find the middleware again: Django hides it behind a chain of functions."""
    from offramp.adapters.django import GateMiddleware

    link = handler._middleware_chain
    while not isinstance(link, GateMiddleware):
        link = next(cell.cell_contents for cell in link.__closure__ if callable(cell.cell_contents))
    return link.doorway


def django_engine(seen: Seen, **given: Any) -> tuple[Wire, Doorway]:
    from django.core.handlers.wsgi import WSGIHandler

    handler = _django(WSGIHandler, given)
    return _noting(seen, wsgi(handler)), _doorway_of(handler)


def django_asgi_engine(seen: Seen, **given: Any) -> tuple[Wire, Doorway | None]:
    from django.core.handlers.asgi import ASGIHandler

    return _noting(seen, asgi(_django(ASGIHandler, given))), None


def searxng_engine(seen: Seen, **given: Any) -> tuple[Wire, Doorway]:
    doorway = open_gate(**given)
    return wsgi(searxng.create(seen, doorway)), doorway


ENGINES: dict[str, Callable[..., tuple[Wire, Doorway | None]]] = {
    "flask": flask_engine, "wsgi": plain_engine, "starlette": starlette_engine, "django": django_engine,
    "django under asgi": django_asgi_engine, "searxng": searxng_engine,
}  # fmt: skip
