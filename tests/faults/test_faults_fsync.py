"""A disk that fails to sync: nothing is acknowledged falsely, and nothing that was acknowledged is lost afterwards.

What a failed sync had to write never reaches the disk unless it is written again (see `disk.c`), so a server that
goes on, or one that is started again, must not build on it.
"""

from __future__ import annotations

import os
import subprocess
import sys
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


# Keeps an envelope for each number that it is told, on a disk that fails from "fail" on; then ends as if killed.
KEEPING = """
import os, sys
from pathlib import Path
from offramp.disk import Unwritten
from offramp.sealing import PageKey
from offramp.store import Envelope, Store
store = Store.open(Path(sys.argv[1]))
for told in sys.argv[2:]:
    if told == "fail":
        Path(os.environ["DISK_SHADOW"], "control.txt").write_text("fail .sqlite-wal")
        continue
    try:
        store.keep([Envelope(PageKey(bytes([int(told)] * 24)), "tea", "2026-W47", bytes(9000))])
        print("kept", flush=True)
    except Unwritten as error:
        print(type(error).__name__, flush=True)
os._exit(0)
"""


def keeping(place: Installation, disk: Disk, *told: str) -> list[str]:
    """Keep something in a process of its own, which opens the store and settles nothing."""
    done = subprocess.run(
        [sys.executable, "-c", KEEPING, place.settings.database, *told], capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], **disk.environment}, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout.split()


def test_what_is_kept_after_a_start_does_not_stand_on_what_a_failed_sync_left_in_memory(
    place: Installation, disk: Disk
) -> None:
    """The log was not emptied at the start, as where the disk is too full for it."""
    assert keeping(place, disk, "1", "fail", "2") == ["kept", "Unwritten"]
    disk.goes_wrong()
    assert keeping(place, disk, "3", "4") == ["kept", "kept"]
    disk.cut()
    found = {envelope.key[0] for envelope in place.envelopes()}
    assert {1, 3, 4} <= found <= {1, 2, 3, 4}


def test_a_start_is_refused_when_what_it_finds_cannot_be_written_again(
    place: Installation, disk: Disk
) -> None:
    assert keeping(place, disk, "1", "fail", "2") == ["kept", "Unwritten"]
    with pytest.raises(subprocess.CalledProcessError) as refused:
        keeping(place, disk, "3")
    assert "cannot be opened (Input/output error)" in refused.value.stderr
