"""The systemd units as systemd itself sees them: are they sound, and how much do they leave to whoever gets in."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "ops" / "systemd"
SERVICES = ("offramp.service", "offramp-purge.service")
# systemd's scale goes from 0 to 100. The socket is 4; loopback needs a network and gets 11.
CLOSED, LOOPBACK, WIDE_OPEN = 5, 12, 90
Check = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def analyze(program: Callable[[str, str], str]) -> Check:
    tool = program("systemd-analyze", "systemd")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([tool, *arguments], capture_output=True, text=True, check=False, timeout=120)

    return run


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """Copies of all units that start a program which is there."""
    for path in UNITS.glob("offramp*.[st]*"):
        text = path.read_text(encoding="utf-8").replace("/opt/offramp/.venv/bin/offramp", sys.executable)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    return tmp_path


def beside(units: Path, drop_in: str) -> None:
    folder = units / "offramp.service.d"
    folder.mkdir()
    shutil.copy(UNITS / drop_in, folder)


def exposure(analyze: Check, unit: Path) -> float:
    found = analyze("security", "--offline=true", "--no-pager", str(unit))
    (score,) = re.findall(r"Overall exposure level for .*: ([\d.]+)", found.stdout)
    return float(score) * 10


@pytest.mark.parametrize("unit", [*SERVICES, "offramp-purge.timer"])
def test_units_are_sound(analyze: Check, units: Path, unit: str) -> None:
    found = analyze("verify", str(units / unit))
    assert (found.returncode, found.stderr) == (0, "")


def test_the_loopback_variant_is_sound(analyze: Check, units: Path) -> None:
    beside(units, "loopback.conf")
    found = analyze("verify", str(units / "offramp.service"))
    assert (found.returncode, found.stderr) == (0, "")


def test_a_slip_in_a_unit_is_found(analyze: Check, units: Path) -> None:
    unit = units / "offramp.service"
    unit.write_text(unit.read_text().replace("NoNewPrivileges=yes", "NoNewPrivilege=yes"))
    assert "NoNewPrivilege" in analyze("verify", str(unit)).stderr


@pytest.mark.parametrize("unit", SERVICES)
def test_units_leave_little_to_whoever_gets_in(analyze: Check, units: Path, unit: str) -> None:
    found = analyze("security", "--offline=true", f"--threshold={CLOSED}", str(units / unit))
    assert found.returncode == 0, found.stdout


def test_the_loopback_variant_leaves_little_more(analyze: Check, units: Path) -> None:
    beside(units, "loopback.conf")
    assert CLOSED < exposure(analyze, units / "offramp.service") <= LOOPBACK


def test_a_unit_without_all_that_leaves_nearly_everything(analyze: Check, units: Path) -> None:
    unit = units / "offramp.service"
    unit.write_text("[Service]\nExecStart=/bin/true\n")
    assert exposure(analyze, unit) >= WIDE_OPEN


def test_the_purge_is_closed_in_as_the_server_is() -> None:
    server, purge = (_closing(name) for name in SERVICES)
    assert server == purge
    assert len(server) > 30


def _closing(unit: str) -> list[str]:
    text = (UNITS / unit).read_text(encoding="utf-8")
    start = text.index("Environment=SQLITE_TMPDIR")
    return [
        line for line in text[start:].split("[Install]")[0].splitlines() if line and not line.startswith("#")
    ]


def test_the_server_has_no_network_unless_loopback_is_asked_for() -> None:
    assert {"PrivateNetwork=yes", "RestrictAddressFamilies=AF_UNIX", "IPAddressDeny=any"} <= set(
        _closing("offramp.service")
    )


def test_nothing_of_memory_reaches_a_disk() -> None:
    assert {"LimitCORE=0", "MemorySwapMax=0"} <= set(_closing("offramp.service"))


def test_the_user_is_made_without_home_and_shell(program: Callable[[str, str], str], tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    command = [program("systemd-sysusers", "systemd"), f"--root={tmp_path}", str(UNITS / "offramp.sysusers")]
    made = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert made.returncode == 0, made.stderr
    (entry,) = (tmp_path / "etc/passwd").read_text().splitlines()
    name, _, _, _, _, home, shell = entry.split(":")
    assert (name, home, shell) == ("offramp", "/", "/usr/sbin/nologin")
