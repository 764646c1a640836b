"""A disk that keeps only what was synced: builds `disk.c`, says what goes wrong, and cuts the power.

What the library does stands in `disk.c`. The invariant: after `cut` the folder holds what a disk may hold after a power
cut and nothing more; a file that was never synced is empty, and one whose folder was never synced is gone.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from random import Random

SOURCE = Path(__file__).with_name("disk.c")
PAGE = 4096


def build(folder: Path, compiler: str) -> Path:
    """Compile the library."""
    library = folder / "disk.so"
    command = [compiler, "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o", library, SOURCE]
    subprocess.run([*command, "-ldl", "-lpthread"], check=True, timeout=120)
    return library


@dataclass(frozen=True)
class Disk:
    """The disk under one folder; `shadow` is what is really on it."""

    folder: Path
    shadow: Path
    library: Path

    def __post_init__(self) -> None:
        self.shadow.mkdir()

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(self.library),
            "DISK_FOLDER": str(self.folder),
            "DISK_SHADOW": str(self.shadow),
        }

    def goes_wrong(self, *orders: str) -> None:
        """From now on these orders hold, such as `fail .sqlite-wal`; without any, all is well."""
        new = self.shadow / "control.new"
        new.write_text("".join(f"{order}\n" for order in orders))
        new.replace(self.shadow / "control.txt")

    def cut(self, by_itself: Random | None = None) -> None:
        """The power is cut, and on again.

        Of what was not synced nothing is left; or, with `by_itself`, whatever the kernel had written out by then.
        """
        there = {path.name: path for path in self.folder.iterdir() if ".sqlite" in path.name}
        numbers = {path.stat().st_ino: path for path in there.values()}
        numbers |= {int(path.suffix[1:]): path for path in self.shadow.glob("kept.*")}
        after = {
            name: self._after(number, numbers[number], by_itself) for name, number in self._names().items()
        }
        for path in (*there.values(), *self.shadow.iterdir()):
            path.unlink()
        names = []
        for name, content in after.items():
            path = self.folder / name
            path.touch(0o600)
            path.write_bytes(content)
            shutil.copyfile(path, self.shadow / f"data.{path.stat().st_ino}")
            names.append(f"{path.stat().st_ino} {name}\n")
        (self.shadow / "names.txt").write_text("".join(names))

    def _names(self) -> dict[str, int]:
        path = self.shadow / "names.txt"
        lines = path.read_text().splitlines() if path.exists() else []
        return {name: int(number) for number, name in (line.split(" ", 1) for line in lines)}

    def _after(self, number: int, live: Path, by_itself: Random | None) -> bytes:
        durable = self._read(f"data.{number}")
        if by_itself is None:
            return durable
        cached, dropped = live.read_bytes(), self._read(f"dropped.{number}")
        size = by_itself.choice((len(durable), len(cached)))
        share = by_itself.random()
        blocks = []
        for at in range(0, size, PAGE):
            marked_clean = dropped[at // PAGE : at // PAGE + 1] == b"\1"
            source = cached if not marked_clean and by_itself.random() < share else durable
            blocks.append(source[at : at + PAGE].ljust(min(PAGE, size - at), b"\0")[: size - at])
        return b"".join(blocks)

    def _read(self, name: str) -> bytes:
        path = self.shadow / name
        return path.read_bytes() if path.exists() else b""


def weaken(folder: Path) -> dict[str, str]:
    """Return an environment in which SQLite never syncs: `PRAGMA synchronous=OFF`, as no setting of ours can.

    It holds from the second time on that a connection is used, so that the files themselves come about as always.
    """
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "from sqlalchemy import event\nfrom sqlalchemy.pool import Pool\n\n\n"
        "@event.listens_for(Pool, 'checkout')\n"
        "def weaken(connection, record, proxy):\n    connection.execute('PRAGMA synchronous=OFF')\n"
    )
    return {"PYTHONPATH": str(folder)}
