"""Term lists as their authors write them, and everything that can be wrong with one. All words are invented."""

from pathlib import Path

import pytest

from offramp.errors import Refusal
from offramp.gate.lists import ExceptionPhrase, Intent, Match, Term, parse_list, pattern, read_lists

DEMONSTRATION = Path(__file__).parents[2] / "content" / "gate" / "demonstration.toml"

SOUND = """
name = "sound"

[[term]]
text = "Zorblaxin"
language = "en"
category = "invented"

[[term]]
text = "ヌプリョガゼム"
language = "ja"
category = "invented"
match = "bare"

[[exception]]
text = "help with zorblaxin"
intent = "help"
"""


def refused(source: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse_list(source, "list.toml")
    return caught.value


def term(**fields: object) -> str:
    shown = {"text": "zorblaxin", "language": "en", "category": "invented", **fields}
    lines = "\n".join(f"{key} = {value!r}" for key, value in shown.items() if value is not None)
    return f'name = "l"\n[[term]]\n{lines}\n'


def test_a_list_is_read_into_values():
    read = parse_list(SOUND, "list.toml")
    assert read.name == "sound"
    assert read.terms == (
        Term(1, "Zorblaxin", "en", "invented", Match.WORD),
        Term(2, "ヌプリョガゼム", "ja", "invented", Match.BARE),
    )
    assert read.exceptions == (ExceptionPhrase(1, "help with zorblaxin", Intent.HELP, Match.WORD),)


def test_a_word_carries_its_boundaries_and_a_bare_text_has_none():
    word, bare = parse_list(SOUND, "list.toml").terms
    assert pattern(word) == b" zorblaxin "
    assert pattern(bare).decode() == "ヌプリョガゼム"


def test_a_term_is_not_shown_by_its_repr():
    assert "orblaxin" not in repr(parse_list(SOUND, "list.toml"))


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("name = ", "gate.list_syntax"),
        ("x = " + "[" * 3000, "gate.list_syntax"),
        ('name = "l"', "gate.empty"),
        (term().replace('"l"', '"Not A Slug"'), "gate.field"),
        (term().replace('name = "l"\n', ""), "gate.field"),
        ("extra = 1\n" + term(), "gate.unknown_key"),
        ('name = "l"\nterm = "zorblaxin"', "gate.field"),
        ('name = "l"\nterm = [1, 2]', "gate.field"),
        (term(text=None), "gate.field"),
        (term(text=7), "gate.field"),
        (term(language="English"), "gate.field"),
        (term(category="Not a slug"), "gate.field"),
        (term(match="inside"), "gate.field"),
        (term(weight=3), "gate.unknown_key"),
        (term(text="?!"), "gate.nothing_left"),
        (term(text="z"), "gate.short"),
        (term(text="zorb " * 60), "gate.long"),
        (term(match="bare"), "gate.bare_script"),
        (term(text="ヌプ", match="bare"), "gate.short"),
        (term(text="ヌプリョa", match="bare"), "gate.bare_script"),
        (
            term() + term(text="ZORB-laxin").split("\n", 1)[1] + term(text="zorb laxin").split("\n", 1)[1],
            "gate.twice",
        ),
        (term() + "[[exception]]\ntext = 'Zorblaxin!'\nintent = 'help'\n", "gate.masks_term"),
        (term() + "[[exception]]\ntext = 'zorblaxin zoo'\nintent = 'maybe'\n", "gate.field"),
        (term() + "[[exception]]\ntext = 'a zoo'\nintent = 'help'\n" * 2, "gate.twice"),
    ],
)
def test_each_fault_has_a_name(source: str, code: str):
    assert refused(source).codes == (code,)


def test_all_faults_come_at_once_each_with_its_place():
    source = (
        'name = "l"\n\n[[term]]\ntext = "zorblaxin"\nlanguage = "en"\n\n'
        '[[term]]\ntext = "grompelfax"\nlanguage = "EN"\ncategory = "c"\nnote = "x"\n\n'
        '[[exception]]\ntext = "?"\nintent = "help"\n'
    )
    assert [(problem.code, problem.place) for problem in refused(source).problems] == [
        ("gate.field", "list.toml, term 1, line 3"),
        ("gate.unknown_key", "list.toml, term 2, line 7"),
        ("gate.field", "list.toml, term 2, line 7"),
        ("gate.nothing_left", "list.toml, exception 1, line 13"),
    ]


def test_no_fault_quotes_a_term():
    sources = [
        term(text="zorblaxin" * 30),
        term(match="bare"),
        term() + term().split("\n", 1)[1],
        'name = "l"\nzorblaxin = 1\n[[term]]\nzorblaxin = "zorblaxin"\n',
        'name = "l"\n[[term]]\ntext = "zorblaxin\n',
        "zorblaxin zorblaxin",
        term() + "[[exception]]\ntext = 'zorblaxin'\nintent = 'help'\n",
    ]
    for source in sources:
        assert "zorblaxin" not in str(refused(source))


def test_every_fault_names_the_way_out():
    for problem in refused('name = "l"\n[[term]]\ntext = "?"\nmatch = "bare"\n').problems:
        assert problem.remedy.startswith("Please ")


def test_faults_of_several_files_come_together(tmp_path: Path):
    (tmp_path / "one.toml").write_text("name = ")
    (tmp_path / "two.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "three.toml").write_text(term(), encoding="utf-8")
    (tmp_path / "four.toml").write_text(term(text="grompelfax"), encoding="utf-8")
    names = ("one", "two", "three", "four", "missing")
    with pytest.raises(Refusal) as caught:
        read_lists(tmp_path / f"{name}.toml" for name in names)
    assert caught.value.codes == (
        "gate.list_syntax", "gate.list_unreadable", "gate.list_name", "gate.list_unreadable",
    )  # fmt: skip


def test_exceptions_may_have_a_file_of_their_own_but_not_alone(tmp_path: Path):
    ours = tmp_path / "ours.toml"
    ours.write_text('name = "ours"\n[[exception]]\ntext = "zorblaxin zoo"\nintent = "benign"\n')
    theirs = tmp_path / "theirs.toml"
    theirs.write_text(term())
    assert [read.name for read in read_lists([theirs, ours])] == ["l", "ours"]
    with pytest.raises(Refusal) as caught:
        read_lists([ours])
    assert caught.value.codes == ("gate.no_terms",)


def test_the_demonstration_list_shows_each_thing_that_a_list_can_say():
    (demonstration,) = read_lists([DEMONSTRATION])
    assert len(demonstration.terms) >= 8
    assert {entry.match for entry in demonstration.terms} == set(Match)
    assert {entry.intent for entry in demonstration.exceptions} == set(Intent)
    assert any(" " in entry.text for entry in demonstration.terms)
    assert {entry.language for entry in demonstration.terms} >= {"en", "ar", "ja"}
