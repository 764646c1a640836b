"""What stands between the network and the endpoints: limits, strict forms, and errors without a trace.

Not here: what a form means. The invariants: a body is read only up to its limit and only if it is a plain form;
whatever fails leaves as a clear page and a log line that names the failure's type and nothing of the request.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from offramp.errors import refuse

LOG = logging.getLogger("offramp")
# The fullest page of answers in four-byte characters, percent-encoded, stays well below this.
BODY_LIMIT = 64 * 1024
MOST_FIELDS = 500
# How long a body may take. The largest needs 2.2 KB a second for it, four or five cells of Tor; at that rate one of
# our own pages takes eleven seconds to arrive. An ordinary page of answers is a tenth as long.
BODY_SECONDS = 30
_FORM = "application/x-www-form-urlencoded"

Fields = Mapping[str, list[str]]


async def read_form(request: Request, limit: int = BODY_LIMIT) -> Fields:
    """Return the fields of a posted form. Refusal: form.type, form.too_large, form.too_slow, form.unreadable."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != _FORM:
        raise refuse("form.type", "form", "This is no plain form.", "Please use the page’s own form.")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise refuse("form.type", "form", "The form is compressed.", "Please send it plain.")
    try:
        text = (await read_body(request, limit)).decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace")
    except ValueError:
        raise refuse(
            "form.unreadable", "form", "The form cannot be read.", "Please use the page’s own form."
        ) from None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


async def read_body(request: Request, limit: int) -> bytes:
    """Return a body of at most `limit` bytes. Refusal form.too_large or form.too_slow, before the rest is read."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise refuse("form.too_large", "form", "The body is too large.", "Please send less.")
    except TimeoutError:
        raise refuse("form.too_slow", "form", "The body came too slowly.", "Please send it again.") from None
    except ClientDisconnect:
        raise refuse("form.unreadable", "form", "The body broke off.", "Please send it again.") from None
    return bytes(body)


def log_fault(error: BaseException) -> None:
    """Log that something of ours failed: its type and where in the code, nothing of any request or value."""
    where = _place(error)
    LOG.error("fault %s at %s", type(error).__name__, where)


def _place(error: BaseException) -> str:
    trace, last = error.__traceback__, None
    while trace is not None:
        last, trace = trace, trace.tb_next
    return f"{last.tb_frame.f_code.co_name}:{last.tb_lineno}" if last else "?"


class FaultLines(logging.Formatter):
    """One line for whatever anybody in this process logs: a message of ours, or a failure without its words.

    The words of a failure, and of those that led to it, may hold what was sent: a line of a body, or a value in SQL.
    """

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            return f"fault {type(error).__name__} at {_place(error)}"
        return next(iter(record.getMessage().splitlines()), "")
