"""`offramp desk export`: exact rows for the researchers' own machine, in a folder apart from anything public.

Choosing and printing; the rows are the desk's. The invariant: no number of anybody's answers is printed here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from offramp import desk as home
from offramp.cli.desk import _CONTENT, Content, Folder, _far, chosen_archive
from offramp.desk import rowfiles, shortlabels, spss, stata
from offramp.errors import refuse
from offramp.exchange import Labels
from offramp.language import SOURCE, Tag
from offramp.survey import Survey
from offramp.web import read_interface

PLAIN = {"csv": rowfiles.write_csv, "parquet": rowfiles.write_parquet}
WITH_ROOM = {"sav": (spss.write_sav, shortlabels.SPSS), "dta": (stata.write_dta, shortlabels.STATA)}
DDI = "ddi"
FORMS = (*PLAIN, DDI, *WITH_ROOM)
TEXTS, CODES = "texts", "codes"
Fields = tuple[home.Described, ...]


def export(
    desk: Folder,
    form: Annotated[str, typer.Option("--as", help="csv, parquet, ddi, sav (SPSS) or dta (Stata).")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="A folder of its own: new, or made by an export.")
    ],
    content: Content = _CONTENT,
    survey: Annotated[str, typer.Option(help="Which survey; needed where the archive holds several.")] = "",
    language: Annotated[str, typer.Option(help="The language of the labels.")] = SOURCE,
    version: Annotated[int, typer.Option(help="Export this version alone; 0 takes all together.", min=0)] = 0,
    labels: Annotated[
        str, typer.Option(help="texts, or codes: the questionnaire's own ids, which fit into every program.")
    ] = TEXTS,
    words: Annotated[
        bool,
        typer.Option(
            "--words", help="Also write what people wrote, in a file of its own; it may identify them."
        ),
    ] = False,
) -> None:
    """Write exact rows, one for each response, for analysis on this machine. Never to be published."""
    for given, known, code in ((form, FORMS, "export.form"), (labels, (TEXTS, CODES), "export.labels")):
        if given not in known:
            raise refuse(
                code, given, "Nothing is written as that.", f"Please use one of: {', '.join(known)}."
            )
    archive, counts, chosen = chosen_archive(desk, content, survey, version)
    tag, pages, rules = _language(chosen, language), _pages(content), home.read_rules(content, chosen)
    with _far("Joining") as reached, counts.in_pieces(archive, chosen.slug, reached) as (pieces, _, joined):
        rows = home.exact(chosen, pieces, rules, joined, counts.processes)
    whole = home.described(chosen, rows.columns, pages, tag, rows.flags)
    fields = _labelled(form, labels, content, chosen, tag, whole)
    with home.folder_apart(output) as draft:
        _write(form, rows, (whole, fields), draft, pages, tag)
        if words:
            rowfiles.write_words(rows, draft, f"exact-{chosen.slug}")
    print(f"{output} is written. {rowfiles.notice(rows)}")


def _labelled(
    form: str, labels: str, content: Path, survey: Survey, tag: Tag, whole: Fields
) -> Fields:  # fmt: skip
    """Return the columns with labels that the form has room for, before anything is written."""
    fields = shortlabels.in_codes(whole) if labels == CODES else whole
    if form == DDI and labels == CODES:
        raise refuse("export.labels", CODES, "DDI says what codes mean.", "Please leave --labels out.")
    if form not in WITH_ROOM:
        return fields
    remedy = f"Please write a short label for it in surveys/{survey.slug}/labels/{tag}.toml, or export with " \
             f"--labels {CODES}."  # fmt: skip
    short = shortlabels.read_short_labels(content, survey, tag)
    return shortlabels.fitted(fields, short, WITH_ROOM[form][1], remedy)


def _write(
    form: str, rows: home.Exact, columns: tuple[Fields, Fields], folder: Path, pages: Labels, tag: Tag
) -> None:
    """Write the files of a form; `columns` with their whole texts, and with labels that fit."""
    whole, fields = columns
    name = f"exact-{rows.survey.slug}-{tag}"
    if form == DDI:
        rowfiles.write_ddi(rows, fields, folder, name, pages, tag)
    elif form in PLAIN:
        PLAIN[form](rows, fields, folder, name)
    else:
        WITH_ROOM[form][0](rows, whole, fields, folder, name)


def _pages(content: Path) -> Labels:
    return Labels({spoken: texts.texts for spoken, texts in read_interface(content / "interface").items()})


def _language(survey: Survey, tag: str) -> Tag:
    if tag not in survey.catalogues:
        raise refuse("export.language", tag, f"“{survey.slug}” has no texts in this language.",
                     f"Please use one of: {', '.join(survey.catalogues)}.")  # fmt: skip
    return Tag(tag)
