"""A whole programme to be read and signed: strings, prose block by block, check-ins and worksheets on one page.

Not here: which texts a signature covers (offramp.programme says). The invariant: every text of the programme stands on
the page once, beside its English, with what decides who meets it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polib
from markupsafe import Markup

from offramp.errors import refuse
from offramp.language import LANGUAGES, SOURCE, Tag
from offramp.programme import Programme, Step, StepKind, read_programme, sign_texts
from offramp.translation.proof import Group, Line, Texts, Title, laid_out, question_group
from offramp.translation.signature import sign, signature
from offramp.translation.source import programme_sources

_WHOLE = "Everything that a participant may meet of this programme, beside the English, with who is shown it."


def programme_proof(folder: Path, tag: Tag) -> str:
    """Return the page as HTML. Refusals: translation.no_language, and everything that is wrong with the programme."""
    programme = _in(read_programme(folder), folder, tag)
    strings = Texts(programme.catalogues[SOURCE].texts, programme.catalogues[tag].texts)
    asked = Texts(programme.check_in.catalogues[SOURCE].texts, programme.check_in.catalogues[tag].texts)
    groups = [
        Group(2, "The programme", (f"journals are kept for {programme.keep_months} months",),
              strings.lines((("title", ""), ("about", "")))),
        *(group for module in programme.modules for group in _module(programme, module.id, strings, asked, tag)),
        *_worksheets(programme, strings),
        Group(2, "Consent to send check-ins to researchers", (),
              asked.lines((key, "") for key in ("title", "consent/purpose", "consent/topics"))),
    ]  # fmt: skip
    rest = [line for texts in (strings, asked)
            for line in texts.lines((key, "") for key in texts.english if key not in texts.used)]  # fmt: skip
    title = Title(f"{programme.slug}, version {programme.version}", _WHOLE, f"programme sign {tag}")
    return laid_out(
        title, LANGUAGES[tag], groups, rest, programme.text_hash(tag), programme.signed.get(tag, "")
    )


def _in(programme: Programme, folder: Path, tag: Tag) -> Programme:
    if tag not in programme.catalogues:
        raise refuse("translation.no_language", str(folder), f"The programme is not there in “{tag}”.",
                     f"Please use one of: {', '.join(programme.catalogues)}.")  # fmt: skip
    return programme


def _module(programme: Programme, module: str, strings: Texts, asked: Texts, tag: Tag) -> Iterator[Group]:
    yield Group(
        2,
        f"Module {module}",
        (),
        strings.lines((f"module/{module}/{part}", "") for part in ("title", "about")),
    )
    for step in (step for step in programme.steps if step.module == module):
        yield Group(3, step.id, tuple(_notes(step)),
                    (*strings.lines([(step.title_key, "")]), *_prose(programme, step, tag)))  # fmt: skip
        page, texts = programme.page(step), asked if step.kind is StepKind.CHECK_IN else strings
        if page is not None:
            keys = [f"page/{page.id}/{part}" for part in ("title", "intro")] if texts is asked else []
            if lines := texts.lines((key, "") for key in keys):
                yield Group(4, page.id, (), lines)
            yield from (question_group(question, 4, texts) for question in page.questions)


def _notes(step: Step) -> Iterator[str]:
    yield step.kind.value
    if step.form:
        yield step.form.value
    if step.repeat:
        yield "may be filled in again and again"
    if step.relevant_text:
        yield f"shown if: {step.relevant_text}"
    if step.shows:
        yield f"shows the worksheet “{step.shows}”"


def _prose(programme: Programme, step: Step, tag: Tag) -> Iterator[Line]:
    """Yield the blocks as a page shows them; a programme that exists has the same in every language."""
    english, own = (programme.prose[one].get(step.id) for one in (SOURCE, tag))
    for number, (there, here) in enumerate(
        zip(english.blocks, own.blocks, strict=True) if english and own else (), 1
    ):
        # Made from Markdown with raw HTML off, in the one place that makes it.
        yield Line(f"text/{step.id}/{number}", Markup(there.html), Markup(here.html), there.kind)  # noqa: S704


def _worksheets(programme: Programme, strings: Texts) -> Iterator[Group]:
    for sheet in programme.worksheets:
        keys = [(sheet.title_key, "")]
        keys += [(sheet.part_key(part), f"from: {', '.join(part.questions)}") for part in sheet.parts]
        yield Group(2, f"Worksheet {sheet.id}", (sheet.kind.value,), strings.lines(keys))


def sign_programme(
    folder: Path, tag: Tag, state: str, initials: str, day: str
) -> Mapping[Path, str | polib.POFile]:
    """Return what to write, by file, so that all texts of a language are signed: the record, and the states of strings.

    Refusals: translation.initials, translation.day, translation.state, and everything that is wrong with the programme.
    """
    said = signature(str(folder), state, initials, day)
    record: dict[Path, str | polib.POFile] = {
        folder / "text" / tag / "state.toml": sign_texts(folder, tag, said)
    }
    if tag == SOURCE:
        return record
    return record | {
        source.file(tag): sign(source, tag, state, initials, day) for source in programme_sources(folder)
    }
