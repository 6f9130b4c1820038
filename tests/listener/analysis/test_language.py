from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.analysis.language import LANGUAGES, UNKNOWN, clean, code_of, detect, detect_many

SENTENCES = {
    "en": "The train was late again and nobody told us why",
    "de": "Die Lieferung war pünktlich und alles hat gut funktioniert",
    "es": "El pedido llegó muy tarde y nadie responde al teléfono",
    "fr": "Je suis très contente de votre service, merci beaucoup",
    "it": "Non riesco ad accedere al mio conto da questa mattina",
    "pt": "Não consigo entrar na minha conta, vocês podem ajudar?",
    "nl": "Wanneer wordt mijn pakket eindelijk bezorgd bij mij thuis",
    "el": "Περιμένω ακόμα την παραγγελία μου εδώ και μια εβδομάδα",
    "ro": "Aplicația nu mai merge după ultima actualizare, mulțumesc",
    "tl": "Ang ganda ng serbisyo ninyo, maraming salamat po sa inyo",
    "uz": "Ilova ishlamayapti, iltimos tezroq tuzatib bering",
    "hi": "bhai ye app kaam nahi kar raha hai, kya karu",
    "th": "สินค้าส่งช้ามากเลยค่ะ",
    "ja": "アプリが開きません、助けてください",
    "ko": "앱이 계속 멈춰요",
    "zh": "我的订单还没有到",
    "ar": "التطبيق لا يعمل منذ الصباح",
    "he": "האפליקציה לא עובדת כבר יומיים",
    "ru": "Приложение не работает уже третий день",
}


@pytest.mark.parametrize(("lang", "text"), SENTENCES.items())
def test_reads_everyday_sentences(lang: str, text: str) -> None:
    """The languages that the desk promises, in the register that customers write."""
    assert detect(text).lang == lang


@pytest.mark.parametrize("text", ["", "   ", "👍👍👍", "@nora https://example.org #1 42", "ok", "!?", "\ud800\udfff", "<PERSON>"])
def test_nothing_to_read_is_unknown(text: str) -> None:
    """Unknown is a state of its own: a guess from two letters would send a text to the wrong scorer."""
    assert detect(text) == UNKNOWN


def test_a_prior_tips_the_scales_but_does_not_decide() -> None:
    """Networks report the language of the account, not of the post."""
    assert detect("no", "es").lang in {"", "es"}
    assert detect("Perfetto grazie", "it").confidence > detect("Perfetto grazie").confidence
    assert detect(SENTENCES["en"], "el").lang == "en"
    assert detect(SENTENCES["el"], "en").lang == "el"


@pytest.mark.parametrize(
    ("tag", "code"),
    [("pt-BR", "pt"), ("zh_Hant", "zh"), ("fil", "tl"), ("nb-NO", "no"), ("EN", "en"), ("und", ""), ("", ""), ("klingon", "")],
)
def test_tags_come_in_many_forms(tag: str, code: str) -> None:
    assert code_of(tag) == code


def test_what_belongs_to_no_language_is_left_out() -> None:
    assert clean("@acme see https://acme.example/x #Refund 12 now") == "see Refund now"


def test_a_brand_name_in_latin_letters_does_not_hide_the_language() -> None:
    assert detect("Η Aurora Airlines ακύρωσε την πτήση").lang == "el"


def test_a_batch_is_its_texts_one_by_one() -> None:
    texts = [(text, "") for text in SENTENCES.values()]
    assert detect_many(texts) == [detect(text) for text, _ in texts]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=300), st.text(max_size=8))
def test_never_fails_and_never_leaves_its_range(text: str, prior: str) -> None:
    """Posts are hostile: any characters, any tag."""
    lang, confidence = detect(text, prior)
    assert lang in LANGUAGES | {""}
    assert 0.0 <= confidence <= 1.0
    assert bool(lang) == bool(confidence)


def test_importing_loads_no_model() -> None:
    """The first screen waits for nothing: the model is loaded by the first text."""
    code = "import sys, listener.analysis.understand; print(*sorted({'numpy', 'py3langid', 'vaderSentiment'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("tl", "thank you seller sulit na sulit ang bayad will order again and again"),
        ("tl", "amazing i really love the smell grabe ang bango at long lasting"),
        ("hi", "bhai match dekho kya shot tha, what a player"),
        ("en", "log in to the app and enjoy the new season with your team"),
    ],
)
def test_english_mixed_into_another_language_stays_that_language(lang: str, text: str) -> None:
    """Half of such a text is English, and vaderSentiment would read only that half."""
    assert detect(text).lang == lang
