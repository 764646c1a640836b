"""`offramp survey messages …` and `offramp survey proof`: for translators, reviewers, and whoever coordinates them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from offramp import translation
from offramp.errors import refuse
from offramp.language import Tag, language
from offramp.translation import Source

app = typer.Typer(help="Keep translations in step with the English, and take in what reviewers say.")

Folder = Annotated[Path, typer.Option("--content", help="The content folder.")]
Named = Annotated[str, typer.Argument(help="A slug, or interface, messages, notice, help.")]
Language = Annotated[str, typer.Argument(help="The language's tag, as in es.")]
CONTENT = Path("content")


@app.callback()
def callback() -> None:
    """Keep translations in step with the English, and take in what reviewers say."""


@app.command("extract")
def extract(
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder for the templates.")],
    content: Folder = CONTENT,
) -> None:
    """Write one template (.pot) for each set of texts, to begin a language with in Weblate or Poedit."""
    output.mkdir(parents=True, exist_ok=True)
    for source in translation.read_sources(content).values():
        translation.template(source).save(str(output / f"{source.name}.pot"))
        print(f"{output / source.name}.pot: {len(source.texts)} texts")


@app.command("update")
def update(
    tags: Annotated[
        list[str] | None, typer.Argument(help="Languages; without any, all that are here.")
    ] = None,
    content: Folder = CONTENT,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
) -> None:
    """Bring the PO files in step with the English: new texts, changed ones marked, none thrown away."""
    for source, tag in _chosen(content, tags):
        po, done = translation.update(source, tag)
        if not dry_run:
            source.folder.mkdir(parents=True, exist_ok=True)
            po.save(str(source.file(tag)))
        print(
            f"{source.name}, {tag}: {done.new} new, {done.changed} changed, {done.gone} no longer asked for"
        )


@app.command("status")
def status(
    tags: Annotated[
        list[str] | None, typer.Argument(help="Languages; without any, all that are here.")
    ] = None,
    content: Folder = CONTENT,
) -> None:
    """Say for each set of texts and each language how many are missing, stale, draft, reviewed and approved."""
    for source, tag in _chosen(content, tags):
        now = translation.status(source, tag)
        states = ", ".join(f"{count} {state.name.lower()}" for state, count in now.states.items())
        signed = translation.standing(source, tag)
        print(f"{source.name}, {tag}: {now.missing} missing, {now.stale} stale, {states}; "
              f"{f'signed {signed}' if signed else 'not signed'}")  # fmt: skip


@app.command("changes")
def changes(tag: Language, content: Folder = CONTENT) -> None:
    """Show word by word what changed in the English since each stale text was translated."""
    for source, spoken in _chosen(content, [tag]):
        for key, marked, translated in translation.changes(source, spoken):
            print(f"{source.name}, {key}\n  English: {marked}\n  {spoken}: {translated}\n")


@app.command("sheet")
def sheet(
    tag: Language,
    name: Named,
    output: Annotated[Path, typer.Option("--output", "-o", help="The sheet to write: .xlsx or .csv.")],
    content: Folder = CONTENT,
    pictures: Annotated[
        Path | None,
        typer.Option(help="A folder of pictures of all pages (make pictures), to name one for each text."),
    ] = None,
) -> None:
    """Write a sheet for a reviewer: English, translation, room for a translation back, state and remarks."""
    rows = translation.write_sheet(_source(content, name), _known(tag), output, pictures)
    print(f"{output}: {rows} texts")


@app.command("take")
def take(
    tag: Language,
    name: Named,
    path: Annotated[Path, typer.Argument(help="The sheet.")],
    content: Folder = CONTENT,
) -> None:
    """Take in a sheet that came back; nothing is changed unless all of it can be."""
    source = _source(content, name)
    po, changed = translation.take_sheet(source, _known(tag), path)
    po.save(str(source.file(_known(tag))))
    print(f"{source.name}, {tag}: {changed} texts changed")


@app.command("sign")
def sign(
    tag: Language,
    name: Named,
    state: Annotated[str, typer.Option("--state", help="reviewed or approved.")],
    initials: Annotated[str, typer.Option("--by", help="The initials of who read every text.")],
    day: Annotated[str, typer.Option("--day", help="The day, as 2026-11-29.")],
    content: Folder = CONTENT,
) -> None:
    """Record that somebody read all texts of a language; the signature ends with the first change of any."""
    source = _source(content, name)
    if source.programme is not None:
        raise refuse("translation.signed_whole", name, "Strings of a programme are signed together with its prose.",
                     f"Please type: offramp programme sign {tag}, or name another.")  # fmt: skip
    po = translation.sign(source, _known(tag), state, initials, day)
    po.save(str(source.file(_known(tag))))
    print(f"{source.name}, {tag}: {translation.standing(source, _known(tag))}")


def proof(
    tag: Language,
    name: Annotated[str, typer.Argument(help="The survey's slug.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The page to write (.html).")],
    content: Folder = CONTENT,
) -> None:
    """Write one page with the whole instrument beside the English, with routing, to be read and signed."""
    output.write_text(translation.proof(_source(content, name), _known(tag)), encoding="utf-8")
    print(f"{output}")


def signed(content: Path) -> Iterator[str]:
    """Yield a line for each set of texts that somebody signed for, and whether it still is what they read."""
    for source, tag in _chosen(content, None):
        if standing := translation.standing(source, tag):
            yield f"{source.name}, {tag}: signed {standing}."


def _source(content: Path, name: str) -> Source:
    sources = translation.read_sources(content)
    if name not in sources:
        raise refuse("translation.unknown_source", name, "There are no texts of this name.",
                     f"Please use one of: {', '.join(sources)}.")  # fmt: skip
    return sources[name]


def _known(tag: str) -> Tag:
    return language(tag, "language").tag


def _chosen(content: Path, tags: list[str] | None) -> Iterator[tuple[Source, Tag]]:
    wanted = [_known(tag) for tag in tags or ()]
    for source in translation.read_sources(content).values():
        here = [Tag(path.stem) for path in sorted(source.folder.glob("*.po"))]
        yield from ((source, tag) for tag in wanted or here)
