"""Pulling and opening: whole after an interruption, each envelope once, and nothing odd ever fatal."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest

from offramp.desk import Desk, open_all, pull
from offramp.desk.archive import Archive
from offramp.desk.folder import Server
from offramp.desk.intake import Opened
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

    def pull(self) -> int:
        return pull(self.shelf.post, KEYS, self.inbox, SERVER).envelopes

    def open(self, keys: DeskKeys = KEYS, server: Server = SERVER) -> Opened:
        self.archive, opened = open_all(
            self.archive, self.inbox.envelopes(limit=9999), self.inbox.forgotten(), keys, server,
            {self.survey.slug: self.survey}, os.urandom,
        )  # fmt: skip
        return opened

    def put(self, *wanted: Envelope) -> None:
        self.inbox.keep(list(wanted))


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    survey = read(FULL)
    shelf = Shelf(KEYS, envelopes(survey, 1, 12, KEYS), totals=dict(TOTALS))
    inbox = Store.open(tmp_path / "inbox.sqlite")
    yield Room(survey, shelf, inbox, Archive())
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
    before = room.archive
    opened = room.open()
    assert (opened.new, opened.already) == (0, len(room.shelf.envelopes))
    assert room.archive == before


def test_responses_get_new_random_ids_and_keep_them(room: Room):
    room.pull()
    room.open()
    inside = {row.response for row in room.archive.rows.values()}
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
    assert (room.open().new, len(room.archive.rows)) == (1, len(room.shelf.envelopes))


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
    response = next(iter(room.archive.ids))
    keys = [key for key, row in room.archive.rows.items() if row.response == response]
    room.shelf.tombstones = list(keys)
    room.pull()
    assert room.open().withdrawn == len(keys)
    assert response not in room.archive.ids
    assert not room.archive.rows.keys() & set(keys)


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


# -- the archive and the folder -----------------------------------------------------------------------------


def test_an_archive_is_the_same_when_read_again(room: Room, tmp_path: Path):
    room.pull()
    room.put(sealed(b"{}"))
    room.open()
    desk = Desk(tmp_path / "desk")
    desk.keep(room.archive, KEYS)
    assert desk.archive(KEYS) == room.archive
    assert stat.S_IMODE((tmp_path / "desk" / "archive.sealed").stat().st_mode) == 0o600


def test_an_archive_shows_nothing_of_what_is_in_it(room: Room):
    room.pull()
    room.open()
    raw = room.archive.to_bytes(KEYS.archive_key())
    for planted in (
        b"likes_tea",
        b"invented words",
        room.survey.structure.encode(),
        next(iter(room.archive.rows)),
    ):
        assert planted not in raw
        assert planted.hex().encode() not in raw


@pytest.mark.parametrize("edit", [lambda raw: raw[: len(raw) // 2], lambda raw: b"", lambda raw: flipped(raw, 40),
                                  lambda raw: flipped(raw, 0), lambda raw: flipped(raw, len(raw) - 1)])  # fmt: skip
def test_an_edited_archive_is_refused_and_stays_as_it_is(room: Room, tmp_path: Path, edit: object):
    desk = Desk(tmp_path / "desk")
    desk.keep(room.archive, KEYS)
    path = tmp_path / "desk" / "archive.sealed"
    path.write_bytes(edit(path.read_bytes()))  # type: ignore[operator]
    edited = path.read_bytes()
    with pytest.raises(Refusal) as caught:
        desk.archive(KEYS)
    assert caught.value.codes == ("sealing.cannot_open",)
    assert path.read_bytes() == edited


def flipped(raw: bytes, place: int) -> bytes:
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


def test_a_write_that_fails_leaves_what_was_there_and_nothing_beside_it(room: Room, tmp_path: Path):
    in_the_way = tmp_path / "desk" / "archive.sealed" / "in the way"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_text("as it was")
    with pytest.raises(OSError, match="archive"):
        Desk(tmp_path / "desk").keep(room.archive, KEYS)
    assert in_the_way.read_text() == "as it was"
    assert [path.name for path in (tmp_path / "desk").iterdir()] == ["archive.sealed"]
