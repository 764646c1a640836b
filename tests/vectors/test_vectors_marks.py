"""Words with marks, added to version 1: what has none is as it was, what has some opens for ever."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from offramp.errors import Fault
from offramp.sealing import Binding, unseal
from offramp.survey import Mark, read_body
from tests.vectors import make_v1, make_v1_marks, plain_reader

HERE = Path(__file__).parent
MARKS: dict[str, Any] = json.loads((HERE / "v1_marks.json").read_text(encoding="utf-8"))
V1: dict[str, Any] = json.loads((HERE / "v1.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", MARKS["bodies"], ids=lambda row: row["name"])
def test_body(row: dict[str, Any]) -> None:
    body = read_body(row["body"].encode())
    assert body.marks == tuple(row["marks"])
    assert body.words == {"text": "a tortoise, سلحفاة"}
    assert json.loads(row["body"]).get("marks", []) == row["marks"]


def test_every_kind_has_a_vector() -> None:
    assert {mark for row in MARKS["bodies"] for mark in row["marks"]} == set(Mark)


def test_a_body_without_marks_is_the_one_from_before_there_were_any() -> None:
    (plain,) = [row["body"] for row in MARKS["bodies"] if not row["marks"]]
    assert plain == V1["bodies"]["words"]


@pytest.mark.parametrize("row", MARKS["unreadable"], ids=lambda row: row["name"])
def test_what_is_no_mark_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(Fault):
        read_body(row["body"].encode())


def test_envelope() -> None:
    sealed, keys = base64.b64decode(MARKS["envelope"]), make_v1.desk("first")
    opened = unseal(sealed, keys, Binding(make_v1.SERVICE, make_v1.PURPOSE))
    assert plain_reader.open_envelope(sealed, keys.seed, make_v1.SERVICE, make_v1.PURPOSE) == opened
    assert opened.decode() == MARKS["bodies"][-1]["body"]


def test_the_program_still_makes_these_vectors() -> None:
    again = json.loads(json.dumps(make_v1_marks.vectors()))
    assert {**again, "envelope": ""} == {**MARKS, "envelope": ""}
