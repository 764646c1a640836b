"""The pepper: made once, read from a file, missed loudly; and journals that go when their month is over."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from offramp.cli import app
from offramp.doctor import examine, look
from offramp.errors import Refusal
from offramp.sealing import RowKey
from offramp.store import Rewriting, Row, Store
from tests.unit.test_purge import keeping, purge
from tests.web.installation import Clock, Installation
from tests.web.live import live

# What a test's installation has in its settings.
NAMED = "[programme]\npepper = 'pepper.key'\n"


def make(path: Path) -> tuple[int, object]:
    result = CliRunner().invoke(app, ["programme", "pepper", str(path)])
    return result.exit_code, result.exception


def naming(place: Installation, table: str) -> Installation:
    """Return an installation with another table in place of its own."""
    settings = place.config.read_text()
    assert NAMED in settings
    place.config.write_text(settings.replace(NAMED, table))
    return place


def test_a_pepper_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "pepper.key"
    assert make(path)[0] == 0
    assert re.fullmatch(r"[0-9a-f]{64}\n", path.read_text())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_text()
    _, refusal = make(path)
    assert isinstance(refusal, Refusal)
    assert refusal.codes == ("pepper.file",)
    assert path.read_text() == before


def test_a_server_reads_it_and_never_prints_it(tmp_path: Path) -> None:
    place = naming(live(tmp_path), "[programme]\npepper = 'new.key'\n")
    make(place.folder / "new.key")
    written = (place.folder / "new.key").read_text().strip()
    settings = place.settings
    assert settings.pepper == bytes.fromhex(written)
    assert written not in repr(settings)
    assert repr(settings.pepper) not in repr(settings)


def test_without_the_table_there_is_none(tmp_path: Path) -> None:
    assert naming(live(tmp_path), "").settings.pepper is None


@pytest.mark.parametrize(
    ("written", "code"), [(None, "settings.pepper"), ("pepper", "sealing.key"), ("ü", "settings.pepper")]
)
def test_a_pepper_that_is_named_and_cannot_be_read_stops_the_start(
    tmp_path: Path, written: str | None, code: str
) -> None:
    place = live(tmp_path)
    (place.folder / "pepper.key").unlink()
    if written is not None:
        (place.folder / "pepper.key").write_text(written, encoding="utf-8")
    with pytest.raises(Refusal) as caught:
        _ = place.settings
    assert caught.value.codes == (code,)


# -- the doctor ---------------------------------------------------------------------------------------------


def findings(tmp_path: Path, pepper: str, mode: int = 0o600) -> dict[str, str]:
    """Return what the doctor says of a pepper in this place of an installation."""
    place = naming(live(tmp_path), f"[programme]\npepper = '{pepper}'\n")
    path = place.folder / pepper
    path.unlink(missing_ok=True)
    make(path)
    path.chmod(mode)
    seen = look(place.config, {}, Clock()(), tmp_path / "machine")
    return {f.code: f.level.name for f in examine(seen) if f.place == str(path)}


def test_the_doctor_looks_who_may_read_it_and_where_it_lies(tmp_path: Path) -> None:
    assert findings(tmp_path, "pepper.key") == {"files.pepper": "OK"}


def test_the_doctor_finds_one_that_others_may_read(tmp_path: Path) -> None:
    assert findings(tmp_path, "pepper.key", 0o644) == {"files.pepper": "OK", "files.permissions": "FAULT"}


def test_the_doctor_finds_one_that_lies_among_the_content(tmp_path: Path) -> None:
    assert findings(tmp_path, f"{tmp_path}/content/pepper.key") == {"files.pepper": "FAULT"}


# -- journals whose month is over ---------------------------------------------------------------------------


def journals(store: Store) -> list[str]:
    rows = store.journals.rows(RowKey(bytes([n]) * 24) for n in range(3))
    return sorted(row.until for row in rows.values())


def begun(store: Store) -> None:
    days = ["2020-01-31", "2020-02-29", "2999-12-31"]
    rows = [Row(RowKey(bytes([n]) * 24), day, n + 1, b"sealed") for n, day in enumerate(days)]
    store.journals.write(Rewriting({}, rows))


def test_the_purge_deletes_journals_whose_month_is_over(tmp_path: Path) -> None:
    place = keeping(tmp_path, 4)
    store = Store.open(place.settings.database, place.settings.ledger)
    begun(store)
    assert purge(place, "--dry-run")[1].splitlines()[-1] == "2 rows of unused journals would be deleted."
    assert len(journals(store)) == 3
    assert purge(place)[1].splitlines()[-1] == "2 rows of unused journals deleted."
    assert journals(store) == ["2999-12-31"]
    store.close()


def test_a_server_deletes_them_at_its_start_by_its_own_clock(tmp_path: Path) -> None:
    place = live(tmp_path)
    store = Store.open(place.settings.database, place.settings.ledger)
    begun(store)
    with place.running() as client:
        assert client.get("/health").status_code == 200
        assert journals(store) == ["2999-12-31"]
    store.release()
