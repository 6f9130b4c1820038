"""A customer's answer opens its case again: whoever answered must not have to look for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listener.domain.case import State
from listener.engine.triage import Triage
from listener.errors import InputError
from listener.store.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.domain.mention import Entry
    from listener.store.connection import Store
    from listener.store.mentions import Mentions

RULE = "customer answered"
STEPS = 12
"""How far up a conversation its case is looked for."""


def reopen_answered(store: Store, mentions: Mentions, ids: Sequence[int]) -> list[int]:
    """Open the cases that these new mentions belong to, where their own author wrote again. Ids of the cases."""
    outbox, opened = Outbox(store), list[int]()
    for mention in mentions.many(list(ids)):
        if mention.own or not (mention.parent_id or mention.thread_id):
            continue
        cases = [case.id for case in _cases(mentions, outbox, mention) if case.id not in opened and not _answered_since(outbox, case, mention)]
        if cases:
            try:
                opened += Triage(store, "desk").reopen(cases, rule=RULE).changed
            except InputError:
                continue
    return opened


def _answered_since(outbox: Outbox, case: Entry, post: Entry) -> bool:
    """Whether we have replied after this was written: the thread that is read after a reply brings what we had in view then.

    What stands below our own words was written after them, whatever the clocks say.
    """
    if post.parent_id and outbox.by_remote(post.source, post.parent_id) is not None:
        return False
    return any(reply.sent_at and reply.sent_at > post.created_at and not reply.automatic for reply in outbox.find(mention_id=case.id))


def _cases(mentions: Mentions, outbox: Outbox, answer: Entry) -> list[Entry]:
    """What this author said before in the same conversation, and somebody has put aside."""
    above: list[Entry] = []
    seen, parent = {answer.native_id}, answer.parent_id
    for _ in range(STEPS):
        if not parent or parent in seen:
            break
        seen.add(parent)
        reply = outbox.by_remote(answer.source, parent)
        post = mentions.get(reply.mention_id) if reply is not None else mentions.by_key(answer.source, parent)
        if post is None:
            break
        above.append(post)
        parent = post.parent_id
    if answer.thread_id:
        above += mentions.thread(answer)
    theirs = {post.id: post for post in above if post.id != answer.id and post.author_id == answer.author_id and not post.own and post.created_at <= answer.created_at}
    return [post for post in theirs.values() if post.state in (State.PENDING, State.SNOOZED, State.RESOLVED)]
