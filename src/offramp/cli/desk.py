"""`offramp desk …`: the researchers' side, on their own machine.

HTTP, passphrases, progress and printing; everything else is the desk's. The invariant: a passphrase is never an
argument, never printed, and never kept.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import httpx2
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from offramp.cli.printing import write_page
from offramp.cli.report import chosen, write_report
from offramp.cli.scan import cores
from offramp.desk import (
    Archive,
    Confirmed,
    Desk,
    SealedCounts,
    arms_report,
    armspage,
    confirm,
    marked,
    open_all,
    pull,
    read_door_counts,
    reader,
    refuse_among_rows,
    shared,
    take_parcel,
    told_of_doors,
    write_parcel,
)
from offramp.errors import Refusal, refuse
from offramp.language import SOURCE, Tag
from offramp.sealing import DeskKeys
from offramp.store import Store, Tally
from offramp.survey import Survey, read_every

app = typer.Typer(no_args_is_help=True, help="Pull, open and report what respondents have sent.")
VARIABLE = "OFFRAMP_DESK_PASSPHRASE_FILE"
_SECONDS = 60
_CONTENT = Path("content")

_BEFORE_READING = """\
For the person who keeps the study's protocol for disclosures, and nobody else. Nothing of this leaves the desk.
Marks are made by lists of words. They miss more than a little and mark what is none: a mark is no finding.
What people wrote can be hard to read. Please not alone, not at home, not at the end of a day; stop when you like.
No link or address is ever opened, by anybody. They are undone below, and stay so.
"""

Folder = Annotated[Path, typer.Option("--desk", help="The desk's folder.")]
Content = Annotated[Path, typer.Option(help="The content folder (the one that holds surveys/).")]


@app.command("keygen")
def keygen_command(
    desk: Folder,
    no_passphrase: Annotated[
        bool, typer.Option("--no-passphrase", help="Only for keys to throw away.")
    ] = False,
    demonstration: Annotated[
        bool, typer.Option("--demonstration", help="Mark the key; live servers refuse it.")
    ] = False,
) -> None:
    """Make the desk's keys: one file to keep, and two public ones for the server. Never overwrites."""
    passphrase = "" if no_passphrase else _new_passphrase()
    keys = Desk(desk).make_keys(passphrase, demonstration)
    print(f"Keys are in {desk}. Fingerprint of the recipient: {keys.recipient.fingerprint.hex()}")
    print(
        "Please copy recipient.txt and verifier.txt to the server, and keep desk.key here, with a copy offline:"
    )
    print("without it and its passphrase, nobody can ever open what is sealed from now on.")


@app.command("pull")
def pull_command(
    url: Annotated[str, typer.Option(help="The server's address.")],
    desk: Folder,
    now: Annotated[
        bool, typer.Option("--now", help="Demonstration only: do not wait for the week to end.")
    ] = False,
    to: Annotated[
        Path | None,
        typer.Option(help="Also write all of the inbox as one file, for a desk that is never online."),
    ] = None,
    confirmed: Annotated[
        bool, typer.Option(help="Tell the server which weeks are safe here; without, it purges none of them.")
    ] = True,
    everything: Annotated[
        bool, typer.Option("--everything", help="Also fetch the weeks that are here already.")
    ] = False,
) -> None:
    """Fetch the sealed envelopes of weeks that were completed since the last pull, and say to the server what is safe.

    May be broken off at any time: the next pull goes on where it was.
    """
    home = Desk(desk)
    keys = _unlock(home)
    with _post(url) as post, _inbox(home) as inbox:
        with _far("Pulling") as arrived:
            reach = None if everything else home.reach()
            pulled = pull(post, keys, inbox, home.server(), now, arrived, reach, home.reached)
        home.remember(pulled.server)
        goes_on = ", going on where the last pull broke off" if pulled.went_on else ""
        print(f"{pulled.envelopes:,} envelopes and {pulled.tombstones:,} tombstones from “{pulled.server.service}”"
              f"{goes_on}.")  # fmt: skip
        if to:
            print(f"{to} is written: {write_parcel(to, pulled.server, inbox):,} envelopes, still sealed.")
        if confirmed:
            home.make_safe()
            _say_confirmed(told := confirm(post, keys, inbox, pulled))
            if told.short:
                home.begin_again()


def _say_confirmed(told: Confirmed) -> None:
    if told.weeks:
        print(
            f"The server knows that all of {_weeks(told.weeks)} is safe here, and may purge it in its time."
        )
    if told.short:
        print(
            f"Of {_weeks(told.short)} the server has more than there is here, and keeps it: please pull again."
        )
    if told.since:
        print(f"Since this pull began, {_weeks(told.since)} has closed: please pull again for it.")


def _weeks(weeks: Sequence[str]) -> str:
    return weeks[0] if len(weeks) == 1 else f"{len(weeks)} weeks from {weeks[0]} to {weeks[-1]}"


@app.command("open")
def open_command(
    desk: Folder,
    parcel: Annotated[
        Path | None, typer.Argument(help="A file that “pull --to” wrote on another machine.")
    ] = None,
    content: Content = _CONTENT,
    processes: Annotated[
        int | None,
        typer.Option(help="How many processes share the work; as many as cores otherwise.", min=1, max=64),
    ] = None,
) -> None:
    """Open what is new in the inbox, each envelope once, into the sealed archive. May be broken off at any time."""
    home = Desk(desk)
    keys, surveys = _unlock(home), read_every(content)
    if parcel:
        with _inbox(home) as inbox:
            home.remember(take_parcel(parcel, inbox, home.server()).server)
    if (server := home.server()) is None:
        raise refuse(
            "desk.not_pulled", str(desk), "Nothing was pulled yet.", "Please begin with “offramp desk pull”."
        )
    archive, opener = home.archive_to_fill(keys), shared(reader(keys, server, surveys), processes or cores())
    with _inbox(home) as inbox, _far("Opening") as reached:
        opened = open_all(archive, inbox, opener, reached)
    home.remove_old_archive()
    home.counts(keys).forget(archive)
    print(f"{opened.new:,} opened, {opened.already:,} already open, {opened.withdrawn:,} withdrawn.")
    for code, n in opened.aside.items():
        print(f"{n:,} set aside: {code}")


@app.command("report")
def report_command(
    desk: Folder,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the report goes: .html or .pdf.")],
    content: Content = _CONTENT,
    survey: Annotated[str, typer.Option(help="Which survey; needed where the archive holds several.")] = "",
    language: Annotated[str, typer.Option(help="The language of the report and its questions.")] = SOURCE,
    frame: Annotated[
        str,
        typer.Option(
            help="Another language for all words but the questions: en, where one is not translated yet."
        ),
    ] = "",
    version: Annotated[
        int, typer.Option(help="Report this version alone; 0 counts all together.", min=0)
    ] = 0,
) -> None:
    """Write the report of a survey, under the law of the house, as one HTML file or a PDF."""
    refuse_among_rows(output)
    archive, counts, asked = chosen_archive(desk, content, survey, version)
    with _inbox(Desk(desk)) as inbox:
        totals = inbox.totals()
    words = Tag(frame) if frame else None
    with _far("Counting") as reached:
        write_report(content, archive, counts, asked, totals, Tag(language), output, reached, words)
    print(f"{output} is written.")


@app.command("marked")
def marked_command(
    desk: Folder,
    words: Annotated[
        bool, typer.Option("--words", help="Also show what was written, with addresses undone.")
    ] = False,
) -> None:
    """List the answers whose words were marked, for the study’s protocol for disclosures."""
    home = Desk(desk)
    archive = home.archive(_unlock(home))
    print(_BEFORE_READING)
    for survey in archive.surveys():
        for each in marked(archive.bodies(survey)):
            kinds = ", ".join(each.marks)
            print(f"{survey} {each.week} {each.language} {each.response} {each.question}: {kinds}")
            if words:
                print(f"    {each.words}")


@app.command("arms")
def arms_command(
    desk: Annotated[Path | None, typer.Option(help="The desk's folder, for what a server counted.")] = None,
    counts: Annotated[
        list[Path] | None,
        typer.Option(
            help="A folder in which a door of a search engine counts, or a table of it; may be repeated."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where a page with all figures goes: .html or .pdf.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of lines.")] = False,
    neutral: Annotated[str, typer.Option(help="The arm that others are compared with.")] = "neutral",
    seed: Annotated[int, typer.Option(help="The same seed and the same counts give the same intervals.")] = 1,
) -> None:
    """Report what was clicked on after each message, under the law of the house: of a server, of doors, or of both.

    Needs no key. Of a server it needs a pull, of doors their counts.
    """
    if output:
        refuse_among_rows(output)
    totals, synthetic = _counted(desk, counts or [])
    found = arms_report(totals, neutral, seed)
    if output:
        write_page(armspage.as_html(found, synthetic), output)
    if as_json:
        print(json.dumps(armspage.as_json(found, synthetic), ensure_ascii=False))
    elif output:
        print(f"{output} is written.")
    else:
        if synthetic:
            print("SYNTHETIC: made-up visitors.")
        print("\n".join(armspage.as_lines(found)))


def _counted(desk: Path | None, places: list[Path]) -> tuple[dict[Tally, int], bool]:
    """Return what a server and doors have counted, and whether its visitors are made up."""
    if desk is None and not places:
        raise refuse("arms.nothing", "arms", "Nothing says where the counts are.",
                     "Please name the desk's folder with --desk, or folders of doors with --counts.")  # fmt: skip
    found, server = read_door_counts(places), None
    doors: list[dict[Tally, int]] = [dict(door) for door in found.doors.values()]
    if desk is not None:
        if (server := Desk(desk).server()) is None:
            raise refuse("desk.not_pulled", str(desk), "Nothing was pulled yet.",
                         "Please begin with “offramp desk pull”.")  # fmt: skip
        with _inbox(Desk(desk)) as inbox:
            doors.append(inbox.totals())
    if server is not None and server.demonstration and places:
        raise refuse("arms.mixture", "arms", "A demonstration's visitors are made up, and a door's are not.",
                     "Please report them apart: with --desk, or with --counts.")  # fmt: skip
    for line in told_of_doors(found, doors):
        print(line, file=sys.stderr)
    totals: Counter[Tally] = Counter()
    for door in doors:
        totals.update(door)
    return dict(totals), server is not None and server.demonstration


def chosen_archive(
    desk: Path, content: Path, survey: str, version: int
) -> tuple[Archive, SealedCounts, Survey]:
    """Return the opened archive and its counts, and which survey was asked for, in all its versions or one."""
    home = Desk(desk)
    keys = _unlock(home)
    archive, counts = home.archive(keys), home.counts(keys, cores())
    return archive, counts, chosen(survey, counts.surveys(archive), read_every(content), version)


def _new_passphrase() -> str:
    if os.environ.get(VARIABLE):
        return _passphrase_from_file()
    passphrase: str = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True)
    return passphrase


def _passphrase_from_file() -> str:
    name = os.environ[VARIABLE]
    try:
        passphrase = Path(name).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        passphrase = ""
    if not passphrase:
        raise refuse("desk.passphrase_file", VARIABLE, f"“{name}” cannot be read, or is empty.",
                     "Please let it name a file with the passphrase in it.")  # fmt: skip
    return passphrase


def _unlock(desk: Desk) -> DeskKeys:
    """Open the private key: with the passphrase file, without any passphrase, or by asking."""
    if os.environ.get(VARIABLE):
        return desk.unlock(_passphrase_from_file())
    try:
        return desk.unlock("")
    except Refusal as refusal:
        if refusal.codes != ("sealing.passphrase",) or not sys.stdin.isatty():
            raise
    return desk.unlock(typer.prompt("Passphrase", hide_input=True))


@contextlib.contextmanager
def _post(url: str) -> Iterator[Callable[[str, dict[str, Any]], tuple[int, dict[str, Any]]]]:
    """Yield how to ask the server: a path and a JSON object in, a status and a JSON object out."""
    with httpx2.Client(timeout=_SECONDS) as client:

        def post(path: str, question: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            try:
                response = client.post(url.rstrip("/") + path, json=question)
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                raise refuse("pull.unreachable", url, f"The server does not answer ({type(error).__name__}).",
                             "Please check the address and whether the server runs, and pull again: "
                             "it goes on where it was.") from None  # fmt: skip
            try:
                answer = response.json()
            except ValueError:
                answer = None
            return response.status_code, answer if isinstance(answer, dict) else {}

        yield post


@contextlib.contextmanager
def _inbox(desk: Desk) -> Iterator[Store]:
    """Open the inbox and let go of it as it is: nothing in it tells an order, so it need not be written anew."""
    inbox = desk.inbox()
    try:
        with inbox.sound():
            yield inbox
    finally:
        inbox.release()


@contextlib.contextmanager
def _far(what: str) -> Iterator[Callable[[int, float], None]]:
    """Show how far something is, with the time that is left; say the number and the share."""
    columns = (TextColumn(what), BarColumn(), TextColumn("{task.fields[n]:,}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=1, n=0)
        yield lambda n, share: progress.update(task, completed=share, n=n)
