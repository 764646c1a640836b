"""`offramp doctor`: what is well with this installation, what is doubtful and what is wrong, all at once.

Printing alone. The invariant: the exit code is 1 where anything is wrong, whatever else is printed.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from offramp.doctor import Finding

_NAMES = ("ok", "warning", "fault")
_STYLES = ("green", "yellow", "bold red")


def doctor(
    config: Annotated[Path, typer.Option(help="The settings file.", envvar="OFFRAMP_CONFIG")] = Path(
        "offramp.toml"
    ),
) -> None:
    """Look at this installation and report what is well, doubtful or wrong. Best run as root; changes nothing."""
    # Reading content builds the gate's tables; other commands need not wait for that.
    from offramp.doctor import Level, examine, look

    findings = sorted(examine(look(config, os.environ, datetime.now(UTC))), key=lambda finding: finding.level)
    console = Console(highlight=False)
    show(console, findings)
    counts = [sum(finding.level == level for finding in findings) for level in Level]
    console.print(
        f"{counts[0]} fine, {counts[1]} warnings, {counts[2]} faults.", markup=False, soft_wrap=True
    )
    if counts[Level.FAULT]:
        raise typer.Exit(1)


def show(console: Console, findings: Sequence[Finding]) -> None:
    """Print findings: a table in colour on a terminal, and elsewhere one plain line for each."""
    if not console.is_terminal:
        for finding in findings:
            console.print(f"{_NAMES[finding.level]:8} {finding}", markup=False, soft_wrap=True)
        return
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for finding in findings:
        style = _STYLES[finding.level]
        said = Text.assemble((finding.place, "bold"), "  ", finding.what, " ", (finding.remedy, "italic"))
        grid.add_row(Text(_NAMES[finding.level], style), said)
    console.print(grid)
