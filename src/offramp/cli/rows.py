"""`offramp desk export`: exact rows for the researchers' own machine, in a folder apart from anything public.

Choosing and printing; the rows are the desk's. The invariant: no number of anybody's answers is printed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from offramp import desk as home
from offramp.cli.desk import _CONTENT, Content, Folder, chosen_archive
from offramp.desk import rowfiles
from offramp.errors import refuse
from offramp.exchange import Labels
from offramp.language import SOURCE, Tag
from offramp.survey import Survey
from offramp.web import read_interface

FORMS: Mapping[str, Callable[..., None]] = {
    "csv": rowfiles.write_csv,
    "parquet": rowfiles.write_parquet,
}


def export(
    desk: Folder,
    form: Annotated[str, typer.Option("--as", help=f"{', '.join(FORMS)}.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="A folder of its own: new, or made by an export.")
    ],
    content: Content = _CONTENT,
    survey: Annotated[str, typer.Option(help="Which survey; needed where the archive holds several.")] = "",
    language: Annotated[str, typer.Option(help="The language of the labels.")] = SOURCE,
    version: Annotated[int, typer.Option(help="Export this version alone; 0 takes all together.", min=0)] = 0,
    words: Annotated[
        bool,
        typer.Option(
            "--words", help="Also write what people wrote, in a file of its own; it may identify them."
        ),
    ] = False,
) -> None:
    """Write exact rows, one for each response, for analysis on this machine. Never to be published."""
    if form not in FORMS:
        raise refuse(
            "export.form", form, "Nothing is written as that.", f"Please use one of: {', '.join(FORMS)}."
        )
    archive, chosen = chosen_archive(desk, content, survey, version)
    tag = _language(chosen, language)
    labels = Labels({spoken: texts.texts for spoken, texts in read_interface(content / "interface").items()})
    rows = home.exact(chosen, archive.bodies(chosen.slug))
    name = f"exact-{chosen.slug}-{tag}"
    with home.folder_apart(output) as draft:
        FORMS[form](rows, home.described(chosen, rows.columns, labels, tag), draft, name)
        if words:
            rowfiles.write_words(rows, draft, f"exact-{chosen.slug}")
    print(f"{output} is written. {rowfiles.notice(rows)}")


def _language(survey: Survey, tag: str) -> Tag:
    if tag not in survey.catalogues:
        raise refuse("export.language", tag, f"“{survey.slug}” has no texts in this language.",
                     f"Please use one of: {', '.join(survey.catalogues)}.")  # fmt: skip
    return Tag(tag)
