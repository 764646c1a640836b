"""What a query looks like to the gate. All words are invented or harmless."""

from codecs import charmap_encode
from unicodedata import combining

import pytest

from offramp.gate.fold import (
    ARABIC,
    CYRILLIC,
    LATIN,
    LATIN_LONGER,
    MAX_QUERY,
    SIGN,
    Charmap,
    fold,
    foreign,
    glance,
    plain,
)

SEEN_ALIKE = {
    "case": ("Zorblaxin", "zorblaxin"),
    "final sigma": ("ΜΕΡΒΟΣ μερβος", "μερβοσ μερβοσ"),
    "sharp s": ("Zorblaß", "zorblass"),
    "Turkish capital": ("İzorb", "izorb"),
    "full width": ("ＺＯＲＢ", "zorb"),
    "circled": ("ⓩⓞⓡⓑ", "zorb"),
    "mathematical": ("𝔷𝓸𝐫𝕓", "zorb"),
    "white on black": ("🅩🅾🅁🄱", "zorb"),
    "ligature": ("ﬁzorb", "fizorb"),
    "marks that belong": ("drizzovänquë", "drizzovanque"),
    "marks piled up": ("z\u0353\u0301o\u0489r\u034fb", "zorb"),
    "zero width": ("zo\u200br\u2060\ufeffb", "zorb"),
    "soft hyphen": ("zor\u00adb", "zorb"),
    "bidi controls": ("\u202ezorb\u202c\u2066", "zorb"),
    "tags and variation selectors": ("z\U000e0061o\U000e0100r\ufe0fb", "zorb"),
    "Hangul filler": ("zo\u3164rb", "zorb"),
    "tatweel": ("زغـــلم", "زغلم"),
    "harakat": ("زَغْلَم", "زغلم"),
    "alef forms": ("أإآٱا", "ااااا"),
    "Arabic presentation forms": ("ﺯﻏﻠﻢ", "زغلم"),
    "half-width kana": ("ﾇﾌﾟﾘｮｶﾞ", "ヌプリョガ"),
    "kana with loose voicing": ("フ\u309aカ\u3099", "プガ"),
    "Hangul from its letters": ("\u1112\u1161\u11ab", "한"),
    "compatibility ideograph beyond the table": ("\U0002f804", "你"),
    "sentence punctuation": ("¿Zorb, “laxin”…?!", "zorb laxin"),
    "line breaks and controls": ("\tzorb\r\n\x00laxin\x7f", "zorb laxin"),
    "ligatures that are letters": ("Œuvre ægis ĳ", "oeuvre aegis ij"),
    "Persian letters": ("کی", "كي"),
    "hamza and teh marbuta": ("مؤنئة", "مونيه"),
    "hiragana": ("ぬぷりょが", "ヌプリョガ"),
    "digits of other scripts": ("zorb٣۴४", "zorb344"),
    "emoji": ("zorb😀laxin", "zorb laxin"),
    "runs of spaces": ("  zorb \u3000\u00a0 laxin ", "zorb laxin"),
    "lone surrogate": ("zorb\ud800laxin", "zorb laxin"),
}


@pytest.mark.parametrize(("query", "words"), SEEN_ALIKE.values(), ids=SEEN_ALIKE)
def test_what_looks_or_reads_alike_folds_alike(query: str, words: str):
    assert fold(query).decode() == f" {words} "


def test_every_word_stands_between_single_spaces():
    assert fold("best pasta, for two") == b" best pasta for two "


@pytest.mark.parametrize("query", ["", " ", "?!", "\u200b", "\U000e0061"])
def test_nothing_is_left_of_signs(query: str):
    assert fold(query) == b" "


@pytest.mark.parametrize(
    ("one", "other"),
    [("ผม", "ผ"), ("कि", "क"), ("ガ", "カ"), ("한", "하"), ("zorb", "zоrb")],
    ids=[
        "Thai vowel",
        "Devanagari vowel",
        "voiced kana",
        "Hangul final",
        "look-alike letters are for a second view",
    ],
)
def test_other_words_stay_other_words(one: str, other: str):
    assert fold(one) != fold(other)


def test_a_glance_is_the_fold_unless_it_holds_a_sentinel():
    assert glance("Best pasta") == fold("Best pasta")
    assert glance("Best pasta?") == fold("Best pasta")[:-1] + b"  "
    assert glance("Как дела") == fold("Как дела")
    assert SIGN.encode() in glance("best, pasta")
    assert b"\xf3\xa0" in glance("pa\U000e0061sta")


def test_a_query_is_read_up_to_a_stated_length():
    assert fold("a" * MAX_QUERY) == fold("a" * MAX_QUERY + " zorblaxin")
    assert fold("é" * MAX_QUERY) == fold("é" * MAX_QUERY + " zorblaxin")


def test_a_pile_of_marks_is_cut_before_it_is_put_in_order():
    pile = "\u0e38\u094d\u3099" * 1000
    assert len(fold("ก" + pile).decode()) < 10


def covered(charmap: Charmap) -> list[str]:
    every = (chr(code) for code in range(0x10000))
    return [one for one in every if len(charmap_encode(one, "ignore", charmap[0])[0]) == 1]


@pytest.mark.parametrize(
    ("charmap", "beside"), [(LATIN, "é"), (LATIN_LONGER, "é"), (CYRILLIC, "ж"), (ARABIC, "ב")]
)
def test_the_short_way_of_a_script_folds_each_of_its_characters_as_the_table_does(
    charmap: Charmap, beside: str
):
    """Letter by letter is enough: nothing that it covers joins with what stands beside it."""
    letters = covered(charmap)
    assert len(letters) > 200
    for letter in letters:
        assert not any(map(combining, plain(letter)))
        # An emoji beside it is in no charmap, so there the query takes the long way.
        assert glance(beside + letter) == glance(f"{beside}{letter}😀")[:-2] + b" ", letter


@pytest.mark.parametrize(
    "query", ["Straße", "Ёлка ёж", "Ελλάδα", "كتاب", "می\u200cخواهم", "שלום", "Zażółć gęślą"]
)
def test_queries_of_one_script_are_covered(query: str):
    assert any(set(query) <= set(covered(charmap)) for charmap in (LATIN_LONGER, CYRILLIC, ARABIC))


def test_a_query_in_a_script_of_which_no_term_has_a_letter_is_foreign():
    latin, everything = foreign("zorblaxin"), foreign("zorblaxin" + "жвумбралпик" + "زغلمفوشط")
    for query in ("Как приготовить борщ", "ёж  ёж", "كيف أطبخ الأرز"):
        assert latin(query)
        assert not everything(query)
    assert everything("Ελλάδα")
    for query in (
        "zоrblаxin",
        "борщ 2",
        "борщ!",
        "борщ x",
        "о-р",
        "Ｂ",
        "بيت ٢",
        "می\u200cخواهم",
        "борщ Ελλ",
        "é",
        "Ｂ",
    ):
        assert not latin(query)
    assert latin("ж" * MAX_QUERY)
    assert not latin("ж" * MAX_QUERY + "x")
