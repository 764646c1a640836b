"""Meta-analysis beside R's metafor, and how often its intervals hold the truth."""

from __future__ import annotations

import numpy as np
import pytest

from offramp.desk.meta import Method, Pooled, pool
from offramp.desk.meta.effects import log_risk_ratio
from offramp.desk.meta.heterogeneity import egger, leave_one_out, profile
from offramp.desk.meta.pooling import Sample, between
from tests.desk.recorded import closed, iterative, recorded

META = recorded("meta")
FITS = [(name, fit) for name in META["sets"] for fit in META["sets"][name]["fits"]]


def said(found: Pooled) -> dict[str, float]:
    one = found.first
    low, high = found.prediction
    return {
        "estimate": one.estimate, "se": one.se, "ci_low": one.low, "ci_high": one.high, "p": one.p,
        "tau2": found.tau2, "i2": found.i2, "h2": found.h2, "q": found.q, "q_df": found.q_df, "q_p": found.q_p,
        "pi_low": low, "pi_high": high,
    }  # fmt: skip


def arrays(name: str) -> tuple[np.ndarray, np.ndarray]:
    return np.array(META["sets"][name]["yi"]), np.array(META["sets"][name]["vi"])


@pytest.mark.parametrize(("name", "fit"), FITS)
def test_a_pooled_effect_is_that_of_metafor(name: str, fit: str) -> None:
    expected = dict(META["sets"][name]["fits"][fit])
    one_out = expected.pop("leave_one_out")
    method, test = fit.split()
    near = closed if method == "DL" else iterative
    effects, variances = arrays(name)
    found = said(pool(effects, variances, method=Method(method), knapp_hartung=test == "knha"))
    for key, value in expected.items():
        assert found[key] == near(value), key
    without = leave_one_out(effects, variances, Method(method), test == "knha")
    assert [each.first.estimate for each in without] == near(one_out["estimate"])
    assert [each.first.low for each in without] == near(one_out["ci_low"])
    assert [each.first.high for each in without] == near(one_out["ci_high"])
    assert [each.tau2 for each in without] == near(one_out["tau2"])


@pytest.mark.parametrize("name", META["sets"])
def test_heterogeneity_and_eggers_regression_are_those_of_metafor(name: str) -> None:
    expected = META["sets"][name]
    found, small = profile(*arrays(name)), egger(*arrays(name))
    for key, bounds in (("tau2", found.tau2), ("i2", found.i2), ("h2", found.h2)):
        assert [bounds.low, bounds.high] == iterative(expected[key]), key
    assert small is not None
    assert (small.slope, small.t, small.p, small.df) == closed(
        tuple(expected["egger"][key] for key in ("slope", "t", "p", "df"))
    )


def test_counts_become_log_risk_ratios_as_in_metafor() -> None:
    counts = META["zero"]["counts"]
    found = [log_risk_ratio(row["ai"], row["bi"], row["ci"], row["di"]) for row in counts]
    assert [effect for effect, _, _ in found] == closed(META["zero"]["yi"])
    assert [variance for _, variance, _ in found] == closed(META["zero"]["vi"])
    assert [corrected for _, _, corrected in found] == [
        0 in (row["ai"], row["bi"], row["ci"], row["di"]) for row in counts
    ]


@pytest.mark.parametrize("knapp_hartung", [False, True])
def test_a_meta_regression_is_that_of_metafor(knapp_hartung: bool) -> None:
    expected = META["regression"][str(knapp_hartung).upper()]
    moderator = np.array(META["bcg_counts"]["ablat"], dtype=float)
    x = np.column_stack([np.ones(len(moderator)), moderator])
    found = pool(*arrays("bcg"), x, ("intercept", "ablat"), knapp_hartung=knapp_hartung)
    for place, one in enumerate(found.coefficients):
        assert (one.estimate, one.se, one.p, one.low, one.high) == iterative(
            tuple(expected[key][place] for key in ("estimate", "se", "p", "low", "high"))
        )
    assert (found.tau2, found.i2, found.q) == iterative((expected["tau2"], expected["i2"], expected["q"]))


def test_reml_is_the_highest_point_of_its_likelihood_and_not_the_next_best() -> None:
    chance = np.random.default_rng(11)
    for _ in range(40):
        variances = chance.uniform(0.001, 0.4, 4)
        effects = chance.normal(0, np.sqrt(variances + chance.choice([0, 0.01, 0.3])))
        sample = Sample(effects, variances, np.ones((4, 1)))
        best = sample.likelihood(between(sample, Method.REML))
        assert best >= max(sample.likelihood(tau2) for tau2 in np.linspace(0, 3, 600)) - 1e-9


# -- coverage -------------------------------------------------------------------------------------------------------

ANALYSES = 2_000


def simulated(seed: int, studies: int, tau2: float) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """Return effects, variances and the true effect of one further study, about a true mean of -0.3."""
    chance, made = np.random.default_rng(seed), []
    for _ in range(ANALYSES):
        variances = chance.uniform(0.02, 0.12, studies)
        truths = chance.normal(-0.3, np.sqrt(tau2), studies + 1)
        made.append((chance.normal(truths[:-1], np.sqrt(variances)), variances, float(truths[-1])))
    return made


@pytest.mark.full
@pytest.mark.parametrize(
    ("method", "studies", "tau2"),
    [(Method.REML, 12, 0.2), (Method.DL, 20, 0.05), (Method.DL, 8, 0.2), (Method.PM, 12, 0.2)],
)
def test_intervals_of_knapp_and_hartung_hold_the_true_effect(
    method: Method, studies: int, tau2: float
) -> None:
    held = 0
    for effects, variances, _ in simulated(1, studies, tau2):
        one = pool(effects, variances, method=method, knapp_hartung=True).first
        held += one.low <= -0.3 <= one.high
    assert 0.94 <= held / ANALYSES <= 0.96


@pytest.mark.full
@pytest.mark.parametrize(("studies", "tau2"), [(8, 0.05), (20, 0.05)])
def test_the_q_profile_holds_the_true_variance_between_studies(studies: int, tau2: float) -> None:
    held = 0
    for effects, variances, _ in simulated(1, studies, tau2):
        bounds = profile(effects, variances).tau2
        held += bounds.low <= tau2 <= bounds.high
    assert 0.94 <= held / ANALYSES <= 0.96


@pytest.mark.full
def test_the_prediction_interval_of_many_studies_holds_the_effect_of_a_further_one() -> None:
    """With few studies it is too narrow, and the page says how much (docs/how-to/researcher.md)."""
    held = 0
    for effects, variances, further in simulated(1, 60, 0.2):
        low, high = pool(effects, variances, method=Method.DL, knapp_hartung=True).prediction
        held += low <= further <= high
    assert 0.94 <= held / ANALYSES <= 0.96
