"""`offramp gate …` as an operator types it: what is printed, and what never is. All terms are invented words."""

import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from offramp.cli.gate import app
from offramp.errors import Refusal

LIST = "Keyword;Lang\nzorblaxin;en\nhoping;en\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("OFFRAMP_GATE_KEY", raising=False)
    monkeypatch.setenv("OFFRAMP_GATE_KEY_FILE", str(tmp_path / "gate.key"))
    (tmp_path / "hotline.csv").write_text(LIST, encoding="utf-8")
    (tmp_path / "benign.tsv").write_text("hopping\t3\npasta\t996\nhoping\n", encoding="utf-8")
    typed("keygen", str(tmp_path / "gate.key"))
    return tmp_path


def typed(*words: str, said: str = "") -> Result:
    result = CliRunner().invoke(app, words, input=said)
    if isinstance(result.exception, Refusal):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def built(place: Path) -> str:
    sealed = str(place / "list.sealed")
    benign = str(place / "benign.tsv")
    typed("build", str(place / "hotline.csv"), "--benign", benign, "-o", sealed)
    return sealed


def test_a_key_is_for_its_owner_alone_and_never_written_over(place: Path):
    key = place / "gate.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(bytes.fromhex(key.read_text())) == 32
    with pytest.raises(Refusal) as caught:
        typed("keygen", str(key))
    assert caught.value.codes == ("gate.key_file",)


def matched(place: Path, *words: str) -> list[bool]:
    shown = typed("decide", "--lists", str(place / "list.sealed"), *words).stdout.splitlines()
    return [json.loads(line)["matched"] for line in shown]


def test_a_list_keeps_its_former_one_and_can_be_rolled_back_twice(place: Path):
    built(place)
    (place / "list.sealed").chmod(0o640)
    (place / "hotline.csv").write_text("Keyword;Lang\ngrompelfax;en\n", encoding="utf-8")
    built(place)
    assert matched(place, "zorblaxin", "grompelfax") == [False, True]
    typed("rollback", str(place / "list.sealed"))
    assert matched(place, "zorblaxin", "grompelfax") == [True, False]
    typed("rollback", str(place / "list.sealed"))
    assert matched(place, "zorblaxin", "grompelfax") == [False, True]
    assert stat.S_IMODE((place / "list.sealed").stat().st_mode) == 0o640
    assert {path.name for path in place.glob("list.sealed*")} == {"list.sealed", "list.sealed.former"}


def test_without_a_former_list_nothing_is_rolled_back(place: Path):
    before = Path(built(place)).read_bytes()
    with pytest.raises(Refusal) as caught:
        typed("rollback", str(place / "list.sealed"))
    assert caught.value.codes == ("gate.no_former",)
    assert (place / "list.sealed").read_bytes() == before


def test_from_a_hotlines_table_to_decisions(place: Path):
    asked = ["z0rblaxin", "pasta", "hopping", "zorblaxin"]
    shown = typed("decide", "--lists", built(place), said="\n".join(asked)).stdout.splitlines()
    decision = {
        "matched": True,
        "list": "hotline",
        "category": "listed",
        "rule": "term 2",
        "intent": "search",
    }
    assert [json.loads(line) for line in shown] == [
        decision,
        {"matched": False},
        {"matched": False},
        decision,
    ]
    assert not any(query in line for query in asked for line in shown)


def test_check_names_what_is_risky_and_quotes_no_term(place: Path):
    result = typed("check", str(place / "hotline.csv"), "--benign", str(place / "benign.tsv"))
    assert "[hotline, term 3] It would turn away 0.1000% of the benign sample." in result.output
    assert "1 spellings in it are spared" in result.output
    assert "hoping" not in result.output
    assert "no_sample" not in result.output
    assert "Without one nobody can tell" in typed("check", str(place / "hotline.csv")).output


def test_a_column_may_be_named(place: Path):
    (place / "odd.csv").write_text("a;b\nx;zorblaxin\n", encoding="utf-8")
    assert "1 terms, sound." in typed("check", str(place / "odd.csv"), "--column", "text=b").output
    for wrong in ("text=c", "b", "nothing=b"):
        with pytest.raises(Refusal) as caught:
            typed("check", str(place / "odd.csv"), "--column", wrong)
        assert set(caught.value.codes) == {"gate.column"}


def test_explain_shows_the_views_of_a_query(place: Path):
    shown = typed("explain", "--lists", built(place), "a z0rblaxin").stdout
    assert "a zorblaxin" in shown
    assert "taken for disguises: z0rblaxin" in shown
    assert "hotline, term 2, listed, search" in shown


def test_bench_prints_no_query(place: Path):
    (place / "own.txt").write_text("quirkymarker pasta\nzorblaxin\n", encoding="utf-8")
    shown = typed(
        "bench", "--lists", built(place), "--queries", str(place / "own.txt"), "--rounds", "1"
    ).stdout
    assert "1 of 2 would be turned away" in shown
    assert "quirkymarker" not in shown


def test_one_key_is_given_and_not_two(place: Path, monkeypatch: pytest.MonkeyPatch):
    sealed = built(place)
    key = (place / "gate.key").read_text().strip()
    monkeypatch.setenv("OFFRAMP_GATE_KEY", key)
    with pytest.raises(Refusal) as caught:
        typed("decide", "--lists", sealed, "pasta")
    assert caught.value.codes == ("gate.no_key",)
    monkeypatch.delenv("OFFRAMP_GATE_KEY_FILE")
    assert json.loads(typed("decide", "--lists", sealed, "zorblaxin").stdout)["matched"] is True
    monkeypatch.delenv("OFFRAMP_GATE_KEY")
    with pytest.raises(Refusal) as caught:
        typed("decide", "--lists", sealed, "pasta")
    assert caught.value.codes == ("gate.no_key",)
