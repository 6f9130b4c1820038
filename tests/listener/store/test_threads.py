"""A customer's answer must stand under what it answers, also on networks that name only the parent."""

from __future__ import annotations

from listener.domain.reply import ReplyState
from listener.store.checkpoints import Leases
from listener.store.mentions import Mentions
from listener.store.outbox import Outbox, Sent
from listener.store.threads import join_threads

from .conftest import NOW, filing


def test_answers_of_answers_find_their_first_post_in_one_page(store, add):
    ids = add(filing(1), filing(3, parent_id="2", created_at=NOW + 2), filing(2, parent_id="1", created_at=NOW + 1), filing(9, parent_id="8")).new
    assert join_threads(store, ids) == 2
    mentions = Mentions(store)
    assert {post.native_id for post in mentions.thread(mentions.get(ids[0]))} == {"1", "2", "3"}
    assert mentions.get(ids[3]).thread_id == ""
    assert join_threads(store, ids) == 0


def test_an_answer_to_our_reply_belongs_to_the_post_that_we_answered(store, add):
    (case,) = add(filing(1)).new
    Leases(store).take("collector", "here", 10**9)
    outbox = Outbox(store)
    draft = outbox.open(case, "nora")
    outbox.freeze(draft.id, ReplyState.QUEUED, "nora", 0, text="Sorry.")
    outbox.begin(draft.id, 1, "collector")
    outbox.published(draft.id, "desk", Sent("r1"), 1, fence=1)
    answer = add(filing(5, parent_id="r1")).new
    join_threads(store, answer)
    assert [post.native_id for post in Mentions(store).thread(Mentions(store).get(case))] == ["5", "1"]


def test_a_post_is_never_its_own_thread(store, add):
    ids = add(filing(1, parent_id="1")).new
    assert join_threads(store, ids) == 0
