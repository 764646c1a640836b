"""Bit planes find what the plainest counting finds: every count, and every sum that holds, with numpy and without."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp.desk import SealedCounts
from offramp.desk.attack import Cell
from offramp.desk.clean import Rule
from offramp.desk.codebook import Variable, codebook
from offramp.desk.count import Layout, count
from offramp.desk.countstore import CountStore
from offramp.desk.joint import Crosstab, Halves, Joint, Pathway
from offramp.desk.jointpage import JointCounts
from offramp.desk.planes import Arithmetic, Numbers, Words, arithmetic, row_bytes
from offramp.desk.reckoning import Asked, reckon
from offramp.desk.sheet import Sheet
from offramp.desk.twofold import twofold
from offramp.language import Tag
from offramp.survey import Mark, Missing, Response, Survey, join
from offramp.survey.body import Context
from tests.bench.bench_counts import MadeUp, counting, decoding
from tests.desk.counting import blocks, half
from tests.desk.reference import Study, reference
from tests.desk.studies import WEEKS, bodies, help_us
from tests.property.definitions import definitions
from tests.questionnaires import FULL, read

BOTH = [Numbers(), Words(numpy)]
FEW = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(FEW, max_examples=150)
RULES = tuple(Rule(name, name, name) for name in ("fast", "forged", "never"))
# A law of the house is never as loose; here both columns are wanted of the smallest studies.
LOOSE: Any = SimpleNamespace(floor=1, least=1)


def invented(survey: Survey, random: Random, n: int) -> list[tuple[Response, frozenset[str]]]:
    """Return responses that need not make sense: any code of any question, and ways of missing that cannot occur."""
    variables, some = codebook(survey), list(Missing)[: random.randint(1, len(Missing))]
    made = []
    for _ in range(n):
        codes = {variable.id: _codes(variable, some, random) for variable in variables}
        context = Context("f" * 32, survey.slug, survey.structure, "f" * 64, random.choice(["en", "ar"]),
                          random.choice(WEEKS), "f" * 16, random.choice(["", "plain"]))  # fmt: skip
        last = tuple(random.sample([page.id for page in survey.pages], random.randint(0, 1)))
        marks = {
            question: (random.choice(list(Mark)),) for question in variables[0].id if random.random() < 0.3
        }
        flags = frozenset(rule.id for rule in RULES[:2] if random.random() < 0.1)
        made.append((Response(context, last, codes, {}, {}, True, marks), flags))  # type: ignore[arg-type]
    return made


def _codes(variable: Variable, some: list[Missing], random: Random) -> tuple[str, ...] | Missing:
    if random.random() < 0.4:
        return random.choice(some)
    codes = sorted(variable.codes)
    return tuple(random.sample(codes, random.randint(1, len(codes)) if variable.multiple else 1))


def every_joint(survey: Survey) -> Joint:
    """Return everything that could be declared of a survey, as far as it goes."""
    choices = [v.id for v in codebook(survey) if v.kind in ("single", "multiple")]
    closed = tuple(v.id for v in codebook(survey) if v.kind != "text")[:4]
    scales = [v for v in codebook(survey) if v.kind == "scale"]
    pathways = (Pathway("way", "Way", tuple(choices[:3])),) if len(choices) > 1 else ()
    high = frozenset(list(scales[0].codes)[:2]) if scales else frozenset()
    halves = (Halves("half", "Half", scales[0].id, scales[0].id, high),) if scales else ()
    by = [Crosstab(name, name, name, closed) for name in ("language", "arm")]
    ranges = (tuple(WEEKS[:2]), (WEEKS[2], WEEKS[2]))
    by.append(Crosstab("weeks", "Weeks", "week", closed, ranges))  # type: ignore[arg-type]
    by += [Crosstab(f"by-{name}", name, name, tuple(q for q in closed if q != name)) for name in choices[:1]]
    return Joint(pathways, halves, tuple(each for each in by if each.questions))


def laid_out(survey: Survey, study: Study) -> list[Sheet]:
    """Return all that is counted of a study, for a report of all of it."""
    occurring = frozenset(key for block in blocks(study) for key in block.planes)
    variables, pages = codebook(survey), [page.id for page in survey.pages]
    modules = {"core": pages[:2]}
    versions = [survey.structure, "another"]
    layout = count(
        variables,
        pages,
        list(dict.fromkeys([*survey.catalogues, "ar", "fa"])),
        WEEKS,
        occurring,
        (),
        versions,
        modules,
        RULES,
    )
    return [layout.sheet, JointCounts(occurring, every_joint(survey), variables, survey).sheet]


def compare(sheets: list[Sheet], study: Study, size: int, bits: Arithmetic) -> None:
    asked = sum((sheet.asked() for sheet in sheets), Asked())
    middle = len(study) // 3
    # Two groups put together must be what all are at once.
    found = reckon(blocks(study[:middle], size), asked, bits) + reckon(
        blocks(study[middle:], size), asked, bits
    )
    for sheet in sheets:
        fast, slow = sheet.tables(found), reference(sheet, study)
        assert fast.counts == slow.counts
        assert by_name(fast) == by_name(slow)
        for each in fast.sums:
            assert fast.counts[each.total] == sum(fast.counts[part] for part in each.parts)


def by_name(tables: Any) -> set[Any]:
    return {(each.total, frozenset(each.parts), each.table) for each in tables.sums}


@st.composite
def studies(draw: Any) -> tuple[Survey, Study]:
    survey = read(str(draw(definitions())))
    return survey, invented(survey, Random(draw(st.integers(0, 2**32))), draw(st.integers(1, 40)))


@FEW
@given(studies(), st.integers(1, 40), st.sampled_from(BOTH))
def test_planes_find_what_plain_counting_finds(
    made: tuple[Survey, Study], size: int, bits: Arithmetic
) -> None:
    compare(laid_out(*made), made[1], size, bits)


@pytest.mark.full
@MANY
@given(studies(), st.integers(1, 40), st.sampled_from(BOTH))
def test_planes_find_it_in_many_studies(made: tuple[Survey, Study], size: int, bits: Arithmetic) -> None:
    compare(laid_out(*made), made[1], size, bits)


@FEW
@given(studies(), st.integers(1, 40))
def test_with_and_without_flags_each_count_is_what_plain_counting_finds(
    made: tuple[Survey, Study], size: int
) -> None:
    survey, study = made
    groups = {"kept": [each for each in study if not each[1]], "flagged": [each for each in study if each[1]]}
    own = {name: list(blocks(group, size)) for name, group in groups.items()}
    store = CountStore(half(own["kept"]), half(own["flagged"]), synthetic=True, elsewhere=False)

    def counting(occurring: Any, variables: Any, ids: Any) -> Layout:
        return count(variables, [page.id for page in survey.pages], ["en", "ar"], WEEKS, occurring, rules=ids)

    two = twofold(counting, codebook(survey), store, RULES, LOOSE, Asked())
    assert two.both == bool(groups["kept"] and groups["flagged"])
    everybody = [(store.occurring, RULES, study, "")]
    parts = [(store.clear.occurring, (), groups["kept"], "kept/"),
             (store.flagged.occurring, RULES, groups["flagged"], "flagged/")]  # fmt: skip
    for occurring, ids, group, name in everybody + parts * two.both:
        slow = reference(counting(occurring, codebook(survey), ids).sheet, group)
        found = {cell: two.tables.counts[Cell(f"{name}{cell.subject}", cell.codes)] for cell in slow.counts}
        assert found == slow.counts


@pytest.mark.parametrize("bits", BOTH)
def test_and_so_they_do_where_respondents_walked_through_a_survey(bits: Arithmetic):
    survey = read(FULL)
    study = [(response, frozenset()) for response in join(survey, bodies(survey, 5, 80, leave=0.2))]
    compare(laid_out(survey, study), study, 64, bits)


@pytest.mark.full
def test_and_in_the_real_survey():
    study = [(response, frozenset()) for response in join(help_us(), bodies(help_us(), 5, 120, leave=0.1))]
    compare(laid_out(help_us(), study), study, 50, arithmetic())


def test_bits_behind_the_last_response_count_nobody():
    study = invented(read(FULL), Random(1), 67)
    (block,) = blocks(study)
    assert {len(plane) for plane in block.planes.values()} == {row_bytes(67)} == {16}
    assert int.from_bytes(block.planes["responses", ""], "little") == (1 << 67) - 1


def test_what_is_here_decides_which_arithmetic_is_used(monkeypatch: pytest.MonkeyPatch):
    arithmetic.cache_clear()
    assert isinstance(arithmetic(), Words)
    arithmetic.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "numpy", None)
    assert isinstance(arithmetic(), Numbers)
    monkeypatch.undo()
    arithmetic.cache_clear()


def test_a_language_that_only_one_block_has_is_counted():
    survey = read(FULL)
    study = invented(survey, Random(2), 40)
    response, flags = study[-1]
    context = replace(response.context, language=Tag("fa"))
    study[-1] = (Response(context, response.pages, response.codes, {}, {}, True), flags)
    compare(laid_out(survey, study), study, 16, arithmetic())


@pytest.mark.full
def test_the_benchmark_counts_what_it_made_up(tmp_path: Path):
    counts = SealedCounts(tmp_path / "counts", bytes(32))
    counts.keep("tiny", "made up", "", MadeUp(3_000, tmp_path))
    store = counts.find("tiny", "made up")
    assert store is not None
    assert counting(store)["responses"] == 3_000
    assert decoding(tmp_path)["columns"] > 60
