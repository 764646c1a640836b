"""The example configurations of ops/proxy, made to run on loopback with nothing changed but places.

Each place that is changed must be there, so that an example that is edited cannot slip away from its test.
"""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.ops.live import ADDRESS, ended, wait_for

PROXY = Path(__file__).parents[2] / "ops" / "proxy"
HOST, SOCKET = "127.0.0.1", "/run/offramp/offramp.sock"
EXAMPLES = {"nginx": "nginx.conf", "caddy": "Caddyfile"}
PACKAGES = {"nginx": "nginx-light", "caddy": "caddy"}


@dataclass(frozen=True)
class Front:
    """A proxy at work: where it listens, what it has said, and its processes."""

    port: int
    certificate: Path
    said: Path
    process: subprocess.Popen[bytes]

    def client(self) -> httpx2.Client:
        """Return a client that keeps no cookies and comes from an address of its own."""
        trust = ssl.create_default_context(cafile=str(self.certificate))
        transport = httpx2.HTTPTransport(verify=trust, local_address=ADDRESS)
        return httpx2.Client(base_url=f"https://{HOST}:{self.port}", transport=transport, timeout=30)

    def write_no_file(self) -> None:
        """From now on, whatever of it writes one byte into a file fails at that."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for process in (self.process.pid, *map(int, children)):
            resource.prlimit(process, resource.RLIMIT_FSIZE, (0, 0))


def free_port() -> int:
    with socket.socket() as door:
        door.bind((HOST, 0))
        return int(door.getsockname()[1])


def certify(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for this machine, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "study.example")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    signed = (
        builder.not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "fullchain.pem", folder / "privkey.pem"
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certificate, private


def changed(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert old in text, f"the example no longer says {old!r}"
        text = text.replace(old, new)
    return text


def places(kind: str, folder: Path, door: Path, port: int) -> dict[str, str]:
    """Return what is changed so that an example runs here."""
    if kind == "caddy":
        site = f"https://{HOST}:{port} {{\n\ttls {folder}/fullchain.pem {folder}/privkey.pem"
        return {
            "study.example {": site,
            SOCKET: str(door),
            "admin off": f"admin off\n\thttp_port {free_port()}",
        }
    temporary = "".join(f"{name}_temp_path {folder}/{name};\n"
                        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
    return {
        "user www-data;": "user root;" if os.geteuid() == 0 else "",
        "pid /run/nginx.pid;": f"pid {folder}/nginx.pid;",
        "http {\n": "http {\n" + temporary,
        "        listen 80;\n        listen [::]:80;\n": f"        listen {HOST}:{free_port()};\n",
        "        listen 443 ssl;\n        listen [::]:443 ssl;\n": f"        listen {HOST}:{port} ssl;\n",
        "/etc/ssl/offramp": str(folder),
        SOCKET: str(door),
    }


@contextlib.contextmanager
def in_front(
    kind: str, program: str, folder: Path, door: Path, edits: dict[str, str] | None = None
) -> Iterator[Front]:
    """Run a proxy of this kind in front of a socket; `edits` are made to the example besides its places."""
    certificate, _ = certify(folder)
    port, said = free_port(), folder / "said"
    example = folder / EXAMPLES[kind]
    text = (PROXY / EXAMPLES[kind]).read_text(encoding="utf-8")
    example.write_text(
        changed(changed(text, edits or {}), places(kind, folder, door, port)), encoding="utf-8"
    )
    command = {
        "nginx": [program, "-p", str(folder), "-c", str(example), "-e", "stderr", "-g", "daemon off;"],
        "caddy": [program, "run", "--config", str(example), "--adapter", "caddyfile"],
    }[kind]
    environment = {
        **os.environ,
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    with (
        said.open("wb") as output,
        ended(
            subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, env=environment)
        ) as process,
    ):
        front = Front(port, certificate, said, process)
        wait_for(lambda: _listens(port), process)
        yield front


def _listens(port: int) -> bool:
    with socket.socket() as visitor:
        return visitor.connect_ex((HOST, port)) == 0
