"""A walk through a tiny survey, told as a respondent would."""

from __future__ import annotations

import pytest

from offramp.errors import Refusal
from offramp.language import Tag
from offramp.sealing import Secret
from offramp.survey import Moment, Walk, join, read_body
from offramp.survey.answers import Chosen, Missing
from tests.questionnaires import FULL, read

SURVEY = read(FULL)
EN = Tag("en")
NOW = Moment("2026-W47", 20, EN, synthetic=False)
# In the order of the definition: likes_tea, cups, which, strength, take_places, place, shop, thanks, last_word.
LIKES, CUPS, WHICH, STRENGTH, TAKE, PLACE, SHOP, _, LAST = (f"q{n:03d}" for n in range(9))
WHICH_WORDS, LAST_WORDS = "w002", "w008"
GREEN, BLACK, OTHER, NONE = "00", "01", "02", "03"


def begin(secret: bytes = b"s" * 16) -> Walk:
    return Walk.begin(SURVEY, Secret(secret), "harm")


class Respondent:
    """Somebody who answers, and the store in which the last body under each key is kept."""

    def __init__(self) -> None:
        self.walk = begin()
        self.page: str | None = self.walk.first()
        self.kept: dict[bytes, bytes] = {}
        self.milestones: list[str] = []

    def send(self, page: str | None = None, **fields: str | list[str]) -> Respondent:
        posted = {name: [value] if isinstance(value, str) else value for name, value in fields.items()}
        step = self.walk.post(self.walk.page(page or self.page or "").id, posted, NOW)
        self.milestones += step.milestones if step.bodies[0][0] not in self.kept else ()
        self.kept.update(step.bodies)
        self.walk, self.page = Walk.from_bytes(SURVEY, step.walk.to_bytes()), step.next
        self.complaints = dict(step.form.complaints)
        return self

    def joined(self):
        (response,) = join(SURVEY, [read_body(body) for body in self.kept.values()])
        return response


def test_the_whole_way_with_the_module_taken() -> None:
    somebody = Respondent().send(**{LIKES: "00", CUPS: "3"}).send(**{WHICH: [GREEN, BLACK], STRENGTH: "07"})
    somebody.send(**{TAKE: "00"}).send(**{PLACE: "01", SHOP: ["00"]}).send(**{LAST_WORDS: "More tea"})
    response = somebody.joined()
    assert response.complete
    assert somebody.page is None
    assert somebody.milestones == ["first_page", "module_taken", "finished"]
    assert response.codes == {
        "likes_tea": ("yes",), "cups": ("3",), "which": ("green", "black"), "strength": ("7",),
        "take_places": ("take",), "place": ("market",), "shop": ("acorn",), "last_word": ("written",),
    }  # fmt: skip
    assert response.words == {"last_word": "More tea"}


def test_a_module_that_is_left_out_is_not_drawn_and_one_that_was_never_offered_is_not_reached() -> None:
    left = Respondent().send(**{LIKES: "00"}).send(**{STRENGTH: "01"}).send(**{TAKE: "01"})
    assert left.page == "end"
    assert left.joined().codes["place"] is Missing.NOT_DRAWN
    gone = Respondent().send(**{LIKES: "00"})
    codes = gone.joined().codes
    assert (codes["strength"], codes["place"]) == (Missing.SEEN_NOT_SENT, Missing.NOT_REACHED)
    assert codes["last_word"] is Missing.NOT_REACHED


def test_each_way_of_not_answering_keeps_its_own_code() -> None:
    somebody = Respondent().send(**{LIKES: "98"}).send(**{WHICH: ["97"], STRENGTH: "98"})
    codes = somebody.joined().codes
    assert codes["likes_tea"] is Missing.REFUSED
    assert codes["cups"] is Missing.SKIPPED
    assert codes["which"] is Missing.NOT_ASKED  # nobody said that they drink tea
    assert codes["strength"] is Missing.REFUSED


def test_what_was_answered_where_the_path_later_left_is_kept_apart() -> None:
    somebody = Respondent().send(**{LIKES: "00"}).send(**{WHICH: [GREEN], STRENGTH: "05"})
    somebody.send("tea", **{LIKES: "01", CUPS: "0"})
    response = somebody.joined()
    assert response.codes["which"] is Missing.NOT_ASKED
    assert response.off_path == {"which": ("green",)}


def test_going_back_and_sending_again_changes_nothing() -> None:
    somebody = Respondent().send(**{LIKES: "00", CUPS: "3"}).send(**{WHICH: [BLACK], STRENGTH: "05"})
    before = dict(somebody.kept)
    somebody.send("tea", **{LIKES: "00", CUPS: "3"})
    assert somebody.kept == before


def test_words_survive_going_back_are_replaced_when_written_again_and_forgotten_when_asked() -> None:
    somebody = Respondent().send(**{LIKES: "00"}).send(**{WHICH: [], WHICH_WORDS: "Rooibos"})
    assert somebody.joined().codes["which"] == ("other",)
    view = somebody.walk.show(somebody.walk.page("kinds").id, EN)
    field = next(field for field in view.fields if field.id == "which")
    assert field.words_saved
    assert field.words == ""
    somebody.send("kinds", **{WHICH: [OTHER, GREEN]})
    assert somebody.joined().words == {"which": "Rooibos"}
    somebody.send("kinds", **{WHICH: [OTHER], WHICH_WORDS: "Mate"})
    assert somebody.joined().words == {"which": "Mate"}
    somebody.send("kinds", **{WHICH: [GREEN], "f002": "1"})
    assert somebody.joined().words == {}
    assert somebody.joined().codes["which"] == ("green",)


def test_words_written_anew_are_shown_as_saved_although_the_old_ones_were_to_be_deleted() -> None:
    somebody = Respondent().send(**{LIKES: "00"}).send(**{WHICH: [], WHICH_WORDS: "Rooibos"})
    kinds = somebody.walk.page("kinds").id
    posted = {WHICH: [GREEN, NONE], WHICH_WORDS: ["Mate"], "f002": ["1"]}
    step = somebody.walk.post(kinds, posted, NOW)
    assert step.form.complaints
    assert step.form.words == {"which": "Mate"}
    field = step.walk.show(kinds, EN, posted, step.form).fields[0]
    # Without the box to delete them, clearing the field would leave them where they are.
    assert field.words_saved


def test_answers_that_do_not_go_together_are_kept_as_invalid_until_they_are_mended() -> None:
    somebody = Respondent().send(**{LIKES: "00"}).send(**{WHICH: [GREEN, NONE]})
    assert somebody.complaints == {"which": "exclusive"}
    assert somebody.joined().codes["which"] is Missing.INVALID
    somebody.send("kinds", **{WHICH: [NONE]})
    assert somebody.complaints == {}
    assert somebody.joined().codes["which"] == ("none",)


def test_a_number_and_that_one_would_rather_not_say_it_are_both_kept_from_counting_until_one_is_taken_away() -> (
    None
):
    somebody = Respondent().send(**{CUPS: ["3", "x98"]})
    assert somebody.complaints == {"cups": "exclusive"}
    assert somebody.joined().codes["cups"] is Missing.INVALID


@pytest.mark.parametrize(
    ("typed", "complaint", "code"),
    [
        ("41", "out_of_range", Missing.INVALID),
        ("many", "no_number", Missing.INVALID),
        ("٣", None, ("3",)),
        (" 3 ", None, ("3",)),
        ("", None, Missing.SKIPPED),
    ],
)
def test_numbers_as_people_type_them(typed: str, complaint: str | None, code: object) -> None:
    somebody = Respondent().send(**{CUPS: typed})
    assert somebody.complaints.get("cups") == complaint
    assert somebody.joined().codes["cups"] == code


@pytest.mark.parametrize(("low", "high"), [(-5, 5), (1, 7), (90, 100)])
def test_every_point_of_a_scale_is_read_as_it_is_shown_wherever_it_begins(low: int, high: int) -> None:
    survey = read(FULL.replace("low = 0\nhigh = 10\n", f"low = {low}\nhigh = {high}\n"))
    walk = Walk.begin(survey, Secret(b"s" * 16))
    page = walk.page("kinds").id
    field = walk.show(page, EN).fields[0]
    assert [option.label for option in field.options] == [str(point) for point in range(low, high + 1)]
    assert {len(option.code) for option in (*field.options, *field.missing)} == {2}
    for option in (*field.options, *field.missing):
        step = walk.post(page, {field.name: [option.code]}, NOW)
        (response,) = join(survey, [read_body(body) for _, body in step.bodies])
        assert response.codes["strength"] == ((option.label,) if option.label else Missing.REFUSED)
        ticked = [each for each in step.walk.show(page, EN).fields[0].options if each.checked]
        assert [each.code for each in ticked] == ([option.code] if option.label else [])


def test_text_that_is_too_long_is_a_complaint_and_kept_as_far_as_it_fits() -> None:
    somebody = Respondent().send(**{LIKES: "00"}).send().send(**{TAKE: "01"}).send(**{LAST_WORDS: "x" * 61})
    assert somebody.complaints == {"last_word": "too_long"}
    assert somebody.joined().words == {"last_word": "x" * 60}


def test_a_receipt_finds_every_page_and_goes_on_where_somebody_stopped() -> None:
    somebody = Respondent().send(**{LIKES: "01"}).send(**{STRENGTH: "02"})
    typed = somebody.walk.receipt.lower().replace("-", " ")
    again = Walk.from_receipt(SURVEY, typed)
    again = again.knowing(frozenset(again.locations().keys() & somebody.kept.keys()))
    assert again.first() == "offer_places"
    somebody.walk, somebody.page = again, again.first()
    somebody.send(**{TAKE: "00"}).send(**{PLACE: "00"})
    response = somebody.joined()
    assert response.codes["likes_tea"] == ("no",)
    assert response.codes["place"] == ("square",)


@pytest.mark.parametrize("typed", ["", "ABCD", "0" * 28, "💥" * 28, "ABCD-EFGH-JKMN-PQRS-TVWX-YZ01-2345"])
def test_what_is_no_receipt_is_refused(typed: str) -> None:
    with pytest.raises(Refusal) as caught:
        Walk.from_receipt(SURVEY, typed)
    assert caught.value.codes == ("receipt.unreadable",)


def test_a_lost_page_goes_on_alone_and_says_so() -> None:
    page = SURVEY.page("where")
    assert page is not None
    walk = Walk.from_lost_page(SURVEY, Secret(b"n" * 16), page)
    assert not walk.begun
    step = walk.post(page.id, {PLACE: ["00"], SHOP: ["00"]}, NOW)
    assert step.next == "end"
    (response,) = join(SURVEY, [read_body(body) for _, body in step.bodies])
    assert response.context.continued
    assert response.codes["place"] == ("square",)
    assert response.codes["shop"] == ("acorn",)
    assert response.codes["likes_tea"] is Missing.NOT_ASKED
    assert response.off_path == {}


def test_each_person_has_an_order_of_their_own_and_the_last_options_stay_last() -> None:
    orders = set()
    for number in range(40):
        walk = Walk.begin(SURVEY, Secret(number.to_bytes(16, "big")))
        step = walk.post(SURVEY.pages[0].id, {LIKES: ["00"]}, NOW)
        field = step.walk.show(step.walk.page("kinds").id, EN).fields[0]
        orders.add(tuple(option.code for option in field.options))
        assert [option.code for option in field.options][2:] == [OTHER, NONE]
        assert step.walk.show(step.walk.page("kinds").id, EN).fields[0] == field
    assert orders == {(GREEN, BLACK, OTHER, NONE), (BLACK, GREEN, OTHER, NONE)}


def test_what_was_answered_on_a_lost_page_is_kept_though_nothing_says_any_more_that_it_was_asked() -> None:
    """Whoever went on afresh, lost a page again and has the receipt of that: the page before is of another response."""
    walk = Walk.from_receipt(SURVEY, begin().receipt).knowing(frozenset())
    page = walk.page("kinds").id
    step = walk.post(page, {WHICH: [GREEN], STRENGTH: ["07"]}, NOW)
    (response,) = join(SURVEY, [read_body(body) for _, body in step.bodies])
    assert response.codes["which"] == ("green",)
    assert response.codes["strength"] == ("7",)
    (response,) = join(
        SURVEY, [read_body(body) for _, body in walk.post(page, {STRENGTH: ["07"]}, NOW).bodies]
    )
    assert response.codes["which"] is Missing.NOT_SHOWN


def test_pages_look_alike_where_nothing_of_the_person_stands_on_them() -> None:
    one, other = begin(b"s" * 16), begin(b"t" * 16)
    assert one.alike(one.first()) == other.alike(other.first())
    assert one.show(one.first(), EN) == other.show(other.first(), EN)
    answered = Respondent().send(**{LIKES: "00"})
    assert answered.walk.alike(answered.walk.first()) is not None
    assert answered.walk.alike(one.first()) is None
    # The order of options is of the draw: where it differs, pages differ.
    likes = {LIKES: ["00"]}
    walks = [begin(bytes([n]) * 16).post(one.page("tea").id, likes, NOW).walk for n in range(20)]
    orders = {walk.alike(walk.page("kinds").id) for walk in walks}
    assert len(orders) > 1


def test_more_answers_than_may_be_ticked_are_mended_like_answers_that_do_not_go_together() -> None:
    text = FULL.replace('id = "which"\n', 'id = "which"\nmost = 2\nhint = "Up to two, please."\n', 1)
    survey = read(text)
    assert survey.structure != SURVEY.structure
    walk = Walk.begin(survey, Secret(b"s" * 16))
    walk = walk.post(survey.pages[0].id, {LIKES: ["00"]}, NOW).walk
    kinds = walk.page("kinds").id
    too_many = walk.post(kinds, {WHICH: [GREEN, BLACK, OTHER], WHICH_WORDS: ["Mate"]}, NOW)
    assert dict(too_many.form.complaints) == {"which": "exclusive"}
    assert too_many.form.answers["which"] is Missing.INVALID
    assert too_many.form.words == {"which": "Mate"}
    assert not walk.post(kinds, {WHICH: [GREEN, BLACK]}, NOW).form.complaints
    with pytest.raises(Refusal) as refused:
        read(text.replace('hint = "Up to two, please."\n', ""))
    assert refused.value.codes == ("survey.most",)


MATRIX = """
[[page.question]]
id = "cakes"
kind = "matrix"
text = "How do you like these?"
dont_know = true
random_rows = true
rows = [{ id = "plain", text = "Plain cake" }, { id = "rich", text = "Rich cake" }, { id = "dry", text = "Dry cake" }]
options = [{ id = "well", text = "Well" }, { id = "badly", text = "Badly" }]
"""


def test_the_rows_of_a_matrix_are_single_choices_that_stand_together_in_an_order_of_each_draw() -> None:
    survey = read(FULL.replace("[[page]]\n", MATRIX + "[[page]]\n", 2).replace(MATRIX, "", 1))
    page = next(page for page in survey.pages if any(question.id == "plain" for question in page.questions))
    rows = [question for question in page.questions if question.matrix]
    assert [(row.id, str(row.kind), len(row.options)) for row in rows] == [
        ("plain", "single", 2), ("rich", "single", 2), ("dry", "single", 2),
    ]  # fmt: skip
    orders, alike = set(), set()
    for number in range(60):
        walk = Walk.begin(survey, Secret(number.to_bytes(16, "big")))
        shown = walk.show(page.id, EN).fields
        own = [field for field in shown if field.matrix]
        assert {field.above for field in own} == {"How do you like these?"}
        assert [field.id for field in shown if not field.matrix] == [
            question.id for question in page.questions if not question.matrix
        ]
        assert walk.show(page.id, EN).fields == shown
        orders.add(tuple(field.id for field in own))
        alike.add(walk.alike(page.id))
    assert len(orders) == len(alike) == 6
    names = {field.id: field.name for field in own}
    step = walk.post(page.id, {names["rich"]: ["01"], names["dry"]: ["97"]}, NOW)
    assert {row.id: step.form.answers[row.id] for row in rows} == {
        "plain": Missing.SKIPPED, "rich": Chosen("badly"), "dry": Missing.DONT_KNOW
    }  # fmt: skip
