"""Wrong keys, half files, other versions, edited archives, a study of three: said clearly, and nothing is published."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from offramp.cli.desk import app
from offramp.desk import Desk, open_all, reader, shared, write_parcel
from offramp.desk.folder import ARCHIVE, INBOX, KEY, Server
from offramp.errors import Refusal
from offramp.sealing import DeskKeys, seal_file
from offramp.survey import read_surveys
from tests.desk.studies import FINDINGS, SERVICE, TINY, envelopes, written

# The same is asked of each part by itself in make test; here it is asked of the commands.
pytestmark = pytest.mark.full
EARLIER = b"what was published before"


class Study:
    """A desk that has pulled and opened what so many responded; a report of before lies where the next would go."""

    def __init__(self, folder: Path, responses: int, opened: bool = True) -> None:
        self.home, self.output = Desk(folder / "desk"), folder / "out" / "report.html"
        self.content = written(folder, TINY, findings=FINDINGS)
        self.keys = self.home.make_keys("")
        self.take_in(responses)
        self.home.remember(Server(SERVICE, True))
        self.output.parent.mkdir()
        self.output.write_bytes(EARLIER)
        if opened:
            assert self.run("open").exit_code == 0

    def take_in(self, responses: int, seed: int = 1) -> None:
        inbox = self.home.inbox()
        inbox.keep(envelopes(read_surveys(self.content)["tiny"], seed, responses, self.keys))
        inbox.release()

    def run(self, command: str, *more: str) -> Result:
        content = () if command == "marked" else ("--content", str(self.content))
        return CliRunner().invoke(app, [command, *more, "--desk", str(self.home.path), *content])

    def report(self) -> Result:
        return self.run("report", "-o", str(self.output))

    def files(self) -> dict[str, bytes]:
        """Return what lies in the archive, and the report of before."""
        kept = {
            str(path): path.read_bytes() for path in (self.home.path / ARCHIVE).rglob("*") if path.is_file()
        }
        return {
            **kept,
            "report": self.output.read_bytes(),
            "there": repr(sorted(self.output.parent.iterdir())).encode(),
        }

    def refuses(self, code: str, *commands: str) -> None:
        """Each command refuses for this reason, without a word of Python, and leaves everything as it was."""
        before = self.files()
        for command in commands:
            result = self.report() if command == "report" else self.run(command)
            assert isinstance(result.exception, Refusal), (command, result.output, result.exception)
            assert result.exception.codes == (code,), command
            assert "Please" in str(result.exception)
            assert self.files() == before, command


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("damage")
    Study(folder, 105)
    return folder


@pytest.fixture
def study(tmp_path: Path, pristine: Path) -> Study:
    for name in ("desk", "out", "content"):
        shutil.copytree(pristine / name, tmp_path / name)
    study = Study.__new__(Study)
    study.home, study.output = Desk(tmp_path / "desk"), tmp_path / "out" / "report.html"
    study.content = tmp_path / "content"
    study.keys = study.home.unlock("")
    return study


def test_the_study_can_be_reported_before_anything_is_spoilt(study: Study):
    assert study.report().exit_code == 0
    assert b"Do you like tea?" in study.output.read_bytes()


def test_with_the_key_of_another_desk_nothing_opens(study: Study, tmp_path: Path):
    other = Desk(tmp_path / "other")
    other.make_keys("")
    shutil.copy(other.path / KEY, study.home.path / KEY)
    study.refuses("sealing.cannot_open", "open", "report", "marked")


@pytest.mark.parametrize("part", [0.3, 0.5, 0.9])
def test_of_half_an_inbox_nothing_is_opened(study: Study, part: float):
    study.take_in(40, seed=2)
    inbox = study.home.path / INBOX
    with closing(sqlite3.connect(inbox)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = inbox.read_bytes()
    inbox.write_bytes(raw[: int(len(raw) * part)])
    study.refuses("store.unreadable", "open")


def test_of_an_inbox_with_a_hole_in_it_it_is_said(study: Study):
    study.take_in(40, seed=2)
    inbox = study.home.path / INBOX
    with closing(sqlite3.connect(inbox)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = inbox.read_bytes()
    middle = len(raw) // 2
    inbox.write_bytes(raw[:middle] + bytes(65536) + raw[middle + 65536 :])
    study.refuses("store.unreadable", "open")
    # And where the hole is met by another process.
    keys, survey = study.keys, read_surveys(study.content)["tiny"]
    store = study.home.inbox()
    opener = shared(reader(keys, Server(SERVICE, True), {"tiny": survey}), 2, few=0)
    with pytest.raises(Refusal, match="malformed") as caught:
        open_all(study.home.archive(keys), store, opener)
    assert caught.value.codes == ("store.unreadable",)
    store.release()


def test_an_inbox_of_a_later_version_is_refused(study: Study):
    with closing(sqlite3.connect(study.home.path / INBOX)) as database:
        database.execute("UPDATE revision SET version_num = '9999'")
        database.commit()
    study.refuses("store.newer", "open", "report")


def _head_of_version_9(study: Study) -> None:
    plain = json.dumps({"v": 9, "ids": "00" * 32, "places": "00" * 32}).encode()
    head = study.home.path / ARCHIVE / "head.sealed"
    head.write_bytes(seal_file(plain, study.keys.archive_key(), "desk-archive"))


def test_an_archive_of_another_version_is_refused(study: Study):
    _head_of_version_9(study)
    study.refuses("archive.version", "open", "report", "marked")


@pytest.mark.parametrize("name", ["head.sealed", "000001.block"])
@pytest.mark.parametrize(
    "edit",
    [lambda raw: raw[: len(raw) // 2], lambda raw: b"", lambda raw: raw[:-1] + bytes([raw[-1] ^ 1])],
)
def test_of_an_edited_archive_nothing_is_published(study: Study, name: str, edit: Callable[[bytes], bytes]):
    path = study.home.path / ARCHIVE / name
    path.write_bytes(edit(path.read_bytes()))
    study.refuses("sealing.cannot_open", "open", "report", "marked")


@pytest.mark.parametrize("name", ["head.sealed", "000001.block"])
def test_of_an_archive_with_something_missing_nothing_is_published(study: Study, name: str):
    (study.home.path / ARCHIVE / name).unlink()
    if name == "head.sealed":
        study.refuses("archive.gap", "open", "report", "marked")
    else:
        # The only block: nothing is there to report, and opening brings it back.
        study.refuses("report.nothing", "report")
        assert study.run("open").exit_code == 0
        assert study.report().exit_code == 0


def test_half_a_parcel_leaves_inbox_and_archive_as_they_are(study: Study, tmp_path: Path):
    parcel = tmp_path / "parcel"
    inbox = study.home.inbox()
    write_parcel(parcel, Server(SERVICE, True), inbox)
    parcel.write_bytes(parcel.read_bytes()[:-100])
    before, there = study.files(), inbox.envelopes(limit=9999)
    result = study.run("open", str(parcel))
    assert isinstance(result.exception, Refusal)
    assert result.exception.codes == ("parcel.damaged",)
    assert study.files() == before
    assert inbox.envelopes(limit=9999) == there
    inbox.release()


def test_a_parcel_of_another_version_is_refused(study: Study, tmp_path: Path):
    parcel = tmp_path / "parcel"
    inbox = study.home.inbox()
    write_parcel(parcel, Server(SERVICE, True), inbox)
    inbox.release()
    lines = parcel.read_bytes().splitlines(keepends=True)
    lines[0] = lines[0].replace(b'{"parcel":1', b'{"parcel":2')
    lines[-1] = json.dumps({"end": sha256(b"".join(lines[:-1])).hexdigest()}).encode() + b"\n"
    parcel.write_bytes(b"".join(lines))
    before = study.files()
    result = study.run("open", str(parcel))
    assert isinstance(result.exception, Refusal)
    assert result.exception.codes == ("parcel.version",)
    assert study.files() == before


def test_of_a_study_of_three_nothing_is_published(tmp_path: Path):
    study = Study(tmp_path, 3)
    assert study.report().exit_code == 0
    page = study.output.read_text()
    assert "Do you like tea?" not in page
    assert "%" not in page.split("<body", 1)[1]


def test_keys_of_others_set_everything_aside_and_nothing_is_published(tmp_path: Path):
    study = Study(tmp_path, 0, opened=False)
    study.keys = DeskKeys(b"o" * 32)
    study.take_in(120)
    opened = study.run("open")
    assert opened.exit_code == 0
    assert "\n0 opened" in f"\n{opened.output}"
    assert "set aside: sealing.foreign" in opened.output
    assert isinstance(study.report().exception, Refusal)
    assert study.output.read_bytes() == EARLIER
