"""What is said in place of results, and what must never be said."""

import re
from collections import Counter
from pathlib import Path
from random import Random

import polib
import pytest

from offramp.errors import Refusal
from offramp.gate import Messages, load_messages
from offramp.gate.claims import UNTRUE
from offramp.gate.messages import TONES, Message, choose, parse_messages, untrue_claims
from offramp.language import LANGUAGES, SOURCE, Catalogue, State, Tag

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
GERMAN = {
    "opening": "Darum sehen Sie diese Seite.", "harm.heading": "Jemand leidet", "harm.1": "Eins.",
    "harm.2": "Zwei.", "neutral.heading": "Eine Seite", "neutral.1": "Drei.",
}  # fmt: skip


def folder(where: Path, source: str = SOUND, **translations: dict[str, str]) -> Path:
    (where / "locale").mkdir()
    (where / "messages.toml").write_text(source, encoding="utf-8")
    texts = parse_messages(SOUND, "messages.toml")[2]
    for tag, words in translations.items():
        po = polib.POFile()
        for key, word in words.items():
            po.append(polib.POEntry(msgctxt=key, msgid=texts[key], msgstr=word))
        po.save(str(where / "locale" / f"{tag}.po"))
    return where


def refused(source: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse_messages(source, "messages.toml")
    return caught.value


def test_a_message_is_the_opening_that_all_share_and_then_the_arm(tmp_path: Path):
    messages = load_messages(folder(tmp_path, de=GERMAN))
    harm, neutral = messages.arms
    assert messages.message(harm, LANGUAGES["en"].tag) == Message(
        "Somebody is hurt", ("This is why you see this page.", "One.", "Two.")
    )
    assert messages.message(neutral, LANGUAGES["de"].tag) == Message(
        "Eine Seite", ("Darum sehen Sie diese Seite.", "Drei.")
    )
    assert messages.catalogues[SOURCE].state is State.REVIEWED


def test_arms_are_drawn_in_proportion_to_their_weights(tmp_path: Path):
    messages, random = load_messages(folder(tmp_path)), Random(1)
    drawn = Counter(messages.choose(random).id for _ in range(4000))
    assert 2850 < drawn["harm"] < 3150
    assert drawn.total() == drawn["harm"] + drawn["neutral"]


def test_an_arm_of_weight_nought_rests(tmp_path: Path):
    messages, random = load_messages(folder(tmp_path, SOUND.replace("weight = 3", "weight = 0"))), Random(1)
    assert {messages.choose(random).id for _ in range(200)} == {"neutral"}


def test_an_arm_of_weight_nought_rests_even_at_the_very_bottom_of_chance():
    class Nought:
        def random(self) -> float:
            return 0.0

    arms = parse_messages(SOUND.replace("weight = 3", "weight = 0"), "messages.toml")[0]
    assert choose(arms, Nought()).id == "neutral"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("state =", "stat ="), "messages.state"),
        (("opening =", "openin ="), "messages.text"),
        (('id = "harm"', 'id = "Harm!"'), "messages.id"),
        (('id = "harm"', 'id = "neutral"'), "messages.twice"),
        (('theme = "harm"', 'theme = "fear"'), "messages.theme"),
        (('tone = "negative"', 'tone = "angry"'), "messages.tone"),
        (('tone = "negative"\n', ""), "messages.tone"),
        (('theme = "neutral"', 'theme = "neutral"\ntone = "positive"'), "messages.tone"),
        (("weight = 3", "weight = -1"), "messages.weight"),
        (("weight = 3", "weight = true"), "messages.weight"),
        (("weight = 3", "weight = 3\ncolour = 1"), "messages.unknown_key"),
        (('heading = "A page"', 'heading = ""'), "messages.text"),
        (('["Three."]', "[]"), "messages.text"),
        (('["Three."]', '["1", "2", "3", "4"]'), "messages.text"),
        (('["Three."]', f'["{"x" * 401}"]'), "messages.text"),
        (("Somebody is hurt", "You are being watched"), "messages.untrue"),
        (("[[arm]]", "[arm"), "messages.syntax"),
        (("[[arm]]", "[[leg]]"), "messages.no_arm"),
    ],
)
def test_each_fault_has_a_name(change: tuple[str, str], code: str):
    assert code in refused(SOUND.replace(*change)).codes


def test_all_faults_come_at_once():
    source = SOUND.replace('theme = "harm"', 'theme = "fear"').replace('"A page"', '""')
    assert refused(source).codes == ("messages.theme", "messages.text")


def test_every_arm_resting_is_refused():
    source = SOUND.replace("weight = 3", "weight = 0").replace('id = "neutral"', 'id = "neutral"\nweight = 0')
    assert refused(source).codes == ("messages.weight",)


def test_translations_are_checked_like_the_source(tmp_path: Path):
    watched = {**GERMAN, "harm.1": "Sie werden überwacht."}
    incomplete = {key: text for key, text in GERMAN.items() if key != "neutral.1"}
    with pytest.raises(Refusal) as caught:
        load_messages(folder(tmp_path, de=watched, fr=incomplete, en=GERMAN))
    assert set(caught.value.codes) == {"messages.untrue", "language.missing", "messages.source"}


def test_messages_that_are_not_there_are_refused(tmp_path: Path):
    with pytest.raises(Refusal) as caught:
        load_messages(tmp_path)
    assert caught.value.codes == ("messages.unreadable",)


UNTRUE_SENTENCES = {
    "en": "Your IP address has been logged.|We are watching you.|We told the police.|We know who you are.",
    "ar": "نحن نراقبك.|تم تسجيل عنوانك.|أبلغنا الشرطة.",
    "cs": "Sledujeme vás.|Vaše IP adresa je známá.",
    "de": "Wir haben Ihre IP-Adresse.|Sie werden beobachtet.|Wir wissen, wer Sie sind.",
    "es": "Estamos rastreando esta búsqueda.|Tu dirección IP es conocida.",
    "et": "Sinu IP-aadress on teada.|Me jälgime sind.",
    "fi": "IP-osoitteesi tiedetään.|Sinua seurataan.",
    "fr": "Vous êtes surveillé.|Votre adresse IP est connue.",
    "it": "La tua ricerca è stata registrata.|Il tuo indirizzo è noto.",
    "ja": "あなたは監視されています。|この検索は記録されました。",
    "nl": "Je IP-adres is bekend.|Je wordt in de gaten gehouden.",
    "pl": "Śledzimy cię.|Znamy twój adres IP.",
    "pt": "A sua pesquisa foi registada.|Sabemos o seu endereço IP.",
    "ru": "За вами следят.|Ваш IP-адрес известен.",
    "sv": "Din IP-adress är känd.|Vi övervakar dig.",
    "tl": "Alam namin ang iyong IP address.|Minamanmanan ka.",
}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_an_untrue_claim_is_refused_in_each_language(tag: str):
    assert tag in UNTRUE
    for sentence in UNTRUE_SENTENCES[tag].split("|"):
        catalogue = Catalogue(LANGUAGES[Tag(tag)], {"text": sentence}, State.DRAFT)
        assert {problem.code for problem in untrue_claims(catalogue, "here")} == {"messages.untrue"}, sentence


@pytest.mark.parametrize(
    "sentence",
    ["You may be watching these images.", "There is a catalogue of help.", "It is a crime in most countries.",
     "Stop, and look for help.", "Blogs and logic are other words."],
)  # fmt: skip
def test_an_honest_sentence_is_not_refused(sentence: str):
    catalogue = Catalogue(LANGUAGES[SOURCE], {"text": sentence}, State.DRAFT)
    assert list(untrue_claims(catalogue, "here")) == []


@pytest.fixture(scope="module")
def ours() -> Messages:
    return load_messages(CONTENT)


def test_our_arms_cover_both_axes(ours: Messages):
    assert {arm.theme for arm in ours.arms} == {"harm", "control", "legality", "distress", "neutral"}
    assert {arm.tone for arm in ours.arms} == {*TONES, None}  # a neutral arm has no tone
    assert len({arm.weight for arm in ours.arms}) == 1


def test_our_texts_are_short_and_plain(ours: Messages):
    for key, text in ours.texts.items():
        for sentence in re.split(r"(?<=[.?!])\s+", text):
            assert len(sentence.split()) <= 22, key
        assert "porn" not in text.lower()
        assert "  " not in text
        assert "\n" not in text
