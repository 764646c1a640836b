"""Judging files: who may read and write them, whose they are, and whether a private key lies among them.

Not here: looking at them. The invariant: the content of a file plays no part, except that it begins as a key does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from offramp.doctor.findings import Finding, Level, fault, fine, warn

ROOT = "root"
_GROUP, _OTHERS = 0o070, 0o007
_STICKY = 0o1000


class Role(Enum):
    """What a file is for the server: its name for a person, and the permissions that it must not have."""

    DATABASE = ("database", 0o077)
    LEDGER = ("ledger", 0o077)
    SECRET = ("secret key", 0o077)
    PEPPER = ("pepper", 0o077)
    SETTINGS = ("settings file", 0o022)
    PUBLIC_KEY = ("public key", 0o022)
    CONTENT = ("content", 0o022)
    FOLDER = ("folder", 0o022)


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A file or folder that is there; owner and group are names, and root is always called root."""

    path: Path
    role: Role
    mode: int
    owner: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class KeysSeen:
    """What the search for private keys found, and the folders that it could not, or not wholly, look into."""

    found: tuple[Path, ...] = ()
    files: int = 0
    unread: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class SocketSeen:
    """The unix socket; `folders` are the modes of all folders on the way to it."""

    path: Path
    exists: bool
    is_socket: bool = False
    mode: int = 0
    folders: tuple[int, ...] = ()


def permissions(files: Sequence[FileSeen]) -> Iterator[Finding]:
    """Judge who else may read what is private, and write what is not."""
    loose = [file for file in files if _loose(file)]
    for file in loose:
        name, forbidden = file.role.value
        bits = _loose(file)
        who = "Everybody" if bits & _OTHERS else f"The group {file.group}"
        may = "read or change" if forbidden == 0o077 else "change"
        yield Finding(
            Level.FAULT if bits & _OTHERS else Level.WARNING, "files.permissions", str(file.path),
            f"{who} on this machine may {may} this {name} (mode {file.mode & 0o7777:04o}).",
            f"Please type: chmod {file.mode & 0o7777 & ~forbidden:04o} {file.path}",
        )  # fmt: skip
    if files and not loose:
        yield fine("files.permissions", "files", f"{len(files)} files and folders are closed to others.")


def _loose(file: FileSeen) -> int:
    """Return the bits that are too many. In a sticky folder nobody can replace another's file; root may anyhow."""
    if file.role is Role.FOLDER and file.mode & _STICKY:
        return 0
    return file.mode & file.role.value[1] & ~(_GROUP if file.group == ROOT else 0)


def owners(files: Sequence[FileSeen]) -> Iterator[Finding]:
    """Judge whose the files are: what the server writes is the server's, what it obeys is not."""
    written = [file for file in files if file.role in (Role.DATABASE, Role.LEDGER)]
    server = written[0].owner if written else ""
    for file in (file for file in written if file.owner != server):
        yield fault("files.owners", str(file.path), f"It belongs to {file.owner}, the database to {server}.",
                    f"Please type: chown {server} {file.path}")  # fmt: skip
    obeyed = (Role.SETTINGS, Role.PUBLIC_KEY)
    for file in (file for file in files if file.role in obeyed and file.owner == server != ROOT):
        yield warn("files.obeyed", str(file.path),
                   f"The server’s own user ({server}) may change this {file.role.value[0]}: whoever takes the server "
                   "over could have answers sealed to another key from the next start on.",
                   f"Please type: chown {ROOT} {file.path}")  # fmt: skip
    strangers = {file.owner for file in files if file.role in (*obeyed, Role.CONTENT, Role.FOLDER)} - {
        ROOT,
        server,
    }
    if written and strangers:
        who = ", ".join(sorted(strangers))
        yield warn("files.strangers", "files", f"Settings, keys, content or their folders belong to {who}.",
                   "Please either give them to root, or make sure that this person may change the study.")  # fmt: skip


def runs_as_root(files: Sequence[FileSeen], myself: str) -> Iterator[Finding]:
    """Judge whether the server runs as root: by what it has written, or before that by who asks."""
    written = [file for file in files if file.role in (Role.DATABASE, Role.LEDGER)]
    remedy = "Please let it run as a user of its own, as ops/systemd/offramp.service does."
    if any(file.owner == ROOT for file in written):
        yield warn(
            "files.root", str(written[0].path), "The database is root’s, so the server runs as root.", remedy
        )
    elif written:
        yield fine("files.root", str(written[0].path), f"The server runs as {written[0].owner}.")
    elif myself == ROOT:
        yield warn("files.root", "user", "There is no database yet, and you are root.", remedy)


def pepper(files: Sequence[FileSeen]) -> Iterator[Finding]:
    """Judge where the pepper lies: no journal opens without it, and no copy of the database may have it beside it."""
    content = [file.path.resolve() for file in files if file.role is Role.CONTENT]
    for file in (file for file in files if file.role is Role.PEPPER):
        if any(folder in file.path.resolve().parents for folder in content):
            yield fault("files.pepper", str(file.path), "The pepper lies among the content, which is copied.",
                        "Please move it beside the database, and destroy the copies.")  # fmt: skip
        else:
            yield fine("files.pepper", str(file.path), "The pepper is there. It needs a backup of its own, apart from "
                       "the database’s.")  # fmt: skip


def private_keys(seen: KeysSeen) -> Iterator[Finding]:
    """A private key beside the server would let whoever takes the server open everything."""
    for path in seen.found:
        yield fault("files.private_key", str(path), "A private key lies within the server’s folders.",
                    "Please move it to the desk, have new keys made there if anybody else could have read it, and "
                    "destroy every copy here, in backups too.")  # fmt: skip
    for path in seen.unread:
        yield warn("files.unread", str(path), "This folder could not be searched for private keys to its end.",
                   "Please either ask again as root, or keep the server’s folders small.")  # fmt: skip
    if not seen.found:
        yield fine("files.private_key", "files", f"No private key among {seen.files:,} files.")


def socket(seen: SocketSeen) -> Iterator[Finding]:
    """Judge who can connect."""
    place = str(seen.path)
    if not seen.exists:
        yield warn("socket.missing", place, "There is no socket, so the server does not run.",
                   "Please start it, unless it is meant to rest.")  # fmt: skip
    elif not seen.is_socket:
        yield fault("socket.kind", place, "Another file lies where the socket should be.",
                    "Please remove it, or name another place as “socket”.")  # fmt: skip
    elif seen.mode & 0o002 and all(folder & 0o001 for folder in seen.folders):
        yield warn("socket.open", place, "Every program on this machine can connect.",
                   "Please close its folder to others, as ops/systemd/offramp.tmpfiles does.")  # fmt: skip
    else:
        yield fine("socket.open", place, "Only those let into its folder can connect.")
