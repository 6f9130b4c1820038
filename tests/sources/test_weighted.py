from __future__ import annotations

import pytest

from sources.weighted import weight


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("", 0),
        ("Sorry about that!", 17),
        ("naïve café", 10),
        ("αβγ", 3),
        ("申し訳ありません", 16),
        ("👍", 2),
        ("👨‍👩‍👧‍👦", 2),
        ("🇬🇷", 2),
        ("see https://example.com/a/very/long/path/that/goes/on/and/on", 4 + 23),
        ("see example.com", 4 + 23),
        ("e\u0301", 1),
        ("“quoted”…", 10),
    ],
)
def test_counts_as_x_counts(text: str, units: int) -> None:
    """A reply that the desk thinks fits and the network does not is refused in front of the customer."""
    assert weight(text) == units
