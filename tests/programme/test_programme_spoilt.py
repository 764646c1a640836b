"""Whatever is done to the files of a programme, reading them ends with a programme or a refusal, and never else."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.errors import Refusal
from offramp.language import Tag
from offramp.programme import Programme, lay_out, progress, prose_status, read_programme, remarks
from tests.programme.small import ES, build

T = TypeVar("T")
FILES = ("programme.toml", "check-in/survey.toml", "text/es/state.toml", "text/en/welcome.md", "text/es/welcome.md",
         "locale/es.po", "check-in/locale/es.po", "adaptation.md")  # fmt: skip


@cache
def sound() -> Path:
    return build(Path(tempfile.mkdtemp()))


@st.composite
def spoilt(draw: st.DrawFn) -> list[tuple[str, list[str]]]:
    """Lines taken out, doubled, moved, or with one word put in the place of another one of the file."""
    done = []
    for file in draw(st.lists(st.sampled_from(FILES), min_size=1, max_size=3, unique=True)):
        lines = (sound() / file).read_text(encoding="utf-8").splitlines()
        for _ in range(draw(st.integers(1, 4))):
            at, other = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines) - 1))
            match draw(st.sampled_from(("out", "double", "swap", "right", "empty"))):
                case "out" if len(lines) > 1:
                    del lines[at]
                case "double":
                    lines.insert(other, lines[at])
                case "swap":
                    lines[at], lines[other] = lines[other], lines[at]
                case "right":
                    key, sign, _ = lines[at].partition(" = ")
                    value = lines[other].partition(" = ")[2]
                    lines[at] = f"{key}{sign}{value}" if sign and value else lines[at]
                case _:
                    key, sign, _ = lines[at].partition(" = ")
                    lines[at] = f'{key}{sign}""' if sign else ""
        done.append((file, lines))
    return done


@settings(max_examples=30, deadline=None)
@given(spoilt())
def test_spoilt_files_are_refused_or_read(changes: list[tuple[str, list[str]]]) -> None:
    with tempfile.TemporaryDirectory() as home:
        shutil.copytree(sound().parent.parent, home, dirs_exist_ok=True)
        folder = Path(home) / "programmes" / "small"
        for file, lines in changes:
            (folder / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
        made = outcome(lambda: read_programme(folder, strictly=True))
        if isinstance(made, Programme):
            assert progress(made, ()).places.keys() == made.step_of.keys()
            assert all(
                lay_out(made, sheet, (), tag).blank for sheet in made.worksheets for tag in (Tag("en"), ES)
            )
            list(remarks(folder, made))
        else:
            assert all(p.place and p.what and p.remedy.startswith("Please ") for p in made.problems)
        assert outcome(lambda: list(prose_status(folder, ES)))


def outcome(read: Callable[[], T]) -> T | Refusal:
    try:
        return read()
    except Refusal as refusal:
        return refusal
