"""The gate over HTTP, for search engines that are not written in Python: `POST /gate/v1/decide`.

Whoever may ask this endpoint can find out what is on the list, by asking often enough: it is for one search engine on
the same machine, and never for anybody else. Only what begins with `base` may be passed on to people. The invariants:
every answer under `/gate/` has one length, whatever was asked and whatever was found; nothing is logged.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from offramp.adapters.asgi import Happening, Receive, Scope, Send, read_body
from offramp.adapters.doorway import LONGEST_BODY, Doorway
from offramp.gate import ALWAYS, Answer, Asked, Keeper, Shown, as_json, dressed

DECIDE, DESCRIPTION = "/gate/v1/decide", "/gate/v1/openapi.json"
_FRAME = 1024
_JSON = "application/json"


class Endpoint:
    """An ASGI application; `offramp gate serve` puts it on a unix socket or on loopback."""

    def __init__(self, doorway: Doorway) -> None:
        self.keeper = doorway.keeper
        longest = max(len(_text(found)) for found in _all(self.keeper))
        self.length = -(-longest // _FRAME) * _FRAME
        """Bytes of every answer under /gate/: that of the longest one, rounded up."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await _no_more_than_http(scope, receive, send)
            return
        body, cut = await read_body(receive, [])
        answer = self.answer(scope, body, cut)
        headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})

    def answer(self, scope: Scope, body: bytes, cut: bool) -> Answer:
        """Answer one request."""
        path, kind, language = (
            scope["path"],
            _header(scope, b"content-type"),
            _header(scope, b"accept-language"),
        )
        if path == DESCRIPTION and scope["method"] in ("GET", "HEAD"):
            return self._framed(200, description())
        if path != DECIDE:
            return self.keeper.answer(Asked(path, language=language)) or self._refused(404)
        if scope["method"] != "POST":
            return self._refused(405)
        # A page that somebody visits can send forms and texts to a local port, but no JSON without asking first.
        if kind.partition(";")[0].strip().lower() != _JSON:
            return self._refused(415)
        if cut or len(body) > LONGEST_BODY:
            return self._refused(413)
        asked = _asked(body)
        if asked is None:
            return self._refused(400)
        query, wished = asked
        return self._framed(200, said(self.keeper, self.keeper.show([query], wished or language)))

    def _refused(self, status: int) -> Answer:
        return self._framed(status, {"error": HTTPStatus(status).phrase})

    def _framed(self, status: int, found: dict[str, Any]) -> Answer:
        body = _text(found).ljust(self.length)
        headers = (("content-type", _JSON), ("content-length", str(len(body))), *ALWAYS)
        return Answer(status, headers, body)


def said(keeper: Keeper, shown: Shown | None) -> dict[str, Any]:
    """Return a decision as the endpoint tells it: what to show, and that page as HTML and as JSON for apps."""
    if shown is None:
        return {"show": "results"}
    page = dressed(keeper.notice, shown, "html").body.decode()
    return {"show": shown.kind, "page": page, "json": as_json(keeper.notice, shown)}


def _all(keeper: Keeper) -> Iterator[dict[str, Any]]:
    """Give everything that can be told."""
    for tag in keeper.notice.languages:
        for arm in (None, *keeper.notice.messages.arms):
            yield said(keeper, keeper.notice.message(arm, tag))
        yield said(keeper, keeper.notice.unavailable(tag))
    yield description()


def _asked(body: bytes) -> tuple[str, str] | None:
    """Return the query and the language that a body asks about, or None if it is no such question."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not found.keys() <= {"query", "language"}:
        return None
    query, language = found.get("query"), found.get("language", "")
    return (query, language) if isinstance(query, str) and isinstance(language, str) else None


def _text(found: dict[str, Any]) -> bytes:
    # ASCII, so that a query or a text in any script has no other length in bytes than in characters.
    return json.dumps(found).encode()


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for known, value in scope["headers"] if known.lower() == name), "")


async def _no_more_than_http(scope: Scope, receive: Receive, send: Send) -> None:
    """Begin and end with the server; whatever else there is is closed."""
    if scope["type"] != "lifespan":
        await send({"type": "websocket.close", "code": 1000})
        return
    while True:
        happening: Happening = await receive()
        await send({"type": f"{happening['type']}.complete"})
        if happening["type"] == "lifespan.shutdown":
            return


def description() -> dict[str, Any]:
    """Return the OpenAPI description of what is under /gate/."""
    error = {"description": "Count it as a failure of the gate, and do as you have chosen.", "content": {_JSON: {
        "schema": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}}}}  # fmt: skip
    question = {"type": "object", "required": ["query"], "additionalProperties": False, "properties": {
        "query": {"type": "string", "description": "What was searched for, whole."},
        "language": {"type": "string", "description": "What the browser prefers, as in Accept-Language."},
    }}  # fmt: skip
    told = {"type": "object", "required": ["show"], "properties": {
        "show": {"type": "string", "enum": ["results", "message", "unavailable"]},
        "page": {"type": "string", "description": "HTML to send in place of results."},
        "json": {"type": "object", "description": "The same for apps; send it with status 403."},
    }}  # fmt: skip
    decide = {"summary": "Tell what to show for a query.", "responses": {
        "200": {"description": "All answers have one length.", "content": {_JSON: {"schema": told}}},
        **{str(status): error for status in (400, 413, 415)}},
        "requestBody": {"required": True, "content": {_JSON: {"schema": question}}}}  # fmt: skip
    about = "For one search engine on the same machine. Never expose it: whoever may ask can find out what is listed."
    return {"openapi": "3.1.0", "info": {"title": "Offramp, the gate", "version": "1", "description": about},
            "paths": {DECIDE: {"post": decide}}}  # fmt: skip
