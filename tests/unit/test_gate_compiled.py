"""A compiled list on its way to a search engine: sealed, checked before it is read, and the same when opened."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.errors import Refusal
from offramp.gate import Gate, draft, load
from offramp.gate.compiled import PURPOSE, compile_terms, pack, unpack
from offramp.gate.rows import read_lists
from offramp.sealing import open_file, seal_file

LISTS = [Path(__file__).parents[2] / "content" / "gate" / "demonstration.toml"]
KEY, OTHER_KEY = bytes(range(32)), bytes(32)
SEALED = draft(LISTS).sealed(KEY)
QUERIES = [
    "zorblaxin",
    "help with zorblaxin",
    "best pasta",
    "xヌプリョガゼムポx",
    "grompelfax museum",
    "mervoqua, tilsunep",
    "z0rbl4xin",
    "plimbroskettes",
    "the flimmeret of quastelob",
]


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    path = tmp_path / "lists.gate"
    path.write_bytes(draft(LISTS).sealed(KEY))
    return path


def test_a_sealed_gate_decides_as_the_lists_do(sealed: Path):
    opened, direct = load(sealed, KEY), Gate.from_lists(LISTS)
    assert [opened.decide(query) for query in QUERIES] == [direct.decide(query) for query in QUERIES]
    assert opened.decide("zorblaxin") is not None


def test_a_sealed_file_shows_no_term(sealed: Path):
    open_body = pack(compile_terms(read_lists(LISTS)))
    for name in (b"demonstration", b"invented-word"):
        assert name in open_body
        assert name not in sealed.read_bytes()


def test_another_key_opens_nothing(sealed: Path):
    with pytest.raises(Refusal) as caught:
        load(sealed, OTHER_KEY)
    assert caught.value.codes == ("sealing.cannot_open",)


def test_each_damaged_byte_is_noticed_before_anything_is_read(sealed: Path):
    body = sealed.read_bytes()
    for place in (*range(0, 60), len(body) // 2, len(body) - 1):
        sealed.write_bytes(body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :])
        with pytest.raises(Refusal) as caught:
            load(sealed, KEY)
        assert caught.value.codes == ("sealing.cannot_open",)


@pytest.mark.parametrize("body", [b"", b"x", b"OFRF\x01", b"\x00" * 4000])
def test_what_is_no_sealed_file_is_refused(sealed: Path, body: bytes):
    sealed.write_bytes(body)
    with pytest.raises(Refusal) as caught:
        load(sealed, KEY)
    assert caught.value.codes == ("sealing.cannot_open",)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(Refusal) as caught:
        load(tmp_path / "missing.gate", KEY)
    assert caught.value.codes == ("gate.compiled_unreadable",)


def changed(**stamp: object) -> bytes:
    line, _, rest = pack(compile_terms(read_lists(LISTS))).partition(b"\n")
    return json.dumps({**json.loads(line), **stamp}).encode() + b"\n" + rest


@pytest.mark.parametrize(
    "body",
    [
        changed(format=6),
        changed(format=8),
        changed(folding=0),
        changed(automaton="daachorse 0.4.0"),
        changed(rows="many"),
        changed(words=3),
        changed()[:-5],
        b"{}\n",
        b"[]\n",
        b"",
    ],
)
def test_what_another_release_compiled_is_refused_and_never_guessed_at(sealed: Path, body: bytes):
    sealed.write_bytes(seal_file(body, KEY, PURPOSE))
    with pytest.raises(Refusal) as caught:
        load(sealed, KEY)
    assert caught.value.codes == ("gate.other_release",)


def test_packing_loses_nothing():
    compiled = compile_terms(read_lists(LISTS))
    again = unpack(pack(compiled))
    assert (again.names, again.rows) == (compiled.names, compiled.rows)
    assert again.words.shapes == compiled.words.shapes
    assert again.words.stem_lengths == compiled.words.stem_lengths
    assert again.firsts == compiled.firsts
    assert again.automaton.serialize() == compiled.automaton.serialize()


def test_lines_that_an_automaton_is_laid_out_for_change_nothing_that_is_found():
    lists = read_lists(LISTS)
    usual, plain = (
        Gate(compile_terms(lists, usual=[" best ", " pasta ", " help "])),
        Gate(compile_terms(lists)),
    )
    assert [usual.decide(query) for query in QUERIES] == [plain.decide(query) for query in QUERIES]
    assert unpack(pack(compile_terms(lists, usual=[" best ", " pasta "]))).words == compile_terms(lists).words


def test_ordinary_words_with_a_doubled_letter_are_passed_over_and_disguises_found():
    lists = read_lists(LISTS)
    ordinary = ["zoo", "zorro", "zorblaxxing", "pasta", "balloon", "committee"]
    compiled, plain = compile_terms(lists, doubled=ordinary), Gate(compile_terms(lists))
    gate, word = Gate(compiled), "zorblaxin"
    for at in range(len(word)):
        doubled = f"the {word[:at]}{word[at]}{word[at:]} of zorro"
        assert gate.decide(doubled) == plain.decide(doubled) is not None
    for each in ordinary:
        assert compiled.automaton.find_overlapping(f" {each} ".encode()) == []
        assert gate.decide(each) is None


def test_nothing_of_a_list_is_shown_by_a_repr():
    compiled = compile_terms(read_lists(LISTS))
    for shown in (repr(compiled), repr(Gate(compiled))):
        assert "zorblaxin" not in shown


@given(st.data())
def test_whatever_happens_to_a_sealed_file_it_is_refused_by_name(data: st.DataObject):
    """Cut short, bits turned, parts exchanged, something put after it: never opened, never a trace."""
    place = data.draw(st.integers(0, len(SEALED) - 1))
    other = data.draw(st.integers(0, len(SEALED) - 1))
    first, last = sorted((place, other))
    harm = data.draw(st.sampled_from(("cut", "turn", "exchange", "add")))
    body = {
        "cut": SEALED[:place],
        "turn": SEALED[:place]
        + bytes([SEALED[place] ^ 1 << data.draw(st.integers(0, 7))])
        + SEALED[place + 1 :],
        "exchange": SEALED[last:] + SEALED[first:last] + SEALED[:first],
        "add": SEALED + data.draw(st.binary(min_size=1, max_size=20)),
    }[harm]
    if body != SEALED:
        with pytest.raises(Refusal) as caught:
            unpack(open_file(body, KEY, PURPOSE))
        assert caught.value.codes == ("sealing.cannot_open",)


def test_the_file_that_was_harmed_opens_unharmed():
    assert unpack(open_file(SEALED, KEY, PURPOSE)).first_sentinel > 8
