"""The check of a programme: each planted fault is found with its place and a way out, and many at once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import polib
import pytest

from offramp.errors import Refusal
from offramp.language import State, Tag
from offramp.programme import StepKind, read_programme, read_programmes, remarks, sign_texts, translated
from tests.programme.small import ES, build, small, write

Plant = Callable[[Path], None]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it once; each test gets a copy."""
    content = tmp_path_factory.mktemp("content")
    build(content)
    return content


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    shutil.copytree(sound, tmp_path / "content")
    return tmp_path / "content" / "programmes" / "small"


def change(file: str, before: str, after: str) -> Plant:
    def plant(folder: Path) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert before in text, f"{before!r} is not there any more"
        path.write_text(text.replace(before, after, 1), encoding="utf-8")

    return plant


def toml(before: str, after: str) -> Plant:
    return change("programme.toml", before, after)


def only_if(condition: str) -> Plant:
    return toml("selected(${felt}, 'lonely')", condition)


def asked(before: str, after: str) -> Plant:
    return change("check-in/survey.toml", before, after)


def welcome(after: str, before: str = "You can stop.") -> Plant:
    return change("text/en/welcome.md", before, after)


def remove(name: str) -> Plant:
    return lambda folder: (folder / name).unlink()


def add(name: str, text: str) -> Plant:
    return lambda folder: write(folder / name, text) and None


def entry(key: str, alter: Callable[[polib.POFile, polib.POEntry], None]) -> Plant:
    def plant(folder: Path) -> None:
        po = polib.pofile(str(folder / "locale" / "es.po"))
        alter(po, next(one for one in po if one.msgctxt == key))
        po.save()

    return plant


def set_text(text: str) -> Callable[[polib.POFile, polib.POEntry], None]:
    return lambda _, one: setattr(one, "msgstr", text)


TOML, EN, ES_TEXT = "small/programme.toml", "small/text/en", "small/text/es"
WELCOME = f"{EN}/welcome.md"
GREETING, EVENING = (f"{TOML}, module begin, step {step}" for step in ("welcome", "evening"))
COMPANY = f"{TOML}, module stay, step company"
CALENDAR, THOUGHT = f"{TOML}, worksheet calendar", f"{TOML}, worksheet path, part thought"
LONG = (
    "Notwithstanding considerable organisational complications, international institutions occasionally "
    "demonstrate extraordinary determination regarding administrative responsibilities, particularly "
    "whenever governmental representatives systematically investigate constitutional irregularities "
) * 3
FAULTS: tuple[tuple[Plant, str, str], ...] = (
    # The head.
    (toml("[[module]]", "[[modul"), "toml.syntax", "programme.toml"),
    (toml('slug = "small"', 'slug = "Small Way"'), "programme.slug", TOML),
    (toml('slug = "small"', 'slug = "other"'), "programme.slug", TOML),
    (toml("version = 1", "version = 0"), "programme.version", TOML),
    (toml('state = "draft"', 'state = "done"'), "language.state", TOML),
    (toml('languages = ["es"]', 'languages = ["es", "xx"]'), "programme.language", TOML),
    (toml('languages = ["es"]', 'languages = ["en", "es"]'), "programme.language", TOML),
    (toml("keep_months = 18", "keep_months = 0"), "programme.keep_months", TOML),
    (toml("keep_months = 18", "keep_month = 18"), "table.unknown_key", TOML),
    (toml('title = "A small way"', 'title = " "'), "table.blank", TOML),
    # Modules and steps.
    (toml("minutes = 20", "minutes = 5"), "programme.minutes", f"{TOML}, module begin"),
    (toml('id = "stay"', 'id = "begin"'), "survey.duplicate_id", TOML),
    (toml('[[worksheet]]\nid = "path"', '[[module]]\nid = "bare"\ntitle = "B"\nabout = "B"\nminutes = 20\n\n'
          '[[worksheet]]\nid = "path"'), "programme.empty_module", f"{TOML}, module bare"),
    (toml('id = "welcome"', 'id = "Welcome!"'), "survey.id", f"{TOML}, module begin, step Welcome!"),
    (toml('id = "my_plan"', 'id = "my_path"'), "survey.duplicate_id", TOML),
    (toml('kind = "reading"', 'kind = "lecture"'), "programme.kind", GREETING),
    (toml('form = "chain"', 'form = "poem"'), "programme.form", EVENING),
    (toml('form = "chain"\n', ""), "table.missing", EVENING),
    (toml('title = "Welcome"', 'title = "Welcome"\nform = "chain"'), "programme.not_here", GREETING),
    (toml('title = "Welcome"', 'title = "Welcome"\nrepeat = true'), "programme.not_here", GREETING),
    (toml('title = "Welcome"', 'title = "Welcome"\nshows = "path"'), "programme.not_here", GREETING),
    (toml('kind = "exercise"\nform = "chain"', 'kind = "reading"'), "programme.not_here", EVENING),
    (toml('page = "start"', 'page = "middle"'), "programme.unknown_page", "small, step first_check"),
    (toml('page = "end"', 'page = "start"'), "programme.check_in_page", "small/check-in/survey.toml, page start"),
    (toml('shows = "plan"', 'shows = "plans"'), "programme.unknown_worksheet", f"{TOML}, module stay, step my_plan"),
    (toml('shows = "plan"', 'shows = "path"'), "programme.worksheet_unshown", f"{TOML}, worksheet plan"),
    # Conditions.
    (only_if("selected(${felt} 'lonely')"), "rules.syntax", COMPANY),
    (only_if("${how_sure} > 5"), "survey.condition_question", COMPANY),
    (only_if("selected(${felt}, 'sad')"), "survey.condition_value", COMPANY),
    (only_if("${told_myself} = 'x'"), "programme.open_condition", COMPANY),
    (only_if("${where} = 'home' and ${where} = 'away'"), "programme.never",
     COMPANY),
    # Questions.
    (toml('id = "who"', 'id = "where"'), "survey.duplicate_id", TOML),
    (toml('id = "who"', 'id = "urge_start"'), "survey.duplicate_id", TOML),
    (toml('kind = "number"', 'kind = "colour"'), "survey.kind", f"{COMPANY}, question how_sure"),
    (toml("max_length = 400", "max_length = 9000"), "survey.max_length", f"{EVENING}, question told_myself"),
    (toml("max_length = 400", "max_length = 3000"), "programme.overfull", EVENING),
    (toml("max_length = 400", 'max_length = 400\nrelevant = "${x} = 1"'), "programme.question",
     f"{EVENING}, question told_myself"),
    (toml("max_length = 400", 'max_length = 400\nsame_as = "a:b"'), "programme.question",
     f"{EVENING}, question told_myself"),
    (toml('text = "Bored"', 'text = "Lonely"'), "survey.equal_options", TOML),
    # Worksheets.
    (toml('kind = "plan"\ntitle', 'kind = "map"\ntitle'), "programme.worksheet_kind", f"{TOML}, worksheet plan"),
    (toml('from = ["told_myself"]', 'from = ["told_you"]'), "programme.unknown_question", THOUGHT),
    (toml('from = ["told_myself"]', 'from = ["urge_start"]'), "programme.unknown_question", THOUGHT),
    (toml('from = ["told_myself"]', "from = []"), "programme.empty_part", THOUGHT),
    (toml('id = "thought"', 'id = "thinking"'), "programme.parts", f"{TOML}, worksheet path"),
    (toml('from = ["log_time"]', 'from = ["where"]'), "programme.calendar_step", CALENDAR),
    (toml("repeat = true\n", ""), "programme.calendar_step", CALENDAR),
    (toml('from = ["log_strength"]\n\n[[worksheet]]', 'from = ["log_day"]\n\n[[worksheet]]'),
     "programme.calendar_question",
     CALENDAR),
    (toml('{ id = "sunday", text = "Sunday" }', ""), "programme.calendar_days", CALENDAR),
    (toml('title = "How it went"',
     'title = "How it went"\n[[worksheet.part]]\nid = "one"\ntitle = "One"\nfrom = ["who"]'),
     "programme.course_parts", f"{TOML}, worksheet course"),
    # Check-ins.
    (asked('slug = "small-check-in"', 'slug = "check"'), "programme.check_in_slug",
     "small/check-in/survey.toml"),
    (asked('same_as = "small-check-in:urge_start"', 'same_as = "small-check-in:urge"'),
     "survey.unknown_same", "small-check-in/survey.toml, question urge_end"),
    (asked('part = "core"\ntitle = "How it is (e', 'part = "closing"\ntitle = "How it is (e'),
     "programme.check_in_part", "small/check-in/survey.toml"),
    (asked("high = 10", "high = 9"), "survey.same_form", "small-check-in/survey.toml, question urge_end"),
    (asked('languages = ["es"]', "languages = []"), "programme.check_in_language",
     "small/check-in/survey.toml"),
    (asked('title = "How are you?"', 'title = "And you?"'), "language.stale", "small/check-in/locale/es.po, title"),
    (remove("check-in/locale/es.po"), "language.unreadable", "small/check-in/locale/es.po"),
    # Prose.
    (remove("text/en/welcome.md"), "programme.missing_text", WELCOME),
    (remove("text/es/welcome.md"), "programme.missing_text", f"{ES_TEXT}/welcome.md"),
    (add("text/es/my_plan.md", "Un plan.\n"), "programme.foreign_text", f"{ES_TEXT}/my_plan.md"),
    (add("text/en/farewell.md", "Bye.\n"), "programme.foreign_text", f"{EN}/farewell.md"),
    (add("text/en/welcome.md", "\n"), "programme.empty_prose", WELCOME),
    (add("text/en/welcome.md", "# Welcome\n"), "programme.heading", WELCOME),
    (add("text/en/welcome.md", "### Welcome\n"), "programme.heading", WELCOME),
    (welcome("You <b>can</b> stop."), "programme.raw_html", f"{WELCOME}, line 3"),
    (welcome("![x](y.png)"), "programme.image", f"{WELCOME}, line 3"),
    (welcome("`stop`"), "programme.markup", f"{WELCOME}, line 3"),
    (change("text/en/welcome.md", "(/{lang}/help)", "(https://help.example)"), "programme.link", f"{WELCOME}, line 4"),
    (change("text/en/welcome.md", "(/{lang}/help)", "(/en/help)"), "programme.link", f"{WELCOME}, line 4"),
    (change("text/en/welcome.md", "(/{lang}/help)", "(javascript:x)"), "programme.link", f"{WELCOME}, line 4"),
    (welcome("See www.help.example."), "programme.address", f"{WELCOME}, line 3"),
    (welcome("Write to a@help.example."), "programme.address", f"{WELCOME}, line 3"),
    (welcome("Call 0800 111 222."), "programme.telephone", f"{WELCOME}, line 3"),
    (lambda folder: (folder / "text/en/log.md").write_bytes(b"\xff"), "programme.unreadable", f"{EN}/log.md"),
    # Languages.
    (change("text/es/welcome.md", "> Un día tras otro.\n", ""), "programme.shape", f"{ES_TEXT}/welcome.md, block 4"),
    (change("text/es/welcome.md", "## Estás", "Estás"), "programme.shape", f"{ES_TEXT}/welcome.md, block 1"),
    (change("text/en/welcome.md", "One day after the other.", "Day by day."), "programme.stale_text",
     f"{ES_TEXT}/welcome.md, block 4"),
    (change("text/es/state.toml", "welcome = ", "# welcome = "), "programme.unrecorded", f"{ES_TEXT}/welcome.md"),
    (change("text/es/state.toml", "welcome = ", 'farewell = ["0"]\nwelcome = '), "programme.unknown_record",
     f"{ES_TEXT}/state.toml, farewell"),
    (change("text/es/state.toml", "[made_from]", "[made_from"), "toml.syntax", "state.toml"),
    (add("text/fr/welcome.md", "Bonjour.\n"), "programme.foreign_language", "small/text/fr"),
    (lambda folder: shutil.copy(folder / "locale/es.po", folder / "locale/fr.po") and None,
     "programme.foreign_language",
     "small/locale/fr.po"),
    (remove("locale/es.po"), "language.unreadable", "small/locale/es.po"),
    (change("adaptation.md", "Spanish (es)", "Everybody"), "programme.adaptation", "small/adaptation.md"),
    (toml('title = "Welcome"', 'title = "A warm welcome"'), "language.stale", "small/locale/es.po, page/welcome/title"),
    (entry("title", set_text("")), "language.missing", "small/locale/es.po, title"),
    (entry("title", lambda po, one: po.append(polib.POEntry(msgctxt="x", msgid="x", msgstr="x"))),
     "language.unknown_key",
     "small/locale/es.po, x"),
    (entry("title", lambda po, one: po.append(polib.POEntry(msgctxt="title", msgid="x", msgstr="x"))), "language.twice",
     "small/locale/es.po, title"),
    (entry("question/told_myself/text", set_text("What did you say to yourself?")), "survey.untranslated",
     "small/locale/es.po, question/told_myself/text"),
    (change("text/es/log.md", "Vuelve aquí después de cada impulso. Se hace más débil cuando lo miras.",
            "Come back here after each urge. It gets weaker when you look at it."), "survey.untranslated",
     f"{ES_TEXT}/log.md, block 1"),
    # Wording.
    (add("text/en/log.md", LONG + ".\n"), "programme.hard_to_read", f"{EN}/log.md"),
    (welcome("Only a monster looks."), "programme.tone", f"{WELCOME}, block 2"),
    (change("text/es/welcome.md", "Puedes parar.", "No es para tanto."), "programme.tone",
     f"{ES_TEXT}/welcome.md, block 2"),
    (toml("What did you say", "Filthy: what did you say"), "programme.tone", f"{TOML}, en, question/told_myself/text"),
    (toml("Where were you?", "Describe the picture."), "programme.asks", f"{TOML}, en, question/where/text"),
    (asked("How strong were urges", "What is your name, and how strong were urges"), "programme.asks",
     "small/check-in, en, question/urge_start/text"),
    (remove("../words.toml"), "toml.missing", "words.toml"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("plant", "code", "place"), FAULTS, ids=[f"{n}-{f[1]}" for n, f in enumerate(FAULTS)]
)
def test_a_planted_fault_is_found_with_its_place_and_a_way_out(
    folder: Path, plant: Plant, code: str, place: str
) -> None:
    plant(folder)
    with pytest.raises(Refusal) as refused:
        read_programme(folder, strictly=True)
    found = [problem for problem in refused.value.problems if problem.code == code and place in problem.place]
    assert found, refused.value
    assert all(problem.remedy.startswith("Please ") for problem in found)


def test_a_sound_programme_has_no_fault(folder: Path) -> None:
    programme = read_programme(folder, strictly=True)
    assert [step.kind for step in programme.steps].count(StepKind.EXERCISE) == 3
    assert read_programmes(folder.parent.parent).keys() == {"small"}
    assert programme.prose[ES].keys() == programme.prose[Tag("en")].keys()
    assert programme.asking.keys() == programme.question_of.keys()


def test_faults_of_every_kind_of_file_come_at_once(folder: Path) -> None:
    plants = [
        toml("minutes = 20", "minutes = 5"), toml('form = "chain"', 'form = "poem"'),
        toml('from = ["told_myself"]', 'from = ["told_you"]'),
        asked('slug = "small-check-in"', 'slug = "check"'),
        welcome("Only a monster looks."),
        change("text/en/company.md", "alone", "alone (call 0800 111 222)"),
        remove("text/es/log.md"), add("text/fr/welcome.md", "Bonjour.\n"), entry("title", set_text("")),
        change("adaptation.md", "Spanish (es)", "Everybody"),
    ]  # fmt: skip
    for plant in plants:
        plant(folder)
    with pytest.raises(Refusal) as refused:
        read_programme(folder, strictly=True)
    assert set(refused.value.codes) >= {
        "programme.minutes", "programme.form", "programme.unknown_question", "programme.check_in_slug",
        "programme.tone",
        "programme.telephone", "programme.missing_text", "programme.foreign_language", "language.missing",
        "programme.adaptation",
    }  # fmt: skip


def test_how_it_is_worded_is_asked_by_the_check_and_by_no_server(folder: Path) -> None:
    welcome("Only a monster looks.")(folder)
    change("text/es/state.toml", "welcome = ", "# welcome = ")(folder)
    with pytest.raises(Refusal) as refused:
        read_programme(folder)
    assert set(refused.value.codes) == {"programme.unrecorded"}


def test_a_phrase_that_is_spared_hides_no_other_word(folder: Path) -> None:
    change("text/en/log.md", "Come back", "You are not a monster. Come back")(folder)
    change("text/es/state.toml", "log = ", "# log = ")(folder)
    with pytest.raises(Refusal) as refused:
        read_programme(folder, strictly=True)
    assert "programme.tone" not in refused.value.codes
    change("text/en/log.md", "Come back", "Monsters. Come back")(folder)
    with pytest.raises(Refusal) as refused:
        read_programme(folder, strictly=True)
    assert "programme.tone" in refused.value.codes


def test_a_thought_that_excuses_may_be_quoted(folder: Path) -> None:
    change("text/en/log.md", "Come back", "“It is no big deal.” Come back")(folder)
    write(folder / "text" / "es" / "state.toml", translated(folder, ES, ["log"]))
    assert read_programme(folder, strictly=True)
    change("text/en/log.md", "“It is no big deal.”", "“Monsters.”")(folder)
    with pytest.raises(Refusal) as refused:
        read_programme(folder, strictly=True)
    assert "programme.tone" in refused.value.codes


def test_what_no_question_asks_for_may_be_said_in_prose(folder: Path) -> None:
    change("text/en/log.md", "Come back", "Never describe the picture. Come back")(folder)
    write(folder / "text" / "es" / "state.toml", translated(folder, ES, ["log"]))
    assert read_programme(folder, strictly=True)


def test_a_state_is_what_its_signature_bears_out(folder: Path) -> None:
    toml('state = "draft"', 'state = "approved"')(folder)
    for tag in ("en", "es"):
        write(folder / "text" / tag / "state.toml", sign_texts(folder, Tag(tag), "approved AB 2026-11-29"))
    signed = read_programme(folder)
    assert {texts.state for texts in signed.catalogues.values()} == {State.APPROVED}
    assert signed.exercises.catalogues[ES].state is State.APPROVED
    assert signed.signed[ES] == "approved AB 2026-11-29"
    # One word of one language ends the signature of that language, and of no other.
    change("text/es/welcome.md", "Puedes parar.", "Puedes parar ya.")(folder)
    changed = read_programme(folder)
    assert changed.catalogues[ES].state is State.DRAFT
    assert changed.catalogues[Tag("en")].state is State.APPROVED
    assert "changed since" in changed.signed[ES]
    assert [note.code for note in remarks(folder, changed)] == ["programme.unsigned"]


def test_english_is_never_further_than_its_author_says(folder: Path) -> None:
    write(folder / "text" / "en" / "state.toml", sign_texts(folder, Tag("en"), "approved AB 2026-11-29"))
    assert read_programme(folder).catalogues[Tag("en")].state is State.DRAFT


def test_remarks_stop_nothing(folder: Path) -> None:
    path = folder / "programme.toml"
    text = path.read_text(encoding="utf-8")
    plan = text[text.index('[[worksheet]]\nid = "plan"') : text.index('[[worksheet]]\nid = "calendar"')]
    path.write_text(text.replace(plan, plan.replace('"who", "how_sure"', '"then"')).replace(
        'from = ["how_sure"]', 'from = ["then"]'), encoding="utf-8")  # fmt: skip
    notes = list(remarks(folder, read_programme(folder, strictly=True)))
    assert [note.code for note in notes] == [
        "programme.unsigned",
        "programme.unsigned",
        "programme.not_shown",
    ]
    assert notes[-1].place == "small/programme.toml, step company"


def test_the_small_programme_is_built_whole(tmp_path: Path) -> None:
    assert small(tmp_path).check_in.slug == "small-check-in"
