"""What happens in the sandbox: two weeks of history, the present as it unfolds, and what the desk adds to it.

Everything but the desk's own posts follows from a seed and the time of the start, hour by hour and only when asked for, so that a
restart, another process or a test sees the same world. Servers read it; nobody else needs to.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from sources.sandbox import ambient, script
from sources.sandbox.cast import Cast
from sources.sandbox.clock import DAY, HOUR, MINUTE
from sources.sandbox.ledger import Ledger
from sources.sandbox.phrases import HANDLE, phrases
from sources.sandbox.post import OWN, Persona, Post, time_of, uid_of
from sources.sandbox.published import Published
from sources.sandbox.reactions import react
from sources.sandbox.scenario import Scenario, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HISTORY = 14 * DAY
THREAD_HOURS = 12
"""How long after its first post a scripted conversation may still grow."""
CALM_LAG = 3 * MINUTE
CALM_HALF = 10 * MINUTE


class World:
    """One seeded world. `clock` gives its present, UTC ms; `start` is when the desk begins, and where the story's minute 0 lies."""

    def __init__(
        self, clock: Callable[[], int], *, start: int | None = None, seed: int = 7, zone: str = "Europe/Athens",
        scenario: Scenario | None = None, history: bool = True, ledger: Ledger | None = None,
    ) -> None:  # fmt: skip
        self.clock = clock
        self.ledger = ledger or Ledger(seed=seed, zone=zone)
        if not self.ledger.starts:
            self.ledger.starts.append(clock() if start is None else start)
        self.scenario = scenario
        self.history = load("history") if history else None
        self.phrases = phrases()
        self.cast = Cast(self.ledger.seed)
        self._hours: dict[int, dict[str, list[Post]]] = {}
        self._children: dict[tuple[str, int], list[Post]] = {}
        self.published = Published(self.ledger, self.cast)
        self._direct()
        self.published.read()

    @property
    def start(self) -> int:
        """When the desk was first started, UTC ms."""
        return self.ledger.starts[0]

    @property
    def beginning(self) -> int:
        """Before this nothing was ever written, UTC ms."""
        return (self.start - HISTORY) // HOUR * HOUR

    def now(self) -> int:
        return self.clock()

    def brand(self) -> Persona:
        """The account that the desk replies with."""
        return self.cast.brands[OWN.key]

    def refresh(self) -> None:
        """Take over what other processes of the same world have written."""
        starts = list(self.ledger.starts)
        if self.ledger.refresh():
            self.published.read()
            if starts != self.ledger.starts:
                self._hours.clear()
                self._children.clear()
                self._direct()

    def begin(self) -> None:
        """Let the story begin anew now, for a desk that is started again in the same world."""
        with self.ledger.change():
            self.ledger.starts.append(self.now())
        self._hours.clear()
        self._children.clear()
        self.published.read()
        self._direct()

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def newest(self, network: str, *, after: int = 0, before: int | None = None) -> Iterator[Post]:
        """What can be seen now, newest first, with `after` < uid < `before`."""
        now = self.now()
        last = min(now, time_of(before)) if before is not None else now
        for hour in range(last // HOUR, max(self.beginning, time_of(after)) // HOUR - 1, -1):
            for post in reversed(self._hour(network, hour)):
                if post.uid > after and (before is None or post.uid < before) and self._visible(post, now):
                    yield post

    def oldest(self, network: str, *, after: int = 0, before: int | None = None) -> Iterator[Post]:
        """What can be seen now, oldest first, with `after` < uid < `before`."""
        now = self.now()
        last = min(now, time_of(before)) if before is not None else now
        for hour in range(max(self.beginning, time_of(after)) // HOUR, last // HOUR + 1):
            for post in self._hour(network, hour):
                if post.uid > after and (before is None or post.uid < before) and self._visible(post, now):
                    yield post

    def get(self, network: str, uid: int) -> Post | None:
        """One post; None when it is not there, not yet or no longer."""
        at = time_of(uid)
        now = self.now()
        if not self.beginning <= at <= now:
            return None
        return next((post for post in self._hour(network, at // HOUR) if post.uid == uid and self._visible(post, now)), None)

    def ancestors(self, post: Post) -> list[Post]:
        """What it answers, the first post first."""
        chain: list[Post] = []
        while post.parent and (parent := self.get(post.network, post.parent)):
            chain.insert(0, parent)
            post = parent
        return chain

    def children(self, post: Post) -> list[Post]:
        """What answers it directly, oldest first."""
        now = self.now()
        for hour in range(post.at // HOUR, min(post.at // HOUR + THREAD_HOURS, now // HOUR) + 1):
            self._generated(hour)
        written = [other for other in self.published.posts(post.network) if other.parent == post.uid]
        family = [*self._children.get((post.network, post.uid), ()), *written]
        return sorted((child for child in family if self._visible(child, now)), key=lambda child: child.uid)

    def descendants(self, post: Post) -> list[Post]:
        """The whole conversation below it, parents before children."""
        below: list[Post] = []
        for child in self.children(post):
            below += [child, *self.descendants(child)]
        return below

    # ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def publish(
        self, network: str, text: str, *, parent: Post | None = None, notifies: bool = True, key: str = "", rkey: str = "",
        visibility: str = "public", lang: str = "en", record: dict[str, object] | None = None,
    ) -> Post:  # fmt: skip
        """Publish in the brand's name. The same `key` within an hour, or the same `rkey`, gives the same post again.

        When `notifies`, the author of the parent reads it, and may answer after a while.
        """
        with self.ledger.change():
            self.published.read()
            now = self.now()
            known = self.published.with_key(network, key, now)
            if same := (self.get(network, known) if known else None) or self.published.with_rkey(rkey):
                return same
            post = Post(
                network, uid_of(now, self.published.sequence()), now, self.brand(), text, lang, "reply" if parent else "statement", OWN.key, text.casefold(),
                parent=parent.uid if parent else 0, root=(parent.root or parent.uid) if parent else 0, rkey=rkey,
            )  # fmt: skip
            self.published.add(post, parent=parent, key=key, visibility=visibility, record=record)
            if parent and notifies and not parent.author.brand and (reaction := react(self.ledger.seed, self.phrases, parent, text, now)):
                self.published.answer(post, parent, reaction, visibility)
        self.published.read()
        return post

    # ── how it is made ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _direct(self) -> None:
        """Lay out the scripted posts by hour."""
        self._scripted: dict[int, list[Post]] = {}
        self._premiere: dict[int, int] = {}
        sequence = script.FIRST_SEQUENCE
        for number, start in enumerate(self.ledger.starts):
            stories = ([self.history] if self.history and number == 0 else []) + ([self.scenario] if self.scenario else [])
            for story in stories:
                for post in script.expand(story, start, self.ledger.seed, self.ledger.zone, self.cast, self.phrases, sequence):
                    sequence = script.FIRST_SEQUENCE if sequence >= script.LAST_SEQUENCE else sequence + 1
                    if post.at >= self.beginning and (number == 0 or post.at >= start):
                        self._scripted.setdefault(post.at // HOUR, []).append(post)
                        self._premiere[post.uid] = start + int(story.truth.began * MINUTE)

    def _generated(self, hour: int) -> dict[str, list[Post]]:
        made = self._hours.get(hour)
        if made is None:
            made = {}
            posts = [*ambient.hour_of(self.ledger.seed, hour, self.ledger.zone), *self._scripted.get(hour, ())]
            for post in sorted(posts, key=lambda post: post.uid):
                made.setdefault(post.network, []).append(post)
                if post.parent:
                    self._children.setdefault((post.network, post.parent), []).append(post)
            self._hours[hour] = made
        return made

    def _hour(self, network: str, hour: int) -> list[Post]:
        made = self._generated(hour).get(network, [])
        written = [post for post in self.published.posts(network) if post.at // HOUR == hour]
        return sorted((*made, *written), key=lambda post: post.uid) if written else made

    def _visible(self, post: Post, now: int) -> bool:
        if post.at > now or (post.deleted_at is not None and post.deleted_at <= now):
            return False
        return not post.calm or not self._calmed(post)

    def _calmed(self, post: Post) -> bool:
        """Whether the brand had said something in time to keep this from being written."""
        start = self._premiere.get(post.uid, self.start)
        spoken = next((at for at in self.published.statements if at >= start), None)
        if spoken is None or post.at < spoken + CALM_LAG:
            return False
        return post.calm > max(0.12, math.pow(0.5, (post.at - spoken - CALM_LAG) / CALM_HALF))


def mentions_brand(post: Post) -> bool:
    """Whether the brand's account is named in it, so that the network notifies it."""
    return not post.author.own and HANDLE[post.network].format(OWN.handle).casefold() in post.folded


def shown(post: Post, now: int) -> Post:
    """The post as it reads now, edits applied."""
    return replace(post, text=post.text_at(now)) if post.edit else post
