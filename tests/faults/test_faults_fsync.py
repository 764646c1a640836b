"""A disk that fails to sync: nothing is acknowledged falsely, and nothing that was acknowledged is lost afterwards.

What a failed sync had to write never reaches the disk unless it is written again (see `disk.c`), so a server that
goes on, or one that is started again, must not build on it.
"""

from __future__ import annotations

import os
from random import Random

import pytest

from tests.faults.crowd import Crowd
from tests.faults.disk import Disk
from tests.faults.ledger import differences
from tests.faults.lives import FAULT, Line, living
from tests.web.installation import Installation
from tests.web.respondent import Respondent

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]
PEOPLE, ROUNDS = 4, 8
FILES = ("offramp.sqlite-wal", "offramp.sqlite", "tombstones.sqlite-wal", "tombstones.sqlite")


@pytest.mark.parametrize("file", FILES)
def test_the_server_goes_on_after_a_failed_sync_and_loses_nothing(
    place: Installation, disk: Disk, file: str
) -> None:
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    chance = Random(seed)
    with living(place, disk.environment) as lives:
        crowd = Crowd(lives, place.survey, seed, deletes=20)
        with crowd.walking(PEOPLE):
            lives.start()
            for _ in range(ROUNDS):
                crowd.wait_for(chance.randrange(1, 20))
                failed = crowd.failed
                disk.goes_wrong(f"fail {file}")
                crowd.wait_until(lambda: crowd.failed > failed)  # noqa: B023
                disk.goes_wrong()
            crowd.wait_for(10)
            lives.kill()
            disk.cut(chance)
        assert differences(place, crowd, len(lives.said())) == [], f"seed {seed}"
        assert [line for line in lives.said() if not FAULT.fullmatch(line)] == []
        assert lives.said()


def test_a_start_after_a_failed_sync_builds_on_nothing_that_is_in_memory_only(
    place: Installation, disk: Disk
) -> None:
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    chance = Random(seed)
    with living(place, disk.environment) as lives:
        crowd = Crowd(lives, place.survey, seed, deletes=5)
        with crowd.walking(PEOPLE):
            for number in range(ROUNDS):
                lives.start()
                crowd.wait_for(chance.randrange(1, 20))
                failed = crowd.failed
                disk.goes_wrong("fail .sqlite-wal")
                crowd.wait_until(lambda: crowd.failed > failed)  # noqa: B023
                lives.kill()
                disk.goes_wrong()
                lives.start()
                if number % 2:
                    crowd.wait_for(chance.randrange(1, 20))
                lives.kill()
                disk.cut(chance if number % 3 else None)
        assert differences(place, crowd, len(lives.said())) == [], f"seed {seed}"
        assert [line for line in lives.said() if not FAULT.fullmatch(line)] == []


def test_a_page_that_cannot_be_synced_comes_back_filled_in_and_can_be_sent_again(
    place: Installation, disk: Disk
) -> None:
    with living(place, disk.environment) as lives, Line(lives) as line:
        lives.start()
        person = Respondent(line, place.survey).begin()
        disk.goes_wrong("fail .sqlite-wal")
        person.next({"stop_attempts": "few"})
        assert (person.seen.status, person.seen.page) == (503, "stopping")
        assert "This page could not be saved" in person.seen.text
        assert place.envelopes() == []
        disk.goes_wrong()
        person.next()
        assert person.seen.page == "beginning"
        assert place.response().codes["stop_attempts"] == ("few",)
        assert lives.stop()[0] in (0, -15)
        (line,) = lives.said()
        assert FAULT.fullmatch(line)
