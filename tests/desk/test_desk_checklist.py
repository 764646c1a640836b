"""The checklists of a report are filled in from the study itself, and say what is left to fill in."""

from __future__ import annotations

from functools import cache

import lxml.html

from offramp.desk.checklist import Checklist
from offramp.store import Tally
from tests.desk.counting import report
from tests.desk.studies import TINY, help_us
from tests.desk.test_desk_report import TOTALS, WEEK, tiny_study
from tests.questionnaires import read


@cache
def rows(**more: int) -> dict[str, str]:
    totals = {**TOTALS, **{Tally(name, "way-on", "en", WEEK): n for name, n in more.items()}}
    tree = lxml.html.document_fromstring(report(read(TINY), tiny_study(read(TINY)), totals, ()))
    own = tree.xpath("//table[@class='list']//tr[td]") + tree.xpath("//tr[@class='stage']")
    return {
        row[0].text_content().strip(): " ".join(" ".join(c.text_content() for c in row[1:]).split())
        for row in own
    }


def test_rates_come_from_the_rounded_totals():
    assert rows()["Participation rate"].startswith("44 %: 175 agreed, of 400 consent pages shown.")
    assert rows()["Completion rate"].startswith("88 %: 140 last pages sent, of 160 first pages sent.")


def test_what_is_deliberately_not_collected_says_so():
    for name in (
        "Unique visitors",
        "View rate",
        "Cookies",
        "IP check",
        "Log file analysis",
        "Atypical timestamps",
    ):
        assert rows()[name].startswith("Deliberately not ")


def test_what_the_desk_does_not_know_is_left_to_fill_in():
    left = {name for name, text in rows().items() if text.startswith("To be filled in by you.")}
    assert left >= {"Approval by an ethics board", "Who paid for it", "Who conducted it", "Context"}


def test_the_study_is_described_by_its_own_definition():
    facts = Checklist(help_us(), "1,000", ("2026-W46", "2026-W47", "2026-W48"), "", "", "", "", None, None)
    assert facts.asked == 69
    assert facts.conditional == sum(bool(question.relevant) for question in help_us().questions) > 3
    assert rows()["Items"] == "Questions: 6."


def test_the_funnel_goes_on_to_the_programme_and_shares_are_of_consent_pages():
    shown = rows(programme_shown=64, journal_kept=4)
    assert shown["Consent page shown"] == "400 100 %"
    assert shown["Last page sent"] == "140 35 %"
    assert shown["Programme shown"] == "65"
    assert shown["Journal of the programme kept"] == "[c]"


def test_no_share_is_above_a_hundred():
    totals = {**TOTALS, Tally("finished", "tiny", "en", WEEK): 900}
    tree = lxml.html.document_fromstring(report(read(TINY), tiny_study(read(TINY)), totals, ()))
    shares = [row[2].text_content() for row in tree.xpath("//tr[@class='stage']") if row[2].text_content()]
    assert shares
    assert max(int(share.split()[0]) for share in shares) <= 100
