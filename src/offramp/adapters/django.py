"""A gate in front of a Django project, as middleware: its options are the dictionary `OFFRAMP` in the settings.

The invariant: the body is read through Django itself, which keeps it for the view.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError

from offramp.adapters.doorway import Received
from offramp.adapters.opening import open_gate


class GateMiddleware:
    """`MIDDLEWARE = ["offramp.adapters.django.GateMiddleware", …]`, first, so that nothing answers before it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.doorway = open_gate(**settings.OFFRAMP)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        body, cut = _body(request) if self.doorway.searches(request.path_info) else (b"", False)
        meta: dict[str, Any] = request.META
        answer = self.doorway.answer(Received(
            request.path_info, _bytes(meta.get("QUERY_STRING", "")), meta.get("CONTENT_TYPE", ""), body,
            meta.get("HTTP_CONTENT_ENCODING", ""), meta.get("HTTP_ACCEPT", ""),
            meta.get("HTTP_ACCEPT_LANGUAGE", ""), cut,
        ))  # fmt: skip
        if answer is None:
            return self.get_response(request)
        response = HttpResponse(b"" if request.method == "HEAD" else answer.body, status=answer.status)
        for name, value in answer.headers:
            response[name] = value
        return response


def _body(request: HttpRequest) -> tuple[bytes, bool]:
    try:
        return request.body, False
    except (RequestDataTooBig, UnreadablePostError):
        return b"", True


def _bytes(query: str) -> bytes:
    """WSGI hands a query string over as Latin-1, ASGI as UTF-8."""
    try:
        return query.encode("latin-1")
    except UnicodeEncodeError:
        return query.encode("utf-8", "replace")
