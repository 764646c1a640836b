"""A parcel carries what was pulled to a machine that is never online, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from offramp.cli.desk import app
from offramp.desk import Desk, take_parcel, write_parcel
from offramp.desk.folder import Server
from offramp.errors import Refusal
from offramp.sealing import DeskKeys
from offramp.store import Store, Tally
from tests.desk.studies import SERVICE, TINY, envelopes, written
from tests.questionnaires import read

SERVER = Server(SERVICE, True)
TOTALS = {Tally("agreed", "tiny", "en", "2026-W46"): 12}


@pytest.fixture
def online(tmp_path: Path) -> Iterator[Store]:
    inbox = Store.open(tmp_path / "online.sqlite")
    inbox.keep(sorted(envelopes(read(TINY), 1, 300, DeskKeys(bytes(32)))))
    inbox.forget([inbox.envelopes(limit=1)[0].key, b"t" * 24])  # type: ignore[list-item]
    inbox.replace_totals(TOTALS)
    yield inbox
    inbox.release()


@pytest.fixture
def offline(tmp_path: Path) -> Iterator[Store]:
    inbox = Store.open(tmp_path / "offline.sqlite")
    yield inbox
    inbox.release()


def everything(inbox: Store) -> tuple[object, ...]:
    return inbox.envelopes(limit=9999), sorted(inbox.forgotten()), inbox.totals()


def test_a_parcel_brings_all_that_was_pulled(tmp_path: Path, online: Store, offline: Store):
    path = tmp_path / "parcel"
    n = write_parcel(path, SERVER, online)
    assert n == len(online.envelopes(limit=9999)) > 400
    taken = take_parcel(path, offline, None)
    assert (taken.server, taken.envelopes, taken.tombstones) == (SERVER, n, 2)
    assert everything(offline) == everything(online)
    take_parcel(path, offline, SERVER)
    assert everything(offline) == everything(online)


def test_what_was_withdrawn_at_either_place_stays_away(tmp_path: Path, online: Store, offline: Store):
    gone = online.envelopes(limit=2)[1].key
    offline.forget([gone])
    path = tmp_path / "parcel"
    n = write_parcel(path, SERVER, online)
    assert take_parcel(path, offline, None).envelopes == n - 1
    assert gone not in {envelope.key for envelope in offline.envelopes(limit=9999)}


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda raw: raw[: len(raw) // 2], "parcel.damaged"),
        (lambda raw: raw[: raw.rindex(b"\n", 0, -1) + 1], "parcel.damaged"),
        (lambda raw: raw.replace(b"2026-W46", b"2026-W47", 1), "parcel.damaged"),
        (lambda raw: b"", "parcel.damaged"),
        (lambda raw: b"[]\n" + raw, "parcel.damaged"),
        (lambda raw: b"\x00" * 100, "parcel.damaged"),
    ],
)
def test_a_parcel_that_is_not_whole_is_refused_and_nothing_of_it_taken(
    tmp_path: Path, online: Store, offline: Store, edit: Callable[[bytes], bytes], code: str
):
    path = tmp_path / "parcel"
    write_parcel(path, SERVER, online)
    path.write_bytes(edit(path.read_bytes()))
    with pytest.raises(Refusal) as caught:
        take_parcel(path, offline, None)
    assert caught.value.codes == (code,)
    assert everything(offline) == ([], [], {})


def test_a_parcel_of_another_server_or_none_is_refused(tmp_path: Path, online: Store, offline: Store):
    write_parcel(tmp_path / "parcel", SERVER, online)
    for path, code in ((tmp_path / "parcel", "pull.other_server"), (tmp_path / "none", "parcel.unreadable")):
        with pytest.raises(Refusal) as caught:
            take_parcel(path, offline, Server("another-service", True))
        assert caught.value.codes == (code,)


def test_the_command_opens_what_a_parcel_brings(tmp_path: Path, online: Store):
    content, path = written(tmp_path), tmp_path / "parcel"
    desk = Desk(tmp_path / "desk")
    keys = desk.make_keys("")
    online.keep(sorted(envelopes(read(TINY), 2, 20, keys)))
    write_parcel(path, SERVER, online)
    arguments = ["open", str(path), "--desk", str(desk.path), "--content", str(content)]
    first, second = (CliRunner().invoke(app, arguments) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0), first.output
    assert desk.server() == SERVER
    opened = len(list(desk.archive(keys).rows()))
    assert f"{opened:,} opened" in first.output
    assert "\n0 opened" in second.output
    assert opened > 20
