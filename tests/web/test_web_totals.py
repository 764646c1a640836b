"""What is counted: displays, clicks and milestones, each exactly as often as it happened."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from offramp.store import Tally
from tests.web.answers import LEFT, MODULES, TAKEN, WHOLE
from tests.web.installation import CONTENT, Installation
from tests.web.respondent import Respondent
from tests.web.test_web_walk import walk_all

Somebody = Callable[..., Respondent]


def counted(place: Installation) -> dict[str, int]:
    """Return what was counted, whatever the arm, language and time."""
    found: Counter[str] = Counter()
    for tally, number in place.totals().items():
        found[tally.name] += number
    return dict(found)


def test_one_whole_way_counts_each_step_once(somebody: Somebody, place: Installation) -> None:
    person = somebody().go_to("/en/search").search_for("zorblaxin").click("/go/survey").agree()
    walk_all(person, WHOLE)
    assert counted(place) == {
        "message_shown": 1, "go_survey": 1, "consent_shown": 1, "agreed": 1, "first_page": 1,
        "module_taken": len(MODULES), "finished": 1,
    }  # fmt: skip


def test_milestones_are_counted_by_survey_language_and_week(somebody: Somebody, place: Installation) -> None:
    walk_all(somebody("ar").begin(), LEFT)
    place.clock.advance(days=7)
    walk_all(somebody("en").begin(), TAKEN)
    week = {"ar": "2026-W47", "en": "2026-W48"}
    names = ("consent_shown", "agreed", "first_page", "finished")
    expected = {Tally(name, "help-us", tag, week[tag]): 1 for name in names for tag in week}
    assert place.totals() == {**expected, Tally("module_taken", "help-us", "en", "2026-W48"): 1}


def test_reload_double_click_back_and_a_second_tab_count_no_milestone_twice(
    somebody: Somebody, place: Installation
) -> None:
    person = somebody().begin()
    second = person.another_tab()
    person.next().again()
    second.next({"stop_attempts": "no"})
    person.back().next()
    for _ in range(3):
        person.next()
    person.come_to_offer("technology").take().again().back().take()
    while person.seen.page in TAKEN:
        person.leave() if person.seen.page.startswith("offer_") else person.next()
    person.press("go", "show").next().again()
    assert {name: n for name, n in counted(place).items() if name in ("first_page", "module_taken", "finished")} == {
        "first_page": 1, "module_taken": 1, "finished": 1
    }  # fmt: skip


def test_those_who_do_not_take_part_are_counted_and_nothing_else_is_kept(
    somebody: Somebody, place: Installation
) -> None:
    somebody().open_consent().press("go", "decline")
    somebody("ar").open_consent().press("go", "under18")
    assert counted(place) == {"consent_shown": 2, "declined": 1, "under_18": 1}
    assert place.envelopes() == []


def test_a_break_off_is_a_first_page_and_no_end(somebody: Somebody, place: Installation) -> None:
    somebody().begin().next().next()
    assert counted(place) == {"consent_shown": 1, "agreed": 1, "first_page": 1}


def test_each_display_draws_an_arm_and_each_click_is_counted_with_its_own(
    server: TestClient, place: Installation, somebody: Somebody
) -> None:
    arms: Counter[str] = Counter()
    for _ in range(30):
        person = somebody().go_to("/en/message")
        link = next(link for link in person.seen.links() if link.startswith("/go/survey"))
        arm = link.split("a=")[1].split("&")[0]
        arms[arm] += 1
        for target in ("survey", "other-survey", "help", "programme", "not-looking", "exit"):
            assert server.get(f"/go/{target}?a={arm}&l=en").status_code in (200, 303)
    assert len(arms) > 3
    day = "2026-11-18"
    for arm, number in arms.items():
        for name in ("message_shown", "go_survey", "go_other-survey", "go_help", "go_not-looking", "go_exit"):
            assert place.totals()[Tally(name, arm, "en", day)] == number


def test_every_door_of_the_message_counts_with_the_arm_also_those_above_it(somebody: Somebody) -> None:
    person = somebody().go_to("/en/message")
    doors = {link.split("?")[0] for link in person.seen.links() if link.startswith("/go/")}
    assert doors == {
        "/go/survey",
        "/go/other-survey",
        "/go/help",
        "/go/programme",
        "/go/not-looking",
        "/go/exit",
    }
    assert not [link for link in person.seen.links() if link == "/en/help"], (
        "a way to help that is not counted"
    )


def test_a_click_that_cannot_be_counted_leads_on_all_the_same(
    server: TestClient, place: Installation
) -> None:
    with contextlib.closing(sqlite3.connect(place.settings.database)) as database:
        database.execute("ALTER TABLE total RENAME TO elsewhere")
    answer = server.get("/go/help?a=neutral&l=en")
    assert (answer.status_code, answer.headers["location"]) == (303, "/en/help")
    with contextlib.closing(sqlite3.connect(place.settings.database)) as database:
        database.execute("ALTER TABLE elsewhere RENAME TO total")
    assert place.totals() == {}
    server.get("/go/help?a=neutral&l=en")
    assert place.total("go_help") == 1


@pytest.mark.parametrize(("asked", "shown"), [("en", "en"), ("es", "es"), ("ar", "en")])
def test_the_way_to_the_programme_leads_to_a_language_that_it_has(
    server: TestClient, place: Installation, asked: str, shown: str
) -> None:
    answer = server.get(f"/go/programme?a=neutral&l={asked}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/{shown}/p/way-on")
    assert place.total("go_programme") == 1


def test_an_arm_outside_its_weeks_is_not_drawn_and_its_clicks_still_count(tmp_path: Path) -> None:
    content = tmp_path / "content"
    shutil.copytree(CONTENT, content)
    messages = content / "messages" / "messages.toml"
    text = messages.read_text(encoding="utf-8")
    harm, rest = text.split('id = "control-negative"', 1)
    harm = harm.replace("weight = 1", 'weight = 1\nfrom = "2026-W48"')
    messages.write_text(harm + 'id = "control-negative"' + rest, encoding="utf-8")
    place = Installation(tmp_path / "server", content=content)
    with place.running() as server:
        for _ in range(60):
            server.get("/en/message")
        assert not {t.subject for t in place.totals() if t.subject.startswith("harm")}
        server.get("/go/help?a=harm-negative&l=en")
        place.clock.advance(days=7)
        for _ in range(60):
            server.get("/en/message")
    harm_days = {(t.name, t.period) for t in place.totals() if t.subject == "harm-negative"}
    assert harm_days == {("go_help", "2026-11-18"), ("message_shown", "2026-11-25")}


def test_a_click_without_a_known_arm_is_led_on_and_counted_for_none(
    server: TestClient, place: Installation
) -> None:
    for arm in ("", "no-such-arm", "zorblaxin", "%00"):
        answer = server.get(f"/go/survey?a={arm}&l=ar")
        assert answer.headers["location"] == "/ar/s/help-us"
    assert place.totals() == {}


def test_the_arm_travels_into_the_response(somebody: Somebody, place: Installation) -> None:
    somebody().begin("harm-negative").next()
    somebody("ar").begin("no-such-arm").next()
    assert {(r.context.language, r.context.arm) for r in place.responses()} == {
        ("en", "harm-negative"),
        ("ar", ""),
    }


def test_who_changes_the_language_on_the_consent_page_keeps_the_arm(
    somebody: Somebody, place: Installation
) -> None:
    person = somebody().open_consent("harm-negative").click("/ar/s/")
    person.language = "ar"
    person.agree().next()
    assert place.response().context.arm == "harm-negative"


def test_a_benign_search_is_answered_and_counts_nothing(somebody: Somebody, place: Installation) -> None:
    person = somebody().go_to("/en/search").search_for("Tea ")
    assert "pot of tea" in person.seen.text
    person.search_for("ordinary words")
    assert place.totals() == {}


def test_nothing_of_a_query_stands_on_the_page_or_in_its_links(somebody: Somebody) -> None:
    person = somebody().go_to("/en/search").search_for("zorblaxin quite-unmistakable")
    assert "quite-unmistakable" not in person.seen.body.decode()
    person.go_to("/en/search").search_for("quite-unmistakable")
    assert "quite-unmistakable" not in person.seen.body.decode()


def test_who_asks_for_help_is_greeted(somebody: Somebody) -> None:
    greeting = "you are already looking for help"
    assert greeting in somebody().go_to("/").search_for("how to stop looking for zorblaxin").seen.text
    assert greeting not in somebody().go_to("/").search_for("zorblaxin").seen.text


def test_who_changed_their_mind_about_the_module_is_counted_as_having_taken_it(
    somebody: Somebody, place: Installation
) -> None:
    person = somebody().begin()
    for _ in range(4):
        person.next()
    person.come_to_offer("technology").leave().back()
    person.take().next()
    assert place.response().codes["take_technology"] == ("take",)
    assert counted(place)["module_taken"] == 1


def test_looking_ahead_by_a_head_request_shows_nobody_anything_and_counts_nothing(
    server: TestClient, place: Installation
) -> None:
    for address in ("/en/message", "/en/s/help-us", "/go/survey?a=harm-negative&l=en"):
        assert server.head(address).status_code == 405
    assert place.totals() == {}
