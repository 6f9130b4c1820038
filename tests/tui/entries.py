"""Mentions to look at, made by hand, and a pager over them that needs no store."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from listener.domain.author import Author
from listener.domain.case import Severity, State
from listener.domain.mention import Engagement, Entry
from listener.domain.sentiment import UNSCORED, Sentiment
from tui.widgets.pages import Key

NOW = 1_760_000_000_000
MINUTE = 60_000


def sentiment(compound: float) -> Sentiment:
    label = "positive" if compound >= 0.05 else "negative" if compound <= -0.05 else "neutral"
    return Sentiment(label, compound, 0.8, "vader-3.3.2", "A")  # type: ignore[arg-type]


PLAIN = Entry(
    id=1, source="mastodon:social.example", native_id="n1", text="The app logs me out every morning.", created_at=NOW - 3 * MINUTE,
    received_at=NOW - 2 * MINUTE, author_id=1, author=Author("a1", "nora@social.example", "Nora", "https://social.example/@nora", 4812),
    url="https://social.example/@nora/1", title="", lang="en", lang_confidence=0.97, parent_id="", thread_id="", visibility="public",
    engagement=Engagement(3, 1, 2, None), edited_at=None, deleted_at=None, reply_ref="", own=False, topic="Aurora Air",
    topics=("Aurora Air",), sentiment=sentiment(-0.4), machine=sentiment(-0.4), kinds=(("complaint", 0.8),), tags=(), state=State.OPEN,
    severity=Severity.NONE, assignee="", task_kind=None, due_at=None, snoozed_until=None, duplicates=0, leader_id=None, permalinks=(),
    version=1,
)  # fmt: skip


def entry(number: int = 1, **changes: Any) -> Entry:
    return replace(PLAIN, id=number, native_id=f"n{number}", created_at=NOW - number * 3 * MINUTE, **changes)


def person(handle: str, followers: int | None = None, name: str = "") -> Author:
    return Author(handle, handle, name, "", followers)


def sample() -> list[Entry]:
    """One of each sort that an inbox shows, the worst first."""
    said = [
        {
            "text": "Smoke in the cabin of AU 412, everybody off in Athens, nobody tells us anything",
            "severity": Severity.SEV1, "author": person("spiros_k", 128_400), "source": "x", "sentiment": sentiment(-0.82), "duplicates": 40,
            "kinds": (("crisis", 0.93),), "tags": ("safety", "AU412"), "assignee": "nora",
        },
        {
            "text": "Refund pending since March. Third ticket, no answer. Never again!", "severity": Severity.SEV2,
            "author": person("maria.bsky.example", 2_310), "source": "bluesky", "sentiment": sentiment(-0.61), "tags": ("refund",), "state": State.PENDING,
        },
        {
            "text": "Ist der Flug nach Wien morgen betroffen? Die App sagt nichts.", "lang": "de", "severity": Severity.SEV3,
            "author": person("jonas@fedi.example", 190), "sentiment": sentiment(0.0), "kinds": (("question", 0.9),),
        },
        {"text": "شكرا لكم، كان الطاقم رائعا في رحلتنا إلى القاهرة", "lang": "ar", "author": person("ليلى", 55_000), "source": "feed:news",
             "sentiment": UNSCORED, "machine": UNSCORED, "kinds": ()},
        {"text": "Best crew ever 👩🏽‍✈️❤️ thank you @auroraair!", "author": person("tom 🚀 travels", 912), "source": "reddit", "sentiment": sentiment(0.86),
             "kinds": (("praise", 0.95),), "state": State.SNOOZED},
        {"text": "We are 40 people and need a charter for June, whom do I ask?", "author": person("events@corp.example", None), "source": "imap",
             "sentiment": sentiment(0.1), "tags": ("sales-lead",), "assignee": "sales", "kinds": (("lead", 0.88),)},
        {"text": "今日のフライトは快適でした。ありがとう", "lang": "ja", "author": person("yuki", 1_204_000), "source": "youtube", "sentiment": sentiment(0.4),
             "kinds": (), "state": State.RESOLVED},
        {"text": "\x1b]52;c;cm0gLXJm\x07[/x] [@click=app.quit]free miles[/] \u202egnp.exe", "author": person("x\x1b[31mx", 3), "source": "hackernews",
             "sentiment": sentiment(0.0), "kinds": ()},
    ]  # fmt: skip
    return [entry(number, **changes) for number, changes in enumerate(said, 1)]


@dataclass
class Tally:
    n: int
    exact: bool = True


@dataclass
class Rows:
    entries: Sequence[Entry]

    @property
    def keys(self) -> list[Key]:
        return [(held.id,) for held in self.entries]


class Held:
    """A pager over a list in memory that is kept in the order of its ids."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = sorted(entries, key=lambda held: held.id)

    def count(self) -> Tally:
        return Tally(len(self.entries))

    def position(self, key: Key) -> Tally:
        return Tally(self._before(key))

    def _before(self, key: Key) -> int:
        return bisect_left(self.entries, key[0], key=lambda held: held.id)

    def page(self, after: Key | None, *, backwards: bool = False, skip: int = 0, limit: int = 128) -> Rows:
        if backwards:
            end = (len(self.entries) if after is None else self._before(after)) - skip
            return Rows(self.entries[max(end - limit, 0) : max(end, 0)])
        start = (0 if after is None else self._before((after[0] + 1,))) + skip
        return Rows(self.entries[start : start + limit])

    def ids(self, first: Key | None = None, last: Key | None = None) -> Sequence[int]:
        start = 0 if first is None else self._before(first)
        end = len(self.entries) if last is None else self._before((last[0] + 1,))
        return [held.id for held in self.entries[start:end]]
