"""Sending a request to a WSGI or an ASGI application as a server would, byte by byte, and reading its answer."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from tests.doors.requests import Sent


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


Wire = Callable[[Sent], Reply]


class Stingy(io.RawIOBase):
    """A body that breaks a test that reads beyond it, as a socket would hang."""

    def __init__(self, body: bytes) -> None:
        self.left = body

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        assert size > 0, "a server without an end to its stream would hang here"
        assert size <= len(self.left), "more was asked for than was declared"
        piece, self.left = self.left[:size], self.left[size:]
        return piece

    def readinto(self, buffer: Any) -> int:
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def wsgi(app: Any) -> Wire:
    def send(sent: Sent) -> Reply:
        path, query = sent.raw
        environ: dict[str, Any] = {
            "REQUEST_METHOD": sent.verb, "SCRIPT_NAME": "", "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query.decode("latin-1"), "SERVER_NAME": "testserver", "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
            "wsgi.input": Stingy(sent.body), "wsgi.errors": io.StringIO(), "wsgi.multithread": True,
            "wsgi.multiprocess": False, "wsgi.run_once": False, "HTTP_HOST": "testserver",
        }  # fmt: skip
        if sent.kind:
            environ |= {"CONTENT_TYPE": sent.kind, "CONTENT_LENGTH": str(len(sent.body))}
        environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in sent.headers.items()}
        begun: list[Any] = []
        answer = app(environ, lambda status, headers, *_: begun.extend((status, headers)))
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        assert len({name.lower() for name, _ in begun[1]}) == len(begun[1])
        return Reply(int(begun[0].split()[0]), {name.lower(): value for name, value in begun[1]}, body)

    return send


def asgi(app: Any, pieces: int = 3) -> Wire:
    async def exchange(sent: Sent) -> Reply:
        path, query = sent.raw
        headers = {"host": "testserver", **sent.headers}
        if sent.kind:
            headers |= {"content-type": sent.kind, "content-length": str(len(sent.body))}
        step = len(sent.body) // pieces + 1
        chunks = [sent.body[at : at + step] for at in range(0, len(sent.body), step)] or [b""]
        waiting = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
        waiting[-1]["more_body"] = False
        said: list[Any] = []
        done = asyncio.Event()

        async def receive() -> Any:
            if waiting:
                return waiting.pop(0)
            await done.wait()
            return {"type": "http.disconnect"}

        async def send(happening: Any) -> None:
            said.append(happening)
            if happening["type"] == "http.response.body" and not happening.get("more_body"):
                done.set()

        scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": sent.verb,
                 "scheme": "http", "path": unquote_to_bytes(path).decode("utf-8", "replace"), "raw_path": path,
                 "query_string": query, "root_path": "", 
                 "headers": [(n.encode(), v.encode("latin-1")) for n, v in headers.items()],
                 "server": ("testserver", 80), "client": ("127.0.0.1", 1)}  # fmt: skip
        await app(scope, receive, send)
        begun = {name.decode(): value.decode("latin-1") for name, value in said[0]["headers"]}
        return Reply(said[0]["status"], begun, b"".join(one.get("body", b"") for one in said[1:]))

    return lambda sent: asyncio.run(exchange(sent))
