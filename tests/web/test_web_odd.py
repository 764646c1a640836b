"""Requests that no form of ours makes: a clear page with the right status, no trace of the request, nothing kept."""

from __future__ import annotations

import gzip
import json
import logging
import sqlite3
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from offramp.survey.form import choice_field
from offramp.web.guard import BODY_LIMIT, MOST_FIELDS
from offramp.web.pages import PAGE_BYTES
from tests.web.installation import LANGUAGES, Installation
from tests.web.respondent import FORM, Answer, Respondent, Seen

Somebody = Callable[..., Respondent]
AGREE = b"go=agree"
SURVEY = "/en/s/help-us"


@pytest.fixture(autouse=True)
def nothing_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """An odd request is nobody's fault and leaves no line in any log (`httpx2` is the test's own client)."""
    yield
    assert [record for record in caplog.records if not record.name.startswith("http")] == []


def assert_clear(answer: Answer, status: int, language: str = "en") -> None:
    page = Seen("", answer.status_code, answer.content, answer.headers)
    assert page.status == status
    assert page.language == language
    assert page.heading
    assert len(page.body) == PAGE_BYTES
    assert "Traceback" not in page.text
    assert "no-store" in page.headers["cache-control"]


def in_pieces(body: bytes) -> Iterator[bytes]:
    """Send a body without saying beforehand how long it is."""
    for start in range(0, len(body), 1000):
        yield body[start : start + 1000]


def many_fields(number: int) -> bytes:
    return urlencode([(f"q{n:05d}", "1") for n in range(number)]).encode()


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        pytest.param(AGREE + b"&x=" + b"y" * BODY_LIMIT, FORM, 413, id="too large"),
        pytest.param(AGREE, "text/plain", 415, id="plain text"),
        pytest.param(json.dumps({"go": "agree"}).encode(), "application/json", 415, id="JSON"),
        pytest.param(AGREE, "multipart/form-data; boundary=x", 415, id="multipart"),
        pytest.param(AGREE, "", 415, id="no content type"),
        pytest.param(many_fields(4000), FORM, 400, id="four thousand fields"),
        pytest.param(many_fields(10_000), FORM, 413, id="ten thousand fields, and so too large"),
        pytest.param("go=agree&x=\u00e9".encode(), FORM, 400, id="bytes that are not percent-encoded"),
        pytest.param(b"", FORM, 400, id="empty"),
        pytest.param(b"&&=&=x&%&%zz", FORM, 400, id="not even fields"),
        pytest.param(b"go=win", FORM, 400, id="a button that does not exist"),
        pytest.param(b"draft=&page=win&go=next", FORM, 409, id="a page that does not exist"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_body_that_is_none_of_ours(
    server: TestClient, place: Installation, body: bytes, content_type: str, status: int, language: str
) -> None:
    for sent in (body, in_pieces(body)):
        answer = server.post(f"/{language}/s/help-us", content=sent, headers={"content-type": content_type})
        assert_clear(answer, status, language)
    assert place.envelopes() == []
    assert place.totals() == {}


def test_a_compressed_body_is_not_unpacked(server: TestClient, place: Installation) -> None:
    headers = {"content-type": FORM, "content-encoding": "gzip"}
    assert_clear(server.post(SURVEY, content=gzip.compress(AGREE), headers=headers), 415)
    assert place.totals() == {}


def test_as_many_fields_as_are_allowed_are_read(somebody: Somebody, place: Installation) -> None:
    person = somebody().begin().tick({"stop_attempts": "few"})
    full = person.ready_to_send()
    person._post(SURVEY, full + b"&" + many_fields(MOST_FIELDS - full.count(b"=")))
    assert person.seen.status == 200
    assert place.response().codes["stop_attempts"] == ("few",)


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/en/s/no-such-survey", 404),
        ("POST", "/en/s/no-such-survey", 404),
        ("GET", "/en/s/no-such-survey/receipt", 404),
        ("GET", "/en/no-such-page", 404),
        ("GET", "/xx/s/help-us", 404),
        ("GET", "/xx/help", 404),
        ("GET", "/EN/help", 404),
        ("GET", "/go/elsewhere", 404),
        ("GET", "/go/https%3A%2F%2Fexample.org", 404),
        ("GET", "/en/s/%2e%2e%2f%2e%2e%2fetc%2fpasswd", 404),
        ("GET", "/static/style.css", 404),
        ("PUT", SURVEY, 405),
        ("DELETE", SURVEY, 405),
        ("OPTIONS", SURVEY, 405),
        ("PROPFIND", "/en/help", 405),
        ("POST", "/en/help", 405),
        ("GET", "/desk/v1/pull", 405),
    ],
)
def test_addresses_and_methods_that_are_none_of_ours(
    server: TestClient, place: Installation, method: str, address: str, status: int
) -> None:
    assert_clear(server.request(method, address), status)
    assert place.totals() == {}


def test_who_asks_in_an_unknown_place_is_answered_in_the_language_of_the_browser(server: TestClient) -> None:
    headers = {"accept-language": "xx;q=0.9, ar-EG;q=0.8, en;q=0.7"}
    assert_clear(server.get("/nowhere", headers=headers), 404, "ar")
    assert_clear(server.get("/xx/help", headers=headers), 404, "ar")
    assert_clear(server.get("/nowhere", headers={"accept-language": ";q=,;;q=x," * 99}), 404, "en")


def test_a_page_sent_in_a_language_that_is_no_longer_offered_is_kept_all_the_same(
    somebody: Somebody, place: Installation
) -> None:
    person = somebody("ar").begin().tick({"stop_attempts": "few"})
    person._post("/xx/s/help-us", person.ready_to_send())
    assert person.seen.status == 200
    assert place.response().codes["stop_attempts"] == ("few",)


def test_an_unknown_page_with_a_good_draft(somebody: Somebody, place: Installation) -> None:
    person = somebody().begin()
    for page in ("", "no-such-page", "offer_nothing", "../stopping"):
        person._post(
            SURVEY, urlencode({"draft": person.history[-1].draft, "page": page, "go": "next"}).encode()
        )
        assert person.seen.status == 400
        person.history.pop()
    assert place.envelopes() == []


ODD_WORDS = {
    "a lone surrogate": (b"plinder%ED%A0%80mark", "plinder\ufffd\ufffd\ufffdmark"),
    "bytes that are no UTF-8": (b"plinder%FF%C3mark", "plinder\ufffd\ufffdmark"),
    "control characters": (b"plin%00der%1B%5B31m%7F%C2%9Bmark%08", "plinder[31mmark"),
    "line ends of every kind": (b"plinder%0D%0Amark%0Aand%0Dmore", "plinder\nmark\nand\nmore"),
    "marks of direction stay": (b"plinder%E2%80%AEmark", "plinder\u202emark"),
    "markup": (b"%3Cscript%3Ealert(1)%3C/script%3E", "<script>alert(1)</script>"),
    "a template's own signs": (b"%7B%7B7*7%7D%7D%7B%25", "{{7*7}}{%"),
    "the mark of a page": (b"plinder%01receipt%01%01draft%01", "plinderreceiptdraft"),
}


@pytest.mark.parametrize("case", ODD_WORDS)
def test_odd_characters_in_words(somebody: Somebody, place: Installation, case: str) -> None:
    sent, kept = ODD_WORDS[case]
    person = somebody().begin().next()
    person._post(SURVEY, person.ready_to_send().replace(b"&w003=", b"&w003=" + sent))
    assert person.seen.page == "contact"
    assert place.response().words == {"first_way": kept}


@pytest.mark.parametrize("case", ODD_WORDS)
def test_odd_characters_are_shown_back_on_a_page_that_stays_whole(
    somebody: Somebody, place: Installation, case: str
) -> None:
    person = somebody().begin().next()
    receipt = person.seen.receipt
    person._post(
        SURVEY, person.ready_to_send().replace(b"&w003=", b"&w003=" + ODD_WORDS[case][0] + b"y" * 130)
    )
    assert person.seen.status == 422
    assert person.seen.receipt == receipt
    assert not person.seen.tree.xpath("//script")
    person.write({"first_way": "plinder"}).next()
    assert place.response().words == {"first_way": "plinder"}


def test_codes_that_no_option_has_are_no_answer(somebody: Somebody, place: Installation) -> None:
    person = somebody().begin()
    choice, scale = (choice_field(person._question(name)) for name in ("stop_attempts", "wish_to_stop_after"))
    odd = [(choice, "77"), (choice, "²"), ("q999", "00")]
    person._post(SURVEY, person.ready_to_send() + b"&" + urlencode(odd).encode())
    assert person.seen.page == "beginning"
    person.next().next().next().end()
    odd = [(scale, "99999999999999999999"), (scale, "-1")]
    person._post(SURVEY, person.ready_to_send() + b"&" + urlencode(odd).encode())
    assert person.seen.status == 422
    response = place.response()
    assert response.codes["stop_attempts"] == "skipped"
    assert response.codes["wish_to_stop_after"] == "invalid"


def test_a_fault_of_ours_is_a_page_and_a_line_without_a_trace_of_the_request(
    somebody: Somebody, place: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    for language in LANGUAGES:
        person = somebody(language).begin().next().tick({"first_age": "age_0_9"})
        with sqlite3.connect(place.settings.database) as broken:
            broken.execute("ALTER TABLE envelope RENAME TO elsewhere")
        broken.close()
        person.write({"first_way": "a brambulette"}).next()
        assert person.seen.status == 500
        assert person.seen.language == language
        with sqlite3.connect(place.settings.database) as mended:
            mended.execute("ALTER TABLE elsewhere RENAME TO envelope")
        mended.close()
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(lines) == 2
    assert all(line.startswith("fault OperationalError at ") for line in lines)
    assert not any(record.exc_info for record in caplog.records)
    assert "brambulette" not in caplog.text
    caplog.clear()


@pytest.mark.parametrize(
    "body",
    [b"", b"x", b"[]", b"null", b"{}", b'{"after": 1}', b"[" * 4000, b'{"after":"zz"}',
     json.dumps({"challenge": "", "signature": "", "after": "00", "now": False}).encode()],
)  # fmt: skip
def test_an_odd_request_at_the_desks_door_is_refused_plainly(server: TestClient, body: bytes) -> None:
    answer = server.post("/desk/v1/pull", content=body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "pull.unreadable"


def test_a_request_at_the_desks_door_that_is_too_large(server: TestClient) -> None:
    assert server.post("/desk/v1/pull", content=b" " * 5000).status_code == 413
