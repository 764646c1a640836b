"""One page on which somebody reads a whole instrument in a language, beside the English, and signs for it.

Not here: whether the texts are complete (`step`). The invariant: everything that a respondent may meet of the
instrument stands on the page, with who is asked it; nothing is left out because it is asked of few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jinja2 import Environment, PackageLoader, StrictUndefined

from offramp.errors import refuse
from offramp.language import LANGUAGES, SOURCE, Language, Tag
from offramp.survey import Question, Survey
from offramp.translation.signature import standing, text_hash
from offramp.translation.source import Source
from offramp.translation.step import open_po


@dataclass(frozen=True, slots=True)
class Line:
    """One text: its key, the English, the translation (empty where there is none), and the mark of what it is."""

    key: str
    english: str
    translation: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """What stands together: a page or a question, who is asked it, and its texts."""

    level: int
    name: str
    routing: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Title:
    """What a proof is called, what stands on it, and the command by which somebody signs for it."""

    name: str
    whole: str
    command: str


SURVEY = "Everything that a respondent may meet of this instrument, beside the English, with who is asked it."


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one source in two languages, and which of them were put on the page."""

    english: Mapping[str, str]
    translated: Mapping[str, str]
    used: set[str] = field(default_factory=set)

    def lines(self, keys: Iterable[tuple[str, str]]) -> tuple[Line, ...]:
        found = [(key, mark) for key, mark in keys if key in self.english]
        self.used.update(key for key, _ in found)
        return tuple(Line(key, self.english[key], self.translated.get(key, ""), mark) for key, mark in found)


def proof(source: Source, tag: Tag) -> str:
    """Return the page as HTML that asks for nothing else. Refusal translation.no_survey."""
    if source.survey is None:
        raise refuse("translation.no_survey", source.name, "This is no survey.",
                     "Please name one; other texts are read in their sheets.")  # fmt: skip
    po = open_po(source.file(tag))
    translated = {entry.msgctxt: entry.msgstr for entry in po if not entry.obsolete}
    texts = Texts(source.texts, translated)
    groups = tuple(_groups(source.survey, texts))
    rest = texts.lines((key, "") for key in source.texts if key not in texts.used)
    return laid_out(
        Title(survey_title(source.survey), SURVEY, f"survey messages sign {tag} {source.name}"), LANGUAGES[tag], groups,
        rest, text_hash(source, po), standing(source, tag),
    )  # fmt: skip


def survey_title(survey: Survey) -> str:
    return f"{survey.slug}, version {survey.version}"


def laid_out(
    title: Title, tongue: Language, groups: Sequence[Group], rest: Sequence[Line], text_hash: str, signed: str
) -> str:
    """Return a proof as HTML that asks for nothing else; of the English itself, without a second column."""
    template = Environment(
        loader=PackageLoader("offramp.translation"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("proof.html")  # fmt: skip
    return template.render(title=title, tongue=tongue, groups=groups, rest=rest, hash=text_hash, signed=signed,
                           source=tongue.tag == SOURCE)  # fmt: skip


def _groups(survey: Survey, texts: Texts) -> Iterator[Group]:
    yield Group(
        2, "Consent", (), texts.lines((key, "") for key in ("title", "consent/purpose", "consent/topics"))
    )
    for page in survey.pages:
        routing = [f"part: {page.part.value}"] + ([f"module: {page.module}"] if page.module else [])
        keys = [f"page/{page.id}/title", f"page/{page.id}/intro"]
        if page.part.value == "offer":
            keys = [f"module/{page.module}/title", f"module/{page.module}/invite"]
        yield Group(2, page.id, tuple(routing), texts.lines((key, "") for key in keys))
        yield from (question_group(question, 3, texts) for question in page.questions)


def question_group(question: Question, level: int, texts: Texts) -> Group:
    """Return a question with what decides who is asked it."""
    notes = [question.kind.value]
    notes += [f"asked if: {question.relevant_text}"] if question.relevant_text else []
    notes += [f"asked of the sample “{question.sample}”"] if question.sample else []
    notes += ["answers in random order"] if question.random_order else []
    own = f"question/{question.id}/"
    marks = [(own + name, "") for name in ("text", "hint", "low", "high")]
    marks += [
        (option.text_key, "alone" if option.exclusive else option.id)
        for option in question.options
        if option.text_key
    ]
    return Group(level, question.id, tuple(notes), texts.lines(iter(marks)))
