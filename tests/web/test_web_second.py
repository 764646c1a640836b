"""A second survey on one server: its door, its pages, and the languages that it does not have yet."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from offramp.survey import read_surveys
from offramp.web import read_content
from tests.web.installation import CONTENT, LANGUAGES, Installation
from tests.web.respondent import Respondent


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_second_door_to_the_end(
    somebody: Callable[..., Respondent], place: Installation, language: str
) -> None:
    person = somebody(language)
    person.survey = read_surveys(CONTENT)["no-need"]
    person.go_to(f"/{language}/message").click("/go/other-survey").agree()
    assert f"/{language}/s/no-need" in person.seen.address
    person.next({"why_none": ["control", "no_harm"]}, {"why_words": "plinders"})
    while person.seen.tree.xpath("//form[@id='answers']"):
        if person.seen.page == "harm":
            person.tick({"harm_making": "very_much", "harm_looking": "little"})
        if person.seen.page.startswith("offer_"):
            person.take()
        else:
            person.press("go", "next")
    assert person.seen.tree.xpath("//main[@id='finished']")
    assert {envelope.survey for envelope in place.envelopes()} == {"no-need"}
    assert place.total("go_other-survey") == 1
    assert place.total("go_survey") == 0


def one_door(folder: Path, drop: str) -> Installation:
    """An installation whose second survey lacks a language that the first one has."""
    content = shutil.copytree(CONTENT, folder / "content")
    second = content / "surveys" / "no-need"
    definition = second / "survey.toml"
    text = definition.read_text(encoding="utf-8")
    (second / "locale" / f"{drop}.po").unlink()
    assert f'"{drop}"' in text
    definition.write_text(re.sub(rf'"{drop}",?\s*', "", text, count=1), encoding="utf-8")
    place = Installation(folder / "server", content=content)
    place.config.write_text(
        place.config.read_text(encoding="utf-8").replace(f"{place.slugs}", "['help-us', 'no-need']"),
        encoding="utf-8",
    )
    return place


def test_a_survey_is_shown_in_the_languages_that_it_has_and_the_others_go_on(tmp_path: Path) -> None:
    place = one_door(tmp_path, "ar")
    shown = read_content(place.settings)
    assert "ar" in shown.offered
    assert "ar" in shown.spoken["help-us"]
    assert "ar" not in shown.spoken["no-need"]
    with place.running() as server:
        without = Respondent(server, shown.surveys["no-need"], "ar").go_to("/ar/message")
        assert not [link for link in without.seen.links() if link.startswith("/go/other-survey")]
        assert without.go_to("/ar/s/no-need").seen.status == 404
        person = Respondent(server, shown.surveys["no-need"]).go_to("/en/message").click("/go/other-survey")
        assert not [link for link in person.seen.links() if link.startswith("/ar/s/")]
        person.agree()
        assert "ar" not in person.seen.tree.xpath("//select[@name='lang']/option/@value")
        # Whoever posts to an address in it all the same is answered in one that there is.
        answer = server.post("/ar/s/no-need", data={"go": "agree"})
        assert answer.status_code == 200
        assert 'lang="en"' in answer.text


def test_with_one_survey_there_is_one_door(tmp_path: Path) -> None:
    place = Installation(tmp_path / "server")
    text = place.config.read_text(encoding="utf-8")
    place.config.write_text(text.replace(f"{place.slugs}", "['no-need']"), encoding="utf-8")
    with place.running() as server:
        person = Respondent(server, read_surveys(CONTENT)["no-need"]).go_to("/en/message")
        assert not [link for link in person.seen.links() if link.startswith("/go/other-survey")]
        assert server.get("/go/other-survey?a=neutral&l=en").status_code == 404
        assert server.get("/go/survey?a=neutral&l=en").headers["location"] == "/en/s/no-need?a=neutral"


@pytest.mark.parametrize("names", ["['help-us', 'help-us']", "['help-us', 'no-need', 'third']"])
def test_more_doors_than_a_message_has_room_for(tmp_path: Path, names: str) -> None:
    place = Installation(tmp_path / "server")
    text = place.config.read_text(encoding="utf-8")
    place.config.write_text(text.replace(f"{place.slugs}", names), encoding="utf-8")
    with pytest.raises(Exception, match="room for two"):
        _ = place.settings
