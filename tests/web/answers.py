"""What made-up respondents answer, page by page, and the codes that the desk has to find for it.

Words are invented ones. Pages and questions are called by their ids; the order of modules is chance, so whoever answers
looks up the page that is shown. The one question that only some are asked (`wish_to_stop`) has no answer here.
The invariant: every other page and question of the survey has its answer in WHOLE, and so has every kind of answer that
a page can take.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    "stopping": Given({"stop_attempts": "few"}),
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

MODULES: dict[str, dict[str, Given]] = {
    "technology": {
        "tech_web": Given({"tp1_open_web": "yes"}),
        "tech_ways": Given(
            {"tp2_open_web_services": Missing.DONT_KNOW, "tp3_dark_web": ["news_media", "accident"]}
        ),
        "tech_search": Given({"tp4_search_social": ["none"], "tp6_search_messengers": Missing.REFUSED}),
        "tech_social": Given(
            {"tp5_view_social": ["reddit", "vk", "other"]}, {"tp5_view_social": "Vlimmerbook"}
        ),
        "tech_messengers": Given({"tp7_view_messengers": ["signal"]}),
    },
    "use": {
        "use_time": Given({"use_years": "years_3_5", "use_week": "up_to_1"}),
        "use_change": Given({"use_often": "less", "use_longer": "same", "use_severity": Missing.REFUSED}),
        "use_kinds": Given(
            {
                "use_ages": Missing.REFUSED,
                "use_sex": Missing.DONT_KNOW,
                "use_forms": ["photos", "another_kind"],
            }
        ),
    },
    "thoughts": {
        "thoughts_before": Given({"thoughts_pre": ["promised", "want_stop"], "thoughts_stop": "often"}),
        "thoughts_after": Given({"thoughts_post": ["need_help"], "thoughts_kept": ["family", "help_exists"]}),
    },
    "feelings": {
        "feelings_before": Given({"feel_rate_pre": 3, "feelings_pre": ["lonely", "ashamed"]}),
        "feelings_after": Given({"feel_rate_post": 0, "feelings_post": Missing.DONT_KNOW}),
    },
    "triggers": {
        "triggers_when": Given({"trig_situation": ["alone"], "trig_mood": "bad", "trig_time": ["night"]}),
        "triggers_why": Given({"trig_substances": "rarely", "trig_need": ["habit"]}),
    },
    "strategies": {
        "strategies_tried": Given(
            {"strat_tried": ["doing_else", "talking"], "strat_longest": "weeks", "strat_sure": 6}
        ),
        "strategies_worked": Given(
            {"strat_worked": ["talking", "other"], "strat_back": ["urge"]}, {"strat_worked": "zwillgarn"}
        ),
    },
    "barriers": {
        "barriers_fears": Given({"barr_know": "heard", "barr_main": "shame", "barr_fears": ["judged"]}),
        "barriers_easier": Given({"barr_treated": "well", "barr_easier": ["no_name", "respect"]}),
    },
    "contact": {
        "contact_worry": Given({"cont_worry": 2, "cont_worry_when": ["low"], "cont_safe": ["not_alone", "talk"]}),
        "contact_more": Given({"cont_kept": ["child_hurt", "wrong"], "cont_others": "no"}),
    },
    "wellbeing": {
        "wellbeing_now": Given(
            {"well_rate": 5, "well_lonely": "days_3_4", "well_sleep": "nights_0", "well_problems": ["none"]}
        ),
    },
    "about": {
        "about_you": Given({"about_age": "age_35_44", "about_gender": Missing.REFUSED, "about_before": "no"}),
    },
}  # fmt: skip

CLOSING: dict[str, Given] = {
    "closing": Given(
        {"wish_to_stop_after": 10},
        {"about_help": "Fenwickle helped: \U0001f6e4 100 %\nand so did a second line"},
    ),
    "last_page": Given({}, {"last_word": "Ask about brambulettes, too"}),
}


def answering(taken: Iterable[str] = (), other: str = "leave") -> dict[str, Given]:
    """Return the answers of somebody who takes these modules, and says `other` to every other offer."""
    given = dict(CORE)
    for module, pages in MODULES.items():
        takes = module in taken
        given[f"offer_{module}"] = Given({f"take_{module}": "take" if takes else other})
        given |= pages if takes else {}
    return given | CLOSING


WHOLE = answering(MODULES)
TAKEN = answering(["technology"])
LEFT = answering()
# Whoever ends at the first offer is offered no other, so that most of these are never asked.
ENDED = answering(other="end")


def codes(given: Mapping[str, Given]) -> dict[str, Codes]:
    """Return the codes of everything that was entered."""
    found: dict[str, Codes] = {}
    for page in given.values():
        for question in page.words:
            found[question] = ("written",) if question in ("about_help", "last_word") else ("other",)
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
