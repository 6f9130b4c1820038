"""Answers to a survey come in every shape; a number that is no grade must not become one."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener.domain.csat import read_score
from listener.domain.sentiment import Sentiment

GLAD, CROSS = Sentiment("positive", 0.7, 0.9, "x"), Sentiment("negative", -0.7, 0.9, "x")


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("5", 5), (" 4 !", 4), ("@auroraair 5", 5), ("4/5", 4), ("4 out of 5", 4), ("10/10", 5), ("9 out of 10", 5), ("7/10", 4), ("⭐⭐⭐⭐", 4), ("★★★☆☆", 3), ("5️⃣", 5),
        ("5 - the crew was lovely", 5), ("I'd say a 4", 4), ("Five!", 5), ("πέντε", 5), ("great, thanks!", 5), ("thanks", 4), ("ok", 3), ("not great", 2),
        ("terrible, never again", 1), ("👍", 4), ("😡", 1), ("很棒", 5), ("ευχαριστώ, τέλεια!", 5), ("perfecto, gracias", 5), ("2 stars", 2), ("sehr gut, danke", 4),
    ],
)  # fmt: skip
def test_a_grade_is_read(text, score):
    assert read_score(text).value == score


@pytest.mark.parametrize(
    "text", ["I waited 45 minutes", "it took 3 hours and 2 calls", "see you at gate 5", "2 bags lost", "12", "0", "", "@auroraair", "where is my bag?", "6/5", "at 5:30", "5%", "1.5 h"]
)
def test_what_is_no_grade_is_none(text):
    assert read_score(text) is None


def test_words_against_the_mood_decide_nothing():
    """Irony: "great job losing my bag"."""
    assert read_score("great job losing my bag", CROSS) is None
    assert read_score("great job", GLAD).sure >= 0.75


def test_a_mood_alone_is_a_guess_that_says_so():
    assert read_score("you have made my day", GLAD).sure <= 0.5


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(max_size=200))
def test_no_text_breaks_it(text):
    found = read_score(text)
    assert found is None or (1 <= found.value <= 5 and 0 < found.sure <= 1)
