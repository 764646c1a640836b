"""The only file of the doctor that looks at the world: files, /proc and /sys, the clock's keeper, the database.

It judges nothing, changes nothing, and reads of a database only its revision, the names of tables and columns, and
which versions of a questionnaire were answered.
The invariant: what cannot be read becomes a value that says so, and never an error.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import resource
import shutil
import sqlite3
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from offramp.doctor.database import DatabaseSeen, Shape
from offramp.doctor.examination import Seen
from offramp.doctor.files import ROOT, FileSeen, KeysSeen, Role, SocketSeen
from offramp.doctor.ground import SwapSeen
from offramp.doctor.logs import Front, FrontSeen
from offramp.doctor.texts import ContentSeen, EntrySeen
from offramp.errors import Problem, Refusal
from offramp.language import State, Tag
from offramp.schema import REVISIONS, ROLL, STAMP
from offramp.settings import Settings, read_settings
from offramp.store import Rolled, Store
from offramp.tables import read_toml
from offramp.web import read_content, without_version

GATE_KEY = "OFFRAMP_GATE_KEY_FILE"
MOST_FILES, LONGEST_FRONT = 100_000, 256 * 1024
_PRIVATE = b"OFRK"
_WAL_BYTE, _WAL = 18, 2
_FRONTS: Mapping[Front, tuple[str, ...]] = {
    Front.SYSTEMD: ("etc/systemd/system/offramp*", "etc/systemd/system/offramp*/*.conf",
                    "usr/lib/systemd/system/offramp*"),
    Front.NGINX: ("etc/nginx/nginx.conf", "etc/nginx/conf.d/*.conf", "etc/nginx/sites-enabled/*"),
    Front.CADDY: ("etc/caddy/Caddyfile", "etc/caddy/*.caddy"),
    Front.TOR: ("etc/tor/torrc", "etc/tor/torrc.d/*"),
}  # fmt: skip


def look(config: Path, environment: Mapping[str, str], now: datetime, root: Path = Path("/")) -> Seen:
    """Return everything that can be seen of the installation whose settings are in `config`."""
    settings, problems = _settings(config, environment)
    swap, pattern = _swap(root), _text(root / "proc/sys/kernel/core_pattern")
    seen = Seen(
        problems, now, _name(os.geteuid()), frozenset(environment),
        fronts=tuple(_fronts(root)), synchronised=_synchronised(), swap=swap,
        core_limit=resource.getrlimit(resource.RLIMIT_CORE)[0],
        core_pattern=None if pattern is None else pattern.strip(),
        files=tuple(_files({config: Role.SETTINGS})), keys=_private_keys({config.resolve().parent}, ()),
    )  # fmt: skip
    return _with_settings(seen, config, settings, environment) if settings else seen


def _with_settings(seen: Seen, config: Path, settings: Settings, environment: Mapping[str, str]) -> Seen:
    place = settings.database.parent
    folders = {config.resolve().parent, settings.content, place, settings.ledger.parent}
    gate_key = Path(environment[GATE_KEY]) if environment.get(GATE_KEY) else None
    roles = _roles(config, settings, gate_key)
    database, ledger = _known()
    databases = (_database(settings.database, database), _database(settings.ledger, ledger))
    return replace(
        seen,
        fingerprints=tuple(recipient.fingerprint.hex() for recipient in settings.recipients),
        host="" if settings.socket else settings.host,
        doors=(settings.socket,) if settings.socket else
              tuple(f"{host}:{settings.port}" for host in {settings.host, "127.0.0.1", "localhost"}),
        files=tuple(_files(roles)),
        keys=_private_keys(folders, tuple(p for p, role in roles.items() if role in (Role.SECRET, Role.PEPPER))),
        socket=_socket(Path(settings.socket)) if settings.socket else None,
        databases=databases,
        place=place,
        free=_free(place),
        lasting=settings.study is not None and settings.keep_weeks is None,
        keep_weeks=settings.keep_weeks,
        content=_content(settings, databases[0].roll),
    )  # fmt: skip


def _settings(config: Path, environment: Mapping[str, str]) -> tuple[Settings | None, tuple[Problem, ...]]:
    """Return the settings as far as they can be read, and what would keep a live server from starting."""
    try:
        return read_settings(config, environment), ()
    except Refusal as refusal:
        problems = refusal.problems
    # A demonstration is asked for less. Where it has enough, the rest can be looked at all the same.
    with contextlib.suppress(Refusal):
        return read_settings(config, environment, demonstration=True), problems
    return None, problems


# -- files --------------------------------------------------------------------------------------------------


def _roles(config: Path, settings: Settings, gate_key: Path | None) -> dict[Path, Role]:
    home, table = config.resolve().parent, read_toml(config)
    named, pepper = table.get("keys", {}), table.get("programme", {}).get("pepper")
    public = {home / name: Role.PUBLIC_KEY for name in (*named.get("recipients", ()), named.get("desk", "."))}
    stores = {settings.database: Role.DATABASE, settings.ledger: Role.LEDGER}
    logs = {Path(f"{path}{tail}"): role for path, role in stores.items() for tail in ("-wal", "-shm")}
    roles = {config: Role.SETTINGS, settings.content: Role.CONTENT, **public, **stores, **logs}
    if gate_key:
        roles[gate_key] = Role.SECRET
    if isinstance(pepper, str):
        roles[home / pepper] = Role.PEPPER
    return {**{path.resolve().parent: Role.FOLDER for path in roles}, **roles}


def _files(roles: Mapping[Path, Role]) -> Iterator[FileSeen]:
    for path, role in roles.items():
        with contextlib.suppress(OSError):
            found = path.stat()
            yield FileSeen(path, role, stat.S_IMODE(found.st_mode), _name(found.st_uid), _group(found.st_gid))


def _name(user: int) -> str:
    if user == 0:
        return ROOT
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def _group(group: int) -> str:
    try:
        return ROOT if group == 0 else grp.getgrgid(group).gr_name
    except KeyError:
        return str(group)


def _private_keys(folders: set[Path], known: tuple[Path, ...]) -> KeysSeen:
    """Look into every file below these folders for a private key; links are not followed."""
    found: set[Path] = set()
    unread: set[Path] = set()
    files = 0
    for folder in sorted(folders):
        if any(other in folder.parents for other in folders):
            continue
        for where, _, names in os.walk(folder, onerror=lambda error: unread.add(Path(error.filename))):
            for path in (Path(where, name) for name in names):
                files += 1
                if path not in known and _is_private(path, unread):
                    found.add(path)
            if files > MOST_FILES:
                unread.add(folder)
                break
    return KeysSeen(tuple(sorted(found)), files, tuple(sorted(unread)))


def _is_private(path: Path, unread: set[Path]) -> bool:
    if path.suffix == ".key":
        return True
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return False
        with path.open("rb") as file:
            return file.read(len(_PRIVATE)) == _PRIVATE
    except FileNotFoundError:
        return False
    except OSError:
        unread.add(path.parent)
        return False


def _socket(path: Path) -> SocketSeen:
    folders = tuple(
        stat.S_IMODE(parent.stat().st_mode) for parent in path.resolve().parents if _there(parent)
    )
    if not _there(path):
        return SocketSeen(path, exists=False)
    mode = path.stat().st_mode
    return SocketSeen(path, True, stat.S_ISSOCK(mode), stat.S_IMODE(mode), folders)


def _there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _text(path: Path) -> str | None:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(LONGEST_FRONT)
    except OSError:
        return None


# -- the store ----------------------------------------------------------------------------------------------


def _known() -> tuple[Shape, Shape]:
    """Return the tables that this version makes in a database and in a ledger, by letting it make them."""
    with tempfile.TemporaryDirectory(prefix="offramp-doctor-") as folder:
        database, ledger = Path(folder, "database"), Path(folder, "ledger")
        Store.open(database, ledger).close()
        return _shape(database, immutable=True), _shape(ledger, immutable=True)


def _database(path: Path, known: Shape) -> DatabaseSeen:
    ahead = Path(f"{path}-wal")
    try:
        if not path.exists():
            return DatabaseSeen(path, exists=False)
        with path.open("rb") as file:
            journal = "wal" if file.read(_WAL_BYTE + 1)[-1:] == bytes((_WAL,)) else "delete"
        # Where there is no log nobody has it open, and SQLite can be told to leave no trace of this reading.
        shape = _shape(path, immutable=not ahead.exists())
        revision = _revision(path, shape, immutable=not ahead.exists())
        roll = _roll(path, shape, immutable=not ahead.exists())
        size, logged = path.stat().st_size, ahead.stat().st_size if ahead.exists() else 0
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return DatabaseSeen(path, exists=True, error=reason or type(error).__name__)
    return DatabaseSeen(path, True, "", journal, shape, known, revision, size, logged, roll)


def _reader(path: Path, immutable: bool) -> contextlib.closing[sqlite3.Connection]:
    address = f"{path.resolve().as_uri()}?mode=ro" + ("&immutable=1" if immutable else "")
    return contextlib.closing(sqlite3.connect(address, uri=True))


def _revision(path: Path, shape: Shape, immutable: bool) -> str:
    if STAMP not in shape:
        return REVISIONS[0]
    with _reader(path, immutable) as connection:
        return "".join(row[0] for row in connection.execute(f"SELECT version_num FROM {STAMP}"))  # noqa: S608


def _roll(path: Path, shape: Shape, immutable: bool) -> tuple[Rolled, ...]:
    if not set(Rolled._fields) <= shape.get(ROLL.name, frozenset()):
        return ()
    with _reader(path, immutable) as connection:
        rows = connection.execute(f"SELECT {', '.join(Rolled._fields)} FROM {ROLL.name}").fetchall()  # noqa: S608
    return tuple(Rolled(*row) for row in sorted(rows))


def _shape(path: Path, immutable: bool) -> Shape:
    with _reader(path, immutable) as connection:
        rows = connection.execute(
            "SELECT m.name, c.name FROM sqlite_schema AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table'"
        ).fetchall()
    return {table: frozenset(column for name, column in rows if name == table) for table, _ in rows}


def _free(place: Path) -> int:
    there = next((folder for folder in (place, *place.parents) if _there(folder)), Path("/"))
    return shutil.disk_usage(there).free


# -- content ------------------------------------------------------------------------------------------------


def _content(settings: Settings, roll: Sequence[Rolled]) -> ContentSeen:
    problems: tuple[Problem, ...] = ()
    shown: tuple[Tag, ...] = ()
    try:
        shown = read_content(settings).offered
    except Refusal as refusal:
        problems = refusal.problems
    try:
        # A demonstration shows every language, so nothing is left out of this reading.
        content = read_content(replace(settings, demonstration=True))
    except Refusal:
        return ContentSeen(problems)
    kinds = {
        **{f"survey {slug}": survey.catalogues for slug, survey in content.surveys.items()},
        **{f"programme {slug}": guide.programme.catalogues for slug, guide in content.guides.of.items()},
        "messages": content.messages.catalogues, "help": content.directory.notes, "interface": content.interface,
    }  # fmt: skip
    tags = {tag: None for catalogues in kinds.values() for tag in catalogues}
    states: dict[Tag, dict[str, State]] = {
        tag: {kind: catalogues[tag].state for kind, catalogues in kinds.items() if tag in catalogues}
        for tag in tags
    }
    gone = tuple(without_version(roll, content.answered)) if roll else None
    entries = tuple(EntrySeen(service.id, service.read) for service in content.directory.services)
    return ContentSeen(problems, tuple(kinds), states, shown, settings.state, entries, gone)


# -- the machine --------------------------------------------------------------------------------------------


def _fronts(root: Path) -> Iterator[FrontSeen]:
    for front, patterns in _FRONTS.items():
        for path in (path for pattern in patterns for path in sorted(root.glob(pattern))):
            text = _text(path) if path.is_file() else None
            if text is not None:
                yield FrontSeen(front, path, text)
    for path in sorted(root.glob("proc/[0-9]*/cmdline")):
        command = (_text(path) or "").replace("\0", " ")
        if "offramp" in command:
            yield FrontSeen(Front.PROCESS, path.parent, command)


def _synchronised() -> bool | None:
    program = shutil.which("timedatectl")
    if not program:
        return None
    command = [program, "show", "--property=NTPSynchronized", "--value"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {"yes": True, "no": False}.get(said.stdout.strip())


def _swap(root: Path) -> tuple[SwapSeen, ...] | None:
    table = _text(root / "proc/swaps")
    if table is None:
        return None
    names = [line.split()[0].replace("\\040", " ") for line in table.splitlines()[1:] if line.strip()]
    return tuple(SwapSeen(name, _safe(root, Path(name))) for name in names)


def _safe(root: Path, area: Path) -> bool | None:
    """Tell whether a swap area is on encrypted ground, or is compressed memory without any."""
    if area.name.startswith("zram"):
        return (_text(root / "sys/block" / area.name / "backing_dev") or "").strip() == "none"
    try:
        found = area.stat()
    except OSError:
        return None
    device = found.st_rdev if stat.S_ISBLK(found.st_mode) else found.st_dev
    return _encrypted(root / f"sys/dev/block/{os.major(device)}:{os.minor(device)}")


def _encrypted(device: Path) -> bool | None:
    if not _there(device):
        return None
    if (_text(device / "dm/uuid") or "").startswith("CRYPT-"):
        return True
    below = sorted((device / "slaves").iterdir()) if _there(device / "slaves") else []
    return bool(below) and all(_encrypted(one) for one in below)
