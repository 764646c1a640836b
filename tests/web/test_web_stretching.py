"""Opening a journal is the one costly thing: however many ask, two at a time, and the rest waits or is told so."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from offramp.sealing import Locker, locker_from_code
from offramp.web import stretching
from offramp.web.stretching import MOST_WAITING, PLACES, Busy, Places, Stretching

PEPPER = b"p" * 32


class Count:
    """How many are in the middle of something, in all processes: a byte of a file for each that is."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_APPEND)

    def __enter__(self) -> None:
        os.write(self._file, b"+")

    def __exit__(self, *_: object) -> None:
        os.write(self._file, b"-")

    def most(self) -> tuple[int, int]:
        """Return how many there were, and how many at most at one moment."""
        now = most = 0
        marks = os.pread(self._file, 1 << 20, 0)
        for mark in marks:
            now += 1 if mark == ord("+") else -1
            most = max(most, now)
        return marks.count(b"+"), most


def counted(monkeypatch: pytest.MonkeyPatch, path: Path, work: Callable[[bytes, bytes], Locker]) -> Count:
    count = Count(path)

    def stretch(code: bytes, pepper: bytes) -> Locker:
        with count:
            return work(code, pepper)

    monkeypatch.setattr(stretching, "locker_from_code", stretch)
    return count


def slow(code: bytes, pepper: bytes) -> Locker:
    time.sleep(0.02)
    return Locker(code.ljust(32))


async def many(stretcher: Stretching, count: int) -> list[Locker | BaseException]:
    return await asyncio.gather(*(stretcher.locker(b"%d" % n) for n in range(count)), return_exceptions=True)


def test_a_code_gives_its_own_locker() -> None:
    stretcher = Stretching(Places(), PEPPER)
    assert asyncio.run(many(stretcher, 3)) == [locker_from_code(b"%d" % n, PEPPER) for n in range(3)]
    stretcher.close()


def test_two_at_a_time_and_no_more(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    count = counted(monkeypatch, tmp_path / "count", slow)
    stretcher = Stretching(Places(), PEPPER)
    lockers = asyncio.run(many(stretcher, 40))
    assert lockers == [Locker((b"%d" % n).ljust(32)) for n in range(40)]
    assert count.most() == (40, PLACES)
    stretcher.close()


def test_beyond_the_queue_one_is_told_at_once_and_nothing_is_done(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    count = counted(monkeypatch, tmp_path / "count", slow)
    stretcher = Stretching(Places(), PEPPER, processes=4)
    found = asyncio.run(many(stretcher, 100))
    assert [type(each) for each in found] == [Locker] * (MOST_WAITING // 4) + [Busy] * (
        100 - MOST_WAITING // 4
    )
    assert count.most()[0] == MOST_WAITING // 4
    # The crowd has gone, and whoever comes now is let in.
    assert asyncio.run(many(stretcher, 1)) == [Locker(b"0".ljust(32))]
    stretcher.close()


def test_who_goes_away_while_waiting_takes_no_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    begin = threading.Event()

    def held(code: bytes, pepper: bytes) -> Locker:
        begin.wait(30)
        return slow(code, pepper)

    count = counted(monkeypatch, tmp_path / "count", held)
    stretcher = Stretching(Places(), PEPPER)

    async def leave() -> None:
        waiting = [asyncio.create_task(stretcher.locker(b"%d" % n)) for n in range(100)]
        await asyncio.sleep(0.01)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        begin.set()
        assert await stretcher.locker(b"stays") == Locker(b"stays".ljust(32))

    asyncio.run(leave())
    assert count.most()[0] <= PLACES + 1
    stretcher.close()


def test_the_loop_goes_on_meanwhile() -> None:
    stretcher = Stretching(Places(), PEPPER)

    async def longest_pause() -> float:
        crowd = asyncio.create_task(many(stretcher, 10))
        pauses = []
        while not crowd.done():
            begun = time.perf_counter()
            await asyncio.sleep(0.001)
            pauses.append(time.perf_counter() - begun)
        assert len(pauses) > 20
        return sorted(pauses)[len(pauses) // 2]

    # One run takes 35 ms on a quiet machine; a loop that was held up by each would pause that long.
    assert asyncio.run(longest_pause()) < 0.02
    stretcher.close()


def in_processes(number: int, work: Callable[[], None]) -> list[int]:
    children = []
    for _ in range(number):
        child = os.fork()
        if not child:
            code = 1
            try:
                work()
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    return children


def test_two_at_a_time_in_all_processes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    count = counted(monkeypatch, tmp_path / "count", slow)
    places = Places()
    children = in_processes(4, lambda: asyncio.run(many(Stretching(places, PEPPER, 4), 10)) and None)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    assert count.most() == (40, PLACES)


def test_a_process_that_was_killed_leaves_its_place(tmp_path: Path) -> None:
    places = Places()

    def hold() -> None:
        with places.taken(), places.taken():
            (tmp_path / "held").touch()
            time.sleep(60)

    (child,) = in_processes(1, hold)
    while not (tmp_path / "held").exists():
        time.sleep(0.01)
    assert places._take() is None
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with places.taken() as one, places.taken() as other:
        assert {one, other} == {0, 1}


@pytest.mark.full
def test_two_hundred_at_once_take_the_memory_of_two() -> None:
    """In a process of its own, so that its memory is all there is to see."""
    code = (
        "import asyncio, resource, time\n"
        "from offramp.web.stretching import *\n"
        "stretcher = Stretching(Places(), b'p' * 32)\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "async def many(n):\n"
        "    return await asyncio.gather(*(stretcher.locker(b'%d' % i) for i in range(n)), return_exceptions=True)\n"
        "asyncio.run(many(2)); before = peak(); begun = time.perf_counter(); found = asyncio.run(many(200))\n"
        "print(sum(isinstance(f, Busy) for f in found), peak() - before, time.perf_counter() - begun)\n"
    )

    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    busy, grown, seconds = int(said[0]), float(said[1]), float(said[2])
    print(f"{200 - busy} opened, {busy} busy, {grown:.1f} MiB more, {seconds:.1f} s")
    assert busy == 200 - MOST_WAITING
    assert grown < 2 * 19 + 6
