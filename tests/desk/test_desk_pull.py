"""A pull that breaks off goes on, and a server purges what the desk has said that it has; also on the real server."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from offramp.cli import desk as commands
from offramp.desk import Confirmed, Desk, confirm, pull, write_whole
from offramp.desk.folder import KEY, PULL, Reach
from offramp.errors import Refusal
from offramp.sealing import DeskKeys, PageKey, lock_private
from offramp.store import Envelope, Store
from tests.desk.shelf import Shelf
from tests.desk.studies import SERVICE as OF_THE_SHELF
from tests.web.installation import SERVICE, Installation

KEYS = DeskKeys(bytes(range(32)))
Post = Callable[[str, dict[str, Any]], tuple[int, dict[str, Any]]]


def envelope(number: int, week: str = "2026-W46") -> Envelope:
    # Keys as chance makes them: all over their space.
    return Envelope(
        PageKey(bytes([number * 37 % 256]) + bytes([number]) * 23), "tiny", week, bytes([number]) * 60
    )


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(KEYS, [envelope(number) for number in range(60)])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk")


@pytest.fixture
def inbox(desk: Desk) -> Iterator[Store]:
    inbox = desk.inbox()
    yield inbox
    inbox.release()


def pulled_by(
    desk: Desk, inbox: Store, post: Post, seen: list[float] | None = None, keys: DeskKeys = KEYS
) -> Any:
    return pull(post, keys, inbox, None, False,
                lambda _, share: seen.append(share) if seen is not None else None,
                desk.reach(), desk.reached)  # fmt: skip


def broken_off(desk: Desk, inbox: Store, shelf: Shelf, at: int) -> Reach:
    shelf.break_off = at
    with pytest.raises(ConnectionError):
        pulled_by(desk, inbox, shelf.post)
    reach = desk.reach()
    assert reach is not None
    return reach


# -- going on -----------------------------------------------------------------------------------------------


def test_a_pull_that_broke_off_goes_on_where_it_was(desk: Desk, inbox: Store, shelf: Shelf):
    reach = broken_off(desk, inbox, shelf, 6)
    assert len(inbox.envelopes()) == 5 * shelf.batch
    shelf.asked.clear()
    pulled = pulled_by(desk, inbox, shelf.post)
    # The first batch once more, as tombstones come with it, and then on from there.
    assert shelf.asked[:2] == ["", reach.after]
    assert len(shelf.asked) == 1 + (60 - 5 * shelf.batch + shelf.batch - 1) // shelf.batch
    assert pulled.went_on
    assert inbox.envelopes() == sorted(shelf.envelopes)
    assert desk.reach() == Reach(OF_THE_SHELF, "2026-W49")
    assert not pulled_by(desk, inbox, shelf.post).went_on


@pytest.mark.parametrize("at", range(1, 10))
def test_wherever_it_broke_off_all_of_it_comes(desk: Desk, inbox: Store, shelf: Shelf, at: int):
    with contextlib.suppress(AssertionError):
        broken_off(desk, inbox, shelf, at)
    # It breaks off once more, in the first batch after it went on.
    shelf.break_off = shelf.batches + 2
    with contextlib.suppress(ConnectionError):
        pulled_by(desk, inbox, shelf.post)
    pulled_by(desk, inbox, shelf.post)
    assert inbox.envelopes() == sorted(shelf.envelopes)


def test_it_says_how_far_it_is(desk: Desk, inbox: Store, shelf: Shelf):
    seen: list[float] = []
    pulled_by(desk, inbox, shelf.post, seen)
    assert seen == sorted(seen)
    assert len(seen) == 8
    assert 0 < seen[0] < 0.3
    assert 0.7 < seen[-1] < 1


def test_what_was_deleted_in_between_is_gone_though_its_batch_is_not_fetched_again(
    desk: Desk, inbox: Store, shelf: Shelf
):
    broken_off(desk, inbox, shelf, 6)
    gone = inbox.envelopes()[20]
    shelf.envelopes.remove(gone)
    shelf.tombstones.append(gone.key)
    pulled_by(desk, inbox, shelf.post)
    assert inbox.envelopes() == sorted(shelf.envelopes)


def test_a_week_that_closed_in_between_waits_for_the_next_pull(desk: Desk, inbox: Store, shelf: Shelf):
    young = [envelope(number, "2026-W49") for number in range(60, 90)]
    shelf.envelopes += young
    broken_off(desk, inbox, shelf, 6)
    shelf.closed = "2026-W50"
    pulled = pulled_by(desk, inbox, shelf.post)
    assert pulled.closed == "2026-W49"
    assert not set(young) & set(inbox.envelopes())
    assert pulled_by(desk, inbox, shelf.post).closed == "2026-W50"
    assert inbox.envelopes() == sorted(shelf.envelopes)


def test_what_another_server_broke_off_is_not_gone_on_with(desk: Desk, inbox: Store, shelf: Shelf):
    desk.reached(Reach("another-service", "2026-W48", "2026-W49", "ff" * 24))
    pulled = pulled_by(desk, inbox, shelf.post)
    assert not pulled.went_on
    assert inbox.envelopes() == sorted(shelf.envelopes)


@pytest.mark.parametrize(
    "note", ["", "{}", "[]", '{"service": "a", "whole": "", "closed": "", "after": "xy"}']
)
def test_a_damaged_note_costs_a_pull_from_the_beginning(desk: Desk, inbox: Store, shelf: Shelf, note: str):
    (desk.path / PULL).write_text(note)
    assert desk.reach() is None
    pulled_by(desk, inbox, shelf.post)
    assert inbox.envelopes() == sorted(shelf.envelopes)
    assert desk.reach() is not None


@pytest.mark.parametrize("closed", ["2026-W99", "2026-11-24", "soon"])
def test_a_week_that_is_none_is_refused(desk: Desk, inbox: Store, shelf: Shelf, closed: str):
    shelf.closed = closed
    with pytest.raises(Refusal) as caught:
        pulled_by(desk, inbox, shelf.post)
    assert caught.value.codes == ("pull.protocol",)


# -- the real server ----------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path) -> Installation:
    place = Installation(tmp_path / "server")
    place.clock.moment = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
    keys = [PageKey((31 * number).to_bytes(2, "big") * 12) for number in range(1, 1001)]
    weeks = ("2026-W40", "2026-W45") * 500
    kept(place, [Envelope(key, "help-us", week, b"sealed") for key, week in zip(keys, weeks, strict=True)])
    return place


def kept(place: Installation, envelopes: list[Envelope]) -> None:
    with server_store(place) as store:
        store.keep(envelopes)


@contextlib.contextmanager
def server_store(place: Installation) -> Iterator[Store]:
    store = Store.open(place.settings.database, place.settings.ledger)
    try:
        yield store
    finally:
        store.release()


def line(client: TestClient, breaks: int = -1) -> Post:
    """Return how to ask a real server; the line breaks at so many requests."""
    count = iter(range(10**6))

    def post(path: str, question: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if next(count) == breaks:
            raise ConnectionError
        reply = client.post(path, json=question)
        return reply.status_code, reply.json()

    return post


def test_the_server_purges_what_a_whole_pull_confirmed_and_nothing_before(
    desk: Desk, inbox: Store, place: Installation
):
    with place.running() as client, server_store(place) as store:
        with pytest.raises(ConnectionError):
            pulled_by(desk, inbox, line(client, 3), keys=place.keys)
        assert len(inbox.envelopes(limit=9999)) == 800
        assert store.purge("2026-W46", unconfirmed=False) == {}
        pulled = pulled_by(desk, inbox, line(client), keys=place.keys)
        assert pulled.went_on
        assert len(inbox.envelopes(limit=9999)) == 1000
        assert store.purge("2026-W46", unconfirmed=False) == {}
        desk.make_safe()
        told = confirm(line(client), place.keys, inbox, pulled)
        assert told == Confirmed(("2026-W40", "2026-W45"), (), ())
        assert store.purge("2026-W45", unconfirmed=False) == {"2026-W40": 500}
        # What is purged there is confirmed no more, and stays here.
        assert confirm(line(client), place.keys, inbox, pulled).weeks == ("2026-W45",)
        assert len(inbox.envelopes(limit=9999)) == 1000


def test_a_week_of_which_the_desk_has_lost_some_is_not_confirmed(
    desk: Desk, inbox: Store, place: Installation
):
    with place.running() as client:
        pulled = pulled_by(desk, inbox, line(client), keys=place.keys)
        inbox.forget([next(e.key for e in inbox.envelopes() if e.week == "2026-W45")])
        told = confirm(line(client), place.keys, inbox, pulled)
        assert (told.weeks, told.short, told.since) == (("2026-W40",), ("2026-W45",), ())
        place.clock.moment = datetime(2026, 12, 8, 0, 0, tzinfo=UTC)
        kept(place, [Envelope(PageKey(b"n" * 24), "help-us", "2026-W49", b"sealed")])
        told = confirm(line(client), place.keys, inbox, pulled)
        assert (told.short, told.since) == (("2026-W45",), ("2026-W49",))


def test_the_command_pulls_confirms_and_says_so(
    desk: Desk, place: Installation, monkeypatch: pytest.MonkeyPatch
):
    write_whole(desk.path / KEY, lock_private(place.keys, ""))
    arguments = ["pull", "--desk", str(desk.path), "--url", "http://127.0.0.1"]
    with place.running() as client, server_store(place) as store:

        def pulls(*more: str, breaks: int = -1) -> Result:
            post = contextlib.nullcontext(line(client, breaks))
            monkeypatch.setattr(commands, "_post", lambda url: post)
            return CliRunner().invoke(commands.app, [*arguments, *more])

        assert isinstance(pulls(breaks=3).exception, ConnectionError)
        brought = f"600 envelopes and 0 tombstones from “{SERVICE}”, going on where the last pull broke off."
        assert said(pulls("--no-confirmed")) == [brought]
        assert store.unconfirmed("~") == {"2026-W40": 500, "2026-W45": 500}
        weeks = "2 weeks from 2026-W40 to 2026-W45"
        told = f"The server knows that all of {weeks} is safe here, and may purge it in its time."
        # What is here already is not fetched again, but for the asking.
        assert said(pulls()) == [f"0 envelopes and 0 tombstones from “{SERVICE}”.", told]
        assert store.unconfirmed("~") == {}
        assert said(pulls("--everything")) == [f"1,000 envelopes and 0 tombstones from “{SERVICE}”.", told]


def test_what_the_desk_has_lost_is_fetched_again(
    desk: Desk, place: Installation, monkeypatch: pytest.MonkeyPatch
):
    write_whole(desk.path / KEY, lock_private(place.keys, ""))
    arguments = ["pull", "--desk", str(desk.path), "--url", "http://127.0.0.1"]
    with place.running() as client, server_store(place) as store:
        monkeypatch.setattr(commands, "_post", lambda url: contextlib.nullcontext(line(client)))
        said(CliRunner().invoke(commands.app, [*arguments, "--no-confirmed"]))
        inbox = desk.inbox()
        inbox.purge("2026-W41")
        *_, short = said(CliRunner().invoke(commands.app, arguments))
        assert short == "Of 2026-W40 the server has more than there is here, and keeps it: please pull again."
        assert store.unconfirmed("~") == {"2026-W40": 500}
        brought, _ = said(CliRunner().invoke(commands.app, arguments))
        assert brought.startswith("1,000 envelopes")
        assert store.unconfirmed("~") == {}
        inbox.release()
        # Where all of the inbox is gone, what had been pulled says nothing.
        for path in desk.path.glob("inbox.sqlite*"):
            path.unlink()
        assert said(CliRunner().invoke(commands.app, arguments))[0].startswith("1,000 envelopes")


def said(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()
