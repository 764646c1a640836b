"""The only reader of offramp.toml, and of the environment over it. Every setting is here, typed, with its meaning.

Not here: what a setting does. The invariants: an unknown or odd value stops the start, all of them at once; and
there is no setting that weakens privacy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from offramp.errors import Problem, Refusal
from offramp.language import State, Tag, language, parse_state
from offramp.sealing import Recipient, read_key, read_recipient, read_verifier
from offramp.tables import Table, read_toml

_SERVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}")
_NUMBERS = ("port", "workers")
MOST_WORKERS, MOST_WEEKS, MOST_DOORS = 16, 520, 2
SURVEYS = ("help-us", "no-need")
T = TypeVar("T")
DEMONSTRATION = "demonstration"
PARTICULARS = ("title", "controller", "contact", "ethics_approval", "legal_basis", "retention", "disclosures")

# Environment variable -> (table, key). A name that ends in _FILE names a file that holds the value.
VARIABLES: Mapping[str, tuple[str, str]] = {
    "OFFRAMP_HOST": ("server", "host"),
    "OFFRAMP_PORT": ("server", "port"),
    "OFFRAMP_SOCKET": ("server", "socket"),
    "OFFRAMP_WORKERS": ("server", "workers"),
    "OFFRAMP_DATABASE": ("store", "database"),
    "OFFRAMP_LEDGER": ("store", "ledger"),
    "OFFRAMP_CONTENT": ("content", "folder"),
}
# Read elsewhere, and so no fault here.
OTHER_VARIABLES = (
    "OFFRAMP_CONFIG",
    "OFFRAMP_CHROMIUM",
    "OFFRAMP_FIREFOX",
    "OFFRAMP_DESK_PASSPHRASE_FILE",
    "OFFRAMP_FIREFOX",
    "OFFRAMP_GATE_KEY",
    "OFFRAMP_GATE_KEY_FILE",
)


@dataclass(frozen=True, slots=True)
class Study:
    """The particulars that a study must state before it may ask anybody anything; shown in the consent."""

    title: str
    controller: str
    contact: str
    ethics_approval: str
    legal_basis: str
    retention: str
    disclosures: str


@dataclass(frozen=True, slots=True)
class Settings:
    """All that the server is told; see docs/reference/settings.md."""

    service: str
    database: Path
    ledger: Path
    content: Path
    surveys: tuple[str, ...]
    host: str
    port: int
    socket: str
    workers: int
    recipients: tuple[Recipient, ...]
    verifier: Ed25519PublicKey
    study: Study | None
    state: State
    drafts: tuple[Tag, ...]
    quick_exit: str
    keep_weeks: int | None = None
    demonstration: bool = False
    pepper: bytes | None = field(default=None, repr=False)
    results: Path | None = None

    def may_show(self, tag: Tag, state: State) -> bool:
        """Tell whether texts of a language that have come so far may be shown: enough, named, or a demonstration."""
        return self.demonstration or tag in self.drafts or state >= self.state


def read_settings(path: Path, environment: Mapping[str, str], demonstration: bool = False) -> Settings:
    """Return the settings in the file and the environment. Refusal: everything missing, unknown or odd."""
    problems: list[Problem] = []
    values = _merged(read_toml(path), environment, problems)
    root = Table(values, path.name, problems)
    server, store, content = root.table("server"), root.table("store"), root.table("content")
    keys, languages, page = root.table("keys"), root.table("languages"), root.table("page")
    programme, results = root.table("programme"), root.table("results")
    folder = path.resolve().parent

    def place(table: Table, key: str, default: str) -> Path:
        return folder / table.text(key, default)

    def attempt(read: Callable[[], T]) -> T | None:
        """Gather what a reader refuses, so that the rest is still read."""
        try:
            return read()
        except Refusal as refusal:
            problems.extend(refusal.problems)
            return None

    verifier = attempt(lambda: read_verifier(_file(keys, "desk", folder), f"{keys.place}, desk"))
    recipients = attempt(lambda: _recipients(keys, folder, demonstration))
    state = attempt(lambda: _state(languages))
    tags = [attempt(lambda tag=tag: language(tag, languages.place)) for tag in languages.texts("drafts")]  # type: ignore[misc]
    settings = Settings(
        service=_service(root),
        database=place(store, "database", "offramp.sqlite"),
        ledger=place(store, "ledger", "tombstones.sqlite"),
        content=place(content, "folder", "content"),
        surveys=_doors(content),
        host=server.text("host", "127.0.0.1"),
        port=_between(server, "port", 8000, 0, 65535),
        socket=server.text("socket", ""),
        workers=_between(server, "workers", 1, 1, MOST_WORKERS),
        recipients=recipients or (),
        verifier=verifier,  # type: ignore[arg-type]  # missing only if problems are raised below
        study=_study(root, demonstration),
        state=State.APPROVED if state is None else state,
        drafts=tuple(found.tag for found in tags if found),
        quick_exit=_address(page, "quick_exit", "https://www.wikipedia.org/"),
        keep_weeks=_between(store, "keep_weeks", 1, 1, MOST_WEEKS) if store.knows("keep_weeks") else None,
        demonstration=demonstration,
        pepper=attempt(lambda: _pepper(programme, folder)),
        results=place(results, "folder", "") if results.knows("folder") else None,
    )
    for table in (root, server, store, content, keys, languages, page, programme, results):
        table.finish()
    if problems:
        raise Refusal(problems)
    return settings


def _state(languages: Table) -> State:
    """Return how far texts must have come to be shown."""
    state = parse_state(languages.text("state", "approved"), languages.place)
    if state is State.DRAFT:
        languages.fault("settings.draft_state", "A live server shows no draft that is not named.",
                        'Please write reviewed or approved, and name the languages: drafts = ["en"].')  # fmt: skip
    return state


def gate_key(environment: Mapping[str, str]) -> bytes:
    """Return the key of sealed term lists: in OFFRAMP_GATE_KEY, or in the file that OFFRAMP_GATE_KEY_FILE names."""
    key, file = environment.get("OFFRAMP_GATE_KEY", ""), environment.get("OFFRAMP_GATE_KEY_FILE", "")
    if bool(key) is bool(file):
        what = "Both OFFRAMP_GATE_KEY and OFFRAMP_GATE_KEY_FILE are set." if key else "No key is given."
        raise Refusal(Problem("gate.no_key", "environment", what,
                              "Please let OFFRAMP_GATE_KEY_FILE name a file (“offramp gate keygen”)."))  # fmt: skip
    if key:
        return read_key(key, "OFFRAMP_GATE_KEY")
    try:
        return read_key(Path(file).read_text(encoding="ascii"), file)
    except (OSError, UnicodeDecodeError):
        raise Refusal(Problem("gate.no_key", file, "The key file cannot be read.",
                              "Please check its name and permissions.")) from None  # fmt: skip


def _merged(
    values: dict[str, Any], environment: Mapping[str, str], problems: list[Problem]
) -> dict[str, Any]:
    """Lay the environment over the file."""
    for name, found in sorted(environment.items()):
        if not name.startswith("OFFRAMP_") or name in OTHER_VARIABLES:
            continue
        if name not in VARIABLES:
            problems.append(Problem("settings.variable", "environment", f"{name} means nothing here.",
                                    f"Please use one of: {', '.join(VARIABLES)}."))  # fmt: skip
            continue
        table, key = VARIABLES[name]
        number = key in _NUMBERS and found.isdecimal()
        values.setdefault(table, {})[key] = int(found) if number else found
    return values


def _service(root: Table) -> str:
    service = root.text("service")
    if service and not _SERVICE.fullmatch(service):
        root.fault("settings.service", f"“{service}” is no name of a service.",
                   "Please use letters, digits, dots and hyphens, 64 at most; never change it later.")  # fmt: skip
    return service


def _doors(content: Table) -> tuple[str, ...]:
    surveys = content.texts("surveys") or SURVEYS
    if len(set(surveys)) != len(surveys) or len(surveys) > MOST_DOORS:
        content.fault("settings.surveys", "A message has a door to each survey, and room for two.",
                      'Please name one or two, each once: surveys = ["help-us", "no-need"].')  # fmt: skip
    return surveys


def _between(table: Table, key: str, default: int, least: int, most: int) -> int:
    number = table.integer(key, default)
    if not least <= number <= most:
        table.fault(
            f"settings.{key}", f"{key} cannot be {number}.", f"Please use a number from {least} to {most}."
        )
    return number


def _file(keys: Table, key: str, folder: Path) -> str:
    name = keys.text(key)
    try:
        return (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        keys.fault("settings.key_file", f"“{name}” cannot be read.",
                   "Please copy the public key files from where “offramp desk keygen” wrote them.")  # fmt: skip
        return ""


def _pepper(programme: Table, folder: Path) -> bytes | None:
    if not programme.knows("pepper"):
        return None
    name = programme.text("pepper")
    try:
        return read_key((folder / name).read_text(encoding="ascii"), f"{programme.place}, pepper")
    except (OSError, UnicodeDecodeError):
        programme.fault("settings.pepper", f"The pepper “{name}” cannot be read, and no journal opens without it.",
                        "Please either restore its backup, or make the first: offramp programme pepper")  # fmt: skip
        return None


def _recipients(keys: Table, folder: Path, demonstration: bool) -> tuple[Recipient, ...]:
    names = keys.texts("recipients")
    if not names:
        keys.fault("settings.no_recipient", "No recipient is named, so nothing could be sealed.",
                   'Please write recipients = ["recipient.txt"].')  # fmt: skip
    read = []
    for name in names:
        text = _file(Table({"recipient": name}, keys.place, keys.problems), "recipient", folder)
        if DEMONSTRATION in text.split()[2:] and not demonstration:
            keys.fault("settings.demonstration_key", f"“{name}” is a demonstration key.",
                       "Please make real ones with “offramp desk keygen” on the researchers’ machine.")  # fmt: skip
        read.append(read_recipient(text, f"{keys.place}, {name}"))
    return tuple(read)


def _study(root: Table, demonstration: bool) -> Study | None:
    if demonstration and not root.has("study"):
        return None
    table = root.table("study")
    study = Study(**{name: table.text(name) for name in PARTICULARS})
    table.finish()
    return study


def _address(table: Table, key: str, default: str) -> str:
    address = table.text(key, default)
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        table.fault("settings.address", f"“{key}” is no web address.", "Please write https://… in full.")
    return address
