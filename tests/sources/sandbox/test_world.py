"""The world that demo, drill and tests live in."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from sources.sandbox import rhythm
from sources.sandbox.clock import DAY, HOUR, MINUTE, ManualClock
from sources.sandbox.opening import open_world
from sources.sandbox.post import NETWORKS, Post
from sources.sandbox.scenario import load
from sources.sandbox.world import World

START = 1_795_356_000_000
"""A Sunday, 14:00 UTC."""
ZONE = "Europe/Athens"


def everything(world: World, after: int = 0) -> list[Post]:
    return [post for network in NETWORKS for post in world.oldest(network, after=after << 16)]


def make(scenario: str | None = None, start: int = START) -> tuple[World, ManualClock]:
    clock = ManualClock(start)
    return World(clock, scenario=load(scenario) if scenario else None), clock


def test_two_weeks_of_history_are_believable() -> None:
    """The desk needs enough to work on, in several languages, mostly about the brand."""
    posts = everything(make()[0])
    assert 6_000 < len(posts) < 12_000
    topics = Counter(post.topic for post in posts)
    assert topics["brand"] > topics["rival1"] > topics["rival2"] > 500
    assert {"en", "el", "es", "de", "fr", "tl", "ro", "ar"} <= {post.lang for post in posts}
    assert {"complaint", "praise", "question", "lead", "feature", "technical", "ugc", "noise"} <= {post.kind for post in posts}


def test_nights_are_quiet() -> None:
    """A night shift must look like one, or alarms cannot be judged."""
    hours = Counter(rhythm.local_hour(post.at, ZONE) for post in everything(make()[0]))
    assert sum(hours[hour] for hour in (2, 3, 4)) * 6 < sum(hours[hour] for hour in (10, 11, 12))


def test_the_same_seed_is_the_same_world_in_whatever_order_it_is_read() -> None:
    """Processes that share a world generate it apart from each other."""
    forwards, backwards = make("demo")[0], make("demo")[0]
    first = {network: [post.uid for post in forwards.oldest(network)] for network in NETWORKS}
    second = {network: [post.uid for post in backwards.newest(network)][::-1] for network in reversed(NETWORKS)}
    assert first == second
    assert [post.text for post in forwards.oldest("bluesky")] == [post.text for post in backwards.oldest("bluesky")]


def test_time_only_adds() -> None:
    """A reader that has seen everything up to now must never meet an older post later: that would be a hole in its cursor."""
    world, clock = make("demo")
    seen = {post.uid for post in world.oldest("mastodon")}
    for _ in range(12):
        newest = max(seen)
        clock.advance(minutes=10)
        fresh = {post.uid for post in world.oldest("mastodon")} - seen
        assert all(uid > newest for uid in fresh)
        seen |= fresh


def test_the_night_holds_a_lead_at_three() -> None:
    """The promise of the demo: last night's lead is there, and a live one arrives within minutes."""
    world, clock = make("demo")
    nightly = [post for post in world.oldest("mastodon") if post.kind == "lead" and post.beat]
    assert [rhythm.local_hour(post.at, ZONE) for post in nightly] == [3]
    clock.advance(minutes=3)
    assert any(post.beat == "lead" for post in everything(world, START))


def test_the_crisis_rises_and_calms_once_the_brand_has_spoken() -> None:
    """What the operator does must make a difference."""
    silent, clock = make("demo")
    clock.advance(minutes=90)
    uncalmed = [post for post in everything(silent, START) if post.topic == "brand"]
    spoken, clock = make("demo")
    clock.advance(minutes=16)
    before = [post for post in everything(spoken, START) if post.topic == "brand"]
    spoken.publish("mastodon", "Check-in is down. We are working on it, next word at half past.")
    clock.advance(minutes=74)
    calmed = [post for post in everything(spoken, START) if post.topic == "brand"]
    assert 60 < len(before) < len(calmed) < len(uncalmed) * 0.6
    assert {post.uid for post in before} <= {post.uid for post in calmed}


def test_an_answer_to_somebody_else_calms_nobody() -> None:
    """Answering a sales lead is not a word on the outage."""
    world, clock = make("demo")
    clock.advance(minutes=30)
    lead = next(post for post in everything(world, START) if post.beat == "lead")
    before = len(everything(world, START))
    world.publish(lead.network, "Gladly! Who shall we call?", parent=lead)
    assert len(everything(world, START)) == before + 1
    other, clock = make("demo")
    clock.advance(minutes=60)
    assert all(post.uid in {one.uid for one in everything(other, START)} for post in everything(world, START) if not post.author.own)


def test_people_answer_in_the_thread() -> None:
    """Replies land in the thread, and most authors say something after a while."""
    world, clock = make()
    asked = [post for post in world.newest("mastodon") if post.kind == "question" and not post.parent and post.topic == "brand"][:30]
    for post in asked:
        world.publish("mastodon", f"@{post.author.handle} sorry for the wait, we will help you", parent=post)
    assert all(any(child.author.own for child in world.children(post)) for post in asked)
    clock.advance(minutes=5)
    answered = [
        post for post in asked if any(answer.author == post.author for child in world.children(post) for answer in world.children(child))
    ]
    assert len(answered) > 20


def test_a_grade_is_given_when_asked_for() -> None:
    """Satisfaction is measured from answers like "5"."""
    world, clock = make()
    asked = [post for post in world.newest("bluesky") if post.kind == "praise" and not post.parent][:12]
    for post in asked:
        world.publish("bluesky", "How did we do, 1 to 5?", parent=post)
    clock.advance(minutes=5)
    answers = [answer.text for post in asked for child in world.children(post) for answer in world.children(child)]
    assert any(digit in text for text in answers for digit in "12345")


def test_a_repeated_key_publishes_once_for_an_hour() -> None:
    """The idempotency key of the Mastodon API, as its documentation has it."""
    world, clock = make()
    first = world.publish("mastodon", "one", key="k")
    assert world.publish("mastodon", "one", key="k").uid == first.uid
    clock.advance(minutes=61)
    assert world.publish("mastodon", "one", key="k").uid != first.uid


def test_a_restart_goes_on_in_the_same_world(tmp_path: Path) -> None:
    """The demo may be closed and opened again; what was published is still there."""
    state = tmp_path / "world.json"
    clock = ManualClock(START)
    first = open_world(start=START, clock=clock, state=state).world
    post = next(first.newest("mastodon"))
    reply = first.publish("mastodon", f"@{post.author.handle} sorry!", parent=post, key="k")
    clock.advance(hours=2)
    second = open_world(clock=clock, state=state).world
    assert second.start == START
    assert reply.uid in {child.uid for child in second.children(post)}
    assert [one.uid for one in second.newest("mastodon")] == [one.uid for one in first.newest("mastodon")]
    assert state.stat().st_mode & 0o077 == 0


def test_two_processes_share_one_world(tmp_path: Path) -> None:
    """A desk reads the thread while the collector sends."""
    clock = ManualClock(START)
    state = tmp_path / "world.json"
    one, two = (open_world(start=START, clock=clock, state=state).world for _ in range(2))
    one.publish("mastodon", "from one")
    two.publish("mastodon", "from two")
    one.refresh()
    assert [post.text for post in one.published.own("mastodon")] == ["from one", "from two"]


def test_the_story_begins_anew_with_a_later_start(tmp_path: Path) -> None:
    """Who opens the demo again tomorrow sees a crisis unfold again, on top of the same past."""
    clock = ManualClock(START)
    state = tmp_path / "world.json"
    open_world(start=START, clock=clock, state=state)
    clock.advance(days=1)
    world = open_world(clock=clock, state=state, anew=True).world
    before = {post.uid for post in everything(world)}
    clock.advance(minutes=20)
    fresh = [post for post in everything(world) if post.uid not in before]
    assert any(post.beat == "wave" for post in fresh)
    assert len(world.ledger.starts) == 2


def test_a_damaged_state_is_named_and_not_overwritten(tmp_path: Path) -> None:
    """Nothing that the user has is lost without a word."""
    state = tmp_path / "world.json"
    state.write_text("{")
    with pytest.raises(Exception, match=r"world\.json cannot be read"):
        open_world(state=state)
    assert state.read_text() == "{"


def test_a_week_offline_leaves_no_holes() -> None:
    """Whoever comes back reads exactly what somebody saw who stayed."""
    stayed, clock = make("demo")
    seen: set[int] = {post.uid for post in stayed.oldest("bluesky")}
    for _ in range(7 * 24):
        clock.advance(hours=1)
        last = clock.at - HOUR - MINUTE
        seen |= {post.uid for post in stayed.oldest("bluesky", after=last << 16)}
    gone, clock = make("demo")
    list(gone.oldest("bluesky"))
    clock.advance(days=7)
    deleted = {uid for uid in seen if stayed.get("bluesky", uid) is None}
    assert {post.uid for post in gone.oldest("bluesky", after=(START - 14 * DAY) << 16)} == seen - deleted
