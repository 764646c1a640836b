"""No printed table of 500 random studies lets subtraction recover a count under ten.

Each study goes through the report to the rendered page. The reader has the page, the questionnaire, the rules of the
flags and the law, solves for whole numbers, and must be left with five values for every count of one to nine: those
with a mark, those that are only the difference of two others, and those of flagged responses, which stand nowhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

import pytest

from offramp.desk import disclose, read_findings, read_joint, read_rules
from offramp.desk.clean import BURST
from offramp.desk.disclose import _Hand
from offramp.store import Tally
from offramp.survey import Body, Response, join
from tests.desk.counting import Cleaning, clean, report
from tests.desk.invented import Instrument, crowd, instrument, study, totals
from tests.desk.reader import Ranges
from tests.desk.reader_whole import all_ranges, knowledge, read_whole, whole_truth, with_rests
from tests.desk.solver import Worlds, pinned
from tests.desk.studies import CONTENT, help_us

DOUBT = 5
STUDIES_EACH = 4


@dataclass(frozen=True)
class Attacked:
    """What came of one study: small counts that were known too well, and how many were tried and printed."""

    known: Ranges
    tried: int
    printed: int


def attacked(made: Instrument, bodies: list[Body], counts: Mapping[Tally, int]) -> Attacked:
    """Report a study, and attack what stands on the page."""
    html = report(made.survey, bodies, counts, made.findings, rules=made.rules, joint=made.joint)
    whole, responses = read_whole(html, made), join(made.survey, bodies)
    cleaning = clean(made.survey, responses, made.rules)
    truth = whole_truth(made, responses, cleaning, counts)
    for name, printed in whole.seen.printed.items():
        assert truth[name] >= 10, name
        assert printed == (truth[name] + 2) // 5 * 5, name
    known = knowledge(whole, _burst(responses, cleaning))
    for each in known:
        value = sum(truth[name] for name in each.plus) - sum(truth[name] for name in each.minus)
        assert each.low <= value <= each.high, f"the reader knows something that is not so: {each}"
    known, _ = with_rests(known, truth)
    ranges = all_ranges(whole, known, truth, told=False)
    assert all(low <= truth[name] <= high for name, (low, high) in ranges.items())
    targets = [name for name in ranges if 1 <= truth[name] <= 9 and name not in whole.seen.printed]
    found = pinned(Worlds(ranges, known), truth, targets, Random(1), DOUBT)
    return Attacked(found, len(targets), len(whole.seen.printed))


def _burst(responses: list[Response], cleaning: Cleaning) -> list[str]:
    """Return the week and the language in which all of a burst lay: anybody sees these in the table of weeks."""
    flagged = [r for r, flags in zip(responses, cleaning.flags, strict=True) if BURST.id in flags]
    groups = {kind: {getattr(r.context, kind) for r in flagged} for kind in ("week", "language")}
    return [f"{kind} {next(iter(found))}" for kind, found in groups.items() if len(found) == 1]


def invented(seed: int) -> Iterator[tuple[Instrument, list[Body], dict[Tally, int]]]:
    """Yield a few studies of one invented questionnaire."""
    random = Random(seed)
    made = instrument(random)
    people = crowd(made, random, 150)
    for _ in range(STUDIES_EACH):
        yield made, study(people, random), totals(random)


@pytest.mark.parametrize(
    "seeds", [range(1), *(pytest.param(range(n, n + 5), marks=pytest.mark.full) for n in range(1, 126, 5))],
    ids=lambda seeds: f"from {seeds.start}",
)  # fmt: skip
def test_no_small_count_of_invented_studies_can_be_recovered(seeds: range):
    tried = printed = 0
    for seed in seeds:
        for made, bodies, counts in invented(seed):
            found = attacked(made, bodies, counts)
            assert not found.known, f"seed {seed}: {found.known}"
            tried, printed = tried + found.tried, printed + found.printed
    assert tried > 40 * len(seeds)
    assert printed > 80 * len(seeds), "hardly anything was printed that could have given anything away"


@pytest.mark.full
@pytest.mark.parametrize("seed", range(2))
def test_no_small_count_of_the_real_survey_can_be_recovered(seed: int):
    survey = help_us()
    made = Instrument(
        survey, read_rules(CONTENT, survey), read_findings(CONTENT, survey), read_joint(CONTENT, survey)
    )
    random = Random(f"help-us/{seed}")
    found = attacked(made, study(crowd(made, random, 120), random), {})
    assert not found.known
    assert found.tried > 300


PLANTED = (18, 22, 54)


def learnt() -> Counter[str]:
    """Return how many small counts are known too well in a few studies."""
    return Counter(
        name.split()[0] for seed in PLANTED for each in invented(seed) for name in attacked(*each).known
    )


@pytest.mark.full
def test_the_reader_finds_what_is_open_where_only_small_counts_are_suppressed(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(_Hand, "play", lambda _: None)
    assert learnt().total() > 5


@pytest.mark.full
def test_the_reader_finds_what_is_open_where_sums_are_used_one_at_a_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(disclose, "implied", lambda _: [])
    assert learnt().total() > 0
