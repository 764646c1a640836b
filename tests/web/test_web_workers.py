"""Several worker processes are one server: any of them goes on where another was, and none is missed when it dies."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from offramp.cli.workers import TRIES, listen
from offramp.errors import Refusal
from offramp.sealing import pull_question
from offramp.settings import read_settings
from offramp.turns import hold
from tests.web.answers import NOTHING, WHOLE
from tests.web.installation import SERVICE, Installation
from tests.web.process import Server, serving
from tests.web.respondent import Respondent

PATIENCE = 30


def crew(server: Server) -> list[int]:
    """Return the process ids of the workers."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    return [int(child) for child in children.read_text().split()]


def eventually(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it has not come to be"
        time.sleep(0.02)


def gone(process: int) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def free(place: Installation) -> bool:
    """Tell whether nobody has the claim; the threads of a process that was killed end a moment after it."""
    with contextlib.suppress(Refusal):
        os.close(hold(place.settings.database))
        return True
    return False


@contextlib.contextmanager
def alone(server: Server, worker: int) -> Iterator[httpx2.Client]:
    """Let one worker answer, by stopping all others, and yield a client with a connection of its own."""
    others = [other for other in crew(server) if other != worker]
    for other in others:
        os.kill(other, signal.SIGSTOP)
    try:
        with server.client() as client:
            yield client
    finally:
        for other in others:
            os.kill(other, signal.SIGCONT)


@contextlib.contextmanager
def two_workers(place: Installation) -> Iterator[Server]:
    with serving(place, {"OFFRAMP_WORKERS": "2"}) as server:
        eventually(lambda: len(crew(server)) == 2)
        for worker in crew(server):
            with alone(server, worker) as client:
                client.get("/health", timeout=PATIENCE).raise_for_status()
        yield server


def answer(person: Respondent) -> None:
    """Answer whatever page is there."""
    if person.seen.page.startswith("offer_"):
        person.leave()
    else:
        person.next(WHOLE.get(person.seen.page, NOTHING).ticks)
    assert person.seen.status == 200, person.seen.heading


def test_each_worker_goes_on_where_the_other_was(place: Installation) -> None:
    with two_workers(place) as server:
        turns = crew(server) * 20
        person, opened = None, 0
        for worker in turns:
            with alone(server, worker) as client:
                if person is None or person.seen.page == "after":
                    person = Respondent(client, place.survey).begin()
                else:
                    person.http = client
                    answer(person)
                    opened += 1
        assert opened > 30
        assert crew(server) == turns[:2]
    assert server.said() == ""
    assert len(place.responses()) == len(turns) - opened


def test_a_challenge_of_one_worker_is_answered_to_the_other(place: Installation) -> None:
    with two_workers(place) as server:
        one, other = crew(server)
        with alone(server, one) as client:
            challenge = bytes.fromhex(client.post("/desk/v1/challenge").json()["challenge"])
        signature = place.keys.sign(pull_question(challenge, b"", True), SERVICE)
        asked = {"challenge": challenge.hex(), "signature": signature.hex(), "after": "", "now": True}
        with alone(server, other) as client:
            assert client.post("/desk/v1/pull", json=asked).status_code == 200
            wrong = {**asked, "challenge": bytes(len(challenge)).hex()}
            assert client.post("/desk/v1/pull", json=wrong).status_code == 400


def test_a_walk_goes_on_while_workers_are_killed(place: Installation) -> None:
    with two_workers(place) as server:
        with server.client() as client:
            person = Respondent(client, place.survey).begin()
        pages = 0
        for place_in_crew in (0, 1, 0):
            before = crew(server)
            os.kill(before[place_in_crew], signal.SIGKILL)
            with server.client() as client:
                person.http = client
                answer(person)
            pages += 1
            eventually(lambda before=before: len(crew(server)) == 2 and crew(server) != before)  # type: ignore[misc]
            (new,) = set(crew(server)) - set(before)
            with alone(server, new) as client:
                person.http = client
                answer(person)
            pages += 1
    (response,) = place.responses()
    assert pages == len(response.pages) == 6
    assert not response.context.continued


def test_an_end_leaves_no_process_no_claim_and_no_log(place: Installation) -> None:
    with two_workers(place) as server:
        workers = crew(server)
        with pytest.raises(Refusal):
            hold(place.settings.database)
        with server.client() as client:
            Respondent(client, place.survey).begin().next()
        assert place.settings.database.with_name("offramp.sqlite-wal").stat().st_size
    assert server.process.returncode == 0
    assert all(gone(worker) for worker in workers)
    os.close(hold(place.settings.database))
    assert not place.settings.database.with_name("offramp.sqlite-wal").exists()
    assert len(place.envelopes()) == 1


def test_no_worker_outlives_its_parent(place: Installation) -> None:
    with two_workers(place) as server:
        workers = crew(server)
        server.process.kill()
        eventually(lambda: all(gone(worker) for worker in workers))
        eventually(lambda: free(place))
    with serving(place) as server, server.client() as client:
        assert client.get("/health").status_code == 200


@pytest.mark.full
def test_a_stopped_worker_is_ended_as_well(place: Installation) -> None:
    with two_workers(place) as server:
        workers = crew(server)
        os.kill(workers[0], signal.SIGSTOP)
        server.process.terminate()
        server.process.wait(PATIENCE)
    assert all(gone(worker) for worker in workers)


def test_people_are_served_while_one_worker_settles(place: Installation) -> None:
    """The other process writes, deletes and settles as well, as a purge and the hourly settling do."""
    with two_workers(place) as server:
        threads = [threading.Thread(target=walk, args=(server, place)) for _ in range(4)]
        for thread in threads:
            thread.start()
        settled = 0
        while any(thread.is_alive() for thread in threads):
            with place._store() as store:
                store.settle()
            settled += 1
        assert settled > 2
    assert server.said() == ""
    assert len(place.responses()) == 4 * 3
    assert all("wish_to_stop" in response.codes for response in place.responses())


def walk(server: Server, place: Installation) -> None:
    with server.client() as client:
        for _ in range(3):
            person = Respondent(client, place.survey).begin()
            while person.seen.page != "after":
                answer(person)


# -- the supervisor by itself -------------------------------------------------------------------------------


def run(code: str) -> subprocess.CompletedProcess[str]:
    head = "import sys\nfrom offramp.cli.workers import Crew\n"
    return subprocess.run(
        [sys.executable, "-c", head + code], capture_output=True, text=True, check=False, timeout=60
    )


def test_workers_that_cannot_begin_are_given_up_with_a_clear_error() -> None:
    ran = run("Crew(2, lambda number: sys.exit(7)).serve(lambda: None)")
    assert ran.returncode == 1
    assert ran.stderr == (
        f"[workers] {TRIES} workers in a row ended as soon as they had begun (the last with 7). "
        "Please mend what they say above, and start again.\n"
    )


def test_what_is_refused_in_a_worker_is_said_plainly() -> None:
    code = "from offramp.errors import refuse\ndef work(_):\n    raise refuse('a.b', 'here', 'No.', 'Please go.')\n"
    ran = run(code + "Crew(1, work).serve(lambda: None)")
    assert ran.stderr.splitlines()[:TRIES] == ["[here] No. Please go."] * TRIES
    assert "(the last with 2)" in ran.stderr


def test_a_fork_shares_no_chance() -> None:
    """What would be the same in both is shown to be so first: chance that was seeded before the fork."""
    code = """
import os, random, signal
from offramp.sealing import Binding, DeskKeys, new_secret, seal
keys, seeded, system = DeskKeys(bytes(32)), random.Random(1), random.SystemRandom()
body = lambda: seal(b"body", 64, [keys.recipient], Binding("a", "b"))
body()
wrote, said = os.pipe()
def work(number):
    found = [seeded.random(), system.random(), new_secret().hex(), body()[22:54].hex(), body().hex()]
    os.write(1, (" ".join(map(str, found)) + "\\n").encode())
    if number == 0:
        os.write(said, b".")
    if number == 1:
        os.read(wrote, 1)
        os.kill(os.getppid(), signal.SIGTERM)
    signal.pause()
Crew(2, work).serve(lambda: None)
"""
    ran = run(code)
    one, other = (line.split() for line in ran.stdout.splitlines())
    assert one[0] == other[0]
    assert all(a != b for a, b in zip(one[1:], other[1:], strict=True))


def settings_with(place: Installation, server: str) -> Installation:
    place.config.write_text(place.config.read_text() + f"[server]\n{server}\n", encoding="utf-8")
    return place


def test_a_place_that_somebody_has_is_refused(place: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings_with(place, f"port = {taken.getsockname()[1]}")
        with pytest.raises(Refusal) as refusal:
            listen(place.settings)
    assert refusal.value.codes == ("serve.address",)
    listen(place.settings).close()


def test_a_unix_socket_takes_the_place_of_one_that_was_left_and_of_nothing_else(
    place: Installation, tmp_path: Path
) -> None:
    door = tmp_path / "door"
    settings_with(place, f"socket = '{door}'")
    listen(place.settings).close()
    assert door.stat().st_mode & 0o777 == 0o666
    door.chmod(0o660)
    listen(place.settings).close()
    assert door.stat().st_mode & 0o777 == 0o660
    door.unlink()
    door.write_text("something else")
    with pytest.raises(Refusal) as refusal:
        listen(place.settings)
    assert refusal.value.codes == ("serve.address",)
    assert door.read_text() == "something else"


def test_workers_share_a_unix_socket(place: Installation, tmp_path: Path) -> None:
    door = tmp_path / "door"
    with serving(place, {"OFFRAMP_WORKERS": "2", "OFFRAMP_SOCKET": str(door)}, door=door) as server:
        eventually(lambda: len(crew(server)) == 2)
        transport = httpx2.HTTPTransport(uds=str(door))
        with httpx2.Client(transport=transport, base_url="http://study.example") as client:
            Respondent(client, place.survey).begin().next()
    assert len(place.envelopes()) == 1


@pytest.mark.parametrize("number", [0, 17, -1])
def test_between_one_worker_and_sixteen(place: Installation, number: int) -> None:
    with pytest.raises(Refusal) as refusal:
        read_settings(place.config, {"OFFRAMP_WORKERS": str(number)}, demonstration=True)
    assert {"settings.workers", "table.type"} & set(refusal.value.codes)
    assert read_settings(place.config, {"OFFRAMP_WORKERS": "16"}, demonstration=True).workers == 16
