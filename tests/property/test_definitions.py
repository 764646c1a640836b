"""Laws of every questionnaire: a sound one can be walked to its end and counted, an unsound one is refused by name."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp.desk.codebook import codebook
from offramp.desk.wording import MISSING
from offramp.errors import Refusal
from offramp.language import Tag
from offramp.sealing import Secret
from offramp.survey import Missing, Moment, Response, Survey, Walk, join, read_body
from offramp.survey.definition import END, LEAVE, TAKE, Kind, PageId, Question
from offramp.survey.flow import drawn
from offramp.survey.response import Codes
from offramp.survey.view import FieldView
from tests.desk.counting import counted as counted_of
from tests.property.definitions import FAULTS, Definition, asked, definitions
from tests.questionnaires import read

EN = Tag("en")
MOMENT = Moment("2026-W47", 20, EN, synthetic=True)
FEW = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 2**32)
_DECLINED = {"98": Missing.REFUSED, "97": Missing.DONT_KNOW}


def secret(seed: int) -> Secret:
    return Secret(Random(seed).randbytes(16))


def choose(question: Question, field: FieldView, random: Random) -> tuple[dict[str, list[str]], Codes]:
    """Fill one field in as a person would; return what is sent for it, and the codes that have to come of it."""
    options = [option.code for option in field.options]
    missing = [option.code for option in field.missing]
    if missing and random.random() < 0.2 and not options_required(field):
        code = random.choice(missing)
        kept = question.kind is Kind.TEXT and field.words_saved
        return {field.name: [code]}, ("written",) if kept else _DECLINED[code.removeprefix("x")]
    if random.random() < 0.2 and field.kind != "text" and not options_required(field):
        return {}, Missing.SKIPPED
    match question.kind:
        case Kind.SINGLE:
            code = random.choice(options)
            return {field.name: [code]}, (question.options[int(code)].id,)
        case Kind.MULTIPLE:
            codes = sorted(random.sample(options, random.randint(1, len(options))))
            return {field.name: codes}, tuple(question.options[int(code)].id for code in codes)
        case Kind.SCALE:
            option = random.choice(field.options)
            return {field.name: [option.code]}, (option.label,)
        case Kind.NUMBER:
            number = random.randint(question.low, question.high)
            return {field.name: [str(number)]}, (str(number),)
        case _:
            text = random.choice(("", "plinder", "brimble"))
            saved = bool(text) or field.words_saved
            return {field.words_name: [text]}, ("written",) if saved else Missing.SKIPPED


def options_required(field: FieldView) -> bool:
    """An offer has buttons, and whoever sends it has pressed one."""
    return field.id.startswith("take_")


class Person:
    """Somebody with several tabs, all that the server has kept, and what was confirmed last."""

    def __init__(self, survey: Survey, seed: int) -> None:
        self.survey, self.random = survey, Random(seed)
        first = Walk.begin(survey, secret(seed))
        self.tabs: list[list[tuple[Walk, PageId | None]]] = [[(first, first.first())]]
        self.kept: dict[bytes, bytes] = {}
        self.pages: dict[PageId, dict[str, Codes]] = {}
        self.by_id = {question.id: question for question in survey.questions}

    @property
    def confirmed(self) -> dict[str, Codes]:
        return {question: codes for said in self.pages.values() for question, codes in said.items()}

    def send(self, tab: int, back: int = 0, clash: bool = False) -> None:
        """Fill in and send the page in a tab, or one that this tab showed so many pages ago.

        With `clash`, answer where several boxes can be ticked, and decline to answer, both at once.
        """
        shown = [state for state in self.tabs[tab] if state[1] is not None]
        walk, page = shown[max(0, len(shown) - 1 - back)]
        assert page is not None
        fields: dict[str, list[str]] = {}
        said: dict[str, Codes] = {}
        for field in walk.show(page, EN).fields:
            question = self.by_id[field.id]  # type: ignore[index]
            if question.kind is not Kind.STATEMENT:
                posted, said[field.id] = choose(question, field, self.random)
                fields |= posted
                if clash and question.kind is Kind.MULTIPLE:
                    fields[field.name] = [field.options[0].code, field.missing[-1].code]
                    said[field.id] = Missing.INVALID
        step = walk.post(page, fields, MOMENT)
        assert clash or not step.form.complaints
        self.kept.update(step.bodies)
        # A page is saved as a whole: what it did not ask any more when it was sent again is not said any more.
        self.pages[page] = said
        # A page knows only what its own draft carries.
        self.tabs[tab].append((Walk.from_bytes(self.survey, step.walk.to_bytes()), step.next))

    def response(self) -> Response:
        (response,) = join(self.survey, [read_body(body) for body in self.kept.values()])
        return response


@FEW
@given(definitions(), seeds)
def test_a_sound_definition_can_be_walked_to_the_end_whatever_is_answered(
    made: Definition, seed: int
) -> None:
    survey = read(str(made))
    person = Person(survey, seed)
    for _ in survey.pages:
        if person.tabs[0][-1][1] is not None:
            person.send(0)
    walk, page = person.tabs[0][-1]
    assert page is None
    assert walk.first() is None
    response = person.response()
    assert response.complete
    assert response.off_path == {}
    said = {q: codes for q, codes in response.codes.items() if q in person.confirmed}
    assert said == person.confirmed
    assert all(isinstance(codes, Missing) for q, codes in response.codes.items() if q not in said)


@FEW
@given(definitions(), seeds, st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4)), max_size=14))
def test_on_the_path_is_what_was_confirmed_last_whatever_the_order_of_tabs_and_back(
    made: Definition, seed: int, moves: list[tuple[int, int]]
) -> None:
    survey = read(str(made))
    person = Person(survey, seed)
    person.send(0)
    person.tabs += [list(person.tabs[0]), list(person.tabs[0])]
    for tab, back in moves:
        person.send(tab, back)
    response = person.response()
    on_path = on_the_path(made, survey, person)
    confirmed = person.confirmed
    assert {q: response.codes[q] for q in confirmed if q in on_path} == {  # type: ignore[index]
        q: codes for q, codes in confirmed.items() if q in on_path
    }
    assert response.off_path == {q: codes for q, codes in confirmed.items() if q not in on_path}
    for question in confirmed.keys() - on_path:
        assert response.codes[question] in (Missing.NOT_ASKED, Missing.NOT_DRAWN)  # type: ignore[index]


def on_the_path(made: Definition, survey: Survey, person: Person) -> set[str]:
    """Return which questions were asked in the end, by the definition as it was written."""
    answers = {q: codes for q, codes in person.confirmed.items() if isinstance(codes, tuple)}
    walk = person.tabs[0][0][0]
    offers: set[str] = set()
    taken: set[str] = set()
    # The order of modules is the draw's; after an end, none is offered any more.
    for page in sorted((p for p in survey.pages if p.part == "offer"), key=lambda p: walk._places[p.id]):
        offers.add(f"take_{page.module}")
        said = answers.get(f"take_{page.module}")
        taken |= {page.module} if said == (TAKE,) else set()
        assert said in (None, (TAKE,), (LEAVE,), (END,))
        if said == (END,):
            break
    in_sample = all(drawn(sample, walk.draw) for sample in survey.samples)
    return asked(made, answers, frozenset(taken), in_sample) | offers


@FEW
@given(definitions(), seeds, st.integers(1, 8))
def test_going_back_and_sending_each_page_as_it_stands_changes_nothing(
    made: Definition, seed: int, pages: int
) -> None:
    person = Person(read(str(made)), seed)
    for _ in range(pages):
        if person.tabs[0][-1][1] is not None:
            person.send(0)
    before = dict(person.kept)
    walk = person.tabs[0][-1][0]
    for page in walk.draft.saved:
        step = walk.post(page, as_it_stands(walk, page), MOMENT)
        person.kept.update(step.bodies)
        walk = Walk.from_bytes(walk.survey, step.walk.to_bytes())
    assert person.kept == before
    assert walk == person.tabs[0][-1][0]


def as_it_stands(walk: Walk, page: PageId) -> dict[str, list[str]]:
    """Return what a browser sends of a page to which nothing was done."""
    fields: dict[str, list[str]] = {}
    for field in walk.show(page, EN).fields:
        ticked = [option.code for option in (*field.options, *field.missing) if option.checked]
        fields[field.name] = ticked or ([field.value] if field.value else [])
        if field.words_name:
            fields[field.words_name] = [""]
    return fields


@FEW
@given(definitions(), seeds)
def test_no_way_of_missing_is_ever_taken_for_another_or_for_an_answer(made: Definition, seed: int) -> None:
    survey, random = read(str(made)), Random(seed)
    responses, said = [], Counter[tuple[str, str, str]]()
    for number in range(25):
        person = Person(survey, seed + number)
        for _ in range(random.randint(1, len(survey.pages))):
            if person.tabs[0][-1][1] is not None:
                person.send(0, clash=random.random() < 0.2)
        response = person.response()
        responses.append(response)
        assert {q: codes for q, codes in response.codes.items() if q in person.confirmed} == person.confirmed
        for question, codes in response.codes.items():
            kind = "missing" if isinstance(codes, Missing) else "answer"
            for code in (codes.value,) if isinstance(codes, Missing) else codes:
                said[kind, question, code] += 1
    variables = codebook(survey)
    counted = counted_of(variables, [page.id for page in survey.pages], ["en"], ["2026-W47"], responses)
    for question in counted.questions:
        own, counts = question.variable, counted.tables.counts
        assert not own.codes & {code.value for code in Missing}
        for category, cell in zip(own.categories, question.rows, strict=True):
            assert counts[cell] == sum(said["answer", own.id, code] for code in category.codes)
        missing = {code: counts[cell] for code, cell in question.missing}
        assert missing == {code: said["missing", own.id, code.value] for code in missing}
        assert {code for code in Missing if said["missing", own.id, code.value]} <= set(own.possible)
        assert counts[question.base] + sum(missing.values()) == len(responses)


def test_each_way_of_missing_has_words_of_its_own_in_a_report() -> None:
    assert MISSING.keys() == set(Missing)
    assert (
        len({name for name, _ in MISSING.values()})
        == len({text for _, text in MISSING.values()})
        == len(Missing)
    )


@pytest.mark.parametrize("fault", FAULTS)
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(made=definitions())
def test_each_planted_fault_is_refused_by_its_name_and_at_its_place(fault: str, made: Definition) -> None:
    code, place, plant = FAULTS[fault]
    with pytest.raises(Refusal) as caught:
        read(str(plant(made)))
    assert set(caught.value.codes) == {code}
    assert [problem for problem in caught.value.problems if place in problem.place]
