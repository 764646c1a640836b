"""Term lists as their authors write them, and everything that can be wrong with one. All words are invented."""

from pathlib import Path

import pytest

from offramp.errors import Refusal
from offramp.gate.lists import ExceptionPhrase, Intent, Match, Pair, Term, parse_list
from offramp.gate.rows import Reading, read_lists

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
    lines = "\n".join(
        f"{key} = {str(value).lower() if value is True else repr(value)}"
        for key, value in shown.items()
        if value is not None
    )
    return f'name = "l"\n[[term]]\n{lines}\n'


def test_a_list_is_read_into_values():
    read = parse_list(SOUND, "list.toml")
    assert read.name == "sound"
    assert read.terms == (
        Term(1, "Zorblaxin", "en", "invented", Match.WORD),
        Term(2, "ヌプリョガゼム", "ja", "invented", Match.BARE),
    )
    assert read.exceptions == (ExceptionPhrase(1, "help with zorblaxin", Intent.HELP, Match.WORD),)


def test_a_term_may_ask_for_its_exact_spelling_and_a_length():
    (read,) = parse_list(term(exact=True, minimum_length=9, match="prefix"), "list.toml").terms
    assert read == Term(1, "zorblaxin", "en", "invented", Match.PREFIX, True, 9)


PAIR = """
name = "l"
[[group]]
name = "one"
words = ["zorblaxin", "grompelfax"]
[[group]]
name = "other"
words = ["vushtolimk"]
exact = true
[[pair]]
first = "one"
second = "other"
within = 3
category = "invented"
"""


def test_a_pair_is_two_groups_and_a_distance():
    (read,) = parse_list(PAIR, "list.toml").pairs
    assert read == Pair(1, ("zorblaxin", "grompelfax"), ("vushtolimk",), 3, "invented", True)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('"other"\nwords', '"one"\nwords', "gate.group_name"),
        ('second = "other"', 'second = "third"', "gate.no_group"),
        ("within = 3", "within = 21", "gate.field"),
        ("within = 3", "within = true", "gate.field"),
        ('["vushtolimk"]', "[]", "gate.field"),
        ('["vushtolimk"]', '["?"]', "gate.nothing_left"),
    ],
)
def test_each_fault_of_a_pair_has_a_name(old: str, new: str, code: str):
    assert old in PAIR
    assert code in refused(PAIR.replace(old, new)).codes


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
        (term(text="the zor", match="prefix"), "gate.short"),
        (term(exact="yes"), "gate.field"),
        (term(minimum_length=201), "gate.field"),
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
    assert any(entry.exact for entry in demonstration.terms)
    assert any(entry.minimum_length for entry in demonstration.terms)
    assert demonstration.pairs
    assert {entry.intent for entry in demonstration.exceptions} == set(Intent)
    assert any(" " in entry.text for entry in demonstration.terms)
    assert {entry.language for entry in demonstration.terms} >= {"en", "ar", "ja"}


# -- tables, as hotlines deliver them -----------------------------------------------------------------------


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_plain_text_has_one_term_a_line(tmp_path: Path):
    path = write(tmp_path, "Hotline words 3.txt", "# invented\n\nzorblaxin\nmervoqua tilsunep\nZorblaxin\n")
    (read,) = read_lists([path], Reading(language="en", category="invented", exact=True))
    assert (read.name, read.twice) == ("hotline-words-3", 1)
    assert read.terms == (
        Term(3, "zorblaxin", "en", "invented", Match.WORD, True),
        Term(4, "mervoqua tilsunep", "en", "invented", Match.WORD, True),
    )


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_columns_of_a_table_are_known_by_their_headers(tmp_path: Path, separator: str):
    rows = [
        ["Id", "Keyword", "Lang", "Type"],
        ["7", "zorblaxin", "EN", "Invented Word"],
        ["8", "grompelfax", "", ""],
    ]
    text = "\ufeff" + "\r\n".join(separator.join(row) for row in rows)
    (read,) = read_lists([write(tmp_path, "hotline.csv", text)])
    assert read.terms == (
        Term(2, "zorblaxin", "en", "invented-word"),
        Term(3, "grompelfax", "und", "listed"),
    )


def test_a_column_may_be_named(tmp_path: Path):
    path = write(tmp_path, "hotline.csv", "Word,What they look for\nx,zorblaxin\n")
    (read,) = read_lists([path], Reading(columns={"text": "what they look for"}))
    assert [entry.text for entry in read.terms] == ["zorblaxin"]


def test_a_cell_may_hold_lines_and_the_place_stays_true(tmp_path: Path):
    path = write(tmp_path, "hotline.csv", 'text,note\nzorblaxin,"one\ntwo"\n?,\n')
    with pytest.raises(Refusal) as caught:
        read_lists([path])
    assert [(p.code, p.place) for p in caught.value.problems] == [
        ("gate.nothing_left", "hotline.csv, line 4")
    ]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("a.csv", "one,two\nzorblaxin,x\n", "gate.column"),
        ("a.csv", 'text\n"zorblaxin\n', "gate.list_syntax"),
        ("a.csv", "", "gate.column"),
        ("a.csv", "text\n\n", "gate.empty"),
        ("a.csv", "text,match\nzorblaxin,inside\n", "gate.field"),
        ("a.txt", "# nothing\n", "gate.empty"),
        ("a.txt", "zorblaxin\n?\n", "gate.nothing_left"),
        ("9.txt", "zorblaxin\n", "gate.field"),
        ("a.docx", "zorblaxin", "gate.list_kind"),
    ],
)
def test_each_fault_of_a_table_has_a_name_and_quotes_nothing(tmp_path: Path, name: str, text: str, code: str):
    with pytest.raises(Refusal) as caught:
        read_lists([write(tmp_path, name, text)])
    assert caught.value.codes == (code,)
    assert "zorblaxin" not in str(caught.value)
