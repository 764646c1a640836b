"""The law of the house: what may be printed of a table, and what a reader could do with it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.desk.attack import Cell, Range, Reader, Sum
from offramp.desk.disclose import HOUSE, Law, Tables, protect
from offramp.desk.implied import implied
from offramp.errors import Fault, Refusal

ALL = Cell("all")


def cells(*counts: int, of: str = "answer") -> dict[Cell, int]:
    return {Cell(of, frozenset((str(place),))): n for place, n in enumerate(counts)}


def table(*counts: int) -> Tables:
    """One table whose rows add up to a printed total."""
    rows = cells(*counts)
    n = {ALL: sum(counts), **rows}
    return Tables(n, frozenset(n), [Sum(ALL, tuple(rows))], kept=frozenset((ALL,)))


def printed(*counts: int) -> list[int | None]:
    """Return what is printed: the total, then the rows."""
    found = table(*counts)
    result = protect(found)
    return [result[cell] for cell in found.counts]


def test_every_count_is_rounded_to_five():
    assert printed(61, 38, 22, 58) == [180, 60, 40, 20, 60]


@pytest.mark.parametrize("small", [0, 1, 8, 9])
def test_no_count_under_ten_is_printed_nought_included(small: int):
    assert printed(60, 40, small, small)[1:] == [60, 40, None, None]


def test_ten_is_printed():
    assert printed(70, 40, 10, 12) == [130, 70, 40, 10, 10]


def test_where_one_count_is_suppressed_the_next_smallest_is_too():
    assert printed(60, 40, 20, 3) == [125, 60, 40, None, None]


def test_two_suppressed_counts_need_no_third():
    assert printed(60, 40, 3, 4) == [105, 60, 40, None, None]


def test_a_complement_that_is_small_takes_its_counterpart_along():
    # Chosen by 96 of 100: "not chosen" stands nowhere, and could be had by subtraction.
    chosen, rest = Cell("chosen"), Cell("rest")
    n = {ALL: 100, chosen: 96, rest: 4}
    assert protect(Tables(n, frozenset((ALL, chosen)), [Sum(ALL, (chosen, rest))])) == {
        ALL: 100,
        chosen: None,
    }


def test_an_unlucky_rounding_that_gives_everything_away_is_noticed():
    # Each 23 is printed as 25 and their sum of 92 as 90: no other numbers fit, and the rest must be nought.
    assert printed(23, 23, 23, 23, 0, 0) == [90, None, 25, 25, 25, None, None]


def test_a_count_that_stands_in_two_tables_is_suppressed_in_both():
    here, there, other = Cell("here"), Cell("there"), cells(80, 5)
    n = {ALL: 100, here: 15, there: 15, **other}
    sums = [Sum(ALL, (here, *other)), Sum(here, (there,))]
    # The 5 stands alone in its table. 15 is the next smallest, but withholding it would cost two places.
    assert protect(Tables(n, frozenset(n), sums, kept=frozenset((ALL,)))) == {
        ALL: 100, here: 15, there: 15, **dict(zip(other, (None, None), strict=True)),
    }  # fmt: skip


def test_sums_that_do_not_hold_are_our_own_mistake():
    with pytest.raises(Fault, match="add up"):
        protect(Tables({ALL: 5, Cell("a"): 4}, frozenset(), [Sum(ALL, (Cell("a"),))]))


@pytest.mark.parametrize("looser", [{"least": 9}, {"unit": 1}, {"floor": 99}, {"doubt": 4}])
def test_settings_cannot_be_less_strict_than_the_house(looser: dict[str, int]):
    with pytest.raises(Refusal) as caught:
        Law(**looser)
    assert caught.value.codes == ("law.looser",)


def test_settings_can_be_stricter():
    found = table(61, 38, 22, 14)
    assert list(protect(found, Law(least=20, unit=10)).values()).count(None) == 2


counts = st.lists(st.one_of(st.integers(0, 12), st.integers(10, 90)), min_size=2, max_size=7)


@given(counts)
def test_what_a_printed_number_can_stand_for_contains_what_it_stands_for(numbers: list[int]):
    for n in numbers:
        if n >= HOUSE.least:
            assert HOUSE.behind(HOUSE.rounded(n)).low <= n <= HOUSE.behind(HOUSE.rounded(n)).high


def reachable(total: int, shown: list[int], marked: int, small: int) -> set[int]:
    """Return by trying everything which values one of the small counts can have, given one printed table."""

    def sums(ranges: list[range]) -> set[int]:
        found = {0}
        for values in ranges:
            found = {one + value for one in found for value in values}
        return found

    others = [range(max(10, n - 2), n + 3) for n in shown] + [range(10)] * (small - 1)
    others += [range(10, total + 3)] * (marked - small)
    rest = sums(others)
    return {value for value in range(10) if any(t - value in rest for t in range(total - 2, total + 3))}


@settings(max_examples=200, deadline=None)
@given(counts.filter(lambda numbers: 100 <= sum(numbers) <= 260))
def test_trying_out_every_possibility_leaves_at_least_five_for_a_small_count(numbers: list[int]):
    total, *rows = printed(*numbers)
    assert total is not None
    small = sum(n < 10 for n in numbers)
    if small:
        shown = [n for n in rows if n is not None]
        assert len(reachable(total, shown, rows.count(None), small)) >= 5


def told(ranges: dict[Cell, Range], sums: list[Sum]) -> Reader:
    reader = Reader(ranges, sums)
    reader.tell(ranges.values())
    return reader


@given(counts)
def test_what_a_reader_narrows_always_contains_the_truth(numbers: list[int]):
    rows = cells(*numbers)
    n = {ALL: sum(numbers), **rows}
    ranges = {cell: HOUSE.behind(HOUSE.rounded(k)) if k >= 10 else Range(0, 9) for cell, k in n.items()}
    ranges[ALL] = Range(sum(numbers) - 2, sum(numbers) + 2)
    known = told(ranges, [Sum(ALL, tuple(rows))])
    assert all(known[cell].low <= k <= known[cell].high for cell, k in n.items())


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=5))
def test_two_ways_of_splitting_one_total_give_no_small_count_away(pairs: list[tuple[int, int]]):
    """As with totals by language and by week: both add up to the same number."""
    rows = cells(*(a + b for a, b in pairs), of="language")
    columns = cells(sum(a for a, _ in pairs), sum(b for _, b in pairs), of="week")
    n = {ALL: sum(rows.values()), **rows, **columns}
    sums = [Sum(ALL, tuple(rows)), Sum(ALL, tuple(columns))]
    found = protect(Tables(n, frozenset(n), sums))
    for each in sums:
        if found[ALL] is None:
            continue
        marked = [cell for cell in each.parts if found[cell] is None]
        shown = [part for cell in each.parts if (part := found[cell]) is not None]
        small = sum(n[cell] < 10 for cell in marked)
        if small:
            assert len(reachable(found[ALL], list(shown), len(marked), small)) >= 5


# -- several sums at once ---------------------------------------------------------------------------------------------

A, B, C = (Cell("question", frozenset((code,))) for code in "abc")
A2, B2, C2 = (Cell("crossing", frozenset((code,))) for code in "abc")
BASE, BASE2, PAIR, REST = Cell("base"), Cell("crossing"), Cell("finding"), Cell("rest")
LEFT = {small: Cell("left", large.codes) for large, small in ((A, A2), (B, B2), (C, C2))}


def test_a_group_of_parts_that_two_sums_share_is_a_part_of_each():
    found = implied([Sum(BASE, (A, B, C)), Sum(PAIR, (B, C))])
    assert Sum(BASE, (PAIR, A), table=False) in found


def test_a_difference_of_totals_is_the_sum_of_the_differences_of_their_parts():
    nested = [Sum(large, (small, LEFT[small])) for large, small in ((A, A2), (B, B2), (C, C2))]
    sums = [Sum(BASE, (A, B, C)), Sum(BASE2, (A2, B2, C2)), Sum(BASE, (BASE2, REST)), *nested]
    parts = [each.parts for each in implied(sums) if each.total == REST]
    assert {frozenset(some) for some in parts} == {frozenset(LEFT.values())}


@given(st.lists(st.integers(0, 60), min_size=6, max_size=6), st.integers(0, 63))
@settings(max_examples=200, deadline=None)
def test_what_is_implied_holds_wherever_the_sums_do(sizes: list[int], chosen: int):
    n = dict(zip((A2, B2, C2, *LEFT.values()), sizes, strict=True))
    nested = [Sum(large, (small, LEFT[small])) for large, small in ((A, A2), (B, B2), (C, C2))]
    n |= {each.total: sum(n[part] for part in each.parts) for each in nested}
    sums = [
        *nested,
        Sum(BASE, (A, B, C)),
        Sum(BASE2, (A2, B2, C2)),
        Sum(PAIR, (B, C)),
        Sum(BASE, (BASE2, REST)),
    ]
    n |= {BASE: n[A] + n[B] + n[C], BASE2: n[A2] + n[B2] + n[C2], PAIR: n[B] + n[C]}
    n[REST] = n[BASE] - n[BASE2]
    left_out = {place for place in range(len(sums)) if chosen >> place & 1}
    for each in implied([one for place, one in enumerate(sums) if place not in left_out]):
        n.setdefault(each.total, sum(n[part] for part in each.parts))
        assert n[each.total] == sum(n[part] for part in each.parts), each


def test_counts_that_only_several_sums_together_tell_are_guarded():
    # 58 said a, and 55 of them answered the other question as well: with the totals between 1 and 4 did not.
    n = {A: 58, B: 33, C: 41, A2: 55, B2: 33, C2: 41, BASE: 132, BASE2: 129, REST: 3}
    n |= {LEFT[A2]: 3, LEFT[B2]: 0, LEFT[C2]: 0}
    nested = [Sum(large, (small, LEFT[small]), table=False) for large, small in ((A, A2), (B, B2), (C, C2))]
    sums = [Sum(BASE, (A, B, C)), Sum(BASE2, (A2, B2, C2)), Sum(BASE, (BASE2, REST), table=False), *nested]
    shown = frozenset((A, B, C, A2, B2, C2, BASE, BASE2))
    result = protect(Tables(n, shown, sums, kept=frozenset((BASE,))))
    ranges = {
        cell: HOUSE.behind(result[cell]) if result.get(cell) is not None else Range(0, 10**6) for cell in n
    }
    known = told(ranges, [*sums, Sum(REST, tuple(LEFT.values()))])
    assert known[LEFT[A2]].width >= 5


def test_what_the_questionnaire_says_is_nought_is_no_secret_and_costs_nothing():
    void = Cell("never")
    n = {ALL: 130, A: 70, B: 60, void: 0}
    sums = [Sum(ALL, (A, B, void)), Sum(void, ())]
    assert protect(Tables(n, frozenset(n), sums, kept=frozenset((ALL,)))) == {
        ALL: 130,
        A: 70,
        B: 60,
        void: None,
    }
