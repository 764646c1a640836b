"""Writing a file so that it is either as it was or wholly new, never half written.

Not here: what is in it. The invariant: after `write_whole` returns, the new bytes are on the disk under the name; if it
does not return, the old ones still are.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

FOR_OWNER, FOR_ALL = 0o600, 0o644


def write_whole(path: Path, data: bytes, mode: int = FOR_OWNER) -> None:
    """Write a whole file, or leave the old one as it was."""
    with writing_whole(path, mode) as file:
        file.write(data)


@contextlib.contextmanager
def writing_whole(path: Path, mode: int = FOR_OWNER) -> Iterator[BinaryIO]:
    """Yield a file to write to, which takes the place of the old one when all is written."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Return when the names in a folder are on the disk."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
