"""Revisions: old files become new ones without losing a row, and what is of another revision is refused untouched."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from typer.testing import CliRunner

from offramp.cli import app
from offramp.desk.folder import INBOX, Desk
from offramp.errors import Refusal
from offramp.schema import NEWEST, REVISIONS, VERSIONS, Kind
from offramp.schema import upgrade as take
from offramp.sealing import PageKey
from offramp.store import Envelope, Store, Tally, upgrade
from offramp.turns import hold
from tests.web.installation import Installation
from tests.web.live import live

OLD = Path(__file__).parents[1] / "golden" / "revision_1"
FIRST = Tally("first_page", "tiny", "en", "2026-W47")
ENVELOPES = [Envelope(PageKey(bytes([n]) * 24), "tiny", "2026-W47", bytes([n]) * 5302) for n in range(40)]
BURIED = PageKey(b"\xff" * 24)
# A step of tomorrow: a table is made anew, as SQLite asks for where a column changes, and some rows go.
LATER = '''"""Envelopes get a place for a mark, and those of one week go."""
import sqlalchemy as sa
from alembic import op
revision = "0006"
down_revision = "0005"
def upgrade(kind):
    if kind == "ledger":
        return
    with op.batch_alter_table("envelope", recreate="always", table_kwargs={"sqlite_with_rowid": False}) as table:
        table.add_column(sa.Column("mark", sa.String, nullable=False, server_default=""))
    op.execute("DELETE FROM envelope WHERE week = '2026-W46'")
'''


def ask(path: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


def old_files(folder: Path) -> tuple[Path, Path]:
    """Make a database and a ledger as they were before revisions, with something of everything in them."""
    folder.mkdir(parents=True, exist_ok=True)
    database, ledger = folder / "offramp.sqlite", folder / "tombstones.sqlite"
    for path in (database, ledger):
        with closing(sqlite3.connect(path)) as connection:
            name = "database" if path == database else "ledger"
            connection.executescript((OLD / f"{name}.sql").read_text(encoding="utf-8"))
            connection.execute("INSERT INTO tombstone VALUES (?)", (BURIED,))
            if path == database:
                connection.executemany("INSERT INTO envelope VALUES (?, ?, ?, ?)", ENVELOPES)
                connection.execute("INSERT INTO total VALUES (?, ?, ?, ?, ?)", (*FIRST, 7))
            connection.commit()
    return database, ledger


def shape(path: Path) -> dict[str, tuple[object, ...]]:
    """Return tables with all that makes them: columns with types and keys, and whether they have row ids."""
    tables = ask(
        path, "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'"
    )
    return {str(name): (wr, *ask(path, f"SELECT * FROM pragma_table_info('{name}')")) for name, wr in tables}


def refused(*files: Path) -> str:
    with pytest.raises(Refusal) as refusal:
        Store.open(*files)
    (code,) = refusal.value.codes
    return code


def later(folder: Path, step: str = LATER) -> Path:
    shutil.copytree(VERSIONS, folder / "versions", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "r0006_later.py").write_text(step)
    return folder / "versions"


# -- from the first revision to this one --------------------------------------------------------------------


def test_an_old_installation_is_upgraded_without_losing_a_row(tmp_path: Path) -> None:
    files = old_files(tmp_path)
    assert refused(*files) == "store.older"
    assert {path: [step.revision for step in steps] for path, steps in upgrade(*files).items()} == {
        path: ["0002", "0003", "0004", "0005"] for path in files
    }
    store = Store.open(*files)
    assert store.envelopes() == ENVELOPES
    assert store.forgotten() == [BURIED]
    assert store.totals() == {FIRST: 7}
    store.close()
    assert all(ask(path, "SELECT version_num FROM revision") == [(NEWEST,)] for path in files)
    assert all(ask(path, "PRAGMA journal_mode") == [("wal",)] for path in files)
    assert upgrade(*files) == {path: [] for path in files}


def test_a_dry_run_names_the_steps_and_takes_none(tmp_path: Path) -> None:
    files = old_files(tmp_path)
    before = [path.read_bytes() for path in files]
    planned = upgrade(*files, dry_run=True)
    assert [path.read_bytes() for path in files] == before
    assert refused(*files) == "store.older"
    assert planned == upgrade(*files)


@pytest.mark.parametrize("kind", Kind)
def test_a_new_file_is_as_one_that_went_through_all_revisions(tmp_path: Path, kind: Kind) -> None:
    walked = tmp_path / "walked.sqlite"
    engine = create_engine(f"sqlite:///{walked}")
    with engine.begin() as connection:
        assert [step.revision for step in take(connection, kind, "here")] == list(REVISIONS)
    engine.dispose()
    files = {Kind.DATABASE: tmp_path / "new.sqlite", Kind.LEDGER: tmp_path / "ledger.sqlite"}
    Store.open(*files.values()).close()
    assert shape(files[kind]) == shape(walked)
    assert all(wr for name, (wr, *_) in shape(walked).items() if name != "revision")
    old = old_files(tmp_path / "old")
    upgrade(*old)
    assert shape(old[list(Kind).index(kind)]) == shape(walked)


# -- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [0, 1])
def test_a_file_of_a_newer_version_is_left_as_it_is(tmp_path: Path, place: int) -> None:
    files = tmp_path / "a", tmp_path / "b"
    Store.open(*files).close()
    with closing(sqlite3.connect(files[place])) as connection:
        connection.execute("UPDATE revision SET version_num = '9999'")
        connection.commit()
    assert refused(*files) == "store.newer"
    with pytest.raises(Refusal) as refusal:
        upgrade(*files)
    assert refusal.value.codes == ("store.newer",)


def test_a_database_of_somebody_else_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "recipes.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipe (name)")
        connection.commit()
    before = path.read_bytes()
    assert refused(path) == "store.foreign"
    with pytest.raises(Refusal) as refusal:
        upgrade(path)
    assert refusal.value.codes == ("store.foreign",)
    assert path.read_bytes() == before


def test_a_ledger_is_no_database(tmp_path: Path) -> None:
    Store.open(tmp_path / "a", tmp_path / "b").close()
    assert refused(tmp_path / "b", tmp_path / "a") == "store.foreign"


# -- steps to come ------------------------------------------------------------------------------------------


def pieces(folder: Path, mark: bytes) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_file() and mark in path.read_bytes()]


def test_a_step_that_makes_a_table_anew_keeps_the_rules_and_leaves_nothing_behind(tmp_path: Path) -> None:
    files, mark = (tmp_path / "a", tmp_path / "b"), os.urandom(16)
    store = Store.open(*files)
    store.keep(ENVELOPES)
    store.keep([Envelope(PageKey(mark + bytes(8)), "tiny", "2026-W46", mark * 300)])
    store.release()
    assert pieces(tmp_path, mark)
    upgrade(*files, versions=later(tmp_path))
    assert pieces(tmp_path, mark) == []
    kept = ask(files[0], "SELECT key, survey, week, body, mark FROM envelope ORDER BY key")
    assert kept == [(*envelope, "") for envelope in ENVELOPES]
    assert shape(files[0])["envelope"][0] == 1, "it has got row ids"
    assert ask(files[0], "PRAGMA freelist_count") == [(0,)]
    assert refused(*files) == "store.newer"


def test_a_step_that_fails_in_the_middle_has_changed_nothing(tmp_path: Path) -> None:
    files = old_files(tmp_path)
    upgrade(*files)
    before = shape(files[0])
    with pytest.raises(ZeroDivisionError):
        upgrade(*files, versions=later(tmp_path, LATER + "    1 / 0\n"))
    assert shape(files[0]) == before
    store = Store.open(*files)
    assert store.envelopes() == ENVELOPES
    store.close()


# -- as commands --------------------------------------------------------------------------------------------


def old_installation(tmp_path: Path) -> Installation:
    place = live(tmp_path)
    old_files(place.folder)
    return place


def offramp(*arguments: str) -> tuple[int, str, Sequence[str]]:
    result = CliRunner().invoke(app, arguments)
    codes = result.exception.codes if isinstance(result.exception, Refusal) else ()
    return result.exit_code, result.output, codes


def test_the_command_says_what_it_will_do_and_what_it_did(tmp_path: Path) -> None:
    config = str(old_installation(tmp_path).config)
    code, planned, _ = offramp("upgrade", "--config", config, "--dry-run")
    assert (code, planned.count("would become 0005")) == (0, 2)
    code, done, _ = offramp("upgrade", "--config", config)
    assert (code, done) == (0, planned.replace("would become", "is now"))
    assert offramp("upgrade", "--config", config)[1] == "There is nothing to upgrade.\n"


def test_no_upgrade_beside_a_server(tmp_path: Path) -> None:
    place = old_installation(tmp_path)
    claim = hold(place.settings.database)
    assert offramp("upgrade", "--config", str(place.config))[2] == ("store.in_use",)
    assert refused(place.settings.database, place.settings.ledger) == "store.older"
    os.close(claim)


@pytest.mark.parametrize("command", ["serve", "purge --keep-weeks 3"])
def test_serve_and_purge_say_what_to_do(tmp_path: Path, command: str) -> None:
    place = old_installation(tmp_path)
    ran = subprocess.run(
        [sys.executable, "-m", "offramp", *command.split(), "--config", place.config],
        capture_output=True, text=True, env={"PATH": os.environ["PATH"]}, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 2
    assert ran.stderr.endswith("back up both files, and run “offramp upgrade”.\n")
    assert len(ask(place.settings.database, "SELECT key FROM envelope")) == len(ENVELOPES)


def test_the_desk_brings_its_inbox_up_to_date_by_itself(tmp_path: Path) -> None:
    database, _ = old_files(tmp_path)
    database.rename(tmp_path / INBOX)
    inbox = Desk(tmp_path).inbox()
    assert inbox.envelopes() == ENVELOPES
    inbox.close()


def test_whoever_serves_does_without_what_upgrades(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from offramp.store import Store, upgrade\n"
        "import offramp.cli.server, offramp.web\n"
        "path = Path(sys.argv[1]); Store.open(path).close(); print('alembic' in sys.modules)\n"
        "upgrade(path); print('alembic' in sys.modules)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "a"], capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["False", "True"]


def test_the_demonstration_upgrades_itself(tmp_path: Path) -> None:
    database, ledger = old_files(tmp_path / "server")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "offramp", "demo", "--port", str(port), "--folder", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]}) as demo:
        try:
            end = time.monotonic() + 60
            while ask(ledger, "SELECT 1 FROM sqlite_master WHERE name = 'revision'") == []:
                assert demo.poll() is None
                assert time.monotonic() < end
                time.sleep(0.1)
        finally:
            demo.terminate()
    store = Store.open(database, ledger)
    assert store.envelopes() == ENVELOPES
    store.close()
