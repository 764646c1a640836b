"""From a folder (programme.toml, locale, text, check-in) to a sound `Programme`, or all that is wrong with it.

Reads the folder's files, and the words that nobody says; nothing else. Not here: what a programme is (definition).
The invariant: whatever passes has every text in every language that it names, and every fault is found in one reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from offramp.errors import Problem, Refusal
from offramp.language import (
    LANGUAGES,
    SOURCE,
    Catalogue,
    Language,
    Look,
    read_translation,
    source_catalogue,
)
from offramp.programme.checkin import check_in_faults
from offramp.programme.definition import Programme
from offramp.programme.record import FILE, read_record
from offramp.programme.structure import StructureReader
from offramp.programme.texts import language_faults, read_texts
from offramp.programme.tone import read_tone
from offramp.programme.wording import level_faults, tone_faults
from offramp.survey import Survey, alike_answers, read_newest, unlike_english
from offramp.tables import Table, read_toml

DEFINITION, CHECK_IN, ADAPTATION, WORDS = "programme.toml", "check-in", "adaptation.md", "words.toml"


def read_programmes(content: Path, strictly: bool = False) -> dict[str, Programme]:
    """Return all programmes of a content folder by slug; none where there is none. Refusal: all faults at once."""
    programmes: dict[str, Programme] = {}
    problems: list[Problem] = []
    for folder in sorted(path.parent for path in content.glob(f"programmes/*/{DEFINITION}")):
        try:
            programmes[folder.name] = read_programme(folder, strictly)
        except Refusal as refusal:
            problems.extend(refusal.problems)
    if problems:
        raise Refusal(problems)
    return programmes


def read_programme(folder: Path, strictly: bool = False, translated: bool = True) -> Programme:
    """Return the programme in `folder`, in English alone where its translations are not `translated` yet.

    Refusal: every fault of its structure, prose and languages; `strictly` also asks how all of it is worded.
    """
    reading = _Reading(folder.resolve(), strictly, translated)
    reading.languages()
    if strictly:
        reading.wording()
    return reading.made()


class _Reading:
    """One reading of a folder; what it reads is as sound as `problems` says."""

    def __init__(self, folder: Path, strictly: bool, translated: bool) -> None:
        self.folder, self.name, self.strictly = folder, folder.name, strictly
        self.problems: list[Problem] = []
        place = f"{self.name}/{DEFINITION}"
        self.reader = StructureReader(Table(read_toml(folder / DEFINITION), place, self.problems), self.name)
        self.modules = self.reader.read()
        self.worksheets = self.reader.worksheets(self.modules)
        self.steps = [step for module in self.modules for step in module.steps]
        self.tags = (SOURCE, *self.reader.languages) if translated else (SOURCE,)
        self.check_in = self._check_in(translated)
        asked = tuple(question.id for question in self.check_in.questions) if self.check_in else ()
        self.reader.questions.finish(self.reader.root, asked)
        self.catalogues = {SOURCE: source_catalogue(self.reader.texts, self.reader.state)}
        self.prose = {tag: read_texts(folder, tag, self.steps, self.problems) for tag in self.tags}
        records = {tag: f"{self.name}/text/{tag}/{FILE}" for tag in self.tags}
        self.records = {
            tag: read_record(folder / "text" / tag / FILE, place, self.problems)
            for tag, place in records.items()
        }
        if translated:
            self.problems.extend(self._left_over())

    def _check_in(self, translated: bool) -> Survey | None:
        where = self.folder / CHECK_IN
        tags = self.tags
        try:
            survey = read_newest(where, translated)
        except Refusal as refusal:
            self.problems += [replace(p, place=self._below(p.place)) for p in refusal.problems]
            try:
                # Its English may be sound, and then what else is wrong with it can be told at once.
                survey, tags = read_newest(where, translated=False), (SOURCE,)
            except Refusal:
                return None
        place = f"{self.name}/{CHECK_IN}/survey.toml"
        self.problems.extend(check_in_faults(place, self.reader.slug, self.steps, survey, tags))
        return survey

    def _below(self, place: str) -> str:
        inside = place.removeprefix(f"{self.folder}/").removeprefix(f"{CHECK_IN}/")
        file = inside.partition(",")[0]
        home = "locale/" if file.endswith(".po") and "/" not in file else ""
        return f"{self.name}/{CHECK_IN}/{home}{inside}"

    def _left_over(self) -> Iterator[Problem]:
        """Yield the files of languages that the programme does not name, and of an adaptation that nobody wrote."""
        named = {str(tag) for tag in self.tags}
        homes = [path for path in sorted((self.folder / "text").glob("*")) if path.name not in named]
        for path in [
            *homes,
            *(po for po in sorted((self.folder / "locale").glob("*.po")) if po.stem not in named),
        ]:
            yield Problem("programme.foreign_language", f"{self.name}/{path.parent.name}/{path.name}",
                          "The programme does not name this language.",
                          f"Please add it to languages in {DEFINITION}, or remove it.")  # fmt: skip
        path = self.folder / ADAPTATION
        said = path.read_text(encoding="utf-8") if path.exists() else ""
        for tag in self.tags[1:]:
            if f"({tag})" not in said and LANGUAGES[tag].name not in said:
                yield Problem("programme.adaptation", f"{self.name}/{ADAPTATION}",
                              f"Nothing says what was changed for “{tag}”.",
                              f"Please write a heading for ({tag}), and below it what, and why.")  # fmt: skip

    def languages(self) -> None:
        """Read the translations of strings, and compare the prose of each language with the English."""
        broken = bool(self.problems)
        for tag in self.tags[1:]:
            path = self.folder / "locale" / f"{tag}.po"
            try:
                self.catalogues[tag] = read_translation(path, self.reader.texts, self._look(path.name))
            except Refusal as refusal:
                # What a broken table would have asked for is not known, so neither is which keys are too many.
                kept = [p for p in refusal.problems if not (broken and p.code == "language.unknown_key")]
                self.problems += [
                    replace(p, place=f"{self.name}/locale/{p.place.removeprefix(f'{path.parent}/')}")
                    for p in kept
                ]
            self.problems.extend(
                language_faults(self.name, tag, self.prose, self.records[tag], self.strictly)
            )

    def _look(self, file: str) -> Look:
        def look(language: Language, texts: Mapping[str, str]) -> Iterator[Problem]:
            if self.strictly:
                yield from unlike_english(file, language, texts, self.reader.texts)
                yield from alike_answers(file, texts, tuple(self.reader.questions.pages))

        return look

    def wording(self) -> None:
        """Look at how all of it is worded, in every language that could be read."""
        tones = read_tone(self.folder.parent / WORDS, self.problems)
        pages = {str(page.id): page for page in self.reader.questions.pages}
        for tag in self.tags:
            strings = self.catalogues[tag].texts if tag in self.catalogues else {}
            places = {f"{self.name}/{DEFINITION}, {tag}, {key}": text for key, text in strings.items()}
            for step, prose in self.prose[tag].items():
                for number, block in enumerate(prose.blocks, 1):
                    places[f"{self.name}/text/{tag}/{step}.md, block {number}"] = " ".join(block.spoken)
            asked = (
                self.check_in.catalogues[tag].texts
                if self.check_in and tag in self.check_in.catalogues
                else {}
            )
            places |= {f"{self.name}/{CHECK_IN}, {tag}, {key}": text for key, text in asked.items()}
            self.problems.extend(tone_faults(tag, tones.get(tag), places))
            self.problems.extend(level_faults(self.name, tag, self.steps, self.prose[tag], pages, strings))

    def made(self) -> Programme:
        """Return the programme, each language in the state that its signature bears out. Refusal: any problem."""
        if self.problems or self.check_in is None:
            raise Refusal(self.problems)
        reader = self.reader
        exercises = Survey(
            reader.slug, reader.version, tuple(reader.questions.pages), (), 0, False, (), self.catalogues
        )
        programme = Programme(reader.slug, reader.version, reader.keep_months, self.modules, self.worksheets, exercises,
                              self.check_in, self.catalogues, self.prose)  # fmt: skip
        hashes = {tag: programme.text_hash(tag) for tag in self.tags}
        states = {tag: self.records[tag].state(hashes[tag]) for tag in self.tags}
        states[SOURCE] = min(states[SOURCE], reader.state)
        catalogues = {tag: Catalogue(c.language, c.texts, states[tag]) for tag, c in self.catalogues.items()}
        signed = {tag: self.records[tag].standing(hashes[tag]) for tag in self.tags}
        return replace(programme, exercises=replace(exercises, catalogues=catalogues), catalogues=catalogues,
                       signed=signed)  # fmt: skip
