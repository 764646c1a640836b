"""From the real message page to the page about arms: what was planted in made-up visitors is what is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from offramp.desk import Desk, arms_report, dummy, pull
from offramp.desk.appeal import APPEALS, appeal_of
from offramp.desk.arms import ArmsReport
from offramp.gate import load_messages
from offramp.store import Tally
from tests.desk.test_desk_chain import sender
from tests.web.installation import CONTENT, Installation

pytestmark = pytest.mark.full
DAYS, A_DAY = 20, 200


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[Tally, int], ArmsReport]:
    """Visitors come on twenty days, the desk pulls, and looks at the arms."""
    folder = tmp_path_factory.mktemp("arms")
    place, desk = Installation(folder / "server"), Desk(folder / "desk")
    inbox = desk.inbox()
    with place.running() as client:
        for day in range(DAYS):
            for visit in dummy.onlookers(day, A_DAY):
                assert dummy.drive(visit, sender(client)).outcome != "lost"
            place.clock.advance(days=1)

        def post(path: str, question: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            reply = client.post(path, json=question)
            return reply.status_code, reply.json()

        pull(post, place.keys, inbox, None, now=True)
    totals = inbox.totals()
    inbox.close()
    return totals, arms_report(totals)


def test_every_display_and_every_click_arrives(seen: tuple[dict[Tally, int], ArmsReport]):
    totals, _ = seen
    assert sum(n for tally, n in totals.items() if tally.name == "message_shown") == DAYS * A_DAY
    assert {tally.subject for tally in totals if tally.name == "message_shown"} == set(APPEALS)
    assert not [tally for tally in totals if tally.name == "go_exit"], "nobody made up leaves the house"


def test_what_was_planted_is_found_and_hardly_anything_else(seen: tuple[dict[Tally, int], ArmsReport]):
    part = seen[1].parts[0]
    assert part.days == DAYS
    told = {(c.arm, c.target): c.difference.value for c in part.comparisons if c.adjusted < 0.05}
    planted = {("control-positive", "help"), ("legality-negative", "not-looking")}
    assert planted <= told.keys()
    assert all(told[each] > 0.08 for each in planted)
    # In one of twenty worlds one more is told by chance, and these visitors live in one world: see bench_arms.
    assert len(told.keys() - planted) <= 1
    held, intervals = 0, 0
    for line in part.lines:
        for clicks in line.clicks:
            if clicks.interval:
                true = getattr(appeal_of(line.arm), clicks.target.replace("-", "_"))
                held += clicks.interval.low <= true <= clicks.interval.high
                intervals += 1
    assert intervals >= 25
    assert held >= 0.85 * intervals


def test_the_table_of_appeal_knows_our_arms_and_no_others():
    """Where it did not, visitors would click alike, and nobody would notice."""
    arms = {arm.id for arm in load_messages(Path(CONTENT) / "messages").arms}
    assert set(APPEALS) == arms
    assert sum(appeal != APPEALS["neutral"] for appeal in APPEALS.values()) == 2
