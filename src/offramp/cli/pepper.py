"""`offramp programme pepper`: the key without which no code of a journal can be tried.

Not here: what it is mixed into (sealing). The invariant: a pepper is never written over, because every journal would
be lost with it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from offramp.errors import refuse


def pepper(
    output: Annotated[Path, typer.Argument(help="Where the new file goes, beside the database.")] = Path(
        "pepper.key"
    ),
) -> None:
    """Make the pepper of the programme's journals, in a new file that only its owner can read."""
    make_pepper(output)
    print(f"{output}: name it in [programme] as “pepper”. Without it no journal opens: give it a backup of its own, "
          "never together with the database.")  # fmt: skip


def make_pepper(output: Path) -> None:
    """Write 32 random bytes as hex into a new file. Refusal pepper.file: there is one, or it cannot be made."""
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        raise refuse("pepper.file", str(output), "The file cannot be made, or it is there already.",
                     "Please name a new file in a folder of yours; no pepper is written over.") from None  # fmt: skip
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(os.urandom(32).hex() + "\n")
