"""From a page to filings: match, read, fold, file. Pure work on the processor; it runs off the event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from listener.domain.mention import Filing
from listener.domain.query import Query, parse
from listener.domain.query.ast import Handle, Tag
from listener.domain.query.match import Matcher
from listener.store.intake import BATCH, Added, Intake

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from listener.analysis.understand import Understanding
    from listener.domain.mention import Mention
    from listener.domain.topic import Topic
    from listener.source import Channel
    from listener.store.connection import Connection, Store


class Reads(Protocol):
    """Whoever understands texts in batches: (text, language as the network reports it)."""

    def understand(self, texts: Sequence[tuple[str, str]]) -> Sequence[Understanding]: ...


class Folds(Protocol):
    """Whoever remembers which text of a topic nearly repeats which: the leader's (source, native_id) for each (post, topic), or None."""

    def fold(self, posts: Sequence[tuple[Mention, str]]) -> Sequence[tuple[str, str] | None]: ...


def topic_queries(topics: Sequence[Topic]) -> dict[tuple[str, int], Query]:
    """Every query of every topic, its handles and hashtags among them. Raises QueryError."""
    found: dict[tuple[str, int], Query] = {}
    for topic in topics:
        queries = [parse(text) for text in topic.queries]
        queries += [Query(Handle(handle.lstrip("@"))) for handle in topic.handles]
        queries += [Query(Tag(tag.lstrip("#"))) for tag in topic.hashtags]
        for number, query in enumerate(queries):
            found[topic.name, number] = query
    return found


class Ingest:
    """The road from an adapter's page to the store.

    Args:  reader: None leaves everything unscored, to be scored later by `rescore`.
           folds: None folds nothing.
           arrivals: told about new rows inside their transaction, so that a crash loses none of what has to happen next.
    """

    def __init__(
        self, store: Store, topics: Sequence[Topic], reader: Reads | None, folds: Folds | None = None, *,
        arrivals: Callable[[Connection, Sequence[int]], None] | None = None,
    ) -> None:  # fmt: skip
        self._store = store
        self._intake = Intake(store)
        self._matcher = Matcher(topic_queries(topics))
        self._order = {topic.name: ({"brand": 0, "competitor": 1, "industry": 2}[topic.role], number) for number, topic in enumerate(topics)}
        self._brand = min(self._order, key=lambda name: self._order[name], default="")
        self._reader = reader
        self._folds = folds
        self._arrivals = arrivals

    def topics_of(self, mention: Mention, channel: Channel | None = None) -> tuple[str, ...]:
        """The topics that a mention belongs to, the brand first; empty when it is none of our business."""
        names = {name for name, _ in self._matcher.match(mention)}
        if channel is not None and channel.trusted:
            if channel.topic:
                names.add(channel.topic)
            elif not names and self._brand:
                names.add(self._brand)
        return tuple(sorted(names, key=lambda name: self._order.get(name, (9, 0))))

    def file(self, mentions: Sequence[Mention], channel: Channel | None = None, *, topic: str = "") -> list[Filing]:
        """Match and read a page.

        Args:    topic: file everything under this one, whatever it matches: an import that says so.
        """
        matched = [(mention, topics) for mention in mentions if (topics := self._with(topic, self.topics_of(mention, channel)))]
        read = self._reader.understand([(_wording(mention), mention.lang) for mention, _ in matched]) if self._reader and matched else [None] * len(matched)
        leaders = self._folds.fold([(mention, topics[0]) for mention, topics in matched]) if self._folds else [None] * len(matched)
        return [_filing(mention, topics, understood, leader) for (mention, topics), understood, leader in zip(matched, read, leaders, strict=True)]

    def store_page(self, filings: Sequence[Filing], advance: Callable[[Connection, Added], None] | None = None) -> Added:
        """Store a page. The cursor moves in the transaction of the last rows that it covers, so that a crash repeats and never skips."""
        parts = [filings[start : start + BATCH] for start in range(0, len(filings), BATCH)] or [[]]
        total = Added((), (), 0, 0, 0)
        for number, part in enumerate(parts):
            last = number == len(parts) - 1

            def work(connection: Connection, part: Sequence[Filing] = part, last: bool = last, before: Added = total) -> Added:
                came = self._intake.add(connection, part)
                if self._arrivals is not None and came.new:
                    self._arrivals(connection, came.new)
                added = _sum(before, came)
                if last and advance is not None:
                    advance(connection, added)
                return added

            total = self._store.write(work, durable=False)
        return total

    def _with(self, topic: str, found: tuple[str, ...]) -> tuple[str, ...]:
        return found if not topic else (topic, *(name for name in found if name != topic))


def _wording(mention: Mention) -> str:
    return f"{mention.title}\n{mention.text}" if mention.title else mention.text


def _filing(mention: Mention, topics: tuple[str, ...], understood: Understanding | None, leader: tuple[str, str] | None) -> Filing:
    from listener.domain.sentiment import UNSCORED

    source, native = leader or ("", "")
    if understood is None:
        return Filing(mention, topics, mention.lang, 0.0, UNSCORED, (), native, leader_source=source)
    kinds = (*understood.kinds, (f"journey/{understood.journey}", 1.0)) if understood.journey else understood.kinds
    return Filing(mention, topics, understood.lang, understood.lang_confidence, understood.sentiment, kinds, native, leader_source=source)


def _sum(one: Added, two: Added) -> Added:
    return Added(one.new + two.new, one.edited + two.edited, one.known + two.known, one.merged + two.merged, one.erased + two.erased)
