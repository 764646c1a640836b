"""Laws of the gate that hold for every query, not only for the examples. All terms are invented words."""

import unicodedata
from itertools import chain
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from offramp.gate import Decision, Gate
from offramp.gate.compiled import compile_terms
from offramp.gate.fold import MAX_QUERY, fold, foreign, glance, tidy
from offramp.gate.lists import Term, TermList
from offramp.gate.oddity import ASCII_SHAPE, SHAPE, collapse, key, sentinels
from offramp.gate.reveal import _swaps, is_suspect, keep, reveal
from offramp.gate.telltales import telltales
from offramp.gate.verdict import _inside
from offramp.gate.words import Words

DEMONSTRATION = Path(__file__).parents[2] / "content" / "gate" / "demonstration.toml"
GATE = Gate.from_lists([DEMONSTRATION])
WORDS = {
    "term 1": "zorblaxin",
    "term 2": "quandrelpho",
    "term 4": "vushtolimk",
    "term 5": "drizzovänquë",
    "term 6": "mervoqua tilsunep",
    "term 7": "زغلمفوشط",
    "term 8": "жвумбралпик",
    "term 9": "ヌプリョガゼムポ",
}
SENTINELS = tuple(chain(*sentinels()))
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202a\u202e\u2066\u034f\ufe0f\u0301\U000e0020\U000e0100"

anything = st.text(st.characters(exclude_categories=()))
hostile = st.text(
    st.sampled_from("z oRß.İ\ud800\U000e0061\u3099か\u1161\u1100\u0e38\u094d\u0640\u0623ﷺ\u200b\U0002f804")
)
rules = st.sampled_from(sorted(WORDS))
letters = st.characters(categories=["Ll", "Lu", "Lo", "Nd"], max_codepoint=0x2FFFF)
ordinary = st.lists(
    st.sampled_from(["best", "pasta,", "für", "zwei", "كيف", "рис", "天気", "?", "2026"]), max_size=4
)


@given(anything | hostile)
def test_any_string_is_decided_and_folded(query: str):
    assert isinstance(GATE.decide(query), Decision | None)
    view = fold(query)
    assert view.decode()
    assert view[:1] == view[-1:] == b" "
    assert b"  " not in view


@given(anything | hostile)
def test_folding_twice_changes_nothing(query: str):
    once = fold(query)
    if len(text := once.decode()[1:-1]) <= MAX_QUERY:
        assert fold(text) == once


@given(anything | hostile)
def test_a_glance_without_sentinels_is_the_fold(query: str):
    if not any(sentinel in glance(query) for sentinel in SENTINELS):
        assert tidy(glance(query)) == fold(query)


@given(st.text(st.characters(max_codepoint=0x7F)))
def test_the_short_way_for_ascii_is_the_long_way(query: str):
    assert fold(query + "\u200b") == fold(query)


@given(rules, ordinary, ordinary)
def test_a_term_is_found_among_ordinary_words(rule: str, before: list[str], after: list[str]):
    decision = GATE.decide(" ".join([*before, WORDS[rule], *after]))
    assert decision is not None
    assert (decision.rule, decision.intent) == (rule, "search")


@given(rules, st.data())
def test_case_form_and_invisible_characters_hide_nothing(rule: str, data: st.DataObject):
    disguised = ""
    for character in WORDS[rule]:
        form = data.draw(st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
        change = data.draw(st.sampled_from([str.upper, str.lower, str.title, wide]))
        disguised += unicodedata.normalize(form, change(character))
        disguised += data.draw(st.text(INVISIBLE, max_size=2))
    decision = GATE.decide(disguised)
    assert decision is not None
    assert decision.rule == rule


def wide(character: str) -> str:
    """Return the full-width form of an ASCII letter, anything else as it is."""
    return chr(ord(character) + 0xFEE0) if "a" <= character <= "z" else character


@given(rules.filter(lambda rule: rule != "term 9"), letters, st.booleans())
def test_a_word_inside_a_longer_word_is_never_found(rule: str, letter: str, before: bool):
    """But for a letter that the word begins or ends with already: that one is a repetition."""
    beside = fold(WORDS[rule]).decode().strip()[0 if before else -1]
    if fold(letter).strip() and fold(f"a{letter}a").count(b" ") == 2 and key(keep(letter)) != key(beside):
        longer = letter + WORDS[rule] if before else WORDS[rule] + letter
        assert GATE.decide(longer) is None


@given(letters, letters)
def test_a_bare_term_is_found_inside_anything(before: str, after: str):
    decision = GATE.decide(before + WORDS["term 9"] + after)
    assert decision is not None
    assert decision.rule == "term 9"


phrases = st.sampled_from(
    ["grompelfax museum", "help with zorblaxin", "report zorblaxin", "ヌプリョガゼムポ美術館"]
)


@given(st.lists(phrases, min_size=1, max_size=3), rules, st.data())
def test_an_exception_never_hides_a_second_hit(masks: list[str], rule: str, data: st.DataObject):
    words = list(masks)
    words.insert(data.draw(st.integers(0, len(masks))), WORDS[rule])
    decision = GATE.decide(" ; ".join(words))
    assert decision is not None
    assert (decision.rule, decision.intent) == (rule, "search")


@given(st.lists(phrases, min_size=1, max_size=3), ordinary)
def test_under_exceptions_alone_there_is_no_search(masks: list[str], words: list[str]):
    decision = GATE.decide(" ; ".join([*masks, *words]))
    assert decision is None or decision.intent == "help"


spans = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 8)).map(lambda span: (span[0], sum(span))), max_size=8
)


@given(spans, spans)
def test_a_span_is_inside_when_one_other_covers_it(
    inner: list[tuple[int, int]], outer: list[tuple[int, int]]
):
    plainly = [any(first <= start and end <= last for first, last in outer) for start, end in inner]
    assert _inside(inner, outer) == plainly


WORDS_OF_TERMS = Words.of(("zircon", "lily", "beet", "agate"), (), ())
odd_letters = st.text(st.sampled_from("zirconlybeagt10!|@.-_' &%3Z"), max_size=14)


@given(odd_letters | st.text(st.characters(max_codepoint=0x7F)))
def test_letting_a_query_go_early_never_misses_a_disguise(query: str):
    if not is_suspect(query, WORDS_OF_TERMS):
        assert not _swaps(keep(query), WORDS_OF_TERMS)


GATE_OF_WORDS = Gate(
    compile_terms(
        [
            TermList(
                "words",
                tuple(
                    Term(n, word, "en", "c")
                    for n, word in enumerate(("zircon", "lily", "beet", "agate pot"), 1)
                ),
            )
        ]
    )
)
PIECES = """z i r c zircon z1rcon zirrcon lil l1ly lilly lily beeet bet b33t beet agate agaate
pot p0t агат з и е zîrcon
don't well-known 4th e.g. mp3 ж ёж ziр é ? ! crêpe .com $5 lil! be-et be'et zir-con p-o-t i'll"""
everyday = st.lists(st.sampled_from(PIECES.split()), max_size=6)
joints = st.sampled_from((" ", " ", " ", "  ", ", ", "-", ".", "'", "! ", "? ", " - ", "/", "…", "«"))


@given(everyday, st.data())
def test_a_glance_lets_nothing_pass_that_the_slow_views_find(words: list[str], data: st.DataObject):
    query = "".join(word + data.draw(joints) for word in words)
    found = any(decision for _, decision in GATE_OF_WORDS.explain(query))
    assert (GATE_OF_WORDS.decide(query) is not None) == found


@given(
    st.text("агзиортсеуЗбҮЅѕіј ", min_size=1)
    | st.text("αβεοικτΖΙΑΡν ", min_size=1)
    | st.text("زرقنپ ", min_size=1)
)
def test_no_view_of_a_foreign_query_holds_anything(query: str):
    assert foreign("zirconlybeetagatepot")(query)
    assert not any(decision for _, decision in GATE_OF_WORDS.explain(query))


@given(anything | hostile | odd_letters)
def test_what_is_kept_and_its_shape_are_of_one_length(query: str):
    kept = keep(query)
    assert len(kept.translate(SHAPE)) == len(kept)
    if query.isascii():
        assert query.encode().translate(ASCII_SHAPE).decode() == query.lower().translate(SHAPE)


@given(st.sampled_from(("zircon", "lily", "beet", "agate")), odd_letters, odd_letters)
def test_a_swap_leaves_what_is_around_it(word: str, before: str, after: str):
    query = f"{before} {word[0]}.{word[1:]} {after}"
    for view in reveal(query, WORDS_OF_TERMS):
        for (start, end), _ in zip(view.odd, view.spellings, strict=True):
            assert view.text[start:end] in {b"zircon", b"lily", b"beet", b"agate"}
            assert view.text[start - 1 : start] == view.text[end : end + 1] == b" "


few_letters = st.text("abo", min_size=1, max_size=6)


@given(few_letters, few_letters, st.lists(st.integers(1, 3), min_size=12, max_size=12), st.sets(few_letters))
def test_a_letter_too_many_writes_a_telltale_whatever_is_ordinary(
    word: str, rest: str, times: list[int], ordinary: set[str]
):
    written = "".join(letter * often for letter, often in zip(word, times, strict=False))
    telling = [text.decode() for text in telltales([word], [], "abo", ordinary)]
    if written != word:
        assert any(text in f" {written} " for text in telling)
    begun = [text.decode() for text in telltales([], [word], "abo", ordinary)]
    if not (written + rest).startswith(word):
        assert any(text in f" {written}{rest} " for text in begun)


@given(few_letters, st.sets(few_letters))
def test_an_ordinary_word_has_no_telltale_unless_it_is_the_term_with_a_letter_too_many(
    word: str, ordinary: set[str]
):
    telling = [text.decode() for text in telltales([word], [], "abo", ordinary)]
    for other in ordinary:
        if len(other) - len(collapse(other)) == 1 and collapse(other) != collapse(word):
            assert not any(text in f" {other} " for text in telling)
