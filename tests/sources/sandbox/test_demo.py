"""The demo's desk: its file is one that an owner could have written, and what it listens for is there."""

from __future__ import annotations

from pathlib import Path

from listener.config.check import check_queries
from listener.config.read import load
from listener.domain.author import Author
from listener.domain.mention import Mention
from listener.domain.query import Matcher, parse
from sources.sandbox.clock import ManualClock
from sources.sandbox.demo import prepare
from sources.sandbox.opening import open_world

START = 1_795_356_000_000
TOPICS = {"Aurora Air": "brand", "Borealis Airways": "rival1", "Zephyr Jet": "rival2"}


def test_the_configuration_is_read_without_a_complaint(tmp_path: Path) -> None:
    """Queries, rules and names included."""
    config = load(prepare(tmp_path / "demo", zone="America/New_York"))
    assert check_queries(config, parse) == []
    assert [topic.name for topic in config.topics] == list(TOPICS)
    assert config.desk.time_zone == "America/New_York"
    token = config.sources[0].secret("token")
    assert token is not None
    assert token.reveal()


def test_a_loopback_address_is_let_through(tmp_path: Path) -> None:
    """Several processes may share a sandbox on a port."""
    config = load(prepare(tmp_path / "demo", address="http://127.0.0.1:8123"))
    assert config.desk.allow_hosts == ("127.0.0.1:8123",)
    assert config.sources[0].options["instance"] == "http://127.0.0.1:8123"


def test_what_an_owner_has_changed_stays(tmp_path: Path) -> None:
    """Preparing again must not undo somebody's edit."""
    path = prepare(tmp_path / "demo")
    path.write_text("# mine\n")
    (path.parent / "playbooks" / "crisis.md").unlink()
    prepare(tmp_path / "demo")
    assert path.read_text() == "# mine\n"
    assert (path.parent / "playbooks" / "crisis.md").exists()


def test_the_queries_find_their_topics_and_no_northern_lights(tmp_path: Path) -> None:
    """What the topics listen for is what the world talks about."""
    config = load(prepare(tmp_path / "demo"))
    matcher = Matcher({topic.name: parse(topic.queries[0]) for topic in config.topics})
    clock = ManualClock(START)
    world = open_world(start=START, clock=clock).world
    missed = wrong = seen = 0
    for post in [*world.oldest("mastodon"), *world.oldest("bluesky")]:
        if post.kind in ("thread", "reply"):
            continue
        seen += 1
        found = {TOPICS[name] for name in matcher.match(Mention("s", str(post.uid), post.text, post.at, Author("a", "a")))}
        missed += bool(post.topic) and post.topic not in found
        wrong += not post.topic and bool(found)
    assert seen > 5_000
    assert missed == 0
    assert wrong == 0
