"""Whatever is sent to any address: laws that every answer keeps, tried on requests that nobody would think of."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp.sealing import pull_question
from offramp.settings import Settings
from offramp.web.pages import PAGE_BYTES
from tests.web.answers import TAKEN
from tests.web.asking import Answered, Asking, asking
from tests.web.installation import LANGUAGES, OFFERED, SERVICE, Installation
from tests.web.respondent import FORM, Respondent
from tests.web.test_web_walk import walk_all

# What no answer may repeat anywhere, and what it may repeat in a field's value alone.
UNSAID, SAID = "zemblix", "plumvork"
ODD = "<b id={0}>\"'`&amp;{{{{7*7}}}}</b>\x01"
HEADERS = {
    "content-security-policy": "default-src 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
STATUSES = {200, 303, 400, 404, 405, 409, 410, 413, 415, 422}


# -- the laws -----------------------------------------------------------------------------------------------


class Heard(logging.Handler):
    """Everything that anybody logs."""

    def __init__(self) -> None:
        super().__init__(0)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != "asyncio" or record.levelno > logging.DEBUG:
            self.lines.append(record.getMessage())


@dataclass(repr=False)
class Court:
    """A server that is asked, and what is looked at after each answer."""

    place: Installation
    server: Asking
    heard: Heard
    database: sqlite3.Connection
    ledger: sqlite3.Connection
    settings: Settings

    def kept(self) -> tuple[int, int, int]:
        """How many envelopes and tombstones there are."""
        count = "SELECT count(*) FROM "
        rows = (self.database.execute(count + "envelope"), self.database.execute(count + "tombstone"),
                self.ledger.execute(count + "tombstone"))  # fmt: skip
        return tuple(row.fetchone()[0] for row in rows)  # type: ignore[return-value]

    def ask(
        self, method: str, target: bytes, lines: list[tuple[bytes, bytes]], body: list[bytes]
    ) -> Answered:
        """Ask, and hold the answer to all laws."""
        before = self.kept()
        answer = self.server.ask(method, target, lines, body)
        lawful(answer, self.settings, sum(map(len, body)))
        assert self.heard.lines == []
        if method != "POST":
            assert self.kept() == before, "only a post changes anything"
        return answer


def lawful(answer: Answered, settings: Settings, sent: int = 0) -> None:
    """Hold an answer to the laws that need to know nothing of the request but how long it was."""
    names = [name for name, _ in answer.lines]
    assert answer.status_code in STATUSES
    assert len(names) == len(set(names)), "no header comes twice"
    for name, value in HEADERS.items():
        assert value in answer.headers[name], name
    assert not {b"set-cookie", b"server", b"refresh", b"access-control-allow-origin"} & set(names)
    assert UNSAID not in str(answer.lines)
    assert SAID not in str(answer.lines)
    assert ("location" in answer.headers) == (answer.status_code == 303)
    if answer.status_code == 303:
        assert answer.headers["location"].partition("?")[0] in leads_to(settings)
    assert UNSAID.encode() not in answer.content
    assert b"Traceback" not in answer.content
    if answer.is_page:
        fits(answer, sent)
        harmless(answer, settings)
    else:
        assert SAID.encode() not in answer.content


def leads_to(settings: Settings) -> set[str]:
    own = {f"/{tag}/{where}" for tag in OFFERED for where in ("help", *(f"s/{s}" for s in settings.surveys))}
    return {settings.quick_exit, *own}


def fits(answer: Answered, sent: int) -> None:
    """Pages have one size, or two; beyond that, only what somebody sends themselves makes their own page longer."""
    assert len(answer.content) % PAGE_BYTES == 0
    assert len(answer.content) <= 2 * PAGE_BYTES + 6 * sent


def harmless(answer: Answered, settings: Settings) -> None:
    """What was sent stands in fields alone, and nothing on the page leads anywhere that it did not lead before."""
    tree = answer.tree
    assert not tree.xpath(
        "//script | //iframe | //img | //object | //embed | //base | //link[@href!='data:,'] | //meta[@http-equiv]"
    )
    assert not tree.xpath("//@*[starts-with(name(), 'on')]")
    assert not tree.xpath(f"//*[@id='{SAID}']")
    for element in tree.iter():
        if not isinstance(element.tag, str):
            assert SAID not in (element.text or "")
            continue
        mine = [value for name, value in element.attrib.items() if SAID in value and name != "value"]
        assert mine == []
        assert SAID not in (element.text or "") or element.tag == "textarea"
        assert SAID not in (element.tail or "")
    for form in tree.xpath("//form"):
        assert form.get("action", "").split("/")[1] in OFFERED
    for link in tree.xpath("//a/@href"):
        assert link.startswith(("/", "#", "http", "tel:", "mailto:", "sms:")), link
        assert not link.startswith("//")


# -- what is sent -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    place = Installation(tmp_path_factory.mktemp("laws") / "server")
    heard = Heard()
    logging.getLogger().addHandler(heard)
    with asking(place) as server:
        own = place.settings
        yield Court(place, server, heard, sqlite3.connect(own.database), sqlite3.connect(own.ledger), own)
    logging.getLogger().removeHandler(heard)


@pytest.fixture(scope="module")
def stolen(court: Court, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Values that are right somewhere: drafts, receipts, and a desk's own requests."""
    people = [Respondent(court.server, court.place.survey, language) for language in LANGUAGES * 2]
    drafts, receipts = [], []
    for person, pages in zip(people, (1, 3, 6, len(TAKEN)), strict=True):
        walk_all(person.begin(), dict(list(TAKEN.items())[:pages]))
        drafts += [page.draft for page in person.history if page.tree.xpath("//input[@name='draft']")]
        receipts.append(person.seen.receipt)
    with asking(Installation(tmp_path_factory.mktemp("other") / "server")) as other:
        stranger = Respondent(other, court.place.survey).begin().next().next()
    drafts += [
        stranger.seen.draft,
        drafts[3][:-5],
        drafts[4] + drafts[5],
        drafts[2][:40],
        "A" * len(drafts[0]),
    ]
    challenge = json.loads(court.server.ask("POST", b"/desk/v1/challenge").content)["challenge"]
    signature = court.place.keys.sign(pull_question(bytes.fromhex(challenge), b"", True), SERVICE).hex()
    return {"draft": [*drafts, challenge], "receipt": [*receipts, stranger.seen.receipt, receipts[0][:-1]],
            "challenge": [challenge, drafts[0]], "signature": [signature, "00" * 64]}  # fmt: skip


text = st.one_of(st.text(max_size=30), st.sampled_from(
    ["", "0", "-1", "9" * 400, "00", "98", "x97", "²", "\u0000", "\r\nx-odd: 1", "\ud800", "\u202e", "None", "../.."]
))  # fmt: skip
raw = st.one_of(text.map(lambda t: t.encode("utf-8", "surrogatepass")), st.binary(max_size=30))
escaped = raw.map(lambda b: quote_from_bytes(b, safe="").encode())
broken = st.sampled_from(
    [b"%", b"%zz", b"%u0041", b"%00", b"%c0%ae", b"%2e%2e%2f", b"%ff", b"%0d%0aX:%20y", b";", b"//"]
)
piece = st.one_of(escaped, broken, st.just(UNSAID.encode()), st.just(b"%3Cb%3E" + UNSAID.encode()))
tags = st.sampled_from([b"en", b"ar", b"xy", b"EN", b"en%00", b"xx"])
known = st.sampled_from([
    b"/", b"/health", b"/robots.txt", b"/message", b"/search", b"/go/survey", b"/go/help", b"/go/exit",
    b"/go/not-looking", b"/desk/v1/challenge", b"/desk/v1/pull",
])  # fmt: skip
in_a_language = st.builds(
    lambda tag, rest: b"/" + tag + rest, tags,
    st.sampled_from([
        b"", b"/message", b"/help", b"/young", b"/about", b"/search", b"/s/help-us", b"/s/help-us/receipt"
    ]),
)  # fmt: skip
paths = st.one_of(
    known, in_a_language, st.builds(lambda path, more: path + more, st.one_of(known, in_a_language), st.one_of(
        st.just(b"/"), st.just(b"//"), piece.map(lambda p: b"/" + p), piece)),
    st.lists(piece, max_size=4).map(lambda ps: b"/" + b"/".join(ps)),
    st.sampled_from([b"*", b"//" + UNSAID.encode(), b"http://" + UNSAID.encode() + b"/en/help/", b"/" + b"a" * 8000]),
)  # fmt: skip
queries = st.lists(
    st.builds(lambda k, v: k + b"=" + v, st.one_of(st.sampled_from([b"a", b"l", b"q"]), piece), piece),
    max_size=3,
)
targets = st.builds(lambda path, query: path + (b"?" + b"&".join(query) if query else b""), paths, queries)
methods = st.one_of(
    st.sampled_from(["GET", "POST"]), st.sampled_from(["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE",
                                                       "CONNECT", "PATCH", "PROPFIND", "get", "Q" * 99]),
)  # fmt: skip
line_values = st.one_of(
    st.sampled_from([UNSAID, f"{UNSAID}.example:1", f"http://{UNSAID}/", "close", "gzip", "bytes=0-9", '"*"', "*",
                     "en;q=nan, ar;q=inf", "ar;q=-1e999", ",;=" * 99, "DELETE"]).map(str.encode),
    st.binary(max_size=20).map(lambda b: b.translate(None, b"\r\n\0")),
)  # fmt: skip
lines = st.lists(st.tuples(st.sampled_from([
    b"host", b"accept-language", b"x-forwarded-for", b"x-forwarded-host", b"x-original-url", b"x-rewrite-url", b"range",
    b"x-http-method-override", b"if-none-match", b"if-modified-since", b"cookie", b"origin", b"referer", b"user-agent",
    b"accept", b"te", b"x-forwarded-proto", b"forwarded",
]), line_values), max_size=4)  # fmt: skip


@given(method=methods, target=targets, lines=lines)
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_method_at_any_address_with_any_headers(
    court: Court, method: str, target: bytes, lines: list[tuple[bytes, bytes]]
) -> None:
    court.ask(method, target, lines, [])


@pytest.mark.full
@given(method=methods, target=targets, lines=lines)
@settings(max_examples=1500, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_method_at_any_address_many_times(
    court: Court, method: str, target: bytes, lines: list[tuple[bytes, bytes]]
) -> None:
    court.ask(method, target, lines, [])


FORMS = ["/en/s/help-us", "/ar/s/help-us", "/xx/s/help-us", "/en/s/help-us/receipt", "/en/search", "/search"]
QUESTIONS = [f"{kind}{number:03d}" for kind in "qwf" for number in range(31)]


def fields(stolen: dict[str, list[str]]) -> st.SearchStrategy[bytes]:
    """Return posts: fields in any number and order, right values beside odd ones."""
    mine = st.sampled_from([SAID, ODD.format(SAID), SAID * 40, f"\n{SAID}\r"])
    value = st.one_of(
        mine, text, st.sampled_from(stolen["draft"]), st.sampled_from(stolen["receipt"]),
        st.sampled_from([*(page for page in TAKEN), "next", "back", "stay", "show", "delete", "agree", "decline",
                         "under18", "continue", *(f"{n:02d}" for n in range(20))]),
    )  # fmt: skip
    name = st.one_of(
        st.sampled_from(["draft", "page", "go", "receipt", "arm", "lang", "q", *QUESTIONS]),
        st.sampled_from([UNSAID, f'"><b id={UNSAID}>', "", "__proto__", "draft[]"]),
    )
    parts = {
        "draft": st.sampled_from(stolen["draft"]), "page": st.sampled_from([*TAKEN]),
        "go": st.sampled_from(["next", "next", "back", "stay", "show", "delete", "agree", "continue"]),
        "receipt": st.sampled_from(["", *stolen["receipt"]]), "q": mine,
    }  # fmt: skip
    whole = st.fixed_dictionaries({name: parts[name] for name in ("draft", "page", "go")})
    likely = st.one_of(whole, whole, st.fixed_dictionaries({}, optional=parts))
    pairs = st.tuples(st.lists(st.tuples(name, value), max_size=12), likely).map(
        lambda t: [*t[1].items(), *t[0]]
    )
    return st.tuples(pairs, st.one_of(st.just(b""), st.just(b""), broken, st.binary(max_size=9))).map(
        lambda t: b"&".join(_encoded(k) + b"=" + _encoded(v) for k, v in t[0]) + t[1]
    )


def _encoded(text: str) -> bytes:
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="").encode()


def form_keeps_the_laws(court: Court, stolen: dict[str, list[str]], data: st.DataObject) -> Answered:
    body = data.draw(fields(stolen))
    cuts = data.draw(st.integers(1, 4))
    pieces = [body[start::1][: len(body) // cuts + 1] for start in range(0, len(body), len(body) // cuts + 1)]
    kind = data.draw(
        st.sampled_from([FORM] * 8 + [FORM + "; charset=utf-7", FORM.upper(), "text/plain", "x" * 999])
    )
    target = data.draw(st.sampled_from(FORMS)).encode()
    return court.ask("POST", target, [(b"content-type", kind.encode())], pieces)


@given(data=st.data())
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_form(court: Court, stolen: dict[str, list[str]], data: st.DataObject) -> None:
    form_keeps_the_laws(court, stolen, data)


@pytest.mark.full
@given(data=st.data())
@settings(max_examples=1000, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_form_many_times(court: Court, stolen: dict[str, list[str]], data: st.DataObject) -> None:
    form_keeps_the_laws(court, stolen, data)


def test_posts_that_come_close_do_get_through(court: Court, stolen: dict[str, list[str]]) -> None:
    """A control: with these very values pages are saved, so the laws were not tried on refusals alone."""
    found: set[int] = set()
    saved: list[bool] = []

    @given(body=fields(stolen))
    @settings(max_examples=120, derandomize=True, database=None)
    def reach(body: bytes) -> None:
        before = bodies(court)
        found.add(court.server.send(FORMS[0], body).status_code)
        saved.append(bodies(court) != before)

    reach()
    assert {200, 400, 409} <= found
    assert sum(saved) > 5


def bodies(court: Court) -> list[tuple[bytes]]:
    return court.database.execute("SELECT body FROM envelope").fetchall()


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), text, st.just(SAID)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(text, inner, max_size=4)), max_leaves=9,
)  # fmt: skip


@given(data=st.data())
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_at_the_desks_door(court: Court, stolen: dict[str, list[str]], data: st.DataObject) -> None:
    request = data.draw(st.fixed_dictionaries({}, optional={
        "challenge": st.one_of(st.sampled_from(stolen["challenge"]), JSON),
        "signature": st.one_of(st.sampled_from(stolen["signature"]), JSON),
        "after": st.one_of(st.sampled_from(["", "00" * 24, "ff" * 24, "0"]), JSON),
        "now": st.one_of(st.booleans(), JSON),
    }))  # fmt: skip
    body = data.draw(st.one_of(st.just(json.dumps(request).encode()), st.binary(max_size=40), JSON.map(
        lambda value: json.dumps(value).encode())))  # fmt: skip
    answer = court.ask("POST", b"/desk/v1/pull", [], [body])
    signed = {key: request.get(key) for key in ("challenge", "signature", "after", "now")} == {
        "challenge": stolen["challenge"][0], "signature": stolen["signature"][0], "after": "", "now": True
    }  # fmt: skip
    assert signed or b"envelopes" not in answer.content


# -- the laws find what is planted --------------------------------------------------------------------------

SOUND = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
PAGE = [*SOUND, (b"content-type", b"text/html; charset=utf-8")]


def page(inside: str) -> bytes:
    return f"<html lang='en'><body>{inside}".encode().ljust(PAGE_BYTES, b" ")


def test_the_laws_let_a_sound_page_pass(court: Court) -> None:
    lawful(
        Answered(200, PAGE, page(f"<form action='/en/x'><input name='q' value='{SAID}'></form>")),
        court.settings,
    )


@pytest.mark.parametrize(
    "answer",
    [
        Answered(500, PAGE, page("")),
        Answered(200, PAGE[1:], page("")),
        Answered(200, [*PAGE, (b"set-cookie", b"a=b")], page("")),
        Answered(303, [*PAGE, (b"location", b"https://example.org/")], page("")),
        Answered(303, [*PAGE, (b"location", b"//en/help")], page("")),
        Answered(200, [*PAGE, (b"x-odd", UNSAID.encode())], page("")),
        Answered(200, PAGE, page(f"<p>{UNSAID}</p>")),
        Answered(200, PAGE, page(f"<p>{SAID}</p>")),
        Answered(200, PAGE, page(f"<p title='{SAID}'></p>")),
        Answered(200, PAGE, page(f"<!-- {SAID} -->")),
        Answered(200, PAGE, page(f"<b id={SAID}></b>")),
        Answered(200, PAGE, page("<script></script>")),
        Answered(200, PAGE, page("<p onclick='x'></p>")),
        Answered(200, PAGE, page("<a href='javascript:x'>x</a>")),
        Answered(200, PAGE, page("<form action='//elsewhere/x'></form>")),
        Answered(200, PAGE, page("")[:-1]),
        Answered(200, PAGE, page("") * 3),
        Answered(200, SOUND, SAID.encode()),
        Answered(400, PAGE, page("Traceback (most recent call last)")),
    ],
    ids=str,
)
def test_the_laws_find_what_is_planted(court: Court, answer: Answered) -> None:
    with pytest.raises((AssertionError, KeyError)):
        lawful(answer, court.settings)


def test_a_change_by_get_and_a_line_in_a_log_would_be_noticed(court: Court, tmp_path: Path) -> None:
    before = court.kept()
    Respondent(court.server, court.place.survey).begin().next({"stop_attempts": "few"})
    assert court.kept() != before
    logging.getLogger("offramp").error("a line")
    assert court.heard.lines == ["a line"]
    court.heard.lines.clear()
