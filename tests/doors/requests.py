"""One table of requests for every door: what is sent, and what must come of it. All terms are invented words.

`then` is what a doorway does: "message", "help" (a message that greets), "results", or "unread" (the body cannot be
read: results where the gate fails open, a page of its own where it fails closed). `searxng` is said where SearXNG reads
less than a doorway does, or more.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

WORD = "zorblaxin"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=edge"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Sent:
    name: str
    then: str
    target: str | bytes = "/search"
    body: bytes = b""
    kind: str = ""
    method: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    searxng: str = ""
    """Where it differs there."""

    @property
    def verb(self) -> str:
        return self.method or ("POST" if self.kind else "GET")

    @property
    def raw(self) -> tuple[bytes, bytes]:
        """The path and the query string, as bytes on the wire."""
        target = self.target.encode() if isinstance(self.target, str) else self.target
        path, _, query = target.partition(b"?")
        return path, query


def get(name: str, then: str, query: str | bytes, **more: object) -> Sent:
    text = query.encode() if isinstance(query, str) else query
    return Sent(name, then, b"/search?" + text, **more)  # type: ignore[arg-type]


def form(name: str, then: str, body: str | bytes, **more: object) -> Sent:
    kind = more.pop("kind", FORM)
    return Sent(name, then, body=body.encode() if isinstance(body, str) else body, kind=kind, **more)  # type: ignore[arg-type]


def parts(*fields: tuple[str, bytes]) -> bytes:
    return (
        b"".join(b"--edge\r\n" + head.encode() + b"\r\n\r\n" + body + b"\r\n" for head, body in fields)
        + b"--edge--\r\n"
    )


Q = 'Content-Disposition: form-data; name="q"'
X = 'Content-Disposition: form-data; name="x"'
NO_JSON = {"searxng": "results"}

QUERIES = (
    get("ordinary", "results", "q=green+tea"),
    get("term", "message", "q=zorblaxin"),
    get("among other words", "message", "q=where+is+the+Zorblaxin%3F"),
    get("leet", "message", "q=z0rb1axin"),
    get("letters apart", "message", "q=z.o.r.b.l.a.x.i.n"),
    get("phrase, plus signs", "message", "q=mervoqua++tilsunep"),
    get("phrase, percent signs", "message", "q=mervoqua%20tilsunep"),
    get("half a phrase", "results", "q=mervoqua"),
    get("UTF-8, percent signs", "message", "q=drizzov%C3%A4nqu%C3%AB"),
    get("UTF-8, raw bytes", "message", "q=drizzovänquë".encode()),
    get("Latin-1, percent signs", "message", "q=drizzov%E4nqu%EB", searxng="results"),
    get("Latin-1, raw bytes", "message", "q=drizzovänquë".encode("latin-1"), searxng="results"),
    get("odd bytes beside a term", "message", b"q=%ff%fe+zorblaxin+%c3"),
    get("odd bytes alone", "results", b"q=%ff%fe%c3"),
    get("Arabic", "message", "q=زغلمفوشط".encode()),
    get("Cyrillic", "message", "q=%D0%B6%D0%B2%D1%83%D0%BC%D0%B1%D1%80%D0%B0%D0%BB%D0%BF%D0%B8%D0%BA"),
    get("a script without spaces", "message", "q=すごいヌプリョガゼムポです".encode()),
    get("encoded twice", "message", "q=z%256Frblaxin"),
    get("a NUL inside", "message", "q=%00zorblaxin%00"),
    get("line ends", "message", "q=tea%0D%0Azorblaxin"),
    get("the name encoded", "message", "%71=zorblaxin"),
    get("several, the first", "message", "q=zorblaxin&q=tea"),
    get("several, the last", "message", "q=tea&q=zorblaxin", searxng="message"),
    get("several, none", "results", "q=tea&q=mountain"),
    get("blank", "results", "q="),
    get("no sign of equality", "results", "q"),
    get("no query", "results", ""),
    get("another field", "results", "x=zorblaxin&q=tea"),
    get("after a semicolon", "message", "x=1;q=zorblaxin", searxng="results"),
    get("far into a long query", "message", "q=" + "tea+" * 2000 + "zorblaxin"),
    get("a long query", "results", "q=" + "tea+" * 2000),
    get("asks for help", "help", "q=help+with+zorblaxin"),
    get("only its head", "message", "q=zorblaxin", method="HEAD"),
    Sent("a slash at the end", "message", "/search/?q=zorblaxin"),
    Sent("two slashes", "message", "//search?q=zorblaxin"),
    Sent("the path encoded", "message", "/%73earch?q=zorblaxin"),
    Sent("a path that does not search", "results", "/about?q=zorblaxin", searxng="message"),
)  # fmt: skip
BODIES = (
    form("form", "message", "q=zorblaxin"),
    form("form, ordinary", "results", "q=tea"),
    form("form, kind with more", "message", "q=zorblaxin", kind=f"{FORM.upper()}; charset=utf-8"),
    form("form, Latin-1", "message", "q=drizzov%E4nqu%EB", searxng="results"),
    form("form, raw bytes", "message", "q=drizzovänquë".encode()),
    form("form, last of several", "message", "q=tea&q=zorblaxin", searxng="results"),
    form("form behind an ordinary address", "message", "q=zorblaxin", target="/search?q=tea"),
    form("an ordinary form behind an address", "message", "q=tea", target="/search?q=zorblaxin"),
    form("form, after a semicolon", "message", "x=1;q=zorblaxin", searxng="results"),
    form("form, put", "message", "q=zorblaxin", method="PUT"),
    form("form, blank", "results", "q=&x=1"),
    form("form, asks for help", "help", "q=help+with+zorblaxin"),
    form("form, too many fields", "unread", "x=1&" * 1200, searxng="results"),
    form("form, longer than is read", "unread", "q=tea&x=" + "y" * 70_000, searxng="results"),
    form("a term before more than is read", "message", "q=zorblaxin&x=" + "y" * 70_000),
    form("multipart", "message", parts((X, b"1"), (Q, b"the zorblaxin")), kind=MULTIPART),
    form("multipart, ordinary", "results", parts((X, b"1"), (Q, b"tea")), kind=MULTIPART),
    form("multipart, bytes", "message", parts((Q, "drizzovänquë".encode())), kind=MULTIPART),
    form("multipart, as base64", "message", parts((Q + "\r\nContent-Transfer-Encoding: base64", b"em9yYmxheGlu")),
         kind=MULTIPART, searxng="results"),
    form("multipart, another edge as well", "message", parts((Q, b"zorblaxin")),
         kind="multipart/form-data; boundary=edge; boundary=other", searxng="results"),
    form("multipart without an edge", "unread", parts((Q, b"tea")), kind="multipart/form-data", searxng="results"),
    form("JSON", "message", json.dumps({"q": WORD}), kind=JSON, **NO_JSON),
    form("JSON, ordinary", "results", json.dumps({"q": "tea"}), kind=JSON),
    form("JSON, escapes", "message", r'{"q": "\u007aorblaxin \ud800"}', kind=JSON, **NO_JSON),
    form("JSON, UTF-16", "message", json.dumps({"q": WORD}).encode("utf-16"), kind=JSON, **NO_JSON),
    form("JSON, key twice", "message", '{"q": "tea", "q": "zorblaxin"}', kind=JSON, **NO_JSON),
    form("JSON, deep inside", "message", json.dumps({"a": [{"q": [["tea", WORD]]}]}), kind="application/x+json",
         **NO_JSON),
    form("JSON, a number", "results", '{"q": 5}', kind=JSON),
    form("JSON, broken", "unread", '{"q": "tea"', kind=JSON, **NO_JSON),
    form("JSON, bottomless", "unread", "[" * 60_000, kind=JSON, **NO_JSON),
    form("a kind that nobody knows", "unread", "q=tea", kind="text/plain", **NO_JSON),
    form("compressed", "unread", b"\x1f\x8b\x08", kind=FORM, headers={"content-encoding": "gzip"}, **NO_JSON),
)  # fmt: skip
TABLE = (*QUERIES, *BODIES)
