"""How often made-up respondents do what. Everything in this table is invented.

No figure here is taken from any study or says anything about anybody. Services are all equally likely, so that a
made-up report suggests nothing about any of them. Only the table lives here, keyed by the ids of questions and answers;
who reads it is `dummy`. The invariant: a question that is not named here is still answered, all its answers being
equally likely.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rates:
    """Chances of one respondent, per page or per question."""

    arabic: float = 0.3
    through_search: float = 0.35
    # Whoever has less of a wish to stop than this goes through the second door of a message, if it has one.
    needs_none: float = 0.0
    patient: float = 0.6
    leaves_if_patient: float = 0.012
    leaves_if_not: float = 0.16
    leaves_at_first: float = 0.05
    skips: float = 0.06
    rather_not: float = 0.05
    dont_know: float = 0.04
    never_used: float = 0.06
    # At the offer of a part. With each part that was taken, taking another becomes less likely, and ending more.
    takes_if_patient: float = 0.6
    takes_if_not: float = 0.3
    ends_if_patient: float = 0.03
    ends_if_not: float = 0.25
    tires: float = 0.04
    back: float = 0.05
    stale_tab: float = 0.03
    twice: float = 0.04
    switches: float = 0.015
    clashes: float = 0.03
    words_alone: float = 0.25
    words_beside: float = 0.03
    forgets_words: float = 0.04
    deletes: float = 0.02
    # Of those who only pass by, for each respondent who begins; what they click on is in `appeal`.
    passers_by: float = 0.8
    under_18: float = 0.12


@dataclass(frozen=True, slots=True)
class Leaning:
    """How answers weigh, by their ids, for somebody without and for somebody with a strong wish to stop.

    `more` is the chance of each further tick in a multiple choice.
    """

    without: Mapping[str, float]
    strong: Mapping[str, float]
    more: float = 0.35

    def weight(self, answer: str, wish: float) -> float:
        return (1 - wish) * self.without[answer] + wish * self.strong[answer]


# Answers of those who have never used or seen any; the others never give them.
NEVER = frozenset(("never_used", "never_seen", "once_never"))

# Question: answer, weight without a wish to stop, weight with a strong one.
_TABLE = """
wish_to_stop: 0 22 1, 1 14 1, 2 12 2, 3 10 3, 4 9 4, 5 14 11, 6 7 9, 7 5 13, 8 3 17, 9 2 15, 10 2 24
stop_attempts: no 60 14, once 18 22, few 12 38, many 4 22
first_age: age_0_9 10 14, age_10_12 22 27, age_13_15 25 25, age_16_17 15 13, age_18_24 16 12,
 age_25_34 7 5, age_35_up 3 2
first_way: accident 24 30, shown 9 14, made_to 3 5, adult_porn 22 20, curious 22 17, interest 12 8,
 work 3 2, other 3 2
frequency: none 12 20, rarely 17 20, monthly 21 20, weekly 20 18, often 20 15, daily 10 7
livestream: no 60 55, once 22 25, more 18 20
contact_sought: no 62 58, thought 20 26, online 12 11, in_person 3 3, both 3 2
fear_acts: never 45 14, rarely 20 17, sometimes 18 32, often 8 22, always 4 11
told_anyone: partner 2 9, family 1 4, friend 4 9, professional 1 10, helpline 1 5, faith 1 2,
 online 12 14, authority 1 2, other 2 3, nobody 72 40
help_sought: not_wanted 60 16, wanted 18 34, not_got 8 20, waiting 4 10, got_some 6 14, got 4 6
barriers: shame 14 20, fear_reported 14 17, fear_known 10 14, not_anonymous 10 8, not_knowing 8 12,
 none_near 4 5, language 3 4, cost 4 6, waiting_time 3 5, no_trust 8 5, bad_experience 3 5,
 own_way 10 4, other 2 2, nothing 3 2, not_wanted 12 1
help_useful: self_help 16 24, chat 10 16, phone 5 9, online_therapy 6 12, in_person 4 10, group 3 7,
 medicine 3 5, other_problems 8 12, blocking 6 11, information 9 11, other 2 2, none 28 2
tp1_open_web: yes 70 78, no 30 22
tp3_dark_web: search_engine 18 18, web_page 16 16, social_media 14 14, messenger 12 12,
 known_person 3 3, online_person 10 10, news_media 7 7, dark_web 9 9, accident 5 5, other 1 1,
 never 15 15
use_years: once_only 6 5, under_1_year 14 10, years_1_2 20 16, years_3_5 24 24, years_6_10 18 22,
 years_11_up 14 20
use_week: none 14 26, up_to_1 26 28, from_1_to_3 28 24, from_3_to_7 18 13, from_7_to_14 9 6,
 over_14 5 3
use_often: less 22 36, same 30 18, more 26 22, both 18 22
use_longer: less 20 32, same 36 26, more 24 20, both 16 18
use_severity: less 14 22, same 46 38, more 22 20, both 12 14
use_ages: age_0_3 4 4, age_4_11 16 16, age_12_13 30 30, age_14_17 50 50
use_sex: girls 34 34, more_girls 26 26, equal 18 18, more_boys 10 10, boys 12 12
use_forms: photos 40 40, videos 34 34, live 7 6, altered 12 12, generated 16 16, drawn 14 14,
 another_kind 2 2
use_live_year: none 44 52, once 22 22, few 24 19, many 10 7
thoughts_pre: only_once 10 18, only_looking 22 12, exists_anyway 18 8, nobody_knows 16 8,
 feel_better 14 14, cannot_help_it 8 18, wrong 8 22, child_hurt 4 12, caught 14 12, promised 3 18,
 regret 5 20, want_stop 2 20, other 1 1, none 22 8
thoughts_stop: never 40 3, rarely 26 10, sometimes 22 28, often 8 32, always 4 27
thoughts_post: never_again 8 28, wrong 8 24, child_hurt 4 14, caught 16 14, failed 4 26,
 wrong_with_me 8 20, need_help 3 20, not_so_bad 18 4, others_worse 10 4, see_more 16 5,
 push_away 14 16, other 1 1, none 24 4
thoughts_kept: child_hurt 12 22, caught 26 20, family 12 18, values 6 16, own_life 8 16, regret 6 18,
 passes 4 10, promised 3 14, help_exists 1 6, other 1 1, none 30 8
feel_rate_pre: 0 3 8, 1 3 8, 2 6 12, 3 9 15, 4 12 15, 5 22 16, 6 14 10, 7 12 7, 8 9 4, 9 5 3, 10 5 2
feelings_pre: lonely 18 26, bored 28 18, stressed 16 24, anxious 8 18, sad 8 18, angry 6 6,
 empty 10 18, hopeless 3 12, ashamed 3 14, guilty 2 12, disgusted 1 4, curious 18 8, excited 18 8,
 aroused 30 20, relieved 3 2, calm 6 3, content 4 1, other 1 1, none 12 3
feel_rate_post: 0 4 18, 1 4 16, 2 7 18, 3 9 15, 4 11 11, 5 24 10, 6 14 5, 7 11 3, 8 8 2, 9 4 1, 10 4 1
feelings_post: lonely 10 18, bored 10 4, stressed 6 14, anxious 10 22, sad 6 22, angry 3 12,
 empty 14 24, hopeless 4 18, ashamed 12 36, guilty 10 36, disgusted 4 24, curious 6 2, excited 8 2,
 aroused 8 3, relieved 18 8, calm 18 6, content 10 2, other 1 1, none 20 3
trig_situation: alone 40 40, nothing_to_do 26 18, argument 5 10, pressure 14 20, rejected 6 14,
 went_well 6 3, no_sleep 16 20, long_online 20 20, adult_porn 30 24, suggested 8 8, sent 6 6,
 near_children 3 3, other 1 1, none 12 5
trig_mood: bad 24 46, neutral 24 16, good 14 6, any 34 26
trig_time: morning 6 6, day 10 8, evening 26 26, night 44 48, none 22 16
trig_substances: never 46 40, rarely 20 20, sometimes 20 22, often 9 12, always 5 6
trig_need: relief 18 24, forget 10 22, comfort 8 18, less_lonely 8 16, excitement 26 14, sexual 36 24,
 curiosity 16 8, belonging 3 4, own_past 4 10, other 1 1, habit 16 18
strat_tried: deleting 12 32, blocking 3 12, less_online 6 18, no_device 3 12, not_alone 3 12,
 doing_else 8 26, waiting 6 20, think_children 5 18, think_cost 8 20, no_porn 4 14, sober 3 8,
 talking 2 8, self_help 2 14, helpline 1 8, therapy 2 10, medicine 1 3, group 1 3, faith 4 14,
 other 1 2, none 55 6
strat_longest: days 34 20, weeks 26 26, months 20 26, half_year 10 14, year 10 14
strat_sure: 0 24 8, 1 12 7, 2 11 9, 3 10 11, 4 8 10, 5 12 15, 6 6 11, 7 6 11, 8 4 9, 9 3 5, 10 4 4
strat_worked: deleting 8 14, blocking 4 8, less_online 8 14, no_device 6 12, not_alone 6 12,
 doing_else 12 20, waiting 8 12, think_children 6 14, think_cost 10 14, no_porn 6 12, sober 4 8,
 talking 3 10, self_help 3 12, helpline 1 8, therapy 3 12, medicine 1 4, group 1 4, faith 5 10,
 other 1 1, none 40 18
strat_back: urge 24 30, stress 14 24, lonely 10 22, low 8 22, bored 26 18, substances 5 7,
 one_time 12 18, accident 4 5, sent 3 4, lost_help 1 5, other 1 1, not_back 8 8, no_break 26 8
barr_know: no 60 44, heard 22 28, yes 12 16, used 4 12
barr_main: shame 12 20, fear_reported 26 28, fear_known 8 12, not_anonymous 6 6, not_knowing 5 8,
 none_near 2 3, language 1 2, cost 2 4, waiting_time 1 3, no_trust 5 3, bad_experience 1 3,
 own_way 10 4, other 1 1, nothing 4 3, not_wanted 20 2
barr_fears: police 34 36, record 20 20, lose_people 16 24, lose_children 5 8, lose_work 12 16,
 violence 5 7, judged 18 26, details 10 16, no_use 10 10, face_it 5 12, other 1 1, none 18 5
barr_treated: very_badly 6 7, badly 12 13, neither 26 22, well 22 28, very_well 6 10, no_answer 16 14,
 asked_nobody 12 8
barr_easier: no_name 30 34, told_before 14 22, no_details 12 14, writing 12 20, any_time 8 14,
 alone_first 10 16, expert 8 20, respect 10 20, free 12 20, no_wait 6 14, own_language 6 8, near 3 6,
 other 1 1, nothing 10 3, not_wanted 34 2
cont_worry: 0 40 18, 1 14 12, 2 12 12, 3 8 11, 4 6 9, 5 8 12, 6 4 8, 7 3 7, 8 2 5, 9 1 3, 10 2 3
cont_worry_when: after_use 10 22, near_children 6 10, alone 8 12, substances 5 8, low 6 14,
 stressed 6 12, something_else 3 3, always_same 6 6, no_worry 50 20
cont_safe: not_alone 12 22, not_online 8 16, leave 6 12, no_csam 6 20, sober 5 10, talk 2 8,
 therapy 2 9, medicine 1 3, something_else 8 8, not_knowing 4 14, nothing 40 12
cont_last: month 14 8, year 28 22, years_5 32 34, longer 26 36
cont_kept: child_hurt 24 34, wrong 20 30, law 24 22, family 14 20, help 1 8, no_chance 6 4,
 something_else 5 5, never_wanted 34 22, nothing 6 2
cont_others: no 58 62, once 12 14, sometimes 20 16, often 10 8
well_rate: 0 3 5, 1 4 7, 2 7 11, 3 10 14, 4 12 14, 5 18 17, 6 15 12, 7 13 9, 8 10 6, 9 5 3, 10 3 2
well_lonely: days_0 26 14, days_1_2 24 20, days_3_4 22 24, days_5_6 14 18, days_7 14 24
well_sleep: nights_0 26 16, nights_1_2 28 24, nights_3_4 22 26, nights_5_6 14 18, nights_7 10 16
well_problems: mental_health 18 34, close_people 14 24, withdrawal 12 24, adult_sex 14 20, work 8 14,
 sleep 12 16, substances 5 7, money 4 5, law 3 4, other 1 1, none 40 8
about_age: age_18_24 34 34, age_25_34 30 30, age_35_44 18 18, age_45_54 10 10, age_55_64 5 5,
 age_65_up 3 3
about_gender: man 84 84, woman 10 10, non_binary 4 4, other 2 2
about_before: no 72 72, part 14 14, once 10 10, more 4 4
wish_to_stop_after: 0 20 1, 1 12 1, 2 12 2, 3 10 2, 4 9 3, 5 15 10, 6 8 9, 7 6 13, 8 4 18, 9 2 16,
 10 2 25
"""


def _read_table(table: str) -> Mapping[str, Leaning]:
    leanings = {}
    for line in table.strip().replace("\n ", " ").splitlines():
        question, _, answers = line.partition(": ")
        rows = [answer.split() for answer in answers.split(", ")]
        without = {name: float(weight) for name, weight, _ in rows}
        leanings[question] = Leaning(without, {name: float(weight) for name, _, weight in rows})
    return leanings


LEANINGS = _read_table(_TABLE)


def leaning_of(question: str, answers: Sequence[str]) -> Leaning:
    """Return how these answers weigh; all the same where the table does not know them all."""
    known = LEANINGS.get(question)
    if known is None or not known.strong.keys() >= set(answers) - NEVER:
        known = Leaning(dict.fromkeys(answers, 1.0), dict.fromkeys(answers, 1.0))
    return known


WORDS = (
    "amber",
    "birch",
    "cedar",
    "dune",
    "ember",
    "fern",
    "grove",
    "heath",
    "iris",
    "juniper",
    "kelp",
    "lichen",
)
BENIGN = ("tea", "mountain", "pottery", "a recipe for bread")
