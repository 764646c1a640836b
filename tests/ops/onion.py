"""A whole Tor network on loopback, with our torrc as its only service. Run inside a network namespace of its own:

    unshare --net python -m tests.ops.onion FOLDER DOOR TOR TOR_GENCERT

FOLDER is where everything lies, DOOR the socket of the server. Three directory authorities, eight relays, the
service, and a client with its SOCKS door at FOLDER/client/socks; FOLDER/address gets the service's name. The invariant:
nothing here has a way out; it ends at a word of its parent, and everything that it started ends with it.
"""

from __future__ import annotations

import contextlib
import fcntl
import re
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

TORRC = Path(__file__).parents[2] / "ops" / "tor" / "torrc"
AUTHORITIES, RELAYS = 3, 8
SIOCGIFFLAGS, SIOCSIFFLAGS, UP = 0x8913, 0x8914, 1
SECONDS = 240
# A network of seconds in place of hours. Equal weights, or one relay would be chosen for every hop.
COMMON = """TestingTorNetwork 1
DataDirectory {home}
Nickname {name}
Log notice file {home}/log
ExitRelay 0
ExitPolicy reject *:*
"""
RELAY = "SocksPort 0\nAddress 127.0.0.1\nORPort 127.0.0.1:{orport}\nAssumeReachable 1\n"
AUTHORITY = """DirPort 127.0.0.1:{dirport}
AuthoritativeDirectory 1
V3AuthoritativeDirectory 1
ContactInfo nobody
V3AuthVotingInterval 10
V3AuthVoteDelay 2
V3AuthDistDelay 2
TestingV3AuthInitialVotingInterval 10
TestingV3AuthInitialVoteDelay 2
TestingV3AuthInitialDistDelay 2
TestingDirAuthVoteGuard *
TestingDirAuthVoteHSDir *
V3BandwidthsFile {weights}
"""


def raise_loopback() -> None:
    """Switch on the only network that there is here."""
    with socket.socket() as any_socket:
        request = struct.pack("16sh", b"lo", 0)
        flags = struct.unpack("16sh", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh", b"lo", flags | UP))


class Network:
    """The files of the network, and the processes that run over them."""

    def __init__(self, folder: Path, tor: str, gencert: str) -> None:
        self.folder, self.tor, self.gencert = folder, tor, gencert
        self.authorities = [f"authority{n}" for n in range(AUTHORITIES)]
        self.relays = [*self.authorities, *(f"relay{n}" for n in range(RELAYS))]
        self.weights = folder / "weights"

    def home(self, name: str) -> Path:
        home = self.folder / name
        home.mkdir(mode=0o700, exist_ok=True)
        return home

    def prepare(self) -> None:
        """Make every relay's identity, then the configurations that name them all."""
        identities = {name: self._identity(name, 7000 + n) for n, name in enumerate(self.authorities)}
        prints = {name: self._fingerprint(name, identities.get(name, "")) for name in self.relays}
        lines = [f"node_id=${found} bw=10000 nick={name}" for name, found in prints.items()]
        self.weights.write_text("\n".join((str(int(time.time())), *lines, "")))
        directory = "".join(
            f"DirAuthority {name} orport={5000 + n} no-v2 v3ident={identities[name]} "
            f"127.0.0.1:{7000 + n} {prints[name]}\n"
            for n, name in enumerate(self.authorities)
        )
        for n, name in enumerate(self.relays):
            text = self._common(name) + directory + RELAY.format(orport=5000 + n)
            if name in identities:
                text += AUTHORITY.format(dirport=7000 + n, weights=self.weights)
            (self.home(name) / "torrc").write_text(text)
        (self.home("client") / "torrc").write_text(
            f"{self._common('client')}{directory}SocksPort unix:{self.home('client')}/socks\n"
        )
        self.directory = directory

    def prepare_service(self, door: Path) -> None:
        """Take our torrc, with nothing changed but places, and let it join this network."""
        text, home = TORRC.read_text(encoding="utf-8"), self.home("service")
        for old, new in {"/var/lib/tor/offramp": f"{home}/onion", "/run/offramp/offramp.sock": str(door),
                         "Log notice syslog": f"Log notice file {home}/log"}.items():  # fmt: skip
            assert old in text, f"the example no longer says {old!r}"
            text = text.replace(old, new)
        testing = f"\nTestingTorNetwork 1\nDataDirectory {home}\n{self.directory}"
        (home / "torrc").write_text(text + testing)

    def _common(self, name: str) -> str:
        return COMMON.format(name=name, home=self.home(name))

    def _identity(self, name: str, dirport: int) -> str:
        """Make an authority's long-term key and its certificate; return its fingerprint."""
        keys = self.home(name) / "keys"
        keys.mkdir(mode=0o700)
        subprocess.run(
            [self.gencert, "--create-identity-key", "--passphrase-fd", "0", "-m", "1", "-a", f"127.0.0.1:{dirport}",
             "-i", keys / "authority_identity_key", "-s", keys / "authority_signing_key",
             "-c", keys / "authority_certificate"],
            input=b"for this test alone\n", check=True, capture_output=True,
        )  # fmt: skip
        return re.findall(r"^fingerprint (\w+)", (keys / "authority_certificate").read_text(), re.M)[0]

    def _fingerprint(self, name: str, identity: str) -> str:
        """Let a relay make its key; return its fingerprint. Tor wants some authority to be named even for that."""
        torrc = self.home(name) / "first"
        somebody = f"v3ident={identity or 'F' * 40} 127.0.0.1:7 {'F' * 40}"
        torrc.write_text(
            f"{self._common(name)}SocksPort 0\nORPort 127.0.0.1:5\nDirAuthority some orport=5 {somebody}\n"
        )
        command = [self.tor, "--defaults-torrc", "/dev/null", "-f", torrc, "--list-fingerprint", "--quiet"]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return "".join(re.findall(rf"{name} ([0-9A-F ]{{40,}})", said)[-1].split())

    def start(self, name: str) -> subprocess.Popen[bytes]:
        command = [self.tor, "--defaults-torrc", "/dev/null", "-f", self.home(name) / "torrc", "--quiet"]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def consensus(self) -> int:
        """Return how many relays the first authority's consensus lists as running."""
        with contextlib.suppress(OSError):
            text = (self.home(self.authorities[0]) / "cached-microdesc-consensus").read_text()
            return len(re.findall(r"^s .*\bRunning\b", text, re.M))
        return 0


@contextlib.contextmanager
def running(network: Network) -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    try:
        yield started
    finally:
        for process in started:
            process.terminate()
        for process in started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def until(ready: object, what: str) -> None:
    assert callable(ready)
    end = time.monotonic() + SECONDS
    while not ready():
        if time.monotonic() > end:
            sys.exit(f"{what} did not happen within {SECONDS} seconds")
        time.sleep(0.5)


def main(folder: Path, door: Path, tor: str, gencert: str) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    raise_loopback()
    network = Network(folder, tor, gencert)
    network.prepare()
    network.prepare_service(door)
    with running(network) as started:
        started += [network.start(name) for name in network.relays]
        # Whoever joins a network that is not whole yet asks for it again much later.
        until(lambda: network.consensus() == len(network.relays), "a consensus of all relays")
        started += [network.start(name) for name in ("service", "client")]
        name = network.home("service") / "onion" / "hostname"
        until(name.exists, "a name of the service")
        (folder / "address").write_text(name.read_text().strip())
        signal.pause()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:5])
