from __future__ import annotations

import pytest

from sources.replying import alike, reference


@pytest.mark.parametrize(
    "theirs",
    [
        "So sorry – we are on it! https://a.example/x",
        "So sorry - we are  on it!\nhttps://t.co/abc",
        "<p>",
        "So sorry &ndash; we are on it!",
    ],
)
def test_our_answer_is_known_by_its_words(theirs: str) -> None:
    """Networks change white space, dashes and links; escapes are resolved before, so what is left of one is another text."""
    ours = "So sorry – we are on it! https://a.example/x"
    assert alike(ours, theirs) is (theirs.startswith("So sorry") and "&" not in theirs)


def test_texts_without_letters_are_told_apart() -> None:
    """A reply of one emoji must not be taken for any other one."""
    assert alike("🙏", " 🙏 ")
    assert not alike("🙏", "👍")


def test_a_damaged_reference_is_an_empty_one() -> None:
    """What the adapter noted may be from an older version, or gone."""
    for text in ("", "x", "[]", "null"):
        assert reference(text) == {}
