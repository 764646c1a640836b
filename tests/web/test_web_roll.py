"""A version that was answered cannot go missing: the server does not start without it, and says what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from offramp.cli import app
from offramp.cli.survey import set_aside
from offramp.errors import Refusal
from offramp.programme import read_programmes
from offramp.store import Rolled, Store
from offramp.turns import hold
from offramp.web.house import week_of
from tests.web.installation import CONTENT, Clock, Installation
from tests.web.live import live, study
from tests.web.participant import Participant
from tests.web.process import serving
from tests.web.respondent import Respondent
from tests.web.test_web_versions import put_up_the_next


@pytest.fixture
def place(tmp_path: Path) -> Installation:
    return live(tmp_path)


def answer(place: Installation) -> str:
    """Let somebody save a page; return the receipt."""
    with place.running() as client:
        return Respondent(client, place.survey).begin().next({"drinks_tea": "yes"}).seen.receipt


def roll(place: Installation) -> list[Rolled]:
    with place._store() as store:
        return store.roll()


def refused(place: Installation) -> Refusal:
    with pytest.raises(Refusal) as caught, place.running():
        pass
    return caught.value


def offramp(*arguments: str | Path) -> tuple[int, str, Sequence[str]]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    codes = result.exception.codes if isinstance(result.exception, Refusal) else ()
    return result.exit_code, result.output, codes


def versions(place: Installation) -> Path:
    return place.content / "surveys" / "tea" / "versions"


def test_the_roll_says_which_version_was_answered_and_in_which_week_last(place: Installation) -> None:
    with place.running() as client:
        person = Respondent(client, place.survey).begin()
    assert roll(place) == [], "nothing was kept yet"
    first = place.survey
    receipt, week = answer(place), week_of(place.clock())
    assert roll(place) == [Rolled(first.structure, "tea", first.version, week)]
    put_up_the_next(place)
    place.clock.advance(days=7)
    later = week_of(place.clock())
    with place.running() as client:
        Respondent(client, place.survey).begin().next({"milk": "with"})
        assert [entry.week for entry in roll(place)] == [week, later]
        person = Respondent(client, first).open_receipt().type_receipt(receipt).press("go", "continue")
        person.next({}, {"last_word": "Enough"})
    assert roll(place) == [
        Rolled(first.structure, "tea", first.version, later),
        Rolled(place.survey.structure, "tea", first.version + 1, later),
    ]


def test_a_week_never_goes_back_and_a_deleted_page_enters_nothing(tmp_path: Path) -> None:
    place = live(tmp_path)
    answer(place)
    (entry,) = roll(place)
    place.clock.advance(days=-21)
    answer(place)
    assert roll(place) == [entry]


def test_without_a_version_that_was_answered_the_server_does_not_start(place: Installation) -> None:
    receipt = answer(place)
    put_up_the_next(place)
    aside = versions(place)
    aside.rename(place.folder / "elsewhere")
    refusal = refused(place)
    assert refusal.codes == ("content.version_gone",)
    assert str(refusal).startswith(
        "[content, tea, version 1] This version was answered here, last in 2026-W47, "
    )
    assert (
        "Please either put it back into versions/1, beside the survey.toml of today, or strike it off"
        in str(refusal)
    )
    (place.folder / "elsewhere").rename(aside)
    with place.running() as client:
        person = Respondent(client, place.survey).open_receipt().type_receipt(receipt).press("go", "delete")
        assert person.seen.status == 200
    assert place.envelopes() == []


def test_a_changed_questionnaire_does_not_take_the_number_of_one_that_was_answered(
    place: Installation,
) -> None:
    answer(place)
    path = place.content / "surveys" / "tea" / "survey.toml"
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace('id = "drinks_tea"', 'id = "drinks_any_tea"').replace(
        "drinks_tea ", "drinks_any_tea "), encoding="utf-8")  # fmt: skip
    for findings in (place.content / "surveys" / "tea").glob("findings.toml"):
        findings.write_text(findings.read_text().replace("drinks_tea", "drinks_any_tea"))
    refusal = refused(place)
    assert refusal.codes == ("content.version_changed",)
    assert "offramp survey set-aside" in str(refusal)
    path.write_text(whole, encoding="utf-8")


def test_words_may_change_under_the_same_number(place: Installation) -> None:
    answer(place)
    path = place.content / "surveys" / "tea" / "survey.toml"
    path.write_text(path.read_text().replace('title = "Cups"', 'title = "Cups, and mugs"'))
    with place.running():
        pass


def test_a_demonstration_may_lose_what_was_made_up(tmp_path: Path) -> None:
    place = live(tmp_path)
    answer(place)
    put_up_the_next(place)
    shutil.rmtree(versions(place))
    refused(place)
    place.demonstration = True
    shutil.copytree(Path("content/gate"), place.content / "gate", dirs_exist_ok=True)
    with place.running():
        pass


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_command_says_it_once_and_ends(place: Installation, workers: str) -> None:
    answer(place)
    put_up_the_next(place)
    shutil.rmtree(versions(place))
    done = subprocess.run(
        [sys.executable, "-m", "offramp", "serve", "--config", place.config], capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], "OFFRAMP_WORKERS": workers}, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == done.stderr.count("offramp drop tea 1") == 1


# -- off the roll -------------------------------------------------------------------------------------------


def test_a_version_is_dropped_when_none_of_its_answers_can_be_left(place: Installation) -> None:
    answer(place)
    put_up_the_next(place)
    shutil.rmtree(versions(place))
    drop = ("drop", "tea", "1", "--config", place.config)
    assert offramp(*drop)[2] == ("drop.kept",)
    store = Store.open(place.settings.database, place.settings.ledger)
    store.purge(week_of(place.clock() + timedelta(weeks=1)))
    store.release()
    claim = hold(place.settings.database)
    assert offramp(*drop)[2] == ("store.in_use",)
    os.close(claim)
    refused(place)
    code, said, _ = offramp(*drop)
    assert (code, "is off the roll" in said) == (0, True)
    with place.running():
        pass
    assert offramp(*drop)[2] == ("drop.unknown",)


def test_answers_of_later_weeks_keep_no_version_on_the_roll(place: Installation) -> None:
    answer(place)
    week = week_of(place.clock())
    put_up_the_next(place)
    place.clock.advance(days=7)
    with place.running() as client:
        Respondent(client, place.survey).begin().next({"milk": "with"})
    shutil.rmtree(versions(place))
    drop = ("drop", "tea", "1", "--config", place.config)
    assert offramp(*drop)[2] == ("drop.kept",)
    store = Store.open(place.settings.database, place.settings.ledger)
    assert store.purge(week_of(place.clock())) == {week: 1}
    store.release()
    assert offramp(*drop)[0] == 0
    assert len(place.envelopes()) == 1
    with place.running():
        pass


def test_the_roll_is_shared_by_workers_and_survives_a_restart(tmp_path: Path) -> None:
    place = live(tmp_path, clock=Clock())
    with serving(place, {"OFFRAMP_WORKERS": "2"}) as server, server.client() as client:
        Respondent(client, place.survey).begin().next({"drinks_tea": "yes"})
    assert [(entry.survey, entry.version) for entry in roll(place)] == [("tea", 1)]
    set_aside(place.content, "tea")
    with serving(place) as server, server.client() as client:
        Respondent(client, place.survey).begin().next({"drinks_tea": "no"})
    assert [entry.version for entry in roll(place)] == [1, 2]


# -- check-ins of a programme -------------------------------------------------------------------------------------


def checked_in(folder: Path, content: Path, more: str = "") -> Installation:
    """Return a live server to which somebody has sent a check-in."""
    drafts = study() + "[languages]\ndrafts = ['en', 'es']\n" + more
    place = Installation(folder / "server", demonstration=False, content=content, study=drafts)
    with place.running() as client:
        person = Participant(client, read_programmes(content)["way-on"]).open("/check_start")
        person.rate("urge_start", 5).press("save").press("keep-sitting").press("consent-yes")
    assert [entry.survey for entry in roll(place)] == ["way-on-check-in"]
    return place


@pytest.mark.full
def test_a_check_in_that_was_sent_keeps_no_server_of_several_workers_from_starting(tmp_path: Path) -> None:
    place = checked_in(tmp_path, CONTENT, "[server]\nworkers = 2\n")
    with serving(place) as server, server.client() as client:
        assert client.get("/health").status_code == 200


def test_an_earlier_version_of_the_check_ins_is_demanded_and_known(tmp_path: Path) -> None:
    content = tmp_path / "content"
    shutil.copytree(CONTENT, content)
    place = checked_in(tmp_path, content)
    home = content / "programmes" / "way-on" / "check-in"
    text = (home / "survey.toml").read_text(encoding="utf-8")
    (home / "survey.toml").write_text(text.replace("version = 1", "version = 2", 1), encoding="utf-8")
    assert refused(place).codes == ("content.version_gone",)
    (home / "versions" / "1").mkdir(parents=True)
    (home / "versions" / "1" / "survey.toml").write_text(text, encoding="utf-8")
    shutil.copytree(home / "locale", home / "versions" / "1" / "locale")
    with place.running() as client:
        assert client.get("/en/p/way-on").status_code == 200
