"""Statistics as pure functions: numbers in, numbers out. Needs numpy and scipy (`offramp[analysis]`).

Every function is compared with R (tests/desk/r). What they return is exact and stays at the desk: a count of answers
leaves it only through the law of the house. All tests are exploratory; an interval is chance alone.
"""

from offramp.desk.statistics.change import Change, change
from offramp.desk.statistics.choices import Choices, choices
from offramp.desk.statistics.crosstab import Association, association
from offramp.desk.statistics.discovery import benjamini_hochberg
from offramp.desk.statistics.draws import Draw, drawn_share
from offramp.desk.statistics.predictors import Predictor
from offramp.desk.statistics.proportion import wilson
from offramp.desk.statistics.ranks import kendall, spearman
from offramp.desk.statistics.regression import Regression, logistic, multinomial, ordinal
from offramp.desk.statistics.trend import cochran_armitage

__all__ = [
    "Association",
    "Change",
    "Choices",
    "Draw",
    "Predictor",
    "Regression",
    "association",
    "benjamini_hochberg",
    "change",
    "choices",
    "cochran_armitage",
    "drawn_share",
    "kendall",
    "logistic",
    "multinomial",
    "ordinal",
    "spearman",
    "wilson",
]
