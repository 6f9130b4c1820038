from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from listener.analysis.explain import explain
from listener.analysis.sentiment import LIMIT, Scorer, reads_as_english
from listener.domain.sentiment import UNSCORED, Sentiment


def test_english_keeps_both_numbers() -> None:
    """The published score stays visible beside the care layer's."""
    text = "still waiting for my refund, thanks"
    verdict = Scorer().score(text, "en")
    assert verdict.raw == SentimentIntensityAnalyzer().polarity_scores(text)["compound"] == 0.4404
    assert verdict.label == "negative"
    assert verdict.scorer == "vader-3.3.2+care-1"


def test_without_the_care_layer_it_is_plain_vader() -> None:
    verdict = Scorer(care_layer=False).score("still waiting for my refund, thanks", "en")
    assert verdict.compound == verdict.raw == 0.4404
    assert verdict.scorer == "vader-3.3.2"


def test_an_operators_word_changes_score_and_version() -> None:
    """`listener lexicon set`: what was scored before is stale, and can be told apart."""
    before, after = Scorer(), Scorer({"gobsmacked": -3})
    assert before.score("gobsmacked by the crew", "en").label == "neutral"
    assert after.score("gobsmacked by the crew", "en").label == "negative"
    assert after.version != before.version
    assert "+own-" in after.english_version


@pytest.mark.parametrize(
    ("text", "lang"), [("die Lieferung war pünktlich", "de"), ("no", "es"), ("la mia borsa", "it"), ("terrible horrible awful", "fr")]
)
def test_no_other_language_reaches_vader(text: str, lang: str) -> None:
    """It would not be silent there, it would be wrong."""
    assert "vader" not in Scorer().score(text, lang).scorer


def test_unknown_language_with_enough_english_is_english() -> None:
    assert reads_as_english("this is what you get", "")
    assert not reads_as_english("qwx plk", "")
    assert not reads_as_english("the and is", "de")
    assert Scorer().score("qwx plk", "") == UNSCORED


def test_a_long_text_costs_no_more_than_its_beginning() -> None:
    """The cost of a text is bounded."""
    assert Scorer().score("good " * 50_000, "en") == Scorer().score(("good " * 50_000)[:LIMIT], "en")


def test_many_are_each_one() -> None:
    texts = [("I love it", "en", 0.9), ("", "", 0.0), ("Muchas gracias, excelente", "es", 0.9), ("awful outage", "en", 1.0)]
    scorer = Scorer()
    assert scorer.score_many(texts) == [scorer.score(*text) for text in texts]


def test_explain_names_words_and_layers() -> None:
    told = explain("I love the crew but the outage is a nuisance", scorer=Scorer({"nuisance": -2}))
    layers = {piece.text: piece.layer for piece in told.contributions}
    assert layers == {"love": "vader", "outage": "care", "nuisance": "lexicon"}
    strengths = [abs(piece.value) for piece in told.contributions]
    assert strengths == sorted(strengths, reverse=True)
    assert told.lang == "en"


def test_explain_tells_what_the_operator_overrode() -> None:
    told = explain("I love it", override=Sentiment("negative", -0.5, 1.0, "operator"))
    assert told.sentiment.scorer == "operator"
    assert told.contributions[0].layer == "override"
    assert "positive" in told.contributions[0].note


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=200), st.sampled_from(["", "en", "de", "el", "th", "xx"]))
def test_no_text_breaks_it(text: str, lang: str) -> None:
    """Lone surrogates, controls, any script under any tag."""
    verdict = Scorer({"a b": 1}).score(text, lang)
    assert (verdict.label == "unscored") == (verdict.compound is None)
    assert 0.0 <= verdict.confidence <= 1.0
    explain(text)
