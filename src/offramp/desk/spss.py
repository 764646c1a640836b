"""Exact rows for SPSS: a .sav file, and syntax beside it that makes sets of the ticks that belong together.

Not here: which labels fit (shortlabels). The invariants: every reason for a missing answer keeps its number and its
label, and is declared as missing (SPSS takes one range, and the reasons have neighbouring numbers for that); nothing
is cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from offramp.desk.described import Described
from offramp.desk.exact import Exact
from offramp.desk.rowfiles import notice, short_notice, write_codebook
from offramp.desk.stata import programs
from offramp.exchange import MISSING

_NOTE_BYTES = 80
_LITERAL = 100


def write_sav(
    rows: Exact, whole: Sequence[Described], fields: Sequence[Described], folder: Path, name: str
) -> None:
    """Write .sav and .sps; `fields` have labels that fit, `whole` has the texts. Refusal export.no_program."""
    pd, pyreadstat = programs(name)
    table = pd.DataFrame(
        {
            field.name: list(rows.cells[field.name])
            if field.kind == "text"
            else pd.array(rows.cells[field.name], dtype="int32")
            for field in fields
        }
    )
    reasons = {"lo": min(MISSING.values()), "hi": max(MISSING.values())}
    pyreadstat.write_sav(
        table,
        folder / f"{name}.sav",
        file_label=short_notice(rows),
        note=[*_folded(notice(rows)), *_shortened(whole, fields)],
        column_labels={field.name: field.label for field in fields},
        variable_value_labels={
            field.name: {each.number: each.label for each in field.values} for field in fields if field.values
        },
        missing_ranges={field.name: [reasons] for field in fields if field.reasons},
        variable_measure={field.name: "scale" if field.kind == "number" else "nominal" for field in fields},
        variable_format={field.name: "F8.0" for field in fields if field.kind != "text"},
    )
    (folder / f"{name}.sps").write_text("\n".join(_syntax(rows, fields, name)) + "\n", encoding="utf-8")
    write_codebook(whole, folder, name)


def _shortened(whole: Sequence[Described], fields: Sequence[Described]) -> Iterator[str]:
    """Yield the whole text of every label that stands for a longer one."""
    for text, label in zip(whole, fields, strict=True):
        if text.label != label.label:
            yield from _folded(f"{text.name}: {text.label}")


def _folded(text: str) -> Iterator[str]:
    """Yield lines that a note of SPSS has room for."""
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if len(joined.encode()) > _NOTE_BYTES and line:
            yield line
            joined = word
        while len(joined.encode()) > _NOTE_BYTES:
            cut = next(n for n in range(len(joined), 0, -1) if len(joined[:n].encode()) <= _NOTE_BYTES)
            yield joined[:cut]
            joined = joined[cut:]
        line = joined
    yield line


def _syntax(rows: Exact, fields: Sequence[Described], name: str) -> Iterator[str]:
    """Yield what tells SPSS which ticks belong to one question."""
    yield "* Encoding: UTF-8."
    yield f"* {notice(rows).removesuffix('.')}."
    yield f"GET FILE='{name}.sav'."
    questions: dict[str, list[Described]] = {}
    for field in fields:
        if field.option:
            questions.setdefault(field.question, []).append(field)
    if not questions:
        return
    yield "MRSETS"
    for question, ticks in questions.items():
        yield f"  /MDGROUP NAME=${question}"
        yield f"    LABEL={_literal(ticks[0].asked)}"
        yield "    CATEGORYLABELS=VARLABELS"
        yield "    VARIABLES=" + "\n      ".join(tick.name for tick in ticks)
        yield "    VALUE=1"
    yield "  /DISPLAY NAME=ALL."


def _literal(text: str) -> str:
    """Return a text in quotes, in pieces where it is too long for one line."""
    pieces = [text[start : start + _LITERAL] for start in range(0, len(text), _LITERAL)] or [""]
    return " +\n      ".join("'" + " ".join(piece.split("\n")).replace("'", "''") + "'" for piece in pieces)
