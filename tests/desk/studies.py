"""Made-up studies for the desk's tests: respondents who walk through the real survey, and envelopes as a server keeps.

Everything here is invented. The invariant: a study is a function of its seed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random

from offramp.language import SOURCE, Tag
from offramp.sealing import Binding, DeskKeys, PageKey, Secret, seal
from offramp.store import Envelope
from offramp.survey import Body, Mark, Marks, Moment, Survey, Walk, read_body, read_surveys

CONTENT = Path(__file__).parents[2] / "content"
SERVICE = "a-tiny-service"
WEEKS = ("2026-W46", "2026-W47", "2026-W48")


# One of everything that a report shows, and nothing that other tests may want to change.
TINY = """
slug = "tiny"
version = 3
state = "draft"
title = "Tea"
[consent]
purpose = "To try a report out."
topics = "Tea."
minutes = 1

[[page]]
id = "taste"
part = "core"
title = "Taste"
[[page.question]]
id = "likes"
kind = "single"
text = "Do you like tea?"
dont_know = true
options = [{ id = "yes", text = "Yes" }, { id = "some", text = "Sometimes" }, { id = "no", text = "No" }]
[[page.question]]
id = "strength"
kind = "scale"
text = "How strong should it be?"
low = 0
high = 5
low_label = "Weak"
high_label = "Strong"

[[page]]
id = "kinds"
part = "core"
title = "Kinds"
[[page.question]]
id = "which"
kind = "multiple"
text = "Which kinds do you drink?"
relevant = "${likes} = 'yes'"
other = true
options = [
  { id = "green", text = "Green" }, { id = "black", text = "Black" }, { id = "none", text = "None", exclusive = true },
]
[[page.question]]
id = "cups"
kind = "number"
text = "How many cups a week?"
low = 0
high = 99

[[module]]
id = "places"
title = "Places"
invite = "Some more?"
[[page]]
id = "where"
module = "places"
title = "Where"
[[page.question]]
id = "place"
kind = "single"
text = "Where do you drink it?"
options = [{ id = "home", text = "At home" }, { id = "out", text = "Elsewhere" }]

[[page]]
id = "end"
part = "closing"
title = "The end"
[[page.question]]
id = "more"
kind = "text"
text = "Anything else?"
"""
FINDINGS = """
[[finding]]
id = "likes"
question = "likes"
title = "Likes tea"
codes = ["yes", "some"]
sentence = "Of {base} responses that answered, {percent} % like tea at least sometimes."

[[finding]]
id = "drinks_none"
question = "which"
title = "Drinks none"
codes = ["none"]
sentence = "Of {base} responses that like tea, {percent} % drink none of these kinds."
"""


@cache
def help_us() -> Survey:
    return read_surveys(CONTENT)["help-us"]


@cache
def help_us_study(seed: int, responses: int) -> tuple[Body, ...]:
    """Return a made-up study of the real survey, opened; made once, because that takes a second or two."""
    return tuple(bodies(help_us(), seed, responses))


def written(folder: Path, survey_toml: str = TINY, platforms: str = "", findings: str = "") -> Path:
    """Write a content folder with one survey, and return it."""
    home = folder / "content" / "surveys" / "tiny"
    home.mkdir(parents=True)
    (home / "survey.toml").write_text(survey_toml, encoding="utf-8")
    if findings:
        (home / "findings.toml").write_text(findings, encoding="utf-8")
    (folder / "content" / "platforms.toml").write_text(platforms, encoding="utf-8")
    # The words of a report, in English alone.
    (folder / "content" / "report").mkdir()
    shutil.copy(CONTENT / "report" / "report.toml", folder / "content" / "report")
    return folder / "content"


def pages(
    survey: Survey, random: Random, responses: int, leave: float = 0.05, skip: float = 0.1,
    synthetic: bool = True,
) -> Iterator[tuple[PageKey, bytes]]:  # fmt: skip
    """Yield what made-up respondents send: the key of each page and the body to be sealed."""
    tags = list(survey.catalogues)
    for _ in range(responses):
        walk = Walk.begin(survey, Secret(random.randbytes(16)))
        tag = SOURCE if random.random() < 0.7 else random.choice(tags)
        moment = Moment(random.choice(WEEKS), random.randrange(400), tag, synthetic)
        while (page := walk.first()) is not None:
            step = walk.post(page, _fields(walk, page, tag, random, skip), moment, some_marks)
            yield from step.bodies
            walk = step.walk
            if random.random() < leave:
                break


def some_marks(text: str, tag: Tag) -> Marks:
    """Mark made-up words by how long they are, so that some marks are common and one hardly ever made."""
    return tuple(mark for place, mark in enumerate(Mark, 2) if len(text) % (place * place) == 0)


def _fields(walk: Walk, page: str, tag: Tag, random: Random, skip: float) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for field in walk.show(walk.page(page).id, tag).fields:
        chance = random.random()
        if chance < skip:
            continue
        if chance < skip * 1.5 and field.missing:
            fields[field.name] = [random.choice(field.missing).code]
        elif field.kind == "multiple":
            fields[field.name] = [o.code for o in field.options if random.random() < 0.3] or [
                field.options[0].code
            ]
        elif field.kind == "number":
            fields[field.name] = [str(min(40, int(random.expovariate(0.2))))]
        elif field.kind == "text":
            fields[field.words_name] = ["some invented words" + "!" * random.randrange(60)]
        elif field.options:
            # Some answers are common and some hardly ever given, so that small counts occur.
            place = min(int(random.expovariate(0.7)), len(field.options) - 1)
            fields[field.name] = [field.options[place].code]
    return fields


def bodies(survey: Survey, seed: int, responses: int, **rates: float) -> list[Body]:
    """Return the opened pages of a made-up study, without any sealing."""
    return [read_body(body) for _, body in pages(survey, Random(seed), responses, **rates)]


def envelopes(
    survey: Survey, seed: int, responses: int, keys: DeskKeys, synthetic: bool = True
) -> list[Envelope]:
    """Return a made-up study as the server keeps it."""
    binding = Binding(SERVICE, f"survey/{survey.slug}")
    random = Random(seed)
    return [
        Envelope(key, survey.slug, WEEKS[0], seal(body, survey.body_bytes, [keys.recipient], binding))
        for key, body in pages(survey, random, responses, synthetic=synthetic)
    ]
