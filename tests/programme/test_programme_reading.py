"""Prose becomes safe HTML, and how hard it is to read is what published formulas say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import fragment_fromstring

from offramp.errors import Problem
from offramp.language import Tag
from offramp.programme import StepKind, read_programmes, remarks
from offramp.programme.prose import TARGETS, read_prose
from offramp.programme.readability import english_syllables, measured, spanish_syllables
from offramp.programme.tone import Tone

ROOT = Path(__file__).parents[2]
EN, ES = Tag("en"), Tag("es")
ALLOWED = frozenset(("h2", "h3", "p", "ul", "ol", "li", "blockquote", "em", "strong", "a", "br", "div"))


def prose(text: str, tag: Tag = EN) -> tuple[str, list[str]]:
    problems: list[Problem] = []
    return read_prose(text, tag, "x.md", problems).html, [problem.code for problem in problems]


# -- Markdown -----------------------------------------------------------------------------------------------------


def test_marks_become_html_and_links_speak_the_language_of_the_page() -> None:
    html, problems = prose("## A\n\nOne **two** *three*  \nfour [now](/{lang}/help).\n\n1. x\n2. y\n", ES)
    assert problems == []
    assert html == (
        "<h2>A</h2>\n<p>One <strong>two</strong> <em>three</em><br>\nfour <a href=\"/es/help\">now</a>.</p>\n"
        "<ol>\n<li>x</li>\n<li>y</li>\n</ol>\n"
    )  # fmt: skip


def test_blocks_know_their_source_and_their_words() -> None:
    problems: list[Problem] = []
    made = read_prose("# no\n\n- one *two*\n- three\n  four\n\n\n> five\n", EN, "x.md", problems)
    assert [(block.kind, block.source) for block in made.blocks[1:]] == [
        ("list", "- one *two*\n- three\n  four"), ("quotation", "> five"),
    ]  # fmt: skip
    assert made.blocks[1].spoken == ("one two", "three four")
    assert [problem.code for problem in problems] == ["programme.heading"]


def test_a_title_in_a_link_is_dropped_with_the_link() -> None:
    assert prose('[now](/{lang}/help "x")')[1] == ["programme.link"]


def test_the_time_of_a_helpline_and_a_year_are_no_telephone_number() -> None:
    assert prose("In 2026, from 9 to 17, 24 hours, call 112 or 999. Do it 3 times in 10 minutes.")[1] == []


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from((
            "<script>", "</p>", "<a href=x>", "&lt;", "![i](x)", "[a](javascript:x)", "[a](/{lang}/help)", "[a](//x)",
            "`c`", "# h", "## h", "\n\n", "- i", "> q", "**b**", "*", "_", "[", "](", ")", "{lang}",
            '"', "'", "\\", "\n    code",
            "1. n", "---", "|a|b|", "[r]: /x", "[a][r]", "<http://x.example>", "http://x.example", "é",
            "\0", "\t", "  \n",
        )) | st.text(max_size=5),
        max_size=12,
    )
)  # fmt: skip
def test_no_tag_address_or_attribute_comes_from_what_was_written(parts: list[str]) -> None:
    problems: list[Problem] = []
    html = read_prose("".join(parts), ES, "x.md", problems).html
    tree = fragment_fromstring(f"<div>{html}</div>")
    targets = {target.replace("{lang}", "es") for target in TARGETS}
    for element in tree.iter():
        if problems and element.tag in ("h1", "h4", "h5", "h6", "code", "pre"):
            continue
        assert element.tag in ALLOWED, html
        assert set(element.attrib) <= ({"href"} if element.tag == "a" else {"start"}), html
        if element.tag == "a":
            assert element.get("href") in targets or problems, html
    assert not re.search(r"<script|javascript:", html), html


# -- how hard it is to read ---------------------------------------------------------------------------------------

ENGLISH = {
    "the": 1, "you": 1, "stopped": 1, "wanted": 2, "asked": 1, "people": 2, "little": 2, "being": 2, "loneliness": 3,
    "situation": 4, "something": 2, "someone": 2, "create": 2, "idea": 3, "quiet": 2, "friend": 1,
    "searches": 2, "images": 3,
    "children": 2, "curious": 3, "violence": 3, "beyond": 2, "called": 1, "everything": 3, "thought": 1,
    "urge": 1, "don’t": 1,
}  # fmt: skip
SPANISH = {
    "tú": 1, "puedes": 2, "parar": 2, "día": 2, "ayuda": 3, "ahora": 3, "bueno": 2, "que": 1,
    "guerra": 2, "pingüino": 3,
    "aéreo": 4, "situación": 3, "hay": 1, "y": 1, "muy": 1, "veía": 3, "leer": 2, "ansiedad": 3,
    "estáis": 2, "ciudad": 2,
}  # fmt: skip


@pytest.mark.parametrize(("word", "count"), ENGLISH.items())
def test_english_syllables(word: str, count: int) -> None:
    assert english_syllables(word) == count


@pytest.mark.parametrize(("word", "count"), SPANISH.items())
def test_spanish_syllables(word: str, count: int) -> None:
    assert spanish_syllables(word) == count


def test_the_formulas_are_those_that_were_published() -> None:
    # Sixty words of one syllable in ten sentences; "gato" has two syllables.
    assert measured(EN, ["The cat sat on the mat."] * 10) == round(0.39 * 6 + 11.8 * 1 - 15.59, 1)
    assert measured(ES, ["Gato gato gato gato gato gato."] * 10) == round(206.84 - 60 * 2 - 1.02 * 6, 1)


def test_what_is_short_or_in_another_language_is_not_measured() -> None:
    assert measured(EN, ["The cat sat on the mat."] * 8) is None
    assert measured(Tag("fi"), ["Kissa istui matolla."] * 50) is None


def test_every_entry_of_a_list_ends_a_sentence() -> None:
    assert measured(EN, ["The cat sat on the mat"] * 10) == measured(EN, ["The cat sat on the mat."] * 10)


# -- tone -----------------------------------------------------------------------------------------------------------


def test_words_are_whole_words_unless_a_star_says_otherwise() -> None:
    tone = Tone(("vile", "creep*"), ("no big  deal",), ("creeping back",))
    assert list(tone.found("She is servile.")) == []
    assert list(tone.found("Such CREEPS are vile.")) == [("shames", "vile"), ("shames", "CREEPS")]
    assert list(tone.found("It is no\nbig deal.")) == [("excuses", "no\nbig deal")]
    assert list(tone.found("It comes creeping back.")) == []
    assert list(tone.found("“It is no big deal”, says the creep.")) == [("shames", "creep")]


# -- the programme of the house -------------------------------------------------------------------------------------


def test_the_programme_of_the_house_is_sound_in_both_languages_and_what_was_promised() -> None:
    programme = read_programmes(ROOT / "content", strictly=True)["way-on"]
    kinds = [step.kind for step in programme.steps]
    assert programme.catalogues.keys() >= {EN, ES}
    assert len(programme.modules) == 5
    assert kinds.count(StepKind.EXERCISE) >= 16
    assert kinds.count(StepKind.CHECK_IN) == 7
    assert {sheet.kind for sheet in programme.worksheets} == {"path", "plan", "calendar", "course"}
    assert {step.form for step in programme.steps if step.form} >= {
        "reflection", "ratings", "list", "pros_cons", "thought_record", "urge_log", "chain", "plan", "pick", "letter",
    }  # fmt: skip
    notes = remarks(ROOT / "content" / "programmes" / "way-on", programme)
    assert {note.code for note in notes} <= {"programme.unsigned"}
