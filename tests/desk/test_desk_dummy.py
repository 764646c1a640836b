"""Made-up respondents: they do only what pages offer, the same each time, and never anywhere but in a demonstration."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from random import Random

import pytest
from typer.testing import CliRunner

from offramp.cli.dummy import app
from offramp.desk import dummy
from offramp.desk.codebook import codebook
from offramp.desk.dummy import Answer, Ask, Record
from offramp.desk.leaf import read_leaf
from offramp.desk.rates import LEANINGS, NEVER, Rates
from tests.desk.studies import help_us

SEARCH = b"""<main><form method="post" action="/en/search"><input id="q" name="q" type="text">
<button type="submit">Search</button></form><code>zorblax</code></main>"""
MESSAGE = b"""<main><a href="/go/survey?a=arm&amp;l=en">Survey</a> <a href="/go/help?a=arm">Help</a>
<a href="/go/not-looking">No</a></main>"""
CONSENT = b"""<main><form id="consent" method="post" action="/en/s/tea"><input type="hidden" name="arm" value="arm">
<button name="go" value="agree">Yes</button><button name="go" value="under18">Young</button>
<button name="go" value="decline">No</button></form></main>"""
PAGE = """<main>{errors}<form id="answers" method="post" action="/en/s/tea">
<input type="hidden" name="draft" value="draft-{n}"><input type="hidden" name="page" value="page_{n}">
<input type="radio" name="q001" value="00"><input type="radio" name="q001" value="01" checked>
<input type="radio" name="q001" value="98">
<input type="checkbox" name="q002" value="00"><input type="checkbox" name="q002" value="01">
<input type="checkbox" name="q002" value="98"><input type="text" name="w002" value="">
<textarea name="w003"></textarea>{forget}
<button name="go" value="next">On</button><button name="go" value="back">Back</button>
<button name="go" value="delete">Delete</button>
<select name="lang"><option value="en" selected>English</option><option value="ar">Arabic</option></select>
<button name="go" value="stay">Change</button></form>
<code id="receipt">ABCD</code></main>"""
END = b"""<main id="finished"><code id="receipt">ABCD</code></main>"""


class Site:
    """A site of three pages that keeps what it was sent and never goes wrong."""

    def __init__(self) -> None:
        self.asked: list[Ask] = []
        self.saved: dict[str, tuple[tuple[str, str], ...]] = {}

    def __call__(self, ask: Ask) -> Answer:
        self.asked.append(ask)
        fields = dict(ask.fields or ())
        if ask.path == "/":
            html = SEARCH
        elif ask.path == "/en/search":
            html = MESSAGE if fields["q"] == "zorblax" else SEARCH
        elif "draft" not in fields:
            html = CONSENT if ask.fields is None else self._page(1)
        else:
            html = self._answer(int(fields["page"][-1]), ask.fields or ())
        return Answer(200, ask.path, html)

    def _answer(self, n: int, fields: tuple[tuple[str, str], ...]) -> bytes:
        own = tuple(pair for pair in fields if pair[0] not in ("draft", "page", "go"))
        go = dict(fields)["go"]
        if go == "delete":
            return PAGE.format(n=n, errors="", forget="").replace('id="answers"', 'id="delete"').replace(
                'value="delete"', 'value="delete-yes"').encode()  # fmt: skip
        if go == "delete-yes":
            return b'<main id="deleted"></main>'
        # Something is ticked on each of its pages, so that whoever sends none of it has unticked it.
        self.saved[f"page_{n}"] = own
        following = n + {"next": 1, "back": -1}.get(go, 0)
        return self._page(max(1, following)) if following <= 3 else END

    def _page(self, n: int) -> bytes:
        return PAGE.format(n=n, errors="", forget="").encode()


def walk(number: int, rates: Rates = dummy.RATES) -> tuple[Record, Site]:
    site = Site()
    return dummy.drive(dummy.respondent(Random(number), rates), site), site


@pytest.mark.parametrize("number", range(60))
def test_what_a_record_says_was_acknowledged_is_what_the_site_has(number: int):
    record, site = walk(number)
    assert record.outcome in ("finished", "broke_off", "deleted")
    if record.outcome != "deleted":
        assert {page: posted.fields for page, posted in record.last.items()} == site.saved
        assert record.receipt == "ABCD"


def test_all_kinds_of_behaviour_occur():
    records = [walk(number) for number in range(400)]
    assert {record.outcome for record, _ in records} == {"finished", "broke_off", "deleted"}
    assert {record.language for record, _ in records} == {"en", "ar"}
    asked = [[ask for ask in site.asked if ask.fields] for _, site in records]
    assert any(one == two for asks in asked for one, two in pairwise(asks)), "sent twice"
    went = [
        [dict(ask.fields or ())["page"] for ask in asks if "draft" in dict(ask.fields or ())]
        for asks in asked
    ]
    assert any(list(pages) != sorted(pages) for pages in went), "went back, or sent from an older tab"
    assert any(
        "w003" in dict(ask.fields or ()) and dict(ask.fields or ())["w003"] for asks in asked for ask in asks
    )


def test_a_stale_tab_sends_an_older_page_later_than_a_newer_one():
    rates = Rates(
        stale_tab=0.9,
        back=0,
        twice=0,
        switches=0,
        leaves_if_patient=0,
        leaves_at_first=0,
        patient=1,
        deletes=0,
    )
    _, site = next(walked for n in range(50) if _later(walked := walk(n, rates)))
    drafts = [dict(ask.fields)["draft"] for ask in site.asked if ask.fields and "draft" in dict(ask.fields)]
    assert drafts != sorted(drafts)


def _later(walked: tuple[Record, Site]) -> bool:
    pages = [posted.page for posted in walked[0].posted]
    return pages != sorted(pages)


def test_the_same_seed_makes_the_same_walks():
    one, two = ([(dummy.drive(w, Site())) for w in dummy.walks(7, 20)] for _ in range(2))
    other = [dummy.drive(w, Site()) for w in dummy.walks(8, 20)]
    assert one == two
    assert one != other


def test_passers_by_send_no_answers():
    for number in range(50):
        site = Site()
        record = dummy.drive(dummy.passer_by(Random(number)), site)
        assert record.posted == ()
        assert record.outcome in ("left", "help", "not-looking", "declined", "under_18")
        assert not site.saved


def test_where_a_page_complains_only_one_answer_is_ticked_the_next_time():
    form = read_leaf("/", PAGE.format(n=1, errors="<div id='errors'></div>", forget="").encode()).form
    assert form is not None
    for number in range(50):
        entered = dummy._Walk(Random(number), dummy.RATES).fill(form, mending=True)
        assert sum(name == "q002" for name, _ in entered) <= 1


def test_a_page_is_read_as_a_browser_reads_it():
    page = PAGE.format(
        n=2, errors="<div id='errors'></div>", forget="<input type='checkbox' name='f003' value='1'>"
    )
    leaf = read_leaf("/en/s/tea", page.encode())
    form = leaf.form
    assert form is not None
    assert form.page == "page_2"
    assert leaf.complaint
    assert form.choices["q001"].values == ("00", "01", "98")
    assert form.choices["q001"].ticked == ("01",)
    assert form.choices["q002"].several
    assert form.typed == {"w002": "", "w003": ""}
    assert form.worded == {"f003"}
    assert form.languages == ("ar",)


def test_going_back_from_a_page_on_which_nothing_stood_saves_nothing_and_unticking_does():
    blank = PAGE.replace(" checked", "").format(n=1, errors="", forget="").encode()
    ticked = PAGE.format(n=1, errors="", forget="").encode()
    for html, saved in ((blank, 0), (ticked, 1)):
        form = read_leaf("/en/s/tea", html).form
        assert form is not None
        assert form.blank == (not saved)
        walk = dummy._Walk(Random(1), Rates(twice=0))
        sending = walk.send(form, (), "back")
        next(sending)
        with pytest.raises(StopIteration):
            sending.send(Answer(200, "/en/s/tea", html))
        assert len(walk.posted) == saved


def test_the_table_of_rates_still_fits_the_questionnaire():
    """Where it did not, respondents would answer at random there, and nobody would notice."""
    by_id = {variable.id: variable for variable in codebook(help_us())}
    for question, leaning in LEANINGS.items():
        answers = {category.id for category in by_id[question].categories}
        assert leaning.strong.keys() == leaning.without.keys() == answers - NEVER, question
    closed = {v.id for v in by_id.values() if v.part != "offer" and v.kind != "text"}
    # Of services all are equally likely, so that nothing is suggested about any of them.
    services = {
        v.id for v in by_id.values() if any(c.text_key.startswith("platforms/") for c in v.categories)
    }
    services |= {v.id for v in by_id.values() if v.kind == "multiple" and any(c.name for c in v.categories)}
    assert closed - services == LEANINGS.keys()


KNOWN = dummy.known({"help-us": help_us()})


def answered(question: str, rates: Rates, number: int) -> list[str]:
    """Return the ids of what a respondent chooses at a question of the real survey, with all its answers offered."""
    ((field, variable),) = ((name, v) for name, v in KNOWN["help-us"].items() if v.id == question)
    values = tuple(f"{place:02d}" for place in range(len(variable.categories)))
    walk = dummy._Walk(Random(number), rates, KNOWN)
    chosen = walk.choose("help-us", field, values, variable.multiple, mending=False)
    return [variable.categories[int(value)].id for value in chosen]


def test_whoever_has_never_used_any_says_so_each_time_and_nobody_else_does():
    for question in ("stop_attempts", "told_anyone", "use_often", "thoughts_pre", "strat_tried"):
        for number in range(60):
            (never,) = answered(question, Rates(never_used=1, skips=0), number)
            assert never in NEVER
            assert not NEVER & set(answered(question, Rates(never_used=0, skips=0), number))


def test_answers_come_up_as_often_as_the_table_says():
    rates = Rates(never_used=0, skips=0)
    found = Counter(answered("barr_know", rates, number)[0] for number in range(400))
    assert found.most_common(1)[0][0] == "no"
    assert found["no"] > 2 * found["yes"] > found["used"] > 0


def test_answers_that_stand_alone_are_given_alone():
    for number in range(300):
        chosen = answered("feelings_post", Rates(never_used=0, skips=0), number)
        assert "none" not in chosen or chosen == ["none"]


OFFER = b"""<main><form id="answers" method="post" action="/en/s/tea"><input type="hidden" name="page" value="offer_a">
<button name="q004" value="00">Yes</button><button name="q004" value="01">No</button>
<button name="q004" value="02">No more</button></form></main>"""


def test_parts_are_taken_left_and_ended_and_whoever_has_taken_many_tires():
    form = read_leaf("/", OFFER).form
    assert form is not None

    def says(taken: int) -> Counter[str]:
        said: Counter[str] = Counter()
        for number in range(400):
            walk = dummy._Walk(Random(number), dummy.RATES)
            walk.taken = taken
            said[walk.say(form)] += 1
        return said

    fresh, tired = says(0), says(8)
    assert min(fresh.values()) > 20
    assert fresh.keys() == {dummy.TAKE, dummy.LEAVE, dummy.END}
    assert fresh[dummy.TAKE] > tired[dummy.TAKE]
    assert fresh[dummy.END] < tired[dummy.END]


def test_an_offer_without_a_way_to_end_all_is_taken_or_left():
    form = read_leaf("/", OFFER.replace(b'<button name="q004" value="02">No more</button>', b"")).form
    assert form is not None
    said = {dummy._Walk(Random(number), dummy.RATES).say(form) for number in range(100)}
    assert said == {dummy.TAKE, dummy.LEAVE}


# -- on the command line ------------------------------------------------------------------------------------


@pytest.fixture(params=['{"demonstration": false, "version": "1"}', "{}", "[]", "no JSON"])
def live_server(request: pytest.FixtureRequest) -> Iterator[tuple[str, list[str]]]:
    """A server that is no demonstration, and what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(request.param.encode())

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def test_nothing_made_up_is_sent_to_a_server_that_is_no_demonstration(live_server: tuple[str, list[str]]):
    url, asked = live_server
    result = CliRunner().invoke(app, ["walk", "--url", url, "--responses", "2"])
    assert result.exit_code != 0
    assert result.exception.codes[0] in ("dummy.not_a_demonstration", "dummy.unreachable")  # type: ignore[union-attr]
    assert asked == ["/health"]


def test_a_server_that_does_not_answer_is_refused():
    result = CliRunner().invoke(app, ["walk", "--url", "http://127.0.0.1:9", "--responses", "2"])
    assert result.exception.codes == ("dummy.unreachable",)  # type: ignore[union-attr]
