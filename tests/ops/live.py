"""A live server on a unix socket, as an operator sets it up, and somebody who answers its first pages.

Everything is the real thing; the study's particulars are dots. Not here: what stands in front of it.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from offramp.sealing import DeskKeys
from offramp.settings import PARTICULARS
from offramp.survey import read_surveys
from tests.web.respondent import Http, Respondent

ROOT = Path(__file__).parents[2]
CONTENT = ROOT / "content"
SECONDS = 30
# What a browser may say of itself, and what must never be found anywhere.
MARKS = {
    "user-agent": "Plantedagent/7.3",
    "cookie": "planted=cookie-5591",
    "referer": "https://planted-referrer.example/search",
    "x-forwarded-for": "203.0.113.77",
    "x-real-ip": "203.0.113.78",
    "forwarded": "for=203.0.113.79",
    "via": "1.1 planted-via",
    "sec-ch-ua-platform": "planted-platform",
}
ADDRESS = "127.66.1.2"


def settings(folder: Path, server: str, store: Path, content: Path = CONTENT) -> Path:
    """Write the settings of a live study and its public keys; `server` is the table of that name."""
    keys = DeskKeys(os.urandom(32))
    (folder / "recipient.txt").write_text(keys.recipient.to_text())
    (folder / "verifier.txt").write_text(keys.verifier_text())
    study = "\n".join(f'{name} = "…"' for name in PARTICULARS)
    config = folder / "offramp.toml"
    config.write_text(
        f'service = "study.example"\n[server]\n{server}\n'
        f'[store]\ndatabase = "{store}/offramp.sqlite"\nledger = "{store}/tombstones.sqlite"\n'
        f'[content]\nfolder = "{content}"\n[keys]\nrecipients = ["recipient.txt"]\ndesk = "verifier.txt"\n'
        f'[languages]\ndrafts = ["en", "ar"]\n[study]\n{study}\n',
        encoding="utf-8",
    )
    return config


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Path]:
    """Serve a live study out of a folder; yield its socket."""
    door = folder / "offramp.sock"
    config = settings(folder, f'socket = "{door}"', folder)
    command = [sys.executable, "-m", "offramp", "serve", "--config", str(config)]
    with ended(subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL)) as server:
        wait_for(door.exists, server)
        yield door


@contextlib.contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a process, and end it afterwards."""
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(ready: object, process: subprocess.Popen[bytes], seconds: float = SECONDS) -> None:
    """Wait until `ready()`; a process that ends before is a failure."""
    assert callable(ready)
    until = time.monotonic() + seconds
    while not ready():
        assert process.poll() is None, f"{process.args!r} ended with {process.returncode}"
        assert time.monotonic() < until, f"{process.args!r} is not ready after {seconds} seconds"
        time.sleep(0.05)


def first_pages(http: Http, **headers: str) -> Respondent:
    """Read the consent, agree, answer the first page, and arrive at the second."""
    somebody = Respondent(http, read_surveys(CONTENT)["help-us"], headers=headers)
    somebody.begin()
    first = somebody.seen.page
    somebody.next({"stop_attempts": "few"})
    assert somebody.seen.status == 200
    assert somebody.seen.page not in ("", first)
    assert somebody.seen.receipt
    return somebody
