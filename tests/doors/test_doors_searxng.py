"""What is particular to SearXNG: cookies that disable plugins, commands in a query, four formats, the autocompleter.

SearXNG is no package that could be installed. The engine here is a stand-in with its hooks (tests/doors/searxng.py).
All terms are invented words.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from offramp.adapters import open_gate
from offramp.gate import Count, draft
from tests.doors import searxng
from tests.doors.engines import KEY, options, seal
from tests.doors.requests import FORM, Sent, form, get
from tests.doors.wires import Reply, wsgi


class Engine:
    def __init__(self, sealed: Path, **more: Any) -> None:
        self.seen: list[str] = []
        self.counts: list[Count] = []
        self.said: list[str] = []
        self.doorway = open_gate(
            **options(sealed, counts=self.counts.append, report=self.said.append, **more)
        )
        self.app = searxng.create(self.seen, self.doorway)
        self.ask = wsgi(self.app)

    def get(self, query: str, path: str = "/search", **headers: str) -> Reply:
        return self.ask(
            Sent("x", "", f"{path}?{query}", headers={k.replace("_", "-"): v for k, v in headers.items()})
        )


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    return seal(tmp_path / "list.sealed")


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(seal(tmp_path_factory.mktemp("list") / "list.sealed"))


@pytest.fixture
def engine(standing: Engine) -> Engine:
    standing.seen.clear()
    standing.counts.clear()
    return standing


@pytest.mark.parametrize(
    "cookie", ["disabled_plugins=offramp", "disabled_plugins=a,offramp; enabled_plugins=b"]
)
@pytest.mark.parametrize("sent", [get("x", "", "q=zorblaxin"), form("x", "", "q=zorblaxin"),
                                  Sent("x", "", "/?q=zorblaxin"), Sent("x", "", "/", b"q=zorblaxin", FORM),
                                  Sent("x", "", "/?q=tea", b"q=zorblaxin", FORM)])  # fmt: skip
def test_a_visitor_who_disables_plugins_sees_the_message_all_the_same(
    engine: Engine, cookie: str, sent: Sent
):
    sent.headers["cookie"] = cookie
    reply = engine.ask(sent)
    assert "/offramp/go/help/" in reply.text
    assert "set-cookie" not in reply.headers
    assert engine.seen == []
    assert [count.target for count in engine.counts] == ["shown"]


@pytest.mark.parametrize("query", ["!g zorblaxin", "zorblaxin !g", "!!g zorblaxin", ":en zorblaxin", "<3 zorblaxin",
                                   "!g !images :ar zorblaxin", "mervoqua !g tilsunep", "mervoqua :en <3 tilsunep",
                                   "!zorblaxin", ":zorblaxin"])  # fmt: skip
def test_commands_in_a_query_hide_nothing(engine: Engine, query: str):
    from urllib.parse import quote

    assert "/offramp/go/help/" in engine.get(f"q={quote(query)}").text
    assert engine.seen == []


def test_ordinary_commands_are_left_alone(engine: Engine):
    assert engine.get("q=!g+green+tea").text == "results for 9 characters"
    assert engine.seen == ["green tea"]


def test_each_format_has_its_answer(engine: Engine):
    pages = {
        form: engine.get(f"q=zorblaxin&format={form}")
        for form in ("html", "json", "csv", "rss", "odd", "suggestions")
    }
    assert json.loads(pages["json"].body)["errcode"] == "M_FORBIDDEN"
    assert pages["json"].status == 403
    [row] = csv.DictReader(io.StringIO(pages["csv"].text))
    assert row["url"] == "https://help.example/en"
    assert etree.fromstring(pages["rss"].body).findtext("channel/item/link") == "https://help.example/en"
    assert all(
        pages[form].headers["content-type"].startswith("text/html") for form in ("html", "odd", "suggestions")
    )
    assert all(page.headers["cache-control"] == "no-store, no-transform" for page in pages.values())
    assert all(page.headers["referrer-policy"] == "no-referrer" for page in pages.values())
    assert engine.seen == []


def test_a_format_may_be_posted(engine: Engine):
    assert engine.ask(form("x", "", "q=zorblaxin&format=json")).status == 403


@pytest.mark.parametrize("cookie", ["", "disabled_plugins=offramp"])
def test_the_autocompleter_completes_nothing(engine: Engine, cookie: str):
    script = engine.get("q=zorblaxin", "/autocompleter", cookie=cookie, x_requested_with="XMLHttpRequest")
    bar = engine.get("q=zorblaxin", "/autocompleter", cookie=cookie)
    posted = engine.ask(Sent("x", "", "/autocompleter", b"q=zorblaxin", FORM))
    assert [json.loads(reply.body) for reply in (script, bar, posted)] == [[], ["", []], ["", []]]
    assert bar.headers["content-type"] == "application/x-suggestions+json"
    assert engine.seen == []
    assert engine.counts == []
    assert "tea near me" in engine.get("q=tea", "/autocompleter").text


def test_the_second_look_stops_what_only_searxng_makes_of_a_query(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    """A command that the stand-in knows, and that the first look does not take out."""
    monkeypatch.setattr(searxng, "KNOWN", searxng.KNOWN | {"@images"})
    reply = engine.get("q=mervoqua+@images+tilsunep")
    assert (reply.text, engine.seen) == ("no results", [])


def test_in_shadow_the_second_look_stops_nothing(sealed: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(searxng, "KNOWN", searxng.KNOWN | {"@images"})
    engine = Engine(sealed, shadow=True)
    engine.get("q=mervoqua+@images+tilsunep")
    assert engine.seen == ["mervoqua tilsunep"]


def test_lists_are_exchanged_and_come_back(sealed: Path, tmp_path: Path):
    engine = Engine(sealed)
    (tmp_path / "words.txt").write_text("flumterquip\n", encoding="utf-8")
    (tmp_path / "list.sealed").write_bytes(draft([tmp_path / "words.txt"]).sealed(KEY))
    assert "/offramp/go/help/" in engine.get("q=flumterquip").text
    assert engine.get("q=zorblaxin").text.startswith("results")
    engine.doorway.keeper.live.roll_back()
    assert "/offramp/go/help/" in engine.get("q=zorblaxin").text


def test_it_is_listed_among_the_plugins_with_what_it_does(engine: Engine):
    from offramp.adapters.searxng import GatePlugin

    info = GatePlugin(searxng.PluginCfg()).info
    assert (info.id, info.name) == ("offramp", "Offramp")
    assert "way out" in info.description


def test_without_a_key_searxng_does_not_start(tmp_path: Path):
    from offramp.errors import Refusal

    with pytest.raises(Refusal):
        Engine(tmp_path / "none.sealed")
