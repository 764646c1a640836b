"""Our torrc in a Tor network of its own, in front of a real server: the walk works through the onion address.

The network is on loopback in a namespace without a way out; the SOCKS door is a file, so that this test needs not be
in there.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.ops.conftest import not_run
from tests.ops.live import MARKS, ROOT, ended, first_pages, serving

pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]
SECONDS = 300


class Said(NamedTuple):
    status_code: int
    content: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Onion:
    """An HTTP client for one onion address, through a SOCKS door that is a file."""

    socks: Path
    address: str

    def get(self, url: str, *, headers: Mapping[str, str]) -> Said:
        return self._ask("GET", url, b"", headers)

    def post(self, url: str, *, content: bytes, headers: Mapping[str, str]) -> Said:
        return self._ask("POST", url, content, headers)

    def _ask(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Said:
        connection = http.client.HTTPConnection(self.address)
        connection.sock = self._connected()
        try:
            connection.request(method, url, body or None, dict(headers))
            answer = connection.getresponse()
            return Said(answer.status, answer.read(), {k.lower(): v for k, v in answer.getheaders()})
        finally:
            connection.close()

    def _connected(self) -> socket.socket:
        """Ask for the service as RFC 1928 says: no authentication, CONNECT, by name."""
        door = socket.socket(socket.AF_UNIX)
        door.settimeout(120)
        door.connect(str(self.socks))
        door.sendall(b"\x05\x01\x00")
        assert door.recv(2) == b"\x05\x00"
        name = self.address.encode()
        door.sendall(b"\x05\x01\x00\x03" + bytes((len(name),)) + name + (80).to_bytes(2, "big"))
        _, status, _, kind = door.recv(4)
        if status:
            door.close()
            raise OSError(f"SOCKS says {status}")
        # What follows is the address that it was reached from, of either family, and a port.
        door.recv({1: 4, 4: 16}[kind] + 2, socket.MSG_WAITALL)
        return door


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as found:
        yield Path(found)


@pytest.fixture(scope="module")
def onion(program: Callable[[str, str], str], folder: Path) -> Iterator[Onion]:
    """A reachable onion service in front of a live server."""
    tor, gencert = program("tor", "tor"), program("tor-gencert", "tor")
    if os.geteuid() != 0:
        not_run("a network of its own needs root.")
    (folder / "net").mkdir()
    with serving(folder) as door:
        command = [
            "unshare",
            "--net",
            sys.executable,
            "-m",
            "tests.ops.onion",
            f"{folder}/net",
            str(door),
            tor,
            gencert,
        ]
        with ended(subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)) as network:
            yield reachable(network, folder / "net")


def reachable(network: subprocess.Popen[bytes], folder: Path) -> Onion:
    """Wait until the service answers, and return how to reach it."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        assert network.poll() is None, "the network ended"
        if (folder / "address").exists() and (folder / "client" / "socks").exists():
            found = Onion(folder / "client" / "socks", (folder / "address").read_text())
            try:
                if found.get("/health", headers={}).status_code == 200:
                    return found
            except (OSError, http.client.HTTPException):
                pass
        time.sleep(1)
    raise AssertionError(f"the service was not reachable within {SECONDS} seconds")


def test_the_first_pages_work_through_the_onion_address(onion: Onion) -> None:
    assert onion.address.endswith(".onion")
    somebody = first_pages(onion, **MARKS)
    assert somebody.seen.language == "en"


def test_pages_are_not_compressed(onion: Onion) -> None:
    answer = onion.get("/en/s/help-us", headers={"accept-encoding": "gzip, deflate"})
    assert "content-encoding" not in answer.headers
    assert len(answer.content) % (24 * 1024) == 0


def test_tor_writes_nothing_about_a_visitor(onion: Onion, folder: Path) -> None:
    first_pages(onion, **MARKS)
    service = folder / "net" / "service"
    held = b"".join(path.read_bytes() for path in service.rglob("*") if path.is_file())
    assert b"Tor" in held
    for mark in (*MARKS.values(), "/en/s/", "help-us"):
        assert mark.encode() not in held
