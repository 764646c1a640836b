"""`offramp survey …`: for those who write and translate."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Annotated

import typer

from offramp.cli import exchange, messages
from offramp.desk import read_findings, read_joint, read_published
from offramp.errors import Problem, Refusal, refuse
from offramp.survey import Survey, difference, read_surveys, read_version

app = typer.Typer(help="Check questionnaires and their translations, and go from one version to the next.")

app.add_typer(messages.app, name="messages")
app.command("proof")(messages.proof)
app.command("export")(exchange.export)
app.command("import")(exchange.take_in)

_NUMBER = re.compile(r"(?m)^(version\s*=\s*)\d+")
Content = Annotated[Path, typer.Argument(help="The content folder.")]


@app.callback()
def callback() -> None:
    """Check questionnaires and their translations, and go from one version to the next."""


@app.command("check")
def check(content: Content = Path("content")) -> None:
    """Check every survey, its findings and its translations, and report all faults at once, each with place and remedy.

    Of translations it also asks whether they are like their English: length, numbers, direction, script, and answers
    that can be told apart.
    """
    surveys = read_surveys(content, strictly=True)
    versions = [version for survey in surveys.values() for version in survey.versions]
    problems: list[Problem] = []
    for version in versions:
        try:
            findings = read_findings(content, version)
            if version is surveys.get(version.slug):
                read_published(content, version.slug, findings)
        except Refusal as refusal:
            problems += refusal.problems
        try:
            read_joint(content, version)
        except Refusal as refusal:
            problems += refusal.problems
    if problems:
        raise Refusal(problems)
    for version in versions:
        _describe(version)
    for line in messages.signed(content):
        print(line)


def _describe(survey: Survey) -> None:
    states = ", ".join(f"{tag} {texts.state.name.lower()}" for tag, texts in survey.catalogues.items())
    asked = sum(len(page.questions) for page in survey.pages)
    print(f"{survey.slug}: version {survey.version}, {len(survey.pages)} pages, {asked} questions; {states}.")
    print(f"  structure {survey.structure[:16]}")


@app.command("diff")
def diff(
    old: Annotated[
        Path, typer.Argument(help="The folder of the earlier version (the one with survey.toml).")
    ],
    new: Annotated[Path, typer.Argument(help="The folder of the later version.")],
) -> None:
    """Say what differs between two versions, and which answers can be counted together.

    “yes” and “with care” are counted together by the desk; whether the care was taken is for you to judge. “no” are
    kept apart.
    """
    before, now = read_version(old), read_version(new)
    changes = difference(before, now)
    print(f"{now.slug}: version {before.version} and version {now.version}.")
    for change in changes:
        print(f"  {change.subject}: {change.what} (joins: {change.joins})")
    touched = {change.subject for change in changes}
    same = [question.id for question in now.questions if question.id not in touched]
    print(f"{len(same)} questions are the same in both.")


@app.command("set-aside")
def set_aside_command(
    slug: Annotated[str, typer.Argument(help="Which survey.")],
    content: Annotated[Path, typer.Option("--content", help="The content folder.")] = Path("content"),
) -> None:
    """Keep the version that is asked now for those who began with it, before you edit survey.toml into the next."""
    kept = set_aside(content, slug)
    print(f"Version {kept.version} of “{slug}” is kept in surveys/{slug}/versions/{kept.version}.")
    print(f"survey.toml is now version {kept.version + 1}: please edit it, and see “offramp survey diff”.")


def set_aside(content: Path, slug: str) -> Survey:
    """Copy the version that is asked now beside itself, raise the number of the one to be edited, return the first.

    Refusals: survey.none, survey.version_exists, and all faults of the survey, which must be sound.
    """
    folder = content / "surveys" / slug
    if not (folder / "survey.toml").exists():
        raise refuse(
            "survey.none", str(folder), "There is no survey.toml here.", "Please name another survey."
        )
    survey = read_version(folder)
    aside = folder / "versions" / str(survey.version)
    if aside.exists():
        before = f"Version {survey.version} was set aside before."
        raise refuse("survey.version_exists", str(aside), before,
                     "Please raise the number in survey.toml, or remove that folder if nobody met it.")  # fmt: skip
    aside.mkdir(parents=True)
    for name in ("survey.toml", "findings.toml", "joint.toml", "locale"):
        source = folder / name
        if source.is_dir():
            shutil.copytree(source, aside / name)
        elif source.exists():
            shutil.copyfile(source, aside / name)
    shutil.copyfile(content / "platforms.toml", aside / "platforms.toml")
    text = (folder / "survey.toml").read_text(encoding="utf-8")
    raised = _NUMBER.sub(rf"\g<1>{survey.version + 1}", text, count=1)
    (folder / "survey.toml").write_text(raised, encoding="utf-8")
    return survey
