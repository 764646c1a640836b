"""The program that made v1_marks.json: words that were marked before they were sealed, added to version 1 later.

    python tests/vectors/make_v1_marks.py NEW_FILE

Bodies without marks are those of v1.json, byte for byte. It refuses to write over a file, as make_v1 does; its keys
are the same keys, for tests alone.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

from offramp.sealing import Binding, seal
from offramp.survey import Mark, Marks
from offramp.survey.body import Context, words_body
from offramp.survey.definition import PageId, QuestionId
from tests.vectors.make_v1 import PURPOSE, SERVICE, SIZE, Plain, desk

TEXT = {QuestionId("text"): "a tortoise, سلحفاة"}
CASES: tuple[tuple[str, Marks], ...] = (
    ("no mark", ()),
    *((f"marked as {mark}", (mark,)) for mark in Mark),
    ("all marks", tuple(Mark)),
)


def body(marks: Marks) -> str:
    context = Context(
        "0123456789abcdef0123456789abcdef", "pets", "aa" * 32, "bb" * 32, "en", "2026-W47", "00112233445566ff",
        "neutral", False, True,
    )  # fmt: skip
    return words_body(context, PageId("first"), TEXT, 3, marks).decode()


def spoilt(plain: str, **changed: object) -> str:
    """Return a body with keys changed or added, or taken out where None is said."""
    keys = {**json.loads(plain), **changed}
    return json.dumps(
        {k: v for k, v in keys.items() if v is not None}, ensure_ascii=False, separators=(",", ":")
    )


def vectors() -> Plain:
    everything = body(tuple(Mark))
    sealed = seal(everything.encode(), SIZE, [desk("first").recipient], Binding(SERVICE, PURPOSE))
    return {
        "about": "Offramp, format version 1: words with marks. See docs/reference/formats.md.",
        "made": "2026-11-23",
        "bodies": [{"name": name, "marks": list(marks), "body": body(marks)} for name, marks in CASES],
        "unreadable": [
            {"name": "a kind of version 1 that is none", "body": spoilt(everything, marks=["something"])},
            {"name": "no list", "body": spoilt(everything, marks="link")},
            {"name": "on answers", "body": spoilt(everything, words=None, answers={})},
        ],
        "envelope": base64.b64encode(sealed).decode(),
    }


def main() -> None:
    target = Path(sys.argv[1])
    with target.open("x", encoding="utf-8") as out:
        json.dump(vectors(), out, ensure_ascii=False, indent=1)
        out.write("\n")


if __name__ == "__main__":
    main()
