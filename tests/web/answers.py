"""What made-up respondents answer, page by page, and the codes that the desk has to find for it.

Words are invented ones. The invariant: every page of the survey has its answers here, and so has every kind of
answer that a page can take.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from offramp.survey import Missing
from offramp.survey.response import Codes
from tests.web.respondent import Tick


class Given(NamedTuple):
    """What is entered on one page."""

    ticks: Mapping[str, Tick]
    words: Mapping[str, str] = {}


NOTHING = Given({})

CORE: dict[str, Given] = {
    "stopping": Given({"wish_to_stop": 7, "stop_attempts": "few"}),
    "beginning": Given(
        {
            "first_age": "age_16_17",
            "first_way": "other",
            "frequency": Missing.DONT_KNOW,
            "livestream": Missing.REFUSED,
        },
        {"first_way": "a brambulette, <b>quite</b> unasked & “quoted”"},
    ),
    "contact": Given(
        {"contact_sought": "thought", "fear_acts": "sometimes", "told_anyone": ["friend", "helpline"]}
    ),
    "help": Given(
        {"help_sought": "got_some", "barriers": ["shame", "cost", "other"], "help_useful": ["chat", "other"]},
        {"barriers": "ظرومبلاق 1", "help_useful": "plindermarkt"},
    ),
}

MODULE: dict[str, Given] = {
    "offer_technology": Given({"take_technology": "take"}),
    "tech_web": Given({"tp1_open_web": "yes"}),
    "tech_ways": Given({"tp2_open_web_services": Missing.DONT_KNOW, "tp3_dark_web": ["news_media", "accident"]}),
    "tech_social": Given({"tp4_search_social": ["none"], "tp5_view_social": ["reddit", "vk", "other"]},
                         {"tp5_view_social": "Vlimmerbook"}),
    "tech_messengers": Given({"tp6_search_messengers": Missing.REFUSED, "tp7_view_messengers": ["signal"]}),
}  # fmt: skip

CLOSING: dict[str, Given] = {
    "closing": Given(
        {"wish_to_stop_after": 10},
        {"about_help": "Fenwickle helped: \U0001f6e4 100 %\nand so did a second line"},
    ),
}

TAKEN = CORE | MODULE | CLOSING
LEFT = CORE | {"offer_technology": Given({"take_technology": "leave"})} | CLOSING


def codes(given: Mapping[str, Given]) -> dict[str, Codes]:
    """Return the codes of everything that was entered."""
    found: dict[str, Codes] = {}
    for page in given.values():
        for question, words in page.words.items():
            found[question] = ("other",) if words and question != "about_help" else ("written",)
        for question, tick in page.ticks.items():
            found[question] = _codes(tick)
    return found


def words(given: Mapping[str, Given]) -> dict[str, str]:
    """Return all words that were written."""
    return {question: text for page in given.values() for question, text in page.words.items()}


def _codes(tick: Tick) -> Codes:
    match tick:
        case Missing():
            return tick
        case str() | int():
            return (str(tick),)
        case several:
            return tuple(several)
