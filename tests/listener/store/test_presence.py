"""Two people must not answer one customer, and nobody may hold a case by having gone home."""

from __future__ import annotations

import pytest

from listener.errors import Conflict
from listener.store.connection import Store
from listener.store.presence import LOOKING_MS, Presence

NOW = 1_774_000_000_000
CLAIM = 600_000


@pytest.fixture
def clock():
    return [NOW]


@pytest.fixture
def presence(tmp_path, clock):
    with Store(tmp_path / "desk.db", clock=lambda: clock[0]) as store:
        yield Presence(store, CLAIM)


def test_a_claim_keeps_others_out_and_says_who_it_is(presence, clock):
    presence.claim(1, "nora", "one")
    clock[0] += 180_000
    with pytest.raises(Conflict, match="nora has been replying to this for 3 min"):
        presence.claim(1, "theo", "two")
    presence.claim(1, "nora", "other terminal of hers")
    presence.claim(2, "theo", "two")
    assert presence.claimed_by(1, but="theo").operator == "nora"
    assert presence.claimed_by(1, but="nora") is None


def test_a_claim_expires_when_nobody_renews_it(presence, clock):
    presence.claim(1, "nora")
    clock[0] += CLAIM - 1
    presence.claim(1, "nora")
    clock[0] += CLAIM - 1
    with pytest.raises(Conflict):
        presence.claim(1, "theo")
    clock[0] += 2
    presence.claim(1, "theo")
    with pytest.raises(Conflict, match="theo"):
        presence.claim(1, "nora")


def test_a_claim_is_given_up_or_taken_over(presence):
    presence.claim(1, "nora", "one")
    presence.release(1, "nora", "one")
    presence.claim(1, "theo", "two")
    presence.claim(1, "nora", "one", take=True)
    assert [one.operator for one in presence.around(1)] == ["nora"]


def test_who_looks_is_seen_for_a_minute_and_at_one_mention_only(presence, clock):
    presence.look(1, "nora", "one")
    presence.look(2, "nora", "one")
    presence.claim(3, "nora", "one")
    presence.look(2, "theo", "two")
    assert [(one.mention_id, one.operator, one.doing) for one in presence.around()] == [(3, "nora", "replying"), (2, "nora", "looking"), (2, "theo", "looking")]
    clock[0] += LOOKING_MS + 1
    assert [(one.operator, one.doing) for one in presence.around()] == [("nora", "replying")]
    presence.leave("nora", "one")
    assert presence.around() == []


def test_looking_at_what_one_is_replying_to_keeps_the_claim(presence):
    presence.claim(1, "nora", "one")
    presence.look(1, "nora", "one")
    with pytest.raises(Conflict):
        presence.claim(1, "theo", "two")
