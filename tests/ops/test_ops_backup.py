"""The commands under “Backup” in docs/how-to/server.md, as they stand there, on a database that is being served."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from offramp.sealing import PageKey
from offramp.store import Envelope, Store

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "server.md"
# As large as an envelope is, so that the file has blocks to put into an order.
BODY_BYTES, ENVELOPES = 5302, 60


def commands() -> str:
    """Return the block that makes a backup."""
    section = PAGE.read_text(encoding="utf-8").split("## Backup")[1].split("\n## ")[0]
    blocks = re.findall(r"(?:^ {6}.+\n)+", section, re.M)
    (block,) = [block for block in blocks if "VACUUM INTO" in block]
    return str(block)


def envelope(number: int) -> Envelope:
    """Return one of many: keys are as random as page keys are, and each body can be told from the others."""
    mark = f"body number {number:04}".encode()
    return Envelope(PageKey(sha256(mark).digest()[:24]), "help-us", "2026-W47", mark.ljust(BODY_BYTES, b"."))


@dataclass(frozen=True)
class Place:
    """Where everything is, in place of where the page says."""

    tool: str
    lib: Path
    backup: Path
    ledger: Path

    def run(self, commands: str) -> None:
        shown = {"sqlite3": self.tool, "/var/lib/offramp": self.lib, "/mnt/backup": self.backup,
                 "/mnt/ledger": self.ledger}  # fmt: skip
        for there, here in shown.items():
            assert there in commands
            commands = commands.replace(there, str(here))
        subprocess.run(["sh", "-eu", "-c", commands], check=True, timeout=60)

    @contextlib.contextmanager
    def store(self) -> Iterator[Store]:
        store = Store.open(self.lib / "offramp.sqlite", self.lib / "tombstones.sqlite")
        try:
            yield store
        finally:
            store.close()

    def lose(self, ledger: bool) -> None:
        """Lose the server's files and put the backup in their place; with the newest ledger, or with none."""
        shutil.rmtree(self.lib)
        self.lib.mkdir()
        shutil.copy(self.backup / "offramp.sqlite", self.lib)
        if ledger:
            shutil.copy(self.ledger / "tombstones.sqlite", self.lib)


@pytest.fixture
def place(program: Callable[[str, str], str], tmp_path: Path) -> Place:
    folders = [tmp_path / name for name in ("lib", "backup", "ledger")]
    for folder in folders:
        folder.mkdir()
    return Place(program("sqlite3", "sqlite3"), *folders)


@pytest.mark.parametrize("ledger", [True, False])
def test_what_was_deleted_since_a_backup_stays_deleted_with_the_newest_ledger(
    place: Place, ledger: bool
) -> None:
    with place.store() as store:
        store.keep([envelope(n) for n in range(ENVELOPES)])
        place.run(commands())
        older = (place.backup / "offramp.sqlite").read_bytes()
        store.forget([envelope(7).key])
        place.run(commands())
    (place.backup / "offramp.sqlite").write_bytes(older)
    place.lose(ledger=ledger)
    with place.store() as store:
        assert (envelope(7) in store.envelopes()) is not ledger
        assert envelope(8) in store.envelopes()


def test_a_backup_does_not_tell_what_came_after_what(place: Place) -> None:
    copies, logs = [], []
    for order in (range(ENVELOPES), reversed(range(ENVELOPES))):
        shutil.rmtree(place.lib)
        with place.store() as store:
            for number in order:
                store.keep([envelope(number)])
            place.run(commands())
            logs.append((place.lib / "offramp.sqlite-wal").read_bytes())
        copies.append((place.backup / "offramp.sqlite").read_bytes())
    assert copies[0] == copies[1], "the order of writing shows in the backup"
    assert logs[0] != logs[1], "a copy of the files would have shown it"


def test_a_backup_is_for_nobody_else(place: Place) -> None:
    with place.store() as store:
        store.keep([envelope(1)])
        place.run(commands())
    for copy in (place.backup / "offramp.sqlite", place.ledger / "tombstones.sqlite"):
        assert copy.stat().st_mode & 0o777 == 0o600
