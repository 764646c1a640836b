"""A Debian that boots for the length of a test, with our unit in it: does the server live in what we lock it into.

systemd-nspawn boots this machine's own system over an overlay in memory, without a network, so that nothing here is
changed. The unit, the user and the folder of the socket are the files of ops/systemd, unchanged.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.ops.conftest import not_run
from tests.ops.live import ADDRESS, MARKS, ROOT, settings

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]
UNITS = ROOT / "ops" / "systemd"
SECONDS = 150
# The program, as the unit calls it: the tree and the environment of this test, at places that the unit can see.
PROGRAM = '#!/bin/sh\nPYTHONPATH=/srv/offramp/src exec /srv/venv/bin/python -m offramp "$@"\n'
PROBE = """[Unit]
Wants=offramp.service
After=offramp.service
[Service]
Type=oneshot
Environment=PYTHONPATH=/srv/offramp/src:/srv/offramp
ExecStart=/srv/venv/bin/python /srv/offramp/tests/ops/booted.py
ExecStopPost=/bin/systemctl --no-block poweroff
"""
TARGET = "[Unit]\nRequires=probe.service\nAfter=probe.service\nAllowIsolate=yes\n"
# The folder in which nspawn keeps its own notes is ours alone too.
BOOT = """mount --bind / "$1" && mkdir -p /run/systemd/nspawn && mount -t tmpfs none /run/systemd/nspawn || exit 77
shift
exec "$@"
"""


def boot(nspawn: str, here: Path, server: str, *drop_ins: str) -> dict[str, Any]:
    """Boot, let the probe look, and return what it saw."""
    for name in ("root", "out", "opt/.venv/bin", "etc", "system", "system/offramp.service.d"):
        (here / name).mkdir(parents=True)
    settings(here / "etc", server, Path("/var/lib/offramp"), Path("/srv/offramp/content"))
    program = here / "opt/.venv/bin/offramp"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    (here / "system/probe.service").write_text(PROBE)
    (here / "system/probe.target").write_text(TARGET)
    for name in drop_ins:
        (here / "system/offramp.service.d" / name).write_bytes((UNITS / name).read_bytes())
    (here / "tmpfiles").write_text(only_for_nginx((UNITS / "offramp.tmpfiles").read_text(encoding="utf-8")))
    system = "/etc/systemd/system"
    binds = {
        here / "opt": "/opt/offramp", here / "etc": "/etc/offramp", ROOT: "/srv/offramp",
        Path(sys.prefix): "/srv/venv", UNITS / "offramp.service": f"{system}/offramp.service",
        here / "system/probe.service": f"{system}/probe.service",
        here / "system/probe.target": f"{system}/probe.target",
        here / "system/offramp.service.d": f"{system}/offramp.service.d",
        UNITS / "offramp.sysusers": "/etc/sysusers.d/offramp.conf", here / "tmpfiles": "/etc/tmpfiles.d/offramp.conf",
    }  # fmt: skip
    command = [
        nspawn, "--quiet", f"--directory={here}/root", "--volatile=overlay", "--boot", "--register=no", "--keep-unit",
        "--private-network", "--link-journal=no", "--console=pipe", "--machine=offramp-test",
        *(f"--bind-ro={inside}:{outside}" for inside, outside in binds.items()), f"--bind={here}/out:/out",
        "systemd.unit=probe.target",
    ]  # fmt: skip
    apart = [
        "unshare",
        "--mount",
        "--propagation",
        "private",
        "sh",
        "-c",
        BOOT,
        "sh",
        f"{here}/root",
        *command,
    ]
    done = subprocess.run(
        apart, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, timeout=SECONDS
    )
    found = here / "out/seen.json"
    if not found.exists():
        not_run(
            f"no machine boots inside this one (code {done.returncode}): {(done.stdout + done.stderr)[-500:]}"
        )
    return json.loads(found.read_text())  # type: ignore[no-any-return]


def only_for_nginx(tmpfiles: str) -> str:
    """Keep the line of the program that stands in front, as the file asks for."""
    return "".join(
        line for line in tmpfiles.splitlines(True) if not line.startswith("a+") or "www-data" in line
    )


@pytest.fixture(scope="module")
def nspawn(program: Callable[[str, str], str]) -> str:
    if os.geteuid() != 0:
        not_run("booting a machine inside this one needs root.")
    return program("systemd-nspawn", "systemd-container")


@pytest.fixture(scope="module")
def seen(nspawn: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as here:
        return boot(nspawn, Path(here), 'socket = "/run/offramp/offramp.sock"')


def field(text: str, name: str) -> str:
    (found,) = re.findall(rf"^{name}\W+(.*)$", text, re.M)
    return str(found).strip()


def test_the_server_lives_in_what_it_is_locked_into(seen: dict[str, Any]) -> None:
    assert seen["active"] == "active"
    assert seen["walk"] == ""
    assert (seen["result"], seen["journal"].count("fault")) == ("success", 0), seen["journal"]


def test_it_has_no_rights_and_its_calls_are_filtered(seen: dict[str, Any]) -> None:
    status = seen["status"]
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(field(status, kind), 16) == 0
    assert field(status, "NoNewPrivs") == "1"
    assert field(status, "Seccomp") == "2"
    assert "0" not in field(status, "Uid").split()


def test_it_dumps_no_core(seen: dict[str, Any]) -> None:
    assert field(seen["limits"], "Max core file size").split()[:2] == ["0", "0"]


def test_it_has_no_network(seen: dict[str, Any]) -> None:
    assert re.findall(r"^\s*(\w+):", seen["networks"], re.M) == ["lo"]
    assert field(seen["networks"], r"\s*lo").split()[0] == "0"


def test_only_the_proxy_can_connect(seen: dict[str, Any]) -> None:
    assert seen["connect"]["www-data"] == ""
    for user in ("daemon", "nobody"):
        assert "PermissionError" in seen["connect"][user]


def test_its_files_are_its_own(seen: dict[str, Any]) -> None:
    assert {"/var/lib/offramp/offramp.sqlite", "/var/lib/offramp/tombstones.sqlite"} <= seen["modes"].keys()
    assert set(seen["modes"].values()) == {"0o600"}


def test_a_stop_leaves_no_log_of_what_came_after_what(seen: dict[str, Any]) -> None:
    empty = ["offramp.sqlite.lock", "offramp.sqlite.turn"]
    assert seen["left"] == ["offramp.sqlite", *empty, "tombstones.sqlite"]


def test_the_journal_says_nothing_about_a_person(seen: dict[str, Any]) -> None:
    assert seen["journal"]
    for mark in (*MARKS.values(), ADDRESS, "GET ", "POST ", "/en/"):
        assert mark not in seen["journal"]


def test_the_doctor_finds_no_fault_in_it(seen: dict[str, Any]) -> None:
    findings = seen["doctor"].splitlines()
    assert [line for line in findings if line.startswith("FAULT")] == []
    fine = {line.split()[1] for line in findings if line.startswith("OK")}
    assert {
        "files.private_key",
        "files.root",
        "socket.open",
        "database.shape",
        "logs.none",
    } <= fine


def test_the_loopback_variant_serves_on_loopback(nspawn: str) -> None:
    with tempfile.TemporaryDirectory() as here:
        found = boot(nspawn, Path(here), 'host = "127.0.0.1"\nport = 8000', "loopback.conf")
    assert found["active"] == "active"
    assert "FileNotFoundError" in found["connect"]["www-data"]
    assert field(found["status"], "Seccomp") == "2"
    assert "ground.address" in found["doctor"]
