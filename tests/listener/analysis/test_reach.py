"""Who is listened to."""

from __future__ import annotations

import pytest

from listener.analysis.reach import LOUD, bar, short, text
from listener.domain.volume import Voice


def test_with_few_authors_ten_thousand_it_is() -> None:
    """The top hundredth of thirty people is nobody."""
    assert bar([5, 10, 900_000]) == LOUD


def test_a_topic_of_small_accounts_has_its_own_bar() -> None:
    """The most followed hundredth of a local topic is heard there."""
    assert bar([100] * 990 + [4_000] * 10) == 4_000
    assert bar([100] * 1_000) == 1_000, "but never below a thousand"
    assert bar([50_000] * 1_000) == LOUD, "and never above ten thousand"


@pytest.mark.parametrize(("count", "said"), [(950, "950"), (1_000, "1 k"), (9_640, "9.6 k"), (48_200, "48 k"), (1_200_000, "1.2 M")])
def test_counts_are_said_short(count: int, said: str) -> None:
    """As people say them in the sentence of why."""
    assert short(count) == said
    assert text(Voice(count, "x")) == f"@x {said} followers"
