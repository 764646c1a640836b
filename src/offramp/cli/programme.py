"""`offramp programme …`: for those who write the programme and translate it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from offramp import programme as core
from offramp import translation
from offramp.errors import Problem, Refusal, refuse
from offramp.language import Tag, language
from offramp.programme import Programme, Standing
from offramp.web import read_directory

app = typer.Typer(help="Check the self-help programme, and keep its translations in step.")

Folder = Annotated[
    Path, typer.Option("--folder", help="The programme's folder (the one with programme.toml).")
]
Language = Annotated[str, typer.Argument(help="The language's tag, as in es.")]
CONTENT = Path("content")
OLD_HELP = timedelta(days=180)


@app.callback()
def callback() -> None:
    """Check the self-help programme, and keep its translations in step."""


@app.command("check")
def check(
    folder: Annotated[
        Path, typer.Argument(help="The programme's folder, or a content folder for all of them.")
    ] = Path("content"),
) -> None:
    """Check a programme, its prose and its translations, and report all faults at once, each with place and remedy.

    Notes follow that stop nothing: what nobody has signed, what no worksheet shows, and help that was read long ago.
    """
    folders = list(_folders(folder))
    programmes: dict[Path, Programme] = {}
    problems: list[Problem] = []
    for each in folders:
        try:
            programmes[each] = core.read_programme(each, strictly=True)
        except Refusal as refusal:
            problems += refusal.problems
    if problems:
        raise Refusal(problems)
    for each, programme in programmes.items():
        _describe(programme)
        for note in (*core.remarks(each, programme), *_old_help(each.resolve().parent.parent / "help")):
            print(f"  note: {note}")


def _folders(folder: Path) -> Iterator[Path]:
    if (folder / "programme.toml").exists():
        yield folder
        return
    found = sorted(path.parent for path in folder.glob("programmes/*/programme.toml"))
    if not found:
        raise refuse("programme.none", str(folder), "There is no programme.toml here, and no programmes/<slug>/.",
                     "Please name the folder of a programme, or the content folder.")  # fmt: skip
    yield from found


def _one(folder: Path) -> Path:
    """Return the folder of the one programme that is meant."""
    found = list(_folders(folder))
    if len(found) > 1:
        raise refuse("programme.which", str(folder), f"There are {len(found)} programmes here.",
                     "Please name one by its folder: --folder …")  # fmt: skip
    return found[0]


def _describe(programme: Programme) -> None:
    exercises = programme.exercises.pages
    asked = sum(len(page.questions) for page in exercises)
    print(
        f"{programme.slug}: version {programme.version}, {len(programme.modules)} modules, "
        f"{len(programme.steps)} steps, {len(exercises)} exercises with {asked} questions, "
        f"{len(programme.check_in.pages)} check-ins, {len(programme.worksheets)} worksheets."
    )
    for tag, catalogue in programme.catalogues.items():
        signed = programme.signed.get(tag) or "not signed"
        texts, state = len(programme.texts(tag)), catalogue.state.name.lower()
        print(f"  {tag}: {texts} texts, {state}, {signed}{_level(programme, tag)}")


def _level(programme: Programme, tag: Tag) -> str:
    formula, hardest, step = core.hardest(programme, tag)
    return f"; hardest step {step}: {hardest} by {formula}" if step else ""


def _old_help(folder: Path) -> Iterator[Problem]:
    """Yield the services whose page nobody has read for long; what is wrong with the directory is said elsewhere."""
    if not (folder / "help.toml").exists():
        return
    for service in read_directory(folder, translated=False).services:
        try:
            old = date.today() - date.fromisoformat(service.read) > OLD_HELP
        except ValueError:
            old = True
        if old:
            yield Problem("programme.old_help", f"help.toml, {service.id}", f"It was read on {service.read}.",
                          "Please read its source again, and write the day.")  # fmt: skip


@app.command("status")
def status(tag: Language, folder: Folder = CONTENT) -> None:
    """Say of each step and paragraph whether its translation is in step with the English, stale or missing.

    Short strings are counted; “offramp survey messages changes” shows what changed in them.
    """
    counts = dict.fromkeys(Standing, 0)
    folder = _one(folder)
    for step, paragraphs in core.prose_status(folder, _known(tag)):
        for one in paragraphs:
            counts[one.standing] += 1
            if one.standing is not Standing.IN_STEP:
                english = " ".join(one.english.split())
                print(f"{step}, block {one.number}: {one.standing}" + (f": {english}" if english else ""))
    print(f"{folder.name}, prose, {tag}: " + ", ".join(f"{n} {standing}" for standing, n in counts.items()))
    for source in translation.programme_sources(folder):
        now = translation.status(source, _known(tag))
        print(f"{source.name}, strings, {tag}: {now.missing} missing, {now.stale} stale")


@app.command("translated")
def translated(
    tag: Language,
    steps: Annotated[list[str] | None, typer.Argument(help="Steps; without any, all.")] = None,
    folder: Folder = CONTENT,
) -> None:
    """Record that steps are translated from the English as it is now; the check says so when it changes."""
    folder = _one(folder)
    text = core.translated(folder, _known(tag), steps or ())
    path = folder / "text" / tag / "state.toml"
    path.write_text(text, encoding="utf-8")
    print(f"{path}")


@app.command("proof")
def proof(
    tag: Language,
    output: Annotated[Path, typer.Option("--output", "-o", help="The page to write (.html).")],
    folder: Folder = CONTENT,
) -> None:
    """Write one page with all texts of a language beside the English, step by step, to be read and signed."""
    output.write_text(translation.programme_proof(_one(folder), _known(tag)), encoding="utf-8")
    print(f"{output}")


@app.command("sign")
def sign(
    tag: Language,
    state: Annotated[str, typer.Option("--state", help="reviewed or approved.")],
    initials: Annotated[str, typer.Option("--by", help="The initials of who read every text.")],
    day: Annotated[str, typer.Option("--day", help="The day, as 2026-11-29.")],
    folder: Folder = CONTENT,
) -> None:
    """Record that somebody read all texts of a language; the signature ends with the first change of any.

    Without one a language is a draft, and a live server shows it only where its settings name it among the drafts.
    """
    for path, text in translation.sign_programme(_one(folder), _known(tag), state, initials, day).items():
        if isinstance(text, str):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        else:
            text.save(str(path))
        print(f"{path}")


def _known(tag: str) -> Tag:
    return language(tag, "language").tag
