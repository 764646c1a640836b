"""The desk's keys: made once, for their owner alone, and of no use to the server."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from offramp.cli.desk import app
from offramp.desk import Desk
from offramp.errors import Refusal
from offramp.sealing import read_recipient, read_verifier, signed

NAMES = {"desk.key", "recipient.txt", "verifier.txt"}


def test_keys_open_with_their_passphrase_and_fit_the_files_for_the_server(tmp_path: Path):
    desk = Desk(tmp_path / "desk")
    made = desk.make_keys("a long passphrase")
    keys = desk.unlock("a long passphrase")
    assert keys.seed == made.seed
    recipient = read_recipient((tmp_path / "desk" / "recipient.txt").read_text(), "recipient")
    assert recipient == keys.recipient
    verifier = read_verifier((tmp_path / "desk" / "verifier.txt").read_text(), "verifier")
    assert signed(verifier, keys.sign(b"challenge", "service"), b"challenge", "service")


def test_a_wrong_passphrase_is_refused(tmp_path: Path):
    desk = Desk(tmp_path)
    desk.make_keys("a long passphrase")
    with pytest.raises(Refusal) as caught:
        desk.unlock("a wrong passphrase")
    assert caught.value.codes == ("sealing.passphrase",)


def test_the_private_key_is_its_owners_alone_and_never_readable_in_a_file(tmp_path: Path):
    desk = Desk(tmp_path / "desk")
    keys = desk.make_keys("a long passphrase")
    assert {path.name for path in desk.path.iterdir()} == NAMES
    assert stat.S_IMODE((desk.path / "desk.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(desk.path.stat().st_mode) == 0o700
    for path in desk.path.iterdir():
        assert keys.seed not in path.read_bytes()


@pytest.mark.parametrize("name", sorted(NAMES))
def test_no_key_file_is_ever_overwritten(tmp_path: Path, name: str):
    (tmp_path / name).write_text("what was there")
    with pytest.raises(Refusal) as caught:
        Desk(tmp_path).make_keys("a long passphrase")
    assert caught.value.codes == ("desk.key_exists",)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["what was there"]


@pytest.mark.parametrize("length", [0, 10, 40, 80])
def test_half_a_key_file_is_refused(tmp_path: Path, length: int):
    desk = Desk(tmp_path)
    desk.make_keys("a long passphrase")
    path = tmp_path / "desk.key"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(Refusal) as caught:
        desk.unlock("a long passphrase")
    assert caught.value.codes == ("sealing.key_file",)


def test_a_folder_without_keys_says_how_to_begin(tmp_path: Path):
    with pytest.raises(Refusal, match="offramp desk keygen") as caught:
        Desk(tmp_path).unlock("")
    assert caught.value.codes == ("desk.no_key",)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"service": "x"}'])
def test_a_damaged_note_of_the_server_is_refused(tmp_path: Path, text: str):
    (tmp_path / "server.json").write_text(text)
    with pytest.raises(Refusal) as caught:
        Desk(tmp_path).server()
    assert caught.value.codes == ("desk.server",)


def test_half_an_inbox_is_refused(tmp_path: Path):
    desk = Desk(tmp_path)
    desk.inbox().close()
    raw = (tmp_path / "inbox.sqlite").read_bytes()
    (tmp_path / "inbox.sqlite").write_bytes(b"not a database" + raw[14 : len(raw) // 2])
    with pytest.raises(Refusal) as caught:
        desk.inbox()
    assert caught.value.codes == ("store.unreadable",)


# -- on the command line ------------------------------------------------------------------------------------


def test_keygen_asks_twice_and_shows_nothing_of_the_passphrase(tmp_path: Path):
    typed = "a long passphrase\na long passphrase\n"
    result = CliRunner().invoke(app, ["keygen", "--desk", str(tmp_path / "desk")], input=typed)
    assert result.exit_code == 0
    assert "long passphrase" not in result.output
    assert Desk(tmp_path / "desk").unlock("a long passphrase")


def test_keygen_takes_the_passphrase_from_a_file(tmp_path: Path):
    (tmp_path / "passphrase").write_text("from a file\n")
    environment = {"OFFRAMP_DESK_PASSPHRASE_FILE": str(tmp_path / "passphrase")}
    result = CliRunner().invoke(app, ["keygen", "--desk", str(tmp_path / "desk")], env=environment)
    assert result.exit_code == 0
    assert Desk(tmp_path / "desk").unlock("from a file")


def test_a_key_for_demonstrations_says_so_where_a_live_server_looks(tmp_path: Path):
    arguments = ["keygen", "--desk", str(tmp_path), "--no-passphrase", "--demonstration"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert (tmp_path / "recipient.txt").read_text().split()[2:] == ["demonstration"]
    assert Desk(tmp_path).unlock("")
