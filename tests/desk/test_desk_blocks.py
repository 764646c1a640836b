"""Blocks of the archive: what is laid out reads back the same, and what is there is known without reading a body."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.desk.archive import HEAD, PURPOSE, Archive
from offramp.desk.blocks import Aside, Block, Known, Row, extent, lay_out, read_block, what_is_there
from offramp.errors import Refusal
from offramp.sealing import PageKey, seal_file

KEY = b"a" * 32
_names = st.sampled_from(["tea", "chá", "茶", "tea/words/likes", "a\nb"])
_keys = st.binary(min_size=24, max_size=24).map(PageKey)
_rows = st.tuples(
    _keys, st.binary(min_size=32, max_size=32), _names,
    st.binary(min_size=16, max_size=16).map(bytes.hex), _names, st.binary(max_size=60),
).map(lambda values: Row(*values))  # fmt: skip
_aside = st.tuples(_keys, st.binary(min_size=32, max_size=32), _names).map(lambda values: Aside(*values))


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    rows = sorted(draw(st.lists(_rows, max_size=12, unique_by=lambda row: row.key)))
    taken = {row.key for row in rows}
    aside = sorted(draw(st.lists(_aside, max_size=5, unique_by=lambda each: each.key)))
    places = draw(st.lists(st.integers(1, 2**64 - 1), min_size=len(rows), max_size=len(rows)))
    return Block(rows, places, [each for each in aside if each.key not in taken])


@given(blocks())
def test_a_block_reads_back_as_it_was_and_tells_what_is_there(block: Block):
    plain = lay_out(block)
    assert read_block(plain) == Block(block.rows, list(block.places), block.aside)
    known = [
        Known(row.key, row.digest, "", place) for row, place in zip(block.rows, block.places, strict=True)
    ]
    known += [Known(each.key, each.digest, each.code, 0) for each in block.aside]
    assert list(what_is_there(plain)) == sorted(known)
    keys = sorted(each.key for each in known)
    found = extent(plain)
    assert (found.first, found.last) == ((keys[0], keys[-1]) if keys else (b"", b""))
    assert list(found.places) == list(block.places)


@given(blocks(), st.data())
def test_what_is_taken_out_is_gone_and_the_rest_is_as_it_was(block: Block, data: st.DataObject):
    keys = [row.key for row in block.rows] + [each.key for each in block.aside]
    gone = set(data.draw(st.lists(st.sampled_from(keys)))) if keys else set()
    kept = read_block(lay_out(block.without(gone)))
    assert list(kept.rows) == [row for row in block.rows if row.key not in gone]
    assert list(kept.aside) == [each for each in block.aside if each.key not in gone]
    assert list(kept.places) == [
        place for row, place in zip(block.rows, block.places, strict=True) if row.key not in gone
    ]


def _written_by_an_earlier_version(folder: Path, name: str) -> None:
    """Write a head or a block as version 2 did: JSON as a whole."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = {"v": 2, "ids": "00" * 32} if name == HEAD else {"v": 2, "aside": [], "rows": []}
    purpose = PURPOSE if name == HEAD else f"{PURPOSE}/1"
    (folder / name).write_bytes(seal_file(json.dumps(plain).encode(), KEY, purpose))


@pytest.mark.parametrize("name", [HEAD, "000001.block"])
def test_an_archive_of_another_version_is_refused_and_stays_as_it_is(tmp_path: Path, name: str):
    archive = Archive.at(tmp_path / "archive", KEY)
    archive.append(Block((), (), ()))
    _written_by_an_earlier_version(tmp_path / "archive", name)
    before = {path: path.read_bytes() for path in (tmp_path / "archive").iterdir()}
    with pytest.raises(Refusal, match="move the folder of the archive away") as caught:
        list(Archive.at(tmp_path / "archive", KEY).rows())
    assert caught.value.codes == ("archive.version",)
    assert {path: path.read_bytes() for path in (tmp_path / "archive").iterdir()} == before
