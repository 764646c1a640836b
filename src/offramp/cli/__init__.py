"""The command line: one command is one call of the core, and printing. `offramp --help` lists them.

Not here: anything that a test of the core would want. The invariant: a Refusal ends with its text and exit code 2,
never with a trace; a Fault is ours and says so.
"""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from offramp import __version__
from offramp.cli import (
    adherence,
    desk,
    doctor,
    dummy,
    gate,
    gateserver,
    meta,
    pepper,
    programme,
    rows,
    scan,
    server,
    survey,
)
from offramp.errors import Refusal

app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False,
    help="Offramp: a way out, put in front of somebody who searches for child sexual abuse material.",
)  # fmt: skip
desk.app.command("meta")(meta.meta)
desk.app.command("programme")(adherence.programme)
desk.app.command("export")(rows.export)
app.add_typer(desk.app, name="desk")
app.add_typer(dummy.app, name="dummy")
gate.app.command("scan")(scan.scan)
gate.app.command("serve")(gateserver.serve)
app.add_typer(gate.app, name="gate")
programme.app.command("pepper")(pepper.pepper)
app.add_typer(programme.app, name="programme")
app.add_typer(survey.app, name="survey")
app.command("serve")(server.serve)
app.command("demo")(server.demo)
app.command("upgrade")(server.upgrade)
app.command("purge")(server.purge)
app.command("drop")(server.drop)
app.command("doctor")(doctor.doctor)


@app.command()
def version() -> None:
    """Print the version."""
    print(__version__)


def main() -> None:
    """Run the command line."""
    try:
        app()
    except Refusal as refusal:
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        for problem in refusal.problems:
            console.print(str(problem), style="red", markup=False)
        sys.exit(2)
