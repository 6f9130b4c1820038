"""The real adapters, with the real client, over the sandbox: what the demo, the drill and a night shift rest on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from listener.config.read import load
from listener.domain.case import Severity, State
from listener.domain.mention import Entry, Mention
from listener.domain.sentiment import UNSCORED
from listener.errors import Ambiguous, Malformed, RateLimited, Unreachable
from listener.source import Channel, Draft, Replier, Source, ThreadReader
from sources.catalogue import open_source
from sources.http import Http
from sources.opening import Context
from sources.sandbox.clock import DAY, HOUR, ManualClock
from sources.sandbox.demo import prepare
from sources.sandbox.internet import HOSTS, Internet
from sources.sandbox.opening import open_world
from sources.sandbox.post import Post
from sources.sandbox.servers.atproto import uri_of
from sources.sandbox.servers.hackernews import hn_id
from sources.sandbox.transport import SandboxTransport

START = 1_795_356_000_000
NATIVE: dict[str, Callable[[Post], str]] = {
    "mastodon": lambda post: str(post.uid),
    "bluesky": uri_of,
    "hackernews": lambda post: str(hn_id(post)),
}


class Desk:
    """The demo's sources, opened as the program opens them, on a clock that the test moves."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(START)
        self.net: Internet = open_world(start=START, clock=self.clock)
        self.config = load(prepare(folder))
        self.http = Http(
            transport=SandboxTransport(self.net),
            allow_hosts=HOSTS,
            clock=lambda: self.clock.at / 1000,
            monotonic=lambda: self.clock.at / 1000,
        )
        self.context = Context("", self.http, {}, clock=self.clock, look_back=14 * DAY)
        self.sources: dict[str, Source] = {setting.name: open_source(setting, self.context) for setting in self.config.sources}
        self.cursors: dict[tuple[str, str], str] = {}

    def channels(self, name: str) -> list[Channel]:
        return list(self.sources[name].channels(self.config.topics))

    def search(self, name: str) -> Channel:
        return next(
            channel for channel in self.channels(name) if channel.kind == "search" and channel.topic == "Aurora Air" and " " in channel.text
        )

    async def read(self, name: str, channel: Channel) -> list[Mention]:
        """Every page that waits, from where the last reading ended."""
        found: list[Mention] = []
        for _ in range(500):
            page = await self.sources[name].fetch(channel, self.cursors.get((name, channel.key), ""))
            self.cursors[name, channel.key] = page.cursor
            found += page.mentions
            if not page.more:
                return found
        raise AssertionError("the reading never ends")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path / "demo")
    yield desk
    await desk.context.aclose()


def entry(mention: Mention) -> Entry:
    """The mention as the store would give it back."""
    return Entry(
        1, mention.source, mention.native_id, mention.text, mention.created_at, mention.created_at, 1, mention.author, mention.url, mention.title,
        mention.lang, 1.0, mention.parent_id, mention.thread_id, mention.visibility, mention.engagement, None, None, mention.reply_ref, mention.own,
        "Aurora Air", ("Aurora Air",), UNSCORED, UNSCORED, (), (), State.OPEN, Severity.NONE, "", None, None, None, 0, None, (), 1,
    )  # fmt: skip


def there(desk: Desk, network: str, words: str = "aurora air") -> dict[str, Post]:
    """What a search for these words should have found by now, by native id."""
    return {NATIVE[network](post): post for post in desk.net.world.oldest(network) if words in post.folded}


@pytest.mark.parametrize("name", ["mastodon", "bluesky", "hackernews", "news", "reddit"])
async def test_every_source_of_the_demo_passes_its_own_check(desk: Desk, name: str) -> None:
    """`listener sources check` in the demo must be green."""
    checks = await desk.sources[name].check()
    assert [check for check in checks if check.state not in ("ok", "skipped")] == []


@pytest.mark.parametrize("name", ["mastodon", "bluesky", "hackernews"])
async def test_two_weeks_arrive_whole(desk: Desk, name: str) -> None:
    """The first reading pages through the history without a hole."""
    found = await desk.read(name, desk.search(name))
    assert {mention.native_id for mention in found} == set(there(desk, name))
    assert len(found) == len({mention.native_id for mention in found}) > 25
    assert min(mention.created_at for mention in found) < START - 13 * DAY


@pytest.mark.parametrize("name", ["mastodon", "bluesky", "hackernews"])
async def test_a_week_offline_leaves_no_hole(desk: Desk, name: str) -> None:
    """Whoever comes back has the same posts as somebody who stayed, the crisis included."""
    channel = desk.search(name)
    found = {mention.native_id for mention in await desk.read(name, channel)}
    desk.clock.advance(days=7)
    found |= {mention.native_id for mention in await desk.read(name, channel)}
    assert found >= set(there(desk, name))
    assert len(there(desk, name)) > 30


async def test_a_hashtag_read_every_minute_misses_nothing(desk: Desk) -> None:
    """The crisis arrives through `min_id`, minute by minute."""
    channel = next(channel for channel in desk.channels("mastodon") if channel.kind == "tag")
    found = {mention.native_id for mention in await desk.read("mastodon", channel)}
    for _ in range(45):
        desk.clock.advance(minutes=1)
        found |= {mention.native_id for mention in await desk.read("mastodon", channel)}
    wanted = {name for name, post in there(desk, "mastodon", "#auroraair").items() if post.at > START}
    assert wanted <= found
    assert len(wanted) > 60


@pytest.mark.parametrize("name", ["mastodon", "bluesky"])
async def test_a_reply_lands_in_the_thread_and_is_answered(desk: Desk, name: str) -> None:
    """Triage ends with an answer, and the answer with an answer."""
    source = desk.sources[name]
    assert isinstance(source, Replier)
    assert isinstance(source, ThreadReader)
    notifications = next(channel for channel in desk.channels(name) if channel.kind == "notifications")
    asked = [mention for mention in await desk.read(name, notifications) if not mention.parent_id][-15:]
    ours: set[str] = set()
    for number, mention in enumerate(asked):
        draft = Draft("We are sorry, help is on the way.", f"key-{number}", desk.clock.at)
        receipt = await source.reply(entry(mention), draft)
        assert receipt.parent_kept
        ours.add(receipt.remote_id)
        again = await source.find_reply(entry(mention), draft)
        assert again is not None
        assert again.remote_id == receipt.remote_id
        thread = await source.thread(entry(mention))
        assert [post.native_id for post in thread if post.own].count(receipt.remote_id) == 1
    desk.clock.advance(minutes=4)
    answers = [mention for mention in await desk.read(name, notifications) if mention.parent_id in ours]
    assert len(answers) >= 8
    assert {answer.author.native_id for answer in answers} <= {mention.author.native_id for mention in asked}


@pytest.mark.parametrize("name", ["mastodon", "bluesky"])
async def test_a_lost_answer_is_ambiguous_and_never_doubled(desk: Desk, name: str) -> None:
    """Published, and nobody was told: the reply is found again, and sending it once more makes no second one."""
    source = desk.sources[name]
    assert isinstance(source, Replier)
    mention = (await desk.read(name, desk.search(name)))[-1]
    draft = Draft("We are sorry.", "a-key", desk.clock.at)
    await source.check()
    desk.net.faults.add("dropped", path="Record" if name == "bluesky" else "/statuses", method="POST")
    with pytest.raises(Ambiguous):
        await source.reply(entry(mention), draft)
    assert len(desk.net.world.published.own(name)) == 1
    assert await source.find_reply(entry(mention), draft) is not None
    await source.reply(entry(mention), draft)
    assert len(desk.net.world.published.own(name)) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("429", RateLimited),
        ("429-date", RateLimited),
        ("429-iso", RateLimited),
        ("429-bare", RateLimited),
        ("500", Unreachable),
        ("truncated", Malformed),
        ("200-page", Malformed),
    ],
)
async def test_a_fault_moves_no_cursor(desk: Desk, fault: str, error: type[Exception]) -> None:
    """After the trouble, the reading goes on as if nothing had been."""
    channel = desk.search("mastodon")
    await desk.read("mastodon", channel)
    desk.clock.advance(hours=6)
    desk.net.faults.add(fault, path="/api/v2/search")
    with pytest.raises(error):
        await desk.read("mastodon", channel)
    desk.clock.advance(hours=1)
    found = {mention.native_id for mention in await desk.read("mastodon", channel)}
    assert {name for name, post in there(desk, "mastodon").items() if post.at > START + HOUR} <= found


async def test_an_expired_session_is_refreshed_on_the_way(desk: Desk) -> None:
    """Two hours later Bluesky says ExpiredToken; nobody should notice."""
    channel = desk.search("bluesky")
    await desk.read("bluesky", channel)
    desk.clock.advance(hours=5)
    assert await desk.read("bluesky", channel)
    assert [path for _, _, path in desk.net.requests].count("/xrpc/com.atproto.server.createSession") == 1


async def test_the_story_reaches_the_desk(desk: Desk) -> None:
    """Lead, influencer with her reach, press: each through its own network within minutes."""
    told = [(name, channel) for name in ("mastodon", "bluesky") for channel in desk.channels(name) if channel.kind == "notifications"]
    for name, channel in told:
        await desk.read(name, channel)
    desk.clock.advance(minutes=25)
    mastodon = await desk.read("mastodon", desk.search("mastodon"))
    assert max(mention.author.followers or 0 for mention in mastodon) == 48_200
    news = await desk.read("news", desk.channels("news")[0])
    assert any("Check-in failure" in mention.title for mention in news)
    mentions = [mention for name, channel in told for mention in await desk.read(name, channel)]
    assert any("congress of 240 people" in mention.text for mention in mentions)
