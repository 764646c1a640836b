"""Marks of words: how a table is read and matched, all its faults at once, and time that grows with the text alone."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.errors import Refusal
from offramp.language import Tag
from offramp.survey import Mark, Signals, read_signals

CONTENT = Path(__file__).parents[2] / "content"
LINKS = """
[links]
endings = "com net org onion i2p example"
endings_that_are_words = "it me"
endings_when_spaced = "com org"
dots = ["dot"]
services = ["acorn"]
words_around_names = ["on"]
words_for_names = ["name"]
"""
TEA = """
[languages.en]
gap = 2
[languages.en.groups]
pot = ["pot*", "tea cup", "Kettle’s"]
breaks = ["broke*", "falls to pieces"]
[languages.en.patterns]
child_danger = ["{pot} .. {breaks}", "no tea ..1 left"]
self_harm = ["spilt"]
"""
SOUND = LINKS + TEA


def tables(folder: Path, text: str) -> Signals:
    path = folder / "signals.toml"
    path.write_text(text, encoding="utf-8")
    return read_signals(path)


@pytest.fixture
def tea(tmp_path: Path) -> Callable[[str], tuple[str, ...]]:
    signals = tables(tmp_path, SOUND)
    return lambda text: signals(text, Tag("en"))


@pytest.mark.parametrize(
    "text",
    [
        "The pot is broken.",
        "POTS BROKEN",
        "a tea-cup has broken",
        "My kettles, it broke",
        "the kettle's bottom broke",
        "the pot falls to pieces",
        "p\u00f3t\u200b \u0628 broke",
        "ｐｏｔ broke",
        "There is no tea now left",
        "no pot is broken",
    ],
)
def test_words_of_a_pattern_in_its_order_and_near_each_other(tea: Callable, text: str) -> None:
    assert tea(text) == (Mark.CHILD_DANGER,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "broken is the pot",
        "the pot that we two have broken",
        "The pot. I broke it.",
        "a tea and a cup broke",
        "the spot broke",
        "no tea for me left",
        "falls to the pot pieces",
    ],
)
def test_and_nothing_else(tea: Callable, text: str) -> None:
    assert tea(text) == ()


def test_several_marks_come_once_each_and_in_one_order(tea: Callable) -> None:
    assert tea("tea.com spilt, the pot broke, spilt") == (Mark.CHILD_DANGER, Mark.LINK, Mark.SELF_HARM)


def test_a_table_is_for_its_own_language_unless_it_says_everywhere(tmp_path: Path) -> None:
    finnish = '[languages.fi]\n{}[languages.fi.patterns]\nself_harm = ["läikkyi"]\n'
    for everywhere, marks in (("", ()), ("everywhere = true\n", (Mark.SELF_HARM,))):
        signals = tables(tmp_path, SOUND + finnish.format(everywhere))
        assert signals("Läikkyi!", Tag("fi")) == (Mark.SELF_HARM,)
        assert signals("Läikkyi!", Tag("en")) == marks


def test_prefixes_are_taken_off_before_words_are_compared(tmp_path: Path) -> None:
    arabic = '[languages.ar]\nprefixes = ["و", "ال", "وال"]\n[languages.ar.patterns]\nself_harm = ["شاي"]\n'
    signals = tables(tmp_path, SOUND + arabic)
    for text in ("شاي", "والشاي", "الشَّاى", "وشـاي"):
        assert signals(text, Tag("ar")) == (Mark.SELF_HARM,)
    assert signals("كشاي", Tag("ar")) == ()


def test_writing_without_spaces_is_compared_character_by_character(tmp_path: Path) -> None:
    japanese = (
        "[languages.ja]\nspaced = false\ngap = 3\n"
        '[languages.ja.patterns]\nself_harm = ["お茶 .. こぼ", "かび"]\n'
    )
    signals = tables(tmp_path, SOUND + japanese)
    assert signals("あのお茶を全部こぼした。", Tag("ja")) == (Mark.SELF_HARM,)
    assert signals("お茶を飲んでからこぼした。", Tag("ja")) == ()
    assert signals("かひ", Tag("ja")) == ()


# -- faults -------------------------------------------------------------------------------------------------

FAULTS = {
    'pot = ["pot*", "tea cup", "Kettle’s"]': ('pot = ["p*"]', "signals.word"),
    '"falls to pieces"': ('"fa*lls"', "signals.word"),
    'breaks = ["broke*"': ('breaks = ["..."', "signals.word"),
    '"{pot} .. {breaks}"': ('"{pot} .. {smash}"', "signals.unknown_group"),
    '"no tea ..1 left"': ('"no tea .."', "signals.pattern"),
    'self_harm = ["spilt"]': ('tea_harm = ["spilt"]', "table.unknown_key"),
    'dots = ["dot"]': ('dots = "dot"', "table.type"),
    "[languages.en]\n": ("[languages.xx]\n[languages.en]\n", "language.unknown"),
    "gap = 2": ("gap = 2\ncup = 1", "table.unknown_key"),
    "pot = [": ('saucer = ["saucer"]\npot = [', "signals.unused_group"),
}


@pytest.mark.parametrize("sound", FAULTS)
def test_each_fault_is_named(tmp_path: Path, sound: str) -> None:
    assert sound in SOUND
    with pytest.raises(Refusal) as refused:
        tables(tmp_path, SOUND.replace(sound, FAULTS[sound][0], 1))
    assert FAULTS[sound][1] in refused.value.codes


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    text = SOUND
    for sound in ('"falls to pieces"', '"no tea ..1 left"', 'dots = ["dot"]', "gap = 2"):
        text = text.replace(sound, FAULTS[sound][0], 1)
    with pytest.raises(Refusal) as refused:
        tables(tmp_path, text)
    codes = {"signals.word", "signals.pattern", "table.type", "table.unknown_key"}
    assert codes <= set(refused.value.codes)


# -- time ---------------------------------------------------------------------------------------------------

SIGNALS = read_signals(CONTENT / "signals" / "signals.toml")
SHORT, LONGER = 500, 8
HOSTILE = (
    "a", "a.", "a ", "a. ", "http", "www.", "@", "a@", "1.", "1:", ":", "/", "a-", "a_", "dot ", "a dot ", "telegram ",
    "telegram user ", "h t ", "[.]", "+1 ", "ab#", "f0", "my ", "i want ", "a child ", "afraid i will hurt ",
    "is being hurt ", "و", "طفل ", "أخاف أن ", "e\u0301\u0316", "\u0301\u0316", "\u0316",
    "\U0001f6e4", "\u202e", "。", "؟\n",
)  # fmt: skip


def seconds(work: Callable[[str], object], text: str) -> float:
    """Return the least time of three, in the processor's own account."""
    times = []
    for _ in range(3):
        begun = time.process_time()
        work(text)
        times.append(time.process_time() - begun)
    return min(times)


def growth(work: Callable[[str], object], piece: str) -> float:
    """Return how many times longer a text of this piece takes when it is eight times as long."""
    short = (piece * SHORT)[:SHORT]
    return (seconds(work, short * LONGER) + 2e-4) / (seconds(work, short) + 2e-4)


def test_the_time_grows_no_faster_than_the_text() -> None:
    # Eight times the text takes eight times the time; a quadratic step would take sixty-four.
    slow = {piece: growth(lambda text: SIGNALS(text, Tag("en")), piece) for piece in HOSTILE}
    assert {piece: n for piece, n in slow.items() if n > 3 * LONGER} == {}


def test_an_expression_that_grows_faster_would_be_seen() -> None:
    quadratic = re.compile(r"\w+\w\.com")
    assert growth(lambda text: quadratic.search(text), "a") > 3 * LONGER


@given(st.text(max_size=300))
def test_whatever_is_written_marks_are_kinds_and_nothing_of_the_text(text: str) -> None:
    marks = SIGNALS(text, Tag("ar"))
    assert set(marks) <= set(Mark)
    assert marks == tuple(sorted(set(marks)))
    assert SIGNALS(f"{text}\nwww.tortoise.example", Tag("ar")) == tuple(sorted({*marks, Mark.LINK}))
