"""The two pictures of a meta-analysis, as SVG: the forest of studies, and the funnel of small and large ones.

Black ink on white paper, told apart by shape and line and never by colour; nothing is fetched, nothing moves. Each has
a title and a description for those who hear it, and a table stands beside it (`synthesispage`).
The invariant: what is drawn lies on one scale, and a bound that leaves the picture ends in an arrow.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from offramp.desk.meta.effects import Kind, Study
from offramp.desk.meta.pooling import Coefficient
from offramp.desk.meta.synthesis import Synthesis

_NAMES, _PLOT, _FIGURES, _ROW = 230, 360, 250, 26
_WIDTH = _NAMES + _PLOT + _FIGURES
_Z = 1.959963984540054
_NAME_LENGTH = 32
_HEAD = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" '
    'aria-label="{title}" font-family="sans-serif" font-size="13" fill="#000"><title>{title}</title>'
    '<desc>{desc}</desc><rect width="{w}" height="{h}" fill="#fff"/>'
)
_LINE = Markup('<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="#000"{}/>')
_TEXT = Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}"{}>{}</text>')
_SHAPE = Markup('<polygon points="{}" fill="{}" stroke="#000"/>')
_DASHED = Markup(' stroke-dasharray="4 3"')
_THICK = Markup(' stroke-width="3"')
_BOLD = Markup(' font-weight="bold"')
_PLAIN = Markup("")


@dataclass(frozen=True, slots=True)
class Scale:
    """From effects to places in a picture."""

    low: float
    high: float
    left: float
    width: float

    def __call__(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        return self.left + (inside - self.low) / (self.high - self.low) * self.width

    @property
    def ticks(self) -> Sequence[float]:
        rough = (self.high - self.low) / 5
        power = 10 ** math.floor(math.log10(rough))
        step = next(power * times for times in (1, 2, 5, 10) if power * times >= rough)
        first = math.ceil(self.low / step)
        return [step * place for place in range(first, math.floor(self.high / step) + 1)]


def _scale(values: Sequence[float], left: float, width: float) -> Scale:
    low, high = min(0.0, *values), max(0.0, *values)
    room = (high - low) * 0.05 or 1.0
    return Scale(low - room, high + room, left, width)


def _axis(scale: Scale, y: float, label: str) -> Iterator[Markup]:
    yield _LINE.format(scale.left, y, scale.left + scale.width, y, _PLAIN)
    for tick in scale.ticks:
        yield _LINE.format(scale(tick), y, scale(tick), y + 5, _PLAIN)
        yield _TEXT.format(scale(tick), y + 19, "middle", _PLAIN, f"{tick:.2g}" if tick else "0")
    yield _TEXT.format(scale.left + scale.width / 2, y + 38, "middle", _PLAIN, label)


def _span(scale: Scale, y: float, low: float, high: float, style: Markup = _PLAIN) -> Iterator[Markup]:
    yield _LINE.format(scale(low), y, scale(high), y, style)
    for value, side in ((low, 1), (high, -1)):
        if not scale.low <= value <= scale.high:
            x = scale(value)
            yield _SHAPE.format(
                f"{x:.1f},{y:.1f} {x + 7 * side:.1f},{y - 4:.1f} {x + 7 * side:.1f},{y + 4:.1f}", "#000"
            )


def _bounds(estimate: float, low: float, high: float) -> str:
    return f"{estimate:.2f} [{low:.2f}, {high:.2f}]"


def axis_label(found: Synthesis) -> str:
    return (
        "Log risk ratio (below 0: fewer events in the first arm)"
        if found.kind is Kind.LOG_RISK_RATIO
        else "Effect"
    )


def forest(found: Synthesis) -> Markup:
    """Return the forest plot: each study with its interval and weight, the pooled effect, and the prediction."""
    one, (low, high) = found.pooled.first, found.pooled.prediction
    intervals = [_interval(study) for study in found.studies]
    scale = _reach(found, intervals)
    rows = len(found.studies)
    bottom = (rows + 3) * _ROW + 30
    told = f"{rows} studies with intervals. Pooled: {_bounds(one.estimate, one.low, one.high)}."
    drawn = [
        _HEAD.format(w=_WIDTH, h=bottom + 60, title="Forest plot", desc=told),
        _TEXT.format(8, 20, "start", _BOLD, "Study, risk of bias"),
        _TEXT.format(_WIDTH - 70, 20, "end", _BOLD, "Effect [95 %]"),
        _TEXT.format(_WIDTH - 8, 20, "end", _BOLD, "Weight"),
        _LINE.format(scale(0), 30, scale(0), bottom, _PLAIN),
        _LINE.format(scale(one.estimate), 30, scale(one.estimate), bottom - _ROW, _DASHED),
    ]
    for place, (study, weight, interval) in enumerate(
        zip(found.studies, found.weights, intervals, strict=True)
    ):
        drawn += _study(scale, _ROW * (place + 1) + 24, study, weight, interval)
    drawn += _diamond(scale, _ROW * (rows + 1) + 30, one)
    y = _ROW * (rows + 2) + 30
    drawn.append(_TEXT.format(8, y + 4, "start", _PLAIN, "A further study (prediction)"))
    drawn += _span(scale, y, low, high, _THICK)
    drawn.append(_TEXT.format(_WIDTH - 70, y + 4, "end", _PLAIN, f"[{low:.2f}, {high:.2f}]"))
    return Markup("").join([*drawn, *_axis(scale, bottom, axis_label(found)), Markup("</svg>")])


Three = tuple[float, float, float]


def _interval(study: Study) -> Three:
    effect, width = study.effect or 0.0, _Z * study.se
    return effect, effect - width, effect + width


def _reach(found: Synthesis, intervals: Sequence[Three]) -> Scale:
    """Return a scale for effects and prediction; a small study's interval that reaches very far ends in an arrow."""
    middle, prediction = found.pooled.first.estimate, found.pooled.prediction
    shown = [*prediction, *(effect for effect, _, _ in intervals)]
    span = 2 * max(abs(value - middle) for value in shown)
    bounds = [min(max(bound, middle - span), middle + span) for _, *both in intervals for bound in both]
    return _scale([*shown, *bounds], _NAMES, _PLOT)


def _study(scale: Scale, y: float, study: Study, weight: float, interval: Three) -> Iterator[Markup]:
    effect, low, high = interval
    risk = f", {study.risk_of_bias}" if study.risk_of_bias else ""
    room = _NAME_LENGTH - len(risk)
    name = study.name if len(study.name) <= room else study.name[: room - 1] + "…"
    yield _TEXT.format(8, y + 4, "start", _PLAIN, name + risk)
    yield from _span(scale, y, low, high)
    half, x = 3 + 6 * math.sqrt(weight), scale(effect)
    yield _SHAPE.format(_points((x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)),
                        "#000")  # fmt: skip
    yield _TEXT.format(_WIDTH - 70, y + 4, "end", _PLAIN, _bounds(*interval))
    yield _TEXT.format(_WIDTH - 8, y + 4, "end", _PLAIN, f"{100 * weight:.1f} %")


def _points(*points: tuple[float, float]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _diamond(scale: Scale, y: float, one: Coefficient) -> Iterator[Markup]:
    yield _TEXT.format(8, y + 4, "start", _BOLD, "Pooled")
    left, middle, right = (scale(value) for value in (one.low, one.estimate, one.high))
    yield _SHAPE.format(_points((left, y), (middle, y - 8), (right, y), (middle, y + 8)), "#fff")
    yield _TEXT.format(_WIDTH - 70, y + 4, "end", _BOLD, _bounds(one.estimate, one.low, one.high))


def funnel(found: Synthesis) -> Markup:
    """Return the funnel plot: effects beside their standard errors, and where 95 % would lie if all were alike."""
    width, height, top, bottom = 560, 420, 30, 350
    middle, deepest = found.pooled.first.estimate, max(study.se for study in found.studies) * 1.08
    effects = [study.effect or 0.0 for study in found.studies]
    edge = [middle - _Z * deepest, middle + _Z * deepest]
    scale = _scale([*effects, *edge], 70, width - 100)

    def down(se: float) -> float:
        return top + se / deepest * (bottom - top)

    drawn = [_HEAD.format(w=width, h=height, title="Funnel plot",
                          desc=f"{len(effects)} studies by effect and standard error.")]  # fmt: skip
    drawn += [_LINE.format(scale(middle), top, scale(side), bottom, _DASHED) for side in (*edge, middle)]
    drawn.append(_LINE.format(scale.left, top, scale.left, bottom, _PLAIN))
    for part in range(5):
        se = deepest * part / 4
        drawn.append(_LINE.format(scale.left - 5, down(se), scale.left, down(se), _PLAIN))
        drawn.append(_TEXT.format(scale.left - 8, down(se) + 4, "end", _PLAIN, f"{se:.2f}"))
    drawn.append(_TEXT.format(8, 18, "start", _PLAIN, "Standard error"))
    circle = Markup('<circle cx="{:.1f}" cy="{:.1f}" r="4" fill="#fff" stroke="#000"/>')
    drawn += [
        circle.format(scale(effect), down(study.se))
        for effect, study in zip(effects, found.studies, strict=True)
    ]
    return Markup("").join([*drawn, *_axis(scale, bottom, axis_label(found)), Markup("</svg>")])
