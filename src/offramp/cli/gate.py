"""`offramp gate …`: the operator's side."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from offramp.errors import refuse
from offramp.sealing import read_key

app = typer.Typer(no_args_is_help=True, help="Compile private term lists and try them.")
KEY = "OFFRAMP_GATE_KEY_FILE"


def _key() -> bytes:
    name = os.environ.get(KEY, "")
    if not name:
        raise refuse("gate.no_key", "environment", f"{KEY} is not set.",
                     "Please let it name a file with 64 hex digits (“openssl rand -hex 32”).")  # fmt: skip
    try:
        return read_key(Path(name).read_text(encoding="ascii"), name)
    except (OSError, UnicodeDecodeError):
        raise refuse("gate.no_key", name, "The key file cannot be read.",
                     "Please check its name and permissions.") from None  # fmt: skip


@app.command("compile")
def compile_command(
    lists: Annotated[list[Path], typer.Argument(help="Term lists (TOML).")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the sealed list goes.")],
) -> None:
    """Check term lists and compile them into one sealed file."""
    # The gate builds its tables when it is imported; other commands need not wait for that.
    from offramp.gate import compile_lists

    sealed = compile_lists(lists, _key())
    output.write_bytes(sealed)
    print(f"{output}: {len(sealed):,} bytes, sealed.")


@app.command("decide")
def decide(
    compiled: Annotated[Path, typer.Option("--lists", help="A sealed list made by “gate compile”.")],
    queries: Annotated[
        list[str] | None, typer.Argument(help="Queries; without any, one a line is read.")
    ] = None,
) -> None:
    """Decide about queries, one JSON object a line; the query itself is never printed."""
    import json
    import sys

    from offramp.gate import load

    gate = load(compiled, _key())
    for query in queries or (line.rstrip("\n") for line in sys.stdin):
        found = gate.decide(query)
        plain: dict[str, bool | str] = {"matched": bool(found)}
        if found:
            plain.update(list=found.list, category=found.category, rule=found.rule, intent=found.intent)
        print(json.dumps(plain, ensure_ascii=False), flush=True)
