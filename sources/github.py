"""GitHub: issues by search, everything of chosen repositories, and discussions with a token.

API: https://docs.github.com/rest/search/search#search-issues-and-pull-requests · /rest/issues · /graphql (discussions)

All lists are read oldest first by the time of their last change, so that time is the cursor; the search's cap of 1 000 is never
met. A search finds an issue by its comments too, and does not say which: with a token the new comments of what it found are
read as well. `incomplete_results` moves nothing. Limits are told in three ways, of which the client knows all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta

from listener.domain.mention import Mention
from listener.errors import Ambiguous, AuthFailed, Malformed, RateLimited, Rejected, SourceError, Unsupported
from listener.source import Capabilities, Channel, Check, Page, Receipt
from sources.answer import bearer
from sources.fields import ident, instant, integer, items, mapping, string
from sources.github_post import PLACE, parse
from sources.onward import Onward
from sources.opening import Adapter, Context
from sources.opening import Options as Base
from sources.replying import alike, reference, told, tried
from sources.searches import anchors, joined, merged
from sources.text import web_address

if TYPE_CHECKING:
    from listener.domain.mention import Entry
    from listener.domain.topic import Topic
    from listener.source import Cursor, Draft

HOST = "https://api.github.com"
LONGEST = 65_536
PAGE = 100
PAGE_WITH_COMMENTS = 20
"""Issues of a search page whose comments are read too: each costs a request."""
OVERLAP = 300_000
HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_POST = "__typename id databaseId url body createdAt lastEditedAt author{login url} reactions{totalCount}"
DISCUSSIONS = (
    "query($q:String!,$first:Int!){search(query:$q,type:DISCUSSION,first:$first){pageInfo{hasNextPage}"
    f"nodes{{...on Discussion{{{_POST} title number updatedAt comments(last:20){{totalCount nodes{{{_POST} replyTo{{id}}}}}}}}}}}}}}"
)
DISCUSSION = f"query($id:ID!){{node(id:$id){{...on Discussion{{{_POST} title number comments(last:50){{nodes{{{_POST} replies(last:50){{nodes{{{_POST} replyTo{{id}}}}}}}}}}}}}}}}"
ANSWER = f"mutation($to:ID!,$body:String!,$comment:ID){{addDiscussionComment(input:{{discussionId:$to,body:$body,replyToId:$comment}}){{comment{{{_POST}}}}}}}"


class Options(Base, frozen=True):
    """Ten searches a minute without a token, thirty with one, and discussions too."""

    token: Annotated[str, Meta(description="A personal access token; replies need the permission to write issues and discussions.")] = ""
    repositories: Annotated[tuple[str, ...], Meta(description='"owner/name": all their issues and comments are read and matched here.')] = ()
    topic: Annotated[str, Meta(description="A topic that everything in these repositories belongs to, for one's own.")] = ""
    days: Annotated[int, Meta(ge=1, le=365, description="How far the first read looks back.")] = 7
    host: Annotated[str, Meta(description="The API's address; a server of one's own has https://HOST/api/v3.")] = HOST


def open_source(context: Context, options: Options) -> GitHub:
    return GitHub(context, options)


class GitHub(Adapter):
    """One account at GitHub, or none."""

    kind = "github"

    def __init__(self, context: Context, options: Options) -> None:
        account = "token" if options.token else ""
        super().__init__(context, options.host.rstrip("/"), account)
        self._options, self._me = options, ""
        self._token = bearer(self.home, options.token, account)
        self._graphql = re.sub(r"/v3$", "", self.home) + "/graphql"
        self.capabilities = Capabilities(
            search=frozenset({"terms", "phrases", "or"}),
            reply=bool(options.token),
            counts=True,
            thread=True,
            length=LONGEST,
            pace=120.0 if options.token else 300.0,
            keyless=True,
        )

    def channels(self, topics: Sequence[Topic]) -> Sequence[Channel]:
        kinds = ("search", "discussions") if self._token else ("search",)
        found = [
            Channel(f"{kind}:{text}", kind, text, topic.name)
            for topic in topics
            for text in joined(anchors(topic), longest=200, most=5)
            for kind in kinds
        ]
        topic = self._options.topic
        for repository in self._options.repositories:
            found += [Channel(f"{kind}:{repository}", kind, repository, topic, trusted=bool(topic)) for kind in ("issues", "comments")]
        return merged(found)

    async def fetch(self, channel: Channel, cursor: Cursor) -> Page:
        onward = Onward.read(cursor, start=self.clock() - self._options.days * 86_400_000)
        if channel.kind == "discussions":
            return await self._discussions(channel, onward)
        size = PAGE_WITH_COMMENTS if channel.kind == "search" and self._token else PAGE
        path, params = listing(channel, onward, size)
        told = await self.http.get(
            f"{self.home}{path}", params=params, headers=HEADERS, credentials=self._token, conditional=_validators(cursor, onward)
        )
        if told.not_modified:
            return Page((), cursor)
        answer = told.json()
        if mapping(answer).get("incomplete_results") is True:
            note = "GitHub's search ran out of time: what it found is shown, and it is asked again."
            mentions, refused, left_out = parse(answer, self.name, self._me)
            return Page(mentions, onward.cursor(), note=f"{note} {left_out}".strip(), refused=refused)
        found = items(answer, "items") or (answer if isinstance(answer, list) else [])
        extra = [comment for issue in found for comment in await self._comments_of(mapping(issue), onward.since)] if size < PAGE else []
        mentions, refused, note = parse([*found, *extra], self.name, self._me)
        after = onward.step(_changed(found), full=len(found) >= size, overlap=OVERLAP)
        state = json.dumps({**json.loads(after.cursor()), "of": onward.since, **told.validators}, separators=(",", ":"))
        return Page(mentions, state, more=after.more, note=note, refused=refused)

    async def _comments_of(self, issue: Mapping[str, object], since: int) -> list[object]:
        """The comments of an issue since then; a hundred are enough for one poll, for the issue comes again with its next change."""
        place = PLACE.match(string(issue, "html_url"))
        if not place or not integer(issue, "comments"):
            return []
        answer = await self._get(f"/repos/{place.group(1)}/issues/{place.group(2)}/comments", {"since": _iso(since), "per_page": PAGE})
        return answer if isinstance(answer, list) else []

    async def _discussions(self, channel: Channel, onward: Onward) -> Page:
        size = 25
        search = f"{channel.text} updated:>={_iso(onward.since)} sort:updated-asc"
        answer = await self._ask(DISCUSSIONS, {"q": search, "first": size})
        nodes = items(answer, "data", "search", "nodes")
        mentions, refused, note = parse(answer, self.name, self._me)
        after = onward.step(_changed(nodes), full=mapping(answer, "data", "search", "pageInfo").get("hasNextPage") is True, overlap=OVERLAP)
        # There is no page number here: a page that bears one single time would be asked for for ever.
        after = Onward(after.since + 1000, 1, after.newest, after.more) if after.page > 1 else after
        return Page(mentions, after.cursor(), more=after.more, note=note, refused=refused)

    async def reply(self, mention: Entry, draft: Draft) -> Receipt:
        if self._token is None:
            raise Unsupported("No account at GitHub is set up for replies.", hint="Set `token` of this source.")
        where = reference(mention.reply_ref)
        discussion = string(where, "discussion")
        if discussion:
            body: object = {"query": ANSWER, "variables": {"to": discussion, "body": draft.text, "comment": string(where, "comment") or None}}
            answer = await self.http.publish(self._graphql, json=body, headers=HEADERS, credentials=self._token)
            said = told(answer)
            if errors := items(said, "errors"):
                error = refusal(errors)
                raise error if isinstance(error, (RateLimited, AuthFailed)) else Rejected(error.message)
            comment = mapping(said, "data", "addDiscussionComment", "comment")
        else:
            url = f"{self.home}/repos/{string(where, 'repo')}/issues/{string(where, 'number')}/comments"
            answer = await self.http.publish(url, json={"body": draft.text}, headers=HEADERS, credentials=self._token)
            comment = mapping(told(answer))
        number, address = ident(comment, "databaseId", "id"), web_address(string(comment, "html_url", "url"))
        if not number:
            raise Ambiguous("GitHub answered without the id of a comment: the reply may have been published.")
        return Receipt(f"{string(where, 'repo')}#{string(where, 'number')}:{number}", address)

    async def find_reply(self, mention: Entry, draft: Draft) -> Receipt | None:
        me = await self._who()
        for post in await self._conversation(reference(mention.reply_ref), since=draft.created_at - 60_000):
            if post.own and post.author.handle == me and ":" in post.native_id and alike(draft.text, post.text):
                return Receipt(post.native_id, post.url)
        return None

    def measure(self, text: str) -> tuple[int, int | None]:
        return len(text), LONGEST

    async def thread(self, mention: Entry) -> Sequence[Mention]:
        where = reference(mention.reply_ref)
        first = []
        if not string(where, "discussion") and string(where, "repo"):
            first = parse(await self._get(f"/repos/{string(where, 'repo')}/issues/{string(where, 'number')}", {}), self.name, self._me)[0]
        return sorted([*first, *await self._conversation(where)], key=lambda post: post.created_at)

    async def _conversation(self, where: Mapping[str, object], since: int | None = None) -> list[Mention]:
        if string(where, "discussion"):
            answer = await self._ask(DISCUSSION, {"id": string(where, "discussion")})
            node = mapping(answer, "data", "node")
            below = [{**mapping(reply), "discussion": node} for comment in items(node, "comments", "nodes") for reply in items(comment, "replies", "nodes")]
            return parse([node, *below], self.name, self._me)[0]
        if not string(where, "repo"):
            raise Unsupported("Nobody noted where this post stands.")
        path = f"/repos/{string(where, 'repo')}/issues/{string(where, 'number')}/comments"
        return parse(await self._get(path, {"since": _iso(since) if since else None, "per_page": PAGE}), self.name, self._me)[0]

    async def check(self) -> Sequence[Check]:
        if self._token is None:
            return [
                await tried("reach", self._try_limits()),
                Check("reply", "skipped", "Without a token GitHub is only read: ten searches a minute, no discussions."),
            ]
        return [await tried("credentials", self._try_token()), await tried("reach", self._try_limits())]

    async def _try_token(self) -> str:
        return f"Logged in as {await self._who()}."

    async def _try_limits(self) -> str | Check:
        limits = mapping(await self._get("/rate_limit", {}), "resources", "search")
        if not limits:
            return Check("reach", "warning", "GitHub answers, but does not tell its limits.")
        return f"GitHub answers; {integer(limits, 'remaining')} of {integer(limits, 'limit')} searches are left this minute."

    async def _who(self) -> str:
        if not self._me:
            self._me = string(mapping(await self._get("/user", {})), "login")
            if not self._me:
                raise AuthFailed("GitHub accepts the token but names no account.")
        return self._me

    async def _get(self, path: str, params: Mapping[str, Any]) -> object:
        return await self.http.json(f"{self.home}{path}", params=params, headers=HEADERS, credentials=self._token)

    async def _ask(self, query: str, variables: Mapping[str, object]) -> object:
        """A GraphQL query. Its errors come as 200."""
        answer = (await self.http.post(self._graphql, json={"query": query, "variables": variables}, headers=HEADERS, credentials=self._token)).json()
        if not mapping(answer, "data") and (errors := items(answer, "errors")):
            raise refusal(errors)
        if not mapping(answer, "data"):
            raise Malformed("GitHub's GraphQL answers without data.")
        return answer


def listing(channel: Channel, onward: Onward, size: int) -> tuple[str, dict[str, Any]]:
    """Path and parameters of a channel, the longest unchanged first."""
    page = {"per_page": size, "page": onward.page}
    if channel.kind == "search":
        text = f"({channel.text})" if " OR " in channel.text else channel.text
        return "/search/issues", {"q": f"{text} is:issue updated:>={_iso(onward.since)}", "sort": "updated", "order": "asc", **page}
    path = f"/repos/{channel.text}/issues" + ("/comments" if channel.kind == "comments" else "")
    return path, {"since": _iso(onward.since), "sort": "updated", "direction": "asc", "state": None if channel.kind == "comments" else "all", **page}


def _validators(cursor: Cursor, onward: Onward) -> dict[str, str] | None:
    """What an earlier answer to this very question left behind: a quiet poll then costs nothing of the allowance."""
    try:
        state = mapping(json.loads(cursor) if cursor else None)
    except ValueError:
        return None
    known = {key: value for key in ("etag", "modified") if (value := string(state, key))}
    return known if known and state.get("of") == onward.since and onward.page == 1 else None


def refusal(errors: Sequence[object]) -> SourceError:
    """The error for the `errors` of GraphQL."""
    first = mapping(errors[0])
    kind, said = string(first, "type"), string(first, "message")[:200]
    if kind in ("RATE_LIMITED", "RATE_LIMIT"):
        return RateLimited(f"GitHub asks for a pause: {said}", retry_after=None)
    if kind in ("INSUFFICIENT_SCOPES", "FORBIDDEN", "UNAUTHORIZED"):
        return AuthFailed(f"GitHub refuses: {said}", hint="Give the token the permission for discussions.")
    return Unsupported(f"GitHub refuses the request: {said or kind}")


def _changed(found: Sequence[object]) -> list[int]:
    return [moment for item in found if (moment := instant(mapping(item).get("updated_at") or mapping(item).get("updatedAt"))) is not None]


def _iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
