"""Statistics of the desk beside R's, and what R does not say: wrong input, empty tables, coverage."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.desk.statistics import (
    Draw,
    association,
    benjamini_hochberg,
    choices,
    cochran_armitage,
    drawn_share,
    kendall,
    spearman,
    wilson,
)
from offramp.desk.statistics.fisher import fisher
from offramp.errors import Fault
from tests.desk.recorded import closed, iterative, recorded

TABLES, RANKS, DRAWS = recorded("tables"), recorded("ranks"), recorded("draws")


@pytest.mark.parametrize("name", TABLES["large"])
def test_chi_square_and_cramers_v_are_those_of_r(name: str) -> None:
    expected, found = TABLES["large"][name], association(TABLES["large"][name]["table"])
    assert found is not None
    assert found.fisher is None
    assert (found.chi_square, found.df, found.p) == closed(
        (expected["chi_square"], expected["df"], expected["p"])
    )
    assert (found.v, found.v_interval.low, found.v_interval.high) == closed(
        (expected["v"], expected["v_low"], expected["v_high"])
    )


@pytest.mark.parametrize("name", TABLES["fisher"])
def test_fishers_exact_test_is_that_of_r(name: str) -> None:
    expected = TABLES["fisher"][name]
    found = fisher(expected["table"])
    assert found.drawn == 0
    assert found.p == closed(expected["p"])
    assert fisher([list(row) for row in zip(*expected["table"], strict=True)]).p == closed(expected["p"])


def test_a_table_with_too_many_ways_is_drawn_at_random_and_says_so() -> None:
    expected = TABLES["fisher_large"]
    found = fisher(expected["table"], most_steps=1_000)
    assert found.drawn == 20_000
    assert abs(found.p - expected["p"]) < 4 * math.sqrt(expected["p"] * (1 - expected["p"]) / found.drawn)
    assert fisher(expected["table"], most_steps=1_000) == found


@pytest.mark.full
def test_a_table_of_thousands_ends_in_time() -> None:
    assert fisher([[900, 30, 5, 40], [800, 60, 9, 30], [950, 20, 30, 50], [700, 90, 4, 60]]).drawn == 20_000


@pytest.mark.full
def test_a_larger_table_is_exact_as_long_as_its_ways_can_be_gone_through() -> None:
    expected = TABLES["fisher_large"]
    found = fisher(expected["table"])
    assert found.drawn == 0
    assert found.p == closed(expected["p"])


@given(st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=2, max_size=3))
def test_bounds_of_what_is_left_change_no_p_value(rows: list[list[int]]) -> None:
    table = [row for row in rows if sum(row)]
    columns = [column for column in zip(*table, strict=True) if sum(column)]
    if len(table) < 2 or len(columns) < 2:
        return
    table = [list(row) for row in zip(*columns, strict=True)]
    assert fisher(table).p == pytest.approx(slowly(table), rel=1e-9)


def slowly(table: list[list[int]]) -> float:
    """Go through every table with these margins, one by one."""
    margins, columns = [sum(row) for row in table], [sum(column) for column in zip(*table, strict=True)]

    def likelihood(cells: list[list[int]]) -> float:
        return math.exp(-sum(math.lgamma(cell + 1) for row in cells for cell in row))

    def every(left: list[int], rows: list[int]) -> Iterator[list[list[int]]]:
        if not rows:
            yield from ([[]] if not any(left) else [])
            return
        for row in product(*(range(room + 1) for room in left)):
            if sum(row) == rows[0]:
                rest = [a - b for a, b in zip(left, row, strict=True)]
                yield from ([list(row), *more] for more in every(rest, rows[1:]))

    found = [likelihood([row for row in cells if row]) for cells in every(columns, margins)]
    here = likelihood(table) * (1 + 1e-7)
    return sum(each for each in found if each <= here) / sum(found)


def test_fisher_is_taken_by_the_rule_and_empty_rows_are_left_out() -> None:
    table = TABLES["fisher"]["tea"]["table"]
    small = association([[*table[0], 0], [0, 0, 0], [*table[1], 0]])
    assert small is not None
    assert small.fisher is not None
    assert small.p == closed(TABLES["fisher"]["tea"]["p"])
    assert small.df == 1
    assert association([[3, 4], [0, 0]]) is None
    assert association([[3, 0], [5, 0]]) is None


def test_wilsons_interval_is_that_of_r() -> None:
    for each in TABLES["wilson"]:
        for level, bounds in ((0.95, each["at_95"]), (0.99, each["at_99"])):
            found = wilson(each["hits"], each["base"], level)
            assert (found.low, found.high) == closed(tuple(bounds))


@given(st.integers(1, 5_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_interval_holds_the_share(pair: tuple[int, int]) -> None:
    found = wilson(*pair)
    assert 0 <= found.low <= pair[0] / pair[1] <= found.high <= 1


def test_benjamini_and_hochberg_is_that_of_r() -> None:
    assert benjamini_hochberg(TABLES["discovery"]["p"]) == closed(TABLES["discovery"]["adjusted"])
    assert benjamini_hochberg([]) == []


@pytest.mark.parametrize("name", TABLES["trend"])
def test_the_trend_of_shares_is_that_of_r(name: str) -> None:
    expected = TABLES["trend"][name]
    found = cochran_armitage(expected["hits"], expected["bases"], expected["scores"])
    assert found is not None
    assert (found.statistic, found.p, found.slope) == closed(
        (expected["statistic"], expected["p"], expected["slope"])
    )


def test_a_trend_needs_something_that_changes() -> None:
    assert cochran_armitage([0, 0, 0], [10, 10, 10]) is None
    assert cochran_armitage([10, 10], [10, 10]) is None
    assert cochran_armitage([3, 0], [10, 0]) is None
    assert cochran_armitage([], []) is None


@pytest.mark.parametrize("name", RANKS["pairs"])
def test_rank_correlations_are_those_of_r(name: str) -> None:
    pair = RANKS["pairs"][name]
    rho, tau = spearman(pair["x"], pair["y"]), kendall(pair["x"], pair["y"])
    assert (rho.value, rho.p) == closed((pair["rho"], pair["rho_p"]))
    assert (tau.value, tau.p) == closed((pair["tau"], pair["tau_p"]))


def test_nothing_is_ranked_where_all_are_the_same() -> None:
    assert spearman([1, 1, 1], [1, 2, 3]).value is None
    assert kendall([1, 2, 3], [4, 4, 4]).p is None


def test_a_multiple_choice_has_the_base_of_those_who_answered() -> None:
    expected = TABLES["choices"]
    answers: list[frozenset[str] | None] = [frozenset(each) for each in expected["answers"]]
    found = choices([*answers, None, None], ["a", "b", "c"])
    assert found is not None
    assert found.base == expected["base"] < len(answers)
    assert found.left_out == len(answers) + 2 - found.base
    for row in found.rows:
        assert row.n == expected["n"][row.option]
        assert row.interval.low == closed(expected["low"][row.option])
        assert row.of_ticks == closed(expected["of_ticks"][row.option])
    assert sum(row.share for row in found.rows) > 1
    assert choices([None, frozenset()], ["a"]) is None


@pytest.mark.parametrize("name", DRAWS["shares"])
def test_a_weighted_share_is_that_of_r(name: str) -> None:
    expected = DRAWS["shares"][name]
    found = drawn_share([bool(hit) for hit in expected["hit"]], Draw(tuple(expected["shares"])))
    assert (found.value, found.se) == closed((expected["value"], expected["se"]))
    # R comes to these bounds by fitting a model.
    assert (found.interval.low, found.interval.high) == iterative((expected["low"], expected["high"]))


def test_a_weighted_share_at_an_end_has_an_interval_too() -> None:
    none, every = (drawn_share([hit] * 20, Draw((0.5,) * 20)) for hit in (False, True))
    assert (none.interval.low, every.interval.high) == (0.0, 1.0)
    assert none.interval.high == closed(1 - 0.025 ** (1 / 20)) == closed(1 - every.interval.low)


@pytest.mark.parametrize("wrong", [
    lambda: wilson(3, 2), lambda: wilson(0, 0), lambda: Draw((0.0, 1.0)), lambda: Draw((1.5,)),
    lambda: drawn_share([True], Draw((1.0,))), lambda: spearman([1, 2], [1, 2]), lambda: kendall([1, 2, 3], [1, 2]),
    lambda: cochran_armitage([3], [2]), lambda: cochran_armitage([1, 1], [2, 2], [1]),
])  # fmt: skip
def test_what_cannot_be_is_refused(wrong: Callable[[], Any]) -> None:
    with pytest.raises(Fault):
        wrong()


def test_the_script_of_the_guide_runs(capsys: pytest.CaptureFixture[str]) -> None:
    guide = (Path(__file__).parents[2] / "docs/how-to/researcher.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"```python\n(.*?)```", guide, re.S)
    exec(compile(script, "researcher.md", "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in printed[2:4]] == ["wish", "part:"]
    assert printed[-1].startswith("120 ")


# -- coverage ---------------------------------------------------------------------------------------------------

STUDIES = 2_000


@pytest.mark.full
@pytest.mark.parametrize(("share", "n"), [(0.48, 400), (0.15, 300), (0.05, 1_000)])
def test_wilsons_interval_holds_the_true_share_as_often_as_it_says(share: float, n: int) -> None:
    held = sum(
        bounds.low <= share <= bounds.high
        for hits in np.random.default_rng(7).binomial(n, share, STUDIES)
        for bounds in [wilson(int(hits), n)]
    )
    assert 0.94 <= held / STUDIES <= 0.96


@pytest.mark.full
@pytest.mark.parametrize("strength", [0.1, 0.2, 0.3])
def test_the_interval_of_v_holds_the_true_one_as_often_as_it_says(strength: float) -> None:
    rows, columns = np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.35, 0.25])
    lean = np.outer([1, -1, -0.99], [1, -0.5, -0.9]) * np.outer(rows, columns)
    lean -= np.outer(rows, lean.sum(axis=0)) + np.outer(lean.sum(axis=1), columns)
    truth = np.outer(rows, columns)
    lean *= strength / math.sqrt((lean**2 / truth).sum() / 2)
    cells = (truth + lean).ravel()
    held = 0
    for table in np.random.default_rng(5).multinomial(600, cells, STUDIES):
        found = association(table.reshape(3, 3).tolist())
        assert found is not None
        held += found.v_interval.low <= strength <= found.v_interval.high
    assert 0.94 <= held / STUDIES <= 0.96


@pytest.mark.full
def test_a_weighted_share_has_the_coverage_that_it_says() -> None:
    chance, held = np.random.default_rng(3), 0
    for _ in range(STUDIES):
        group = chance.random(900) < 0.5
        hits = chance.random(900) < np.where(group, 0.2, 0.6)
        shares = np.where(group, 0.5, 0.25)
        drawn = chance.random(900) < shares
        found = drawn_share(hits[drawn].tolist(), Draw(tuple(shares[drawn].tolist())))
        held += found.interval.low <= 0.4 <= found.interval.high
    assert 0.94 <= held / STUDIES <= 0.96
