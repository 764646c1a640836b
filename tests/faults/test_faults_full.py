"""A full disk: pages come back filled in, nothing acknowledged is lost, and room is all that is needed.

Once with a real disk that is full, where it may be mounted, and once with one that says so (`disk.c`).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.crowd import Crowd
from tests.faults.disk import Disk
from tests.faults.ledger import differences
from tests.faults.lives import FAULT, Line, Lives, living
from tests.web.installation import Installation
from tests.web.respondent import Respondent

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]
PEOPLE, ROUNDS = 4, 3
EVERYTHING = ("full .sqlite", "full .sqlite-wal")


@dataclass(frozen=True)
class Small:
    """An installation on a disk that can be filled up."""

    place: Installation
    fill: Callable[[], None]
    make_room: Callable[[], None]
    environment: dict[str, str]


@pytest.fixture(params=["mounted", "said"])
def small(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Small]:
    if request.param == "said":
        library = request.getfixturevalue("library")
        place = Installation(tmp_path / "server")
        disk = Disk(place.folder, tmp_path / "shadow", library)
        yield Small(place, lambda: disk.goes_wrong(*EVERYTHING), disk.goes_wrong, disk.environment)
        return
    place = Installation(request.getfixturevalue("mounted")("size=8m"))
    filler = place.folder / "filler"

    def fill() -> None:
        with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(4096)):
                pass

    yield Small(place, fill, filler.unlink, {})


def faults_only(lives: Lives) -> bool:
    return bool(lives.said()) and all(FAULT.fullmatch(line) for line in lives.said())


def test_under_load_it_fills_up_and_goes_on_when_there_is_room(small: Small) -> None:
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    with living(small.place, small.environment) as lives:
        crowd = Crowd(lives, small.place.survey, seed, deletes=8)
        with crowd.walking(PEOPLE):
            lives.start()
            first = lives.pid
            for _ in range(ROUNDS):
                crowd.wait_for(20)
                failed = crowd.failed
                small.fill()
                crowd.wait_until(lambda: crowd.failed > failed + 5)  # noqa: B023
                small.make_room()
            crowd.wait_for(40)
            assert lives.pid == first
            lives.kill()
        assert differences(small.place, crowd, len(lives.said())) == [], f"seed {seed}"
        assert faults_only(lives)
    print(dict(crowd.told))


def test_a_page_and_a_deletion_say_that_they_did_not_work_and_do_when_there_is_room(small: Small) -> None:
    with living(small.place, small.environment) as lives, Line(lives) as line:
        lives.start()
        person = Respondent(line, small.place.survey).begin().next({"stop_attempts": "few"})
        receipt = person.seen.receipt
        small.fill()
        until_full(line, small)
        person.next({"first_age": "age_25_34", "first_way": "other"}, {"first_way": "a brambulette"})
        assert (person.seen.status, person.seen.page) == (503, "beginning")
        assert "Pages that were saved before stay saved" in person.seen.text
        assert 'value="a brambulette"' in person.seen.body.decode()
        person.delete().press("go", "delete-yes")
        if person.seen.status == 503:
            assert "we cannot say that your answers are deleted" in person.seen.text
            person.history.pop()
            small.make_room()
            person.press("go", "delete-yes")
        assert person.seen.tree.xpath("//main[@id='deleted']")
        assert small.place.bodies(receipt) == []
        assert faults_only(lives)


def until_full(line: Line, small: Small) -> None:
    """Send made-up answers until none can be kept any more."""
    for _ in range(200):
        other = Respondent(line, small.place.survey).open_consent()
        if other.agree().next({"stop_attempts": "once"}).seen.status == 503:
            return
    raise AssertionError("the disk does not fill up")


def test_a_server_starts_on_a_full_disk_and_saves_as_soon_as_there_is_room(small: Small) -> None:
    with living(small.place, small.environment) as lives, Line(lives) as line:
        lives.start()
        person = Respondent(line, small.place.survey).begin().next({"stop_attempts": "few"})
        receipt = person.seen.receipt
        small.fill()
        until_full(line, small)
        lives.kill()
        small.fill()
        lives.start()
        small.fill()
        person.next({"first_age": "age_25_34"}).type_receipt(receipt).next()
        for _ in range(200):
            if person.seen.status == 503:
                break
            person.again()
        assert person.seen.status == 503
        small.make_room()
        person.next()
        assert person.seen.status == 200
        assert faults_only(lives)
        lives.stop()
    assert {"stopping", "beginning"} <= {body.page for body in small.place.bodies(receipt)}
