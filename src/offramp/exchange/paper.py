"""A survey on paper: every question of an instrument in one language, to be printed, filled in by hand or read.

Not here: making a PDF of it (the command line does, where WeasyPrint is installed). The invariant: the page asks for
nothing outside itself, and every code that can be answered stands on it beside its box.
"""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from offramp.exchange.outgoing import Labels
from offramp.language import LANGUAGES, Tag
from offramp.survey import Part, Survey


def paper(survey: Survey, tag: Tag, labels: Labels) -> str:
    """Return the printed form as HTML."""
    texts = survey.catalogues[tag]
    numbers = {question.id: number for number, question in enumerate(
        (q for page in survey.pages for q in page.questions if page.part is not Part.OFFER), 1)}  # fmt: skip

    page = Environment(
        loader=PackageLoader("offramp.exchange"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("paper.html")  # fmt: skip
    return page.render(
        survey=survey, texts=texts.texts, tongue=LANGUAGES[tag], numbers=numbers,
        label=lambda option: labels.option(survey, option, tag), word=lambda key: labels(f"page/{key}", tag),
    )  # fmt: skip
