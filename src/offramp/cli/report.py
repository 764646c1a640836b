"""`offramp desk report`: which survey, which version, which language, and where the page goes.

Everything else is the desk's. The invariant: nothing is written before the whole report is made.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

from offramp.cli.printing import write_page
from offramp.desk import Desk, read_findings, report
from offramp.errors import refuse
from offramp.language import Tag
from offramp.sealing import DeskKeys
from offramp.survey import Survey, read_surveys


def write_report(
    home: Desk, keys: DeskKeys, content: Path, output: Path, slug: str, tag: str, version: int
) -> None:
    """Write the report of a survey in a language; of one version alone where a number is given."""
    archive = home.archive(keys)
    chosen = _chosen(slug, archive.surveys(), read_surveys(content))
    chosen = _of_version(chosen, version) if version else chosen
    with contextlib.closing(home.inbox()) as inbox:
        totals = inbox.totals()
    write_page(
        report(chosen, archive.bodies(chosen.slug), totals, read_findings(content, chosen), Tag(tag)), output
    )
