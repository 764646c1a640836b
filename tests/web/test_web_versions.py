"""A new version is put up while a study runs: who began before goes on, deletes, and is never shown another's page."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from offramp.cli.survey import set_aside
from offramp.errors import Refusal
from offramp.survey import Survey
from tests.web.installation import CONTENT, Installation
from tests.web.live import live, study
from tests.web.respondent import Respondent

ADDED = """
[[page.question]]
id = "milk"
kind = "single"
text = "Do you take milk?"
options = [{ id = "with", text = "With" }, { id = "without", text = "Without" }]
"""


def put_up_the_next(place: Installation) -> Survey:
    """Set the present version aside, add a question before all others, and return the earlier version."""
    set_aside(place.content, "tea")
    path = place.content / "surveys" / "tea" / "survey.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('title = "Cups"\n', 'title = "Cups"\n' + ADDED, 1), encoding="utf-8")
    return place.survey.earlier[0]


@pytest.fixture
def place(tmp_path: Path) -> Installation:
    return live(tmp_path)


def test_who_began_before_goes_on_with_the_same_questions(place: Installation) -> None:
    with place.running() as client:
        before = Respondent(client, place.survey).begin().next({"drinks_tea": "yes"})
        receipt = before.seen.receipt
    earlier = put_up_the_next(place)
    with place.running() as client:
        again = Respondent(client, earlier).open_receipt().type_receipt(receipt).press("go", "continue")
        assert again.seen.page == "end"
        again.next({}, {"last_word": "Enough"})
        newcomer = Respondent(client, place.survey).begin().next({"milk": "with", "drinks_tea": "no"})
        newcomer.next({}, {})
    responses = {response.context.structure: response for response in place.responses()}
    assert responses.keys() == {earlier.structure, place.survey.structure}
    assert responses[earlier.structure].complete
    assert responses[earlier.structure].codes["drinks_tea"] == ("yes",)
    assert responses[place.survey.structure].codes["milk"] == ("with",)


def test_a_page_that_was_open_meanwhile_is_shown_back_as_it_was_asked(place: Installation) -> None:
    with place.running() as client:
        before = Respondent(client, place.survey).begin().tick({"drinks_tea": "yes", "cups_a_day": 3})
    earlier = put_up_the_next(place)
    with place.running() as client:
        before.http, before.survey = client, earlier
        before.press("go", "next")
        assert before.seen.status == 409
        assert "milk" not in before.seen.text
        before.press("go", "next")
    (response,) = place.responses()
    assert response.codes["drinks_tea"] == ("yes",)
    assert response.codes["cups_a_day"] == ("3",)


def test_a_receipt_of_another_version_brings_in_nothing_of_the_page_at_hand(place: Installation) -> None:
    with place.running() as client:
        receipt = Respondent(client, place.survey).begin().next({"drinks_tea": "yes"}).seen.receipt
    put_up_the_next(place)
    with place.running() as client:
        lost = (
            Respondent(client, place.survey).begin().tick({"milk": "with"}).with_draft("").press("go", "next")
        )
        lost.type_receipt(receipt).press("go", "next")
        assert lost.seen.page == "end"
    (response,) = place.responses()
    assert response.codes["drinks_tea"] == ("yes",)


def test_deleting_reaches_the_version_that_was_answered(place: Installation) -> None:
    receipts = []
    with place.running() as client:
        for _ in range(2):
            person = Respondent(client, place.survey).begin().next({"drinks_tea": "yes"})
            receipts.append(person.seen.receipt)
    earlier = put_up_the_next(place)
    assert len(place.envelopes()) == 2
    with place.running() as client:
        Respondent(client, earlier).open_receipt().type_receipt(receipts[0]).press("go", "delete")
        assert len(place.envelopes()) == 1
        again = Respondent(client, earlier).open_receipt().type_receipt(receipts[1]).press("go", "continue")
        again.next({}, {"last_word": "So"}).delete().press("go", "delete-yes")
        assert again.seen.heading
    assert place.envelopes() == []
    # Two pages and one question with words, in both versions, of two people.
    assert len(place.tombstones()) == 3 * 2 * 2


def test_a_version_that_is_gone_is_not_guessed_at(place: Installation) -> None:
    with place.running() as client:
        before = Respondent(client, place.survey).begin().tick({"drinks_tea": "yes"})
    put_up_the_next(place)
    (place.content / "surveys" / "tea" / "versions").rename(place.folder / "kept elsewhere")
    with place.running() as client:
        before.http = client
        before.press("go", "next")
        assert before.seen.status == 409
        assert before.seen.page == ""


def test_an_earlier_version_in_no_language_that_is_offered_is_refused(tmp_path: Path) -> None:
    content = tmp_path / "content"
    shutil.copytree(CONTENT, content)
    set_aside(content, "help-us")
    only_arabic = study() + "[languages]\ndrafts = ['ar']\n"
    place = Installation(tmp_path / "server", demonstration=False, content=content, study=only_arabic)
    with place.running():
        pass
    aside = next((content / "surveys" / "help-us" / "versions").glob("*/survey.toml"))
    text = aside.read_text(encoding="utf-8")
    aside.write_text(re.sub(r"(?ms)^languages = \[.*?\]", "languages = []", text, count=1), encoding="utf-8")
    with pytest.raises(Refusal) as caught, place.running():
        pass
    assert caught.value.codes == ("settings.version_language",)
