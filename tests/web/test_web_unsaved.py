"""What a person meets when the disk takes nothing: their page comes back as they filled it in, and help is still there.

Here SQLite itself refuses to write; disks that are full or fail are the affair of `tests/faults`.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool
from starlette.testclient import TestClient

from tests.web.installation import LANGUAGES, Installation
from tests.web.respondent import Respondent

Somebody = Callable[..., Respondent]
WORDS = "a brambulette, <b>quite</b> unasked"
SAID = {"en": "This page could not be saved", "ar": "تعذّر حفظ هذه الصفحة"}
DELETED = {"en": "we cannot say that your answers are deleted", "ar": "لا يمكننا أن نقول إن إجاباتك حُذفت"}


@dataclass
class Disk:
    """Whether databases take anything, and what was logged meanwhile."""

    caplog: pytest.LogCaptureFixture
    takes: bool = True

    def prepare(self, connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA query_only={'OFF' if self.takes else 'ON'}")

    def logged(self) -> list[str]:
        """Return what was logged since the last time."""
        lines = [record.getMessage() for record in self.caplog.records if record.levelno >= logging.ERROR]
        self.caplog.clear()
        return lines


@pytest.fixture
def disk(caplog: pytest.LogCaptureFixture) -> Iterator[Disk]:
    disk = Disk(caplog)
    event.listen(Pool, "checkout", disk.prepare)
    yield disk
    event.remove(Pool, "checkout", disk.prepare)


@pytest.fixture
def server(disk: Disk, place: Installation) -> Iterator[TestClient]:
    with place.running() as client:
        yield client


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_that_cannot_be_saved_comes_back_filled_in_and_can_be_sent_again(
    somebody: Somebody, place: Installation, disk: Disk, language: str
) -> None:
    person = somebody(language).begin().next({"stop_attempts": "few"})
    disk.takes = False
    person.next({"first_way": "other", "frequency": "daily"}, {"first_way": WORDS})
    assert person.seen.status == 503
    assert person.seen.page == "beginning"
    assert SAID[language] in person.seen.text
    assert person.seen.receipt
    (line,) = disk.logged()
    assert line.startswith("fault Unwritten at ")
    assert person.next().seen.status == 503, "it is sent again as it stands, and fails again"
    disk.takes = True
    assert list(place.response().pages) == ["stopping"]
    person.next()
    assert (person.seen.status, SAID[language] in person.seen.text) == (200, False)
    assert place.response().codes["first_way"] == ("other",)
    assert place.response().codes["frequency"] == ("daily",)
    assert place.response().words == {"first_way": WORDS}
    disk.logged()


def test_a_page_without_answers_and_a_turned_down_offer_come_back_too(
    somebody: Somebody, place: Installation, disk: Disk
) -> None:
    person = somebody().begin()
    disk.takes = False
    person.next()
    assert (person.seen.status, person.seen.page) == (503, "stopping")
    disk.takes = True
    while not person.next().seen.page.startswith("offer_"):
        assert SAID["en"] not in person.seen.text, "no page is remembered with what went wrong on it"
    offered = person.seen.page
    disk.takes = False
    person.leave()
    assert (person.seen.status, person.seen.page) == (503, offered)
    disk.takes = True
    assert person.leave().seen.page != offered
    disk.logged()


def test_a_page_that_could_not_be_saved_still_answers_what_its_words_say(
    somebody: Somebody, disk: Disk
) -> None:
    person = somebody().begin().next()
    disk.takes = False
    person.next({"first_way": "other"}, {"first_way": "see www.plinder.invalid/brambulette"})
    assert person.seen.status == 503
    assert person.seen.tree.xpath("//*[@id='gentle']")
    disk.logged()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_told_that_something_is_deleted_when_it_is_not(
    somebody: Somebody, place: Installation, disk: Disk, language: str
) -> None:
    person = somebody(language).begin().next({"stop_attempts": "few"})
    receipt = person.seen.receipt
    disk.takes = False
    person.delete().press("go", "delete-yes")
    assert person.seen.status == 503
    assert DELETED[language] in person.seen.text
    person.open_receipt().type_receipt(receipt).press("go", "delete")
    assert person.seen.status == 503
    assert all(line.startswith("fault Unwritten at ") for line in disk.logged())
    disk.takes = True
    assert len(place.envelopes()) == 1
    person.open_receipt().type_receipt(receipt).press("go", "delete")
    assert person.seen.status == 200
    assert place.envelopes() == []


def test_what_cannot_be_counted_keeps_nobody_from_a_page(
    somebody: Somebody, server: TestClient, place: Installation, disk: Disk
) -> None:
    disk.takes = False
    person = somebody().open_consent()
    assert person.seen.status == 200
    person.press("go", "under18")
    assert person.seen.status == 200
    assert somebody().begin().seen.page == "stopping"
    assert server.get("/en/message").status_code == 200
    assert server.get("/go/help").status_code == 303
    assert len(disk.logged()) >= 5
    disk.takes = True
    assert place.totals() == {}


def test_a_server_ends_where_nothing_can_be_settled(place: Installation, disk: Disk) -> None:
    with place.running() as client:
        Respondent(client, place.survey).begin().next({"stop_attempts": "few"})
        disk.takes = False
    assert [line.split(" at ")[0] for line in disk.logged()] == ["fault Unwritten"]
    disk.takes = True
    assert len(place.envelopes()) == 1
