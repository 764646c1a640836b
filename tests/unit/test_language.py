"""Catalogues that are complete or refused, and which language a browser is answered in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.errors import Refusal
from offramp.language import (
    LANGUAGES,
    Catalogue,
    State,
    Tag,
    language,
    parse_state,
    preferred,
    read_translation,
    source_catalogue,
)

AR, DE, EN = Tag("ar"), Tag("de"), Tag("en")

ENGLISH = {"greeting": "Welcome, {name}", "next": "Next", "back": "Back"}

GERMAN = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

# state: approved
msgctxt "greeting"
msgid "Welcome, {name}"
msgstr "Willkommen, {name}"

# state: reviewed by two people
msgctxt "next"
msgid "Next"
msgstr "Weiter"

# state: approved
msgctxt "back"
msgid "Back"
msgstr "Zurück"
"""


@pytest.fixture
def po(tmp_path: Path) -> Callable[..., Path]:
    """Write a PO file: `po(text)` is German, `po(text, "ar.po")` is Arabic."""

    def write(text: str, name: str = "de.po") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def refused(path: Path, source: dict[str, str] = ENGLISH) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read_translation(path, source)
    return caught.value


# -- what a whole catalogue is


def test_a_complete_translation_answers_for_every_key(po):
    german = read_translation(po(GERMAN), ENGLISH)

    assert german.language.tag == DE
    assert german["greeting"] == "Willkommen, {name}"
    assert german.texts.keys() == ENGLISH.keys()


def test_a_catalogue_has_come_as_far_as_its_least_finished_text(po):
    assert read_translation(po(GERMAN), ENGLISH).state is State.REVIEWED


def test_a_text_without_a_state_is_a_draft(po):
    assert read_translation(po(GERMAN.replace("# state: approved", "")), ENGLISH).state is State.DRAFT


def test_a_later_state_includes_the_earlier_ones():
    assert State.APPROVED > State.REVIEWED > State.DRAFT


def test_an_entry_that_the_translation_program_keeps_for_later_is_not_looked_at(po):
    obsolete = '\n#~ msgctxt "old"\n#~ msgid "Stop"\n#~ msgstr "Halt"\n'

    assert "old" not in read_translation(po(GERMAN + obsolete), ENGLISH).texts


def test_the_english_source_is_a_catalogue_like_any_other():
    english = source_catalogue(ENGLISH, State.APPROVED)

    assert (english.language.tag, english["next"], english.state) == (EN, "Next", State.APPROVED)


# -- what is refused, with its place and all at once


def test_every_fault_of_a_file_comes_back_at_once(po):
    faulty = (
        GERMAN.replace("Willkommen, {name}", "Willkommen, {nom}")
        .replace('msgid "Next"', 'msgid "Go on"')
        .replace('msgctxt "back"', 'msgctxt "bakc"')
    )

    refusal = refused(po(faulty))

    assert {(problem.code, problem.place) for problem in refusal.problems} == {
        ("language.placeholder", "de.po, greeting"),
        ("language.stale", "de.po, next"),
        ("language.missing", "de.po, back"),
        ("language.unknown_key", "de.po, bakc"),
    }
    assert all(problem.remedy.startswith("Please ") for problem in refusal.problems)


@pytest.mark.parametrize("empty", ["", "   "])
def test_an_empty_translation_is_a_missing_one(po, empty):
    assert refused(po(GERMAN.replace("Weiter", empty))).codes == ("language.missing",)


def test_a_translation_that_its_program_doubts_is_stale(po):
    doubted = GERMAN.replace('msgctxt "next"', '#, fuzzy\nmsgctxt "next"')

    assert refused(po(doubted)).codes == ("language.stale",)


def test_an_english_text_that_has_changed_names_its_new_wording(po):
    (problem,) = refused(po(GERMAN), ENGLISH | {"next": "Go on"}).problems

    assert problem.code == "language.stale"
    assert "Go on" in problem.remedy


@pytest.mark.parametrize("translated", ["Willkommen", "Willkommen, {name} {week}", "Willkommen, { name }"])
def test_a_translation_keeps_the_placeholders_no_more_and_no_fewer(po, translated):
    assert refused(po(GERMAN.replace("Willkommen, {name}", translated))).codes == ("language.placeholder",)


def test_a_placeholder_may_stand_elsewhere_or_twice(po):
    moved = GERMAN.replace("Willkommen, {name}", "{name}, willkommen, {name}")

    assert read_translation(po(moved), ENGLISH)["greeting"] == "{name}, willkommen, {name}"


def test_a_state_that_nobody_has_heard_of_names_the_text(po):
    (problem,) = refused(po(GERMAN.replace("state: reviewed", "state: perfect"))).problems

    assert (problem.code, problem.place) == ("language.state", "de.po, next")


def test_a_file_named_after_no_known_language_is_refused(po):
    assert refused(po(GERMAN, "xx.po")).codes == ("language.unknown",)


@pytest.mark.parametrize("text", ["this is no PO file", 'msgstr "Weiter"\nmsgid Next'])
def test_what_is_no_po_file_is_refused(po, text):
    assert refused(po(text)).codes == ("language.unreadable",)


def test_a_file_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "de.po"
    path.write_bytes(GERMAN.encode("latin-1"))

    assert refused(path).codes == ("language.unreadable",)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert refused(tmp_path / "de.po").codes == ("language.unreadable",)


# -- tags and states


def test_arabic_runs_from_right_to_left_and_calls_itself_by_its_own_name():
    arabic = language("ar", "settings")

    assert (arabic.direction, arabic.name) == ("rtl", "العربية")


def test_an_unknown_tag_is_refused_with_the_known_ones():
    with pytest.raises(Refusal) as caught:
        language("xx", "settings, languages")
    (problem,) = caught.value.problems

    assert (problem.code, problem.place) == ("language.unknown", "settings, languages")
    assert "en, ar" in problem.remedy


@pytest.mark.parametrize("state", State)
def test_a_state_is_written_as_its_name_in_small_letters(state):
    assert parse_state(state.name.lower(), "settings") is state


# -- the text hash


texts = st.dictionaries(st.text(min_size=1), st.text(), min_size=1)


def catalogue(of: dict[str, str]) -> Catalogue:
    return source_catalogue(of, State.DRAFT)


@given(texts, st.randoms(use_true_random=False))
def test_the_text_hash_does_not_depend_on_the_order_of_the_texts(of, random):
    shuffled = list(of.items())
    random.shuffle(shuffled)

    assert catalogue(dict(shuffled)).digest() == catalogue(of).digest()


@given(texts, st.data())
def test_the_text_hash_changes_with_any_one_text(of, data):
    key = data.draw(st.sampled_from(sorted(of)))

    assert catalogue(of | {key: of[key] + "."}).digest() != catalogue(of).digest()


def test_the_text_hash_says_nothing_of_language_or_state(po):
    reviewed = read_translation(po(GERMAN), ENGLISH)
    approved = read_translation(po(GERMAN.replace("reviewed by two people", "approved")), ENGLISH)

    assert reviewed.state != approved.state
    assert reviewed.digest() == approved.digest()


# -- which language a browser is answered in


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("ar", AR),
        ("ar-EG", AR),
        ("AR", AR),
        ("en;q=0.3,ar;q=0.8", AR),
        ("en;q=0.9,ar", AR),  # a wish without a weight is a whole one
        ("de,ar", DE),  # two wishes alike: the earlier one
        ("fr,ar;q=0.5", AR),  # French is not offered
        ("fr", EN),
        ("*", EN),
        ("", EN),
        ("ar;q=soon", EN),  # a weight that is no number is no wish
    ],
)
def test_a_browser_gets_what_it_asks_for_or_the_first_language_offered(asked, answered):
    assert preferred(asked, (EN, DE, AR)) == answered


@given(st.text(), st.lists(st.sampled_from(sorted(LANGUAGES)), min_size=1, unique=True))
def test_whatever_a_browser_sends_it_gets_a_language_that_is_offered(header, offered):
    assert preferred(header, tuple(offered)) in offered
