"""Stories are text files that users write: mistakes are named, and the shipped ones hold what they promise."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from listener.analysis.duplicates import Folder
from listener.errors import InputError
from sources.sandbox.clock import MINUTE, ManualClock
from sources.sandbox.post import NETWORKS
from sources.sandbox.scenario import load, shipped
from sources.sandbox.scenario_file import parse
from sources.sandbox.world import World

GOOD = """
title = "A story"
[[beats]]
name = "first"
texts = ["Hello {b}"]
from = 1
"""
START = 1_795_356_000_000


def test_six_drills_are_shipped() -> None:
    """The crew rehearses every kind of night."""
    assert set(shipped()) == {"product_recall", "outage", "data_breach", "gaffe", "fake_storm", "false_alarm"}


@pytest.mark.parametrize("slug", ["product_recall", "outage", "data_breach", "gaffe", "fake_storm", "false_alarm", "demo"])
def test_a_story_begins_when_its_truth_says(slug: str) -> None:
    """A drill is scored against `began`: nothing of the story may be seen earlier, and something must be seen then."""
    story = load(slug)
    clock = ManualClock(START)
    world = World(clock, scenario=story)
    clock.advance(minutes=story.minutes)
    told = [post for network in NETWORKS for post in world.oldest(network, after=START << 16) if post.beat]
    about = [post for post in told if post.topic == "brand" and post.kind != "lead"]
    first = min(post.at for post in about)
    assert 0 <= first - (START + story.truth.began * MINUTE) < 10 * MINUTE
    assert len(about) > 100
    assert story.truth.playbook
    assert story.truth.real == (story.truth.severity > 0)


def test_no_post_is_longer_than_its_network_allows() -> None:
    """A network would have refused it."""
    for slug in ("demo", *shipped()):
        story = load(slug)
        clock = ManualClock(START)
        world = World(clock, scenario=story)
        clock.advance(minutes=story.minutes)
        assert max(len(post.text) for post in world.oldest("bluesky")) <= 300
        assert max(len(post.text) for post in world.oldest("mastodon")) <= 500


def test_a_storm_is_one_text_and_a_crowd_is_many() -> None:
    """Near-duplicates must mean something: only the copied text may fold."""
    story = load("demo")
    clock = ManualClock(START)
    world = World(clock, scenario=story)
    clock.advance(minutes=60)
    posts = [post for post in world.oldest("bluesky", after=START << 16) if post.beat]
    wave = [post.text for post in posts if post.beat == "wave"]
    storm = {
        "".join(filter(str.isalnum, post.text.replace("RT ", ""))).replace("pleaseshare", "").replace("travel", "")
        for post in posts
        if post.beat == "copied warning"
    }
    assert len(set(wave)) > 0.9 * len(wave) > 50
    assert len(storm) == 1


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (("title = ", "titel = "), "title is missing"),
        (('name = "first"', "name = 3"), r"beats\[1\]\.name must be a text"),
        (("{b}", "{brnd}"), r"beats\[1\]\.texts uses the unknown slot \{brnd\}"),
        (("from = 1", "from = 1\nrate = [1]"), r"beats\[1\]\.rate needs a `to`"),
        (("from = 1", "from = 5\nto = 1"), r"beats\[1\]\.to is before from"),
        (("from = 1", "networks = { myspace = 1 }"), r"beats\[1\]\.networks names 'myspace'"),
        (("from = 1", 'replies_to = "nobody"'), r"beats\[1\]\.replies_to names 'nobody'"),
        (("from = 1", 'at = "25:00"'), r"beats\[1\]\.at must be a time"),
        (("from = 1", "colour = 1"), r"beats\[1\]\.colour is not a key"),
        (("from = 1", 'who = { handle = "Not OK" }'), r"beats\[1\]\.who\.handle must be small letters"),
        (("[[beats]]", "[truth]\nseverity = 9\n[[beats]]"), r"truth\.severity must lie between 0 and 4"),
        (("[[beats]]", "[beats]"), "beats must be a list"),
        (("title = ", "title = ["), "not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(change: tuple[str, str], names: str) -> None:
    """Users write these files by hand."""
    assert parse(GOOD, "mine.toml", "mine").beats[0].count == 1
    with pytest.raises(InputError, match=rf"mine\.toml.*{names}"):
        parse(GOOD.replace(*change), "mine.toml", "mine")


def test_a_story_of_ones_own_is_read_from_its_path(tmp_path: Path) -> None:
    """`listener drill my-story.toml`."""
    file = tmp_path / "my-story.toml"
    file.write_text(GOOD)
    assert load(file).title == "A story"
    assert load(str(file)).slug == "my-story"


@pytest.mark.parametrize("name", ["nothing", "../demo", "missing.toml", ""])
def test_an_unknown_story_is_refused(name: str) -> None:
    """With a word on what there is."""
    with pytest.raises(InputError):
        load(name)


def test_only_the_copied_text_folds_into_a_crowd() -> None:
    """The desk's own detector must see one storm in the demo's crisis, and no coordination where there is none."""
    clock = ManualClock(START)
    world = World(clock, scenario=load("demo"), history=False)
    clock.advance(minutes=90)
    folder: Folder[int] = Folder()
    posts = [
        post
        for network in ("mastodon", "bluesky")
        for post in world.oldest(network, after=START << 16)
        if post.topic == "brand" and post.kind != "reply"
    ]
    folded: Counter[str] = Counter()
    leaders: Counter[int] = Counter()
    for post in sorted(posts, key=lambda post: post.uid):
        leader = folder.fold(post.uid, post.text, post.at)
        if leader is not None and leader != post.uid and not post.parent:
            folded[post.beat] += 1
            leaders[leader] += 1
    (_, storm), (_, next_largest) = leaders.most_common(2)
    assert storm >= 40
    assert next_largest < 15
    assert folded["wave"] < 0.3 * sum(post.beat == "wave" for post in posts)
