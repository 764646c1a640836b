"""The words around a report's figures: whole in each language, or refused, and never English unsaid."""

from __future__ import annotations

import re
from pathlib import Path

import lxml.html
import polib
import pytest

from offramp.desk import Declared, frame_english, in_words, own_english, read_findings, read_frame, read_rules
from offramp.desk.joint import NOTHING
from offramp.errors import Refusal
from offramp.language import SOURCE, Tag
from offramp.survey import Survey, read_surveys
from tests.desk.counting import report
from tests.desk.studies import FINDINGS, TINY, written
from tests.desk.test_desk_report import TOTALS, tiny_study

WRAPPED = re.compile(r"[^\W\d_]{3,}")


def translate(path: Path, texts: dict[str, str]) -> None:
    """Write a translation in which every word is ⟦wrapped⟧, so that English that is left stands out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    po = polib.POFile()
    for key, text in texts.items():
        # Placeholders and what is no word stay as they are.
        parts = re.split(r"(\{[a-z_]+\})", text)
        msgstr = "".join(part if part.startswith("{") else WRAPPED.sub("⟦⟧", part) for part in parts)
        po.append(polib.POEntry(msgctxt=key, msgid=text, msgstr=msgstr or "⟦⟧"))
    po.save(str(path))


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """Return a content folder with the words of reports in English."""
    return written(tmp_path, TINY, findings=FINDINGS)


def declared(content: Path, survey: Survey) -> Declared:
    return Declared(read_findings(content, survey), NOTHING, read_rules(content, survey))


def test_a_language_without_a_frame_is_refused_with_the_way_out(content: Path):
    with pytest.raises(Refusal) as caught:
        read_frame(content, Tag("de"))
    assert caught.value.codes == ("report.frame",)
    assert "--frame en" in str(caught.value)


def test_findings_that_are_not_translated_are_refused_too(content: Path):
    translate(content / "report" / "locale" / "de.po", dict(frame_english(content / "report").texts))
    survey = read_surveys(content)["tiny"]
    with pytest.raises(Refusal) as caught:
        in_words(content, survey, declared(content, survey), read_frame(content, Tag("de")))
    assert caught.value.codes == ("report.own_words",)
    assert in_words(content, survey, declared(content, survey), read_frame(content, SOURCE)) == declared(
        content, survey
    )


def test_a_frame_that_lacks_a_text_is_refused(content: Path):
    texts = dict(frame_english(content / "report").texts)
    texts.pop("method/title")
    translate(content / "report" / "locale" / "de.po", texts)
    with pytest.raises(Refusal) as caught:
        read_frame(content, Tag("de"))
    assert caught.value.codes == ("language.missing",)


def test_no_english_is_left_in_a_report_of_another_language(content: Path):
    translate(content / "report" / "locale" / "ar.po", dict(frame_english(content / "report").texts))
    survey = read_surveys(content)["tiny"]
    own = declared(content, survey)
    english = own_english(own.findings, own.joint, own.rules)
    translate(content / "surveys" / "tiny" / "findings" / "ar.po", dict(english.texts))
    frame = read_frame(content, Tag("ar"))
    words = in_words(content, survey, own, frame)
    made = report(survey, tiny_study(survey), TOTALS, words.findings, rules=words.rules, frame=frame)
    tree = lxml.html.document_fromstring(made)
    assert (tree.get("lang"), tree.get("dir")) == ("ar", "rtl")
    # The survey itself speaks English here, and says so; names of questions and hashes are no language.
    for part in tree.xpath("//style | //code | //*[@lang='en'] | //*[@dir='ltr']"):
        tail = part.tail
        part.clear()
        part.text, part.tail = "", tail
    left = set(WRAPPED.findall(" ".join(tree.itertext())))
    own_words = set(WRAPPED.findall(TINY)) | {"English", "Offramp", "tiny", "language"}
    assert left - own_words == set(), "these words come from no translation"


def test_numbers_are_grouped_as_the_language_does(content: Path):
    assert read_frame(content, SOURCE).number(1234567) == "1,234,567"
    assert read_frame(content, SOURCE).share(12) == "12\N{NO-BREAK SPACE}%"
