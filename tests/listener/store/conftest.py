"""A store in a file of its own, and mentions to put into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from listener.domain.author import Author
from listener.domain.mention import Filing, Mention
from listener.domain.sentiment import UNSCORED, Sentiment
from listener.store.connection import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from listener.store.intake import Added

NOW = 1_774_000_000_000
BAD = Sentiment("negative", -0.6, 0.8, "vader-3.3.2", "A", -0.6)
GOOD = Sentiment("positive", 0.5, 0.7, "vader-3.3.2", "A", 0.5)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    ticks = iter(range(NOW, NOW + 10_000_000))
    with Store(tmp_path / "desk.db", clock=lambda: next(ticks)) as opened:
        yield opened


def filing(
    n: int, text: str = "", *, source: str = "mastodon", topics: tuple[str, ...] = ("Aurora",), created_at: int | None = None, sentiment: Sentiment = UNSCORED,
    lang: str = "en", author: str = "ann", leader: str = "", kinds: tuple[tuple[str, float], ...] = (), **more: object,
) -> Filing:  # fmt: skip
    mention = Mention(
        source,
        str(n),
        text or f"post {n}",
        NOW - 60_000 * n if created_at is None else created_at,
        Author(author, author, author.title(), followers=10 * n),
        **more,
    )  # type: ignore[arg-type]
    return Filing(mention, topics, lang, 0.9, sentiment, kinds, leader)


@pytest.fixture
def add(store: Store) -> Callable[..., Added]:
    from listener.store.intake import Intake

    intake = Intake(store)
    return lambda *filings: store.write(lambda connection: intake.add(connection, filings))
