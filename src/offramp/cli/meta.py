"""`offramp desk meta`: a meta-analysis of published studies. No key, no archive, no answer of anybody."""

from __future__ import annotations

import enum
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from offramp.desk import analysis, refuse_among_rows, write_whole
from offramp.errors import refuse


# As the desk's own, written down here so that a command line without numpy knows its words.
class Method(enum.StrEnum):
    REML = "REML"
    DL = "DL"
    PM = "PM"


class Design(enum.StrEnum):
    RANDOMISED = "randomised"
    CONTROLLED = "controlled"
    SINGLE_ARM = "single-arm"


def meta(
    studies: Annotated[Path, typer.Argument(help="The table of studies (CSV).")],
    method: Annotated[
        Method, typer.Option(case_sensitive=False, help="How the variance between studies is found.")
    ] = Method.REML,
    knapp_hartung: Annotated[
        bool,
        typer.Option(
            "--knapp-hartung", help="Intervals and tests by Knapp and Hartung; better with few studies."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of lines.")] = False,
    design: Annotated[
        Design | None,
        typer.Option(help="Only studies of this design; “controlled” takes randomised ones, too."),
    ] = None,
    moderator: Annotated[
        str, typer.Option(help="A column of numbers for a meta-regression; needs ten studies.")
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A folder for meta.html, forest.svg and funnel.svg."),
    ] = None,
) -> None:
    """Pool published studies: columns study, yi, vi, or study, ai, bi, ci, di; also design, risk_of_bias."""
    desk = analysis("meta")
    found = desk.synthesise(
        desk.read_studies(studies), desk.Method(method.value), knapp_hartung, design or "", moderator
    )
    if output:
        _write(
            output, {"meta.html": desk.as_html, "forest.svg": desk.forest, "funnel.svg": desk.funnel}, found
        )
    print(json.dumps(desk.as_json(found), ensure_ascii=False) if as_json else "\n".join(desk.as_lines(found)))


def _write(folder: Path, pages: Mapping[str, Callable[[Any], str]], found: object) -> None:
    for name in pages:
        refuse_among_rows(folder / name)
    try:
        for name, page in pages.items():
            write_whole(folder / name, str(page(found)).encode(), 0o644)
    except OSError as error:
        raise refuse("meta.output", str(folder), f"The folder cannot be written to ({error.strerror}).",
                     "Please name another, or check its permissions.") from None  # fmt: skip
