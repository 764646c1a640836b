"""Exact rows for Stata: a .dta file in which every reason for a missing answer is a missing value of its own.

Not here: which labels fit (shortlabels). The invariants: .a to .j stand for the reasons, in the order of the codes and
the same in every column; nothing is cut. Written for Stata 14 and later, in all its editions.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from offramp.desk.described import STATA_LETTERS, Described
from offramp.desk.exact import Cells, Exact
from offramp.desk.rowfiles import short_notice, write_codebook
from offramp.errors import refuse

_STATA = 14


def programs(name: str) -> tuple[Any, Any]:
    """Return pandas and pyreadstat, which nobody needs who exports for neither. Refusal export.no_program."""
    try:
        import pandas
        import pyreadstat
    except ImportError:
        raise refuse("export.no_program", name, "Nothing here can write for SPSS or Stata.",
                     "Please type make install-export, or export as csv.") from None  # fmt: skip
    return pandas, pyreadstat


def write_dta(
    rows: Exact, whole: Sequence[Described], fields: Sequence[Described], folder: Path, name: str
) -> None:
    """Write .dta; `fields` have labels that fit, `whole` has the texts. Refusal export.no_program."""
    pd, pyreadstat = programs(name)
    table = pd.DataFrame(
        {
            field.name: _categories(rows.cells[field.name]) if field.reasons else list(rows.cells[field.name])
            for field in fields
        }
    )
    pyreadstat.write_dta(
        table,
        folder / f"{name}.dta",
        version=_STATA,
        file_label=short_notice(rows),
        column_labels={field.name: field.label for field in fields},
        variable_value_labels={
            field.name: {STATA_LETTERS.get(each.number, each.number): each.label for each in field.values}
            for field in fields
            if field.values
        },
        missing_user_values={
            field.name: [STATA_LETTERS[each.number] for each in field.reasons]
            for field in fields
            if field.reasons
        },
    )
    write_codebook(whole, folder, name)


def _categories(cells: Cells) -> object:
    """Return a column of numbers and letters as pandas' categories, with the numbers in front.

    What a column of plain objects holds is guessed from its first hundred rows, and in many of ours these are all
    missing. Of categories the first one tells.
    """
    import pandas as pd

    kept = sorted({int(cell) for cell in cells} - STATA_LETTERS.keys())
    gone = [number for number in STATA_LETTERS if number in set(cells)]
    places = {number: place for place, number in enumerate((*kept, *gone))}
    meant = [*kept, *(STATA_LETTERS[number] for number in gone)]
    return pd.Categorical.from_codes([places[cell] for cell in cells], pd.Index(meant, dtype=object))
