"""What is shown and counted at a door, whatever the search engine behind it. All terms are invented words."""

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path
from random import Random

import polib
import pytest
from lxml import etree, html

from offramp.errors import Refusal
from offramp.gate import Asked, Count, Day, Keeper, LiveGate, Ways, draft, load_notice
from offramp.gate.notice import Notice
from offramp.gate.noticepage import FORMS, Answer

ROOT = Path(__file__).parents[2]
KEY = bytes(32)
DAY = Day("2026-11-29", "2026-W48")
WAYS = Ways(help="https://help.example/{language}", survey="https://survey.example/{language}/s/x?v=1",
            programme="https://programme.example/", exit="https://weather.example/")  # fmt: skip


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("list") / "list.sealed"
    path.write_bytes(draft([ROOT / "content/gate/demonstration.toml"]).sealed(KEY))
    return path


def notice(*languages: str, ways: Ways = WAYS, base: str = "/offramp") -> Notice:
    return load_notice(ROOT / "content", languages or ("en", "ar"), ways, drafts=True, base=base)


class Place:
    """A keeper with everything that it says and counts."""

    def __init__(self, sealed: Path, **options: object) -> None:
        self.counts: list[Count] = []
        self.said: list[str] = []
        given = {"failing": "open", "report": self.said.append} | {
            k: v for k, v in options.items() if k != "notice"
        }
        live = LiveGate(sealed, KEY, **given)  # type: ignore[arg-type]
        made = options.get("notice") or notice()
        self.keeper = Keeper(live, made, chance=Random(1), today=lambda: DAY, counts=self.counts.append)  # type: ignore[arg-type]

    def ask(self, *texts: str, **more: object) -> Answer | None:
        return self.keeper.answer(Asked("/search", texts, **more))  # type: ignore[arg-type]

    def get(self, path: str) -> Answer | None:
        return self.keeper.answer(Asked(path))

    @property
    def targets(self) -> list[str]:
        return [count.target for count in self.counts]


def page(answer: Answer | None) -> html.HtmlElement:
    assert answer is not None
    return html.document_fromstring(answer.body.decode())


def test_an_ordinary_search_is_none_of_our_business(sealed: Path):
    place = Place(sealed)
    assert [
        place.ask("pasta"),
        place.ask(),
        place.ask("", " "),
        place.get("/offramp"),
        place.get("/other"),
    ] == [None] * 5
    assert place.counts == []


def test_a_page_in_place_of_results(sealed: Path):
    place = Place(sealed)
    answer = place.ask("pasta", "the zorblaxin please")
    assert answer is not None
    assert answer.status == 200
    [count] = place.counts
    arms = {arm.id: arm for arm in place.keeper.notice.messages.arms}
    assert (count.language, count.day, count.target) == ("en", "2026-11-29", "shown")
    said = place.keeper.notice.messages.message(arms[count.arm], place.keeper.notice.languages[0])
    shown = page(answer)
    assert shown.findtext(".//h1") == said.heading
    assert all(paragraph in shown.text_content() for paragraph in said.paragraphs)
    assert {a.get("href") for a in shown.iter("a")} == {
        *(
            f"/offramp/go/{way}/{count.arm}/en"
            for way in ("help", "survey", "programme", "exit", "not_meant")
        ),
        f"/offramp/message/{count.arm}/ar",
    }


def test_pages_ask_for_nothing_and_keep_nothing(sealed: Path):
    place = Place(sealed)
    answers = [place.ask("zorblaxin"), place.ask("zorblaxin", language="ar"), place.ask("x", unread=True),
               place.get("/offramp/go/not_meant/neutral/en"), place.get("/offramp/go/help/neutral/en"),
               *(place.ask("zorblaxin", form=form) for form in FORMS)]  # fmt: skip
    for answer in filter(None, answers):
        headers = dict(answer.headers)
        assert len(headers) == len(answer.headers)
        assert headers["cache-control"] == "no-store, no-transform"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["content-length"] == str(len(answer.body))
        assert "set-cookie" not in headers
        assert b"zorblaxin" not in answer.body
        assert not re.search(rb"<script|\son\w+=|src=|@import|url\(|<form|<iframe|<img", answer.body)
    assert sum(answer is None for answer in answers) == 1


def test_the_style_is_the_one_that_the_policy_allows(sealed: Path):
    from base64 import b64encode
    from hashlib import sha256

    answer = Place(sealed).ask("zorblaxin")
    style = page(answer).findtext(".//style") or ""
    assert (
        b64encode(sha256(style.encode()).digest()).decode() in dict(answer.headers)["content-security-policy"]
    )  # type: ignore[union-attr]


def test_who_asks_for_help_is_greeted_and_is_in_no_arm(sealed: Path):
    place = Place(sealed)
    answer = place.ask("help with zorblaxin")
    assert place.counts == [Count("help-seeking", "en", "2026-11-29", "shown")]
    text = page(answer).text_content()
    assert "already looking for help" in text
    assert not any(
        place.keeper.notice.messages.texts[arm.heading] in text for arm in place.keeper.notice.messages.arms
    )
    led = place.get("/offramp/go/survey/help-seeking/en")
    assert led is not None
    assert dict(led.headers)["location"] == "https://survey.example/en/s/x?v=1"
    again = place.get("/offramp/message/help-seeking/ar")
    assert 'dir="rtl"' in again.body.decode()  # type: ignore[union-attr]


def test_a_search_beside_a_wish_for_help_is_a_search(sealed: Path):
    place = Place(sealed)
    place.ask("help with zorblaxin", "zorblaxin")
    assert place.counts[0].arm != "help-seeking"


@pytest.mark.parametrize(("way", "status", "where"), [
    ("help/neutral/ar", 303, "https://help.example/ar"),
    ("survey/neutral/en", 303, "https://survey.example/en/s/x?v=1&a=neutral"),
    ("programme/neutral/en", 303, "https://programme.example/"),
    ("exit/neutral/en", 303, "https://weather.example/"),
    ("not_meant/neutral/en", 200, None),
])  # fmt: skip
def test_ways_count_and_lead_on(sealed: Path, way: str, status: int, where: str | None):
    place = Place(sealed)
    answer = place.get(f"/offramp/go/{way}")
    assert answer is not None
    assert (answer.status, dict(answer.headers).get("location")) == (status, where)
    target, arm, tag = way.split("/")
    assert place.counts == [Count(arm, tag, "2026-11-29", target)]  # type: ignore[arg-type]


def test_nobody_is_kept_from_help_by_an_arm_that_is_unknown_and_nothing_is_counted(sealed: Path):
    place = Place(sealed)
    answer = place.get("/offramp/go/help/<b>/en")
    assert dict(answer.headers)["location"] == "https://help.example/en"  # type: ignore[union-attr]
    survey = place.get("/offramp/go/survey/x&y=z/en")
    assert dict(survey.headers)["location"] == "https://survey.example/en/s/x?v=1"  # type: ignore[union-attr]
    assert place.counts == []


@pytest.mark.parametrize("path", ["go/shown/neutral/en", "go/shadow/neutral/en", "go/help/neutral/fr",
                                  "go/help/neutral", "go/elsewhere/neutral/en", "go/", "message/neutral/fr",
                                  "message/other/en", "message/a/b/c", "go/help/neutral/en/more"])  # fmt: skip
def test_what_is_no_way_is_the_search_engines(sealed: Path, path: str):
    place = Place(sealed)
    assert place.get(f"/offramp/{path}") is None
    assert place.counts == []


def test_a_way_without_an_address_is_left_out(sealed: Path):
    place = Place(sealed, notice=notice("en", ways=Ways(help="/help")))
    text = place.ask("zorblaxin").body.decode()  # type: ignore[union-attr]
    assert "/go/help/" in text
    assert "/go/survey/" not in text
    assert "/go/programme/" not in text
    assert "<nav" not in text
    assert place.get("/offramp/go/survey/neutral/en") is None


def test_json_is_a_refusal_that_an_app_can_show(sealed: Path):
    place = Place(sealed)
    answer = place.ask("zorblaxin", form="json", language="ar;q=1, en;q=0.5")
    assert answer is not None
    assert answer.status == 403
    said = json.loads(answer.body)
    assert said["errcode"] == "M_FORBIDDEN"
    assert said["messages"].keys() == {"en", "ar"}
    assert said["error"] == said["messages"]["ar"]
    assert said["messages"]["en"].endswith("https://help.example/en")
    own = said["offramp"]
    assert (own["language"], own["intent"]) == ("ar", "search")
    assert own["ways"]["not_meant"] == f"/offramp/go/not_meant/{own['arm']}/ar"
    helped = json.loads(place.ask("help with zorblaxin", form="json").body)  # type: ignore[union-attr]
    assert helped["offramp"]["intent"] == "help"
    assert helped["error"].startswith("It looks as if you are already looking for help")


def test_feeds_and_tables_lead_to_help(sealed: Path):
    place = Place(sealed)
    rows = list(csv.DictReader(io.StringIO(place.ask("zorblaxin", form="csv").body.decode())))  # type: ignore[union-attr]
    assert [row["url"] for row in rows] == ["https://help.example/en"]
    feed = etree.fromstring(place.ask("zorblaxin", form="rss").body)  # type: ignore[union-attr]
    assert feed.findtext("channel/item/link") == "https://help.example/en"
    assert json.loads(place.ask("zorblaxin", form="suggestions").body) == []  # type: ignore[union-attr]
    assert place.targets == ["shown", "shown"], "nothing is shown while somebody types"


def test_a_base_elsewhere_is_for_apps_and_its_path_is_ours(sealed: Path):
    place = Place(sealed, notice=notice("en", base="https://search.example/sub/gate"))
    ways = json.loads(place.ask("zorblaxin", form="json").body)["offramp"]["ways"]  # type: ignore[union-attr]
    assert all(way.startswith("https://search.example/sub/gate/go/") for way in ways.values())
    assert place.get("/sub/gate/go/help/neutral/en") is not None


def test_shadow_mode_counts_and_shows_nothing(sealed: Path):
    place = Place(sealed, shadow=True, failing="closed")
    asked = [place.ask("zorblaxin"), place.ask("help with zorblaxin"), place.ask("zorblaxin", form="suggestions"),
             place.ask("pasta"), place.ask(unread=True)]  # fmt: skip
    assert asked == [None] * 5
    assert place.counts == [Count("", "en", "2026-11-29", "shadow")] * 2


@pytest.mark.parametrize(("failing", "status"), [("open", None), ("closed", 503)])
def test_failing_is_as_it_was_chosen(sealed: Path, failing: str, status: int | None):
    place = Place(sealed, failing=failing)
    unread = place.ask("pasta", unread=True)
    assert (unread.status if unread else None) == status
    place.keeper.live._gate = None  # type: ignore[assignment]
    broken = place.ask("pasta")
    assert (broken.status if broken else None) == status
    place.keeper._today = None  # type: ignore[assignment]
    if broken:
        assert b"has nothing to do with what you searched" in broken.body
        assert json.loads(place.ask("pasta", form="json").body)["errcode"] == "M_UNKNOWN"  # type: ignore[union-attr]
    assert place.said[:2] == ["fault Unread", "fault AttributeError"]
    assert place.counts == []


def test_a_fault_after_the_decision_ends_as_it_was_chosen_too(sealed: Path):
    for failing, status in (("open", None), ("closed", 503)):
        place = Place(sealed, failing=failing)
        place.keeper._chance = None  # type: ignore[assignment]
        answer = place.ask("zorblaxin")
        assert (answer.status if answer else None) == status
        assert place.said == ["fault AttributeError"]


def test_what_is_found_counts_although_more_could_not_be_read(sealed: Path):
    assert Place(sealed).ask("zorblaxin", unread=True) is not None


def test_who_cannot_count_shows_and_leads_all_the_same(sealed: Path):
    place = Place(sealed)
    place.keeper._counts = lambda count: 1 / 0
    assert place.ask("zorblaxin").status == 200  # type: ignore[union-attr]
    assert place.get("/offramp/go/help/neutral/en").status == 303  # type: ignore[union-attr]
    assert place.said == ["fault ZeroDivisionError"] * 2


def test_each_display_draws_anew(sealed: Path):
    place = Place(sealed)
    for _ in range(900):
        place.ask("zorblaxin")
    drawn = Counter(count.arm for count in place.counts)
    assert drawn.keys() == {arm.id for arm in place.keeper.notice.messages.arms}
    assert min(drawn.values()) > 60


# -- what may be put around a message ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["", "javascript:alert(1)", "help.example", "https://x y", 'https://x"onclick="', "//x<"]
)
def test_only_addresses_are_ways(address: str):
    with pytest.raises(Refusal) as caught:
        Ways(help=address, exit=address)
    assert caught.value.codes == ("notice.address",) * 2


def test_drafts_are_shown_only_where_somebody_says_so():
    with pytest.raises(Refusal) as caught:
        load_notice(ROOT / "content", ("en", "ar"), WAYS)
    assert caught.value.codes == ("notice.draft",) * 2
    assert b"Draft:" in _dressed(notice("en"))


def _dressed(made: Notice) -> bytes:
    from offramp.gate.noticepage import dressed

    return dressed(made, made.thanks(made.languages[0]), "html").body


@pytest.mark.parametrize(("languages", "base", "codes"), [
    ((), "/x", ["notice.language"]), (("en", "tlh"), "/x", ["notice.language"]),
    (("xx",), "x", ["notice.base", "notice.language"]),
    (("en",), "", ["notice.base"]), (("en",), "/", ["notice.base"]), (("en",), '/"', ["notice.base"]),
])  # fmt: skip
def test_languages_and_base_are_checked(languages: tuple[str, ...], base: str, codes: list[str]):
    with pytest.raises(Refusal) as caught:
        load_notice(ROOT / "content", languages, WAYS, drafts=True, base=base)
    assert sorted(caught.value.codes) == codes


def test_words_around_a_message_make_no_claim_either(tmp_path: Path):
    (tmp_path / "messages").symlink_to(ROOT / "content/messages")
    (tmp_path / "notice/locale").mkdir(parents=True)
    text = (ROOT / "content/notice/notice.toml").read_text(encoding="utf-8")
    text = text.replace('leave = "Leave quickly"\n', "").replace(
        '"Thank you for saying so"', '"Your visit was recorded"'
    )
    (tmp_path / "notice/notice.toml").write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as caught:
        load_notice(tmp_path, ("en",), WAYS, drafts=True)
    assert set(caught.value.codes) == {"notice.text", "messages.untrue"}


def test_translations_have_states():
    for path in (ROOT / "content/notice/locale").glob("*.po"):
        assert all(entry.tcomment.startswith("state:") for entry in polib.pofile(str(path)))
