"""The program that writes src/offramp/gate/lookalikes.py. Run it with the development environment:

    .venv/bin/python ops/unicode/make_lookalikes.py

Source: the confusables of Unicode Technical Standard #39, as the package confusable-homoglyphs carries them (it is
locked with the development dependencies). Taken are single letters that look like one of a to z, 0 to 9 or a sign
that stands for a letter, and that NFKC does not turn into ASCII already. A small capital (what a Cyrillic small
letter often looks like) counts as its letter.
"""

from __future__ import annotations

import json
import string
from collections import defaultdict
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from unicodedata import category, name, normalize, unidata_version

TARGET = Path(__file__).parents[2] / "src/offramp/gate/lookalikes.py"
TABLE_END = 0x20000
SIGNS = "@$!|+(<€£¢¥"  # that may stand for a letter themselves
HEAD = '''"""Letters that look like a Latin letter, digit or sign, as data; written by ops/unicode/make_lookalikes.py.

Not here: when a look-alike counts (oddity, reveal). The invariant: every row holds single letters that NFKC does not
make ASCII.
Source: confusables of Unicode Technical Standard #39, from confusable-homoglyphs {package}, read with the names and
categories of Unicode {unicode}. Copyright © Unicode, Inc., used under the Unicode License v3 (see
https://www.unicode.org/license.txt); the package that carries the data is under the MIT licence.
"""

from __future__ import annotations

from collections.abc import Mapping

LOOKALIKES: Mapping[str, str] = {{
{rows}}}
'''


def rows() -> dict[str, str]:
    """Return for each letter and digit what looks like it."""
    text = files("confusable_homoglyphs").joinpath("confusables.json").read_text(encoding="utf-8")
    table = {key: [entry["c"] for entry in entries] for key, entries in json.loads(text).items()}
    found: dict[str, set[str]] = defaultdict(set)
    for plain in string.ascii_letters + string.digits + SIGNS:
        small = f"LATIN LETTER SMALL CAPITAL {plain.upper()}"
        capitals = [chr(code) for code in range(TABLE_END) if name(chr(code), "") == small]
        for like in (*table.get(plain, ()), *capitals, *(x for key in capitals for x in table.get(key, ()))):
            if len(like) == 1 and not like.isascii() and ord(like) < TABLE_END \
                    and category(like)[0] == "L" and len(folded := normalize("NFKC", like).strip()) == 1 \
                    and not folded.isascii():  # fmt: skip
                found[plain.lower()].add(like)
    return {plain: "".join(sorted(found[plain])) for plain in sorted(found)}


def main() -> None:
    """Write the table."""
    lines = "".join(f'    "{plain}": "{likes}",\n' for plain, likes in rows().items())
    shown = HEAD.format(package=version("confusable-homoglyphs"), unicode=unidata_version, rows=lines)
    TARGET.write_text(shown, encoding="utf-8")


if __name__ == "__main__":
    main()
