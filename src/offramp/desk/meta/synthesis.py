"""From a table of studies to all that is said of it: what is pooled, what is not and why, and what hangs on what.

Studies with a comparison and studies of a single arm are never pooled with each other: before and after in one arm is
another quantity than a difference between two. A meta-regression needs ten studies.
The invariant: every study of the table is either pooled or listed with the reason why not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from offramp.desk.meta.effects import Kind, Study
from offramp.desk.meta.heterogeneity import FEWEST, Egger, Heterogeneity, egger, leave_one_out, profile
from offramp.desk.meta.pooling import Method, Pooled, pool
from offramp.desk.meta.studies import COUNTS, EFFECT, Design, Studies
from offramp.errors import Problem, Refusal, refuse

HIGH = ("high", "serious", "critical")
NO_EFFECT = "no effect is given"


@dataclass(frozen=True, slots=True)
class Regression:
    """A meta-regression on one column, and the test that it has any part in it."""

    model: Pooled
    column: str
    q: float
    q_df: int
    q_p: float


@dataclass(frozen=True, slots=True)
class Synthesis:
    """All that is said of a table of studies."""

    kind: Kind
    method: Method
    knapp_hartung: bool
    design: str
    pooled: Pooled
    heterogeneity: Heterogeneity
    studies: tuple[Study, ...]
    weights: tuple[float, ...]
    left_out: tuple[tuple[Study, str], ...]
    without: tuple[Pooled, ...]
    egger: Egger | None
    without_high_risk: tuple[int, Pooled] | None
    regression: Regression | None


def synthesise(
    table: Studies, method: Method = Method.REML, knapp_hartung: bool = False, design: str = "", moderator: str = "",
) -> Synthesis:  # fmt: skip
    """Analyse a table. Refusals: meta.designs, .no_design, .too_few, .moderator, .too_few_for_moderator."""
    studies, left_out = _chosen(table, design)
    regression = _regression(table, studies, method, knapp_hartung, moderator) if moderator else None
    effects, variances = _arrays(studies)
    pooled = pool(effects, variances, method=method, knapp_hartung=knapp_hartung)
    weights = 1 / (variances + pooled.tau2)
    trusted = [study for study in studies if study.risk_of_bias not in HIGH]
    without_high = None
    if 2 <= len(trusted) < len(studies):
        without_high = len(trusted), pool(*_arrays(trusted), method=method, knapp_hartung=knapp_hartung)
    return Synthesis(
        table.kind, method, knapp_hartung, _design_of(studies), pooled, profile(effects, variances), tuple(studies),
        tuple(float(weight) for weight in weights / weights.sum()), tuple(left_out),
        leave_one_out(effects, variances, method, knapp_hartung), egger(effects, variances), without_high, regression,
    )  # fmt: skip


def _arrays(studies: Sequence[Study]) -> tuple[np.ndarray, np.ndarray]:
    return (
        np.array([study.effect for study in studies], dtype=float),
        np.array([study.variance for study in studies], dtype=float),
    )


def _family(design: str) -> str:
    """Return what a study may be pooled with: studies with a comparison with each other, others with their like."""
    return Design.CONTROLLED if design == Design.RANDOMISED else design


def _design_of(studies: Sequence[Study]) -> str:
    found = sorted({study.design for study in studies if study.design})
    return " and ".join(found)


def _chosen(table: Studies, design: str) -> tuple[list[Study], list[tuple[Study, str]]]:
    """Return the studies to pool, and the others with the reason."""
    studies = [study for study in table.studies if study.effect is not None]
    left_out = [(study, NO_EFFECT) for study in table.studies if study.effect is None]
    if design:
        wanted = [study for study in studies if _fits(study, design)]
        left_out += [(study, f"its design is {study.design or 'not said'}")
                     for study in studies if not _fits(study, design)]  # fmt: skip
        studies = wanted
    else:
        _refuse_mixture(studies)
    if len(studies) < 2:
        what = f" of design {design}" if design else ""
        number = {0: "no study", 1: "one study"}[len(studies)]
        raise refuse("meta.too_few", "studies", f"There is {number}{what} with an effect; nothing can be pooled.",
                     "Please either add studies, or report those that there are one by one, as they are.")  # fmt: skip
    return studies, left_out


def _fits(study: Study, design: str) -> bool:
    return study.design == design or (
        design == Design.CONTROLLED and _family(study.design) == Design.CONTROLLED
    )


def _refuse_mixture(studies: Sequence[Study]) -> None:
    if len({_family(study.design) for study in studies}) <= 1:
        return
    problems = []
    if len({_family(study.design) for study in studies if study.design}) > 1:
        problems.append(Problem("meta.designs", "studies", "Studies with a comparison stand beside studies of a single "
                                "arm; these are never pooled.", "Please choose either --design controlled, or "
                                "--design single-arm."))  # fmt: skip
    unsaid = [study.name for study in studies if not study.design]
    if unsaid:
        problems.append(Problem("meta.no_design", "studies", f"The design is not said of: {', '.join(unsaid)}.",
                                "Please either fill in the column “design”, or choose a design with --design, which "
                                "leaves these out."))  # fmt: skip
    raise Refusal(problems)


def _regression(
    table: Studies, studies: Sequence[Study], method: Method, knapp_hartung: bool, column: str
) -> Regression:
    """Fit a meta-regression; refuses below ten studies, and whatever is no number."""
    problems = []
    if len(studies) < FEWEST:
        problems.append(Problem("meta.too_few_for_moderator", f"--moderator {column}", f"There are {len(studies)} "
                                f"studies; a meta-regression needs {FEWEST}: with fewer it finds what is not there.",
                                "Please leave --moderator out."))  # fmt: skip
    usable = [name for name in table.columns if name not in ("study", *EFFECT, *COUNTS)]
    if column not in usable:
        problems.append(Problem("meta.moderator", f"--moderator {column}", "There is no such column.",
                                f"Please name one of: {', '.join(usable) or 'there is none'}."))  # fmt: skip
        raise Refusal(problems)
    values = []
    for study in studies:
        try:
            values.append(float(study.more.get(column, "")))
        except ValueError:
            problems.append(Problem("meta.moderator", f"{study.name}, {column}",
                                    f"“{study.more.get(column, '')}” is no number.",
                                    "Please give a number for each study that is pooled."))  # fmt: skip
    if values and not problems and (len(set(values)) == 1 or not np.isfinite(values).all()):
        problems.append(Problem("meta.moderator", f"--moderator {column}", "All studies have the same value, or one is "
                                "infinite.", "Please choose a column in which studies differ."))  # fmt: skip
    if problems:
        raise Refusal(problems)
    x = np.column_stack([np.ones(len(values)), values])
    model = pool(*_arrays(studies), x, ("intercept", column), method, knapp_hartung)
    slope = model.coefficients[1]
    square = (slope.estimate / slope.se) ** 2
    p = float(stats.f.sf(square, 1, model.q_df) if knapp_hartung else stats.chi2.sf(square, 1))
    return Regression(model, column, square, 1, p)
