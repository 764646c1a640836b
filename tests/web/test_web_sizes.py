"""What somebody learns who sees only how much is sent and received, and how often: of an answer, nothing.

The eavesdropper is given the size of every request and response of many walks, in order, with the answers of all
but one of them, and guesses that one by its nearest neighbours. A permutation test tells guessing from knowing. Each
thing that it must not find is beside one that it does find.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlencode

import pytest

from offramp.rules import questions
from offramp.survey import Survey
from offramp.survey.definition import Kind, Question
from offramp.survey.form import choice_field
from offramp.web.pages import PAGE_BYTES
from tests.questionnaires import FULL, PLATFORMS
from tests.web.crowd import MISSING
from tests.web.installation import CONTENT, EVERY, Installation
from tests.web.respondent import Answer, Http, Respondent, Seen

QUESTION_BYTES = 16 * 1024
FILLING = re.compile(rb"<!--\.*-->")
WALKS, NEIGHBOURS, SHUFFLES = 120, 5, 200
Sizes = tuple[int, ...]
# A field to write in is sent with the page even if it is empty; without one, an unanswered question is not.
OPEN = "other = true\ndont_know = true\nmax_length = 40\n"


# -- one request, one size ------------------------------------------------------------------------------------


def fill(person: Respondent, choose: Callable[[list[str]], list[str]], sign: str) -> None:
    """Tick something in every question of a page, and fill every field to write in with one sign."""
    root = person.seen.tree
    boxes: dict[str, list[str]] = {}
    for box in root.xpath("//form[@id='answers']//input[@type='radio' or @type='checkbox']"):
        boxes.setdefault(box.get("name"), []).append(box.get("value"))
    person._entries |= {name: choose(values) for name, values in boxes.items()}
    for written in root.xpath("//form[@id='answers']//*[@maxlength]"):
        person._entries[written.get("name")] = [sign * int(written.get("maxlength"))]


def states(person: Respondent, page: str) -> list[Seen]:
    """Return one page as it can come: blank, with everything ticked and written at once, then saved, and lost."""
    address = person.seen.address
    turned = urlencode([("draft", person.seen.draft), ("page", page), ("go", "show")]).encode()
    blank = person._post(address, turned).seen
    if not blank.tree.xpath("//button[@value='next']"):
        return [blank]
    # What is longest when it is shown back: signs that HTML writes with five characters.
    fill(person, lambda boxes: boxes, "&")
    full = person.next().seen
    draft = full.draft
    saved = person._post(address, urlencode([("draft", draft), ("page", page), ("go", "show")]).encode()).seen
    fill(person.with_draft("x"), lambda boxes: boxes, "&")
    return [blank, full, saved, person.next().seen]


@pytest.mark.parametrize("language", EVERY)
def test_every_question_page_is_one_request_of_16_kib_at_most_and_has_one_size_in_every_state(
    place: Installation, somebody: Callable[..., Respondent], language: str
) -> None:
    pages = {page.id: states(somebody(language).begin().next(), page.id) for page in place.survey.pages}
    assert [page[0].page for page in pages.values()] == list(pages)
    blank = {name: len(FILLING.sub(b"", page[0].body)) for name, page in pages.items()}
    assert max(blank.values()) <= QUESTION_BYTES, blank
    everything = [state for page in pages.values() for state in page]
    assert {200, 409, 422} == {state.status for state in everything}
    assert {len(state.body) for state in everything} == {PAGE_BYTES}
    assert [found for state in everything for found in fetched(state)] == []


def fetched(seen: Seen) -> list[str]:
    """Return everything that a browser fetches to show a page, besides the page itself."""
    root = seen.tree
    found = root.xpath("//@src | //@srcset | //@data | //@poster | //@background | //link/@href[.!='data:,']")
    styles = root.xpath("//style/text() | //@style")
    return [
        *map(str, found),
        *(part for style in styles for part in re.findall(r"url\(|@import", str(style))),
    ]


def test_what_a_page_would_fetch_is_found() -> None:
    page = b'<html><link rel="stylesheet" href="/a.css"><img src="/b.png"><style>p { background: url(c) }</style>'
    assert fetched(Seen("/", 200, page, {})) == ["/a.css", "/b.png", "url("]


# -- the eavesdropper -----------------------------------------------------------------------------------------


@dataclass
class Line:
    """A line that is listened to: the size of every request and response, in order."""

    http: Http
    padded: bool = True
    sizes: list[int] = field(default_factory=list)

    def get(self, url: str, *, headers: Mapping[str, str]) -> Answer:
        return self._heard(len(url), self.http.get(url, headers=headers))

    def post(self, url: str, *, content: bytes, headers: Mapping[str, str]) -> Answer:
        return self._heard(len(url) + len(content), self.http.post(url, content=content, headers=headers))

    def _heard(self, sent: int, answer: Answer) -> Answer:
        body = answer.content if self.padded else FILLING.sub(b"", answer.content)
        self.sizes += [
            sent,
            len(body) + sum(len(name) + len(value) for name, value in answer.headers.items()),
        ]
        return answer


def guessed(walks: Sequence[Sizes]) -> list[list[int]]:
    """Return for each walk the others that look most like it."""
    longest = max(map(len, walks))
    whole = [(*sizes, *(0,) * (longest - len(sizes))) for sizes in walks]
    return [
        sorted((sum(abs(a - b) for a, b in zip(one, whole[other], strict=True)), other)
               for other in range(len(whole)) if other != place)
        for place, one in enumerate(whole)
    ]  # fmt: skip


def chance(walks: Sequence[Sizes], answers: Sequence[str]) -> float:
    """Return how often shuffled answers are guessed as well as the true ones."""
    near = [[other for _, other in others[:NEIGHBOURS]] for others in guessed(walks)]

    def right(said: Sequence[str]) -> int:
        return sum(Counter(said[n] for n in own).most_common(1)[0][0] == said[place]
                   for place, own in enumerate(near))  # fmt: skip

    random, shuffled, true = Random(3), list(answers), right(answers)
    hits = 0
    for _ in range(SHUFFLES):
        random.shuffle(shuffled)
        hits += right(shuffled) >= true
    return hits / SHUFFLES


@dataclass
class Heard:
    """What the line carried of each walk, and what was answered there, by the name of the question's field."""

    walks: list[Sizes] = field(default_factory=list)
    answers: list[dict[str, str]] = field(default_factory=list)

    def take(self, line: Line, person: Respondent, said: dict[str, str]) -> None:
        assert person.seen.status == 200
        self.walks.append(tuple(line.sizes))
        self.answers.append(said)

    def chance(self, name: str) -> float:
        """Return how far from knowing the eavesdropper is about one question, where it was asked."""
        asked = [place for place, said in enumerate(self.answers) if name in said]
        return chance([self.walks[place] for place in asked], [self.answers[place][name] for place in asked])


def listen(folder: Path, seed: int) -> tuple[Survey, Heard]:
    """Walks through the core of the real instrument, one tick to each question, all equally likely."""
    place, heard, random = Installation(folder), Heard(), Random(seed)
    with place.running(Random(seed + 1).randbytes) as client:
        for _ in range(WALKS):
            line = Line(client)
            person, said = Respondent(line, place.survey).begin(), {}

            def one(boxes: list[str]) -> list[str]:
                """Not to answer, in one of its ways, is as likely as all answers together."""
                answers, missing = ([box for box in boxes if (box in MISSING) == is_one] for is_one in (0, 1))
                return [random.choice(random.choice((answers or missing, missing or answers)))]

            while person.seen.tree.xpath("//button[@value='next']"):
                fill(person, one, "")
                said |= {name: codes[0] for name, codes in person._entries.items() if codes}
                person.next()
            heard.take(line, person, said)
    return place.survey, heard


def alone(survey: Survey) -> list[Question]:
    """Return the closed questions of the core on which no other depends."""
    looked_at = {name for q in survey.questions if q.relevant for name in questions(q.relevant)}
    core = (question for page in survey.pages if page.part == "core" for question in page.questions)
    closed = (Kind.SINGLE, Kind.MULTIPLE, Kind.SCALE)
    return [question for question in core if question.kind in closed and question.id not in looked_at]


@pytest.mark.full
def test_sizes_and_numbers_of_what_is_sent_and_shown_tell_no_answer(tmp_path: Path) -> None:
    survey, walks = listen(tmp_path / "first", 4)
    asked = alone(survey)
    assert {Kind.SINGLE, Kind.MULTIPLE, Kind.SCALE} <= {question.kind for question in asked}
    chances = {question.id: walks.chance(choice_field(question)) for question in asked}
    # So many questions are tried that some stand out by chance alone; what is told is told of other walks too.
    standing_out = [question for question in asked if chances[question.id] <= 0.05 / len(asked)]
    _, others = listen(tmp_path / "second", 14)
    again = {question.id: others.chance(choice_field(question)) for question in standing_out}
    assert not [name for name, chance in again.items() if chance <= 0.05 / len(asked)], (chances, again)


# -- what it finds, so that the test above can be believed ----------------------------------------------------


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A survey in which an answer decides whether another question stands on the next page."""
    folder = tmp_path_factory.mktemp("tiny")
    shutil.copytree(
        CONTENT, folder / "content", ignore=shutil.ignore_patterns("surveys", "programmes", "drafts", "*.po")
    )
    (folder / "content" / "surveys" / "tiny").mkdir(parents=True)
    assert OPEN in FULL
    definition = FULL.replace(OPEN, "dont_know = true\n")
    (folder / "content" / "surveys" / "tiny" / "survey.toml").write_text(definition, encoding="utf-8")
    (folder / "content" / "platforms.toml").write_text(PLATFORMS, encoding="utf-8")
    return Installation(folder / "server", content=folder / "content")


def tea(tiny: Installation, padded: bool = True, words: Mapping[str, str] | None = None) -> float:
    """Return how far from knowing the eavesdropper is about tea, in walks that differ in nothing else."""
    heard, random = Heard(), Random(6)
    with tiny.running(Random(7).randbytes) as client:
        for _ in range(WALKS // 2):
            line, likes = Line(client, padded), random.choice(("yes", "no"))
            person = Respondent(line, tiny.survey).begin().next({"likes_tea": likes})
            person.next({"strength": random.randrange(11)}).leave()
            text = words[likes] if words else "plinder"
            heard.take(line, person.next(words={"last_word": text}), {"tea": likes})
    return heard.chance("tea")


@pytest.mark.full
def test_a_question_more_on_the_next_page_is_hidden_by_filling_pages_up_and_found_without(
    tiny: Installation,
) -> None:
    assert tea(tiny) > 0.05
    assert tea(tiny, padded=False) == 0


@pytest.mark.full
def test_the_length_of_words_is_found_as_the_threat_model_says(tiny: Installation) -> None:
    assert tea(tiny, words={"yes": "brimble", "no": "plinder"}) > 0.05
    assert tea(tiny, words={"yes": "a brimble, and more of it", "no": "plinder"}) == 0
