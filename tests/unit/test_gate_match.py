"""What the gate decides. All terms are invented words."""

from pathlib import Path

import pytest

from offramp.gate import Decision, Gate

DEMONSTRATION = Path(__file__).parents[2] / "content" / "gate" / "demonstration.toml"


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate.from_lists([DEMONSTRATION])


def decided(rule: str, intent: str = "search", category: str = "invented-word") -> Decision:
    return Decision("demonstration", category, rule, intent)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "best pasta for two",
        "كيف أطبخ الأرز",
        "今日の天気",
        "как приготовить борщ",
        "?!",
        "a, b;  c",
        "pa\U000e0061sta",
    ],
)
def test_an_ordinary_query_brings_nothing(gate: Gate, query: str):
    assert gate.decide(query) is None


@pytest.mark.parametrize(
    "query",
    [
        "zorblaxin",
        "free ZORBLAXIN now",
        "(zorblaxin)?",
        "zorblaxin's",
        "ｚｏｒｂｌａｘｉｎ",
        "zor\u200bblaxin",
        "x,  zorblaxin",
        "zorbl\U000e0061axin",
    ],
)
def test_a_term_is_found_as_a_word(gate: Gate, query: str):
    assert gate.decide(query) == decided("term 1")


@pytest.mark.parametrize(
    "query", ["zorblaxins", "prezorblaxin", "zorblaxin9", "zorblaxiné", "zorblaxi", "zorbla xin"]
)
def test_a_term_is_not_found_inside_or_across_words(gate: Gate, query: str):
    assert gate.decide(query) is None


def test_a_phrase_may_be_parted_by_any_signs(gate: Gate):
    assert gate.decide("Mervoqua - tilsunep!") == decided("term 6", category="invented-phrase")
    assert gate.decide("mervoqua and tilsunep") is None


def test_other_scripts_and_marks(gate: Gate):
    assert gate.decide("DRIZZOVANQUE") == decided("term 5")
    assert gate.decide("عن زغـلمفوشَط") == decided("term 7")
    assert gate.decide("ЖВУМБРАЛПИК") == decided("term 8")


def test_a_bare_term_is_found_anywhere(gate: Gate):
    assert gate.decide("あヌプリョガゼムポの写真") == decided("term 9")
    assert gate.decide("ﾇﾌﾟﾘｮｶﾞｾﾞﾑﾎﾟ") == decided("term 9")
    assert gate.decide("ヌプリョガゼムホ") is None


@pytest.mark.parametrize(
    "query", ["grompelfax museum", "The Grompelfax Museum, opening hours", "ヌプリョガゼムポ美術館"]
)
def test_a_benign_phrase_masks_the_term_in_it(gate: Gate, query: str):
    assert gate.decide(query) is None


def test_a_benign_phrase_masks_nothing_beside_it(gate: Gate):
    assert gate.decide("grompelfax museum grompelfax") == decided("term 3")
    assert gate.decide("grompelfax museum vushtolimk") == decided("term 4")
    assert gate.decide("grompelfax museums") == decided("term 3")


@pytest.mark.parametrize(
    "query", ["help with zorblaxin", "I need help with  Zorblaxin!", "how do I report zorblaxin"]
)
def test_a_help_phrase_around_a_term_asks_for_help(gate: Gate, query: str):
    assert gate.decide(query) == decided("term 1", "help")


def test_a_help_phrase_around_a_term_speaks_for_that_term_alone(gate: Gate):
    assert gate.decide("help with zorblaxin quandrelpho") == decided("term 2")
    assert gate.decide("zorblaxin help with zorblaxin") == decided("term 1")


def test_a_help_phrase_without_a_term_speaks_for_the_query(gate: Gate):
    assert gate.decide("how to stop looking for quandrelpho") == decided("term 2", "help")
    assert gate.decide("zorblaxin and how to stop looking for vushtolimk") == decided("term 1", "help")
    assert gate.decide("how to stop looking for my keys") is None


def small(folder: Path, *entries: str) -> Gate:
    path = folder / "small.toml"
    path.write_text("\n".join(['name = "small"', *entries]), encoding="utf-8")
    return Gate.from_lists([path])


def term(text: str) -> str:
    return f'[[term]]\ntext = "{text}"\nlanguage = "en"\ncategory = "c"'


def benign(text: str, match: str = "word") -> str:
    return f'[[exception]]\ntext = "{text}"\nintent = "benign"\nmatch = "{match}"'


def test_the_first_and_then_the_longest_hit_is_named(tmp_path: Path):
    gate = small(tmp_path, term("zorblaxin"), term("zorblaxin grompelfax"), term("quandrelpho"))
    assert gate.decide("zorblaxin grompelfax quandrelpho") == Decision("small", "c", "term 2", "search")


def test_a_short_exception_inside_a_long_one_does_not_shorten_it(tmp_path: Path):
    gate = small(
        tmp_path, term("zorblaxin"), benign("the large quiet zorblaxin garden"), benign("large quiet")
    )
    assert gate.decide("the large quiet zorblaxin garden") is None
    assert gate.decide("the large zorblaxin garden") is not None


def test_a_word_is_masked_at_either_end_of_a_bare_exception(tmp_path: Path):
    entries = (benign("ガゼムポ 美術館", "bare"), benign("博物館 ガゼムポ", "bare"))
    gate = small(tmp_path, term("ガゼムポ"), *entries)
    assert gate.decide("ガゼムポ 美術館") is None
    assert gate.decide("博物館 ガゼムポ") is None
    assert gate.decide("ガゼムポ") is not None


def test_exceptions_hold_for_the_terms_of_every_list(tmp_path: Path):
    ours = tmp_path / "ours.toml"
    ours.write_text('name = "ours"\n[[exception]]\ntext = "vushtolimk hotel"\nintent = "benign"\n')
    gate = Gate.from_lists([DEMONSTRATION, ours])
    assert gate.decide("vushtolimk hotel") is None
    assert gate.decide("vushtolimk") == decided("term 4")


def test_a_decision_holds_nothing_of_the_query(gate: Gate):
    decision = gate.decide("quirkymarker zorblaxin other words")
    assert decision is not None
    assert not {"quirkymarker", "zorblaxin", "other"} & set(repr(decision).replace("'", " ").split())
    assert "quirkymarker" not in repr(gate)


def test_what_is_longer_than_the_gate_reads_is_judged_by_its_beginning(gate: Gate):
    filler = "pasta " * (gate.longest_query // 6)
    assert gate.decide("zorblaxin " + filler * 3) == decided("term 1")
    assert gate.decide(filler + "pasta zorblaxin") is None


# -- what an odd query says ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "z0rbl4xin",
        "2orblax!n",
        "zorrblaaaxin",
        "z.o.r.b.l.a.x.i.n",
        "z o r b l a x i n",
        "buy a z o r b l a x i n",
        "zor.bla_x-in",
        "z-0 r_b..l 4 x*i n",
        "zоrblахin",  # with Cyrillic letters
        "zorb&#108;axin",
        "%7Aorblaxi%6E",
        "%257Aorblaxin",
        "zorblaxin!",
        "z0rblaxin-pictures",
        "zzzorblaxin.example",
        "z1orblaxin zorblax1n",
    ],
)
def test_a_disguise_is_taken_off(gate: Gate, query: str):
    assert gate.decide(query) == decided("term 1")


@pytest.mark.parametrize(
    "query",
    [
        "zorb laxin",  # cut into pieces of several letters
        "zorblaxin2",
        "2zorblaxin",
        "zorblaxinn0",
        "zorblxin",  # a letter less is another word
        "zorb'laxin",  # an apostrophe alone joins nothing, as in "he'll"
        "78961",
        "zorb%ZZlaxin",
    ],
)
def test_what_is_no_disguise_is_left_alone(gate: Gate, query: str):
    assert gate.decide(query) is None


def test_a_whole_word_of_another_script_is_another_word(tmp_path: Path):
    gate = small(tmp_path, term("cocop"))
    assert gate.decide("сосор") is None  # all Cyrillic
    assert gate.decide("cосор") is not None  # one Latin letter is left


def test_a_term_of_another_script_is_disguised_by_latin_letters(gate: Gate):
    assert gate.decide("жвумбpaлпик") == decided("term 8")


def test_a_disguise_may_stand_in_a_phrase_an_exception_and_a_wish_for_help(gate: Gate):
    assert gate.decide("m3rvoqua t1lsunep") == decided("term 6", category="invented-phrase")
    assert gate.decide("gr0mpelfax museum") is None
    assert gate.decide("gr0mpelfax museum quandrelpho") == decided("term 2")
    assert gate.decide("help with z0rblaxin") == decided("term 1", "help")
    assert gate.decide("help with zorblaxin z0rblaxin") == decided("term 1")


def test_single_kana_are_put_together(gate: Gate):
    assert gate.decide("ヌ・プ・リ・ョ・ガ・ゼ・ム・ポ") == decided("term 9")
    assert gate.decide("ぬ ぷ り ょ が ぜ む ぽ") == decided("term 9")


def test_the_beginning_of_a_word(gate: Gate):
    assert gate.decide("plimbroskets") == decided("term 10")
    assert gate.decide("plimbrosk3ting") == decided("term 10")
    assert gate.decide("plimbrosket") is None  # shorter than the list asks for
    assert gate.decide("a plimbrosket thing") is None
    assert gate.decide("xplimbroskets") is None


def test_a_term_that_asks_for_its_spelling(gate: Gate):
    assert gate.decide("Wüntelgar") == decided("term 11")
    assert gate.decide("wunt%65lgar") == decided("term 11")  # an encoding is no spelling
    for disguise in ("wunt3lgar", "w.u.n.t.e.l.g.a.r", "wunntelgar"):
        assert gate.decide(disguise) is None


def test_a_pair_counts_near_each_other(gate: Gate):
    pair = decided("pair 1", category="invented-pair")
    assert gate.decide("flimmeret quastelob") == pair
    assert gate.decide("a menhivarn of the drosselin") == pair
    assert gate.decide("fl1mmeret and the quastelob") == pair
    assert gate.decide("flimmeret one two three quastelob") is None
    assert gate.decide("flimmeret drosselin") is None
    assert gate.decide("quastelob") is None


def test_a_pair_is_masked_as_a_whole(tmp_path: Path):
    group = '[[group]]\nname = "{}"\nwords = ["{}"]'
    gate = small(
        tmp_path,
        group.format("one", "flimmeret"),
        group.format("other", "quastelob"),
        '[[pair]]\nfirst = "one"\nsecond = "other"\nwithin = 2\ncategory = "c"',
        benign("flimmeret of quastelob"),
        benign("quastelob"),
    )
    assert gate.decide("flimmeret of quastelob") is None
    assert gate.decide("flimmeret or quastelob") == Decision("small", "c", "pair 1", "search")


def test_the_sink_is_told_each_decision_and_nothing_else():
    told: list[Decision] = []
    gate = Gate.from_lists([DEMONSTRATION], told.append)
    assert [gate.decide(query) is None for query in ("pasta", "zorblaxin", "z0rblaxin")] == [
        True,
        False,
        False,
    ]
    assert told == [decided("term 1"), decided("term 1")]


def test_an_explanation_shows_each_view(gate: Gate):
    seen = [(view.text, view.spellings, found) for view, found in gate.explain("Best z0rbl4xin")]
    assert seen == [
        (b" best z0rbl4xin ", (), None),
        (b" best zorblaxin ", ("z0rbl4xin",), decided("term 1")),
    ]
