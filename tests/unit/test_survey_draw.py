"""What chance decides: the order of modules, and who is asked a sampled question."""

from __future__ import annotations

from collections import Counter

import pytest

from offramp.errors import Refusal
from offramp.language import Tag
from offramp.sealing import Secret
from offramp.survey import Moment, Walk, join, read_body
from offramp.survey.answers import Missing
from tests.questionnaires import HEAD, PAGE, read

MODULES = "".join(
    f'[[module]]\nid = "{name}"\ntitle = "{name}"\ninvite = "More?"\n[[page]]\nid = "{name}_page"\nmodule = "{name}"\n'
    f'title = "{name}"\n[[page.question]]\nid = "{name}_text"\nkind = "text"\ntext = "Say."\n'
    for name in ("cups", "pots", "trays")
)
BEFORE = """
[[page.question]]
id = "before"
kind = "single"
text = "Before?"
sample = "half"
options = [{ id = "yes", text = "Yes" }, { id = "no", text = "No" }]
"""
SAMPLE = (
    'module_order = "random"\n' + HEAD + '[[sample]]\nid = "half"\nshare = 50\n' + PAGE + BEFORE + MODULES
)
SURVEY = read(SAMPLE)
NOW = Moment("2026-W47", 3, Tag("en"), synthetic=False)
TAKE, LEAVE, END = "00", "01", "02"


def through(number: int, say: dict[str, str]) -> tuple[list[str], list[bytes]]:
    """Walk response `number` to its end; answer offers by module as in `say`, else leave them."""
    walk = Walk.begin(SURVEY, Secret(number.to_bytes(16, "big")))
    page, pages, bodies = walk.first(), [], []
    while page:
        pages.append(str(page))
        fields = {}
        if page.startswith("offer_"):
            field = walk.show(page, Tag("en")).fields[0]
            fields[field.name] = [say.get(page.removeprefix("offer_"), LEAVE)]
        step = walk.post(page, fields, NOW)
        bodies += [body for _, body in step.bodies]
        walk, page = step.walk, step.next
    return pages, bodies


def test_every_order_of_modules_comes_up_about_as_often() -> None:
    orders = Counter(
        tuple(page for page in through(n, {})[0] if page.startswith("offer_")) for n in range(600)
    )
    assert len(orders) == 6
    assert min(orders.values()) > 60


def test_the_order_belongs_to_the_response_and_its_receipt_brings_it_back() -> None:
    walk = Walk.begin(SURVEY, Secret(b"x" * 16))
    again = Walk.from_receipt(SURVEY, walk.receipt)
    assert again.draw == walk.draw
    assert through(5, {})[0] == through(5, {})[0]


def test_about_half_are_asked_and_the_others_are_not_drawn() -> None:
    asked = 0
    for number in range(400):
        (response,) = join(SURVEY, [read_body(body) for body in through(number, {})[1]])
        assert response.complete
        assert response.codes["before"] in (Missing.SKIPPED, Missing.NOT_DRAWN)
        asked += response.codes["before"] is Missing.SKIPPED
    assert 160 < asked < 240


def test_the_draw_of_a_module_page_of_another_response_differs() -> None:
    assert len({Walk.begin(SURVEY, Secret(n.to_bytes(16, "big"))).draw for n in range(100)}) == 100


def test_a_lost_page_is_taken_up_in_the_samples_that_it_was_answered_in() -> None:
    page = SURVEY.pages[0]
    before = next(question for question in page.questions if question.sample)
    field = f"q{before.number:03d}"
    for number in range(30):
        walk = Walk.from_lost_page(SURVEY, Secret(number.to_bytes(16, "big")), page)
        shown = {field.name for field in walk.show(page.id, Tag("en")).fields}
        assert walk.asks_what_was_entered(page, {field: ["00"]}) == (field in shown)
        assert walk.asks_what_was_entered(page, {}) == (field not in shown)


def test_who_ends_at_an_offer_is_offered_no_other_module() -> None:
    for number in range(30):
        offers = [page for page in through(number, {})[0] if page.startswith("offer_")]
        second = offers[1].removeprefix("offer_")
        pages, bodies = through(number, {offers[0].removeprefix("offer_"): TAKE, second: END})
        assert pages[1:] == [offers[0], f"{offers[0].removeprefix('offer_')}_page", offers[1]]
        (response,) = join(SURVEY, [read_body(body) for body in bodies])
        assert response.complete
        last = offers[2].removeprefix("offer_")
        for name in (second, last):
            assert response.codes[f"{name}_text"] is Missing.NOT_DRAWN
        assert response.codes[f"take_{second}"] == ("end",)
        assert response.codes[f"take_{last}"] is Missing.NOT_DRAWN


def test_a_survey_with_one_module_has_no_way_to_end_all() -> None:
    one = read(HEAD + PAGE + MODULES.split("[[module]]")[0] + "[[module]]" + MODULES.split("[[module]]")[1])
    offer = next(page for page in one.pages if page.part == "offer")
    assert [option.id for option in offer.questions[0].options] == ["take", "leave"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("share = 50", "share = 100", "survey.share"),
        ('sample = "half"', 'sample = "third"', "survey.unknown_sample"),
        ('module_order = "random"', 'module_order = "mixed"', "survey.module_order"),
    ],
)
def test_faults_of_samples_and_order_are_named(old: str, new: str, code: str) -> None:
    assert old in SAMPLE
    with pytest.raises(Refusal) as caught:
        read(SAMPLE.replace(old, new))
    assert caught.value.codes == (code,)
