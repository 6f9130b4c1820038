"""X: recent search and mentions, paid by the post read. The money is counted and capped by the configuration.

API: https://docs.x.com/x-api/posts/search-recent-posts · /2/users/:id/mentions · /2/tweets · https://docs.x.com/x-api/pricing

Newest first, seven days deep, so a walk back to the newest id already read; ids hold their time. Answering needs the four
OAuth 1.0a secrets of the brand's account, and since 2026-02 a self-serve application may answer only where the author named
or quoted the brand: elsewhere X says 403, the reply counts as refused, and the browser is the way.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta

from listener.domain.mention import Mention
from listener.errors import Ambiguous, RateLimited, Rejected, Unsupported
from listener.source import Capabilities, Channel, Check, Freshness, Page, Receipt
from sources.allowance import Allowance
from sources.answer import Credentials, bearer
from sources.fields import ident, integer, items, mapping, string
from sources.oauth1 import Keys, authorization
from sources.opening import Adapter, Context
from sources.opening import Options as Base
from sources.replying import alike, reference, told, tried
from sources.searches import anchors, joined, merged
from sources.walk import Walk
from sources.weighted import weight
from sources.x_post import is_snowflake, parse, written_at

if TYPE_CHECKING:
    from listener.domain.mention import Entry
    from listener.domain.topic import Topic
    from listener.source import Budget, Cursor, Draft

REACH = 7 * 86_400_000 - 600_000
"""ms that recent search looks back, with ten minutes to spare."""
CONVERSATION = 20
"""Posts of a conversation that are read at a time: a thread is read again and again after a reply, and each post costs."""
FEWEST = 10
"""The least posts that a page may ask for."""
FIELDS = {
    "tweet.fields": "created_at,author_id,conversation_id,lang,public_metrics,referenced_tweets,entities,edit_history_tweet_ids,note_tweet",
    "expansions": "author_id",
    "user.fields": "username,name,public_metrics,protected",
}


class Options(Base, frozen=True):
    """A developer account with credits."""

    bearer_token: Annotated[str, Meta(description="The application's bearer token.")]
    monthly_budget: Annotated[float, Meta(ge=0, description="Dollars that reading and answering may cost in a calendar month (UTC).")]
    price_read: Annotated[float, Meta(gt=0, description="Dollars for each post read, as your plan says.")] = 0.005
    price_post: Annotated[float, Meta(ge=0, description="Dollars for each reply sent.")] = 0.01
    username: Annotated[str, Meta(description="The brand's account: its mentions are read, and it answers.")] = ""
    consumer_key: Annotated[str, Meta(description="For replies: the application's API key.")] = ""
    consumer_secret: Annotated[str, Meta(description="For replies: the application's API secret.")] = ""
    access_token: Annotated[str, Meta(description="For replies: the account's access token.")] = ""
    access_secret: Annotated[str, Meta(description="For replies: the account's access token secret.")] = ""
    host: Annotated[str, Meta(description="Another address of the same API.")] = "https://api.x.com"


def open_source(context: Context, options: Options) -> X:
    return X(context, options)


class X(Adapter):
    """One application at X."""

    kind = "x"

    def __init__(self, context: Context, options: Options) -> None:
        super().__init__(context, options.host.rstrip("/"), "application")
        self._me, self._me_id = options.username.lstrip("@"), ""
        self._price, self._price_post = options.price_read, options.price_post
        self._reader = bearer(self.home, options.bearer_token, "application")
        self._keys = Keys(options.consumer_key, options.consumer_secret, options.access_token, options.access_secret)
        self._money = Allowance("dollars", options.monthly_budget, "month")
        self.capabilities = Capabilities(
            search=frozenset({"terms", "phrases", "and", "or", "tags", "handles"}),
            reply=bool(options.consumer_key and options.consumer_secret and options.access_token and options.access_secret),
            deletion_check=True,
            counts=True,
            thread=True,
            length=280,
            length_unit="weighted",
            pace=900.0,
        )

    def channels(self, topics: Sequence[Topic]) -> Sequence[Channel]:
        """A search for as much of each topic as fits into one, for each page costs; and our mentions."""
        found = [
            Channel(f"search:{text}", "search", text, topic.name) for topic in topics for text in joined(anchors(topic), longest=480, most=40)
        ]
        brand = next((topic.name for topic in topics if topic.role == "brand"), "")
        if self._me:
            found.append(Channel("mentions", "mentions", self._me, brand, trusted=bool(brand)))
        return merged(found)

    async def fetch(self, channel: Channel, cursor: Cursor) -> Page:
        self._money.recall(_state(cursor), self.clock())
        most = self._affordable()
        path = f"/2/users/{await self._my_id()}/mentions" if channel.kind == "mentions" else "/2/tweets/search/recent"
        walk = Walk.read(cursor, start=0)
        params, note = self._window(walk)
        if channel.kind == "search":
            params["query"] = f"({channel.text}) -is:retweet"
        token_name = "pagination_token" if channel.kind == "mentions" else "next_token"
        answer = await self._read(path, {**params, **FIELDS, "max_results": most, token_name: walk.token or None})
        found = items(answer, "data")
        self._money.spend(len(found) * self._price, self.clock())
        mentions, refused, left_out = parse(answer, self.name, self._me_id or self._me)
        numbers = [int(number) for post in found if is_snowflake(number := ident(mapping(post), "id"))]
        # The first read takes one page: seven days of a large brand would cost the whole month.
        token = string(mapping(answer, "meta"), "next_token") if walk.done else ""
        after = walk.step(numbers, token)
        state = json.dumps({**json.loads(after.cursor()), "spent": self._money.note()}, separators=(",", ":"))
        return Page(mentions[::-1], state, more=after.more, note=" ".join(filter(None, (note, left_out))), refused=refused)

    def _window(self, walk: Walk) -> tuple[dict[str, Any], str]:
        """Parameters that say where to stop, and what to say when X no longer reaches back to where we were."""
        if not walk.done:
            return {}, ""
        oldest = self.clock() - REACH
        if written_at(str(walk.done)) > oldest:
            return {"since_id": str(walk.done)}, ""
        days = (oldest - written_at(str(walk.done))) / 86_400_000
        start = datetime.fromtimestamp(oldest / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"start_time": start}, f"X looks back seven days only: {days:.1f} days before that are missing."

    def _affordable(self) -> int:
        """How many posts a page may bring. Raises RateLimited when the month's money does not pay for the smallest page."""
        now = self.clock()
        most = min(100, int(self._money.left / self._price + 1e-9))
        if most < FEWEST:
            raise RateLimited(
                f"This month's {self._money.limit:.2f} dollars for X are spent ({self._money.spent:.2f}).",
                retry_after=min(self._money.seconds_left(now), 86_400.0),
                hint="Raise monthly_budget, or wait for the next month.",
            )
        return most

    async def reply(self, mention: Entry, draft: Draft) -> Receipt:
        if not self.capabilities.reply:
            raise Unsupported("No account at X is set up for replies.", hint="Set the four OAuth 1.0a secrets of this source.")
        parent = string(reference(mention.reply_ref), "id") or mention.native_id
        url = f"{self.home}/2/tweets"
        self._money.recall({}, self.clock())
        if self._money.left < self._price_post:
            raise Rejected("This month's dollars for X are spent.", hint="Raise monthly_budget, or answer in the browser.")
        body = {"text": draft.text, "reply": {"in_reply_to_tweet_id": parent}}
        answer = await self.http.publish(url, json=body, credentials=self._signed("POST", url, {}), accept=(403,))
        if answer.status == 403:
            raise Rejected(
                f"X does not let this application answer this post: {answer.complaint() or 'no reason given'}.",
                hint="It may answer only posts that name or quote the brand. Open it in the browser.",
            )
        self._money.spend(self._price_post, self.clock())
        number = ident(mapping(told(answer), "data"), "id")
        if not number:
            raise Ambiguous("X answered without the id of a post: the reply may have been published.")
        return Receipt(number, f"https://x.com/{self._me or 'i'}/status/{number}")

    async def find_reply(self, mention: Entry, draft: Draft) -> Receipt | None:
        parent = string(reference(mention.reply_ref), "id") or mention.native_id
        self._affordable()
        answer = await self._read(f"/2/users/{await self._my_id()}/tweets", {**FIELDS, "since_id": parent, "max_results": 100})
        self._money.spend(len(items(answer, "data")) * self._price, self.clock())
        for post in parse(answer, self.name)[0]:
            if post.parent_id == parent and alike(draft.text, re.sub(r"^(?:@\w+\s+)+", "", post.text) if not draft.text.startswith("@") else post.text):
                return Receipt(post.native_id, post.url)
        return None

    def measure(self, text: str) -> tuple[int, int | None]:
        return weight(text), 280

    async def thread(self, mention: Entry) -> Sequence[Mention]:
        most = min(CONVERSATION, self._affordable())
        conversation = mention.thread_id or mention.native_id
        answer = await self._read("/2/tweets/search/recent", {**FIELDS, "query": f"conversation_id:{conversation}", "max_results": most})
        self._money.spend(len(items(answer, "data")) * self._price, self.clock())
        return sorted(parse(answer, self.name, self._me_id or self._me)[0], key=lambda post: post.created_at)

    async def refresh(self, mentions: Sequence[Entry]) -> Sequence[Freshness]:
        asked = {string(reference(one.reply_ref), "id") or one.native_id: one.native_id for one in mentions[: min(100, self._affordable())]}
        if not asked:
            return []
        answer = await self._read("/2/tweets", {**FIELDS, "ids": ",".join(asked)})
        self._money.spend(len(items(answer, "data")) * self._price, self.clock())
        there = {post.native_id: Freshness(post.native_id, engagement=post.engagement, edited=post) for post in parse(answer, self.name)[0]}
        gone = {asked[number] for error in items(answer, "errors") if (number := ident(mapping(error), "resource_id", "value")) in asked}
        return [*there.values(), *(Freshness(native_id, deleted=True) for native_id in gone - there.keys())]

    async def check(self) -> Sequence[Check]:
        checks = [await tried("credentials", self._usage())]
        if not self.capabilities.reply:
            return [*checks, Check("reply", "skipped", "No account is set up for replies.")]
        return [*checks, await tried("reply", self._who_answers())]

    async def _usage(self) -> str | Check:
        answer = mapping(await self._read("/2/usage/tweets", {}), "data")
        used, cap = integer(answer, "project_usage"), integer(answer, "project_cap")
        money = f"{self._money.spent:.2f} of {self._money.limit:.2f} dollars of this month are spent by this desk."
        if used is None:
            return Check("credentials", "warning", f"X answers, but does not tell what was used. {money}")
        return f"X counts {used} of {cap} posts read. {money}"

    async def _who_answers(self) -> str | Check:
        url = f"{self.home}/2/users/me"
        name = string(mapping(await self.http.json(url, credentials=self._signed("GET", url, {})), "data"), "username")
        if self._me and name.lower() != self._me.lower():
            return Check("reply", "warning", f"The tokens belong to @{name}, and `username` says @{self._me}.")
        return f"Replies go out as @{name}."

    def budgets(self) -> Sequence[Budget]:
        return [self._money.budget(self.clock()), *self.http.budgets(self.home, "application")]

    async def _read(self, path: str, params: Mapping[str, Any]) -> object:
        return await self.http.json(f"{self.home}{path}", params=params, credentials=self._reader)

    async def _my_id(self) -> str:
        if not self._me_id:
            if not self._me:
                raise Unsupported("Nobody said which account is ours.", hint="Set `username` of this source.")
            answer = await self._read(f"/2/users/by/username/{self._me}", {})
            self._me_id = ident(mapping(answer, "data"), "id")
            if not self._me_id:
                raise Unsupported(f"X knows no account @{self._me}.", hint="Check `username` of this source.")
        return self._me_id

    def _signed(self, method: str, url: str, params: dict[str, str]) -> Credentials:
        header = authorization(self._keys, method, url, params, nonce=secrets.token_hex(16), timestamp=self.clock() // 1000)
        return Credentials(self.home, {"Authorization": header}, "account")


def _state(cursor: Cursor) -> object:
    try:
        return json.loads(cursor) if cursor else None
    except ValueError:
        return None
