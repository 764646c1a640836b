"""`offramp survey …`: for those who write and translate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from offramp.survey import read_surveys

app = typer.Typer(help="Check questionnaires and their translations.")


@app.callback()
def callback() -> None:
    """Check questionnaires and their translations."""


@app.command("check")
def check(
    content: Annotated[Path, typer.Argument(help="The content folder.")] = Path("content"),
) -> None:
    """Check every survey, and report all faults at once, each with its place and remedy."""
    for survey in read_surveys(content).values():
        states = ", ".join(f"{tag} {texts.state.name.lower()}" for tag, texts in survey.catalogues.items())
        asked = sum(len(page.questions) for page in survey.pages)
        print(
            f"{survey.slug}: version {survey.version}, {len(survey.pages)} pages, {asked} questions; {states}."
        )
        print(f"  structure {survey.structure[:16]}")
