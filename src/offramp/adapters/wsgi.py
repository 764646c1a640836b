"""A gate in front of any WSGI application: Flask, Bottle, Pyramid, or one's own.

The invariant: a request that is let through arrives as it came, body included.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, BinaryIO

from offramp.adapters.doorway import LONGEST_BODY, Doorway, Received

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class WsgiGate:
    """`app = WsgiGate(app, open_gate(…))`."""

    def __init__(self, app: Application, doorway: Doorway) -> None:
        self.app, self.doorway = app, doorway

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = self.doorway.answer(self._received(environ))
        if answer is None:
            return self.app(environ, start_response)
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", list(answer.headers))
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [answer.body]

    def _received(self, environ: Environ) -> Received:
        path = environ.get("PATH_INFO", "").encode("latin-1", "replace").decode("utf-8", "replace") or "/"
        body, cut = self._body(environ) if self.doorway.searches(path) else (b"", False)
        return Received(
            path, environ.get("QUERY_STRING", "").encode("latin-1", "replace"), environ.get("CONTENT_TYPE", ""), body,
            environ.get("HTTP_CONTENT_ENCODING", ""), environ.get("HTTP_ACCEPT", ""),
            environ.get("HTTP_ACCEPT_LANGUAGE", ""), cut,
        )  # fmt: skip

    def _body(self, environ: Environ) -> tuple[bytes, bool]:
        """Read the beginning of a body, and put it back in front of the rest."""
        length = environ.get("CONTENT_LENGTH") or ""
        declared = int(length) if length.isascii() and length.isdigit() else None
        if not declared and not environ.get("wsgi.input_terminated"):
            return b"", False
        stream = environ["wsgi.input"]
        wanted = LONGEST_BODY + 1 if declared is None else min(declared, LONGEST_BODY + 1)
        head = b""
        while len(head) < wanted and (piece := stream.read(wanted - len(head))):
            head += piece
        environ["wsgi.input"] = io.BufferedReader(_Replayed(head, stream, declared))
        return head, len(head) > LONGEST_BODY or (declared is not None and len(head) < min(declared, wanted))


class _Replayed(io.RawIOBase):
    """What was read, then the rest, and never more than was declared: some servers would wait for more."""

    def __init__(self, head: bytes, rest: BinaryIO, declared: int | None) -> None:
        self._head, self._rest = head, rest
        self._left = None if declared is None else declared - len(head)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401
        piece, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        if not piece and self._left != 0:
            piece = self._rest.read(len(buffer) if self._left is None else min(len(buffer), self._left))
            self._left = None if self._left is None else self._left - len(piece) if piece else 0
        buffer[: len(piece)] = piece
        return len(piece)
