"""How a notice looks: an HTML page of its own, JSON for apps, and what feeds and tables of results can carry.

The page has no script, sets no cookie and asks for nothing outside; the JSON has the shape of Matrix's proposal
MSC4228 (with the `messages` of MSC4176), and beside it what an app needs to draw the page itself. The invariant:
every answer leaves through `dressed`, so that none is stored by anybody or tells the next site where it came from.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any, Literal, get_args

from offramp.gate.counting import Target
from offramp.gate.notice import Notice, Shown
from offramp.language import LANGUAGES

Form = Literal["html", "json", "csv", "rss", "suggestions"]
"""How an answer is wanted; "suggestions" is what a search field asks for while somebody types."""
FORMS: tuple[Form, ...] = get_args(Form)
_CARDS: tuple[Target, ...] = ("help", "programme", "survey")
_STYLE = (
    "body{font:1.1rem/1.6 sans-serif;max-width:40rem;margin:0 auto;padding:1rem;color:#1b1b1b;background:#fff}"
    "h1{font-size:1.6rem;line-height:1.3}h2{font-size:1.2rem;margin:0}a{color:#0b4f8a}"
    ".doors{display:flex;justify-content:space-between;gap:1rem}"
    ".doors a,.card a{display:inline-block;padding:.6rem 1rem;border:2px solid #0b4f8a;border-radius:.3rem}"
    ".card{border:1px solid #767676;border-radius:.3rem;padding:1rem;margin:1rem 0}.quiet{color:#4a4a4a}"
)
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
ALWAYS: tuple[tuple[str, str], ...] = (
    ("cache-control", "no-store, no-transform"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-robots-tag", "noindex, nofollow"),
    ("content-security-policy", f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'none'; "
                                "frame-ancestors 'none'; base-uri 'none'"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door sends instead of letting the search engine answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def dressed(notice: Notice, shown: Shown, form: Form) -> Answer:
    """Return a notice in the form in which it was asked for."""
    match form:
        case "json":
            text, kind, status = (
                json.dumps(as_json(notice, shown), ensure_ascii=False),
                "application/json",
                403,
            )
        case "csv":
            text, kind, status = _csv(notice, shown), "text/csv", 200
        case "rss":
            text, kind, status = _rss(notice, shown), "application/rss+xml", 200
        case "suggestions":
            text, kind, status = "[]", "application/json", 200
        case _:
            text, kind, status = "".join(_html(notice, shown)), "text/html", 200
    if shown.kind == "unavailable" and form != "suggestions":
        status = 503
    elif shown.kind == "thanks":
        status = 200
    return _answer(status, text.encode(), ("content-type", f"{kind}; charset=utf-8"))


def elsewhere(address: str) -> Answer:
    """Return a redirect that keeps nothing and tells the next site nothing."""
    return _answer(303, b"", ("location", address))


def _answer(status: int, body: bytes, *more: tuple[str, str]) -> Answer:
    return Answer(status, (*more, ("content-length", str(len(body))), *ALWAYS), body)


def as_json(notice: Notice, shown: Shown) -> dict[str, Any]:
    """Return a notice as an app reads it: `error` and `messages` to show as they are, `offramp` to draw it."""
    said = {tag: _said(notice, _again(notice, shown, tag)) for tag in notice.languages}
    own: dict[str, Any] = {"kind": shown.kind, "language": shown.tag, "heading": shown.heading,
                           "paragraphs": shown.paragraphs}  # fmt: skip
    if shown.kind == "message":
        own["intent"] = "help" if shown.greets else "search"
        own["arm"] = shown.arm
        own["ways"] = {
            way: notice.link(way, shown) for way in (*_ways(notice), *_ASIDE) if _leads(notice, way)
        }
    code = "M_UNKNOWN" if shown.kind == "unavailable" else "M_FORBIDDEN"
    return {"errcode": code, "error": said[shown.tag], "messages": said, "offramp": own}


_ASIDE: tuple[Target, ...] = ("not_meant", "exit")


def _leads(notice: Notice, way: Target) -> bool:
    return way == "not_meant" or bool(getattr(notice.ways, way))


def _ways(notice: Notice) -> tuple[Target, ...]:
    return tuple(way for way in _CARDS if getattr(notice.ways, way))


def _again(notice: Notice, shown: Shown, tag: str) -> Shown:
    """Return the same page in another language."""
    known = next(found for found in notice.languages if found == tag)
    match shown.kind:
        case "thanks":
            return notice.thanks(known)
        case "unavailable":
            return notice.unavailable(known)
        case _:
            return notice.message(next((a for a in notice.messages.arms if a.id == shown.arm), None), known)


def _said(notice: Notice, shown: Shown) -> str:
    """Return a notice as plain text; a message ends with where help is."""
    lines = [shown.heading, *shown.paragraphs]
    if shown.kind == "message":
        lines.append(f"{notice.texts[shown.tag]['help_title']}: {_help(notice, shown)}")
    return "\n".join(lines)


def _help(notice: Notice, shown: Shown) -> str:
    return notice.ways.address("help", shown.tag, shown.arm)


def _csv(notice: Notice, shown: Shown) -> str:
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\r\n")
    rows.writerow(("title", "url", "content"))
    rows.writerow((shown.heading, _help(notice, shown), " ".join(shown.paragraphs)))
    return table.getvalue()


def _rss(notice: Notice, shown: Shown) -> str:
    heading, link = escape(shown.heading), escape(_help(notice, shown))
    text = escape(" ".join(shown.paragraphs))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>{heading}</title>'
        f"<link>{link}</link><description>{text}</description><language>{shown.tag}</language>"
        f"<item><title>{heading}</title><link>{link}</link><description>{text}</description></item>"
        "</channel></rss>\n"
    )


def _html(notice: Notice, shown: Shown) -> Iterator[str]:
    here, t = LANGUAGES[shown.tag], notice.texts[shown.tag]
    yield f'<!doctype html>\n<html lang="{here.tag}" dir="{here.direction}">\n<head>\n<meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield '<meta name="referrer" content="no-referrer">\n'
    yield f'<title>{escape(shown.heading)}</title>\n<link rel="icon" href="data:,">\n<style>{_STYLE}</style>\n'
    yield "</head>\n<body>\n"
    if shown.kind == "message":
        yield f'<p class="doors">{_a(notice.link("help", shown), t["help_now"])}'
        yield f"{_a(notice.link('exit', shown), t['leave'])}</p>\n"
    yield f"<main>\n<h1>{escape(shown.heading)}</h1>\n"
    yield from (f"<p>{escape(paragraph)}</p>\n" for paragraph in shown.paragraphs)
    if shown.kind == "message":
        for way in _ways(notice):
            yield f'<section class="card"><h2>{escape(t[f"{way}_title"])}</h2><p>{escape(t[f"{way}_text"])}</p>'
            yield f"<p>{_a(notice.link(way, shown), t[f'{way}_link'])}</p></section>\n"
        yield f'<p class="quiet">{_a(notice.link("not_meant", shown), t["not_meant"])}. '
        yield f"{escape(t['not_meant_text'])}</p>\n"
    yield "</main>\n<footer>\n"
    if shown.kind == "message":
        yield from _languages(notice, shown)
    if notice.is_draft(shown.tag):
        yield f'<p class="quiet">{escape(t["draft"])}</p>\n'
    yield "</footer>\n</body>\n</html>\n"


def _languages(notice: Notice, shown: Shown) -> Iterator[str]:
    others = [LANGUAGES[tag] for tag in notice.languages if tag != shown.tag]
    if others:
        yield f'<nav aria-label="{escape(notice.texts[shown.tag]["languages"])}"><p>'
        for other in others:
            address = escape(f"{notice.base}/message/{shown.arm}/{other.tag}")
            yield f'<a href="{address}" rel="noreferrer" lang="{other.tag}" hreflang="{other.tag}">'
            yield f"{escape(other.name)}</a> "
        yield "</p></nav>\n"


def _a(address: str, text: str) -> str:
    return f'<a href="{escape(address)}" rel="noreferrer">{escape(text)}</a>'
