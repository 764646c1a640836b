"""How a meta-analysis looks: as lines for a terminal, as JSON, and as a page with its two pictures.

Words and layout alone; every number comes from `synthesis`. The invariant: what was not pooled is said as plainly as
what was, and every picture has its numbers in a table beside it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from offramp.desk.meta.effects import ADDED, Kind
from offramp.desk.meta.forest import axis_label, forest, funnel
from offramp.desk.meta.heterogeneity import FEWEST
from offramp.desk.meta.pooling import Coefficient, Pooled
from offramp.desk.meta.synthesis import Regression, Synthesis
from offramp.desk.press import printed

_FEW, _MANY = 5, 30


def _line_of(one: Pooled) -> dict[str, float]:
    first = one.first
    return {
        "estimate": first.estimate, "se": first.se, "ci_low": first.low, "ci_high": first.high, "p": first.p,
        "tau2": one.tau2, "i2": one.i2, "h2": one.h2, "q": one.q, "q_df": one.q_df, "q_p": one.q_p,
    }  # fmt: skip


def as_json(found: Synthesis) -> dict[str, Any]:
    """Return everything as one object. `i2` is in percent; effects of counts are logs of risk ratios."""
    low, high = found.pooled.prediction
    spread = found.heterogeneity
    return {
        **_line_of(found.pooled), "pi_low": low, "pi_high": high,
        "tau2_low": spread.tau2.low, "tau2_high": spread.tau2.high, "i2_low": spread.i2.low, "i2_high": spread.i2.high,
        "h2_low": spread.h2.low, "h2_high": spread.h2.high,
        "k": len(found.studies), "effect": found.kind.value, "method": found.method.value,
        "knapp_hartung": found.knapp_hartung, "design": found.design,
        "studies": [
            {"study": study.name, "yi": study.effect, "vi": study.variance, "weight": weight, "design": study.design,
             "risk_of_bias": study.risk_of_bias, "zero_cell": study.corrected}
            for study, weight in zip(found.studies, found.weights, strict=True)
        ],
        "not_pooled": [{"study": study.name, "reason": reason} for study, reason in found.left_out],
        "leave_one_out": [{"without": study.name, **_line_of(one)}
                          for study, one in zip(found.studies, found.without, strict=False)],
        "egger": found.egger and {"slope": found.egger.slope, "se": found.egger.se, "t": found.egger.t,
                                  "df": found.egger.df, "p": found.egger.p},
        "without_high_risk": found.without_high_risk
        and {"k": found.without_high_risk[0], **_line_of(found.without_high_risk[1])},
        "regression": found.regression and _regression(found.regression),
        "notes": list(notes(found)),
    }  # fmt: skip


def _regression(found: Regression) -> dict[str, Any]:
    return {
        "moderator": found.column, "q": found.q, "q_df": found.q_df, "q_p": found.q_p, "tau2": found.model.tau2,
        "coefficients": [{"name": one.name, "estimate": one.estimate, "se": one.se, "ci_low": one.low,
                          "ci_high": one.high, "p": one.p} for one in found.model.coefficients],
    }  # fmt: skip


def notes(found: Synthesis) -> Iterator[str]:
    """Yield what a reader must know before any of the figures."""
    if not found.design:
        yield "The table does not say how the studies were made (column “design”), so nothing was kept apart."
    elif found.design == "single-arm":
        yield "No study has a control group: what would have happened without a programme is not in these figures."
    corrected = [study.name for study in found.studies if study.corrected]
    if corrected:
        yield f"Because a count was 0, {ADDED} was added to all four counts of: {', '.join(corrected)}."
    if len(found.studies) < _FEW:
        yield f"{len(found.studies)} studies say little about how far effects differ; read them one by one."
    elif len(found.studies) < _MANY:
        yield "The prediction interval takes tau² for known, and is too narrow with as few studies as these."
    if not found.knapp_hartung:
        yield "The interval takes tau² for known. With few studies it is too narrow; --knapp-hartung mends that."
    if len(found.studies) < FEWEST:
        yield f"With fewer than {FEWEST} studies, no funnel and no regression tells anything about small studies."
    if not any(study.risk_of_bias for study in found.studies):
        yield "The risk of bias of no study is given (column “risk_of_bias”)."


def number(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 1e4 else f"{value:.4g}"


def chance(p: float) -> str:
    return f"{p:.4f}" if p >= 0.0001 else "below 0.0001"


def bounds(one: Coefficient) -> str:
    return f"{number(one.estimate)} [{number(one.low)}, {number(one.high)}]"


def ratio(found: Synthesis, one: Coefficient) -> str:
    """Return the risk ratio that a log stands for; nothing where effects are as they were given."""
    if found.kind is not Kind.LOG_RISK_RATIO:
        return ""
    estimate, low, high = (math.exp(value) for value in (one.estimate, one.low, one.high))
    return f"risk ratio {estimate:.3f} [{low:.3f}, {high:.3f}]"


def as_lines(found: Synthesis) -> list[str]:
    """Return what a terminal shows."""
    pooled, spread = found.pooled, found.heterogeneity
    low, high = pooled.prediction
    test = ", Knapp and Hartung" if found.knapp_hartung else ""
    lines = [
        f"{len(found.studies)} studies{f' ({found.design})' if found.design else ''}, {found.method.value}{test}",
        f"  pooled     {bounds(pooled.first)}  p {chance(pooled.first.p)}  {ratio(found, pooled.first)}".rstrip(),
        f"  prediction [{number(low)}, {number(high)}]",
        f"  tau²       {number(pooled.tau2)} [{number(spread.tau2.low)}, {number(spread.tau2.high)}]",
        f"  I²         {pooled.i2:.1f} % [{spread.i2.low:.1f}, {spread.i2.high:.1f}]",
        f"  H²         {number(pooled.h2)} [{number(spread.h2.low)}, {number(spread.h2.high)}]",
        f"  Q          {number(pooled.q)}, df {pooled.q_df}, p {chance(pooled.q_p)}",
    ]
    if found.egger:
        lines.append(
            f"  Egger      t {number(found.egger.t)}, df {found.egger.df}, p {chance(found.egger.p)}"
        )
    if found.without_high_risk:
        k, one = found.without_high_risk
        lines.append(f"  without studies at high risk of bias ({k}): {bounds(one.first)}")
    lines += [f"  without {study.name}: {bounds(one.first)}"
              for study, one in zip(found.studies, found.without, strict=False)]  # fmt: skip
    if found.regression:
        lines += [
            f"  on {one.name}: {bounds(one)}  p {chance(one.p)}"
            for one in found.regression.model.coefficients
        ]
    lines += [f"not pooled: {study.name} ({reason})" for study, reason in found.left_out]
    return [*lines, *(f"note: {note}" for note in notes(found))]


def as_html(found: Synthesis) -> str:
    """Return the page, its pictures inside."""
    return printed("meta.html",
        found=found, pooled=found.pooled, spread=found.heterogeneity, notes=list(notes(found)), number=number,
        chance=chance, bounds=bounds, ratio=ratio(found, found.pooled.first),
        forest=forest(found), funnel=funnel(found),
        label=axis_label(found), fewest=FEWEST,
        studies=list(zip(found.studies, found.weights, strict=True)),
        without=list(zip(found.studies, found.without, strict=False)),
    )  # fmt: skip
