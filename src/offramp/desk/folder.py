"""The desk's folder: its keys, the inbox of sealed envelopes, the archive, and which server it belongs to.

The one place of the desk that touches files. Not here: what is in them. The invariants: a key is never
overwritten, and a file is either as it was or wholly new, never half written.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from offramp.desk.archive import Archive
from offramp.desk.sealedcounts import SealedCounts
from offramp.desk.wholefile import FOR_ALL, sync_folder, write_whole
from offramp.errors import Problem, Refusal, refuse
from offramp.sealing import DeskKeys, Random, lock_private, unlock_private
from offramp.settings import DEMONSTRATION
from offramp.store import Store, upgrade

KEY, RECIPIENT, VERIFIER = "desk.key", "recipient.txt", "verifier.txt"
COUNTS = "counts"
INBOX, ARCHIVE, SERVER, PULL = "inbox.sqlite", "archive", "server.json", "pull.json"
OLD_ARCHIVE = "archive.sealed"
_SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class Server:
    """Whom the envelopes in the inbox come from; they are bound to its name."""

    service: str
    demonstration: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the pulls from a service have come: of weeks before `whole` all is in the inbox.

    One that is under way asks for the weeks from there on, before `closed`, and is at the key `after`.
    """

    service: str
    whole: str
    closed: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """One desk; `path` is its folder."""

    path: Path

    def make_keys(
        self, passphrase: str, demonstration: bool = False, random: Random = os.urandom
    ) -> DeskKeys:
        """Make a new pair of keys, and the two public files for the server. Refusal desk.key_exists."""
        there = [self.path / name for name in (KEY, RECIPIENT, VERIFIER) if (self.path / name).exists()]
        if there:
            raise Refusal(
                Problem("desk.key_exists", str(path), "A key file is there already, and is never overwritten.",
                        "Please name another folder, or move the old keys to where they stay safe.")
                for path in there
            )  # fmt: skip
        keys = DeskKeys(random(_SEED_BYTES))
        recipient = keys.recipient.to_text()
        if demonstration:
            # A live server refuses a key with this word behind it.
            recipient = f"{recipient.rstrip()} {DEMONSTRATION}\n"
        write_whole(self.path / KEY, lock_private(keys, passphrase, random))
        write_whole(self.path / RECIPIENT, recipient.encode(), FOR_ALL)
        write_whole(self.path / VERIFIER, keys.verifier_text().encode(), FOR_ALL)
        return keys

    def unlock(self, passphrase: str) -> DeskKeys:
        """Return the keys. Refusals: desk.no_key, sealing.key_file, sealing.passphrase."""
        return unlock_private(self._read(KEY, "desk.no_key", "offramp desk keygen"), passphrase, KEY)

    def inbox(self) -> Store:
        """Open the inbox, an empty one if there is none yet; one of an older version is brought up to date."""
        upgrade(self.path / INBOX)
        return Store.open(self.path / INBOX)

    def server(self) -> Server | None:
        """Return which server was pulled from, nothing before the first pull. Refusal desk.server."""
        if not (self.path / SERVER).exists():
            return None
        try:
            plain = json.loads((self.path / SERVER).read_text(encoding="utf-8"))
            return Server(str(plain["service"]), plain["demonstration"] is True)
        except (ValueError, KeyError, TypeError):
            raise refuse("desk.server", SERVER, "This file is damaged.",
                         "Please remove it, and pull again.") from None  # fmt: skip

    def remember(self, server: Server) -> None:
        write_whole(self.path / SERVER, (json.dumps(asdict(server)) + "\n").encode())

    def reach(self) -> Reach | None:
        """Return how far the pulls have come, where that is known; a damaged note costs a pull from the beginning."""
        try:
            plain = json.loads((self.path / PULL).read_text(encoding="utf-8"))
            found = Reach(*(str(plain[name]) for name in ("service", "whole", "closed", "after")))
            bytes.fromhex(found.after)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return found

    def reached(self, reach: Reach) -> None:
        """Note how far a pull is."""
        write_whole(self.path / PULL, (json.dumps(asdict(reach)) + "\n").encode())

    def begin_again(self) -> None:
        """Let the next pull ask for everything."""
        (self.path / PULL).unlink(missing_ok=True)

    def make_safe(self) -> None:
        """Return when what the inbox has committed would outlive a power cut: a server is told so, and may purge."""
        # SQLite synced what it committed; the name of a new file is for whoever made it to see to.
        sync_folder(self.path)

    def archive(self, keys: DeskKeys) -> Archive:
        """Return the archive, an empty one if nothing was opened yet. Refusals: archive.old, sealing.cannot_open."""
        if (self.path / OLD_ARCHIVE).exists():
            raise refuse("archive.old", OLD_ARCHIVE, "An earlier version of Offramp wrote this archive.",
                         "Please type “offramp desk open”: it opens all anew, and removes this file.")  # fmt: skip
        return Archive.at(self.path / ARCHIVE, keys.archive_key())

    def counts(self, keys: DeskKeys, processes: int = 1) -> SealedCounts:
        """Return the count stores of this desk, which are made from its archive."""
        return SealedCounts(self.path / COUNTS, keys.archive_key(), processes=processes)

    def archive_to_fill(self, keys: DeskKeys) -> Archive:
        """Return the archive for opening, whatever lies beside it."""
        return Archive.at(self.path / ARCHIVE, keys.archive_key())

    def remove_old_archive(self) -> None:
        """Remove what an earlier version wrote: all of it is opened anew."""
        (self.path / OLD_ARCHIVE).unlink(missing_ok=True)

    def _read(self, name: str, code: str, command: str) -> bytes:
        try:
            return (self.path / name).read_bytes()
        except OSError:
            raise refuse(code, str(self.path), f"There is no {name} here.",
                         f"Please name the desk's folder, or begin with “{command}”.") from None  # fmt: skip
