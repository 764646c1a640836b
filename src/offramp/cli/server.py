"""`offramp serve` and `offramp demo`: the live door and the demonstration."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from rich.console import Console

from offramp.errors import refuse
from offramp.settings import DEMONSTRATION, Settings, read_settings
from offramp.store import Store, hold

FOLDER = Path("var") / DEMONSTRATION[:4]
_CONTENT = Path(__file__).resolve().parents[3] / "content"
# A request line and headers beyond this, or an idle connection beyond that, is nobody's browser.
_HEADER_BYTES, _IDLE_SECONDS, _CONNECTIONS = 16 * 1024, 15, 500
# Who has not finished sending by then is not waited for when the server is asked to end.
_ENDING_SECONDS = 5


def serve(
    config: Annotated[Path, typer.Option(help="The settings file.", envvar="OFFRAMP_CONFIG")] = Path(
        "offramp.toml"
    ),
) -> None:
    """Serve a live study. Refuses demonstration keys, texts that are not approved, and a study without particulars."""
    run(read_settings(config, os.environ))


def purge(
    keep_weeks: Annotated[
        int, typer.Option(help="How many whole weeks stay, besides this one.", min=1, max=520)
    ],
    config: Annotated[Path, typer.Option(help="The settings file.", envvar="OFFRAMP_CONFIG")] = Path(
        "offramp.toml"
    ),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be deleted, and delete nothing.")
    ] = False,
) -> None:
    """Delete sealed answers older than the study has promised to keep them. May run beside the server."""
    settings = read_settings(config, os.environ)
    year, week, _ = (datetime.now(UTC) - timedelta(weeks=keep_weeks)).isocalendar()
    before = f"{year}-W{week:02d}"
    store = Store.open(settings.database, settings.ledger)
    gone = store.older(before) if dry_run else store.purge(before)
    for name, n in sorted(gone.items()):
        print(f"{name}: {n:,} envelopes {'would be ' if dry_run else ''}deleted")
    print(
        f"{sum(gone.values()):,} envelopes of weeks before {before}{' would be' if dry_run else ''} deleted."
    )


def demo(
    port: Annotated[int, typer.Option(help="The port on 127.0.0.1.", min=1, max=65535)] = 8000,
    folder: Annotated[Path, typer.Option(help="Where the demonstration keeps its files.")] = FOLDER,
) -> None:
    """Serve the whole platform in demonstration mode, with throw-away keys."""
    settings = read_settings(prepare_demo(folder, port), os.environ, demonstration=True)
    Console(highlight=False, soft_wrap=True).print(_greeting(settings.port, folder), markup=False)
    run(settings)


def prepare_demo(folder: Path, port: int) -> Path:
    """Make the demonstration's keys and settings where they are missing; return the settings file.

    The keys are made by a process of its own: the server's never holds a private one.
    """
    server, desk = folder / "server", folder / "desk"
    server.mkdir(parents=True, exist_ok=True)
    if not (desk / "desk.key").exists():
        command = [sys.executable, "-m", "offramp", "desk", "keygen", "--desk", str(desk), "--no-passphrase"]
        made = subprocess.run([*command, "--demonstration"], capture_output=True, text=True, check=False)  # noqa: S603
        if made.returncode:
            raise refuse(
                "demo.keys", str(desk), "The demonstration keys could not be made.", made.stderr.strip()
            )
    for name in ("recipient.txt", "verifier.txt"):
        shutil.copyfile(desk / name, server / name)
    settings = server / "offramp.toml"
    settings.write_text(
        f"# Written by “offramp demo” at each start.\nservice = {DEMONSTRATION!r}\n"
        f"[server]\nport = {port}\n[store]\ndatabase = 'offramp.sqlite'\nledger = 'tombstones.sqlite'\n"
        f"[content]\nfolder = '{_CONTENT}'\n"
        "[keys]\nrecipients = ['recipient.txt']\ndesk = 'verifier.txt'\n",
        encoding="utf-8",
    )
    return settings


def _greeting(port: int, folder: Path) -> str:
    url = f"http://127.0.0.1:{port}"
    desk = f".venv/bin/offramp desk {{}} --desk {folder / 'desk'}"
    return f"""
Offramp, demonstration. Open:
  {url}/                     the search page of an operator
  {url}/en/s/help-us         the survey (Arabic: {url}/ar/s/help-us)
  {url}/en/help              help now
Fill it with made-up respondents, and read the report, in another terminal:
  .venv/bin/offramp dummy walk --url {url} --responses 584 --seed 1
  {desk.format("pull")} --url {url} --now
  {desk.format("open")}
  {desk.format("report")} -o {folder / "report.html"}
What is real, and what is not:
  real        the gate, the pages, the sealing, the store, the desk, the rules for what may leave
  real        the help directory: each entry names the page where it was read; look it up before you rely on it
  synthetic   every answer here, and every figure of its report, is marked as made up
  invented    the words on the demonstration list; a real list comes from a hotline, under licence
  unreviewed  all texts and translations are drafts; no clinician and no native reader has approved them
Stop with Ctrl+C.
"""


def run(settings: Settings) -> None:
    """Open the store and serve until stopped."""
    # Reading and compiling the content takes a moment that other commands need not wait for.
    from offramp.web import create_app

    if settings.study is None and not settings.demonstration:
        raise refuse("serve.particulars", "study", "The study has no particulars.", "Please write [study].")
    # A core dump would hold whatever page is being answered.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hold(settings.database)
    app = create_app(settings, Store.open(settings.database, settings.ledger))
    where = {"uds": settings.socket} if settings.socket else {"host": settings.host, "port": settings.port}
    # No access log, no address out of proxy headers, no server name: nothing about a person is written anywhere.
    uvicorn.run(
        app, **where, access_log=False, log_level="warning", proxy_headers=False, server_header=False,
        date_header=False, timeout_keep_alive=_IDLE_SECONDS, limit_concurrency=_CONNECTIONS,
        h11_max_incomplete_event_size=_HEADER_BYTES, http="h11", ws="none",
        timeout_graceful_shutdown=_ENDING_SECONDS,
    )  # fmt: skip
