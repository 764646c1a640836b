"""Journals of format version 1 open for ever: codes, lockers, rows; once with our code, and once without."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from offramp.errors import Fault, Refusal
from offramp.programme import read_codes
from offramp.programme.rowform import read_entry, read_head
from offramp.sealing import Locker, locker_from_code
from tests.vectors import make_v1_journal, plain_reader

HERE = Path(__file__).parent
V1: dict[str, Any] = json.loads((HERE / "v1_journal.json").read_text(encoding="utf-8"))
LOCKER = Locker(bytes.fromhex(V1["locker"]))
CODES = read_codes(make_v1_journal.CODES)


@pytest.mark.parametrize("row", V1["codes"], ids=lambda row: row["language"])
def test_a_code_gives_its_locker(row: dict[str, Any]) -> None:
    pepper = bytes.fromhex(V1["pepper"])
    assert CODES.read(row["code"]) == row["bytes"].encode()
    assert locker_from_code(row["bytes"].encode(), pepper).secret.hex() == row["locker"]
    assert plain_reader.journal_locker(row["bytes"].encode(), pepper).hex() == row["locker"]
    words = list(CODES.list_for(row["language"]).words)
    assert plain_reader.code(row["bytes"], words) == row["code"]


@pytest.mark.parametrize("row", V1["rows"], ids=lambda row: row["name"])
def test_row(row: dict[str, Any]) -> None:
    sealed = base64.b64decode(row["sealed"])
    assert LOCKER.row_key(row["row"]).hex() == row["key"]
    assert plain_reader.journal_row_key(LOCKER.secret, row["row"]).hex() == row["key"]
    assert LOCKER.open(row["row"], sealed) == row["body"].encode()
    assert plain_reader.open_journal_row(LOCKER.secret, row["row"], sealed) == row["body"].encode()


def test_what_the_rows_say() -> None:
    head, sitting, entry, _ = (row["body"].encode() for row in V1["rows"])
    kept = make_v1_journal.KEPT
    assert (read_head(head).facts, read_head(head).version, read_head(head).index) == (
        kept.facts,
        12,
        kept.index,
    )
    assert read_head(sitting) == make_v1_journal.SITTING
    assert read_entry(entry, make_v1_journal.NOTED) == make_v1_journal.ENTRY


@pytest.mark.parametrize("row", V1["failures"], ids=lambda row: row["name"])
def test_failure(row: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as caught:
        LOCKER.open(row["row"], base64.b64decode(row["sealed"]))
    assert caught.value.codes == (row["code"],)


@pytest.mark.parametrize("spoilt", [
    b"", b"[]", b"{}", b'{"v":2}', b'{"v":1,"version":1}', b"\xff", b'{"v":1,"answers":[]}',
    b'{"v":1,"answers":{},"words":{"q":1}}', b'{"v":1,"answers":{"q":null},"words":{}}',
])  # fmt: skip
def test_what_is_neither_head_nor_entry(spoilt: bytes) -> None:
    with pytest.raises(Fault):
        read_head(spoilt)
    with pytest.raises(Fault):
        read_entry(spoilt, make_v1_journal.NOTED)


def test_the_program_still_makes_these_vectors() -> None:
    assert json.loads(json.dumps(make_v1_journal.vectors())) == V1
