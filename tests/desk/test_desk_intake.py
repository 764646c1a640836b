"""Pulling and opening: whole after an interruption, each envelope once, and nothing odd ever fatal."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.desk import Desk, alone, open_all, pull, reader, shared, write_whole
from offramp.desk.archive import Archive, Row
from offramp.desk.fingerprints import Fingerprints
from offramp.desk.folder import Server
from offramp.desk.opening import Opened
from offramp.desk.unsealing import Found, Portion
from offramp.errors import Refusal
from offramp.sealing import Binding, DeskKeys, PageKey, seal
from offramp.store import Envelope, Store, Tally
from offramp.survey import Survey, join, read_body
from tests.desk.shelf import Change, Shelf, spoilt
from tests.desk.studies import SERVICE, envelopes, pages
from tests.questionnaires import FULL, HEAD, PAGE, read

KEYS, OTHERS = DeskKeys(bytes(range(32))), DeskKeys(bytes(32))
EARLIER = FULL.replace("version = 1", "version = 0")
SERVER = Server(SERVICE, True)
TOTALS = {Tally("agreed", "tiny", "en", "2026-W46"): 12}


@dataclass
class Room:
    """A desk's inbox and archive, and the server's shelf."""

    survey: Survey
    shelf: Shelf
    inbox: Store
    archive: Archive
    folder: Path

    def pull(self) -> int:
        return pull(self.shelf.post, KEYS, self.inbox, SERVER).envelopes

    def open(self, keys: DeskKeys = KEYS, server: Server = SERVER) -> Opened:
        opener = alone(reader(keys, server, {self.survey.slug: self.survey}))
        return open_all(self.archive, self.inbox, opener)

    def rows(self) -> dict[PageKey, Row]:
        """Return all rows; no key may lie in two of them."""
        rows = list(self.archive.rows())
        assert len({row.key for row in rows}) == len(rows)
        return {row.key: row for row in rows}

    def put(self, *wanted: Envelope) -> None:
        self.inbox.keep(list(wanted))


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    survey = read(FULL)
    shelf = Shelf(KEYS, envelopes(survey, 1, 12, KEYS), totals=dict(TOTALS))
    inbox = Store.open(tmp_path / "inbox.sqlite")
    yield Room(survey, shelf, inbox, Archive.at(tmp_path / "archive", b"a" * 32),
               tmp_path / "archive")  # fmt: skip
    inbox.close()


def sealed(body: bytes, survey: str = "tiny", keys: DeskKeys = KEYS, key: bytes = b"k" * 24) -> Envelope:
    binding = Binding(SERVICE, f"survey/{survey}")
    return Envelope(PageKey(key), survey, "2026-W46", seal(body, 4096, [keys.recipient], binding))


def a_page(room: Room) -> bytes:
    return next(body for _, body in pages(room.survey, Random(5), 1))


# -- pulling ------------------------------------------------------------------------------------------------


def test_a_pull_brings_every_envelope_and_the_totals(room: Room):
    assert room.pull() == len(room.shelf.envelopes) > room.shelf.batch
    assert sorted(room.inbox.envelopes()) == sorted(room.shelf.envelopes)
    assert room.inbox.totals() == TOTALS


def test_a_pull_that_breaks_off_is_made_whole_by_another(room: Room):
    room.shelf.break_off = 3
    with pytest.raises(ConnectionError):
        room.pull()
    assert 0 < len(room.inbox.envelopes()) < len(room.shelf.envelopes)
    assert room.pull() == len(room.shelf.envelopes)
    assert sorted(room.inbox.envelopes()) == sorted(room.shelf.envelopes)


def test_a_pull_that_outlives_its_challenge_signs_another(room: Room):
    room.shelf.good_for = 2
    assert room.pull() == len(room.shelf.envelopes)
    assert room.shelf.batches > 3


def test_a_page_that_was_sent_again_since_takes_the_place_of_the_older_one(room: Room):
    room.pull()
    key = room.shelf.envelopes[0].key
    room.shelf.envelopes[0] = sealed(a_page(room), key=key)
    room.pull()
    assert room.inbox.envelopes(limit=9999).count(room.shelf.envelopes[0]) == 1
    assert len(room.inbox.envelopes()) == len(room.shelf.envelopes)


def test_a_tombstone_removes_what_was_pulled_and_keeps_it_away(room: Room):
    room.pull()
    gone = room.shelf.envelopes[3]
    room.shelf.tombstones = [gone.key]
    # The envelope is still on the shelf, as after a backup was restored there.
    assert room.pull() == len(room.shelf.envelopes) - 1
    assert gone.key not in {envelope.key for envelope in room.inbox.envelopes()}


def test_a_desk_with_another_key_is_refused_in_the_servers_words(room: Room):
    with pytest.raises(Refusal) as caught:
        pull(room.shelf.post, OTHERS, room.inbox, None)
    assert caught.value.codes == ("pull.signature",)
    assert room.inbox.envelopes() == []


def test_a_desk_belongs_to_one_server(room: Room):
    room.shelf.service = "another-service"
    with pytest.raises(Refusal) as caught:
        room.pull()
    assert caught.value.codes == ("pull.other_server",)


@pytest.mark.parametrize(
    "change",
    [
        lambda answer: answer.pop("envelopes"),
        lambda answer: answer.update(next="zz"),
        lambda answer: answer.update(next="00" * 24, envelopes=[]) or answer.update(next=answer["next"]),
        lambda answer: answer["envelopes"][0].update(key="00"),
        lambda answer: answer["envelopes"][0].update(body="%%%"),
        lambda answer: answer["envelopes"][0].update(week="2026-W99"),
        lambda answer: answer["envelopes"][0].update(survey=""),
        lambda answer: answer.update(totals=[{"name": "agreed"}]),
        lambda answer: answer.update(totals=[{**next(iter(TOTALS))._asdict(), "period": "soon", "n": 1}]),
    ],
)
def test_an_answer_that_makes_no_sense_is_refused(room: Room, change: Change):
    with pytest.raises(Refusal) as caught:
        pull(spoilt(room.shelf, change), KEYS, room.inbox, SERVER)
    assert caught.value.codes == ("pull.protocol",)


def test_an_error_page_of_something_else_is_refused(room: Room):
    with pytest.raises(Refusal) as caught:
        pull(lambda path, question: (502, {}), KEYS, room.inbox, SERVER)
    assert caught.value.codes == ("pull.protocol",)


# -- opening ------------------------------------------------------------------------------------------------


def test_what_was_sealed_is_opened_and_joined_again(room: Room):
    room.pull()
    opened = room.open()
    assert (opened.new, opened.already, opened.aside, opened.withdrawn) == (
        len(room.shelf.envelopes),
        0,
        {},
        0,
    )
    sent = join(room.survey, [read_body(body) for _, body in pages(room.survey, Random(1), 12)])
    found = join(room.survey, room.archive.bodies("tiny"))
    assert sorted(str(r.codes) for r in found) == sorted(str(r.codes) for r in sent)
    assert sorted(str(r.words) for r in found) == sorted(str(r.words) for r in sent)


def test_a_second_opening_opens_nothing(room: Room):
    room.pull()
    room.open()
    before = files(room)
    opened = room.open()
    assert (opened.new, opened.already) == (0, len(room.shelf.envelopes))
    assert files(room) == before


def test_responses_get_new_random_ids_and_keep_them(room: Room):
    room.pull()
    room.open()
    inside = {row.response for row in room.rows().values()}
    ids = {body.context.response for body in room.archive.bodies("tiny")}
    assert len(ids) == len(inside) == 12
    assert not ids & inside
    room.put(sealed(a_page(room)))
    room.open()
    assert ids < {body.context.response for body in room.archive.bodies("tiny")}


def test_a_page_that_changed_is_opened_again_and_only_that(room: Room):
    room.pull()
    room.open()
    (key, body), *_ = pages(room.survey, Random(1), 1)
    room.put(sealed(body, key=key))
    assert (room.open().new, len(room.rows())) == (1, len(room.shelf.envelopes))


def test_whatever_cannot_be_taken_is_set_aside_with_its_reason(room: Room):
    page = a_page(room)
    other_survey = read(HEAD.replace("tiny", "other") + PAGE)
    odd = [
        sealed(page, keys=OTHERS),
        sealed(page, survey="unknown"),
        sealed(b"{}"),
        sealed(b"[1]"),
        sealed(page.replace(b'"2026-W', b'"2026-X')),
        sealed(page.replace(b'"likes_tea":', b'"likes_tee":')),
        sealed(page.replace(b'"likes_tea":"', b'"likes_tea":"un')),
        sealed(next(body for _, body in pages(other_survey, Random(1), 1))),
        replace_body(sealed(page), lambda body: body[:-1] + bytes([body[-1] ^ 1])),
        replace_body(sealed(page), lambda body: body[:200]),
        replace_body(sealed(page), lambda body: b"OFRE\x02" + body[5:]),
    ]
    room.put(*(envelope._replace(key=PageKey(bytes([n]) * 24)) for n, envelope in enumerate(odd)))
    room.put(*room.shelf.envelopes)
    opened = room.open()
    assert opened.new == len(room.shelf.envelopes)
    assert opened.aside == {
        "intake.other_survey": 3, "intake.unknown_survey": 1, "intake.unknown_version": 1, "intake.unreadable": 2,
        "sealing.cannot_open": 1, "sealing.foreign": 1, "sealing.truncated": 1, "sealing.version": 1,
    }  # fmt: skip
    again = room.open()
    assert (again.new, again.already) == (0, len(room.shelf.envelopes) + len(odd) - 7)


def replace_body(envelope: Envelope, change: object) -> Envelope:
    return envelope._replace(body=change(envelope.body))  # type: ignore[operator]


def test_an_envelope_of_another_service_is_not_opened(room: Room):
    room.pull()
    opened = room.open(server=replace(SERVER, service="another-service"))
    assert opened.aside == {"sealing.cannot_open": len(room.shelf.envelopes)}


def test_a_copy_of_a_page_under_another_key_cannot_outlive_its_deletion(room: Room):
    original = sealed(a_page(room), key=b"a" * 24)
    room.put(original)
    room.open()
    room.put(sealed(a_page(room), key=b"b" * 24))
    assert room.open().aside == {"intake.copy": 1}
    room.inbox.forget([original.key])
    assert room.open().withdrawn == 1
    assert list(room.archive.bodies("tiny")) == []


def test_a_tombstone_is_honoured_in_the_archive_too(room: Room):
    room.pull()
    room.open()
    response = next(iter(room.rows().values())).response
    keys = [key for key, row in room.rows().items() if row.response == response]
    room.shelf.tombstones = list(keys)
    room.pull()
    assert room.open().withdrawn == len(keys)
    assert response not in {row.response for row in room.rows().values()}
    assert not room.rows().keys() & set(keys)


def test_pages_of_a_version_that_is_not_here_wait_until_it_is(room: Room):
    earlier = read(EARLIER)
    body = a_page(room).replace(room.survey.structure.encode(), earlier.structure.encode())
    room.put(sealed(body))
    assert room.open().aside == {"intake.unknown_version": 1}
    room.survey = replace(room.survey, earlier=(earlier,))
    again = room.open()
    assert (again.new, again.aside) == (1, {})


def test_a_page_has_to_fit_the_version_that_it_names(room: Room):
    earlier = read(EARLIER)
    room.survey = replace(room.survey, earlier=(earlier,))
    body = a_page(room).replace(room.survey.structure.encode(), earlier.structure.encode())
    room.put(sealed(body.replace(b'"likes_tea"', b'"liked_tea"')))
    assert room.open().aside == {"intake.other_survey": 1}


# -- opening again, and in parts ----------------------------------------------------------------------------


def files(room: Room) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in room.folder.iterdir()}


def test_pages_that_come_later_are_put_behind_and_no_block_is_touched(room: Room):
    later = room.shelf.envelopes[::3]
    room.put(*(each for each in room.shelf.envelopes if each not in later))
    room.open()
    before = files(room)
    room.put(*later)
    assert room.open().new == len(later)
    assert files(room).items() > before.items()
    assert room.rows().keys() == {envelope.key for envelope in room.shelf.envelopes}
    assert room.open().new == 0


def test_only_the_block_of_a_withdrawn_page_is_written_anew(room: Room, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("offramp.desk.opening.BLOCK_ROWS", 5)
    room.pull()
    room.open()
    before = files(room)
    assert len(before) > 5
    gone = min(room.rows())
    room.shelf.tombstones = [gone]
    room.pull()
    assert room.open().withdrawn == 1
    after = files(room)
    assert {name for name in before if before[name] != after[name]} == {"000001.block"}
    assert gone not in room.rows()
    assert len(room.rows()) == len(room.shelf.envelopes) - 1


def broken_off(room: Room, after: int) -> None:
    """Open, and be interrupted after so many portions."""
    opener = alone(reader(KEYS, SERVER, {"tiny": room.survey}))

    def breaking(inbox: Store, portions: Iterator[Portion]) -> Iterator[Found]:
        yield from islice(opener(inbox, portions), after)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_all(room.archive, room.inbox, breaking)


def test_an_opening_that_was_broken_off_is_made_whole_by_the_next(
    room: Room, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("offramp.desk.opening.BLOCK_ROWS", 5)
    monkeypatch.setattr("offramp.desk.opening.PORTION", 3)
    room.pull()
    there = 0
    for after in range(2, 12, 3):
        broken_off(room, after)
        assert len(room.rows()) >= there
        there = len(room.rows())
    assert 0 < there < len(room.shelf.envelopes)
    opened = room.open()
    assert opened.already == there
    assert opened.new == len(room.shelf.envelopes) - there
    assert len(room.rows()) == len(room.shelf.envelopes)


def test_pages_sent_again_are_replaced_however_often_an_opening_breaks_off(
    room: Room, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("offramp.desk.opening.BLOCK_ROWS", 4)
    monkeypatch.setattr("offramp.desk.opening.PORTION", 3)
    room.pull()
    room.open()
    room.put(*envelopes(room.survey, 1, 12, KEYS))
    broken_off(room, 6)
    opened = room.open()
    assert opened.new > 0
    assert (opened.aside, opened.withdrawn) == ({}, 0)
    assert room.open().new == 0
    assert len(room.rows()) == len(room.shelf.envelopes)


def test_several_processes_open_what_one_does(room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("offramp.desk.opening.PORTION", 5)
    room.put(*room.shelf.envelopes, sealed(b"{}"), sealed(a_page(room), keys=OTHERS, key=b"j" * 24))
    opened = room.open()
    # From the beginning, and once one process has seen that it is more than a few.
    for few in (0, 12):
        opener = shared(reader(KEYS, SERVER, {"tiny": room.survey}), 2, few)
        other = Archive.at(tmp_path / str(few), b"a" * 32)
        assert open_all(other, room.inbox, opener) == opened
        assert list(other.rows()) == list(room.rows().values())


@pytest.mark.parametrize("most", [1, 2, 7])
def test_a_portion_with_too_much_in_it_comes_bit_by_bit(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
):
    room.pull()
    room.put(sealed(b"{}"))
    monkeypatch.setattr("offramp.desk.unsealing.MOST_AT_ONCE", most)
    # All of the space of keys in one portion, as where a server gives keys that are no chance.
    opened = room.open()
    assert (opened.new, opened.aside) == (len(room.shelf.envelopes), {"intake.unreadable": 1})
    assert list(room.rows()) == sorted(room.rows())
    assert room.open().already == len(room.shelf.envelopes)


def test_the_opening_says_how_far_it_is(room: Room, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("offramp.desk.opening.PORTION", 5)
    room.pull()
    seen: list[tuple[int, float]] = []
    open_all(room.archive, room.inbox, alone(reader(KEYS, SERVER, {"tiny": room.survey})),
             lambda n, share: seen.append((n, share)))  # fmt: skip
    assert seen == sorted(seen)
    assert seen[-1][0] == len(room.shelf.envelopes)
    assert seen[0][1] < 0.2 < 0.99 < seen[-1][1] < 1


def test_a_draw_that_is_none_is_set_aside(room: Room):
    room.put(sealed(re.sub(rb'"draw":"[0-9a-f]+"', b'"draw":"zz"', a_page(room))))
    assert room.open().aside == {"intake.other_survey": 1}


@given(st.lists(st.integers(1, 2**64 - 1) | st.integers(1, 50), max_size=200))
def test_fingerprints_find_what_was_added_and_nothing_else(numbers: list[int]):
    found = Fingerprints(bits=3)
    for number in numbers[::2]:
        found.add(number)
    there = set(numbers[::2])
    assert len(found) == len(there)
    assert all((number in found) == (number in there) for number in numbers)


# -- the archive and the folder -----------------------------------------------------------------------------


def test_an_archive_is_the_same_when_read_again(room: Room):
    room.pull()
    room.put(sealed(b"{}"))
    room.open()
    again = Archive.at(room.folder, b"a" * 32)
    assert [again.block(n) for n in again.numbers()] == [
        room.archive.block(n) for n in room.archive.numbers()
    ]
    assert list(again.bodies("tiny")) == list(room.archive.bodies("tiny"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in room.folder.iterdir()} == {0o600}


def test_an_archive_shows_nothing_of_what_is_in_it(room: Room):
    room.pull()
    room.open()
    raw = b"".join(files(room).values())
    for planted in (b"likes_tea", b"invented words", room.survey.structure.encode(), next(iter(room.rows()))):
        assert planted not in raw
        assert planted.hex().encode() not in raw


@pytest.mark.parametrize("name", ["head.sealed", "000001.block"])
@pytest.mark.parametrize("edit", [lambda raw: raw[: len(raw) // 2], lambda raw: b"", lambda raw: flipped(raw, 40),
                                  lambda raw: flipped(raw, 0), lambda raw: flipped(raw, len(raw) - 1)])  # fmt: skip
def test_an_edited_archive_is_refused_and_stays_as_it_is(room: Room, name: str, edit: object):
    room.pull()
    room.open()
    path = room.folder / name
    path.write_bytes(edit(path.read_bytes()))  # type: ignore[operator]
    edited = files(room)
    with pytest.raises(Refusal, match=name) as caught:
        list(Archive.at(room.folder, b"a" * 32).rows())
    assert caught.value.codes == ("sealing.cannot_open",)
    with pytest.raises(Refusal):
        open_all(Archive.at(room.folder, b"a" * 32), room.inbox, alone(reader(KEYS, SERVER, {})))
    assert files(room) == edited


def flipped(raw: bytes, place: int) -> bytes:
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


def test_a_block_in_the_place_of_another_is_refused_and_a_missing_one_is_opened_anew(
    room: Room, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("offramp.desk.opening.BLOCK_ROWS", 9)
    room.pull()
    room.open()
    before = room.rows()
    first, second = room.folder / "000001.block", room.folder / "000002.block"
    whole = second.read_bytes()
    second.write_bytes(first.read_bytes())
    with pytest.raises(Refusal) as caught:
        room.rows()
    assert caught.value.codes == ("sealing.cannot_open",)
    second.unlink()
    with pytest.raises(Refusal, match="000002") as caught:
        room.rows()
    assert caught.value.codes == ("archive.gap",)
    assert room.open().new == 9
    assert room.rows() == before
    assert second.read_bytes() != whole


def test_an_archive_of_an_earlier_version_waits_for_an_opening(tmp_path: Path):
    desk = Desk(tmp_path)
    (tmp_path / "archive.sealed").write_bytes(b"as it was")
    with pytest.raises(Refusal, match="desk open") as caught:
        desk.archive(KEYS)
    assert caught.value.codes == ("archive.old",)
    desk.remove_old_archive()
    assert list(desk.archive(KEYS).rows()) == []


def test_a_write_that_fails_leaves_what_was_there_and_nothing_beside_it(tmp_path: Path):
    in_the_way = tmp_path / "report.html" / "in the way"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_text("as it was")
    with pytest.raises(OSError, match="report"):
        write_whole(tmp_path / "report.html", b"new")
    assert in_the_way.read_text() == "as it was"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
