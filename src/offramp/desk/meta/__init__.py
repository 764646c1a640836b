"""Meta-analysis of published studies: a table of studies in, a pooled effect with everything beside it out.

Needs numpy and scipy (`offramp[analysis]`). Not here: any answer of anybody; the law of the house is about those.
"""

from offramp.desk.meta.forest import forest, funnel
from offramp.desk.meta.pooling import Method, Pooled, pool
from offramp.desk.meta.studies import Design, read_studies
from offramp.desk.meta.synthesis import Synthesis, synthesise
from offramp.desk.meta.synthesispage import as_html, as_json, as_lines

__all__ = [
    "Design",
    "Method",
    "Pooled",
    "Synthesis",
    "as_html",
    "as_json",
    "as_lines",
    "forest",
    "funnel",
    "pool",
    "read_studies",
    "synthesise",
]
