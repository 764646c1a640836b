"""The tables of content/signals keep what was measured of them; `make bench-signals` prints the figures."""

from __future__ import annotations

import pytest

from offramp.survey import Mark
from tests.signals.measured import AFTER, BEFORE, ORDINARY, Sentence, lines, sentences, shipped

SIGNALS = shipped()
# A little below what was measured on 2026-11-23, for a table that is made better in one place and worse in another.
MOST_ORDINARY, LEAST_TOLD, LEAST_LINKS = 0.04, 0.45, 0.80


@pytest.fixture(scope="module", params=["en", "ar"])
def read(request: pytest.FixtureRequest) -> list[Sentence]:
    return sentences(request.param, SIGNALS)


def told(read: list[Sentence], when: str) -> list[Sentence]:
    return [each for each in read if each.when == when and each.wanted not in (ORDINARY, Mark.LINK)]


@pytest.mark.parametrize("when", [BEFORE, AFTER])
def test_ordinary_answers_are_seldom_marked(read: list[Sentence], when: str) -> None:
    ordinary = [each for each in read if each.when == when and each.wanted == ORDINARY]
    assert len(ordinary) >= 75
    assert sum(bool(each.found) for each in ordinary) <= MOST_ORDINARY * len(ordinary)


@pytest.mark.parametrize("when", [BEFORE, AFTER])
def test_about_half_of_what_was_written_later_is_found(read: list[Sentence], when: str) -> None:
    disclosures = told(read, when)
    assert len(disclosures) >= 40
    assert {each.wanted for each in disclosures} == set(Mark) - {Mark.LINK}
    assert sum(each.danger for each in disclosures) >= LEAST_TOLD * len(disclosures)


def test_the_three_kinds_of_danger_are_kept_apart(read: list[Sentence]) -> None:
    found = [each for each in told(read, BEFORE) + told(read, AFTER) if each.danger]
    assert sum(set(each.found) != {each.wanted} for each in found) <= 0.05 * len(found)


def test_addresses_are_found_in_most_of_their_dresses() -> None:
    for when in (BEFORE, AFTER):
        links = [each for each in sentences("links", SIGNALS) if each.when == when]
        assert len(links) >= 40
        assert sum(Mark.LINK in each.found for each in links) >= LEAST_LINKS * len(links)


def test_no_sentence_stands_there_twice() -> None:
    every = [each.text for file in ("en", "ar", "links") for each in sentences(file, SIGNALS)]
    assert len(every) == len(set(every)) > 700


def test_what_is_printed_names_every_kind(read: list[Sentence]) -> None:
    said = "\n".join(lines("x", read))
    assert all(mark in said for mark in set(Mark) - {Mark.LINK})
    assert "ordinary answers marked" in said
