"""Power cuts: nothing is left but what was synced, and no acknowledged page is lost. With synchronous=OFF many are."""

from __future__ import annotations

import os
import time
from pathlib import Path
from random import Random

import pytest

from tests.faults.crowd import Crowd
from tests.faults.disk import Disk, weaken
from tests.faults.ledger import differences, lost
from tests.faults.lives import PATIENCE, Line, living
from tests.web.installation import Installation
from tests.web.respondent import Respondent

pytestmark = [pytest.mark.full, pytest.mark.timeout(600)]
PEOPLE = 4


@pytest.mark.parametrize(("cuts", "workers"), [(25, 1), (8, 2)])
def test_power_cuts_under_load_lose_no_acknowledged_page(
    place: Installation, disk: Disk, cuts: int, workers: int
) -> None:
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    chance = Random(seed)
    with living(place, disk.environment | {"OFFRAMP_WORKERS": str(workers)}) as lives:
        crowd = Crowd(lives, place.survey, seed, deletes=6)
        with crowd.walking(PEOPLE):
            for number in range(cuts):
                if crowd.troubles:
                    break
                early = chance.random() < 0.1
                lives.start(chance.uniform(0, 0.2) if early else PATIENCE)
                if lives.url:
                    crowd.wait_for(chance.randrange(40))
                    time.sleep(chance.uniform(0, 0.05))
                lives.kill()
                disk.cut(chance if number % 2 else None)
        assert differences(place, crowd) == [], f"seed {seed}"
        assert lives.said() == []
    print(f"{cuts} power cuts; {dict(crowd.told)}")
    assert crowd.told["page"] > 5 * cuts
    assert crowd.told["deletion"] >= cuts // 4


def test_without_syncing_acknowledged_pages_are_lost_and_found_to_be(
    place: Installation, disk: Disk, tmp_path: Path
) -> None:
    with living(place, disk.environment | weaken(tmp_path / "weak")) as lives:
        crowd = Crowd(lives, place.survey, seed=1)
        with crowd.walking(PEOPLE):
            lives.start()
            crowd.wait_for(20)
            lives.kill()
            disk.cut()
    assert len(lost(differences(place, crowd))) >= 20


def test_a_deleted_page_does_not_come_back_with_the_power(place: Installation, disk: Disk) -> None:
    with living(place, disk.environment) as lives, Line(lives) as line:
        lives.start()
        person = Respondent(line, place.survey).begin().next({"stop_attempts": "few"}).next()
        pieces = [envelope.body[1000:1032] for envelope in place.envelopes()]
        assert len(pieces) == 2
        assert any(piece in path.read_bytes() for path in disk.shadow.iterdir() for piece in pieces)
        person.delete().press("go", "delete-yes")
        assert person.seen.tree.xpath("//main[@id='deleted']")
        lives.kill()
    disk.cut()
    on_disk = {path.name: path.read_bytes() for path in place.folder.glob("*.sqlite*")}
    assert {"offramp.sqlite", "tombstones.sqlite"} <= on_disk.keys()
    assert [name for name, content in on_disk.items() if any(piece in content for piece in pieces)] == []
    assert place.envelopes() == []
