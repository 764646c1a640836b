"""A doorway: what of a request may be the query, read in every way in which a search engine might read it.

Here: query strings, forms, JSON and multipart bodies. Not here: any framework. The invariants: on the paths that
search, each value that a framework would take for the query is among the texts that the gate is asked about, or the
request counts as unread; and of a request nothing else is looked at than what `Received` names.
"""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from quopri import decodestring
from urllib.parse import parse_qsl

from offramp.gate import Answer, Asked, Form, Keeper

LONGEST_BODY = 64 * 1024
"""Bytes of a body that are read. A search is far shorter; what is longer counts as unread beyond this."""
MOST_FIELDS = 1000
_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/"
_BLANK = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Received:
    """All that a doorway looks at of a request. Without a body `body` is empty; `cut` says that there was more."""

    path: str
    query: bytes = b""
    kind: str = ""
    body: bytes = b""
    encoding: str = ""
    accept: str = ""
    language: str = ""
    cut: bool = False


class _Odd(Exception):
    """A body cannot be read as what it claims to be."""


@dataclass(frozen=True, slots=True)
class Doorway:
    """A keeper, and where in a request the query is."""

    keeper: Keeper
    paths: tuple[str, ...]
    names: tuple[str, ...] = ("q",)
    suggestions: tuple[str, ...] = ()

    def searches(self, path: str) -> bool:
        """Tell whether a request to this path is read; slashes that frameworks pass over make no difference."""
        return _plain(path) in {_plain(known) for known in (*self.paths, *self.suggestions)}

    def answer(self, received: Received) -> Answer | None:
        """Return what to send in place of results, or None to let the search engine answer."""
        if not self.searches(received.path):
            return self.keeper.answer(Asked(received.path, form=_form(received), language=received.language))
        texts, unread = self.read(received)
        typing = _plain(received.path) in map(_plain, self.suggestions)
        form: Form = "suggestions" if typing else _form(received)
        return self.keeper.answer(Asked(received.path, texts, form, received.language, unread))

    def read(self, received: Received) -> tuple[list[str], bool]:
        """Return all texts that may be the query, and whether there may be others that could not be read."""
        texts, unread = self._fields(received.query)
        body = received.body
        if body or received.cut:
            if received.encoding.lower() not in ("", "identity"):
                return texts, True
            try:
                more, left = self._body(received.kind, body[:LONGEST_BODY])
            except (_Odd, ValueError, RecursionError):
                more, left = [], True
            texts += more
            unread = unread or left or received.cut or len(body) > LONGEST_BODY
        return texts, unread

    def _body(self, kind: str, body: bytes) -> tuple[list[str], bool]:
        media = kind.partition(";")[0].strip().lower()
        if media == _FORM:
            return self._fields(body)
        if media.startswith(_MULTIPART):
            return list(_parts(kind, body)), False
        if media == "application/json" or media.endswith("+json"):
            return self._json(body), False
        raise _Odd

    def _fields(self, text: bytes) -> tuple[list[str], bool]:
        found: list[str] = []
        most = 0
        # Some take a semicolon for the end of a field, and some read bytes that are no UTF-8 as Latin-1.
        for plain in (text, text.replace(b";", b"&")) if b";" in text else (text,):
            for encoding in ("utf-8", "latin-1"):
                pairs = parse_qsl(plain.decode(encoding, "replace"), keep_blank_values=True, encoding=encoding,
                                  errors="replace")  # fmt: skip
                most = max(most, len(pairs))
                found += [value for name, value in pairs[:MOST_FIELDS] if name in self.names]
                if not any("\ufffd" in value for value in found):
                    break
        return found, most > MOST_FIELDS

    def _json(self, body: bytes) -> list[str]:
        """Return the values of our names at any depth, those of repeated keys too."""
        found: list[str] = []

        def note(pairs: list[tuple[str, object]]) -> object:
            for name, value in pairs:
                if name in self.names:
                    found.extend(_texts(value))
            return [value for _, value in pairs]

        json.loads(body, object_pairs_hook=note)
        return found


def _texts(value: object) -> Iterator[str]:
    """Give every text in a JSON value, however deep; iterative, since depth is the sender's to choose."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                yield text
            case list() as several:
                waiting.extend(several)
            case bool() | None:
                pass
            case number:
                yield str(number)


def _parts(kind: str, body: bytes) -> Iterator[str]:
    """Give each part of a multipart body whole, whatever its name, and decoded too where it says how.

    Where a part begins and what it is called is read differently by everybody; so nothing is left out here.
    """
    header = Message()
    header["content-type"] = kind
    boundary = header.get_boundary()
    if not boundary:
        raise _Odd
    for part in body.split(b"--" + boundary.encode("utf-8", "surrogateescape")):
        yield from _decoded(part)
        blank = _BLANK.search(part)
        head, content = (part[: blank.start()], part[blank.end() :]) if blank else (part, b"")
        if b"base64" in head.lower():
            try:
                yield from _decoded(binascii.a2b_base64(content))
            except binascii.Error:
                raise _Odd from None
        elif b"quoted-printable" in head.lower():
            yield from _decoded(decodestring(content))


def _decoded(content: bytes) -> Iterator[str]:
    try:
        yield content.decode()
    except UnicodeDecodeError:
        yield content.decode("utf-8", "replace")
        yield content.decode("latin-1")


def _form(received: Received) -> Form:
    """Return how an app or a browser wants its answer; whoever says nothing gets a page."""
    accept, kind = received.accept.lower(), received.kind.lower()
    wants_json = "application/json" in accept and "text/html" not in accept
    return (
        "json"
        if wants_json or (kind.startswith("application/json") and "text/html" not in accept)
        else "html"
    )


def _plain(path: str) -> str:
    return "/" + "/".join(filter(None, path.split("/")))
