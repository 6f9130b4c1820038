"""What the desk says by itself: a first word outside hours, and the question after a resolved case. Both off unless somebody switched them on.

Both go through the outbox like any reply, marked automatic in the row and in the journal; neither stops a clock of the metrics.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from listener.domain.csat import read_score
from listener.domain.duration import DAY, HOUR
from listener.domain.lint import PLACEHOLDER
from listener.domain.reply import ReplyState
from listener.domain.saved_replies import Filling
from listener.engine.replies import in_stream
from listener.engine.sender import replier_of
from listener.engine.triage import Triage
from listener.store.outbox import Outbox
from listener.store.surveys import Surveys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.config import Config
    from listener.domain.mention import Entry
    from listener.domain.reply import Purpose, Reply
    from listener.source import Source
    from listener.store.connection import Connection, Store
    from listener.store.mentions import Mentions

FRESH_MS = 2 * HOUR
"""An acknowledgement of something older is no first word any more; the first poll of a new desk brings weeks."""
ASK_WITHIN = 2 * DAY
REST = 30 * DAY
"""Nobody is asked twice within this time."""
ANSWER_WITHIN = 7 * DAY
SURE = 0.75


class _Speaker:
    """What both have in common: the way into the outbox."""

    def __init__(self, store: Store, config: Config, mentions: Mentions, sources: Sequence[Source]) -> None:
        self._store = store
        self._config = config
        self._mentions = mentions
        self._sources = {source.name: source for source in sources}
        self._outbox = Outbox(store)
        self._brands = {topic.name for topic in config.brands()}

    def _may_speak(self, mention: Entry) -> bool:
        return (
            not mention.own and mention.deleted_at is None and mention.topic in self._brands and mention.leader_id is None and replier_of(self._sources.get(mention.source)) is not None
        )

    def _fits(self, mention: Entry, text: str) -> bool:
        replier = replier_of(self._sources.get(mention.source))
        if replier is None or not text.strip() or PLACEHOLDER.search(text):
            return False
        used, allowed = replier.measure(text)
        return allowed is None or used <= allowed

    def _queue(self, connection: Connection, mention: Entry, text: str, rule: str, purpose: Purpose) -> Reply:
        who = f"rule:{rule}"
        draft = self._outbox.open_in(connection, mention.id, who, purpose=purpose, automatic=True)
        return self._outbox.freeze_in(connection, draft.id, ReplyState.QUEUED, who, self._store.clock() + self._config.replies.undo, text=text, rule=rule)


class Acknowledger(_Speaker):
    """The automatic first word: opt-in, outside hours, capped for each hour and each author."""

    def arrived(self, ids: Sequence[int]) -> list[int]:
        """Look at mentions that have just come; those of the streams in [replies.acknowledge] get their word. Ids of the replies."""
        wanted = self._config.replies.acknowledge
        if not wanted.enabled or not wanted.streams:
            return []
        fit = [id_ for id_ in ids if "*" in wanted.streams or any(in_stream(self._mentions, self._config, id_, name) for name in wanted.streams)]
        return self.offer(fit, "acknowledge")

    def offer(self, ids: Sequence[int], rule: str) -> list[int]:
        """Acknowledge these, within all limits; a rule with `acknowledge = true` comes this way. Ids of the replies."""
        wanted, now = self._config.replies.acknowledge, self._store.clock()
        if not wanted.enabled or (wanted.outside_hours and self._config.calendar().is_open(now)):
            return []
        queued = []
        for mention in self._mentions.many(list(ids)):
            text = Filling.of(mention, "", desk=self._config.desk.name, brand=mention.topic).fill(wanted.text)
            if now - mention.created_at > FRESH_MS or not self._may_speak(mention) or _grave(mention) or not self._fits(mention, text):
                continue
            reply = self._store.write(lambda connection, mention=mention, text=text: self._within_limits(connection, mention, text, rule, now))  # type: ignore[misc]
            queued += [reply.id] if reply is not None else []
        return queued

    def _within_limits(self, connection: Connection, mention: Entry, text: str, rule: str, now: int) -> Reply | None:
        wanted = self._config.replies.acknowledge
        lately, theirs, answered = self._outbox.automatic_in(connection, mention.id, mention.author_id, now - HOUR, now - wanted.per_author)
        if lately >= wanted.per_hour or theirs or answered:
            return None
        return self._queue(connection, mention, text, rule, "acknowledgement")


def _grave(mention: Entry) -> bool:
    """What a person has to see first: no machine speaks here."""
    return 0 < mention.severity.value <= 2 or any(name == "crisis" and confidence >= 0.5 for name, confidence in mention.kinds)


class Csat(_Speaker):
    """The question after a resolved case, and its answers."""

    def __init__(self, store: Store, config: Config, mentions: Mentions, sources: Sequence[Source]) -> None:
        super().__init__(store, config, mentions, sources)
        self._surveys = Surveys(store)

    async def run(self, stop: asyncio.Event) -> None:
        """Ask what is due, now and then, until told to stop."""
        while self._config.replies.csat and not stop.is_set():
            await asyncio.to_thread(self.ask)
            try:
                await asyncio.wait_for(stop.wait(), 20)
            except TimeoutError:
                continue

    def ask(self) -> list[int]:
        """Queue the question for every case that was resolved long enough ago. Ids of the replies."""
        question, until = self._config.replies.csat, self._store.clock() - self._config.replies.csat_wait
        queued, authors = [], set[int]()
        for mention in self._mentions.many(self._surveys.to_ask(until - ASK_WITHIN, until, rest_since=self._store.clock() - REST) if question else []):
            text = Filling.of(mention, "", desk=self._config.desk.name, brand=mention.topic).fill(question)
            if mention.author_id in authors or not self._may_speak(mention) or not self._fits(mention, text):
                continue
            authors.add(mention.author_id)
            queued.append(self._store.write(lambda connection, mention=mention, text=text: self._queue(connection, mention, text, "csat", "survey")).id)  # type: ignore[misc]
        return queued

    def arrived(self, ids: Sequence[int]) -> list[int]:
        """Read the answers among mentions that have just come; what is left is for others to look at.

        A happy and certain answer closes itself; an unhappy one stays in the inbox, tagged, for somebody to look at.
        """
        left = []
        for mention in self._mentions.many(list(ids)):
            if mention.own or not self._answered(mention):
                left.append(mention.id)
        return left

    def _answered(self, mention: Entry) -> bool:
        if "csat" in mention.tags:
            return True  # read already: whoever brings arrivals may bring one twice
        question = self._question(mention)
        if question is None:
            return False
        score = read_score(mention.text, mention.sentiment)
        if score is None:
            return False
        asked, case = question
        replies = self._outbox.find(mention_id=case)
        operator = next((reply.author for reply in reversed(replies) if not reply.automatic and reply.sent_at), "")
        topic = self._mentions.get(case).topic

        def work(connection: Connection) -> int | None:
            return self._surveys.add_in(
                connection, "csat", score.value, mention.created_at, topic=topic, mention_id=case, operator=operator, text=mention.text, sure=score.sure, key=f"csat:{asked}"
            )

        if self._store.write(work) is None:
            return False
        hands = Triage(self._store, "desk")
        hands.tag([mention.id], "csat", rule="csat")
        if score.value >= 4:
            hands.close([mention.id], rule="csat")
        return True

    def _question(self, mention: Entry) -> tuple[int, int] | None:
        """(reply, case) of the question that this answers: by its parent, else the last one that its author was sent."""
        parent = self._outbox.by_remote(mention.source, mention.parent_id) if mention.parent_id else None
        if parent is not None:
            return (parent.id, parent.mention_id) if parent.purpose == "survey" else None
        return self._surveys.asked(mention.author_id, self._store.clock() - ANSWER_WITHIN) if mention.parent_id or mention.thread_id else None
