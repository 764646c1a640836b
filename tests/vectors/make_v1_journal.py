"""The program that made v1_journal.json: codes, lockers and rows of journals, and one of each failure.

    python tests/vectors/make_v1_journal.py NEW_FILE

It refuses to write over a file, as make_v1 does; its peppers and codes are for tests alone. Whoever runs it again gets
the same, byte for byte.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

from offramp.programme import Codes, Entry, Facts, Journal, Noted, StepId, read_codes
from offramp.programme.rowform import entry_body, entry_row, head_body, head_row
from offramp.sealing import Locker, Secret, locker_from_code
from offramp.survey import Missing, QuestionId
from offramp.survey.answers import WRITTEN, Chosen, ChosenMany, Number
from tests.vectors.make_v1 import Plain, counted

CODES = Path(__file__).parents[2] / "content" / "codes"
PEPPER = bytes(range(32))
ENTRY = Entry(
    "0011223344556677", StepId("urges"), 2,
    {QuestionId("when"): Chosen("evening"), QuestionId("where"): ChosenMany(("home", "alone")),
     QuestionId("strength"): Number(7), QuestionId("note"): WRITTEN, QuestionId("sleep"): Missing.REFUSED},
    {QuestionId("note"): "A tortoise, سلحفاة."}, 9,
)  # fmt: skip
NOTED = Noted(ENTRY.id, 3, ENTRY.step, ENTRY.number, ENTRY.stamp)
KEPT = Journal(Facts("es", kept=True, link=Secret(bytes(range(16)))), 12, {ENTRY.id: NOTED}, (ENTRY,))
SITTING = Journal(Facts("en", kept=False), 1)


def code_of(codes: Codes, language: str) -> Plain:
    words = codes.new(language, counted(f"code {language}"))
    material = codes.read(" ".join(words))
    locker = locker_from_code(material, PEPPER)
    return {
        "language": language,
        "code": " ".join(words),
        "bytes": material.decode(),
        "locker": locker.secret.hex(),
    }


def rows(locker: Locker) -> list[Plain]:
    bodies = {
        "a head": (head_row(KEPT.version), head_body(KEPT)),
        "the head of a sitting": (head_row(SITTING.version), head_body(SITTING)),
        "an entry": (entry_row(ENTRY.id, NOTED.revision), entry_body(ENTRY)),
        "a row of the largest length": ("entry/largest/1", b"tortoise " * 1820),
    }
    return [
        {"name": name, "row": row, "key": locker.row_key(row).hex(), "body": body.decode(),
         "sealed": base64.b64encode(locker.seal(row, body, counted(name))).decode()}
        for name, (row, body) in bodies.items()
    ]  # fmt: skip


def failures(locker: Locker) -> list[Plain]:
    row = entry_row(ENTRY.id, 1)
    sealed = locker.seal(row, entry_body(ENTRY), counted("failure"))
    spoilt = {
        "of a later version": ("sealing.version", row, sealed[:4] + b"\x02" + sealed[5:]),
        "no row": ("sealing.cannot_open", row, b"OFRF" + sealed[4:]),
        "cut": ("sealing.cannot_open", row, sealed[:-1]),
        "changed": ("sealing.cannot_open", row, sealed[:200] + bytes((sealed[200] ^ 1,)) + sealed[201:]),
        "moved to another place": ("sealing.cannot_open", entry_row(ENTRY.id, 2), sealed),
    }
    return [{"name": name, "code": code, "row": row, "sealed": base64.b64encode(raw).decode()}
            for name, (code, row, raw) in spoilt.items()]  # fmt: skip


def vectors() -> Plain:
    locker = Locker(bytes(range(32, 64)))
    return {
        "about": "Offramp, format version 1: journals of the programme. See docs/reference/formats.md.",
        "made": "2026-11-29",
        "pepper": PEPPER.hex(),
        "codes": [code_of(read_codes(CODES), language) for language in ("en", "es")],
        "locker": locker.secret.hex(),
        "rows": rows(locker),
        "failures": failures(locker),
    }


def main() -> None:
    target = Path(sys.argv[1])
    with target.open("x", encoding="utf-8") as out:
        json.dump(vectors(), out, ensure_ascii=False, indent=1)
        out.write("\n")


if __name__ == "__main__":
    main()
