"""A programme in step with its English: strings as those of a survey, prose paragraph by paragraph."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from offramp import translation
from offramp.cli import app
from offramp.errors import Refusal
from offramp.language import Tag
from offramp.programme import Standing, prose_status, read_programme, translated
from tests.programme.small import ES, build, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return build(tmp_path)


def run(*words: str) -> str:
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def edit(folder: Path, step: str, before: str, after: str) -> None:
    path = folder / "text" / "en" / f"{step}.md"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def standings(folder: Path, step: str) -> list[Standing]:
    return [one.standing for one in dict(prose_status(folder, ES))[step]]  # type: ignore[call-overload]


def test_strings_and_check_ins_are_sources_like_any_other(folder: Path) -> None:
    sources = translation.read_sources(folder.parent.parent)
    assert sources.keys() == {"small", "small-check-in"}
    strings = sources["small"]
    assert strings.file(ES) == folder / "locale" / "es.po"
    assert strings.texts == read_programme(folder).catalogues[Tag("en")].texts
    assert strings.contexts["question/where/text"] == "question (single)"
    assert strings.contexts["module/begin/about"] == "what it is about of module/begin"
    assert translation.status(strings, ES).missing == 0
    assert sources["small-check-in"].file(ES) == folder / "check-in" / "locale" / "es.po"


def test_the_words_around_programmes_are_a_source_of_their_own(folder: Path) -> None:
    around = folder.parent / "interface"
    write(around / "interface.toml", 'state = "draft"\n[texts]\n"step/next" = "Go on"\n')
    sources = translation.read_sources(folder.parent.parent)
    assert sources["programmes-interface"].texts == {"step/next": "Go on"}
    assert sources["programmes-interface"].file(ES) == around / "locale" / "es.po"


def test_a_new_language_begins_with_update(folder: Path) -> None:
    run("survey", "messages", "update", "fr", "--content", str(folder.parent.parent))
    assert (folder / "locale" / "fr.po").exists()
    assert (folder / "check-in" / "locale" / "fr.po").exists()


def test_a_changed_paragraph_is_stale_and_no_other(folder: Path) -> None:
    assert set(standings(folder, "welcome")) == {Standing.IN_STEP}
    edit(folder, "welcome", "You can stop.", "You can stop today.")
    assert standings(folder, "welcome") == [
        Standing.IN_STEP, Standing.STALE, Standing.IN_STEP, Standing.IN_STEP
    ]  # fmt: skip
    said = run("programme", "status", "es", "--folder", str(folder))
    assert "welcome, block 2: stale: You can stop today." in said
    assert "1 stale" in said


def test_a_new_paragraph_is_missing_and_one_taken_out_is_gone(folder: Path) -> None:
    edit(folder, "welcome", "- Take", "It is hard at first.\n\n- Take")
    assert standings(folder, "welcome")[2] is Standing.MISSING
    edit(folder, "welcome", "It is hard at first.\n\n", "")
    edit(folder, "welcome", "\n> One day after the other.\n", "")
    assert standings(folder, "welcome")[-1] is Standing.GONE
    (folder / "text" / "es" / "log.md").unlink()
    assert standings(folder, "log") == [Standing.MISSING]


def test_line_ends_and_breaks_of_lines_make_nothing_stale(folder: Path) -> None:
    path = folder / "text" / "en" / "welcome.md"
    path.write_bytes(path.read_bytes().replace(b"\n[Help", b" [Help").replace(b"\n", b"\r\n"))
    assert set(standings(folder, "welcome")) == {Standing.IN_STEP}


def test_recording_one_step_leaves_the_others_as_they_were(folder: Path) -> None:
    edit(folder, "welcome", "You can stop.", "You can stop today.")
    edit(folder, "log", "gets weaker", "grows weaker")
    run("programme", "translated", "es", "log", "--folder", str(folder))
    assert standings(folder, "log") == [Standing.IN_STEP]
    assert Standing.STALE in standings(folder, "welcome")
    run("programme", "translated", "es", "--folder", str(folder))
    assert read_programme(folder)


@pytest.mark.parametrize(
    ("step", "spoil", "code"),
    [
        ("nowhere", None, "programme.unknown_step"),
        ("log", "Uno.\n\nDos.\n", "programme.shape"),
        ("log", "", "programme.missing_text"),
        ("log", "<b>Uno</b>.\n", "programme.raw_html"),
    ],
)
def test_what_is_not_of_the_english_shape_is_not_recorded(
    folder: Path, step: str, spoil: str | None, code: str
) -> None:
    path = folder / "text" / "es" / "log.md"
    if spoil:
        write(path, spoil)
    elif spoil == "":
        path.unlink()
    with pytest.raises(Refusal) as refused:
        translated(folder, ES, [step])
    assert refused.value.codes == (code,)


def test_english_is_made_from_nothing(folder: Path) -> None:
    with pytest.raises(Refusal) as refused:
        translated(folder, Tag("en"))
    assert refused.value.codes == ("programme.source",)


def test_the_check_speaks_of_all_programmes_of_a_content_folder(folder: Path) -> None:
    write(folder.parent.parent / "help" / "help.toml", HELP)
    said = run("programme", "check", str(folder.parent.parent))
    assert "small: version 1, 2 modules, 10 steps, 3 exercises" in said
    assert "es: " in said
    assert "note: [small, es] Nobody has signed for these texts." in said
    assert "note: [help.toml, old] It was read on 2020-01-01." in said
    assert run("programme", "check", str(folder)).count("small: version 1") == 1


def test_no_programme_is_told_with_a_way_out(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["programme", "check", str(tmp_path)])
    assert isinstance(done.exception, Refusal)
    assert done.exception.codes == ("programme.none",)


def test_two_programmes_are_not_mixed_up(folder: Path) -> None:
    write(folder.parent / "other" / "programme.toml", 'slug = "other"\n')
    done = CliRunner().invoke(app, ["programme", "status", "es", "--folder", str(folder.parent.parent)])
    assert isinstance(done.exception, Refusal)
    assert done.exception.codes == ("programme.which",)


HELP = """
[[entries]]
id = "old"
name = "A service that is not there"
audience = "worried"
countries = ["*"]
languages = ["en"]
contact = [{ kind = "web", value = "https://help.example" }]
source = "https://help.example"
read = "2020-01-01"
"""
