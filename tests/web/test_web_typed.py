"""Whatever a person types stays words, wherever it is shown back: no link, no tag, no attribute."""

from __future__ import annotations

from collections.abc import Iterator

import jinja2
import lxml.html
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from offramp.survey.form import choice_field, words_field
from tests.web.installation import LANGUAGES, Installation
from tests.web.respondent import Respondent

PIECES = (
    "http://tortoise.example/",
    "https://tortoise.example",
    "www.tortoise.example",
    "javascript:alert(1)",
    "mailto:a@b.example",
    '<a href="http://tortoise.example">',
    "<a/href=//tortoise.example>",
    "</textarea>",
    "</title>",
    "</style>",
    "-->",
    "<!--",
    "</script><script>",
    '"',
    "'",
    "`",
    "&",
    "&lt;a&gt;",
    "&#60;a",
    "%3Ca%3E",
    "<",
    ">",
    "</p>",
    '" autofocus onfocus="x',
    "' href='//tortoise.example",
    "{{ 7*7 }}",
    "{% raw %}",
    "\x00",
    "\x01",
    "\u202e",
    "\u2028",
    "\n",
    "\r",
    "\t",
    "]]>",
    "<b",
    "\ud7ff",
    "<svg/onload=x>",
    "<base href=//x>",
    "<form action=//x>",
    "<input formaction=//x>",
    "plinder",
)
TYPED = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), min_size=1, max_size=8).map("".join)
# What a page is made of, whatever is typed: tags with the names of their attributes, and every address.
Shape = tuple[list[tuple[str, tuple[str, ...]]], list[str]]
ADDRESSES = ("href", "src", "action", "formaction", "data", "ping", "poster", "background", "cite", "srcset")


def shape(html: str) -> Shape:
    """Return all tags and addresses of a page; two pages of one shape differ in words alone."""
    tree = lxml.html.document_fromstring(html)
    tags = [(str(tag.tag), tuple(sorted(tag.attrib))) for tag in tree.iter() if isinstance(tag.tag, str)]
    return tags, [tag.get(name) for tag in tree.iter() for name in ADDRESSES if tag.get(name)]


def places(server: TestClient, place: Installation, language: str, typed: str) -> Iterator[tuple[str, str]]:
    """Yield every page that shows back what was typed, by its name."""
    survey = place.survey
    home = f"/{language}/s/{survey.slug}"
    person = Respondent(server, survey, language).begin()
    worded = [(page, question) for page in survey.pages for question in page.questions if question.open]
    for page, question in worded:
        # Too long, so that it is shown back; the box for words that stand out is the same for every text.
        words = {words_field(question): f"www.tortoise.example {typed}" + " y" * question.max_length}
        for name, draft in (("complaint", person.seen.draft), ("lost", "")):
            form = {"draft": draft, "page": page.id, "go": "next", **words}
            yield f"{name} {question.id}", server.post(home, data=form).text
    number = {choice_field(q): typed + "x" for page in survey.pages for q in page.questions}
    for page in survey.pages:
        yield (
            f"choice {page.id}",
            server.post(home, data={"draft": "", "page": page.id, "go": "next", **number}).text,
        )
    yield "receipt", server.post(f"{home}/receipt", data={"receipt": typed + "x", "go": "continue"}).text
    lost = {"draft": "", "page": worded[0][0].id, "receipt": typed + "x", "go": "next"}
    yield "receipt on a lost page", server.post(home, data=lost).text
    yield (
        "another page",
        server.post(home, data={"draft": person.seen.draft, "page": typed, "go": "next"}).text,
    )
    yield "another button", server.post(home, data={"go": typed}).text
    yield "arm", server.get(home, params={"a": typed}).text
    yield "search", server.post(f"/{language}/search", data={"q": typed}).text
    yield "address", server.get(f"/{language}/{typed.encode().hex()}").text


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Installation]]:
    place = Installation(tmp_path_factory.mktemp("typed") / "server")
    with place.running(lambda length: b"\x07" * length) as client:
        yield client, place


def assert_one_shape(running: tuple[TestClient, Installation], language: str, typed: str) -> None:
    plain = dict(places(*running, language, "plinder"))
    hostile = dict(places(*running, language, typed))
    assert plain.keys() == hostile.keys()
    for name, page in hostile.items():
        assert shape(page) == shape(plain[name]), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_has_one_shape_whatever_is_typed(
    running: tuple[TestClient, Installation], language: str
) -> None:
    for start in range(0, len(PIECES), 10):
        assert_one_shape(running, language, "".join(PIECES[start : start + 10]))


@pytest.mark.full
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=TYPED, language=st.sampled_from(LANGUAGES))
def test_and_whatever_is_put_together_of_it(
    running: tuple[TestClient, Installation], language: str, typed: str
) -> None:
    assert_one_shape(running, language, typed)


def test_what_is_typed_is_indeed_shown_back(running: tuple[TestClient, Installation]) -> None:
    server, place = running
    shown = [name for name, page in places(server, place, "en", "plindermarkt") if "plindermarkt" in page]
    assert {"receipt", "receipt on a lost page"} <= set(shown)
    assert {name.split(" ")[0] for name in shown} >= {"complaint", "lost"}


ESCAPING = jinja2.Environment(autoescape=True)
BROKEN: dict[str, str] = {
    "not escaped": "<p>{{ typed|safe }}</p>",
    "without quotation marks": "<input value={{ typed }}>",
    "turned into a link": "<p>{{ typed|urlize }}</p>",
    "in an address": '<a href="{{ typed }}">x</a>',
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_page_that_does_not_keep_words_as_words_would_be_seen(broken: str) -> None:
    page = ESCAPING.from_string(BROKEN[broken])
    plain = shape(page.render(typed="plinder"))
    assert any(shape(page.render(typed=typed)) != plain for typed in PIECES)
    sound = ESCAPING.from_string('<p title="{{ typed }}">{{ typed }}</p>')
    assert all(shape(sound.render(typed=typed)) == shape(sound.render(typed="plinder")) for typed in PIECES)
