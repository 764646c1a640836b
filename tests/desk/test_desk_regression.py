"""Regressions and before/after beside R's (glm, polr, multinom, survey, car), and the coverage of intervals."""

from __future__ import annotations

import math
from itertools import chain

import numpy as np
import pytest

from offramp.desk.statistics import Draw, Predictor, Regression, change, logistic, multinomial, ordinal
from offramp.errors import Fault, Refusal
from tests.desk.recorded import closed, iterative, recorded

MODELS = recorded("models")
LEVELS = {
    "Class": ("1st", "2nd", "3rd", "Crew"), "Sex": ("Male", "Female"), "Age": ("Child", "Adult"),
    "Infl": ("Low", "Medium", "High"), "Type": ("Tower", "Apartment", "Atrium", "Terrace"), "Cont": ("Low", "High"),
}  # fmt: skip
SATISFIED = ("Low", "Medium", "High")


def expanded(table: str, answer: str, names: tuple[str, ...]) -> tuple[list[str], list[Predictor]]:
    """Return one entry for each case of a table of counts."""
    data = MODELS[table]

    def column(name: str) -> list[str]:
        return list(chain(*([value] * n for value, n in zip(data[name], data["Freq"], strict=True))))

    return column(answer), [Predictor(name, tuple(column(name)), LEVELS[name]) for name in names]


TITANIC = expanded("titanic", "Survived", ("Class", "Sex", "Age"))
HOUSING = expanded("housing", "Sat", ("Infl", "Type", "Cont"))


def births() -> tuple[list[str], list[Predictor]]:
    data = MODELS["births"]
    numbers = {name: Predictor(name, tuple(map(float, data[name]))) for name in ("age", "lwt", "smoke")}
    race = Predictor("race", tuple(data["race"]), ("white", "black", "other"))
    return list(map(str, data["low"])), [numbers["age"], numbers["lwt"], race, numbers["smoke"]]


def test_logistic_regression_is_that_of_glm() -> None:
    expected, found = MODELS["titanic"]["fit"], logistic(TITANIC[0], "Yes", TITANIC[1])
    assert [one.estimate for one in found.terms] == iterative(expected["estimate"])
    assert [one.se for one in found.terms] == iterative(expected["se"])
    assert [one.p for one in found.terms] == iterative(expected["p"])
    assert [[one.interval.low, one.interval.high] for one in found.terms] == [
        iterative(row) for row in expected["bounds"]
    ]
    assert -2 * found.log_likelihood == iterative(expected["deviance"])
    assert -2 * found.null_log_likelihood == iterative(expected["null"])
    assert found.term("Sex: Female").odds_ratio == iterative(math.exp(expected["estimate"][4]))
    assert found.n == 2201
    assert found.df is None


def test_numbers_and_categories_and_their_inflation_are_those_of_r() -> None:
    answers, predictors = births()
    found, expected = logistic(answers, "1", predictors), MODELS["births"]
    assert [one.estimate for one in found.terms] == iterative(expected["fit"]["estimate"])
    assert [one.se for one in found.terms] == iterative(expected["fit"]["se"])
    assert [each.gvif for each in found.diagnosis.inflation] == closed(expected["gvif"])
    assert found.diagnosis.events_per_column == pytest.approx(59 / 5)
    assert found.diagnosis.warnings == ()


def test_ordinal_regression_is_that_of_polr_and_brants_test_that_of_car() -> None:
    found, expected = ordinal(HOUSING[0], SATISFIED, HOUSING[1]), MODELS["housing"]
    assert [one.estimate for one in found.terms] == iterative(expected["ordinal"]["estimate"])
    assert [one.se for one in found.terms] == iterative(expected["ordinal"]["se"])
    assert [one.estimate for one in found.thresholds] == iterative(expected["ordinal"]["thresholds"])
    assert [one.se for one in found.thresholds] == iterative(expected["ordinal"]["threshold_se"])
    assert [one.name for one in found.thresholds] == ["Low | Medium", "Medium | High"]
    assert found.log_likelihood == iterative(expected["ordinal"]["log_likelihood"])
    checked = found.diagnosis.proportional
    assert checked is not None
    assert (checked.chi_square, checked.df) == iterative(
        (expected["brant"]["chi_square"], expected["brant"]["df"])
    )
    assert [value for _, value, _ in checked.columns] == iterative(expected["brant"]["columns"])


def test_multinomial_regression_is_that_of_nnet() -> None:
    found, expected = multinomial(HOUSING[0], SATISFIED, HOUSING[1]), MODELS["housing"]["multinomial"]
    assert [one.estimate for one in found.terms] == iterative(list(chain(*expected["estimate"])))
    assert [one.se for one in found.terms] == iterative(list(chain(*expected["se"])))
    assert found.log_likelihood == iterative(expected["log_likelihood"])
    assert found.term("Cont: High", "High").answer == "High"


def schools(answer: str) -> tuple[list[str], list[Predictor], Draw]:
    data = MODELS["schools"]
    predictors = [Predictor(name, tuple(map(float, data[name]))) for name in ("meals", "ell")]
    return list(map(str, data[answer])), predictors, Draw(tuple(data["shares"]))


def test_weighted_regressions_are_those_of_survey() -> None:
    answers, predictors, draw = schools("met")
    found, expected = logistic(answers, "1", predictors, draw), MODELS["schools"]["logit"]
    assert [one.estimate for one in found.terms] == iterative(expected["estimate"])
    assert [one.se for one in found.terms] == iterative(expected["se"])
    assert [one.p for one in found.terms] == iterative(expected["p"])
    assert found.df == len(answers) - 3
    answers, predictors, draw = schools("band")
    ranked, expected = (
        ordinal(answers, ("low", "middle", "high"), predictors, draw),
        MODELS["schools"]["ordinal"],
    )
    assert [one.estimate for one in ranked.terms] == iterative(expected["estimate"])
    assert [one.se for one in ranked.terms] == iterative(expected["se"])


def test_a_draw_with_one_share_for_all_changes_no_odds_ratio() -> None:
    answers, predictors, _ = schools("band")
    plain = multinomial(answers, ("low", "middle", "high"), predictors)
    halved = multinomial(answers, ("low", "middle", "high"), predictors, Draw((0.5,) * len(answers)))
    assert [one.estimate for one in halved.terms] == iterative([one.estimate for one in plain.terms])


# -- what speaks against a model ------------------------------------------------------------------------------------

SIDE = Predictor("side", ("a", "a", "a", "b", "b", "b"), ("a", "b"))
DOSE = Predictor("dose", (1.0, 2.0, 3.0, 4.0, 5.0, 6.0))


def codes(answers: list[str], predictors: list[Predictor]) -> tuple[str, ...]:
    with pytest.raises(Refusal) as found:
        logistic(answers, "yes", predictors)
    return found.value.codes


def test_separation_is_found_whether_whole_or_in_part() -> None:
    whole = ["no", "no", "no", "yes", "yes", "yes"]
    assert codes(whole, [SIDE]) == codes(whole, [DOSE]) == ("regression.separated",)
    part = ["no", "no", "no", "no", "yes", "yes"]
    with pytest.raises(Refusal, match=r"side: b") as found:
        logistic(part, "yes", [SIDE])
    assert found.value.codes == ("regression.separated",)
    with pytest.raises(Refusal, match=r"dose"):
        ordinal(["lo", "lo", "mid", "mid", "hi", "hi"], ("lo", "mid", "hi"), [DOSE])
    with pytest.raises(Refusal, match=r"dose \(yes\)"):
        multinomial(["no", "no", "no", "yes", "yes", "yes"], ("no", "yes"), [DOSE])
    mixed = ["no", "yes", "no", "yes", "no", "yes"]
    assert logistic(mixed, "yes", [SIDE, DOSE]).n == 6


def test_what_says_nothing_is_refused_all_at_once() -> None:
    mixed = ["no", "yes", "no", "yes", "no", "yes"]
    same = Predictor("same", (1.0,) * 6)
    unused = Predictor("unused", SIDE.values, ("a", "b", "c"))
    assert codes(mixed, [same, unused]) == ("regression.constant", "regression.constant")
    assert codes(["no"] * 6, [same]) == ("regression.answers", "regression.constant")
    twice = Predictor("twice", tuple(2 * float(value) for value in DOSE.values))
    assert codes(mixed, [DOSE, twice]) == ("regression.dependent",)
    with pytest.raises(Refusal, match="Nobody gave: rare"):
        ordinal(mixed, ("no", "yes", "rare"), [DOSE])


def test_few_events_and_predictors_that_say_the_same_are_warned_of() -> None:
    chance = np.random.default_rng(2)
    one = chance.normal(size=60)
    other = one + chance.normal(scale=0.1, size=60)
    answers = ["yes" if value < 0.2 else "no" for value in chance.random(60)]
    found = logistic(answers, "yes", [Predictor("one", tuple(one)), Predictor("other", tuple(other))])
    told = " ".join(found.diagnosis.warnings)
    assert "few events" in told
    assert "one is largely said by other predictors" in told


def test_odds_that_are_not_proportional_are_warned_of() -> None:
    chance = np.random.default_rng(4)
    group = chance.random(2_000) < 0.5
    first = chance.random(2_000) < np.where(group, 0.2, 0.5)
    second = chance.random(2_000) < np.where(group, 0.8, 0.4)
    answers = ["lo" if a else "hi" if b else "mid" for a, b in zip(first, second, strict=True)]
    found = ordinal(answers, ("lo", "mid", "hi"), [Predictor("group", tuple(map(float, group)))])
    assert any("not proportional" in warning for warning in found.diagnosis.warnings)


def test_lengths_have_to_agree() -> None:
    with pytest.raises(Fault):
        logistic(["yes", "no"], "yes", [DOSE])
    with pytest.raises(Fault):
        multinomial(["yes", "odd"], ("yes", "no"), [Predictor("x", (1.0, 2.0))])


# -- before and after ---------------------------------------------------------------------------------------------


def test_before_and_after_are_those_of_r_with_the_random_half_beside_them() -> None:
    data = MODELS["change"]
    asked = [*zip(data["before"], data["after"], strict=True), (3.0, None), (None, 4.0)]
    found = change(asked, [*data["others"], None])
    for name, one in (("paired", found.paired), ("between", found.between), ("asking", found.asking)):
        assert one is not None
        assert (one.value, one.se, one.interval.low, one.interval.high, one.p) == closed(
            tuple(data[name][key] for key in ("value", "se", "low", "high", "p"))
        ), name
    assert found.paired is not None
    assert found.paired.n == (10,)
    assert found.between is not None
    assert found.between.n == (8, 10)


def test_a_change_of_nobody_is_none() -> None:
    nobody = change([(1.0, None)], [])
    assert (nobody.paired, nobody.between, nobody.asking) == (None, None, None)
    assert change([(1.0, 2.0), (2.0, 3.0)], [1.0, 1.0]).paired is None


# -- coverage -------------------------------------------------------------------------------------------------------

STUDIES = 2_000


def held(found: Regression, name: str, truth: float, answer: str = "") -> bool:
    one = found.term(name, answer)
    return one.interval.low <= math.exp(truth) <= one.interval.high


LATENT, MULTI = 0.5, 0.4


def one_study(chance: np.random.Generator, model: str) -> bool:
    """Say whether a simulated study's interval holds the true odds ratio."""
    x = chance.normal(size=160)
    predictors = [Predictor("x", tuple(x.tolist()))]
    if model == "multinomial":
        powers = np.column_stack([np.ones(160), np.exp(0.2 + MULTI * x), np.exp(-0.3 * x)])
        edges = (powers / powers.sum(axis=1, keepdims=True)).cumsum(axis=1)
        named = [("a", "b", "c")[place] for place in (chance.random(160)[:, None] > edges).sum(axis=1)]
        return held(multinomial(named, ("a", "b", "c"), predictors), "x", MULTI, "b")
    latent = LATENT * x + chance.logistic(size=160)
    if model == "logistic":
        return held(logistic(["yes" if v > 0.4 else "no" for v in latent], "yes", predictors), "x", LATENT)
    graded = [("lo", "mid", "hi")[int(v > -0.5) + int(v > 1)] for v in latent]
    return held(ordinal(graded, ("lo", "mid", "hi"), predictors), "x", LATENT)


@pytest.mark.full
@pytest.mark.parametrize("model", ["logistic", "ordinal", "multinomial"])
def test_odds_ratios_have_the_coverage_that_they_say(model: str) -> None:
    chance = np.random.default_rng(1)
    hits = sum(one_study(chance, model) for _ in range(STUDIES))
    assert 0.94 <= hits / STUDIES <= 0.96


@pytest.mark.full
def test_a_change_between_halves_has_the_coverage_that_it_says() -> None:
    chance, hits = np.random.default_rng(1), 0
    for _ in range(STUDIES):
        before = chance.integers(0, 11, 200).astype(float)
        found = change(
            list(zip(before, before + 1, strict=True)), (chance.integers(0, 11, 200) * 0.8 + 2).tolist()
        )
        assert found.between is not None
        hits += found.between.interval.low <= 1.0 <= found.between.interval.high
    assert 0.94 <= hits / STUDIES <= 0.96
