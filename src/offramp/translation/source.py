"""The English texts that are translated, wherever in the content folder they stand, each with what it is.

Not here: the translations themselves (`step`). The invariant: the keys of a source are those that its own reader
asks every translation for, so that what is in step here is complete there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from offramp.desk import (
    Declared,
    frame_english,
    own_english,
    own_folder,
    read_findings,
    read_joint,
    read_rules,
)
from offramp.errors import Problem, Refusal, refuse
from offramp.gate import load_messages, notice_english
from offramp.language import SOURCE, Tag
from offramp.programme import read_programme
from offramp.survey import Survey, read_version
from offramp.web import read_directory, read_interface

_KINDS = {
    "title": "title", "intro": "introduction", "invite": "invitation", "text": "question", "hint": "hint",
    "low": "lower end of a scale", "high": "upper end of a scale", "about": "what it is about",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """One set of English texts; `contexts` say of each key what kind of text it is and what it belongs to."""

    name: str
    folder: Path
    texts: Mapping[str, str]
    contexts: Mapping[str, str]
    survey: Survey | None = None
    programme: Path | None = None
    """The folder of the programme that the texts belong to; they are signed together with its prose."""

    def file(self, tag: Tag) -> Path:
        return self.folder / f"{tag}.po"


def read_sources(content: Path) -> dict[str, Source]:
    """Return all sources of a content folder by name. Refusal: the English itself is not sound."""
    problems: list[Problem] = []
    sources: dict[str, Source] = {}
    readers: dict[str, Callable[[Path], Mapping[str, str]]] = {
        "interface": _interface,
        "programmes/interface": _interface,
        "messages": lambda folder: load_messages(folder, translated=False).texts,
        "notice": lambda folder: notice_english(folder).texts,
        "report": lambda folder: frame_english(folder).texts,
        "help": lambda folder: read_directory(folder, translated=False).notes[SOURCE].texts,
    }
    for home, read in readers.items():
        if (content / home).is_dir():
            try:
                texts, name = read(content / home), home.replace("/", "-")
                sources[name] = Source(
                    name, content / home / "locale", texts, {key: _plain(key) for key in texts}
                )
            except Refusal as refusal:
                problems += refusal.problems
    sources |= _of_surveys(content, problems)
    for definition in sorted((content / "programmes").glob("*/programme.toml")):
        try:
            sources |= {source.name: source for source in programme_sources(definition.parent)}
        except Refusal as refusal:
            problems += refusal.problems
    if problems:
        raise Refusal(problems)
    if not sources:
        raise refuse("translation.nothing", str(content), "Nothing here is translated.",
                     "Please name a content folder (with surveys, interface, messages or help).")  # fmt: skip
    return sources


def _of_surveys(content: Path, problems: list[Problem]) -> dict[str, Source]:
    """Return the sources of all surveys and of their findings; what is wrong joins `problems`."""
    sources: dict[str, Source] = {}
    for definition in sorted((content / "surveys").glob("*/survey.toml")):
        try:
            survey = read_version(definition.parent, translated=False)
        except Refusal as refusal:
            problems += refusal.problems
            continue
        sources[survey.slug] = _of_survey(survey, definition.parent / "locale")
        try:
            sources |= _of_findings(content, survey)
        except Refusal as refusal:
            problems += refusal.problems
    return sources


def _of_findings(content: Path, survey: Survey) -> dict[str, Source]:
    """Return what a survey declares for its report, where it declares anything."""
    declared = Declared(
        read_findings(content, survey), read_joint(content, survey), read_rules(content, survey)
    )
    texts = own_english(declared.findings, declared.joint, declared.rules).texts
    name = f"{survey.slug}-findings"
    source = Source(name, own_folder(content, survey), texts, {key: _plain(key) for key in texts})
    return {name: source} if texts else {}


def _interface(folder: Path) -> Mapping[str, str]:
    return read_interface(folder, translated=False)[SOURCE].texts


def programme_sources(folder: Path) -> tuple[Source, Source]:
    """Return the short strings of a programme, and its check-ins. Refusal: its English is not sound."""
    programme = read_programme(folder, translated=False)
    strings = _of_survey(programme.exercises, folder / "locale")
    check_in = _of_survey(programme.check_in, folder / "check-in" / "locale")
    return replace(strings, programme=folder), replace(check_in, programme=folder)


def _of_survey(survey: Survey, folder: Path) -> Source:
    texts = survey.catalogues[SOURCE].texts
    questions = {question.id: question for question in survey.questions}
    above = {
        question.matrix.id: texts[question.wording[0]] for question in survey.questions if question.matrix
    }
    contexts = {}
    for key, text in texts.items():
        parts = key.split("/")
        contexts[key] = _plain(key)
        if parts[0] == "question" and parts[1] in questions:
            question = questions[parts[1]]  # type: ignore[index]
            asked = texts.get(f"question/{parts[1]}/text", text)
            kind = "answer to choose" if "option" in parts else _KINDS.get(parts[-1], "text")
            about = "" if key.endswith("/text") else f" — to: {asked}"
            if question.matrix:
                kind, about = "row of a matrix", f" — below: {texts[question.wording[0]]}"
            shared = f" — in the words of {question.same_as}" if question.same_as else ""
            contexts[key] = f"{kind} ({question.kind.value}){about}{shared}"
        elif parts[0] == "question" and parts[1] in above:
            kind = "answer to choose in each row" if "option" in parts else "what stands above the rows"
            contexts[key] = f"{kind} (matrix)" + (f" — to: {above[parts[1]]}" if "option" in parts else "")
    return Source(survey.slug, folder, texts, contexts, survey)


def _plain(key: str) -> str:
    first, _, last = key.replace(".", "/").rpartition("/")
    kind = _KINDS.get(last, "text")
    return f"{kind} of {first}" if first else kind
