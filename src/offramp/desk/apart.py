"""Where exact rows may lie: in a folder of their own that says what it holds, and in which nothing public is written.

Not here: what is in the files. The invariants: a folder of rows has the banner before it has a row; what is half
written never bears the name of what is whole; nobody but the owner can read any of it.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from offramp.desk.wholefile import write_whole
from offramp.errors import refuse

BANNER = "EXACT-ROWS-NEVER-PUBLISH.txt"
NOTICE = "Rows about single responses; never publish; exact."
# For programs with little room for what a file is: SPSS takes 64 bytes, Stata 80 characters.
SHORT_NOTICE = "EXACT rows about single responses; never publish"
SYNTHETIC = "SYNTHETIC: made-up responses."
# What every page of ours that may leave says of itself: in HTML near its top, in a PDF near its end.
_MAKER = b"Offramp desk"
_ENDS = 4096
# So many folders up or down are near. What lies further off, in a home or among all temporary files, is others' work.
_NEAR = 2
_OWN_FOLDER, _OWN_FILE = 0o700, 0o600

_BANNER = f"""\
{NOTICE}

Every line of the files in this folder is one response as it was given, exact: no count here has been rounded, nothing
is suppressed, and the law of the house does not hold for it. Answers together can give a person away.

- Nothing of this folder is published, sent, put into a cloud or onto a web server, or shown on a slide.
- It stays on the researchers' own machine, on an encrypted disk, and is deleted when the analysis is done.
- A table made from it is no release, for it has not passed the law of the house. What may leave is a report.
- Responses that people have withdrawn since are still in here. Pull, open and export again before each analysis.
"""


@contextmanager
def folder_apart(target: Path) -> Iterator[Path]:
    """Yield a folder to write in; its files move into `target` when all are whole.

    Refusals: export.folder, export.public.
    """
    _refuse_folder(target)
    target.mkdir(parents=True, exist_ok=True, mode=_OWN_FOLDER)
    target.chmod(_OWN_FOLDER)
    write_whole(target / BANNER, _BANNER.encode())
    draft = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=target))
    try:
        yield draft
        for file in sorted(draft.iterdir()):
            file.chmod(_OWN_FILE)
            file.replace(target / file.name)
    finally:
        shutil.rmtree(draft)


def refuse_among_rows(output: Path) -> None:
    """Refuse to write something public into, above or below a folder of rows. Refusal export.rows_here."""
    home = output.resolve().parent
    near = (
        *(folder for folder in (home, *home.parents) if (folder / BANNER).exists()),
        *(
            banner.parent
            for depth in range(1, _NEAR + 1)
            for banner in sorted(home.glob("*/" * depth + BANNER))
        ),
    )
    if near:
        raise refuse("export.rows_here", str(output), f"Exact rows lie in {near[0]}, too near to something public.",
                     "Please name a file in another folder, or delete the rows first.")  # fmt: skip


def _refuse_folder(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise refuse("export.folder", str(target), "This is a file.", "Please name a folder of its own.")
    if target.exists() and any(target.iterdir()) and not (target / BANNER).exists():
        raise refuse("export.folder", str(target), "This folder has other things in it.",
                     "Please name one that is new or empty, or one that an export made.")  # fmt: skip
    there = target.resolve()
    for folder in (there, *there.parents[:_NEAR]):
        pages = sorted((*folder.glob("*.html"), *folder.glob("*.pdf")))
        page = next((page for page in pages if _public(page)), None)
        if page is not None:
            raise refuse("export.public", str(target), f"There is something public in {folder}: {page.name}.",
                         "Please name a folder elsewhere: exact rows lie apart.")  # fmt: skip


def public_id(page: str) -> bytes:
    """Return the identifier of a PDF that may leave."""
    return _MAKER + b" " + hashlib.sha256(page.encode()).hexdigest()[:32].encode()


def _public(page: Path) -> bool:
    try:
        with page.open("rb") as file:
            top = file.read(_ENDS)
            file.seek(max(0, page.stat().st_size - _ENDS))
            return _MAKER in top or _MAKER in file.read()
    except OSError:
        return False
