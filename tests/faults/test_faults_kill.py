"""`kill -9` at any moment: what was acknowledged is there, and the measure that says so is not blind."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import time
from pathlib import Path
from random import Random

import pytest

from tests.faults.crowd import Crowd
from tests.faults.ledger import differences
from tests.faults.lives import PATIENCE, living
from tests.web.installation import Installation

PEOPLE = 4


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("kills", "workers"), [(100, 1), (25, 2)])
def test_kills_under_load_lose_no_acknowledged_page(tmp_path: Path, kills: int, workers: int) -> None:
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    chance, place, starting = Random(seed), Installation(tmp_path / "server"), 0
    with living(place, {"OFFRAMP_WORKERS": str(workers)}) as lives:
        crowd = Crowd(lives, place.survey, seed, deletes=6)
        with crowd.walking(PEOPLE):
            for _ in range(kills):
                if crowd.troubles:
                    break
                # Now and then the server has not even started; a start takes this long, or longer.
                early = chance.random() < 0.1
                starting += not lives.start(chance.uniform(0, 0.2) if early else PATIENCE)
                if lives.url:
                    crowd.wait_for(chance.randrange(12))
                    time.sleep(chance.uniform(0, 0.05))
                    if workers > 1:
                        os.kill(chance.choice(lives.workers()), signal.SIGKILL)
                        crowd.wait_for(chance.randrange(12))
                lives.kill()
        assert differences(place, crowd) == [], f"seed {seed}"
        assert lives.said() == []
    print(f"{kills} kills, {starting} of them of a server that was starting; {dict(crowd.told)}")
    assert crowd.told["page"] > 3 * kills
    assert crowd.told["deletion"] >= kills // 20


# What may happen to a database, and what has to be said about it.
DAMAGES = {
    "DELETE FROM envelope WHERE key = (SELECT min(key) FROM envelope)": "is gone|, and was sent as",
    "UPDATE envelope SET body = (SELECT body FROM envelope ORDER BY key DESC LIMIT 1) "
    "WHERE key = (SELECT min(key) FROM envelope)": "is gone|, and was sent as",
    "INSERT INTO tombstone SELECT min(key) FROM envelope": "is deleted, which nobody asked for|is half deleted",
    "DELETE FROM tombstone WHERE key = (SELECT min(key) FROM tombstone)": "deletion is not remembered",
    "DELETE FROM envelope": "is gone",
    "INSERT INTO envelope SELECT randomblob(24), survey, week, body FROM envelope LIMIT 1": "nobody sent",
    "UPDATE total SET n = n + 1 WHERE name = 'first_page'": "total first_page is",
    "UPDATE total SET n = 0 WHERE name = 'agreed'": "total agreed is",
}


@pytest.mark.full
def test_the_measure_finds_every_kind_of_loss(tmp_path: Path) -> None:
    place = Installation(tmp_path / "server")
    with living(place) as lives:
        crowd = Crowd(lives, place.survey, seed=1, deletes=20)
        with crowd.walking(PEOPLE):
            lives.start()
            crowd.wait_until(lambda: crowd.acknowledged >= 30 and crowd.told["deletion"] >= 3)
            # Nobody is in the middle of anything, so that what is found is the damage alone.
            lives.end()
            time.sleep(1)
            lives.stop()
    assert differences(place, crowd) == []
    database, ledger = place.settings.database, place.settings.ledger
    shutil.copy(database, tmp_path / "whole")
    ledger.unlink()
    for damage, said in DAMAGES.items():
        shutil.copy(tmp_path / "whole", database)
        with sqlite3.connect(database) as connection:
            assert connection.execute(damage).rowcount
        connection.close()
        found = differences(place, crowd)
        assert any(re.search(said, what) for what in found), (damage, found)
