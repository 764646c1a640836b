"""`offramp serve` and `offramp demo`: the live door and the demonstration; `offramp upgrade` and `offramp purge`."""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Annotated, Any

import typer
import uvicorn
from rich.console import Console

from offramp.cli.connection import Connection
from offramp.cli.pepper import make_pepper
from offramp.cli.workers import Crew, listen
from offramp.disk import Unwritten
from offramp.errors import refuse
from offramp.settings import DEMONSTRATION, MOST_WEEKS, Settings, read_settings
from offramp.store import Store
from offramp.store import upgrade as upgrade_files
from offramp.turns import hold

if TYPE_CHECKING:
    from offramp.web import Shared

Begun = Callable[["Shared"], object]
FOLDER = Path("var") / DEMONSTRATION[:4]
CONTENT = Path(__file__).resolve().parents[3] / "content"
# A request line and headers beyond this, or an idle connection beyond that, is nobody's browser.
_HEADER_BYTES, _IDLE_SECONDS = 16 * 1024, 15
# So many may come at one moment; with the connections there are, they stay below the 1,024 files of an ordinary shell.
_BACKLOG = 256
# Whoever logs in this process, uvicorn and asyncio too, has one line for it, without the words of a failure.
_LOG = {
    "version": 1, "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "offramp.web.guard.FaultLines"}},
    "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"level": "WARNING", "handlers": ["lines"]},
}  # fmt: skip
# How long whoever is being answered may take at the end.
_PARTING_SECONDS = 10


def serve(
    config: Annotated[Path, typer.Option(help="The settings file.", envvar="OFFRAMP_CONFIG")] = Path(
        "offramp.toml"
    ),
) -> None:
    """Serve a live study. Refuses demonstration keys, texts that are not approved, and a study without particulars."""
    settings = read_settings(config, os.environ)
    place = settings.socket or f"http://{settings.host}:{settings.port}/"

    def begun(shared: Shared) -> None:
        print(f"“{settings.service}” is served at {place} in: {', '.join(shared.content.offered)}. "
              "Nothing else is written here unless something fails. Stop with Ctrl+C.", flush=True)  # fmt: skip

    run(settings, begun=begun)


def purge(
    keep_weeks: Annotated[
        int | None,
        typer.Option(
            help="How many whole weeks stay, besides this one; else what the settings say.",
            min=1,
            max=MOST_WEEKS,
            show_default=False,
        ),
    ] = None,
    config: Annotated[Path, typer.Option(help="The settings file.", envvar="OFFRAMP_CONFIG")] = Path(
        "offramp.toml"
    ),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be deleted, and delete nothing.")
    ] = False,
    unconfirmed: Annotated[
        bool, typer.Option("--unconfirmed", help="Also delete what no desk has said that it has safely.")
    ] = False,
) -> None:
    """Delete sealed answers older than the study has promised to keep them, and journals whose month is over.

    May run beside the server. Weeks that the desk has not confirmed to have safely stay, and it then fails.
    """
    settings = read_settings(config, os.environ)
    weeks = keep_weeks or settings.keep_weeks
    if weeks is None:
        raise refuse("purge.weeks", "store", "How long answers are kept is not said.",
                     "Please write “keep_weeks” into [store], or name --keep-weeks.")  # fmt: skip
    store = Store.open(settings.database, settings.ledger)
    kept = _purge_answers(store, weeks, unconfirmed, dry_run)
    today = datetime.now(UTC).date().isoformat()
    rows = store.journals.expired(today) if dry_run else store.journals.purge(today)
    print(f"{rows:,} rows of unused journals{' would be' if dry_run else ''} deleted.")
    store.release()
    if kept and not dry_run:
        raise refuse("purge.unconfirmed", "store", f"{kept:,} envelopes are kept for longer than was promised.",
                     "Please either let the desk pull (offramp desk pull), and purge again, or give them up with "
                     "--unconfirmed.")  # fmt: skip


def _purge_answers(store: Store, weeks: int, unconfirmed: bool, dry_run: bool) -> int:
    """Purge and say what went and what stayed; return how many stayed because no desk has confirmed them."""
    year, number, _ = (datetime.now(UTC) - timedelta(weeks=weeks)).isocalendar()
    before = f"{year}-W{number:02d}"
    gone = (store.due if dry_run else store.purge)(before, unconfirmed)
    kept = {} if unconfirmed else store.unconfirmed(before)
    would = "would be " if dry_run else ""
    for week, n in sorted(gone.items()):
        print(f"{week}: {n:,} envelopes {would}deleted")
    for week, n in sorted(kept.items()):
        print(f"{week}: {n:,} envelopes {would}kept: no desk has said that it has all of them")
    print(f"{sum(gone.values()):,} envelopes of weeks before {before} {would}deleted.")
    return sum(kept.values())


def upgrade(
    config: Annotated[Path, typer.Option(help="The settings file.", envvar="OFFRAMP_CONFIG")] = Path(
        "offramp.toml"
    ),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
) -> None:
    """Bring the database and the ledger to the revision of this version. Never beside a server."""
    settings = read_settings(config, os.environ)
    claim = hold(settings.database) if settings.database.exists() else None
    taken = upgrade_files(settings.database, settings.ledger, dry_run)
    for path, steps in taken.items():
        for step in steps:
            print(f"{path}: {'would become' if dry_run else 'is now'} {step.revision}. {step.about}")
    if not any(taken.values()):
        print("There is nothing to upgrade.")
    if claim is not None:
        os.close(claim)


def drop(
    survey: Annotated[str, typer.Argument(help="Which survey.")],
    version: Annotated[int, typer.Argument(help="Which of its versions.")],
    config: Annotated[Path, typer.Option(help="The settings file.", envvar="OFFRAMP_CONFIG")] = Path(
        "offramp.toml"
    ),
) -> None:
    """Strike a version off the roll, so that the server starts without it. Never beside a server.

    Only when none of its answers is kept anywhere, here or at a desk: afterwards nobody can delete them.
    """
    settings = read_settings(config, os.environ)
    claim = hold(settings.database)
    store = Store.open(settings.database, settings.ledger)
    try:
        roll = store.roll()
        entries = [entry for entry in roll if (entry.survey, entry.version) == (survey, version)]
        if not entries:
            known = ", ".join(f"{entry.survey} {entry.version}" for entry in roll) or "none"
            raise refuse("drop.unknown", f"{survey} {version}", "No page of this version was ever kept here.",
                         f"Please choose one that is on the roll: {known}.")  # fmt: skip
        for entry in entries:
            if there := store.strike(entry):
                raise refuse("drop.kept", f"{survey} {version}",
                             f"{there:,} envelopes of “{survey}” of weeks up to {entry.week} are kept, and may be its.",
                             "Please let the desk pull, and purge them first (offramp purge).")  # fmt: skip
        print(
            f"Version {version} of “{survey}” is off the roll. Its receipts neither go on nor delete any more."
        )
    finally:
        store.release()
        os.close(claim)


def demo(
    port: Annotated[int, typer.Option(help="The port on 127.0.0.1.", min=1, max=65535)] = 8000,
    folder: Annotated[Path, typer.Option(help="Where the demonstration keeps its files.")] = FOLDER,
) -> None:
    """Serve the whole platform in demonstration mode, with throw-away keys."""
    settings = read_settings(prepare_demo(folder, port), os.environ, demonstration=True)
    Console(highlight=False, soft_wrap=True).print(_greeting(settings.port, folder), markup=False)
    run(settings, upgrading=True)


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
    if not (server / "pepper.key").exists():
        make_pepper(server / "pepper.key")
    settings = server / "offramp.toml"
    settings.write_text(
        f"# Written by “offramp demo” at each start.\nservice = {DEMONSTRATION!r}\n"
        f"[server]\nport = {port}\n[store]\ndatabase = 'offramp.sqlite'\nledger = 'tombstones.sqlite'\n"
        f"[content]\nfolder = '{CONTENT}'\n"
        "[keys]\nrecipients = ['recipient.txt']\ndesk = 'verifier.txt'\n[programme]\npepper = 'pepper.key'\n",
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
  {url}/en/s/no-need         the other survey, for those who feel that they need no help
  {url}/en/p/way-on          the self-help programme (Spanish: {url}/es/p/way-on)
  {url}/en/help              help now
Fill it with made-up respondents, and read the report, in another terminal:
  .venv/bin/offramp dummy walk --url {url} --responses 584 --seed 1
  {desk.format("pull")} --url {url} --now
  {desk.format("open")}
  {desk.format("report")} --survey help-us -o {folder / "report.html"}
What is real, and what is not:
  real        the gate, the pages, the sealing, the store, the desk, the rules for what may leave
  real        the help directory: each entry names the page where it was read; look it up before you rely on it
  synthetic   every answer here, and every figure of its report, is marked as made up
  invented    the words on the demonstration list; a real list comes from a hotline, under licence
  unreviewed  all texts and translations are drafts; no clinician and no native reader has approved them
Stop with Ctrl+C.
"""


def run(settings: Settings, upgrading: bool = False, begun: Begun = lambda _: None) -> None:
    """Serve until stopped. Of several workers each opens the store; this process has the claim and the socket."""
    # Reading and compiling the content takes a moment that other commands need not wait for.
    from offramp.web import share

    if settings.study is None and not settings.demonstration:
        raise refuse("serve.particulars", "study", "The study has no particulars.", "Please write [study].")
    dump_nothing()
    hold(settings.database)
    if upgrading:
        upgrade_files(settings.database, settings.ledger)
    shared = share(settings, _ticks)
    # The content is there until the end: it need not be looked through again and again, and workers share its pages.
    gc.collect()
    gc.freeze()
    if settings.workers == 1:
        _serve(settings, shared, listen(settings), begun=begun)
        return
    # Made, cleaned and settled before the first worker opens it, and settled once more after the last has ended.
    _settle(settings, shared)
    door = listen(settings)
    begun(shared)
    crew = Crew(settings.workers, lambda number: _serve(settings, shared, door, settles=number == 0))
    try:
        crew.serve(lambda: shared.drafts.expire(shared.ticks()))
    finally:
        door.close()
        _settle(settings, shared)


def _settle(settings: Settings, shared: Shared) -> None:
    from offramp.web import demand_versions, log_fault

    store = Store.open(settings.database, settings.ledger)
    if not settings.demonstration:
        # Said once, and not by each worker.
        demand_versions(store.roll(), shared.content.answered)
    try:
        store.close()
    except Unwritten as error:
        # A full disk is no reason to stay away: room may be made while the server runs.
        log_fault(error)


def _serve(
    settings: Settings, shared: Shared, door: socket, settles: bool = True, begun: Begun = lambda _: None
) -> None:
    from offramp.web import create_app

    store = Store.open(settings.database, settings.ledger)
    app = create_app(settings, store, shared=shared, settles=settles)
    begun(shared)
    keep_serving(app, door)


def dump_nothing() -> None:
    """Let nothing of this process's memory reach a disk when it crashes."""
    # A core dump would hold whatever page is being answered. The limit stops the kernel from writing one, but not from
    # handing one to a program; with an empty filter there is no memory in it.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        Path("/proc/self/coredump_filter").write_text("0", encoding="ascii")


def keep_serving(app: Callable[..., Any], door: socket) -> None:
    """Serve on a socket that listens, until stopped."""
    # No access log, no address out of proxy headers, no server name: nothing about a person is written anywhere.
    # “error”: at “warning” every visitor could write a line, which has a time, by sending what is no request.
    # “asyncio”: uvicorn would take uvloop where that happens to be, which cannot read in the pieces that we ask for.
    config = uvicorn.Config(
        app, loop="asyncio", access_log=False, log_config=_LOG, log_level="error", proxy_headers=False,
        server_header=False, date_header=False, timeout_keep_alive=_IDLE_SECONDS, backlog=_BACKLOG,
        timeout_graceful_shutdown=_PARTING_SECONDS,
        h11_max_incomplete_event_size=_HEADER_BYTES, http=Connection, ws="none",
    )  # fmt: skip
    server = uvicorn.Server(config)
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[door])
    if not server.started:
        raise SystemExit(1)


def _ticks() -> int:
    """Return the seconds since the machine began: the same in all processes, and nobody can set them."""
    return int(time.clock_gettime(time.CLOCK_BOOTTIME))
