"""A desk whose clock a test sets, so that examples can be worked out by hand."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from listener.config import Config
from listener.config.answers import SlaPolicy
from listener.config.tree import Desk
from listener.domain.author import Author
from listener.domain.mention import Engagement, Filing, Mention
from listener.domain.reply import ReplyState
from listener.domain.sentiment import UNSCORED, Sentiment
from listener.domain.topic import Topic
from listener.engine.triage import Triage
from listener.store.connection import Store
from listener.store.intake import Intake
from listener.store.names import Topics
from listener.store.outbox import Outbox, Sent

if TYPE_CHECKING:
    from pathlib import Path

HOUR, MINUTE = 3_600_000, 60_000
BAD, GOOD, FLAT = (Sentiment(label, compound, 0.8, "vader-3.3.2", "A", compound) for label, compound in (("negative", -0.6), ("positive", 0.6), ("neutral", 0.0)))


class ADesk:
    """A store, a clock, and what people do on a desk."""

    def __init__(self, path: Path) -> None:
        self.time = 0
        self.store = Store(path, clock=lambda: self.time)
        self.config = Config(desk=Desk(time_zone="Europe/Athens", teams={"support": ("nora", "sam"), "sales": ("ivo",)}), sla=(SlaPolicy(respond=24 * HOUR),))
        Topics(self.store).put([Topic("Aurora"), Topic("Borealis", "competitor")])
        self.native = 0

    def at(self, text: str) -> int:
        """Set the clock: "2026-03-20 16:30" on the desk's own."""
        self.time = round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(self.config.desk.time_zone)).timestamp() * 1000)
        return self.time

    def arrive(
        self, at: str = "", *, topic: str = "Aurora", source: str = "mastodon", author: str = "ann", parent: str = "", thread: str = "", leader: str = "",
        sentiment: Sentiment = UNSCORED, followers: int | None = 10, text: str = "", kinds=(), own: bool = False, lang: str = "en", created: int | None = None, likes: int | None = None,
    ) -> int:  # fmt: skip
        """A mention is written and reaches the desk at once."""
        if at:
            self.at(at)
        self.native += 1
        mention = Mention(
            source, f"n{self.native}", text or f"post {self.native}", self.time if created is None else created, Author(author, author, author.title(), followers=followers),
            parent_id=parent, thread_id=thread, own=own, engagement=Engagement(likes, None, None),
        )  # fmt: skip
        added = self.store.write(lambda c: Intake(self.store).add(c, [Filing(mention, (topic,), lang, 0.9, sentiment, kinds, leader)]))
        return added.new[0]

    def hands(self, who: str = "nora") -> Triage:
        return Triage(self.store, who)

    def answer(self, id_: int, at: str = "", who: str = "nora", *, automatic: bool = False, purpose: str = "reply") -> None:
        """A reply goes out."""
        if at:
            self.at(at)
        outbox = Outbox(self.store)
        draft = outbox.open(id_, who, purpose=purpose, automatic=automatic)
        outbox.freeze(draft.id, ReplyState.QUEUED, who, self.time, text="We are sorry.")
        outbox.move(draft.id, ReplyState.SENDING, "desk")
        outbox.published(draft.id, "desk", Sent(f"r{draft.id}"), self.time)

    def close(self, id_: int, at: str = "", who: str = "nora") -> None:
        if at:
            self.at(at)
        self.hands(who).close([id_])


@pytest.fixture
def desk(tmp_path):
    made = ADesk(tmp_path / "desk.db")
    made.at("2026-03-20 09:00")
    yield made
    made.store.close()
