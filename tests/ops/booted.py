"""Runs inside the booted machine of test_ops_booted, as root: looks at the server from all sides, writes what it saw.

Judges nothing. The invariant: what is written to /out/seen.json is all that the test knows.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

OUT, DOOR = Path("/out"), Path("/run/offramp/offramp.sock")
CONNECT = "import socket; socket.socket(socket.AF_UNIX).connect('/run/offramp/offramp.sock')"
WALK = """
import httpx2
from tests.ops.live import MARKS, first_pages
door = httpx2.HTTPTransport(uds="/run/offramp/offramp.sock")
with httpx2.Client(transport=door, base_url="http://study.example") as http:
    first_pages(http, **MARKS)
"""
DOCTOR = """
import os
from datetime import UTC, datetime
from pathlib import Path
from offramp.doctor import examine, look
for finding in examine(look(Path("/etc/offramp/offramp.toml"), dict(os.environ), datetime.now(UTC))):
    print(finding.level.name, finding.code, finding)
"""


def said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def tried(code: str, user: str = "root") -> str:
    """Run a few lines of Python as somebody; return what they print, or the last line of what went wrong."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False,
                          user=user, group=int(said("id", "-g", user)), extra_groups=[])  # fmt: skip
    return done.stdout if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def serves() -> bool:
    """Tell whether the server answers, on its socket or on loopback."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", 8000), timeout=1):
        return True
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as visitor:
        visitor.connect(str(DOOR))
        return True
    return False


def main() -> None:
    until = time.monotonic() + 60
    while not serves() and time.monotonic() < until:
        time.sleep(0.1)
    server = said("systemctl", "show", "--property=MainPID", "--value", "offramp.service")
    proc = Path("/proc") / server
    seen = {
        "active": said("systemctl", "is-active", "offramp.service"),
        "status": (proc / "status").read_text(),
        "limits": (proc / "limits").read_text(),
        "networks": (proc / "net/dev").read_text(),
        "connect": {user: tried(CONNECT, user) for user in ("www-data", "daemon", "nobody")},
        "walk": tried(WALK, "www-data"),
        "doctor": tried(DOCTOR),
        "modes": {
            str(path): oct(path.stat().st_mode & 0o7777) for path in Path("/var/lib/offramp").rglob("*")
        },
    }
    said("systemctl", "stop", "offramp.service")
    seen["result"] = said("systemctl", "show", "--property=Result", "--value", "offramp.service")
    seen["left"] = sorted(path.name for path in Path("/var/lib/offramp").iterdir())
    seen["journal"] = said("journalctl", "--unit=offramp.service", "--output=cat", "--no-pager")
    (OUT / "seen.json").write_text(json.dumps(seen))


if __name__ == "__main__":
    os.chdir("/")
    main()
