"""The doctor at a real installation: real settings, keys, databases and content; a machine made of files."""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from offramp.cli.doctor import doctor, show
from offramp.doctor import Finding, Level, Seen, examine, look
from offramp.doctor.findings import fine
from offramp.sealing import DeskKeys, PageKey, lock_private
from offramp.store import Deposit, Envelope, Rolled, Store
from offramp.survey import read_surveys

CONTENT = Path(__file__).parents[2] / "content"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
KEYS = DeskKeys(bytes(32))
STUDY = "\n".join(
    f'{name} = "…"'
    for name in (
        "title",
        "controller",
        "contact",
        "ethics_approval",
        "legal_basis",
        "retention",
        "disclosures",
    )
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A whole installation: settings and keys in one folder, an empty database in another, content in a third."""
    etc, lib, content = tmp_path / "etc", tmp_path / "lib", tmp_path / "share" / "content"
    shutil.copytree(CONTENT, content)
    for folder in (content, content.parent):
        folder.chmod(0o755)
    for folder in (etc, lib):
        folder.mkdir(mode=0o755)
    (etc / "recipient.txt").write_text(KEYS.recipient.to_text())
    (etc / "verifier.txt").write_text(KEYS.verifier_text())
    for name in ("recipient.txt", "verifier.txt"):
        (etc / name).chmod(0o644)
    path = etc / "offramp.toml"
    path.write_text(
        f'service = "study.example"\n[server]\nsocket = "{tmp_path}/offramp.sock"\n[store]\n'
        f'database = "{lib}/offramp.sqlite"\nledger = "{lib}/tombstones.sqlite"\n[content]\nfolder = "{content}"\n'
        f'[keys]\nrecipients = ["recipient.txt"]\ndesk = "verifier.txt"\n[languages]\ndrafts = ["en"]\n'
        f"[study]\n{STUDY}\n"
    )
    path.chmod(0o644)
    opened(path).close()
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine on which all is well, as far as files tell: no swap, no core dumps, nothing in front."""
    machine = tmp_path / "machine"
    write(machine / "proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n")
    write(machine / "proc/sys/kernel/core_pattern", "|/bin/false\n")
    return machine


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def database_of(config: Path) -> Path:
    return config.parent.parent / "lib" / "offramp.sqlite"


def opened(config: Path) -> Store:
    database = database_of(config)
    return Store.open(database, database.with_name("tombstones.sqlite"))


def findings(config: Path, root: Path, **environment: str) -> list[Finding]:
    return list(examine(look(config, environment, NOW, root)))


def of(code: str, found: list[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.code == code]


def level(code: str, found: list[Finding]) -> Level:
    return max(finding.level for finding in of(code, found))


def test_a_sound_installation_has_no_fault(config: Path, root: Path) -> None:
    found = findings(config, root)
    assert [str(finding) for finding in found if finding.level is Level.FAULT] == []
    for code in ("files.permissions", "files.private_key", "ground.swap", "ground.core", "logs.none"):
        assert level(code, found) is Level.OK, of(code, found)
    assert [finding.level for finding in of("database.shape", found)] == [Level.OK, Level.OK]
    assert KEYS.recipient.fingerprint.hex() in of("keys.recipient", found)[0].what


# -- keys ---------------------------------------------------------------------------------------------------


def test_a_private_key_is_found_under_any_name(config: Path, root: Path) -> None:
    planted = config.parent / "papers" / "holiday.txt"
    planted.parent.mkdir()
    planted.write_bytes(lock_private(KEYS, "a passphrase"))
    (finding,) = of("files.private_key", findings(config, root))
    assert (finding.level, finding.place) == (Level.FAULT, str(planted))


def test_a_file_that_is_named_like_a_key_counts(config: Path, root: Path) -> None:
    planted = write(database_of(config).with_name("something.key"), "harmless")
    assert [finding.place for finding in of("files.private_key", findings(config, root))] == [str(planted)]


def test_the_key_of_the_term_list_may_lie_here_but_not_open(config: Path, root: Path) -> None:
    key = write(config.parent / "gate.key", "00" * 32)
    key.chmod(0o600)
    found = findings(config, root, OFFRAMP_GATE_KEY_FILE=str(key))
    assert level("files.private_key", found) is level("files.permissions", found) is Level.OK
    key.chmod(0o644)
    (finding,) = of("files.permissions", findings(config, root, OFFRAMP_GATE_KEY_FILE=str(key)))
    assert (finding.level, finding.place) == (Level.FAULT, str(key))


def test_a_demonstration_key_is_a_fault_and_hides_nothing(config: Path, root: Path) -> None:
    recipient = config.with_name("recipient.txt")
    recipient.write_text(f"{recipient.read_text().strip()} demonstration\n")
    database_of(config).chmod(0o644)
    found = findings(config, root)
    assert level("settings.demonstration_key", found) is Level.FAULT
    assert level("files.permissions", found) is Level.FAULT
    assert level("database.shape", found) is Level.OK


def test_settings_that_cannot_be_read_hide_nothing_of_the_machine(config: Path, root: Path) -> None:
    config.write_text("service = ")
    config.chmod(0o666)
    found = findings(config, root)
    assert level("toml.syntax", found) is Level.FAULT
    assert level("files.permissions", found) is Level.FAULT
    assert level("ground.swap", found) is Level.OK


def test_without_a_settings_file(tmp_path: Path, root: Path) -> None:
    assert level("toml.missing", findings(tmp_path / "offramp.toml", root)) is Level.FAULT


# -- the store ----------------------------------------------------------------------------------------------


def listing(folder: Path) -> list[tuple[str, int, bytes]]:
    return [(path.name, path.stat().st_mtime_ns, path.read_bytes()) for path in sorted(folder.iterdir())]


def test_looking_leaves_no_trace(config: Path, root: Path) -> None:
    folder = database_of(config).parent
    before = listing(folder)
    findings(config, root)
    assert listing(folder) == before


def test_a_server_at_work_can_be_looked_at(config: Path, root: Path) -> None:
    store = opened(config)
    store.keep([Envelope(PageKey(bytes(24)), "a", "2026-W47", b"sealed")])
    found = findings(config, root)
    assert level("database.shape", found) is Level.OK
    assert [finding for finding in found if finding.level is Level.FAULT] == []
    store.keep([Envelope(PageKey(bytes([1] * 24)), "a", "2026-W47", b"sealed")])
    store.close()


def test_a_server_that_was_killed_can_be_looked_at(config: Path, root: Path) -> None:
    database = database_of(config)
    store = opened(config)
    store.keep([Envelope(PageKey(bytes(24)), "a", "2026-W47", b"sealed")])
    crashed = config.parent.parent / "crashed"
    shutil.copytree(database.parent, crashed)
    store.close()
    shutil.rmtree(database.parent)
    crashed.rename(database.parent)
    assert database.with_name("offramp.sqlite-wal").stat().st_size > 0
    assert level("database.shape", findings(config, root)) is Level.OK


def answered(config: Path, number: int, of: Rolled) -> None:
    """Keep a page of a version, as the server does."""
    store = opened(config)
    store.deposit([Deposit([Envelope(PageKey(bytes([number] * 24)), of.survey, of.week, b"sealed")], of=of)])
    store.close()


def test_a_version_that_was_answered_and_is_gone_is_a_fault(config: Path, root: Path) -> None:
    survey = read_surveys(CONTENT)["help-us"]
    answered(config, 1, Rolled(survey.structure, survey.slug, survey.version, "2026-W47"))
    assert level("content.versions", findings(config, root)) is Level.OK
    answered(config, 2, Rolled("of-another-time", survey.slug, 9, "2026-W40"))
    found = findings(config, root)
    (gone,) = of("content.version_gone", found)
    assert gone.level is Level.FAULT
    assert "offramp drop help-us 9" in str(gone)
    assert of("content.versions", found) == []


def test_a_database_of_another_version(config: Path, root: Path) -> None:
    with sqlite3.connect(database_of(config)) as connection:
        connection.execute("ALTER TABLE envelope ADD COLUMN moment")
    connection.close()
    wrong, right = of("database.shape", findings(config, root))
    assert (wrong.level, right.level) == (Level.FAULT, Level.OK)
    assert "envelope" in wrong.what


def test_a_database_from_before_revisions(config: Path, root: Path) -> None:
    for name in ("offramp.sqlite", "tombstones.sqlite"):
        with sqlite3.connect(database_of(config).with_name(name)) as connection:
            connection.execute("DROP TABLE revision")
        connection.close()
    assert [finding.level for finding in of("database.older", findings(config, root))] == [Level.FAULT] * 2


def test_how_long_answers_stay_is_asked_of_a_study(config: Path, root: Path) -> None:
    assert level("store.retention", findings(config, root)) is Level.WARNING
    config.write_text(config.read_text().replace("[store]\n", "[store]\nkeep_weeks = 26\n"))
    (finding,) = of("store.retention", findings(config, root))
    assert (finding.level, "26 weeks" in finding.what) == (Level.OK, True)


def test_a_file_that_is_no_database(config: Path, root: Path) -> None:
    database_of(config).write_bytes(b"not a database, whatever its name says" * 100)
    assert level("database.unreadable", findings(config, root)) is Level.FAULT


@pytest.mark.parametrize("name", ["offramp.sqlite", "tombstones.sqlite"])
def test_a_database_that_others_may_read(config: Path, root: Path, name: str) -> None:
    path = database_of(config).with_name(name)
    path.chmod(0o604)
    (finding,) = of("files.permissions", findings(config, root))
    assert (finding.level, finding.place) == (Level.FAULT, str(path))


# -- content ------------------------------------------------------------------------------------------------


def test_languages_and_their_states(config: Path, root: Path) -> None:
    found = findings(config, root)
    assert [finding.place for finding in of("texts.draft", found)] == ["en"]
    assert "ar" in [finding.place for finding in of("texts.hidden", found)]


def test_no_language_that_may_be_shown_is_a_fault_with_all_states(config: Path, root: Path) -> None:
    config.write_text(config.read_text().replace('drafts = ["en"]', ""))
    found = findings(config, root)
    assert level("settings.no_language", found) is Level.FAULT
    assert {"en", "ar"} <= {finding.place for finding in of("texts.hidden", found)}


def test_content_that_is_not_sound(config: Path, root: Path, tmp_path: Path) -> None:
    write(tmp_path / "share/content/help/help.toml", "entries = 3")
    assert level("table.type", findings(config, root)) is Level.FAULT


def test_help_that_nobody_has_looked_up_for_long(config: Path, root: Path) -> None:
    later = examine(look(config, {}, datetime(2028, 1, 1, tzinfo=UTC), root))
    assert level("texts.help", list(later)) is Level.WARNING


# -- the machine --------------------------------------------------------------------------------------------


@pytest.fixture
def swap_file(root: Path, tmp_path: Path) -> Path:
    """A swap file, and the folder of /sys in which its disk is described."""
    file = write(tmp_path / "swapfile", "")
    write(root / "proc/swaps", f"Filename\tType\tSize\tUsed\tPriority\n{file}\tfile\t1024\t0\t-2\n")
    device = file.stat().st_dev
    disk = root / f"sys/dev/block/{os.major(device)}:{os.minor(device)}"
    disk.mkdir(parents=True)
    return disk


def test_swap_on_a_plain_disk(config: Path, root: Path, swap_file: Path) -> None:
    (finding,) = of("ground.swap", findings(config, root))
    assert finding.level is Level.WARNING
    assert "is not encrypted" in finding.what


def test_swap_on_an_encrypted_disk(config: Path, root: Path, swap_file: Path) -> None:
    write(swap_file / "dm/uuid", "CRYPT-LUKS2-0123")
    assert level("ground.swap", findings(config, root)) is Level.OK


def test_swap_on_a_volume_of_an_encrypted_disk(config: Path, root: Path, swap_file: Path) -> None:
    write(swap_file / "dm/uuid", "LVM-0123")
    write(swap_file / "slaves/dm-0/dm/uuid", "CRYPT-LUKS2-0123")
    assert level("ground.swap", findings(config, root)) is Level.OK
    (swap_file / "slaves/sdb").mkdir()
    assert level("ground.swap", findings(config, root)) is Level.WARNING


def test_swap_of_which_nothing_is_known(config: Path, root: Path, swap_file: Path) -> None:
    swap_file.rmdir()
    (finding,) = of("ground.swap", findings(config, root))
    assert "cannot be told" in finding.what


@pytest.mark.parametrize(("backing", "expected"), [("none", Level.OK), ("/dev/sda3", Level.WARNING)])
def test_swap_in_compressed_memory(config: Path, root: Path, backing: str, expected: Level) -> None:
    write(root / "proc/swaps", "Filename\n/dev/zram0 partition 1 0 5\n")
    write(root / "sys/block/zram0/backing_dev", f"{backing}\n")
    assert level("ground.swap", findings(config, root)) is expected


def test_a_machine_that_tells_nothing(config: Path, tmp_path: Path) -> None:
    found = findings(config, tmp_path / "nowhere")
    assert level("ground.swap", found) is level("ground.core", found) is Level.WARNING


def test_a_proxy_that_logs_in_front_of_this_server(config: Path, root: Path, tmp_path: Path) -> None:
    site = write(root / "etc/nginx/sites-enabled/study", f"proxy_pass http://unix:{tmp_path}/offramp.sock:;")
    found = findings(config, root)
    assert of("logs.none", found) == []
    assert {finding.place for finding in of("logs.nginx", found)} == {str(site)}


def test_a_process_that_runs_us_in_another_way(config: Path, root: Path) -> None:
    write(root / "proc/77/cmdline", "python3\0-m\0uvicorn\0offramp.somewhere:app\0")
    write(root / "proc/78/cmdline", "python3\0-m\0uvicorn\0another.shop:app\0")
    (finding,) = of("logs.process", findings(config, root))
    assert finding.place == str(root / "proc/77")


# -- on the command line ------------------------------------------------------------------------------------


def run(config: Path) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(doctor)
    result = CliRunner().invoke(app, ["--config", str(config)])
    return result.exit_code, result.output


def test_the_command_says_everything_in_plain_lines(config: Path) -> None:
    code, output = run(config)
    assert code == 0
    *lines, last = output.splitlines()
    assert {line[:8].strip() for line in lines} == {"ok", "warning"}
    assert last.endswith("0 faults.")
    assert "\x1b" not in output


def test_the_command_fails_where_anything_is_wrong(config: Path) -> None:
    write(config.parent / "desk.key", "")
    code, output = run(config)
    assert code == 1
    assert output.splitlines()[-2].startswith("fault    [")


def test_a_terminal_gets_colours_and_every_word() -> None:
    finding = Finding(Level.FAULT, "a.code", "some place", "A long story " * 20, "Please type: chmod 0600 /a")
    console = Console(force_terminal=True, width=60, color_system="standard", record=True, file=io.StringIO())
    show(console, [fine("b.code", "elsewhere", "It is well."), finding])
    coloured, plain = console.export_text(styles=True, clear=False), console.export_text()
    assert "\x1b[1;31mfault" in coloured
    for word in ("ok", "elsewhere", "some place", "chmod 0600"):
        assert word in " ".join(plain.split())


@pytest.mark.skipif(sys.platform != "linux", reason="not run: there is no /proc here")
def test_this_machine_can_be_looked_at(config: Path) -> None:
    seen = look(config, dict(os.environ), NOW)
    assert isinstance(seen, Seen)
    assert seen.swap is not None
    assert seen.core_pattern is not None
