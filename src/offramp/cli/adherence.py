"""`offramp desk programme`: how far a programme is worked through, and the course of its check-ins.

Everything else is the desk's. The invariant: what a programme consists of is read from the content, what was done in it
from totals and from check-ins that people agreed to send, and nothing from any journal.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from offramp.cli.desk import _CONTENT, Content, Folder, _far, _inbox, _unlock
from offramp.cli.printing import write_page
from offramp.desk import EVERYWHERE, Desk, Stretch, programme_report, refuse_among_rows
from offramp.errors import refuse
from offramp.language import SOURCE
from offramp.programme import StepKind, read_programmes


def programme(
    desk: Folder,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the report goes: .html or .pdf.")],
    content: Content = _CONTENT,
    slug: Annotated[str, typer.Option("--programme", help="Which programme.")] = "way-on",
) -> None:
    """Report how far a programme is worked through, and its check-ins, under the law of the house."""
    refuse_among_rows(output)
    programmes = read_programmes(content)
    if slug not in programmes:
        raise refuse("report.unknown_programme", slug, "The content has no such programme.",
                     f"Please use one of: {', '.join(programmes) or 'none is there'}.")  # fmt: skip
    chosen, home = programmes[slug], Desk(desk)
    keys, texts = _unlock(home), chosen.catalogues[SOURCE]
    with _inbox(home) as inbox:
        totals = inbox.totals()
    done = (StepKind.EXERCISE, StepKind.CHECK_IN)
    stretches = [Stretch(module.id, texts[f"module/{module.id}/title"], sum(step.kind in done for step in module.steps))
                 for module in chosen.modules]  # fmt: skip
    with _far("Counting") as reached:
        store = home.counts(keys).store(home.archive(keys), chosen.check_in, EVERYWHERE, reached)
    page = programme_report(slug, texts["title"], stretches, chosen.check_in, store, totals)
    write_page(page, output)
    print(f"{output} is written.")
