"""What the doctor says about what it has seen: each judgement with examples, and a few laws over all of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.doctor import Finding, Level, Seen, examine
from offramp.doctor.database import LONG_LOG, DatabaseSeen, database, retention
from offramp.doctor.files import (
    FileSeen,
    KeysSeen,
    Role,
    SocketSeen,
    owners,
    permissions,
    private_keys,
    runs_as_root,
    socket,
)
from offramp.doctor.findings import fine
from offramp.doctor.ground import FULL, MEGABYTE, SwapSeen, address, clock, core_dumps, disk, swap
from offramp.doctor.texts import ContentSeen, EntrySeen, help_entries, languages
from offramp.errors import Fault, Problem
from offramp.language import State, Tag
from offramp.schema import REVISIONS

OK, WARNING, FAULT = Level
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DATABASE = Path("/var/lib/offramp/offramp.sqlite")
EN, AR, FI = Tag("en"), Tag("ar"), Tag("fi")


def said(findings: object) -> list[tuple[Level, str]]:
    return [(finding.level, finding.code) for finding in findings]  # type: ignore[attr-defined]


def seen(role: Role, mode: int, owner: str = "offramp", path: str = "/var/lib/offramp/file") -> FileSeen:
    return FileSeen(Path(path), role, mode, owner)


# -- findings -----------------------------------------------------------------------------------------------


def test_whatever_is_wrong_comes_with_a_way_out() -> None:
    with pytest.raises(Fault):
        Finding(FAULT, "a.code", "here", "It is broken.")
    with pytest.raises(Fault):
        Finding(OK, "a.code", "here", "It is well.", "Please do nothing.")


def test_a_finding_reads_like_a_problem() -> None:
    assert str(fine("a.code", "here", "It is well.")) == "[here] It is well."
    wrong = Finding(WARNING, "a.code", "here", "It is odd.", "Please look.")
    assert str(wrong) == "[here] It is odd. Please look."


# -- files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "mode", "level"),
    [
        (Role.DATABASE, 0o600, OK),
        (Role.DATABASE, 0o640, WARNING),
        (Role.DATABASE, 0o644, FAULT),
        (Role.LEDGER, 0o604, FAULT),
        (Role.SECRET, 0o440, WARNING),
        (Role.SETTINGS, 0o644, OK),
        (Role.SETTINGS, 0o664, WARNING),
        (Role.PUBLIC_KEY, 0o646, FAULT),
        (Role.CONTENT, 0o755, OK),
        (Role.FOLDER, 0o777, FAULT),
        (Role.FOLDER, 0o1777, OK),
    ],
)
def test_permissions(role: Role, mode: int, level: Level) -> None:
    assert said(permissions([seen(role, mode)])) == [(level, "files.permissions")]


@given(st.sampled_from(Role), st.integers(0, 0o7777))
def test_doing_what_is_said_about_permissions_settles_the_matter(role: Role, mode: int) -> None:
    (finding,) = permissions([seen(role, mode)])
    if finding.level is not OK:
        wanted = int(finding.remedy.split()[3], 8)
        assert said(permissions([seen(role, wanted)])) == [(OK, "files.permissions")]
        assert wanted | mode == mode


def test_the_group_of_root_is_root() -> None:
    roots, clubs = (FileSeen(DATABASE, Role.CONTENT, 0o775, "root", group) for group in ("root", "club"))
    assert said(permissions([roots])) == [(OK, "files.permissions")]
    (finding,) = permissions([clubs])
    assert (finding.level, "The group club" in finding.what) == (WARNING, True)


def test_every_open_file_is_named() -> None:
    files = [
        seen(Role.DATABASE, 0o644, path="/a"),
        seen(Role.LEDGER, 0o666, path="/b"),
        seen(Role.SETTINGS, 0o600),
    ]
    assert [finding.place for finding in permissions(files)] == ["/a", "/b"]


def test_the_ledger_must_be_writable_for_whoever_writes_the_database() -> None:
    files = [seen(Role.DATABASE, 0o600), seen(Role.LEDGER, 0o600, "root")]
    assert said(owners(files)) == [(FAULT, "files.owners")]


def test_the_server_should_not_be_able_to_change_what_it_obeys() -> None:
    mine = [seen(Role.DATABASE, 0o600), seen(Role.PUBLIC_KEY, 0o644)]
    assert said(owners(mine)) == [(WARNING, "files.obeyed")]
    roots = [seen(Role.DATABASE, 0o600), seen(Role.PUBLIC_KEY, 0o644, "root")]
    assert said(owners(roots)) == []


def test_a_third_person_who_owns_settings_is_named() -> None:
    (finding,) = owners([seen(Role.DATABASE, 0o600), seen(Role.SETTINGS, 0o644, "somebody")])
    assert finding.level is WARNING
    assert "somebody" in finding.what


@pytest.mark.parametrize(
    ("files", "myself", "level"),
    [
        ([seen(Role.DATABASE, 0o600, "root")], "somebody", WARNING),
        ([seen(Role.DATABASE, 0o600, "offramp")], "root", OK),
        ([], "root", WARNING),
    ],
)
def test_running_as_root(files: list[FileSeen], myself: str, level: Level) -> None:
    assert said(runs_as_root(files, myself)) == [(level, "files.root")]


def test_nobody_runs_as_root_before_anything_is_written_unless_root_asks() -> None:
    assert said(runs_as_root([], "somebody")) == []


def test_private_keys() -> None:
    assert said(private_keys(KeysSeen((Path("/etc/offramp/desk.key"),), 3))) == [(FAULT, "files.private_key")]
    assert said(private_keys(KeysSeen(files=3))) == [(OK, "files.private_key")]


def test_a_folder_that_could_not_be_searched_is_not_called_safe() -> None:
    (unread, _) = private_keys(KeysSeen(unread=(Path("/etc/offramp"),)))
    assert (unread.level, unread.place) == (WARNING, "/etc/offramp")


@pytest.mark.parametrize(
    ("mode", "folders", "level"),
    [
        (0o666, (0o710, 0o755, 0o755), OK),
        (0o660, (0o755, 0o755, 0o755), OK),
        (0o666, (0o755, 0o755, 0o755), WARNING),
    ],
)
def test_who_can_connect_to_the_socket(mode: int, folders: tuple[int, ...], level: Level) -> None:
    there = SocketSeen(Path("/run/offramp/offramp.sock"), True, True, mode, folders)
    assert said(socket(there)) == [(level, "socket.open")]


def test_no_socket_or_another_file_in_its_place() -> None:
    assert said(socket(SocketSeen(Path("/run/x"), exists=False))) == [(WARNING, "socket.missing")]
    assert said(socket(SocketSeen(Path("/run/x"), exists=True))) == [(FAULT, "socket.kind")]


# -- the machine --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "synchronised", "level"),
    [
        (NOW, True, OK),
        (NOW, False, WARNING),
        (NOW, None, WARNING),
        (datetime(1970, 1, 1, tzinfo=UTC), True, FAULT),
        (datetime(2026, 5, 30, tzinfo=UTC), True, FAULT),  # earlier than the content
        (datetime(2126, 1, 1, tzinfo=UTC), True, FAULT),
    ],
)
def test_clock(now: datetime, synchronised: bool | None, level: Level) -> None:
    (finding,) = clock(now, date(2026, 6, 1), synchronised)
    assert finding.level is level


def test_swap() -> None:
    areas = (SwapSeen("/dev/dm-1", True), SwapSeen("/swapfile", False), SwapSeen("/dev/vdb", None))
    assert [finding.level for finding in swap(areas)] == [OK, WARNING, WARNING]
    assert said(swap(())) == [(OK, "ground.swap")]
    assert said(swap(None)) == [(WARNING, "ground.swap")]


@pytest.mark.parametrize(
    ("limit", "pattern", "level"),
    [
        (0, "core", OK),
        (-1, "core", WARNING),
        (4096, "core", WARNING),
        (-1, "|/bin/false", OK),
        (0, "|/usr/lib/systemd/systemd-coredump %P %u", OK),
        (-1, "|/usr/lib/systemd/systemd-coredump %P %u", WARNING),
        (0, "|/usr/share/apport/apport -p%p", WARNING),
        (0, None, WARNING),
    ],
)
def test_core_dumps(limit: int, pattern: str | None, level: Level) -> None:
    assert said(core_dumps(limit, pattern)) == [(level, "ground.core")]


@pytest.mark.parametrize(
    ("free", "size", "level"),
    [
        (FULL - 1, 0, FAULT),
        (1000 * MEGABYTE, 0, WARNING),
        (2000 * MEGABYTE, 900 * MEGABYTE, OK),
        (2000 * MEGABYTE, 1100 * MEGABYTE, WARNING),
    ],
)
def test_room_on_the_disk(free: int, size: int, level: Level) -> None:
    assert said(disk("/var/lib/offramp", free, size)) == [(level, "ground.disk")]


def test_address() -> None:
    assert said(address("127.0.0.1")) == [(OK, "ground.address")]
    assert said(address("0.0.0.0")) == [(WARNING, "ground.address")]


# -- the database -------------------------------------------------------------------------------------------

SHAPE = {"envelope": frozenset({"key", "body"}), "tombstone": frozenset({"key"})}


def test_a_database_as_this_version_makes_it() -> None:
    sound = DatabaseSeen(DATABASE, True, journal="wal", shape=SHAPE, known=SHAPE)
    assert said(database(sound)) == [(OK, "database.shape")]


def test_a_database_that_is_not_there_yet() -> None:
    assert said(database(DatabaseSeen(DATABASE, exists=False))) == [(OK, "database.missing")]


def test_a_database_that_cannot_be_read_says_why() -> None:
    (finding,) = database(DatabaseSeen(DATABASE, True, error="file is not a database"))
    assert finding.level is FAULT
    assert "file is not a database" in finding.what


@pytest.mark.parametrize(
    "shape",
    [
        {"envelope": frozenset({"key"}), "tombstone": frozenset({"key"})},
        {"envelope": frozenset({"key", "body"})},
        {**SHAPE, "diary": frozenset({"who"})},
    ],
)
def test_a_database_of_another_version(shape: dict[str, frozenset[str]]) -> None:
    other = DatabaseSeen(DATABASE, True, journal="wal", shape=shape, known=SHAPE)
    assert said(database(other)) == [(FAULT, "database.shape")]


@pytest.mark.parametrize(("revision", "code"), [(REVISIONS[0], "database.older"), ("9999", "database.newer")])
def test_a_database_of_another_revision_is_not_compared_any_further(revision: str, code: str) -> None:
    other = DatabaseSeen(DATABASE, True, journal="wal", shape={}, known=SHAPE, revision=revision)
    assert said(database(other)) == [(FAULT, code)]


def test_how_long_answers_stay() -> None:
    assert said(retention(True, None)) == [(WARNING, "store.retention")]
    assert said(retention(False, 26)) == [(OK, "store.retention")]
    assert said(retention(False, None)) == [], "a demonstration promises nothing"


def test_journal_and_log() -> None:
    odd = DatabaseSeen(DATABASE, True, journal="delete", shape=SHAPE, known=SHAPE, log_bytes=LONG_LOG + 1)
    assert said(database(odd)) == [
        (OK, "database.shape"), (WARNING, "database.journal"), (WARNING, "database.log"),
    ]  # fmt: skip


# -- texts --------------------------------------------------------------------------------------------------

KINDS = ("survey help-us", "help")


def content(**states: State) -> ContentSeen:
    per_language = {Tag(tag): dict.fromkeys(KINDS, state) for tag, state in states.items()}
    return ContentSeen(kinds=KINDS, states=per_language, shown=(EN,))


def test_languages_that_are_shown() -> None:
    assert said(languages(content(en=State.APPROVED))) == [(OK, "texts.shown")]
    assert said(languages(content(en=State.REVIEWED))) == [(WARNING, "texts.draft")]


def test_languages_that_are_not_shown() -> None:
    assert said(languages(content(en=State.APPROVED, ar=State.DRAFT)))[1] == (OK, "texts.hidden")
    part = ContentSeen(kinds=KINDS, states={FI: {"help": State.APPROVED}})
    (finding,) = languages(part)
    assert finding.what == "Not shown; it has no survey help-us."


def test_what_content_refuses_is_a_fault() -> None:
    refused = ContentSeen((Problem("settings.no_language", "languages", "None.", "Please name one."),))
    assert said(languages(refused)) == [(FAULT, "settings.no_language")]


def test_help_entries_grow_old() -> None:
    today = NOW.date()
    fresh, old = (EntrySeen(f"after_{n}", (today - timedelta(days=n)).isoformat()) for n in (180, 181))
    assert said(help_entries((fresh,), today)) == [(OK, "texts.help")]
    (finding,) = help_entries((fresh, old, EntrySeen("whenever", "last spring")), today)
    assert finding.level is WARNING
    assert "2 of 3" in finding.what
    assert "after_181, whenever" in finding.what


# -- everything at once -------------------------------------------------------------------------------------


def test_problems_of_the_settings_hide_no_other_finding() -> None:
    healthy = Seen((), NOW, "offramp", files=(seen(Role.DATABASE, 0o644),), place=Path("/x"), free=0)
    broken = Seen((Problem("table.missing", "offramp.toml", "“service” is missing.", "Please add it."),), NOW,
                  "offramp", files=healthy.files, place=healthy.place, free=0)  # fmt: skip
    first, *rest = examine(broken)
    assert (first.level, first.code) == (FAULT, "table.missing")
    assert tuple(rest) == examine(healthy)
    assert {"files.permissions", "ground.disk"} <= {code for level, code in said(rest) if level is FAULT}


def test_the_desks_passphrase_is_not_for_servers() -> None:
    findings = examine(Seen((), NOW, "offramp", frozenset({"OFFRAMP_DESK_PASSPHRASE_FILE"})))
    assert (FAULT, "keys.passphrase") in said(findings)


def test_the_recipients_are_named_for_comparing() -> None:
    findings = examine(Seen((), NOW, "offramp", fingerprints=("00ff" * 8,)))
    assert any(finding.code == "keys.recipient" and "00ff" in finding.what for finding in findings)


def test_what_was_not_seen_is_not_called_fine() -> None:
    blind = said(examine(Seen((), NOW, "offramp")))
    for code in (
        "ground.clock",
        "ground.swap",
        "ground.core",
        "texts.shown",
        "database.shape",
        "files.permissions",
    ):
        assert (OK, code) not in blind
