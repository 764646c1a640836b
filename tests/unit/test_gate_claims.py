"""What no message may claim: phrases that must be caught, and honest ones that must pass, in each checked language.

A list of words finds claims in plain words and no paraphrase. How many it finds among phrases that were written to
go round it is stated here as it was counted the first time: the check helps a reviewer, and replaces none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from offramp.gate.claims import Claims, Concern, claims
from offramp.gate.honesty import untrue_claims
from offramp.language import LANGUAGES, SOURCE, Catalogue, State, Tag

FOLDER = Path(__file__).parents[1] / "claims"
# Of the last phrases, how many came out right before anything was changed for them: caught, allowed; each of how many.
LAST = {
    "en": (5, 31, 32),
    "ar": (6, 31, 32),
    "cs": (0, 20, 20),
    "de": (3, 23, 24),
    "es": (2, 32, 32),
    "et": (0, 12, 12),
    "fi": (0, 12, 12),
    "fr": (1, 24, 24),
    "it": (0, 24, 24),
    "ja": (1, 19, 20),
    "nl": (0, 12, 12),
    "pl": (0, 12, 12),
    "pt": (0, 24, 24),
    "ru": (1, 19, 20),
    "sv": (0, 12, 12),
    "tl": (0, 20, 20),
}
CHECKED = tuple(LAST)
Phrases = Mapping[tuple[str, str], list[str]]


def phrases(tag: str) -> Phrases:
    """Return the phrases of a language by (caught or allowed, first or later)."""
    found: dict[tuple[str, str], list[str]] = {}
    for line in (FOLDER / f"{tag}.txt").read_text(encoding="utf-8").splitlines():
        if head := re.fullmatch(r"\[(\w+), (\w+)\]", line):
            rows = found.setdefault((head[1], head[2]), [])
        elif line and not line.startswith("#"):
            rows.append(line)
    return found


def codes(sentence: str, tag: str = "en") -> list[str]:
    catalogue = Catalogue(LANGUAGES[Tag(tag)], {"text": sentence}, State.DRAFT)
    return [problem.code for problem in untrue_claims(catalogue, "here")]


def right(tag: str, kind: str, when: str) -> int:
    """Return how many phrases come out right."""
    return sum(bool(codes(phrase, tag)) == (kind == "caught") for phrase in phrases(tag)[kind, when])


@pytest.mark.parametrize("tag", CHECKED)
@pytest.mark.parametrize("kind", ["caught", "allowed"])
def test_the_phrases_that_made_the_tables_come_out_right(tag: str, kind: str):
    made = [phrase for when in ("first", "later") for phrase in phrases(tag).get((kind, when), [])]
    assert [phrase for phrase in made if bool(codes(phrase, tag)) != (kind == "caught")] == []
    assert len(made) >= 30


@pytest.mark.parametrize("tag", CHECKED)
def test_of_paraphrases_few_are_caught_and_of_honest_phrases_hardly_any(tag: str):
    caught, allowed, number = LAST[tag]
    found = right(tag, "caught", "last"), right(tag, "allowed", "last")
    print(
        f"{tag}: {found[0]} of {number} paraphrased claims are caught, {found[1]} of {number} honest phrases pass"
    )
    assert [len(phrases(tag)[kind, "last"]) for kind in ("caught", "allowed")] == [number, number]
    assert found == (caught, allowed)


def test_a_claim_is_told_with_its_place_and_what_it_says():
    catalogue = Catalogue(LANGUAGES[SOURCE], {"harm.1": "This cured many."}, State.DRAFT)
    (problem,) = untrue_claims(catalogue, "messages.toml")
    assert problem.place == "messages.toml, harm.1"
    assert "“cured” says that something treats, cures, or is sure to work" in problem.what


@pytest.mark.parametrize(
    "sentence",
    ["WE KNOW WHO YOU ARE", "we know who  you’re, who you are", "Your ＩＰ address", "po\u00adlice", "Police!",
     "Nobody here or anywhere will know."],
)  # fmt: skip
def test_case_marks_width_and_words_between_hide_no_claim(sentence: str):
    assert set(codes(sentence)) == {"messages.untrue"}


def test_words_between_reach_no_further_than_four():
    assert codes("Nobody is born for this and you may come to know it.") == []


def test_checked_languages_have_every_kind_and_others_pass_nothing_until_they_do():
    for tag in CHECKED:
        assert set(claims(Tag(tag)).untrue) == set(Concern)
    for tag in LANGUAGES.keys() - set(CHECKED):
        assert Concern.TRACED in claims(tag).untrue
        assert codes("…", tag) == ["messages.unchecked"]


def test_a_language_with_a_kind_left_out_passes_nothing(monkeypatch: pytest.MonkeyPatch):
    left_out = Claims({concern: ("claim",) for concern in Concern if concern is not Concern.CURE}, ())
    monkeypatch.setattr("offramp.gate.honesty.claims", lambda tag: left_out)
    assert codes("Good morning.") == ["messages.unchecked"]


UNTRUE_SENTENCES = {
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


@pytest.mark.parametrize("tag", UNTRUE_SENTENCES)
def test_tracing_is_refused_in_every_language(tag: str):
    for sentence in UNTRUE_SENTENCES[tag].split("|"):
        assert "messages.untrue" in codes(sentence, tag), sentence
