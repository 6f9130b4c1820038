"""Crisis words: every shipped file, the matching, and a user's own additions."""

from __future__ import annotations

from pathlib import Path

import pytest

from listener.analysis.vocabulary import Vocabularies, Vocabulary, languages, own_words, shipped
from listener.domain.severity import FAMILIES
from listener.errors import InputError


@pytest.mark.parametrize("lang", sorted(languages()))
def test_every_shipped_file_has_every_family(lang: str) -> None:
    """A family that is empty in a language is a crisis that nobody hears."""
    vocabulary = Vocabulary(shipped(lang))
    families = {family for _, family in vocabulary._phrases}
    assert families == set(FAMILIES)
    assert len(vocabulary) >= 60


@pytest.mark.parametrize(
    ("lang", "text", "family"),
    [
        ("en", "The app is DOWN again!!", "operational"),
        ("en", "I can’t log in…", "operational"),
        ("en", "Product RECALL after two people were injured", "safety"),
        ("en", "they got fined", "legal"),
        ("en", "massive data breach", "privacy"),
        ("en", "#boycott this lot", "conduct"),
        ("de", "Schon wieder eine Störung bei euch", "operational"),
        ("de", "Rückrufaktion wegen Brandgefahr, Rückruf läuft", "safety"),
        ("es", "se incendió el cargador", "safety"),
        ("fr", "vous avez une fuite de données", "privacy"),
        ("it", "è una truffa", "legal"),
        ("pt", "o app está fora do ar", "operational"),
        ("nl", "er was brand in de winkel", "safety"),
        ("el", "Η εφαρμογή ΕΠΕΣΕ", "operational"),
        ("el", "διαρροή δεδομένων", "privacy"),
        ("ro", "nu funcționează deloc", "operational"),
        ("tl", "ayaw gumana ng app", "operational"),
        ("id", "data bocor semua", "privacy"),
        ("uz", "ilova ishlamayapti", "operational"),
        ("uz", "yong‘in chiqdi", "safety"),
        ("ar", "خدمة سيئة وتأخير كبير", "operational"),
        ("ar", "الحريق في المصنع", "safety"),
        ("hi", "फोन में आग लग गई", "safety"),
        ("th", "แอปล่มอีกแล้ว", "operational"),
        ("tr", "uygulama çöktü", "operational"),
        ("pl", "strona nie działa", "operational"),
        ("sv", "sidan ligger nere", "operational"),
    ],
)
def test_sentences_of_each_language_are_heard(lang: str, text: str, family: str) -> None:
    """Case, accents, curly apostrophes, attached articles and scripts without spaces must not matter."""
    assert family in Vocabularies().words(text, lang)


@pytest.mark.parametrize(
    "text",
    [
        "Please sit down and enjoy",
        "that issue was hilarious",
        "pursue your dreams",
        "recallable memories",
        "courtesy call",
        "the fireplace",
        "'",
        "",
    ],
)
def test_everyday_words_are_not(text: str) -> None:
    """A word inside another word, and `down` by itself, are no crisis."""
    assert Vocabularies().words(text, "en") == {}


def test_german_die_is_not_english_death() -> None:
    """Each language has its own words: an article is no obituary."""
    assert Vocabularies().words("die Lieferung war pünktlich", "de") == {}


def test_an_unknown_language_is_read_as_english() -> None:
    """Most short posts of unknown language are English, and brand names with `outage` say enough."""
    assert Vocabularies().words("outage", "") == Vocabularies().words("outage", "xx") == {"operational": ("outage*",)}


def test_a_users_own_file_adds_moves_and_takes_out() -> None:
    """The owner knows which words are everyday talk in the trade."""
    own = "# ours\n[safety]\nturbulence | crash*\n[operational]\n- delay*\n- stuck"
    words = Vocabularies({"en": own}).words("crashed in turbulence, stuck and delayed", "en")
    assert words == {"safety": ("crash*", "turbulence")}
    assert "operational" in Vocabularies({"en": own}).words("outage", "en"), "the shipped ones stay"


def test_a_users_words_for_a_language_without_a_file() -> None:
    """Finnish is not shipped; a Finnish desk writes its own."""
    assert Vocabularies({"fi": "[safety]\ntulipalo"}).words("Tulipalo tehtaalla", "fi") == {"safety": ("tulipalo",)}


def test_words_for_every_language() -> None:
    """A product's name for its own failure is the same everywhere."""
    both = Vocabularies({"": "[safety]\nbatterygate"})
    assert both.words("batterygate", "de") == both.words("batterygate", "th") == {"safety": ("batterygate",)}


@pytest.mark.parametrize(("text", "said"), [("[weather]\nrain", "line 1.*weather"), ("rain", "line 1.*before the first family")])
def test_a_line_that_cannot_be_read_is_named(text: str, said: str) -> None:
    """Users edit these files by hand."""
    with pytest.raises(InputError, match=said):
        Vocabulary(text)


def test_a_users_folder_is_read(tmp_path: Path) -> None:
    """One file per language, and one for all of them."""
    (tmp_path / "en.txt").write_text("[safety]\nturbulence", encoding="utf-8")
    (tmp_path / "all.txt").write_text("[safety]\nbatterygate", encoding="utf-8")
    (tmp_path / "notes.md").write_text("not words", encoding="utf-8")
    words = Vocabularies(own_words(tmp_path))
    assert words.words("turbulence and batterygate", "en") == {"safety": ("turbulence", "batterygate")}
    assert words.words("batterygate", "fr") == {"safety": ("batterygate",)}


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Missing, not UTF-8, or with a mistake in a line."""
    with pytest.raises(InputError, match="nowhere"):
        own_words(tmp_path / "nowhere")
    (tmp_path / "de.txt").write_bytes(b"[safety]\nger\xe4t")
    with pytest.raises(InputError, match="UTF-8"):
        own_words(tmp_path)
    (tmp_path / "de.txt").write_text("Brand")
    with pytest.raises(InputError, match=r"de\.txt, line 1"):
        own_words(tmp_path)
