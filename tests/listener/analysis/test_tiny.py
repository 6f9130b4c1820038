from __future__ import annotations

from importlib import resources

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.analysis import grams, tiny
from listener.analysis.sentiment import Scorer
from listener.analysis.understand import scored_languages

FIRST_IDS = [657221, 1014749, 482328, 657221, 33486, 858092, 543918, 199993, 607357, 911409, 604474]
PLAIN = [
    ("de", "Danke, ich bin sehr zufrieden, super Service!", "positive"),
    ("de", "Scheiße, das nervt, einfach nur schlecht und peinlich", "negative"),
    ("es", "Muchas gracias, excelente servicio, me encanta", "positive"),
    ("es", "Qué asco, pésimo servicio, una vergüenza", "negative"),
    ("fr", "Merci beaucoup, c'est magnifique, bravo !", "positive"),
    ("fr", "C'est une honte, service nul, je suis déçu", "negative"),
    ("it", "Grazie mille, bellissimo, complimenti!", "positive"),
    ("it", "Che schifo, vergognatevi, servizio pessimo", "negative"),
    ("pt", "Muito obrigada, adorei, perfeito!", "positive"),
    ("pt", "Que vergonha, péssimo, odeio isso", "negative"),
    ("el", "Μπράβο σας, υπέροχη εξυπηρέτηση, ευχαριστώ πολύ", "positive"),
    ("el", "Ντροπή σας, απαράδεκτοι, χάλια όλα", "negative"),
    ("ro", "Excelent, foarte mulțumit, recomand!", "positive"),
    ("ro", "Groaznic, dezamăgit, nu recomand", "negative"),
    ("tl", "Ang ganda, sulit, maraming salamat!", "positive"),
    ("tl", "Ang pangit, sira na agad, nakakainis", "negative"),
    ("uz", "Juda zo'r dastur, rahmat, menga yoqdi", "positive"),
    ("uz", "Juda yomon, ishlamaydi, rasvo", "negative"),
    ("th", "อร่อยมาก ชอบมาก บริการดี", "positive"),
    ("ar", "رائع جدا شكرا جزيلا", "positive"),
    ("hi", "bahut badhiya, mast app hai, shukriya", "positive"),
    ("hi", "bakwas app, bilkul bekar, ghatiya", "negative"),
]


@pytest.mark.parametrize(("lang", "text", "label"), PLAIN)
def test_reads_plain_feelings(lang: str, text: str, label: str) -> None:
    """Nobody needs a bench to see that these must be right."""
    verdict = Scorer().score(text, lang)
    assert verdict.label == label
    assert verdict.scorer == tiny.VERSION
    assert verdict.grade == scored_languages()[lang]
    assert verdict.raw is None


def test_the_weights_are_small() -> None:
    """They ship with the package: two megabytes at most, numpy alone at run time."""
    assert len(resources.files("listener.analysis").joinpath("tiny.npz").read_bytes()) <= 2_000_000
    assert len(resources.files("listener.analysis").joinpath("complaint.npz").read_bytes()) <= 100_000


def test_pieces_are_the_same_on_every_machine() -> None:
    """64-bit integers that wrap: fixed values, or stored weights mean something else elsewhere."""
    pieces = grams.cut([" ab "], 20, ["de"])
    assert pieces.ids.tolist() == FIRST_IDS
    assert pieces.counts.tolist() == [len(FIRST_IDS)]


def test_a_texts_pieces_do_not_depend_on_its_neighbours() -> None:
    alone = grams.cut([grams.normal("Hallo Welt")], 20, ["de"])
    among = grams.cut([grams.normal(text) for text in ("x", "Hallo Welt", "und tschüss")], 20, ["en", "de", "de"])
    assert sorted(among.ids[among.rows == 1].tolist()) == sorted(alone.ids.tolist())


def test_the_same_word_in_two_languages_is_two_pieces() -> None:
    """`die` is an article in German."""
    german, english = (set(grams.cut([" die "], 20, [lang]).ids.tolist()) for lang in ("de", "en"))
    assert german != english
    assert german & english


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("Käse!!!", " kase !!! "),
        ("@nora  https://x.example/1 42", " \ue001 \ue000 0 "),
        ("soooooo", " sooo "),
        ("", "  "),
        ("น่ารัก", " น่ารัก "),
    ],
)
def test_normal_form(text: str, normal: str) -> None:
    assert grams.normal(text) == normal


def test_negators_turn_what_follows() -> None:
    table = {tiny.key_of("de", "gut"): 48, tiny.key_of("de", "nicht"): tiny.NEGATOR, tiny.key_of("*", "👍"): 1}
    assert tiny.table_sums(["das", "ist", "gut"], "de", table)[0] == [48, 0, 1, 0, 0]
    assert tiny.table_sums(["das", "ist", "nicht", "gut"], "de", table)[0] == [0, 29, 1, 0, 0]
    assert tiny.table_sums(["gut", "👍👍"], "de", table)[0] == [48, 0, 1, 2, 0]
    assert tiny.table_sums(["gut"], "nl", table)[0] == [0, 0, 0, 0, 0]


def test_an_operators_word_counts_in_every_language() -> None:
    text = "Das Frobnitz ist da"
    lower, higher = Scorer({"frobnitz": -3}).score(text, "de"), Scorer({"frobnitz": 3}).score(text, "de")
    assert (lower.label, higher.label) == ("negative", "positive")
    assert "+own-" in lower.scorer


def test_a_word_set_to_nothing_is_not_read() -> None:
    pieces = {piece.text for piece in Scorer({"super": 0}).contributions("Super Zug danke", "de")}
    assert "super" not in pieces


def test_contributions_name_the_words() -> None:
    found = Scorer({"zug": -2}).contributions("Danke, super Zug", "de")
    assert {piece.layer for piece in found} == {"model", "lexicon"}
    strongest = next(piece for piece in found if piece.layer == "model")
    assert strongest.text in {"danke", "super"}
    assert strongest.value > 0


def test_probabilities_add_up_and_follow_the_scores() -> None:
    shares = tiny.chances([0, 1024, -500])
    assert sum(shares) == pytest.approx(1.0)
    assert shares[1] / shares[0] == pytest.approx(np.e, rel=0.01)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=300), st.sampled_from(sorted(tiny.grades())))
def test_no_text_breaks_it(text: str, lang: str) -> None:
    """Any characters under any tag; label and compound always agree."""
    verdict = tiny.score_many([(text, lang, 1.0)])[0]
    tiny.contributions(text, lang)
    if verdict.label == "unscored":
        assert verdict.compound is None
    else:
        assert verdict.compound is not None
        assert -1.0 <= verdict.compound <= 1.0
        assert (verdict.compound >= 0.05) == (verdict.label == "positive")
        assert (verdict.compound <= -0.05) == (verdict.label == "negative")
        assert 0.0 < verdict.confidence <= 1.0
