"""The proof of a programme, and signatures over all of its texts."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from lxml.html import document_fromstring
from typer.testing import CliRunner

from offramp import translation
from offramp.cli import app
from offramp.errors import Refusal
from offramp.language import State, Tag
from offramp.programme import read_programme
from tests.programme.small import ES, build

EN = Tag("en")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return build(tmp_path)


def run(*words: str) -> str:
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def refused(*words: str) -> tuple[str, ...]:
    done = CliRunner().invoke(app, words)
    assert isinstance(done.exception, Refusal), done.output
    return done.exception.codes


def rows(page: str) -> dict[str, tuple[str, ...]]:
    """Return the texts on a proof by their keys, as they are read."""
    found = {}
    for row in document_fromstring(page).xpath("//table[not(@class)]/tbody/tr"):
        cells = [" ".join(cell.text_content().split()) for cell in row.xpath("td")]
        key = row.xpath("td[1]/text()")[0].strip()
        assert key not in found or key in ("title", "page/start/title", "page/end/title"), key
        found[key] = tuple(cells[1:])
    return found


def plain(text: str) -> str:
    return " ".join(re.sub(r"[*>#\[\]-]|\(/\{lang\}/\w+\)", "", text).split())


def test_every_text_stands_beside_its_english_once(folder: Path) -> None:
    programme, page = read_programme(folder), translation.programme_proof(folder, ES)
    english, spanish = programme.texts(EN), programme.texts(ES)
    shown = {**rows(page)}
    for key, text in english.items():
        # Keys of the check-ins stand on the page as they are in their own catalogue.
        name = key.removeprefix("check-in/")
        if name == "title":
            continue
        strip = plain if key.startswith("text/") else lambda one: " ".join(one.split())
        assert [strip(one) for one in shown[name]] == [strip(text), strip(spanish[key])], key
    assert "Así: How are you?" in html.unescape(page)
    assert page.count('class="missing"') == 0
    assert programme.text_hash(ES) in page
    assert 'lang="es" dir="ltr"' in page
    assert "shown if: selected(${felt}, 'lonely')" in html.unescape(page)
    assert "offramp programme sign es" in page
    assert "<script" not in page


def test_english_is_read_alone(folder: Path) -> None:
    page = translation.programme_proof(folder, EN)
    assert all(len(row) == 1 for row in rows(page).values())
    assert "offramp programme sign en" in page


def test_what_is_on_the_page_is_what_is_signed(folder: Path, tmp_path: Path) -> None:
    where = ("--folder", str(folder))
    said = ("--state", "approved", "--by", "AB", "--day", "2026-11-29")
    run("programme", "proof", "es", "-o", str(tmp_path / "es.html"), *where)
    assert read_programme(folder).text_hash(ES) in (tmp_path / "es.html").read_text(encoding="utf-8")
    run("programme", "sign", "es", *said, *where)
    signed = read_programme(folder, strictly=True)
    assert signed.catalogues[ES].state is State.APPROVED
    assert signed.check_in.catalogues[ES].state is State.APPROVED
    assert signed.catalogues[EN].state is State.DRAFT
    assert "Signature: approved AB 2026-11-29." in translation.programme_proof(folder, ES)
    assert "es: " in run("programme", "check", str(folder))
    run("programme", "sign", "en", *said, *where)
    assert read_programme(folder).signed[EN] == "approved AB 2026-11-29"


@pytest.mark.parametrize(
    "file", ["text/es/log.md", "locale/es.po", "check-in/locale/es.po"], ids=lambda file: file.split("/")[0]
)
def test_one_changed_letter_in_any_file_ends_a_signature(folder: Path, file: str) -> None:
    for path, made in translation.sign_programme(folder, ES, "approved", "AB", "2026-11-29").items():
        path.write_text(made, encoding="utf-8") if isinstance(made, str) else made.save(str(path))
    assert read_programme(folder).catalogues[ES].state is State.APPROVED
    text = (folder / file).read_text(encoding="utf-8")
    before = "Vuelve" if file.endswith(".md") else 'msgstr "Así: '
    assert before in text
    (folder / file).write_text(text.replace(before, f"{before}!", 1), encoding="utf-8")
    assert read_programme(folder).catalogues[ES].state is State.DRAFT


@pytest.mark.parametrize(
    ("state", "by", "day", "code"),
    [
        ("draft", "AB", "2026-11-29", "translation.state"),
        ("approved", "A.B.", "2026-11-29", "translation.initials"),
        ("approved", "AB", "today", "translation.day"),
    ],
)
def test_a_signature_says_who_and_when(folder: Path, state: str, by: str, day: str, code: str) -> None:
    options = ("--state", state, "--by", by, "--day", day, "--folder", str(folder))
    assert refused("programme", "sign", "es", *options) == (code,)


def test_what_is_not_sound_is_not_signed_and_not_proved(folder: Path) -> None:
    (folder / "text" / "es" / "log.md").unlink()
    options = ("--state", "approved", "--by", "AB", "--day", "2026-11-29", "--folder", str(folder))
    assert "programme.missing_text" in refused("programme", "sign", "es", *options)
    assert "programme.missing_text" in refused("programme", "proof", "es", "-o", "x", "--folder", str(folder))


def test_a_language_that_is_not_there_is_refused(folder: Path) -> None:
    assert refused("programme", "proof", "fr", "-o", "x", "--folder", str(folder)) == (
        "translation.no_language",
    )


def test_strings_are_not_signed_without_their_prose(folder: Path) -> None:
    options = (
        "--state",
        "approved",
        "--by",
        "AB",
        "--day",
        "2026-11-29",
        "--content",
        str(folder.parent.parent),
    )
    for name in ("small", "small-check-in"):
        assert refused("survey", "messages", "sign", "es", name, *options) == ("translation.signed_whole",)
