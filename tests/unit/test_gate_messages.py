"""What is said in place of results, and what must never be said."""

import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from random import Random

import polib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.errors import Refusal
from offramp.gate import Messages, load_messages
from offramp.gate.messages import THEMES, TONES, Message, choose
from offramp.gate.weeks import Run, following, gap, is_week
from offramp.language import LANGUAGES, SOURCE, State

CONTENT = Path(__file__).parents[2] / "content" / "messages"

SOUND = """
state = "reviewed"
opening = "This is why you see this page."

[[arm]]
id = "harm"
theme = "harm"
tone = "negative"
weight = 3
heading = "Somebody is hurt"
paragraphs = ["One.", "Two."]

[[arm]]
id = "neutral"
theme = "neutral"
heading = "A page"
paragraphs = ["Three."]
"""
TEXTS = {
    "opening": "This is why you see this page.", "harm.heading": "Somebody is hurt", "harm.1": "One.",
    "harm.2": "Two.", "neutral.heading": "A page", "neutral.1": "Three.",
}  # fmt: skip
ARABIC = {
    "opening": "لذلك تظهر هذه الصفحة.", "harm.heading": "هناك من يتألم", "harm.1": "واحد.",
    "harm.2": "اثنان.", "neutral.heading": "صفحة", "neutral.1": "ثلاثة.",
}  # fmt: skip
WEEK = "2026-W48"


def folder(where: Path, source: str = SOUND, **translations: dict[str, str]) -> Path:
    (where / "locale").mkdir()
    (where / "messages.toml").write_text(source, encoding="utf-8")
    for tag, words in translations.items():
        po = polib.POFile()
        for key, word in words.items():
            po.append(polib.POEntry(msgctxt=key, msgid=TEXTS[key], msgstr=word))
        po.save(str(where / "locale" / f"{tag}.po"))
    return where


def refused(where: Path, source: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        load_messages(folder(where, source))
    return caught.value


def test_a_message_is_the_opening_that_all_share_and_then_the_arm(tmp_path: Path):
    messages = load_messages(folder(tmp_path, ar=ARABIC))
    harm, neutral = messages.arms
    assert messages.message(harm, LANGUAGES["en"].tag) == Message(
        "Somebody is hurt", ("This is why you see this page.", "One.", "Two.")
    )
    assert messages.message(neutral, LANGUAGES["ar"].tag) == Message(
        "صفحة", ("لذلك تظهر هذه الصفحة.", "ثلاثة.")
    )
    assert messages.catalogues[SOURCE].state is State.REVIEWED


def test_arms_are_drawn_in_proportion_to_their_weights(tmp_path: Path):
    messages, random = load_messages(folder(tmp_path)), Random(1)
    drawn = Counter(messages.choose(WEEK, random).id for _ in range(4000))
    assert 2850 < drawn["harm"] < 3150
    assert drawn.total() == drawn["harm"] + drawn["neutral"]


def test_an_arm_of_weight_nought_rests(tmp_path: Path):
    messages, random = load_messages(folder(tmp_path, SOUND.replace("weight = 3", "weight = 0"))), Random(1)
    assert {messages.choose(WEEK, random).id for _ in range(200)} == {"neutral"}


def test_an_arm_of_weight_nought_rests_even_at_the_very_bottom_of_chance(tmp_path: Path):
    class Nought:
        def random(self) -> float:
            return 0.0

    arms = load_messages(folder(tmp_path, SOUND.replace("weight = 3", "weight = 0"))).arms
    assert choose(arms, Nought()).id == "neutral"


def test_an_arm_is_drawn_in_its_weeks_alone(tmp_path: Path):
    source = SOUND.replace("weight = 3", 'weight = 3\nfrom = "2026-W48"\nto = "2027-W01"')
    messages, random = load_messages(folder(tmp_path, source)), Random(1)
    drawn = {
        week: {messages.choose(week, random).id for _ in range(100)}
        for week in ("2026-W47", "2026-W48", "2026-W53", "2027-W01", "2027-W02")
    }
    assert [week for week, ids in drawn.items() if "harm" in ids] == ["2026-W48", "2026-W53", "2027-W01"]
    assert all("neutral" in ids for ids in drawn.values())


def scheduled(harm: str, neutral: str) -> str:
    """Return the source with the runs of both arms, each written as “from to”, “-” for no bound."""
    source = SOUND
    for name, run in (("harm", harm), ("neutral", neutral)):
        keys = [
            f'{key} = "{week}"' for key, week in zip(("from", "to"), run.split(), strict=True) if week != "-"
        ]
        source = source.replace(f'id = "{name}"', "\n".join((f'id = "{name}"', *keys)))
    return source


@pytest.mark.parametrize(
    ("harm", "neutral", "where"),
    [
        ("2026-W48 -", "- 2026-W46", "In 2026-W47 no arm runs"),
        ("2026-W02 -", "- 2025-W51", "In 2025-W52 no arm runs"),
        ("2026-W48 -", "2026-W46 -", "Before 2026-W46 no arm runs"),
        ("- 2026-W53", "- 2026-W46", "In 2027-W01 no arm runs"),
    ],
)
def test_a_week_in_which_nothing_could_be_shown_is_refused(
    tmp_path: Path, harm: str, neutral: str, where: str
):
    refusal = refused(tmp_path, scheduled(harm, neutral))
    assert refusal.codes == ("messages.gap",)
    assert where in str(refusal)


@pytest.mark.parametrize(("harm", "neutral"), [("2026-W47 -", "- 2026-W46"), ("- -", "2026-W46 2026-W46"),
                                               ("2021-W01 -", "- 2020-W53")])  # fmt: skip
def test_weeks_that_meet_leave_no_gap(tmp_path: Path, harm: str, neutral: str):
    assert len(load_messages(folder(tmp_path, scheduled(harm, neutral))).arms) == 2


def test_an_arm_that_rests_fills_no_gap(tmp_path: Path):
    source = scheduled("- -", "2026-W46 -").replace("weight = 3", "weight = 0")
    assert refused(tmp_path, source).codes == ("messages.gap",)


@given(st.integers(1900, 2300), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6))
def test_weeks_are_those_of_the_calendar(year: int, bounds: list[tuple[int, int]]):
    begin = date(year, 1, 1)
    names = ["{}-W{:02d}".format(*(begin + timedelta(weeks=n)).isocalendar()[:2]) for n in range(80)]
    assert all(map(is_week, names))
    assert [following(name) for name in names[:-1]] == names[1:]
    last = date(year, 12, 28).isocalendar().week
    assert is_week(f"{year}-W{last}")
    assert not is_week(f"{year}-W{last + 1}")
    runs = [Run(last=names[0]), *(Run(names[min(b)], names[max(b)]) for b in bounds)]
    expected = next(name for name in names if not any(name in run for run in runs))
    assert gap(runs) == expected


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("state =", "stat ="), "table.missing"),
        (('"reviewed"', '"finished"'), "language.state"),
        (("opening =", "openin ="), "table.missing"),
        (('id = "harm"', 'id = "Harm!"'), "messages.id"),
        (('id = "harm"', 'id = "neutral"'), "messages.twice"),
        (('theme = "harm"', 'theme = "fear"'), "messages.theme"),
        (('tone = "negative"', 'tone = "angry"'), "messages.tone"),
        (('tone = "negative"\n', ""), "messages.tone"),
        (('theme = "neutral"', 'theme = "neutral"\ntone = "positive"'), "messages.tone"),
        (("weight = 3", "weight = -1"), "messages.weight"),
        (("weight = 3", "weight = 1001"), "messages.weight"),
        (("weight = 3", "weight = true"), "table.type"),
        (("weight = 3", "weight = 3\ncolour = 1"), "table.unknown_key"),
        (("weight = 3", 'weight = 3\nfrom = "2026-48"'), "messages.week"),
        (("weight = 3", 'weight = 3\nto = "2025-W53"'), "messages.week"),
        (("weight = 3", 'weight = 3\nfrom = "2026-W48"\nto = "2026-W47"'), "messages.week"),
        (('heading = "A page"', 'heading = ""'), "table.blank"),
        (('heading = "A page"', f'heading = "{"x" * 81}"'), "messages.text"),
        (('["Three."]', "[]"), "messages.text"),
        (('["Three."]', '["1", "2", "3", "4"]'), "messages.text"),
        (('["Three."]', '[" "]'), "table.blank"),
        (('["Three."]', f'["{"x" * 401}"]'), "messages.text"),
        (("Somebody is hurt", "You are being watched"), "messages.untrue"),
        (("[[arm]]", "[arm"), "toml.syntax"),
        (("[[arm]]", "[[leg]]"), "messages.no_arm"),
    ],
)
def test_each_fault_has_a_name(tmp_path: Path, change: tuple[str, str], code: str):
    assert code in refused(tmp_path, SOUND.replace(*change)).codes


def test_all_faults_come_at_once_with_their_places(tmp_path: Path):
    source = (
        SOUND.replace('theme = "harm"', 'theme = "fear"').replace('"A page"', '""').replace("Two.", "Police!")
    )
    refusal = refused(tmp_path, source)
    assert [(problem.code, problem.place) for problem in refusal.problems] == [
        ("messages.theme", "messages.toml, arm harm"),
        ("table.blank", "messages.toml, arm neutral"),
        ("messages.untrue", "messages.toml, harm.2"),
    ]


def test_every_arm_resting_is_refused(tmp_path: Path):
    source = SOUND.replace("weight = 3", "weight = 0").replace('id = "neutral"', 'id = "neutral"\nweight = 0')
    assert refused(tmp_path, source).codes == ("messages.no_arm",)


def test_translations_are_checked_like_the_source(tmp_path: Path):
    watched = {**ARABIC, "harm.1": "نحن نراقبك."}
    incomplete = {key: text for key, text in ARABIC.items() if key != "neutral.1"}
    with pytest.raises(Refusal) as caught:
        load_messages(folder(tmp_path, ar=watched, fr=incomplete, en=ARABIC))
    assert set(caught.value.codes) == {"messages.untrue", "language.missing", "language.source"}


def test_messages_that_are_not_there_are_refused(tmp_path: Path):
    with pytest.raises(Refusal) as caught:
        load_messages(tmp_path)
    assert caught.value.codes == ("toml.missing",)


@pytest.fixture(scope="module")
def ours() -> Messages:
    return load_messages(CONTENT)


def test_our_arms_fill_both_axes(ours: Messages):
    filled = {(theme, tone) for theme in ("harm", "control", "legality", "distress") for tone in TONES}
    assert [(arm.theme, arm.tone) for arm in ours.arms] == [*sorted(filled, key=_place), ("neutral", "")]
    assert {arm.weight for arm in ours.arms} == {1}
    assert {catalogue.state for catalogue in ours.catalogues.values()} == {State.DRAFT}


def _place(axes: tuple[str, str]) -> tuple[int, int]:
    return THEMES.index(axes[0]), TONES.index(axes[1])


def test_our_texts_are_short_and_plain(ours: Messages):
    for key, text in ours.texts.items():
        for sentence in re.split(r"(?<=[.?!])\s+", text):
            assert len(sentence.split()) <= 22, key
        assert "porn" not in text.lower()
        assert "  " not in text
        assert "\n" not in text
