"""The report of a programme: completers beside all, no control group, and no small count by subtraction."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from random import Random

import lxml.html
import pytest

from offramp.desk import EVERYWHERE, Stretch, programme_report
from offramp.desk.codebook import codebook
from offramp.errors import Refusal
from offramp.store import Tally
from offramp.survey import Body, Survey, join, read_version
from tests.desk.counting import count_store
from tests.desk.reader import ANYTHING, Constraint, Seen, works_out
from tests.desk.studies import CONTENT, bodies

STRETCHES = (
    Stretch("one", "First part", 4),
    Stretch("two", "Second part", 5),
    Stretch("three", "Third part", 5),
)
WEEK = "2026-W47"


@cache
def check_in() -> Survey:
    return read_version(CONTENT / "programmes" / "way-on" / "check-in")


def totals(begun: int, *done: int) -> dict[Tally, int]:
    named = {"programme_shown": begun * 3, "programme_begun": begun, "journal_kept": begun // 2}
    steps = {
        Tally("step_done", f"way-on/{stretch.id}", "en", WEEK): n
        for stretch, n in zip(STRETCHES, done, strict=True)
    }
    return {**{Tally(name, "way-on", "en", WEEK): n for name, n in named.items()}, **steps}


def made(study: list[Body], counts: dict[Tally, int]) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(
        programme_report(
            "way-on", "A way on", STRETCHES, check_in(), count_store(check_in(), study, EVERYWHERE), counts
        )
    )


def test_steps_done_are_a_share_of_all_steps_of_those_who_began():
    rows = [
        [cell.text_content().strip() for cell in row]
        for row in made([], totals(200, 400, 300, 12)).xpath("//tr[@class='stage']")
    ]
    assert rows[1] == ["First step opened", "", "200", "100\N{NO-BREAK SPACE}%"]
    assert rows[3:] == [
        ["First part", "4", "400", "50\N{NO-BREAK SPACE}%"],
        ["Second part", "5", "300", "30\N{NO-BREAK SPACE}%"],
        ["Third part", "5", "10", "1\N{NO-BREAK SPACE}%"],
    ]


def test_a_small_part_is_suppressed_with_another_and_the_totals_of_survey_reports_never_are():
    tree = made([], totals(200, 400, 300, 4))
    rows = {
        row[0].text_content().strip(): row[2].text_content() for row in tree.xpath("//tr[@class='stage']")
    }
    assert rows["Third part"] == "[c]"
    assert rows["Programme shown"] == "600"
    assert rows["Journal kept under a code"] == "100"


def test_few_beginnings_and_few_check_ins_report_nothing():
    text = made(bodies(check_in(), 1, 20), totals(60, 50, 40, 30)).xpath("string(//main)")
    assert "fewer than 100 times" in text
    assert "Fewer than 100 responses" in text
    assert not made(bodies(check_in(), 1, 20), totals(60, 50, 40, 30)).xpath("//table")


def test_each_figure_says_that_there_is_no_control_group_and_completers_stand_beside_all():
    tree = made(bodies(check_in(), 1, 300, leave=0.1), totals(200, 400, 300, 50))
    captions = tree.xpath("//table/caption")
    assert len(captions) == 2 + 5
    assert all("No control group" in caption.text_content() for caption in captions)
    for row in tree.xpath("//table[@class='course']/tbody/tr"):
        everybody, completers = (row[place].text_content() for place in (1, 3))
        assert everybody == "[c]" or completers == "[c]" or int(completers) <= int(everybody)
    reached = [row[1].text_content() for row in tree.xpath("//table[@class='reached']/tbody/tr")]
    assert reached == sorted(reached, key=int, reverse=True), "the base falls from one check-in to the next"


def test_real_and_made_up_check_ins_are_never_reported_together():
    mixed = [*bodies(check_in(), 1, 120), *bodies(check_in(), 2, 1, synthetic=False)]
    with pytest.raises(Refusal) as caught:
        count_store(check_in(), mixed, EVERYWHERE)
    assert caught.value.codes == ("report.mixture",)


def studies(how_many: int) -> Iterator[tuple[Seen, dict[str, int]]]:
    """Yield small studies: what their reports print, and the truth."""
    random = Random("programme")
    pages = [page.id for page in check_in().pages]
    for number in range(how_many):
        study = bodies(
            check_in(), number, random.randrange(105, 180), leave=random.choice((0.1, 0.3, 0.4)), skip=0.15
        )
        tree, seen = made(study, {}), Seen()
        for page, row in zip(pages, tree.xpath("//table[@class='reached']/tbody/tr"), strict=True):
            seen.note(page, row[1].text_content())
        for place, table in enumerate(tree.xpath("//table[@class='course']")):
            for page, row in zip(pages, table.xpath("./tbody/tr"), strict=True):
                for who, cell in (("all", row[1]), ("completers", row[3])):
                    seen.note(f"{page} {place} {who}", cell.text_content())
        yield seen, truth_of(study, pages)


def truth_of(study: list[Body], pages: list[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    by_page = {page: [v.id for v in codebook(check_in()) if v.page == page] for page in pages}
    for response in join(check_in(), study):
        given = {page: [isinstance(response.codes[q], tuple) for q in own] for page, own in by_page.items()}
        for page, answers in given.items():
            counts[page] = counts.get(page, 0) + any(answers)
            for place, answered in enumerate(answers):
                for who, counted in (("all", answered), ("completers", answered and any(given[pages[-1]]))):
                    name = f"{page} {place} {who}"
                    counts[name] = counts.get(name, 0) + counted
    return counts


@pytest.mark.parametrize("how_many", [3, pytest.param(60, marks=pytest.mark.full)])
def test_no_small_count_of_check_ins_can_be_worked_out(how_many: int):
    tried, pages = 0, [page.id for page in check_in().pages]
    for seen, truth in studies(how_many):
        for name, printed in seen.printed.items():
            assert truth[name] >= 10, name
            assert printed == (truth[name] + 2) // 5 * 5, name
        known = []
        for name in seen.names - set(pages):
            page, place, who = name.split()
            known.append(Constraint((page,), (name,), 0, ANYTHING))
            if who == "completers":
                known.append(Constraint((f"{page} {place} all",), (name,), 0, ANYTHING))
                known.append(Constraint((pages[-1],), (name,), 0, ANYTHING))
        learnt = works_out(seen, truth, known)
        assert min((high - low + 1 for low, high in learnt.values()), default=10) >= 5
        tried += len(learnt)
    assert tried > 0
