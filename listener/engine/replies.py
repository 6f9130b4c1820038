"""Writing replies: drafts, claims, lint, approval, the moment in which a reply can be taken back, and what to do with one in doubt.

One operator's hands, as in `engine.triage`; nothing here touches a network, but for counting a text as the network does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from listener.domain import saved_replies
from listener.domain.lint import Brand, Finding, Said, Surroundings, blocked, lint
from listener.domain.operator import Operator
from listener.domain.reply import LIVE, Reply, ReplyState
from listener.domain.saved_replies import Filling
from listener.domain.wording import Change, changes
from listener.engine.saved_replies import SavedReplies
from listener.engine.sender import replier_of, stops_lifted, stops_of
from listener.errors import ConfigError, InputError, ListenerError, Unsupported
from listener.store.mentions import Mentions
from listener.store.outbox import Outbox, Sent
from listener.store.presence import Presence

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from listener.config import Config
    from listener.domain.mention import Entry
    from listener.domain.saved_replies import SavedReply, Suggestion
    from listener.source import Source
    from listener.store.connection import Store
    from listener.store.presence import Present

DAY_MS = 86_400_000
Action = Literal["read", "sent", "again"]


@dataclass(frozen=True, slots=True)
class Length:
    """How long a text is, as its network counts."""

    used: int
    allowed: int | None
    unit: str


class Replies:
    """What one operator can do about replies.

    Args:  networks: the opened source of that name, or None; asked only when a text is counted or a network's abilities matter.
    """

    def __init__(self, store: Store, operator: str, config: Config, networks: Callable[[str], Source | None] = lambda name: None) -> None:
        self._store = store
        self._config = config
        self._networks = networks
        self._opened: dict[str, Source | None] = {}
        self._mentions = Mentions(store)
        self.operator = operator
        self.outbox = Outbox(store)
        self.presence = Presence(store, config.replies.claim)
        self.saved = SavedReplies(config.path(config.replies.saved))

    # -- what the network can do

    def can_reply(self, mention: Entry) -> bool:
        """Whether a reply can go out through the network's API; otherwise `in_browser`."""
        source = self._source(mention.source)
        return replier_of(source) is not None and bool(mention.reply_ref or mention.native_id) and mention.deleted_at is None and not mention.own

    def measure(self, mention: Entry, text: str) -> Length:
        """As the network counts; plain characters where it is not known."""
        source = self._source(mention.source)
        replier = replier_of(source)
        if source is None or replier is None:
            return Length(len(text), None, "characters")
        used, allowed = replier.measure(text)
        return Length(used, allowed, source.capabilities.length_unit)

    def _source(self, name: str) -> Source | None:
        if name not in self._opened:
            try:
                self._opened[name] = self._networks(name)
            except ConfigError:
                self._opened[name] = None
        return self._opened[name]

    def account(self, mention: Entry) -> str:
        """`@auroraair on mastodon`: who the network will say wrote it."""
        handle = self._handle(mention.source)
        return f"@{handle} on {mention.source}" if handle else mention.source

    def _handle(self, source: str) -> str:
        return account_of(self._store, source) or _account(self._source(source))

    # -- writing

    def open_draft(self, mention_id: int, *, take: bool = False) -> Reply:
        """This operator's draft for a mention, with the claim that comes with it.

        Args:    take: although somebody else is replying.
        Raises:  Conflict: somebody else is replying. InputError: no such mention, or it is our own.
        """
        mention = self._mentions.get(mention_id)
        if mention.own:
            raise InputError(f"Mention {mention_id} is our own post.", hint="Answer the customer's post.")
        self.presence.claim(mention_id, self.operator, take=take)
        return self.outbox.open(mention_id, self.operator)

    def save_draft(self, reply_id: int, text: str, *, visibility: str | None = None) -> Reply:
        """Autosave; renews the claim, unless a colleague took the case over. Raises InputError: it is no draft any more."""
        saved = self.outbox.save(reply_id, text, visibility=visibility)
        self.presence.renew(saved.mention_id, self.operator)
        return saved

    def close_draft(self, reply_id: int) -> None:
        """Stop writing for now: what was written is kept, an empty draft is forgotten, the claim ends."""
        self.release(self.outbox.get(reply_id).mention_id)
        self.outbox.drop_empty(reply_id)

    def discard(self, reply_id: int) -> None:
        """Throw a draft away; what was written stays as cancelled."""
        self.release(self.outbox.get(reply_id).mention_id)
        if not self.outbox.drop_empty(reply_id):
            self.outbox.move(reply_id, ReplyState.CANCELLED, self.operator)

    def lint(self, mention: Entry, text: str, *, visibility: str = "", ignore: int = 0) -> list[Finding]:
        """What should be known about a text. `ignore`: the reply itself, which is no duplicate of itself."""
        return lint(text, self._surroundings(mention, text, visibility, ignore))

    def suggestions(self, mention: Entry) -> list[Suggestion]:
        """The best three saved replies for this mention, filled in."""
        return saved_replies.suggest(self.saved.all(), mention, self._filling(mention))

    def search_saved(self, words: str) -> list[SavedReply]:
        return saved_replies.search(self.saved.all(), words)

    def fill(self, mention: Entry, text: str) -> str:
        """A saved reply with its placeholders filled in."""
        return self._filling(mention).fill(text)

    def _filling(self, mention: Entry) -> Filling:
        brand = mention.topic if any(topic.name == mention.topic for topic in self._config.brands()) else next((topic.name for topic in self._config.brands()), mention.topic)
        return Filling.of(mention, self.operator, desk=self._config.desk.name, brand=brand)

    def _surroundings(self, mention: Entry, text: str, visibility: str, ignore: int) -> Surroundings:
        length = self.measure(mention, text)
        said = []
        targets: dict[int, Entry] = {}
        earlier = [reply for reply in self.outbox.said(mention.id, self._store.clock() - DAY_MS) if reply.id != ignore]
        for entry in self._mentions.many([reply.mention_id for reply in earlier]):
            targets[entry.id] = entry
        for reply in earlier:
            if (target := targets.get(reply.mention_id)) is not None:
                said.append(Said(reply.text, target.author.handle, target.author_id == mention.author_id))
        theirs = self._mentions.by_author(mention.author_id, limit=50)
        private = mention.visibility in ("direct", "followers")
        return Surroundings(
            brand=mention.topic, brands=[Brand(topic.name, topic.handles, topic.role == "brand") for topic in self._config.topics], banned=self._config.replies.banned, said=said,
            used=length.used, allowed=length.allowed, unit=length.unit, private=private, visibility=visibility,
            author_says=" ".join((mention.text, *(one.text for one in theirs if one.visibility in ("public", "unlisted")))),
            account=self._handle(mention.source), author_confides=[one.text for one in theirs if one.visibility in ("direct", "followers")],
        )  # fmt: skip

    # -- sending

    def submit(self, reply_id: int, *, text: str | None = None, now: bool = False, force: bool = False, expect: int | None = None) -> Reply:
        """Freeze a draft and queue it, or lay it before an approver.

        Args:    now: without the moment in which it can be taken back. force: although somebody else is replying.
        Raises:  InputError: lint stops it. Unsupported: this network takes no replies from programs. Conflict: somebody else is replying.
        """
        reply = self.outbox.get(reply_id)
        mention = self._mentions.get(reply.mention_id)
        if not self.can_reply(mention):
            raise Unsupported(f"{mention.source} takes no replies from programs here.", hint="Open the post in the browser, with the text on the clipboard.")
        if not force:
            self.presence.claim(mention.id, self.operator)
        final = reply.text if text is None else text
        findings = self.lint(mention, final, visibility=reply.visibility, ignore=reply.id)
        if blocked(findings):
            raise InputError(" ".join(finding.text for finding in findings if finding.level == "stop"), hint="Change the text, or keep it as a draft.")
        state = ReplyState.APPROVAL if self.needs_approval(mention) else ReplyState.QUEUED
        sent = self.outbox.freeze(reply.id, state, self.operator, self._not_before(now), text=final, expect=expect)
        self.release(mention.id)
        return sent

    def _not_before(self, now: bool = False) -> int:
        return self._store.clock() + (0 if now else self._config.replies.undo)

    def undo_send(self, reply_id: int) -> Reply:
        """Take back what has not gone out yet: it is a draft again. Raises InputError: too late."""
        reply = self.outbox.get(reply_id)
        if reply.state is ReplyState.APPROVAL or reply.state is ReplyState.QUEUED:
            return self.outbox.move(reply_id, ReplyState.DRAFT, self.operator, expect=reply.version)
        raise InputError(f"Reply {reply_id} is {reply.state.value}: it cannot be taken back.", hint=_HINTS.get(reply.state, ""))

    def cancel(self, reply_id: int) -> Reply:
        """It shall never go out. Of one in doubt: nobody looks for it any more."""
        return self.outbox.move(reply_id, ReplyState.CANCELLED, self.operator, look_at=None)

    def retry(self, reply_id: int) -> Reply:
        """Queue once more what has failed, or waits for its time; an account that was stopped is tried again."""
        reply = self.outbox.get(reply_id)
        stops_lifted(self._store, [reply.source])
        if reply.state is ReplyState.QUEUED:
            return self.outbox.hasten(reply_id)
        if reply.state is not ReplyState.FAILED:
            raise InputError(f"Reply {reply_id} is {reply.state.value}; only one that has failed can be tried again.", hint=_HINTS.get(reply.state, ""))
        return self.outbox.freeze(reply_id, ReplyState.QUEUED, self.operator, self._not_before(), approver=reply.approver, expect=reply.version)

    def edit(self, reply_id: int) -> Reply:
        """A draft again, of one that waits or has failed."""
        return self.outbox.move(reply_id, ReplyState.DRAFT, self.operator)

    def in_browser(self, mention: Entry, text: str) -> tuple[str, str]:
        """(address to open, text for the clipboard) where the network takes no replies from programs; the caller vets the address.

        Raises:  InputError: the post has no address.
        """
        if not mention.url:
            raise InputError(f"Mention {mention.id} has no address that could be opened.")
        return mention.url, text.strip()

    # -- approval

    def needs_approval(self, mention: Entry) -> bool:
        """Whether this operator's reply to that mention waits for somebody else."""
        me = self._me()
        wanted = self._config.replies.approval
        return me.needs_approval or "*" in wanted or any(self._in_stream(mention, name) for name in wanted)

    def approvers(self, reply: Reply | None = None) -> list[str]:
        """Who may approve: those whom the configuration names, else everybody on the desk but the author."""
        everybody = self._config.operators()
        named = [one.name for one in everybody if one.can_approve] or [one.name for one in everybody]
        return [name for name in named if reply is None or name != reply.author]

    def may_approve(self, reply: Reply) -> bool:
        named = any(one.can_approve for one in self._config.operators())
        return reply.author != self.operator and (self._me().can_approve or not named)

    def approve(self, reply_id: int, *, text: str | None = None) -> Reply:
        """Let it go out, as it is or edited. Raises InputError: not this operator's to approve, or lint stops the edited text."""
        reply = self._for_approval(reply_id)
        mention = self._mentions.get(reply.mention_id)
        findings = self.lint(mention, reply.text if text is None else text, visibility=reply.visibility, ignore=reply.id)
        if blocked(findings):
            raise InputError(" ".join(finding.text for finding in findings if finding.level == "stop"), hint="Edit it, or give it back with a note.")
        return self.outbox.freeze(reply_id, ReplyState.QUEUED, self.operator, self._not_before(), text=text, approver=self.operator, expect=reply.version)

    def differences(self, reply: Reply, text: str | None = None) -> list[Change]:
        """What its approver should see: this wording against the one that was laid before somebody last time."""
        earlier = [line for line in self.outbox.story(reply.id) if line.action in ("reply.approval", "reply.queued")]
        texts = [str(json.loads(line.after).get("text", "")) for line in earlier]
        if text is not None:
            return changes(reply.text, text)
        return changes(texts[-2], reply.text) if len(texts) > 1 else []

    def reject(self, reply_id: int, note: str) -> Reply:
        """Give it back to its author with a note: it is a draft again. Raises InputError."""
        if not note.strip():
            raise InputError("Say why, so that its author can mend it.")
        reply = self._for_approval(reply_id)
        return self.outbox.move(reply_id, ReplyState.DRAFT, self.operator, expect=reply.version, note=note.strip())

    def _for_approval(self, reply_id: int) -> Reply:
        reply = self.outbox.get(reply_id)
        if reply.state is not ReplyState.APPROVAL:
            raise InputError(f"Reply {reply_id} is {reply.state.value}: it does not wait for approval.", hint=_HINTS.get(reply.state, ""))
        if not self.may_approve(reply):
            who = ", ".join(self.approvers(reply)) or "nobody; give somebody can_approve in [[desk.operators]]"
            raise InputError("Nobody approves their own reply." if reply.author == self.operator else f"{self.operator} may not approve.", hint=f"Who may: {who}.")
        return reply

    def _me(self) -> Operator:
        return next((one for one in self._config.operators() if one.name == self.operator), Operator(self.operator))

    def _in_stream(self, mention: Entry, name: str) -> bool:
        return in_stream(self._mentions, self._config, mention.id, name)

    # -- the outbox

    def listing(self, states: Collection[ReplyState] = (), *, mine: bool = False, limit: int = 500) -> list[Reply]:
        """Replies, the last changed first."""
        return self.outbox.find(states, author=self.operator if mine else "", limit=limit)

    def waiting(self) -> list[Reply]:
        """Everything that still waits for something."""
        return self.outbox.find(LIVE)

    def of(self, mention_id: int) -> list[Reply]:
        """All replies to a mention, the last changed first."""
        return self.outbox.find(mention_id=mention_id)

    def stopped(self) -> dict[str, str]:
        """Source → why nothing is sent there until somebody retries."""
        return stops_of(self._store)

    def choices(self, reply: Reply) -> dict[Action, str]:
        """What can be done about one in doubt, and what each would do."""
        if reply.state is not ReplyState.UNKNOWN:
            return {}
        return {
            "read": "Read the thread again: sent when our words are there; nothing is published.",
            "sent": "Mark as sent: you have seen it published. The case waits for the customer; it is never sent again.",
            "again": f"Send again: you have seen that it is not there. {self._repeat_means(reply)}",
        }

    def _repeat_means(self, reply: Reply) -> str:
        source = self._source(reply.source)
        kind = source.capabilities.idempotent_reply if source is not None else "no"
        if kind == "record":
            return "It is the same record, so that it cannot become two posts."
        if kind == "key" and self._store.clock() - (reply.first_attempt or 0) < 3_600_000:
            return "The key is the same: most servers do not publish it twice within the hour."
        return "If it was published after all, it will stand there twice."

    def resolve_unknown(self, reply_id: int, action: Action, *, permalink: str = "") -> Reply:
        """What a person decides about a reply in doubt. Raises InputError: it is not in doubt."""
        reply = self.outbox.get(reply_id)
        if reply.state is not ReplyState.UNKNOWN:
            raise InputError(f"Reply {reply_id} is {reply.state.value}, not in doubt.", hint=_HINTS.get(reply.state, ""))
        if action == "read":
            return self.outbox.look(reply_id)
        if action == "sent":
            return self.outbox.published(reply_id, self.operator, Sent("", permalink), reply.sending_since or self._store.clock(), expect=reply.version)
        stops_lifted(self._store, [reply.source])
        return self.outbox.move(reply_id, ReplyState.QUEUED, self.operator, expect=reply.version, not_before=self._not_before(), look_at=None, error="")

    # -- together

    def claim(self, mention_id: int, *, take: bool = False) -> None:
        """Raises Conflict: somebody else is replying."""
        self.presence.claim(mention_id, self.operator, take=take)

    def release(self, mention_id: int) -> None:
        self.presence.release(mention_id, self.operator)

    def look(self, mention_id: int) -> None:
        """This operator looks at that mention."""
        self.presence.look(mention_id, self.operator)

    def around(self, mention_id: int | None = None) -> Sequence[Present]:
        """Others at a mention, or anywhere."""
        return [one for one in self.presence.around(mention_id) if one.operator != self.operator]


_HINTS = {
    ReplyState.DRAFT: "Send it first.",
    ReplyState.SENDING: "It is going out right now.",
    ReplyState.SENT: "It is published: edit or delete it on the network.",
    ReplyState.UNKNOWN: "Nobody knows whether it was published: read the thread again, mark it as sent, or send it again.",
    ReplyState.FAILED: "It was not published: retry, edit or cancel it.",
    ReplyState.CANCELLED: "It was cancelled; write a new one.",
}


def _account(source: Source | None) -> str:
    """The account's name where the adapter was configured with one; what it calls an unnamed one tells nobody anything."""
    account = str(getattr(source, "account", "") or "")
    return "" if account == "account" else account


def account_of(store: Store, source: str) -> str:
    """Our handle on a network, as it stood on the last of our posts there; empty before the first."""
    from listener.store.checkpoints import Settings

    return Settings(store).get(f"account:{source}")


def in_stream(mentions: Mentions, config: Config, mention_id: int, name: str) -> bool:
    """Whether a mention is in a stream of the configuration; a stream that does not exist holds nothing."""
    from listener.domain.query.parse import parse
    from listener.store.filters import Filter

    stream = next((one for one in config.streams if one.name == name), None)
    if stream is None:
        return False
    try:
        return mentions.count(Filter(parse(stream.query), ids=(mention_id,), folded=False)).n > 0
    except ListenerError:
        return False
