from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.analysis.intent import KINDS, Rules, read, shipped_rules
from listener.analysis.language import detect
from listener.analysis.sentiment import Scorer
from listener.domain.sentiment import UNSCORED
from listener.errors import InputError

MESSAGES = [
    ("Still waiting for my refund, nobody answers the phone!", "complaint"),
    ("How much does the team plan cost? We are looking to switch from Borealis.", "lead"),
    ("Would be great if you could add a dark mode", "feature-request"),
    ("The app won't open since the update, error code 503", "technical-issue"),
    ("Where can I find the manual for the X200?", "question"),
    ("Thank you so much, amazing service from the crew!", "praise"),
    ("Aurora recalls 40,000 heaters, two people injured", "crisis"),
    ("Unboxing my new Aurora headphones, new video on my channel", "user-content"),
    ("Wo kann ich den Adapter kaufen und was kostet er?", "lead"),
    ("Η εφαρμογή δεν λειτουργεί από το πρωί, απαράδεκτο", "complaint"),
    ("Sería genial si agregaran modo oscuro", "feature-request"),
    ("Merci beaucoup, service impeccable", "praise"),
    ("Aplicația nu se deschide după actualizare", "technical-issue"),
    ("Magkano po ito at saan pwede bumili?", "lead"),
    ("Ilova ishlamayapti, xatolik chiqyapti", "technical-issue"),
]


@pytest.mark.parametrize(("text", "kind"), MESSAGES)
def test_suggests_the_kind(text: str, kind: str) -> None:
    """One plain example for each kind, in several languages."""
    lang, confidence = detect(text)
    found = read(text, lang, Scorer().score(text, lang, confidence))
    assert kind in {suggestion.name for suggestion in found.kinds}


def test_says_which_words_led_there() -> None:
    found = read("Would be great if you could ship to Cluj, how much is it?", "en", UNSCORED)
    words = {suggestion.name: suggestion.words for suggestion in found.kinds}
    assert "would be great if" in words["feature-request"]
    assert "how much is" in words["lead"]
    assert "?" in {suggestion.name: suggestion.words for suggestion in read("Is it open?", "en", UNSCORED).kinds}["question"]


def test_a_lead_put_as_a_question_is_a_lead() -> None:
    """Otherwise every lead would wait in the queue of questions."""
    assert [suggestion.name for suggestion in read("How much is the team plan?", "en", UNSCORED).kinds] == ["lead"]


def test_shows_the_stage_of_the_journey() -> None:
    def stage(text: str) -> str:
        found = read(text, "en", UNSCORED).journey
        return found.name if found else ""

    assert stage("just discovered this brand") == "awareness"
    assert stage("is it worth the money compared to Borealis") == "consideration"
    assert stage("just ordered, waiting for the parcel") == "purchase"
    assert stage("I forgot my password and cannot log in") == "use"
    assert stage("been a customer for years, never switching") == "loyalty"
    assert stage("blue") == ""


def test_whole_words_only_unless_the_rule_ends_in_a_star() -> None:
    """`recall` must not fire in `recalled` unless somebody wrote a star."""
    rules = Rules("[crisis]\nen 0.9: recall | boycott*\n")
    assert not rules.matches("i recalled it", "en")
    assert rules.matches("a recall", "en")
    assert rules.matches("boycotting them", "en")
    assert not rules.matches("preboycott", "en")


def test_rules_of_another_language_stay_silent() -> None:
    """`processo` is a lawsuit in Portuguese and a process in Italian."""
    rules = Rules("[crisis]\npt 0.9: processo\n* 0.9: sos\n")
    assert not rules.matches("il processo", "it")
    assert rules.matches("um processo", "pt")
    assert rules.matches("um processo", "")
    assert rules.matches("sos", "it")


@pytest.mark.parametrize(
    "text", ["en 0.5: hello", "[lead]\nen many: hello", "[lead]\nhello", "[sales]\nen 0.5: hello", "[lead]\nen 1.5: hello"]
)
def test_a_rule_that_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(InputError, match="mine, line"):
        Rules(text, name="mine")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=200), st.sampled_from(["", "en", "el", "th"]))
def test_no_text_breaks_it(text: str, lang: str) -> None:
    found = read(text, lang, UNSCORED, shipped_rules())
    assert all(kind in KINDS and 0.0 < confidence < 1.0 for kind, confidence in found.pairs)
