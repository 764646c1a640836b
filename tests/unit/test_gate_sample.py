"""What a benign sample is good for: warnings about risky entries, and words that are spared. All words invented."""

from pathlib import Path

import pytest

from offramp.gate import Gate, draft
from offramp.gate.compiled import compile_terms
from offramp.gate.lists import Term, TermList
from offramp.gate.rows import Reading
from offramp.gate.sample import risks, weigh
from offramp.gate.words import Words

LISTS = [
    TermList("l", (Term(1, "hoping", "en", "c"), Term(2, "zor", "en", "c"), Term(3, "diner bar", "en", "c")))
]
SAMPLE = [("hopping", 10), ("hoping", 5), ("dinner", 20), ("pasta", 965)]


def test_an_ordinary_word_is_no_disguise_of_another():
    unweighed = Gate(compile_terms(LISTS))
    assert unweighed.decide("hopping") is not None
    weighed = weigh(unweighed, SAMPLE)
    assert weighed.ordinary == weighed.doubled == {"hopping", "dinner"}
    gate = Gate(compile_terms(LISTS, weighed.ordinary))
    for query in ("hopping", "dinner bar"):
        assert gate.decide(query) is None
    for query in ("hoping", "hhoping", "h0ping", "hoppping", "dinerr bar"):
        assert gate.decide(query) is not None


def test_the_share_of_each_entry_is_told():
    weighed = weigh(Gate(compile_terms(LISTS)), SAMPLE)
    assert (weighed.total, weighed.spared) == (1000, 10)
    assert weighed.hits == {("l", "term 1"): 5}
    told = [(problem.code, problem.place, problem.what) for problem in risks(LISTS, weighed)]
    assert told[0][:2] == ("gate.risk_short", "l, term 2")
    assert told[1] == ("gate.risk_common", "l, term 1", "It would turn away 0.5000% of the benign sample.")


def test_no_warning_quotes_a_term_and_each_names_a_way_out(tmp_path: Path):
    path = tmp_path / "list.txt"
    path.write_text("hoping\nHoping\nzor\n", encoding="utf-8")
    made = draft([path], Reading(), iter(SAMPLE))
    assert [problem.code for problem in made.warnings] == [
        "gate.risk_twice",
        "gate.risk_short",
        "gate.risk_common",
    ]
    for problem in made.warnings:
        assert problem.remedy.startswith("Please ")
        assert "hoping" not in str(problem).lower()
        assert "zor" not in str(problem)


def test_without_a_sample_the_warning_says_so(tmp_path: Path):
    path = tmp_path / "list.txt"
    path.write_text("hoping\n", encoding="utf-8")
    assert [problem.code for problem in draft([path]).warnings] == ["gate.no_sample"]


def test_an_automaton_is_laid_out_for_how_the_words_of_the_sample_begin(monkeypatch: pytest.MonkeyPatch):
    gate = Gate(compile_terms(LISTS))
    assert weigh(gate, [("Pasta, pasta", 1), ("carbonara", 3)]).usual == {" pasta ", " carbonar"}
    monkeypatch.setattr("offramp.gate.sample.MOST_USUAL", 10)
    assert len(weigh(gate, ((f"word{number}", 1) for number in range(100))).usual) == 10


def test_a_word_with_fewer_letters_than_a_term_is_no_disguise_of_it():
    words = Words.of(("tootem", "gust"), (), ())
    assert not words.is_disguised(b"totem")
    assert words.is_disguised(b"tootemm")
    assert words.is_disguised(b"gusst")
