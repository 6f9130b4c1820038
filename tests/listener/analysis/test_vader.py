from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from listener.analysis import care, vader
from listener.errors import InputError

PACKAGE = SentimentIntensityAnalyzer()
RULE_WORDS = [
    "no",
    "never",
    "so",
    "this",
    "but",
    "least",
    "at",
    "very",
    "kind",
    "of",
    "without",
    "doubt",
    "isn't",
    "not",
    "the",
    "bomb",
    "shit",
    "yeah",
    "right",
    "sort",
    "or",
    "nor",
    "uber",
    "most",
    "hardly",
    "just",
    "enough",
    "bad",
    "ass",
    "bus",
    "stop",
    "kiss",
    "death",
    "to",
    "die",
    "for",
    "beating",
    "heart",
    "!!",
    "???",
    "????",
    ":)",
    ":(",
    "👎",
    "😡",
    "❤",
    "💘",
    "can't",
]


def same(text: str) -> bool:
    return bool(vader.read(text, vader.plain()).compound == PACKAGE.polarity_scores(text)["compound"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "VADER is VERY SMART, handsome, and FUNNY!!!",
        "The plot was good, but the characters are uncompelling and the dialog is not great.",
        "At least it isn't a horrible book.",
        "Catch utf-8 emoji such as 💘 and 💋 and 😁",
        "Not bad at all",
        "no problem or complaint, the shit, yeah right!",
        "😡😡 why????",
        "kind of good, kind good",
    ],
)
def test_known_texts_are_identical(text: str) -> None:
    """vaderSentiment 3.3.2 exactly: the desk's numbers must be the published scorer's."""
    assert same(text)


def test_random_texts_out_of_its_own_words_are_identical() -> None:
    """Negation, boosters, idioms and "but" meet in every order; seeded, so that a failure can be repeated."""
    draw = random.Random(332)
    lexicon = sorted(PACKAGE.lexicon)
    for _ in range(6_000):
        words = [draw.choice(RULE_WORDS if draw.random() < 0.5 else lexicon) for _ in range(draw.randint(0, 12))]
        text = " ".join(word.upper() if draw.random() < 0.15 else word for word in words)
        assert same(text), text


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(RULE_WORDS), st.text(max_size=6)), max_size=14).map(" ".join))
def test_any_text_is_identical(text: str) -> None:
    assert same(text)


def test_contributions_add_up() -> None:
    """What `explain` shows is what was summed."""
    words = dict(vader.read("good and bad", vader.plain()).words)
    assert words == {"good": PACKAGE.lexicon["good"], "bad": PACKAGE.lexicon["bad"]}


def test_a_layer_adds_words_phrases_and_emoji_and_takes_words_out() -> None:
    layer = care.parse("# version 7\noutage\t-2\non hold\t-1.5\n🤮\t-3\nsupport\t0\n")
    words = care.lay_over(vader.plain(), layer)
    assert layer.version == "7"
    assert vader.read("an outage", words).compound < 0
    assert vader.read("put On Hold for ages", words).words == (("On Hold", -1.5),)
    assert vader.read("logo🤮", words).compound < 0
    assert vader.read("support", words).compound == 0.0
    assert vader.read("support", vader.plain()).compound > 0


def test_the_last_layer_wins_and_the_plain_words_stay_as_they_are() -> None:
    words = care.lay_over(vader.plain(), care.shipped(), care.own({"Outage": 1.5}))
    assert vader.read("outage", words).compound > 0
    assert "outage" not in vader.plain().valences


@pytest.mark.parametrize("line", ["word", "word\tmany", "word\t9", "word\tnan", "\t2", "w" * 90 + "\t1"])
def test_a_line_that_cannot_be_read_is_named(line: str) -> None:
    with pytest.raises(InputError, match="mine, line 2"):
        care.parse(f"# version 1\n{line}\n", name="mine")


def test_the_shipped_layer_has_a_version_and_sane_values() -> None:
    layer = care.shipped()
    assert layer.version == "1"
    assert len(layer.valences) > 150
    assert care.own({}) == care.NO_LAYER
    assert care.own({"x": 1}).version != care.own({"x": 2}).version
