from __future__ import annotations

from listener.analysis.understand import BATCH, Reader, Understanding, scored_languages, understand

TEXTS = [
    ("I love the crew but the app keeps crashing", ""),
    ("Wo bleibt meine Bestellung?", "de"),
    ("", ""),
    ("\ud800 \udfff", "en"),
    ("🔥" * 4_000, ""),
    ("a" * 100_000, ""),
    ("Ω " * 50_000, "el"),
]


def test_a_batch_is_its_texts_one_by_one() -> None:
    """Hostile texts among them: neither order nor neighbours may matter."""
    reader = Reader()
    together = reader.understand(TEXTS * (BATCH // 5))
    assert together[: len(TEXTS)] == [reader.understand([text])[0] for text in TEXTS]
    assert together == together[: len(TEXTS)] * (BATCH // 5)
    assert list(reader.stream(iter(TEXTS))) == together[: len(TEXTS)]


def test_all_that_is_known_about_a_mention_comes_at_once() -> None:
    found = understand([TEXTS[0]])[0]
    assert found.lang == "en"
    assert found.sentiment.scorer.startswith("vader")
    assert "technical-issue" in dict(found.kinds)
    assert found.journey == "use"
    assert understand([("", "")]) == [Understanding()]


def test_the_version_follows_the_lexicon() -> None:
    assert Reader().version == Reader().version != Reader({"refund": 0}).version


def test_english_is_among_the_scored_languages() -> None:
    assert scored_languages()["en"] == "B"
