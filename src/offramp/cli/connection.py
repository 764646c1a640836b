"""What one connection may do, and for how long it may keep others waiting: uvicorn's own, with an end to its patience.

uvicorn closes a connection that is idle after an answer, and no other. Here each has a deadline for its next request
and one for the whole exchange; a body that was refused is not read to its end; and when there are too many, the one
that has kept us waiting longest goes, so that whoever opens connections and says nothing keeps nobody out.
Not here: how long a body may take and what is said then (web/guard.py), or what is answered.
The invariant: a request that has arrived as a whole is answered, unless its client takes too long to read.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

import h11
from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, ASGISendEvent, Scope
from uvicorn.protocols.http.flow_control import CLOSE_HEADER
from uvicorn.protocols.http.h11_impl import H11Protocol

# From a connection's first moment, or from the last answer, until the next request's headers are there as a whole.
HEAD_SECONDS = 30
# From the headers to the end of the answer; the body alone has 30 of them.
EXCHANGE_SECONDS = 60
# Each may hold a head of 20 KiB, a body of 130 KiB and a page of 24 KiB at the very most.
MOST_CONNECTIONS = 500
# So much is parsed before others have their turn: a body of chunks of one byte costs most for its length.
_PIECE_BYTES = 4 * 1024


class Connection(H11Protocol):
    """See the module. Everything that is not said here is uvicorn's."""

    # In the order in which they began to wait; a connection that is being answered is not among them.
    _waiting: ClassVar[dict[Connection, None]] = {}
    _end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # asyncio offers no other way to read less than 256 KiB at a time.
        transport.max_size = _PIECE_BYTES  # type: ignore[attr-defined]
        self.app = self._answered
        self._wait()
        if len(self.connections) > MOST_CONNECTIONS:
            next(iter(self._waiting)).give_up()

    def connection_lost(self, exc: Exception | None) -> None:
        self._waiting.pop(self, None)
        self._within(None)
        super().connection_lost(exc)

    def handle_events(self) -> None:
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._within(EXCHANGE_SECONDS)
            names = {name for name, _ in self.headers}
            if {b"content-length", b"transfer-encoding"} <= names:
                # Whoever stands in front may have read another length: no second request is taken from here.
                self.cycle.keep_alive = False
        if self.cycle and not self.cycle.more_body and not self.cycle.response_complete:
            self._waiting.pop(self, None)

    def on_response_complete(self) -> None:
        self._wait()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Say that this was no request, if nothing else has been said; what was wrong with it is not logged."""
        if self.cycle and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            headers = [("content-type", "text/plain"), ("cache-control", "no-store"), ("connection", "close"),
                       ("content-security-policy", "default-src 'none'"), ("referrer-policy", "no-referrer"),
                       ("x-content-type-options", "nosniff"), ("content-length", str(len(msg)))]  # fmt: skip
            for event in (h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
                          h11.Data(data=msg.encode()), h11.EndOfMessage()):  # fmt: skip
                self.transport.write(self.conn.send(event))
        self.transport.close()

    def give_up(self) -> None:
        """Close at once; what waits to be sent is thrown away."""
        self._waiting.pop(self, None)
        self.transport.abort()

    async def _answered(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        cycle = self.cycle

        async def said(message: ASGISendEvent) -> None:
            # Of a body that was refused before it was all there, the rest is never read.
            if message["type"] == "http.response.start" and (cycle.more_body or not cycle.keep_alive):
                message["headers"] = [*message["headers"], CLOSE_HEADER]
            await send(message)

        await self.config.loaded_app(scope, receive, said)

    def _wait(self) -> None:
        self._waiting[self] = None
        self._within(HEAD_SECONDS)

    def _within(self, seconds: float | None) -> None:
        if self._end is not None:
            self._end.cancel()
        self._end = self.loop.call_later(seconds, self.give_up) if seconds is not None else None
