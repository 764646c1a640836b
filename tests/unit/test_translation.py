"""Translations in step with the English: nothing a translator wrote is lost, and nothing stale passes for done."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import polib
import pytest

from offramp import translation
from offramp.errors import Refusal
from offramp.language import State, Tag, read_translation
from offramp.survey import read_version
from offramp.translation import Source
from offramp.translation.step import marked
from tests.questionnaires import FULL, PLATFORMS

ET = Tag("et")


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "content"
    (folder / "surveys" / "tiny").mkdir(parents=True)
    (folder / "surveys" / "tiny" / "survey.toml").write_text(FULL, encoding="utf-8")
    (folder / "platforms.toml").write_text(PLATFORMS, encoding="utf-8")
    return folder


@pytest.fixture
def source(content: Path) -> Source:
    return translation.read_sources(content)["tiny"]


def translated(source: Source, **changed: str) -> Path:
    """Write a whole translation: every text with a letter before it."""
    po, _ = translation.update(source, ET)
    for entry in po:
        entry.msgstr = changed.get(entry.msgctxt, f"õ {entry.msgid}")
    source.folder.mkdir(exist_ok=True)
    po.save(str(source.file(ET)))
    return source.file(ET)


def edited(content: Path, old: str, new: str) -> Source:
    """Change the English, as its author does."""
    path = content / "surveys" / "tiny" / "survey.toml"
    assert old in path.read_text(encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return translation.read_sources(content)["tiny"]


def test_a_new_language_has_every_text_with_what_it_is(source: Source) -> None:
    po, done = translation.update(source, ET)
    assert done.new == len(source.texts) == len(po)
    contexts = {entry.msgctxt: entry.comment for entry in po}
    assert contexts["question/likes_tea/text"] == "question (single)"
    assert contexts["question/likes_tea/option/yes"] == "answer to choose (single) — to: Do you like tea?"
    assert {entry.msgctxt for entry in translation.template(source)} == set(source.texts)


def test_what_is_in_step_is_what_the_reader_of_the_survey_asks_for(content: Path, source: Source) -> None:
    survey = read_version(content / "surveys" / "tiny")
    assert source.texts == survey.catalogues[Tag("en")].texts
    assert read_translation(translated(source), source.texts).texts.keys() == source.texts.keys()


def test_a_changed_text_keeps_its_translation_and_shows_what_changed(content: Path, source: Source) -> None:
    translated(source)
    new = edited(content, "Do you like tea?", "Do you like green tea?")
    po, done = translation.update(new, ET)
    po.save(str(new.file(ET)))
    assert (done.new, done.changed, done.gone) == (0, 1, 0)
    now = translation.status(new, ET)
    assert (now.missing, now.stale, now.states[State.DRAFT]) == (0, 1, len(new.texts) - 1)
    assert list(translation.changes(new, ET)) == [
        ("question/likes_tea/text", "Do you like {+green+} tea?", "õ Do you like tea?")
    ]
    # Another change in a row: what counts is still the English that was translated.
    newer = edited(content, "like green tea?", "love green tea?")
    translation.update(newer, ET)[0].save(str(newer.file(ET)))
    assert [change for _, change, _ in translation.changes(newer, ET)] == [
        "Do you [-like-] {+love green+} tea?"
    ]
    with pytest.raises(Refusal) as caught:
        read_translation(newer.file(ET), newer.texts)
    assert caught.value.codes == ("language.stale",)


def test_a_change_that_is_taken_back_is_no_change(content: Path, source: Source) -> None:
    translated(source)
    new = edited(content, "Do you like tea?", "Do you like green tea?")
    translation.update(new, ET)[0].save(str(new.file(ET)))
    old = edited(content, "Do you like green tea?", "Do you like tea?")
    translation.update(old, ET)[0].save(str(old.file(ET)))
    assert translation.status(old, ET).stale == 0


def test_a_text_that_is_gone_keeps_what_was_written(content: Path, source: Source) -> None:
    translated(source)
    new = edited(content, '{ id = "no", text = "No" }', '{ id = "never", text = "No" }')
    po, done = translation.update(new, ET)
    assert (done.new, done.gone) == (1, 1)
    assert [entry.msgstr for entry in po if entry.obsolete] == ["õ No"]
    po.save(str(new.file(ET)))
    again, done = translation.update(new, ET)
    assert (done.new, done.gone) == (0, 0)
    assert [entry.msgstr for entry in again if entry.obsolete] == ["õ No"]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_sheet_that_comes_back_as_it_went_changes_nothing(
    source: Source, tmp_path: Path, kind: str
) -> None:
    path = translated(source, title="=1+1", **{"consent/topics": '+ õ\nkaks rida, "jutumärkides"'})
    before = path.read_text(encoding="utf-8")
    rows = translation.write_sheet(source, ET, tmp_path / f"sheet.{kind}")
    po, changed = translation.take_sheet(source, ET, tmp_path / f"sheet.{kind}")
    po.save(str(path))
    assert (rows, changed) == (len(source.texts), 0)
    assert path.read_text(encoding="utf-8") == before


def test_no_program_reckons_with_what_somebody_wrote(source: Source, tmp_path: Path) -> None:
    translated(source, title="=1+1")
    translation.write_sheet(source, ET, tmp_path / "sheet.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "sheet.xlsx").worksheets[0]
    cells = {row[0].value: row for row in sheet.iter_rows()}
    assert (cells["title"][3].value, cells["title"][3].data_type) == ("=1+1", "s")
    assert [cell.protection.locked for cell in cells["title"]] == [
        True,
        True,
        True,
        False,
        False,
        False,
        False,
        True,
    ]
    translation.write_sheet(source, ET, tmp_path / "sheet.csv")
    assert "'=1+1" in (tmp_path / "sheet.csv").read_text(encoding="utf-8-sig")


def test_a_sheet_names_the_picture_that_an_index_has_for_a_text(source: Source, tmp_path: Path) -> None:
    translated(source)
    index = tmp_path / "index-et.csv"
    index.write_text("set,id,picture\ntiny,title,tiny-front-et.png\nother,title,no.png\n", encoding="utf-8")
    translation.write_sheet(source, ET, tmp_path / "sheet.csv", tmp_path)
    with (tmp_path / "sheet.csv").open(encoding="utf-8-sig", newline="") as file:
        named = {row["id"]: row["picture"] for row in csv.DictReader(file)}
    assert named["title"] == "tiny-front-et.png"
    assert [key for key, name in named.items() if name == "no.png"] == []
    index.write_text("set,id\n", encoding="utf-8")
    with pytest.raises(Refusal, match="make pictures LANGUAGES=et") as caught:
        translation.write_sheet(source, ET, tmp_path / "sheet.csv", tmp_path)
    assert caught.value.codes == ("translation.pictures",)


def rewritten(
    path: Path, change: dict[str, dict[str, str]], extra: list[dict[str, str]] | None = None
) -> Path:
    """Change cells of a CSV sheet as a reviewer does, by the id of their row."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows({**row, **change.get(row["id"], {})} for row in [*rows, *(extra or [])])
    return path


def test_a_reviewer_changes_texts_states_and_remarks(source: Source, tmp_path: Path) -> None:
    translated(source)
    sheet = tmp_path / "sheet.csv"
    translation.write_sheet(source, ET, sheet)
    rewritten(sheet, {"title": {"translation": "Pisike", "state": "reviewed AB 2026-11-29", "remark": "short",
                                "translated_back": "A small one"}})  # fmt: skip
    po, changed = translation.take_sheet(source, ET, sheet)
    entry = next(entry for entry in po if entry.msgctxt == "title")
    assert changed == 1
    assert entry.msgstr == "Pisike"
    assert entry.tcomment.splitlines() == [
        "state: reviewed AB 2026-11-29",
        "back: A small one",
        "remark: short",
    ]
    po.save(str(source.file(ET)))
    assert translation.status(source, ET).states[State.REVIEWED] == 1


def test_everything_wrong_in_a_sheet_is_said_at_once(source: Source, tmp_path: Path) -> None:
    before = translated(source).read_text(encoding="utf-8")
    sheet = tmp_path / "sheet.csv"
    translation.write_sheet(source, ET, sheet)
    twice = {
        "id": "consent/purpose",
        "english": source.texts["consent/purpose"],
        "translation": "õ",
        "state": "",
    }
    rewritten(sheet, {
        "title": {"english": "Something else"},
        "consent/topics": {"translation": ""},
        "page/tea/title": {"translation": "Tee {name}"},
        "question/likes_tea/text": {"state": "finished"},
        "question/likes_tea/option/no": {"id": "question/likes_tea/option/never"},
    }, [twice])  # fmt: skip
    with pytest.raises(Refusal) as caught:
        translation.take_sheet(source, ET, sheet)
    assert sorted(caught.value.codes) == sorted((
        "translation.english", "translation.blank", "language.placeholder", "language.state",
        "translation.unknown_id", "translation.twice",
    ))  # fmt: skip
    assert source.file(ET).read_text(encoding="utf-8") == before


@pytest.mark.parametrize(("name", "written"), [
    ("sheet.xlsx", b"no workbook"), ("sheet.csv", b"id,remark\n"), ("sheet.csv", b"\xff\xfe"), ("sheet.ods", b""),
])  # fmt: skip
def test_what_is_no_sheet_is_refused_in_words(
    source: Source, tmp_path: Path, name: str, written: bytes
) -> None:
    translated(source)
    (tmp_path / name).write_bytes(written)
    with pytest.raises(Refusal) as caught:
        translation.take_sheet(source, ET, tmp_path / name)
    assert caught.value.codes == ("translation.sheet",)


def test_a_signature_is_for_the_very_texts_that_were_read(source: Source) -> None:
    path = translated(source)
    assert translation.standing(source, ET) == ""
    translation.sign(source, ET, "approved", "AB", "2026-11-29").save(str(path))
    assert translation.standing(source, ET) == "approved AB 2026-11-29"
    assert translation.status(source, ET).states[State.APPROVED] == len(source.texts)
    po = polib.pofile(str(path))
    po[0].msgstr += "!"
    po.save()
    assert translation.standing(source, ET) == "approved AB 2026-11-29, but the texts have changed since"


@pytest.mark.parametrize(("values", "code"), [
    (("done", "AB", "2026-11-29"), "translation.state"),
    (("approved", "A. B.", "2026-11-29"), "translation.initials"),
    (("approved", "AB", "today"), "translation.day"),
])  # fmt: skip
def test_a_signature_needs_a_state_initials_and_a_day(
    source: Source, values: tuple[str, str, str], code: str
) -> None:
    translated(source)
    with pytest.raises(Refusal) as caught:
        translation.sign(source, ET, *values)
    assert caught.value.codes == (code,)


def test_nobody_signs_for_what_is_not_finished(source: Source) -> None:
    translated(source, title="")
    with pytest.raises(Refusal) as caught:
        translation.sign(source, ET, "approved", "AB", "2026-11-29")
    assert caught.value.codes == ("translation.unfinished",)


def test_a_proof_shows_every_text_and_who_is_asked(source: Source) -> None:
    translated(source, title="<b>Pisike</b>")
    page = translation.proof(source, ET)
    for key, text in source.texts.items():
        assert f">{key}<" in page or f">{key}</td>" in page, key
        assert page.count(text.replace("'", "&#39;")) >= 1, text
    assert "asked if: ${likes_tea} = &#39;yes&#39; or ${cups} &gt;= 1" in page
    assert "&lt;b&gt;Pisike" in page
    assert "Nobody has signed" in page


def test_words_that_changed_are_marked() -> None:
    assert marked("one two three", "one three four") == "one [-two-] three {+four+}"
    assert marked("same", "same") == "same"
