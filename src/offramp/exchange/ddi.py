"""A survey as DDI Codebook 2.5, so that archives and other researchers know what each column of an export means.

The columns are those of every export (columns), with the same names and numbers: a question with several answers is one
variable for each of them (0 or 1), held together by a group, and every reason for a missing answer is a category of its
own, marked as missing. Not here: any answer or count. The invariant: every question and every text of the survey, in
each of its languages, stands in it once for each of its columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from offramp.exchange.columns import ABOUT_TEXTS, MISSING, TICKS, WROTE, Column, columns
from offramp.exchange.outgoing import Labels
from offramp.language import SOURCE, Tag
from offramp.survey import Kind, Missing, Option, Question, Survey

NAMESPACE = "ddi:codebook:2_5"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ENGLISH = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of rows that a codebook describes: what it says of itself, and its columns that are about no question.

    `about` has the label of each such column and of its numbers, in English.
    """

    name: str
    notice: str
    cases: int
    about: Mapping[str, tuple[str, _ENGLISH]]


def ddi(survey: Survey, labels: Labels, file: DataFile | None = None) -> bytes:
    """Return the codebook as XML in UTF-8, of the questionnaire alone or of a file of rows."""
    return _Writer(survey, labels, file).write()


class _Writer:
    def __init__(self, survey: Survey, labels: Labels, file: DataFile | None) -> None:
        self.survey, self.labels, self.file = survey, labels, file
        self.columns = columns(survey)

    def write(self) -> bytes:
        root = etree.Element(f"{{{NAMESPACE}}}codeBook", nsmap={None: NAMESPACE}, version="2.5")
        self.citation(_sub(root, "docDscr"))
        study = _sub(root, "stdyDscr")
        self.citation(study)
        info = _sub(study, "stdyInfo")
        self.texts(info, "abstract", "consent/purpose")
        if self.file:
            self.data_file(root, study, self.file)
        data = _sub(root, "dataDscr")
        together: dict[Question, list[str]] = {}
        for column in self.columns:
            if column.option:
                together.setdefault(column.question, []).append(f"V_{column.name}")
        for question, names in together.items():
            group = _sub(data, "varGrp", ID=f"G_{question.id}", type="multipleResp", var=" ".join(names))
            self.texts(group, "labl", f"question/{question.id}/text")
        for name, (label, values) in (self.file.about if self.file else {}).items():
            self.about(data, name, label, values)
        for column in self.columns:
            self.column(data, column)
        written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
        return written

    def data_file(self, root: etree._Element, study: etree._Element, file: DataFile) -> None:
        """Describe the rows, and say where whoever reads a codebook looks first that they are not to be passed on."""
        _sub(_sub(_sub(study, "dataAccs"), "useStmt"), "restrctn", file.notice)
        about = _sub(_sub(root, "fileDscr", ID="F1"), "fileTxt")
        _sub(about, "fileName", file.name)
        _sub(about, "fileCont", file.notice)
        size = _sub(about, "dimensns")
        _sub(size, "caseQnty", str(file.cases))
        _sub(size, "varQnty", str(len(file.about) + len(self.columns)))
        _sub(about, "fileType", "CSV, UTF-8")

    def citation(self, parent: etree._Element) -> None:
        title = _sub(_sub(parent, "citation"), "titlStmt")
        self.texts(title, "titl", "title", first_only=True)
        self.texts(title, "parTitl", "title", others_only=True)
        _sub(title, "IDNo", f"{self.survey.slug}-{self.survey.version}-{self.survey.structure[:16]}")

    def column(self, data: etree._Element, column: Column) -> None:
        question, option = column.question, column.option
        variable = self.variable(data, column.name)
        self.said(variable, "labl", self.option(option) if option else self.asked(question))
        for tag, text in self.asked(question).items():
            _sub(_sub(variable, "qstn", **{_LANG: tag}), "qstnLit", text, **{_LANG: tag})
        if question.kind in (Kind.SCALE, Kind.NUMBER):
            _sub(_sub(variable, "valrng"), "range", min=str(question.low), max=str(question.high))
        if question.relevant_text or question.sample:
            said = [question.relevant_text] if question.relevant_text else []
            said += [f"a random part: {question.sample}"] if question.sample else []
            _sub(variable, "universe", "; ".join(said))
        if option:
            self.english(variable, dict(enumerate(label for _, label in TICKS)))
        elif question.kind is Kind.TEXT:
            self.english(variable, {1: WROTE[1]})
        for number, code, words in () if option else self.categories(column):
            self.category(variable, number, words, code)
        self.missing(variable, column)
        _sub(variable, "varFormat", type="numeric")

    def about(self, data: etree._Element, name: str, label: str, values: _ENGLISH) -> None:
        variable = self.variable(data, name)
        self.said(variable, "labl", {SOURCE: label})
        self.english(variable, values)
        _sub(variable, "varFormat", type="character" if name in ABOUT_TEXTS else "numeric")

    def variable(self, data: etree._Element, name: str) -> etree._Element:
        variable = _sub(data, "var", ID=f"V_{name}")
        variable.set("name", name)
        if self.file:
            variable.set("files", "F1")
        return variable

    def asked(self, question: Question) -> Mapping[Tag, str]:
        return {tag: self.labels.question(self.survey, question, tag) for tag in self.survey.catalogues}

    def categories(self, column: Column) -> Iterator[tuple[int, str, Mapping[Tag, str]]]:
        question = column.question
        for option in question.options:
            yield column.numbers[option.id], option.id, self.option(option)
        if question.kind is Kind.SCALE:
            for number, end in ((question.low, "low"), (question.high, "high")):
                key = f"question/{question.id}/{end}"
                yield number, "", {tag: texts[key] for tag, texts in self.survey.catalogues.items()}

    def option(self, option: Option) -> Mapping[Tag, str]:
        return {tag: self.labels.option(self.survey, option, tag) for tag in self.survey.catalogues}

    def english(self, variable: etree._Element, values: _ENGLISH) -> None:
        for number, label in values.items():
            self.category(variable, number, {SOURCE: label})

    def category(
        self,
        variable: etree._Element,
        number: int,
        words: Mapping[Tag, str],
        code: str = "",
        missing: bool = False,
    ) -> None:
        """Write what a number means, and what the questionnaire calls it."""
        category = _sub(variable, "catgry", **({"missing": "Y"} if missing else {}))
        _sub(category, "catValu", str(number))
        self.said(category, "labl", words)
        if code:
            _sub(category, "txt", code)

    def missing(self, variable: etree._Element, column: Column) -> None:
        for code in column.missing:
            key = {Missing.DONT_KNOW: "page/dont_know", Missing.REFUSED: "page/rather_not_say"}.get(code)
            words = {tag: self.labels(key, tag) for tag in self.survey.catalogues} if key else {
                SOURCE: code.value.replace("_", " ")}  # fmt: skip
            self.category(variable, MISSING[code], words, code.value, missing=True)

    def texts(
        self, parent: etree._Element, name: str, key: str, first_only: bool = False, others_only: bool = False
    ) -> None:
        found = {tag: texts.texts[key] for tag, texts in self.survey.catalogues.items() if key in texts.texts}
        some = list(found.items())
        self.said(parent, name, dict(some[:1] if first_only else some[1:] if others_only else some))

    def said(self, parent: etree._Element, name: str, words: Mapping[Tag, str]) -> None:
        for tag, text in words.items():
            _sub(parent, name, text, **{_LANG: tag})


def _sub(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)
    element.text = text
    return element
