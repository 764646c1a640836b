"""`offramp survey export` and `offramp survey import`: questionnaires for other programs, for archives and on paper."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import polib
import tomli_w
import typer

from offramp import exchange
from offramp.cli.printing import write_page
from offramp.errors import Refusal, refuse
from offramp.exchange import Incoming, Labels
from offramp.language import Tag, language
from offramp.survey import Survey, read_surveys, read_version
from offramp.web import read_interface

KINDS = ("xlsform", "ddi", "schema", "paper")
Folder = Annotated[Path, typer.Option("--content", help="The content folder.")]


def export(
    slug: Annotated[str, typer.Argument(help="Which survey.")],
    kind: Annotated[str, typer.Option("--as", help="xlsform, ddi, schema or paper.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file: .xlsx, .xml, .json, .html or .pdf.")
    ],
    tag: Annotated[str, typer.Option("--language", help="For paper: the language's tag.")] = "en",
    content: Folder = Path("content"),
) -> None:
    """Write a questionnaire as XLSForm, as DDI Codebook, as the JSON Schema of its answers, or to be printed."""
    surveys = read_surveys(content)
    if slug not in surveys:
        raise refuse(
            "exchange.survey", slug, "There is no such survey.", f"Please use one of: {', '.join(surveys)}."
        )
    survey = surveys[slug]
    labels = Labels({spoken: texts.texts for spoken, texts in read_interface(content / "interface").items()})
    match kind:
        case "xlsform":
            exchange.write_workbook(exchange.outgoing(survey, labels), output)
        case "ddi":
            output.write_bytes(exchange.ddi(survey, labels))
        case "schema":
            output.write_text(json.dumps(exchange.answer_schema(survey), indent=1) + "\n", encoding="utf-8")
        case "paper":
            _print(survey, language(tag, "language").tag, labels, output)
        case _:
            raise refuse(
                "exchange.kind",
                kind,
                "Nothing is written as that.",
                f"Please use one of: {', '.join(KINDS)}.",
            )
    print(f"{output}")


def _print(survey: Survey, tag: Tag, labels: Labels, output: Path) -> None:
    if tag not in survey.catalogues:
        raise refuse("exchange.language", tag, f"“{survey.slug}” is not in this language.",
                     f"Please use one of: {', '.join(survey.catalogues)}.")  # fmt: skip
    write_page(exchange.paper(survey, tag, labels), output)


def take_in(
    path: Annotated[Path, typer.Argument(help="The XLSForm (.xlsx).")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The new survey's folder; its name is the slug.")
    ],
) -> None:
    """Make a questionnaire of an XLSForm, and say of everything that cannot come along that it is lost."""
    if output.exists():
        raise refuse(
            "exchange.exists", str(output), "This folder is there already.", "Please name a new one."
        )
    made = exchange.incoming(exchange.read_workbook(path), output.name)
    write(made, output)
    for loss in made.losses:
        print(f"lost: {loss}")
    try:
        survey = read_version(output)
        print(
            f"{output}: {len(survey.pages)} pages, {len(survey.questions)} questions, nothing left to mend."
        )
    except Refusal as refusal:
        for problem in refusal.problems:
            print(f"to mend: {problem}")
        print(f"{output}: written; please mend what is named above, then see “offramp survey check”.")


def write(made: Incoming, folder: Path) -> None:
    """Write survey.toml and the translations of what came in."""
    english = made.table
    (folder / "locale").mkdir(parents=True)
    text = "# Made from an XLSForm. Everything in it is a draft until somebody who knows the field has read it.\n"
    (folder / "survey.toml").write_text(text + tomli_w.dumps(english), encoding="utf-8")
    if not any((above / "platforms.toml").exists() for above in (folder, *folder.resolve().parents[:4])):
        (folder / "platforms.toml").write_text(
            "# Lists of services that questions may offer as answers: none yet.\n"
        )
    source = _english(folder)
    for tag, texts in made.translations.items():
        po = polib.POFile(encoding="utf-8", wrapwidth=110)
        po.metadata = {"Language": tag, "Content-Type": "text/plain; charset=UTF-8"}
        po.extend(polib.POEntry(msgctxt=key, msgid=text, msgstr=texts.get(key, ""), tcomment="state: draft")
                  for key, text in source.items())  # fmt: skip
        po.save(str(folder / "locale" / f"{tag}.po"))


def _english(folder: Path) -> dict[str, str]:
    """Return the English texts; none while the structure still has faults, which come first."""
    try:
        return dict(read_version(folder, translated=False).catalogues[Tag("en")].texts)
    except Refusal:
        return {}
