"""`offramp purge` as the timer runs it: by the settings alone, beside the server, and truly."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from offramp.cli import app
from offramp.errors import Refusal
from offramp.sealing import PageKey
from offramp.settings import read_settings
from offramp.store import Envelope, Store
from tests.web.installation import Installation
from tests.web.live import live


def week(ago: int) -> str:
    year, number, _ = (datetime.now(UTC) - timedelta(weeks=ago)).isocalendar()
    return f"{year}-W{number:02d}"


def purge(place: Installation, *options: str) -> tuple[int, str, Sequence[str]]:
    result = CliRunner().invoke(app, ["purge", "--config", str(place.config), *options])
    codes = result.exception.codes if isinstance(result.exception, Refusal) else ()
    return result.exit_code, result.output, codes


def keeping(tmp_path: Path, weeks: object) -> Installation:
    return live(tmp_path, f"[store]\nkeep_weeks = {weeks}\n")


def having(folder: Path, mark: bytes) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file() and mark in path.read_bytes()}


def test_what_is_too_old_is_in_no_file_any_more(tmp_path: Path) -> None:
    place = keeping(tmp_path, 4)
    old, young = os.urandom(16), os.urandom(16)
    server = Store.open(place.settings.database, place.settings.ledger)
    server.keep([Envelope(PageKey(old + bytes([n] * 8)), "tea", week(5), old * 300) for n in range(20)])
    server.keep([Envelope(PageKey(young + bytes(8)), "tea", week(4), young * 300)])
    server.settle()
    server.forget([PageKey(old + bytes(8))])
    server.keep([Envelope(PageKey(old + b"\xff" * 8), "tea", week(5), old * 300)])
    assert having(place.folder, old) == {"offramp.sqlite", "offramp.sqlite-wal", "tombstones.sqlite"}
    code, said, _ = purge(place, "--unconfirmed")
    assert (code, said.splitlines()[0]) == (0, f"{week(5)}: 20 envelopes deleted")
    server.settle()
    # Of the key that was deleted before, only the tombstone stays, in both files; of no body anything.
    assert having(place.folder, old) == {"offramp.sqlite", "tombstones.sqlite"}
    assert having(place.folder, old * 2) == set()
    assert having(place.folder, young * 2) == {"offramp.sqlite"}
    server.close()


def test_a_dry_run_deletes_nothing(tmp_path: Path) -> None:
    place = keeping(tmp_path, 4)
    store = Store.open(place.settings.database, place.settings.ledger)
    store.keep([Envelope(PageKey(bytes(24)), "tea", week(5), b"sealed")])
    store.confirm({week(5): 1})
    assert purge(place, "--dry-run")[1].splitlines()[0] == f"{week(5)}: 1 envelopes would be deleted"
    assert len(store.envelopes()) == 1
    store.close()


def test_the_command_line_goes_before_the_settings(tmp_path: Path) -> None:
    place = keeping(tmp_path, 4)
    store = Store.open(place.settings.database, place.settings.ledger)
    store.keep([Envelope(PageKey(bytes(24)), "tea", week(5), b"sealed")])
    store.confirm({week(5): 1})
    assert "0 envelopes" in purge(place, "--keep-weeks", "5")[1]
    assert "1 envelopes" in purge(place)[1]
    store.close()


def test_without_a_number_nothing_is_deleted(tmp_path: Path) -> None:
    assert purge(live(tmp_path))[2] == ("purge.weeks",)


@pytest.mark.parametrize("weeks", [0, 521, "'26'"])
def test_a_number_of_weeks_that_cannot_be(tmp_path: Path, weeks: object) -> None:
    place = keeping(tmp_path, weeks)
    with pytest.raises(Refusal) as refusal:
        read_settings(place.config, {})
    assert {"settings.keep_weeks", "table.type"} & set(refusal.value.codes)


def old(store: Store, ago: int, *numbers: int) -> None:
    store.keep([Envelope(PageKey(bytes([n]) * 24), "tea", week(ago), b"sealed") for n in numbers])


def test_what_no_desk_has_confirmed_stays_and_the_timer_fails(tmp_path: Path) -> None:
    place = keeping(tmp_path, 4)
    store = Store.open(place.settings.database, place.settings.ledger)
    old(store, 5, 1, 2), old(store, 6, 3), old(store, 7, 4)
    assert store.confirm({week(5): 2, week(7): 1, week(9): 8}) == {week(5): 2, week(7): 1}
    dry = purge(place, "--dry-run")
    assert dry[0] == 0
    assert f"{week(6)}: 1 envelopes would be kept: no desk has said that it has all of them" in dry[1]
    assert f"{week(7)}: 1 envelopes would be deleted" in dry[1]
    assert store.older("~") == {week(5): 2, week(6): 1, week(7): 1}
    code, said, codes = purge(place)
    assert (code, codes) == (1, ("purge.unconfirmed",))
    assert f"{week(6)}: 1 envelopes kept" in said
    assert store.older("~") == {week(6): 1}
    assert purge(place, "--unconfirmed")[0] == 0
    assert store.older("~") == {}
    store.close()


def test_of_a_week_that_has_more_than_the_desk_nothing_is_confirmed(tmp_path: Path) -> None:
    place = keeping(tmp_path, 4)
    store = Store.open(place.settings.database, place.settings.ledger)
    old(store, 5, 1, 2)
    assert store.confirm({week(5): 1}) == {}
    assert store.confirm({week(5): 2}) == {week(5): 2}
    # As after a clock was set back: one more comes into a week that was confirmed.
    old(store, 5, 3)
    assert store.unconfirmed("~") == {week(5): 3}
    assert store.confirm({week(5): 3}) == {week(5): 3}
    assert store.purge("~", unconfirmed=False) == {week(5): 3}
    # What turns up in a week that was purged is not covered by what was said of the week before.
    old(store, 5, 4)
    assert store.unconfirmed("~") == {week(5): 1}
    assert store.purge("~", unconfirmed=False) == {}
    store.close()
