"""A survey as DDI Codebook 2.5, so that archives and other researchers know what each column of an export means.

A question with several answers is one variable for each of them (0 or 1), held together by a group. Every reason for
a missing answer is a category of its own, marked as missing. Not here: any answer or count.
The invariant: every question and every text of the survey, in each of its languages, stands in it once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from offramp.exchange.outgoing import Labels
from offramp.language import Tag
from offramp.survey import Kind, Missing, Option, Question, Survey

NAMESPACE = "ddi:codebook:2_5"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def ddi(survey: Survey, labels: Labels) -> bytes:
    """Return the codebook as XML in UTF-8."""
    return _Writer(survey, labels).write()


class _Writer:
    def __init__(self, survey: Survey, labels: Labels) -> None:
        self.survey, self.labels = survey, labels

    def write(self) -> bytes:
        root = etree.Element(f"{{{NAMESPACE}}}codeBook", nsmap={None: NAMESPACE}, version="2.5")
        self.citation(_sub(root, "docDscr"))
        study = _sub(root, "stdyDscr")
        self.citation(study)
        info = _sub(study, "stdyInfo")
        self.texts(info, "abstract", "consent/purpose")
        data = _sub(root, "dataDscr")
        asked = [question for question in self.survey.questions if question.kind is not Kind.STATEMENT]
        for question in asked:
            if question.kind is Kind.MULTIPLE:
                names = " ".join(f"V_{name}" for name, _ in _columns(question))
                group = _sub(data, "varGrp", ID=f"G_{question.id}", type="multipleResp", var=names)
                self.texts(group, "labl", f"question/{question.id}/text")
        for question in asked:
            self.question(data, question)
        written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
        return written

    def citation(self, parent: etree._Element) -> None:
        title = _sub(_sub(parent, "citation"), "titlStmt")
        self.texts(title, "titl", "title", first_only=True)
        self.texts(title, "parTitl", "title", others_only=True)
        _sub(title, "IDNo", f"{self.survey.slug}-{self.survey.version}-{self.survey.structure[:16]}")

    def question(self, data: etree._Element, question: Question) -> None:
        if question.kind is not Kind.MULTIPLE:
            variable = self.variable(data, question, str(question.id))
            for code, words in self.categories(question):
                self.category(variable, code, words)
            self.missing(variable, question)
            _sub(variable, "varFormat", type="character" if question.kind is Kind.TEXT else "numeric")
            return
        for name, option in _columns(question):
            variable = self.variable(data, question, name, option)
            self.category(variable, "0", dict.fromkeys(self.survey.catalogues, "0"))
            self.category(variable, "1", self.option(option))
            self.missing(variable, question)
            _sub(variable, "varFormat", type="numeric")

    def variable(
        self, data: etree._Element, question: Question, name: str, option: Option | None = None
    ) -> etree._Element:
        variable = _sub(data, "var", ID=f"V_{name}")
        variable.set("name", name)
        if option is None:
            self.said(variable, "labl", self.asked(question))
        else:
            self.said(variable, "labl", self.option(option))
        for tag, text in self.asked(question).items():
            _sub(_sub(variable, "qstn", **{_LANG: tag}), "qstnLit", text, **{_LANG: tag})
        if question.kind in (Kind.SCALE, Kind.NUMBER):
            _sub(_sub(variable, "valrng"), "range", min=str(question.low), max=str(question.high))
        if question.relevant_text or question.sample:
            said = [question.relevant_text] if question.relevant_text else []
            said += [f"a random part: {question.sample}"] if question.sample else []
            _sub(variable, "universe", "; ".join(said))
        return variable

    def asked(self, question: Question) -> Mapping[Tag, str]:
        return {tag: self.labels.question(self.survey, question, tag) for tag in self.survey.catalogues}

    def categories(self, question: Question) -> Iterator[tuple[str, Mapping[Tag, str]]]:
        for option in question.options:
            yield option.id, self.option(option)
        if question.kind is Kind.SCALE:
            for number, end in ((question.low, "low"), (question.high, "high")):
                key = f"question/{question.id}/{end}"
                yield str(number), {tag: texts[key] for tag, texts in self.survey.catalogues.items()}

    def option(self, option: Option) -> Mapping[Tag, str]:
        return {tag: self.labels.option(self.survey, option, tag) for tag in self.survey.catalogues}

    def category(
        self, variable: etree._Element, code: str, words: Mapping[Tag, str], missing: bool = False
    ) -> None:
        category = _sub(variable, "catgry", **({"missing": "Y"} if missing else {}))
        _sub(category, "catValu", code)
        self.said(category, "labl", words)

    def missing(self, variable: etree._Element, question: Question) -> None:
        for code in Missing:
            if code is Missing.DONT_KNOW and not question.dont_know:
                continue
            key = {Missing.DONT_KNOW: "page/dont_know", Missing.REFUSED: "page/rather_not_say"}.get(code)
            words = {tag: self.labels(key, tag) for tag in self.survey.catalogues} if key else {
                Tag("en"): code.value.replace("_", " ")}  # fmt: skip
            self.category(variable, code.value, words, missing=True)

    def texts(
        self, parent: etree._Element, name: str, key: str, first_only: bool = False, others_only: bool = False
    ) -> None:
        found = {tag: texts.texts[key] for tag, texts in self.survey.catalogues.items() if key in texts.texts}
        some = list(found.items())
        self.said(parent, name, dict(some[:1] if first_only else some[1:] if others_only else some))

    def said(self, parent: etree._Element, name: str, words: Mapping[Tag, str]) -> None:
        for tag, text in words.items():
            _sub(parent, name, text, **{_LANG: tag})


def _columns(question: Question) -> list[tuple[str, Option]]:
    return [(f"{question.id}_{option.id}", option) for option in question.options]


def _sub(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)
    element.text = text
    return element
