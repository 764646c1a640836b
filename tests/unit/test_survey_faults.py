"""Planted faults: each in a copy of a real instrument, seen with its place; and all that can stand together,
at once."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import polib
import pytest
from typer.testing import CliRunner

from offramp.cli import app
from offramp.errors import Problem, Refusal
from offramp.survey import read_surveys
from tests.web.installation import CONTENT

Plant = Callable[[Path], None]


@dataclass(frozen=True)
class Fault:
    """What is planted, in which languages the instrument is read, and what has to be said of which place.

    Those that show only when all else is sound stand by themselves (`alone`).
    """

    name: str
    plant: Plant
    code: str
    place: str
    languages: tuple[str, ...] = ()
    alone: bool = False


# -- how a fault is planted -----------------------------------------------------------------------------------


def change(before: str, after: str, file: str = "help-us/survey.toml") -> Plant:
    """Put a text in the place of another one, which has to be there."""

    def plant(folder: Path) -> None:
        path = folder / "surveys" / file
        text = path.read_text(encoding="utf-8")
        assert before in text, f"{before!r} is not there any more"
        path.write_text(text.replace(before, after, 1), encoding="utf-8")

    return plant


def inside(question: str, before: str, after: str) -> Plant:
    """Change a text in the table of one question."""

    def plant(folder: Path) -> None:
        path = folder / "surveys" / "help-us" / "survey.toml"
        head, mark, rest = path.read_text(encoding="utf-8").partition(f'id = "{question}"\n')
        table, end, tail = rest.partition("\n\n")
        assert mark
        assert before in table, f"{before!r} is not in {question} any more"
        path.write_text(head + mark + table.replace(before, after, 1) + end + tail, encoding="utf-8")

    return plant


def entry(tag: str, key: str, alter: Callable[[polib.POFile, polib.POEntry], None]) -> Plant:
    """Alter one entry of a translation."""

    def plant(folder: Path) -> None:
        path = folder / "surveys" / "help-us" / "locale" / f"{tag}.po"
        po = polib.pofile(str(path))
        alter(po, next(one for one in po if one.msgctxt == key))
        po.save()

    return plant


def says(tag: str, key: str, text: str | Callable[[str], str]) -> Plant:
    """Give a text another translation."""

    def alter(_: polib.POFile, one: polib.POEntry) -> None:
        one.msgstr = text if isinstance(text, str) else text(one.msgstr)

    return entry(tag, key, alter)


def same(tag: str, key: str, other: str) -> Plant:
    """Give a text the translation of another one."""

    def alter(po: polib.POFile, one: polib.POEntry) -> None:
        one.msgstr = next(each.msgstr for each in po if each.msgctxt == other)

    return entry(tag, key, alter)


def spoilt(folder: Path) -> None:
    (folder / "surveys" / "help-us" / "locale" / "es.po").write_bytes(b"\xff\xfe")


def stale(_: polib.POFile, one: polib.POEntry) -> None:
    one.msgid += " And more."


def gone(po: polib.POFile, one: polib.POEntry) -> None:
    po.remove(one)


def unsure(_: polib.POFile, one: polib.POEntry) -> None:
    one.flags.append("fuzzy")


def finished(_: polib.POFile, one: polib.POEntry) -> None:
    one.tcomment = "state: finished"


def misnamed(_: polib.POFile, one: polib.POEntry) -> None:
    one.msgctxt = "question/livestream/option/thrice"


def braces(_: polib.POFile, one: polib.POEntry) -> None:
    one.msgstr += " {minutes}"


Q, TOML = "question", "help-us/survey.toml"
ES, AR = ("es",), ("ar",)

# -- the faults -----------------------------------------------------------------------------------------------

FAULTS = (
    # What cannot be read, or means nothing
    Fault("no toml", change('[consent]', '[consent'), "toml.syntax", TOML, alone=True),
    Fault("slug", change('slug = "help-us"', 'slug = "Help us"'), "survey.slug", TOML),
    Fault("state", change('state = "draft"', 'state = "perfect"'), "language.state", TOML),
    Fault("order of modules", change('module_order = "random"', 'module_order = "chance"'),
          "survey.module_order", TOML),
    Fault("unknown key", inside("frequency", "dont_know = true", "do_not_know = true"), "table.unknown_key",
          "page beginning, question frequency"),
    Fault("missing key", change("minutes = 10", ""), "table.missing", f"{TOML}, consent"),
    Fault("type", inside("livestream", "dont_know = true", 'dont_know = "yes"'), "table.type", "question livestream"),
    Fault("blank", change('title = "Contact, worry and telling others"', 'title = " "'), "table.blank", "page contact"),
    # Ids
    Fault("id", change('id = "use_forms"', 'id = "Use forms"'), "survey.id",
          "page use_kinds, question Use forms"),
    Fault("reserved id", change('id = "use_sex"', 'id = "take_sex"'), "survey.reserved_id", "question take_sex"),
    Fault("reserved option", inside("cont_others", 'id = "no"', 'id = "skipped"'), "survey.reserved_id",
          "question cont_others, option skipped"),
    Fault("question twice", change('id = "well_sleep"', 'id = "well_lonely"'), "survey.duplicate_id", TOML),
    Fault("option twice", inside("trig_mood", 'id = "neutral"', 'id = "bad"'),
          "survey.duplicate_id", "question trig_mood"),
    Fault("page twice", change('id = "triggers_why"', 'id = "triggers_when"'), "survey.duplicate_id", TOML),
    # Kinds and what belongs to them
    Fault("kind", inside("about_age", 'kind = "single"', 'kind = "slider"'), "survey.kind", "question about_age"),
    Fault("bounds", inside("well_rate", "high = 10", "high = 0"), "survey.bounds", "question well_rate"),
    Fault("long scale", inside("strat_sure", "high = 10", "high = 100"), "survey.bounds", "question strat_sure"),
    Fault("no end", inside("cont_worry", 'high_label = "As worried as can be"', ""),
          "table.missing", "question cont_worry"),
    Fault("longest text", inside("last_word", "max_length = 500", "max_length = 5000"), "survey.max_length",
          "page last_page, question last_word"),
    Fault("options of a text", inside("about_help", 'kind = "text"', 'kind = "text"\nother = true'), "survey.options",
          "question about_help"),
    Fault("most", inside("trig_time", 'kind = "multiple"', 'kind = "multiple"\nmost = 9'), "survey.most",
          "question trig_time"),
    Fault("exclusive single", inside("stop_attempts", 'text = "No" }', 'text = "No", exclusive = true }'),
          "survey.exclusive", "question stop_attempts, option no"),
    Fault("group", inside("tp5_view_social", '"social_media"', '"social_places"'), "survey.unknown_group",
          "question tp5_view_social"),
    Fault("equal options", inside("barr_know",
          'text = "Yes, and I have used it"', 'text = "yes, and I have  not used it."'),
          "survey.equal_options", f"{TOML}, question/barr_know/option/used"),
    Fault("equal ends", inside("feel_rate_post", "As good as can be", "As bad as can be"), "survey.equal_options",
          f"{TOML}, question/feel_rate_post/high"),
    Fault("no rows", change("rows = [\n", "rows = []\nothers = [\n", "no-need/survey.toml"), "survey.rows",
          "no-need/survey.toml, page harm, question harm_view"),
    Fault("words in a matrix", change('text = "How far do you agree?"', 'text = "How far do you agree?"\nother = true',
          "no-need/survey.toml"), "survey.matrix_other", "page views_agree, question views_agreed"),
    # Where pages belong
    Fault("part", change('id = "closing"\npart = "closing"', 'id = "closing"\npart = "end"'),
          "survey.part", "page closing"),
    Fault("module", change('id = "wellbeing_now"\nmodule = "wellbeing"', 'id = "wellbeing_now"\nmodule = "well"'),
          "survey.unknown_module", "page wellbeing_now"),
    Fault("empty module", change('id = "about_you"\nmodule = "about"', 'id = "about_you"\nmodule = "use"'),
          "survey.empty_module", "module about"),
    Fault("share", change("share = 50", "share = 500"), "survey.share", "sample before"),
    Fault("sample", inside("wish_to_stop", 'sample = "before"', 'sample = "after"'), "survey.unknown_sample",
          "question wish_to_stop"),
    # Conditions
    Fault("condition", inside("use_live_year", "${livestream} = 'once' or", "${livestream} == 'once' or"),
          "rules.syntax",
          "question use_live_year"),
    Fault("later question", inside("strat_worked", "${strat_tried}", "${strat_back}"), "survey.condition_question",
          "question strat_worked"),
    Fault("no such answer", inside("barr_treated", "'not_got'", "'never_got'"), "survey.condition_value",
          "question barr_treated"),
    Fault("never asked", inside("use_live_year", "${livestream} = 'once' or ${livestream} = 'more'",
          "${livestream} = 'once' and ${livestream} = 'more'"), "survey.unreachable", "question use_live_year",
          alone=True),
    # Translations: there, in step, and marked
    Fault("language", change("languages = [", 'languages = ["xx", '), "language.unknown", "xx.po", ES),
    Fault("missing", entry("es", "page/help/title", gone), "language.missing", "es.po, page/help/title", ES),
    Fault("empty", says("es", "question/fear_acts/text", " "),
          "language.missing", "es.po, question/fear_acts/text", ES),
    Fault("stale", entry("es", "consent/topics", stale), "language.stale", "es.po, consent/topics", ES),
    Fault("fuzzy", entry("es", "consent/purpose", unsure), "language.stale", "es.po, consent/purpose", ES),
    Fault("wrong option", entry("es", "question/livestream/option/more", misnamed), "language.unknown_key",
          "es.po, question/livestream/option/thrice", ES, alone=True),
    Fault("placeholder", entry("es", "page/contact/intro", braces),
          "language.placeholder", "es.po, page/contact/intro", ES),
    Fault("state of a text", entry("es", "module/use/title", finished),
          "language.state", "es.po, module/use/title", ES),
    Fault("unreadable", spoilt,
          "language.unreadable", "es.po", ES, alone=True),
    # Translations: like their English
    Fault("too long", says("es", "page/stopping/title", "Dejarlo " * 9),
          "survey.too_long", "es.po, page/stopping/title", ES),
    Fault("too short", says("es", "page/stopping/intro", "CSAM."),
          "survey.too_short", "es.po, page/stopping/intro", ES),
    Fault("numbers", says("es", "question/first_age/option/age_18_24", "De 18 a 25"), "survey.other_numbers",
          "es.po, question/first_age/option/age_18_24", ES),
    Fault("numbers gone", says("es", "question/first_age/option/age_35_up", "Mayor"), "survey.other_numbers",
          "es.po, question/first_age/option/age_35_up", ES),
    Fault("untranslated", says("es", "question/told_anyone/text", "Whom have you ever told that you use CSAM?"),
          "survey.untranslated", "es.po, question/told_anyone/text", ES),
    Fault("equal options, translated", same("es", "question/barr_treated/option/badly",
          "question/barr_treated/option/well"),
          "survey.equal_options", "es.po, question/barr_treated/option/", ES),
    Fault("equal ends, translated", same("es", "question/feel_rate_pre/high", "question/feel_rate_pre/low"),
          "survey.equal_options", "es.po, question/feel_rate_pre/high", ES),
    Fault("direction", says("es", "page/beginning/title", "كيف بدأ الأمر، وكيف هو الآن"), "survey.direction",
          "es.po, page/beginning/title", ES),
    Fault("turned round", says("es", "page/help/intro", lambda text: "\u202e" + text), "survey.direction",
          "es.po, page/help/intro", ES),
    Fault("direction, right to left", says("ar", "question/help_sought/text",
          "¿Ha buscado ayuda alguna vez, y la obtuvo?"),
          "survey.script", "ar.po, question/help_sought/text", AR),
    Fault("mostly the other way", says("ar", "question/barriers/text", "هل buscado ayuda alguna vez en su vida"),
          "survey.direction", "ar.po, question/barriers/text", AR),
    Fault("half a pair", says("ar", "page/help/title", lambda text: "\u2066" + text), "survey.direction",
          "ar.po, page/help/title", AR),
    # Questions that both surveys ask, and findings
    Fault("no such question", change('same_as = "help-us:first_age"', 'same_as = "help-us:age"', "no-need/survey.toml"),
          "survey.unknown_same", "no-need/survey.toml, question first_age", alone=True),
    Fault("other words", change("How old were you when you first saw CSAM?", "At what age did you first see CSAM?",
          "no-need/survey.toml"), "survey.same_words", "no-need, en, question/first_age/text", alone=True),
    Fault("version", change("version = 1", "version = 0.1", "no-need/survey.toml"),
          "table.type", "no-need/survey.toml"),
)  # fmt: skip


def planted(content: Path, languages: Iterable[str], faults: Iterable[Fault]) -> None:
    """Copy both instruments in these languages, and plant the faults."""
    content.mkdir()
    shutil.copyfile(CONTENT / "platforms.toml", content / "platforms.toml")
    for slug in ("help-us", "no-need"):
        shutil.copytree(CONTENT / "surveys" / slug, content / "surveys" / slug)
        path = content / "surveys" / slug / "survey.toml"
        own = sorted(languages) if slug == "help-us" else []
        listed = ", ".join(f'"{tag}"' for tag in own)
        text = path.read_text(encoding="utf-8")
        path.write_text(
            re.sub(r"(?ms)^languages = \[.*?\]", f"languages = [{listed}]", text), encoding="utf-8"
        )
    for fault in faults:
        fault.plant(content)


def meets(problem: Problem, fault: Fault) -> bool:
    return problem.code == fault.code and fault.place in problem.place


def test_there_are_more_than_forty_and_the_copy_is_sound_without_them(tmp_path: Path) -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 50
    planted(tmp_path / "content", ("ar", "es"), ())
    read_surveys(tmp_path / "content", strictly=True)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_seen_with_its_place_and_a_remedy(tmp_path: Path, fault: Fault) -> None:
    planted(tmp_path / "content", fault.languages, [fault])
    with pytest.raises(Refusal) as refused:
        read_surveys(tmp_path / "content", strictly=True)
    found = [problem for problem in refused.value.problems if meets(problem, fault)]
    assert found, [(problem.code, problem.place) for problem in refused.value.problems]
    assert all(problem.remedy.startswith("Please ") and problem.what.endswith(".") for problem in found)


def test_all_that_can_stand_together_are_seen_at_once(tmp_path: Path) -> None:
    together = [fault for fault in FAULTS if not fault.alone]
    assert len(together) >= 45
    planted(tmp_path / "content", ("ar", "es"), together)
    refused = CliRunner().invoke(app, ["survey", "check", str(tmp_path / "content")]).exception
    assert isinstance(refused, Refusal)
    unseen = [fault.name for fault in together if not any(meets(p, fault) for p in refused.problems)]
    assert unseen == []


def test_the_content_of_the_tree_is_clean() -> None:
    said = CliRunner().invoke(app, ["survey", "check", str(CONTENT)])
    assert said.exception is None, said.exception
    assert "help-us: version" in said.output
    assert "no-need: version" in said.output
