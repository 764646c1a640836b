"""Tiny questionnaires for tests: text in, a sound `Survey` out, or its refusal."""

from __future__ import annotations

import tempfile
from pathlib import Path

from offramp.survey import Survey, read_surveys

PLATFORMS = """
[places]
ordering = "random"
entries = [{ id = "square", name = "A square" }, { id = "market", name = "A market" }]
[brands]
ordering = "random"
entries = [
  { id = "acorn", name = "Acorn", users = 5, as_of = "2026-01", source = "An invented source" },
  { id = "birch", name = "Birch", users = 4, as_of = "2026-01", source = "An invented source" },
]
"""

HEAD = """
slug = "tiny"
version = 1
state = "draft"
title = "A tiny survey"
[consent]
purpose = "To try things out."
topics = "Tea."
minutes = 1
"""

PAGE = """
[[page]]
id = "tea"
part = "core"
title = "Tea"
[[page.question]]
id = "likes_tea"
kind = "single"
text = "Do you like tea?"
options = [{ id = "yes", text = "Yes" }, { id = "no", text = "No" }]
"""

# Every kind of question, routing on a page, a module with routing inside it, and an end.
FULL = (
    HEAD
    + PAGE
    + """
[[page.question]]
id = "cups"
kind = "number"
text = "How many cups a day?"
low = 0
high = 40
[[page]]
id = "kinds"
part = "core"
title = "Kinds of tea"
[[page.question]]
id = "which"
kind = "multiple"
text = "Which kinds do you drink?"
random_order = true
other = true
dont_know = true
max_length = 40
options = [
  { id = "green", text = "Green" },
  { id = "black", text = "Black" },
  { id = "none", text = "None", exclusive = true },
]
relevant = "${likes_tea} = 'yes' or ${cups} >= 1"
[[page.question]]
id = "strength"
kind = "scale"
text = "How strong?"
low = 0
high = 10
low_label = "Not at all"
high_label = "Very"
[[module]]
id = "places"
title = "Places"
invite = "Some more about places?"
[[page]]
id = "where"
module = "places"
title = "Where"
[[page.question]]
id = "place"
kind = "single"
text = "Where do you buy it?"
options_from = "places"
random_order = true
other = true
[[page.question]]
id = "shop"
kind = "multiple"
text = "Of which brand?"
options_from = "brands"
options = [{ id = "nothing", text = "None of these", exclusive = true }]
relevant = "selected(${which}, 'green')"
[[page]]
id = "end"
part = "closing"
title = "The end"
[[page.question]]
id = "thanks"
kind = "statement"
text = "Thank you so far."
[[page.question]]
id = "last_word"
kind = "text"
text = "Anything else?"
max_length = 60
"""
)


def read(text: str, po: str = "") -> Survey:
    """Return the survey of this survey.toml; with `po`, its Arabic translation beside it."""
    with tempfile.TemporaryDirectory() as name:
        content = Path(name)
        folder = content / "surveys" / "tiny"
        (folder / "locale").mkdir(parents=True)
        (folder / "survey.toml").write_text(text, encoding="utf-8")
        (content / "platforms.toml").write_text(PLATFORMS, encoding="utf-8")
        if po:
            (folder / "locale" / "ar.po").write_text(po, encoding="utf-8")
        return next(iter(read_surveys(content).values()))
