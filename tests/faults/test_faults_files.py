"""Others at the same files: a second server, a purge beside the first, and files that can only be read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from offramp.disk import NoRoom
from offramp.sealing import PageKey
from offramp.store import Envelope, Store
from tests.faults.crowd import Crowd
from tests.faults.ledger import differences
from tests.faults.lives import Line, living
from tests.web.installation import Installation
from tests.web.live import live, study, tiny_content
from tests.web.respondent import Respondent

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]
LONG_AGO = [Envelope(PageKey(bytes([n] * 24)), "tea", "2020-W01", bytes([n]) * 4096) for n in range(50)]


def offramp(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "offramp", *arguments], capture_output=True, text=True, timeout=120, check=False,
        env={"PATH": os.environ["PATH"]},
    )  # fmt: skip


def assert_refused(done: subprocess.CompletedProcess[str], what: str) -> None:
    """One line for a person, and no trace."""
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    (line,) = done.stderr.splitlines()
    assert what in line
    assert re.fullmatch(r"\[[^]]+\] .+ Please .+", line)


def test_a_second_server_is_refused_although_it_calls_the_database_by_another_name(tmp_path: Path) -> None:
    place = live(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    for name in ("recipient.txt", "verifier.txt", "pepper.key"):
        (other / name).write_text((place.folder / name).read_text())
    (other / "linked.sqlite").symlink_to(place.folder / "offramp.sqlite")
    config = other / "offramp.toml"
    config.write_text(f"{place.config.read_text()}[store]\ndatabase = 'linked.sqlite'\n")
    with living(place) as lives, Line(lives) as line:
        lives.start()
        person = Respondent(line, place.survey).begin().next({"drinks_tea": "yes", "cups_a_day": 3})
        done = offramp("serve", "--config", config)
        assert_refused(done, "Another server is using this database.")
        person.next(words={"last_word": "a brambulette"})
        assert person.seen.status == 200
        assert lives.stop()[0] in (0, -15)
        assert lives.said() == []
    assert place.response().words == {"last_word": "a brambulette"}


def test_a_purge_beside_the_server_deletes_what_is_old_and_nothing_else(tmp_path: Path) -> None:
    place = live(tmp_path)
    store = Store.open(place.settings.database, place.settings.ledger)
    store.keep(LONG_AGO)
    store.close()
    with living(place) as lives:
        crowd = Crowd(lives, place.survey, seed=2)
        with crowd.walking(3):
            lives.start()
            for gone in (len(LONG_AGO), 0):
                crowd.wait_for(20)
                done = offramp("purge", "--config", place.config, "--keep-weeks", "26", "--unconfirmed")
                assert done.returncode == 0, done.stderr
                assert f"{gone} envelopes of weeks before" in done.stdout
            crowd.wait_for(20)
            lives.kill()
        assert differences(place, crowd) == []
        assert lives.said() == []
    assert crowd.told["fault"] == 0


def read_only(place: Installation, mounted: Callable[[str], Path] | None) -> None:
    if mounted:
        mounted("remount,ro")
    else:
        place.folder.chmod(0o500)
        for path in place.folder.glob("*.sqlite*"):
            path.chmod(0o400)


@pytest.mark.parametrize("lived", [True, False], ids=["used before", "new"])
def test_files_that_can_only_be_read_are_refused_in_plain_words(
    tmp_path: Path, request: pytest.FixtureRequest, lived: bool
) -> None:
    # Root may write whatever the mode says; only a disk that is mounted so keeps it out.
    mounted = request.getfixturevalue("mounted") if os.geteuid() == 0 else None
    folder = mounted("size=4m") if mounted else tmp_path / "server"
    place = Installation(folder, demonstration=False, content=tiny_content(tmp_path), study=study())
    if lived:
        with living(place) as lives, Line(lives) as line:
            lives.start()
            Respondent(line, place.survey).begin().next({"drinks_tea": "yes"})
            lives.kill()
    read_only(place, mounted)
    assert_refused(offramp("serve", "--config", place.config), "cannot be opened (")
    assert_refused(offramp("purge", "--config", place.config, "--keep-weeks", "26"), "cannot be opened (")
    if mounted:
        mounted("remount,rw")
        assert len(place.envelopes()) == lived


def some() -> Envelope:
    return Envelope(PageKey(os.urandom(24)), "tea", "2026-W47", os.urandom(4096))


def test_settling_without_room_gives_back_the_room_that_it_took(
    mounted: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy that settling makes fits elsewhere; its way back through the log does not fit on the small disk."""
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    path = mounted("size=8m") / "offramp.sqlite"
    store = Store.open(path)
    while path.stat().st_size < 5 << 20:
        store.keep([some() for _ in range(50)])
        store.forget([])
    # What the file has to grow for lies in the log alone.
    store.keep([some() for _ in range(50)])
    before = store.envelopes(limit=10_000)
    with pytest.raises(NoRoom):
        store.settle()
    assert path.with_name("offramp.sqlite-wal").stat().st_size == 0
    assert store.envelopes(limit=10_000) == before
    store.keep([some()])
    with pytest.raises(NoRoom):
        store.close()
