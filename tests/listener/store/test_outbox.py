"""The outbox: every change of state is allowed, journalled, versioned and fenced, whatever order people and machines come in."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener.domain.reply import NEXT, ReplyState, digest_of
from listener.errors import Conflict, InputError, StoreError
from listener.store.checkpoints import Leases
from listener.store.connection import Store
from listener.store.journal import Journal
from listener.store.mentions import Mentions
from listener.store.outbox import Outbox, Sent

from .conftest import filing

LEASE = "collector"


@pytest.fixture
def outbox(store):
    Leases(store).take(LEASE, "here", 1_000_000)
    return Outbox(store)


@pytest.fixture
def queued(outbox, add):
    """A reply that may go out at once."""
    (id_,) = add(filing(1)).new
    draft = outbox.open(id_, "nora")
    outbox.save(draft.id, "We look into it.")
    return outbox.freeze(draft.id, ReplyState.QUEUED, "nora", 0)


def test_a_draft_is_found_again_and_belongs_to_its_author(outbox, add):
    """A crash of the terminal must not cost what somebody has written."""
    (id_,) = add(filing(1)).new
    draft = outbox.open(id_, "nora")
    outbox.save(draft.id, "We look")
    assert outbox.draft_of(id_, "nora").text == "We look"
    assert outbox.open(id_, "nora").id == draft.id
    assert outbox.open(id_, "theo").id != draft.id
    assert [one.author for one in outbox.find()] == ["nora"], "an empty draft is nobody's business"


def test_a_frozen_text_cannot_be_changed(outbox, queued):
    """What goes out is what was approved."""
    assert queued.digest == digest_of("We look into it.")
    with pytest.raises(InputError, match="frozen"):
        outbox.save(queued.id, "Something else")


def test_one_attempt_takes_the_row_and_nobody_else_can(outbox, queued):
    begun = outbox.begin(queued.id, 1, LEASE)
    assert (begun.state, begun.attempts, begun.fence) == (ReplyState.SENDING, 1, 1)
    assert outbox.begin(queued.id, 1, LEASE) is None


def test_without_the_lease_nothing_begins(outbox, queued, store):
    """A collector that was replaced while it slept must not send what its successor sends."""
    with pytest.raises(StoreError, match="taken over"):
        outbox.begin(queued.id, 7, LEASE)
    assert outbox.get(queued.id).state is ReplyState.QUEUED


def test_what_was_taken_back_in_time_does_not_go_out(outbox, queued):
    outbox.move(queued.id, ReplyState.DRAFT, "nora")
    assert outbox.begin(queued.id, 1, LEASE) is None


def test_an_adopted_row_is_closed_to_the_one_before(outbox, queued, store):
    """Its fence is old: whatever it learns late is learnt by reading the thread."""
    outbox.begin(queued.id, 1, LEASE)
    Leases(store).release(LEASE, "here")
    fence = Leases(store).take(LEASE, "there", 1_000_000)
    (adopted,) = outbox.adopt(fence, LEASE, (), 5)
    assert (adopted.state, adopted.look_at) == (ReplyState.UNKNOWN, 5)
    with pytest.raises(Conflict):
        outbox.end(queued.id, 1, ReplyState.FAILED, "no")
    with pytest.raises(Conflict):
        outbox.published(queued.id, "desk", Sent("r1"), 9, fence=1)


def test_what_is_really_being_sent_is_not_adopted(outbox, queued):
    """The part was started again within one process while its own send goes on."""
    outbox.begin(queued.id, 1, LEASE)
    assert outbox.adopt(1, LEASE, [queued.id], 5) == []


def test_a_sent_reply_leaves_its_case_pending_with_a_line_for_the_metrics(outbox, queued, store):
    outbox.begin(queued.id, 1, LEASE)
    sent = outbox.published(queued.id, "desk", Sent("r1", "https://x.example/r1"), 99, fence=1)
    assert (sent.state, sent.remote_id, sent.sent_at) == (ReplyState.SENT, "r1", 99)
    assert Mentions(store).get(queued.mention_id).state == "pending"
    line = Journal(store).of("reply", queued.id)[-1]
    after = json.loads(line.after)
    assert (line.action, after["first"], after["mention"], after["author"], after["automatic"]) == ("reply.sent", True, queued.mention_id, "nora", False)
    assert Journal(store).of("mention", queued.mention_id)[-1].rule == "reply sent"
    assert outbox.by_remote("mastodon", "r1").id == queued.id
    assert outbox.to_follow(store.clock()) == [(queued.mention_id, 0)]


def test_only_the_first_word_of_a_person_counts_as_first(outbox, queued, store):
    """An automatic acknowledgement stops no clock."""
    automatic = outbox.open(queued.mention_id, "rule:acknowledge", automatic=True, purpose="acknowledgement")
    outbox.save(automatic.id, "We have seen it.")
    outbox.freeze(automatic.id, ReplyState.QUEUED, "rule:acknowledge", 0)
    for number, id_ in enumerate((automatic.id, queued.id)):
        outbox.begin(id_, 1, LEASE)
        outbox.published(id_, "desk", Sent(f"r{number}"), 9, fence=1)
        if id_ == automatic.id:
            assert Mentions(store).get(queued.mention_id).state == "open"
    first = [json.loads(Journal(store).of("reply", id_)[-1].after)["first"] for id_ in (automatic.id, queued.id)]
    assert first == [False, True]


def test_the_key_stays_with_the_text_and_changes_with_it(outbox, queued):
    """A record under the key of another text would overwrite what was published; the same text keeps its key and its time."""
    outbox.begin(queued.id, 1, LEASE)
    outbox.end(queued.id, 1, ReplyState.FAILED, "refused")
    again = outbox.freeze(queued.id, ReplyState.QUEUED, "nora", 0)
    assert (again.key, again.frozen_at) == (queued.key, queued.frozen_at)
    outbox.begin(queued.id, 1, LEASE)
    outbox.end(queued.id, 1, ReplyState.FAILED, "refused")
    outbox.move(queued.id, ReplyState.DRAFT, "nora")
    outbox.save(queued.id, "Other words.")
    other = outbox.freeze(queued.id, ReplyState.QUEUED, "nora", 0)
    assert other.key != queued.key and other.frozen_at > queued.frozen_at and other.first_attempt is None


def test_a_stale_version_is_refused(outbox, queued):
    outbox.move(queued.id, ReplyState.DRAFT, "nora", expect=queued.version)
    with pytest.raises(Conflict):
        outbox.move(queued.id, ReplyState.CANCELLED, "theo", expect=queued.version)


STEPS = st.lists(
    st.sampled_from(["save", "approval", "queue", "take-back", "cancel", "begin", "sent", "failed", "again", "doubt", "adopt", "absent", "person"]), max_size=14
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_whatever_is_tried_the_states_follow_the_table_and_the_journal_tells_them_all(tmp_path_factory, steps):
    """Law: every change that happened is allowed by NEXT and stands in the journal; sent is the end; a key has one text."""
    ticks = iter(range(1_000, 10_000_000))
    with Store(tmp_path_factory.mktemp("outbox") / "desk.db", clock=lambda: next(ticks)) as store:
        from listener.store.intake import Intake

        intake, outbox = Intake(store), Outbox(store)
        (mention,) = store.write(lambda connection: intake.add(connection, [filing(1)])).new
        Leases(store).take(LEASE, "here", 10**9)
        id_ = outbox.open(mention, "nora").id
        texts: dict[str, set[str]] = {}
        moves = {
            "save": lambda: outbox.save(id_, f"text {len(texts)}"),
            "approval": lambda: outbox.freeze(id_, ReplyState.APPROVAL, "nora", 0),
            "queue": lambda: outbox.freeze(id_, ReplyState.QUEUED, "nora", 0),
            "take-back": lambda: outbox.move(id_, ReplyState.DRAFT, "nora"),
            "cancel": lambda: outbox.move(id_, ReplyState.CANCELLED, "nora"),
            "begin": lambda: outbox.begin(id_, 1, LEASE),
            "sent": lambda: outbox.published(id_, "desk", Sent("r"), 1, fence=1),
            "failed": lambda: outbox.end(id_, 1, ReplyState.FAILED, "no"),
            "again": lambda: outbox.end(id_, 1, ReplyState.QUEUED, "later", not_before=0),
            "doubt": lambda: outbox.end(id_, 1, ReplyState.UNKNOWN, "?", look_at=0),
            "adopt": lambda: outbox.adopt(1, LEASE, (), 0),
            "absent": lambda: outbox.absent(id_, outbox.get(id_).version, None, "not there"),
            "person": lambda: outbox.published(id_, "nora", Sent(""), 1),
        }
        for step in steps:
            before = outbox.get(id_)
            try:
                moves[step]()
            except (InputError, Conflict):
                assert outbox.get(id_).state is before.state
            after = outbox.get(id_)
            if after.state is not before.state:
                assert after.state in NEXT[before.state]
            if after.state is ReplyState.SENDING:
                texts.setdefault(after.key, set()).add(after.text)
        path = [json.loads(line.after)["state"] for line in Journal(store).of("reply", id_)]
        assert (path or ["draft"])[-1] == outbox.get(id_).state.value
        walk = ["draft", *path]
        assert all(ReplyState(new) in NEXT[ReplyState(old)] for old, new in pairwise(walk))
        assert all(len(of_key) == 1 for of_key in texts.values())
