"""The live door: what it refuses to open with, all at once, and what it shows when it does open."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from offramp.errors import Refusal
from offramp.settings import DEMONSTRATION, read_settings
from offramp.store import Store
from offramp.web import create_app, read_content
from tests.web.installation import CONTENT, Installation
from tests.web.live import PARTICULARS, live, study
from tests.web.process import serving
from tests.web.respondent import Respondent


def refused(place: Installation, **environment: str) -> list[tuple[str, str]]:
    """Start as `offramp serve` does, and return the code and place of everything that it complains of."""

    def start() -> None:
        settings = read_settings(place.config, environment)
        create_app(settings, Store.open(settings.database, settings.ledger))

    with pytest.raises(Refusal) as refusal:
        start()
    for problem in refusal.value.problems:
        assert problem.what
        assert problem.remedy.startswith("Please ")
    return [(problem.code, problem.place) for problem in refusal.value.problems]


def rewrite(place: Installation, change: Callable[[str], str]) -> Installation:
    place.config.write_text(change(place.config.read_text(encoding="utf-8")), encoding="utf-8")
    return place


# -- what it refuses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", PARTICULARS)
def test_a_study_without_one_of_its_particulars(tmp_path: Path, missing: str) -> None:
    place = live(tmp_path)
    rewrite(place, lambda text: text.replace(study(), study(**{missing: None})))
    assert refused(place) == [("table.missing", "offramp.toml, study")]


@pytest.mark.parametrize("blank", PARTICULARS)
def test_a_particular_that_is_blank(tmp_path: Path, blank: str) -> None:
    place = live(tmp_path)
    rewrite(place, lambda text: text.replace(study(), study(**{blank: "  "})))
    assert refused(place) == [("table.blank", "offramp.toml, study")]


def test_a_study_without_any(tmp_path: Path) -> None:
    place = rewrite(live(tmp_path), lambda text: text.replace(study(), ""))
    assert refused(place) == [("table.missing", "offramp.toml, study")] * len(PARTICULARS)


def test_a_demonstration_key(tmp_path: Path) -> None:
    place = live(tmp_path)
    key = place.folder / "recipient.txt"
    key.write_text(f"{key.read_text().strip()} {DEMONSTRATION}\n")
    assert refused(place) == [("settings.demonstration_key", "offramp.toml, keys")]


def test_no_recipient(tmp_path: Path) -> None:
    place = rewrite(live(tmp_path), lambda text: text.replace("['recipient.txt']", "[]"))
    assert refused(place) == [("settings.no_recipient", "offramp.toml, keys")]


def test_a_key_file_that_is_missing_or_is_none(tmp_path: Path) -> None:
    place = live(tmp_path)
    (place.folder / "recipient.txt").unlink()
    (place.folder / "verifier.txt").write_text("nothing of the kind\n")
    codes = {code for code, _ in refused(place)}
    assert {"settings.key_file", "sealing.key_file"} <= codes


def test_texts_that_nobody_has_approved(tmp_path: Path) -> None:
    place = live(tmp_path)
    rewrite(place, lambda text: text.replace(str(place.content), str(CONTENT)).replace("'tea'", "'help-us'"))
    assert refused(place) == [("settings.no_language", "languages")]


@pytest.mark.parametrize("source", ["interface/interface.toml", "messages/messages.toml", "help/help.toml",
                                    "surveys/tea/survey.toml"])  # fmt: skip
def test_one_source_that_is_still_a_draft(tmp_path: Path, source: str) -> None:
    place = live(tmp_path)
    path = place.content / source
    path.write_text(path.read_text(encoding="utf-8").replace('"approved"', '"reviewed"', 1), encoding="utf-8")
    assert refused(place) == [("settings.no_language", "languages")]
    rewrite(place, lambda text: text + "[languages]\nstate = 'reviewed'\n")
    assert read_content(read_settings(place.config, {})).offered == ("en",)


def test_a_draft_is_shown_only_if_it_is_named(tmp_path: Path) -> None:
    place = live(tmp_path)
    rewrite(place, lambda text: text.replace(str(place.content), str(CONTENT)).replace("'tea'", "'help-us'"))
    rewrite(place, lambda text: text + "[languages]\ndrafts = ['ar']\n")
    assert read_content(read_settings(place.config, {})).offered == ("ar",)


def test_settings_that_mean_nothing_and_odd_ones_all_at_once(tmp_path: Path) -> None:
    place = rewrite(live(tmp_path), lambda text: "demonstration = true\naccess_log = 'on'\n" + text)
    rewrite(place, lambda text: text.replace(PARTICULARS["contact"], " ") + "[server]\nprot = 80\nport = 99999\n"
            "[page]\nquick_exit = 'javascript:x'\n[languages]\nstate = 'perfect'\ndrafts = ['xx']\n")  # fmt: skip
    assert sorted(refused(place, OFFRAMP_DEBUG="1", OFFRAMP_DATABSE="x", HOME="/")) == [
        ("language.state", "offramp.toml, languages"), ("language.unknown", "offramp.toml, languages"),
        ("settings.address", "offramp.toml, page"), ("settings.port", "offramp.toml, server"),
        ("settings.variable", "environment"), ("settings.variable", "environment"),
        ("table.blank", "offramp.toml, study"), ("table.unknown_key", "offramp.toml"),
        ("table.unknown_key", "offramp.toml"), ("table.unknown_key", "offramp.toml, server"),
    ]  # fmt: skip


def test_a_survey_that_is_not_there(tmp_path: Path) -> None:
    place = rewrite(live(tmp_path), lambda text: text.replace("'tea'", "'coffee'"))
    assert refused(place) == [("settings.survey", "content, surveys")]


def test_the_command_says_it_in_plain_words_and_leaves(tmp_path: Path) -> None:
    place = rewrite(live(tmp_path), lambda text: text.replace(study(), study(contact=None)))
    ran = subprocess.run(
        [sys.executable, "-m", "offramp", "serve", "--config", place.config],
        capture_output=True, text=True, env={"PATH": os.environ["PATH"]}, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr == "[offramp.toml, study] “contact” is missing. Please add contact = … (a text).\n"
    assert not (place.folder / "offramp.sqlite").exists()


# -- what it shows ------------------------------------------------------------------------------------------


def test_an_approved_study_is_asked_and_its_particulars_stand_in_the_consent(tmp_path: Path) -> None:
    place = live(tmp_path)
    with place.running() as client:
        person = Respondent(client, place.survey).go_to("/")
        assert person.seen.address == "/en/s/tea"
        assert person.seen.heading == PARTICULARS["title"]
        for particular in PARTICULARS.values():
            assert particular in person.seen.text
        assert "Demonstration" not in person.seen.text
        assert "Draft" not in person.seen.text
        person.agree().next({"drinks_tea": "yes", "cups_a_day": 3}).next(words={"last_word": "More of it"})
        assert person.seen.tree.xpath("//main[@id='finished']")
    response = place.response()
    assert not response.context.synthetic
    assert response.codes == {"drinks_tea": ("yes",), "cups_a_day": ("3",), "last_word": ("written",)}


def test_a_number_that_is_none_is_a_complaint_and_the_rest_is_kept(tmp_path: Path) -> None:
    place = live(tmp_path)
    with place.running() as client:
        person = Respondent(client, place.survey).begin()
        person._entries = {"q001": ["a few"]}
        person.tick({"drinks_tea": "no"}).next()
        assert person.seen.status == 422
        assert person.seen.tree.xpath("//input[@name='q001'][@type='text']/@value") == ["a few"]
        assert person.seen.tree.xpath("//*[@id='errors']//a/@href") == ["#q001"]
        person.tick({"cups_a_day": 41}).next().tick({"cups_a_day": 40}).next()
    assert place.response().codes["cups_a_day"] == ("40",)


def test_a_live_server_has_no_search_page_and_no_demonstration_terms(tmp_path: Path) -> None:
    place = live(tmp_path)
    with place.running() as client:
        for method, address in (
            ("GET", "/search"),
            ("POST", "/search"),
            ("GET", "/en/search"),
            ("POST", "/en/search"),
        ):
            assert client.request(method, address).status_code == 404
        assert client.get("/health").json()["demonstration"] is False


def test_a_live_server_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    place = live(tmp_path)
    with serving(place) as server, server.client() as client:
        Respondent(client, place.survey).begin().next({"drinks_tea": "yes"})
    assert place.response().pages == ("cups",)
    assert server.said() == ""
