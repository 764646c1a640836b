"""A gate in service: lists come and go while it decides, and a failure ends as the operator has chosen."""

import os
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.errors import Refusal
from offramp.gate import Decision, Failed, LiveGate, draft
from offramp.gate.live import parts

KEY = bytes(range(32))
WORDS = {"first": "zorblaxin", "second": "grompelfax"}


def sealed(path: Path, word: str, more: str = "") -> Path:
    source = path.with_name("words.txt")
    source.write_text(f"{word}\n{more}", encoding="utf-8")
    path.write_bytes(draft([source]).sealed(KEY))
    # Files that are written within one tick of the clock differ for the file system by their size or number alone.
    tick = path.stat().st_mtime_ns + len(word) * 1_000_000_000
    os.utime(path, ns=(tick, tick))
    return path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return sealed(tmp_path / "list.sealed", WORDS["first"])


def stops(live: LiveGate, word: str) -> bool:
    return isinstance(live.decide(word), Decision)


def state(live: LiveGate) -> tuple[bool, bool]:
    return stops(live, WORDS["first"]), stops(live, WORDS["second"])


@pytest.mark.parametrize("failing", ["", "ajar", "Open", None])
def test_what_happens_on_failure_must_be_said(place: Path, failing: str):
    with pytest.raises(Refusal) as caught:
        LiveGate(place, KEY, failing=failing)  # type: ignore[arg-type]
    assert caught.value.codes == ("gate.failing",)
    with pytest.raises(TypeError):
        LiveGate(place, KEY)  # type: ignore[call-arg]


def test_a_list_that_cannot_be_loaded_stops_the_start(place: Path, tmp_path: Path):
    for path, key, code in (
        (place, bytes(32), "sealing.cannot_open"),
        (tmp_path / "none.sealed", KEY, "gate.compiled_unreadable"),
        (place, tmp_path / "no.key", "gate.no_key"),
    ):
        with pytest.raises(Refusal) as caught:
            LiveGate(path, key, failing="open")
        assert caught.value.codes[0].startswith(code), caught.value.codes


def test_a_key_may_come_from_its_file(place: Path, tmp_path: Path):
    (tmp_path / "gate.key").write_text(KEY.hex() + "\n", encoding="ascii")
    assert stops(LiveGate(place, tmp_path / "gate.key", failing="open"), WORDS["first"])


def test_a_changed_file_is_loaded_once_and_the_former_list_comes_back(place: Path):
    live = LiveGate(place, KEY, failing="open")
    assert not live.refresh()
    sealed(place, WORDS["second"])
    assert state(live) == (True, False)
    assert live.refresh()
    assert not live.refresh()
    assert state(live) == (False, True)
    live.roll_back()
    assert state(live) == (True, False)
    assert not live.refresh(), "a list that was rolled back does not come back by itself"
    live.roll_back()
    assert state(live) == (False, True)
    live.reload()
    assert state(live) == (False, True)


def test_without_a_former_list_there_is_no_way_back(place: Path):
    live = LiveGate(place, KEY, failing="open")
    with pytest.raises(Refusal) as caught:
        live.roll_back()
    assert caught.value.codes == ("gate.no_former",)
    assert state(live) == (True, False)


@pytest.mark.parametrize("damage", [b"", b"nothing of ours", "cut", "flipped", "gone"])
def test_a_damaged_file_changes_nothing_and_is_reported_once(place: Path, damage: bytes | str):
    said: list[str] = []
    live = LiveGate(place, KEY, failing="closed", report=said.append)
    whole = place.read_bytes()
    if damage == "gone":
        place.unlink()
    else:
        flipped = whole[:-1] + bytes([whole[-1] ^ 1])
        place.write_bytes({"cut": whole[: len(whole) // 2], "flipped": flipped}.get(damage, damage))  # type: ignore[arg-type]
        os.utime(place, ns=(1, 1))
    assert [live.refresh() for _ in range(3)] == [False] * 3
    assert len(said) == 1
    assert said[0].startswith("[")
    assert state(live) == (True, False)
    with pytest.raises(Refusal):
        live.reload()
    assert state(live) == (True, False)
    sealed(place, WORDS["second"])
    assert live.refresh()
    assert state(live) == (False, True)


class _Broken:
    longest_query = 4096

    def decide(self, query: str) -> None:
        raise RuntimeError(query)


@pytest.mark.parametrize(("failing", "shadow", "found"), [
    ("open", False, None), ("closed", False, Failed()), ("open", True, None), ("closed", True, None),
])  # fmt: skip
def test_a_failure_ends_as_the_operator_has_chosen(
    place: Path, failing: str, shadow: bool, found: Failed | None
):
    said: list[str] = []
    live = LiveGate(place, KEY, failing=failing, shadow=shadow, report=said.append)  # type: ignore[arg-type]
    live._gate = _Broken()  # type: ignore[assignment]
    assert live.decide("something private") == found
    assert said == ["fault RuntimeError"], "the words of a failure may hold the query"


def test_shadow_mode_decides_and_shows_nothing(place: Path):
    seen: list[Decision] = []
    live = LiveGate(place, KEY, failing="closed", shadow=True, decisions=seen.append)
    assert live.decide("the zorblaxin") is None
    assert live.decide("pasta") is None
    assert [(found.list, found.intent) for found in seen] == [("words", "search")]
    assert isinstance(live.look("zorblaxin"), Decision)


def test_who_cannot_count_decides_all_the_same(place: Path):
    said: list[str] = []
    live = LiveGate(place, KEY, failing="open", decisions=lambda found: 1 / 0, report=said.append)
    assert stops(live, WORDS["first"])
    assert said == ["fault ZeroDivisionError"]


@pytest.mark.parametrize("before", [0, 4090, 4096, 8000, 20_000])
def test_a_long_query_is_read_to_its_end(place: Path, before: int):
    live = LiveGate(place, KEY, failing="open")
    assert stops(live, "a" * before + " zorblaxin " + "b" * 5000)
    assert not stops(live, "a" * before + " pasta " + "b" * 5000)


@given(st.integers(0, 3000), st.integers(600, 700))
def test_parts_cover_a_query_and_share_their_edges(length: int, longest: int):
    query = "".join(chr(33 + i % 90) for i in range(length))
    found = list(parts(query, longest))
    assert found[0] + "".join(part[512:] for part in found[1:]) == query
    assert all(len(part) <= longest for part in found)
    assert all(one[-512:] == other[:512] for one, other in pairwise(found) if len(other) > 512)


def test_threads_go_on_deciding_while_lists_are_exchanged(place: Path):
    """“tilsunep” is on both lists, so every decision about it must be one."""
    sealed(place, WORDS["first"], "tilsunep\n")
    live = LiveGate(place, KEY, failing="open")
    missed: list[int] = []
    going = True

    def ask() -> None:
        while going:
            live.refresh()
            if not stops(live, "tilsunep"):
                missed.append(1)

    threads = [Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for word in list(WORDS.values()) * 10:
        sealed(place.with_name("new.sealed"), word, "tilsunep\n").replace(place)
        live.roll_back() if live._former else None
    going = False
    for thread in threads:
        thread.join()
    assert missed == []
