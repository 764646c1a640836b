"""`offramp gate …`: the operator's side."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offramp.errors import Problem, Refusal, refuse
from offramp.settings import gate_key

# The gate builds its tables when it is imported; other commands need not wait for that.
if TYPE_CHECKING:
    from offramp.gate import Draft, Gate

app = typer.Typer(no_args_is_help=True, help="Build private term lists and try them.")
Lists = Annotated[
    list[Path], typer.Argument(help="Term lists: TOML, or plain text and CSV as hotlines deliver them.")
]
Sealed = Annotated[Path, typer.Option("--lists", help="A sealed list made by “gate build”.")]
Queries = Annotated[list[str] | None, typer.Argument(help="Queries; without any, one a line is read.")]
Benign = Annotated[
    list[Path] | None,
    typer.Option(
        help="Harmless words or queries, one a line, how often after a tab if known. May be repeated."
    ),
]
Language = Annotated[str, typer.Option(help="The language of plain text, and of a table that does not say.")]
Category = Annotated[str, typer.Option(help="The category of plain text, and of a table that does not say.")]
Exact = Annotated[bool, typer.Option("--exact", help="Find the entries of tables only as they are spelt.")]
Column = Annotated[
    list[str] | None,
    typer.Option(help="Which column of a table is which, such as text=Keyword. May be repeated."),
]


def _load(path: Path) -> Gate:
    from offramp.gate import load

    return load(path, gate_key(os.environ))


def _asked(queries: list[str] | None) -> Iterable[str]:
    return queries or (line.rstrip("\n") for line in sys.stdin)


def _sample(paths: list[Path] | None) -> Iterator[tuple[str, int]] | None:
    return (entry for path in paths for entry in _weighted(path)) if paths else None


def _weighted(path: Path) -> Iterator[tuple[str, int]]:
    try:
        body = path.read_bytes()
    except OSError:
        raise refuse("gate.sample", path.name, "The benign sample cannot be read.",
                     "Please check its name and permissions.") from None  # fmt: skip
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.decode("latin-1")  # some word lists are older than UTF-8
    for line in text.splitlines():
        words, _, often = line.partition("\t")
        if words.strip():
            yield words, int(often) if often.isdecimal() else 1


def _draft(lists: list[Path], benign: list[Path] | None, language: str, category: str, exact: bool,
           column: list[str] | None) -> Draft:  # fmt: skip
    from offramp.gate import Reading, draft

    if wrong := [pair for pair in column or () if "=" not in pair]:
        raise Refusal([Problem("gate.column", "--column", f"{len(wrong)} of the columns are not given as NAME=HEADER.",
                               "Please write, for example, --column text=Keyword.")])  # fmt: skip
    columns = dict(pair.split("=", 1) for pair in column or ())
    return draft(lists, Reading(language, category, exact, columns), _sample(benign))


def _say(made: Draft) -> None:
    for problem in made.warnings:
        print(f"Warning: {problem}", file=sys.stderr)
    if made.weighed:
        print(f"Of the benign sample {sum(made.weighed.hits.values()) / made.weighed.total:.4%} would be turned away; "
              f"{len(made.weighed.ordinary):,} spellings in it are spared as words of their own.")  # fmt: skip


@app.command("build")
def build(
    lists: Lists,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the sealed list goes.")],
    benign: Benign = None,
    language: Language = "und",
    category: Category = "listed",
    exact: Exact = False,
    column: Column = None,
) -> None:
    """Check term lists and build them into one sealed file; one that is there already is kept as FILE.former."""
    key = gate_key(os.environ)
    made = _draft(lists, benign, language, category, exact, column)
    _say(made)
    sealed = made.sealed(key)
    put(sealed, output)
    print(f"{output}: {made.terms:,} terms, {len(sealed):,} bytes, sealed.")


@app.command("rollback")
def rollback(
    lists: Annotated[Path, typer.Argument(help="A sealed list with its FILE.former beside it.")],
) -> None:
    """Exchange a sealed list with the former one. Search engines that watch the file load it; again, and it is back."""
    former = _former(lists)
    if not former.is_file():
        raise refuse("gate.no_former", str(former), "There is no former list.",
                     "Please build the list again from its sources.")  # fmt: skip
    put(former.read_bytes(), lists)
    print(f"{lists}: what was {former.name} decides again.")


def _former(path: Path) -> Path:
    return path.with_name(f"{path.name}.former")


def put(sealed: bytes, path: Path) -> None:
    """Write a sealed list and keep the one before it. At every moment there is a whole file of this name."""
    if path.is_file():
        _replaced(_former(path), path.read_bytes())
    _replaced(path, sealed)


def _replaced(path: Path, body: bytes) -> None:
    new = path.with_name(f"{path.name}.new")
    with new.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    if path.exists():
        new.chmod(path.stat().st_mode)
    new.replace(path)


@app.command("check")
def check(
    lists: Lists,
    benign: Benign = None,
    language: Language = "und",
    category: Category = "listed",
    exact: Exact = False,
    column: Column = None,
) -> None:
    """Check term lists and say what is risky in them; nothing is written."""
    made = _draft(lists, benign, language, category, exact, column)
    _say(made)
    print(f"{made.terms:,} terms, sound.")


@app.command("keygen")
def keygen(output: Annotated[Path, typer.Argument(help="Where the new key goes.")]) -> None:
    """Make a key for sealed lists, in a new file that only its owner can read."""
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        raise refuse("gate.key_file", str(output), "The file cannot be made, or it is there already.",
                     "Please name a new file in a folder of yours; a key is never written over.") from None  # fmt: skip
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(os.urandom(32).hex() + "\n")
    print(f"{output}: keep it away from the sealed list in backups, and let OFFRAMP_GATE_KEY_FILE name it.")


@app.command("decide")
def decide(lists: Sealed, queries: Queries = None) -> None:
    """Decide about queries, one JSON object a line; the query itself is never printed."""
    import json

    gate = _load(lists)
    for query in _asked(queries):
        found = gate.decide(query)
        plain: dict[str, bool | str] = {"matched": bool(found)}
        if found:
            plain.update(list=found.list, category=found.category, rule=found.rule, intent=found.intent)
        print(json.dumps(plain, ensure_ascii=False), flush=True)


@app.command("explain")
def explain(lists: Sealed, queries: Queries = None) -> None:
    """Show how queries are read, view by view. For your own machine: what is printed holds the query."""
    gate = _load(lists)
    for query in _asked(queries):
        for view, found in gate.explain(query):
            disguised = "; ".join(spelling for spelling in view.spellings)
            verdict = f"{found.list}, {found.rule}, {found.category}, {found.intent}" if found else "nothing"
            how = f"taken for disguises: {disguised}" if disguised else "as it stands, or decoded"
            print(f"{view.text.decode().strip()}\n    {how}\n    {verdict}")


@app.command("bench")
def bench(
    lists: Sealed,
    queries: Annotated[
        Path | None, typer.Option(help="Your own queries, one a line; none is printed.")
    ] = None,
    rounds: Annotated[int, typer.Option(help="How often all of them are decided.", min=1, max=1000)] = 5,
) -> None:
    """Measure what a decision costs on this machine with your lists, and with your queries if you give some."""
    begun = time.perf_counter()
    gate = _load(lists)
    loaded = time.perf_counter() - begun
    asked = [line for line, _ in _weighted(queries)] if queries else ["best pasta for two people"] * 10_000
    best = [float("inf")] * len(asked)
    passed: list[float] = []
    for _ in range(rounds):
        begun = time.perf_counter()
        for query in asked:
            gate.decide(query)
        passed.append((time.perf_counter() - begun) / len(asked))
        for place, query in enumerate(asked):
            start = time.perf_counter()
            gate.decide(query)
            best[place] = min(best[place], time.perf_counter() - start)
    hits = sum(gate.decide(query) is not None for query in asked)
    print(f"loaded in {loaded:.2f} s; {len(asked):,} queries, {rounds} rounds")
    print(f"a decision: {min(passed) * 1e6:.2f} us on average in the best round, "
          f"{sorted(best)[len(best) * 99 // 100] * 1e6:.1f} us for the slowest hundredth")  # fmt: skip
    print(f"{hits:,} of {len(asked):,} would be turned away ({hits / len(asked):.3%})")
