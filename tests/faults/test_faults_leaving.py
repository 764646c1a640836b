"""Leaving at the worst moment: a person while their page is being saved, and the server while people are answering."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections import Counter
from random import Random
from urllib.parse import urlsplit

import pytest

from tests.faults.crowd import Crowd
from tests.faults.disk import Disk
from tests.faults.ledger import differences
from tests.faults.lives import Line, Lives, living
from tests.web.installation import Installation
from tests.web.respondent import FORM, Respondent

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]
PEOPLE, STOPS = 4, 8
CHOICES = ("once", "few", "many")
# uvicorn ends as the signal says, once all is done.
ENDED_WELL = (0, -15)
SECONDS = 15
# The one thing that uvicorn has to say about it.
CANCELLED = "Cancel 1 running task(s), timeout graceful shutdown exceeded"


def send(lives: Lives, person: Respondent, body: bytes, length: int | None = None) -> socket.socket:
    """Send a form, and wait for nothing."""
    where = urlsplit(lives.url)
    connection = socket.create_connection((where.hostname or "", where.port or 0))
    head = f"POST /en/s/{person.survey.slug} HTTP/1.1\r\nhost: {where.netloc}\r\ncontent-type: {FORM}\r\n"
    connection.sendall(f"{head}content-length: {length or len(body)}\r\n\r\n".encode() + body)
    return connection


def hang_up(connection: socket.socket) -> None:
    """Leave as a browser that is killed does: by a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def test_a_page_is_kept_whose_sender_left_while_it_was_being_saved(place: Installation, disk: Disk) -> None:
    chance = Random(1)
    with living(place, disk.environment) as lives, Line(lives) as line:
        lives.start()
        disk.goes_wrong("slow .sqlite-wal")
        for number in range(8):
            person = Respondent(line, place.survey).begin()
            neighbour = Respondent(line, place.survey).begin()
            connection = send(
                lives, person, person.tick({"stop_attempts": CHOICES[number % 3]}).ready_to_send()
            )
            time.sleep(chance.uniform(0.02, 0.4))
            hang_up(connection)
            assert neighbour.next({"stop_attempts": "never_used"}).seen.status == 200
        assert lives.stop()[0] in ENDED_WELL
        assert lives.said() == []
    found = Counter(response.codes["stop_attempts"] for response in place.responses())
    assert found == {("once",): 3, ("few",): 3, ("many",): 2, ("never_used",): 8}


def test_a_server_that_is_asked_to_end_under_load_answers_what_it_has_begun(place: Installation) -> None:
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    chance = Random(seed)
    with living(place) as lives:
        crowd = Crowd(lives, place.survey, seed)
        with crowd.walking(PEOPLE):
            for _ in range(STOPS):
                lives.start()
                crowd.wait_for(chance.randrange(1, 30))
                ended, seconds = lives.stop()
                assert ended in ENDED_WELL
                assert seconds < SECONDS
        assert differences(place, crowd) == [], f"seed {seed}"
        assert lives.said() == []
        assert [path.name for path in place.folder.glob("*-wal")] == []


def test_it_ends_in_time_although_somebody_never_finishes_sending(place: Installation) -> None:
    with living(place) as lives, Line(lives) as line:
        lives.start()
        person = Respondent(line, place.survey).begin().next({"stop_attempts": "few"})
        with send(lives, person, b"draft=", length=5000):
            time.sleep(0.2)
            ended, seconds = lives.stop()
        assert ended in ENDED_WELL
        assert seconds < SECONDS
        assert lives.said() == [CANCELLED]
    assert place.response().codes["stop_attempts"] == ("few",)


def test_a_page_that_is_being_saved_when_the_server_is_asked_to_end_is_answered(
    place: Installation, disk: Disk
) -> None:
    with living(place, disk.environment) as lives, Line(lives) as line:
        lives.start()
        person = Respondent(line, place.survey).begin()
        disk.goes_wrong("slow .sqlite-wal")
        with send(lives, person, person.tick({"stop_attempts": "many"}).ready_to_send()) as connection:
            time.sleep(0.1)
            ended, seconds = lives.stop()
            answer = b"".join(iter(lambda: connection.recv(1 << 16), b""))
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert ended in ENDED_WELL
        assert seconds < SECONDS
    assert place.response().codes["stop_attempts"] == ("many",)
