"""What stands between the network and the endpoints: limits, strict forms, and errors without a trace.

Not here: what a form means. The invariants: a body is read only up to its limit and only if it is a plain form;
whatever fails leaves as a clear page and a log line that names the failure's type and nothing of the request.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from offramp.errors import refuse

LOG = logging.getLogger("offramp")
# The fullest page of answers in four-byte characters, percent-encoded, stays well below this.
BODY_LIMIT = 64 * 1024
MOST_FIELDS = 500
_FORM = "application/x-www-form-urlencoded"

Fields = Mapping[str, list[str]]


async def read_form(request: Request, limit: int = BODY_LIMIT) -> Fields:
    """Return the fields of a posted form. Refusal: form.type, form.too_large, form.unreadable."""
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
    """Return a body of at most `limit` bytes. Refusal form.too_large, before the rest is read."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise refuse("form.too_large", "form", "The body is too large.", "Please send less.")
    except ClientDisconnect:
        raise refuse("form.unreadable", "form", "The body broke off.", "Please send it again.") from None
    return bytes(body)


def log_fault(error: BaseException) -> None:
    """Log that something of ours failed: its type and where in the code, nothing of any request or value."""
    trace, last = error.__traceback__, None
    while trace is not None:
        last, trace = trace, trace.tb_next
    where = f"{last.tb_frame.f_code.co_name}:{last.tb_lineno}" if last else "?"
    LOG.error("fault %s at %s", type(error).__name__, where)
