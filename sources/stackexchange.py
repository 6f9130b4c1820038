"""Stack Exchange: questions and answers that name us, on one of its sites.

API: https://api.stackexchange.com/docs/excerpt-search · /questions/{ids} · /posts/{id}/comments/add

Excerpts are cut short and name no author, so what a search found is read in full, a hundred at a time. Limits are told in the body:
`backoff` (seconds that the method must rest) and `quota_remaining` (300 a day without a key). Oldest first, so that time itself is the cursor.
The API takes its token as a parameter only: in the body when something is written, in the address when it is asked who we are.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta

from listener.domain.author import Author
from listener.domain.mention import Engagement, Mention
from listener.errors import Ambiguous, AuthFailed, RateLimited, Rejected, SourceError, Unsupported
from listener.source import Budget, Capabilities, Channel, Check, Freshness, Page, Receipt
from sources.fields import ident, instant, integer, items, mapping, need, need_instant, number, payload, read_each, string
from sources.onward import Onward
from sources.opening import Adapter, Context
from sources.opening import Options as Base
from sources.replying import alike, reference, told, tried
from sources.searches import anchors, merged
from sources.text import plain, web_address

if TYPE_CHECKING:
    from listener.domain.mention import Entry
    from listener.domain.topic import Topic
    from listener.source import Cursor, Draft

HOST = "https://api.stackexchange.com"
PAGE = 100
OVERLAP = 1_200_000
"""ms: the search index is late."""
LONGEST = 600
_SECONDS = re.compile(r"(\d{1,7}) seconds")


class Options(Base, frozen=True):
    """One site; a free key raises 300 requests a day to 10 000."""

    site: Annotated[str, Meta(description='The site as its API names it: "stackoverflow", "unix", "meta.stackoverflow".')] = "stackoverflow"
    key: Annotated[str, Meta(description="An application's key from https://stackapps.com; it is no secret.")] = ""
    access_token: Annotated[str, Meta(description="For replies, with the scope write_access; needs `key`.")] = ""
    days: Annotated[int, Meta(ge=1, le=365, description="How far the first read looks back.")] = 7
    host: Annotated[str, Meta(description="Another address of the API.")] = HOST


def open_source(context: Context, options: Options) -> StackExchange:
    return StackExchange(context, options)


class StackExchange(Adapter):
    """One site of Stack Exchange."""

    kind = "stackexchange"

    def __init__(self, context: Context, options: Options) -> None:
        super().__init__(context, options.host.rstrip("/"))
        self._options, self._site = options, options.site
        self._place = f"https://{site_address(options.site)}"
        self._quota: Budget | None = None
        self._rest_until, self._me = 0, ""
        self.capabilities = Capabilities(
            search=frozenset({"terms", "phrases"}),
            reply=bool(options.key and options.access_token),
            deletion_check=True,
            counts=True,
            thread=True,
            length=LONGEST,
            pace=900.0 if not options.key else 120.0,
            keyless=True,
        )

    def channels(self, topics: Sequence[Topic]) -> Sequence[Channel]:
        return merged(
            Channel(f"search:{text}", "search", text, topic.name)
            for topic in topics
            for text in (f'"{anchor.text}"' if anchor.kind == "phrase" else anchor.text for anchor in anchors(topic))
        )

    async def fetch(self, channel: Channel, cursor: Cursor) -> Page:
        onward = Onward.read(cursor, start=self.clock() - self._options.days * 86_400_000)
        asked = {"q": channel.text, "fromdate": onward.since // 1000, "sort": "creation", "order": "asc", "pagesize": PAGE, "page": onward.page}
        answer = await self._ask("/search/excerpts", asked)
        excerpts = items(answer, "items")
        mentions, refused, note = read_each(await self._whole(excerpts), lambda item: parse_post(item, self.name, self._place, self._me))
        moments = [moment for one in excerpts if (moment := instant(mapping(one).get("creation_date"))) is not None]
        after = onward.step(moments, full=mapping(answer).get("has_more") is True, overlap=OVERLAP)
        rest = number(mapping(answer).get("backoff"))
        return Page(mentions, after.cursor(), more=after.more, next_check=rest, note=note, refused=refused)

    async def _whole(self, excerpts: Sequence[object]) -> list[object]:
        """The posts behind excerpts, whole; an excerpt stands for one that has gone meanwhile."""
        whole: dict[str, object] = {}
        for kind in ("answer", "question"):
            ids = [post for one in excerpts if (post := _post_of(mapping(one), kind))]
            if ids:
                answer = await self._ask(f"/{kind}s/{';'.join(ids)}", {"pagesize": PAGE, "filter": "withbody"})
                whole |= {ident(mapping(item), f"{kind}_id"): item for item in items(answer, "items")}
        return [_joined(mapping(one), mapping(whole.get(_post_of(mapping(one), "answer") or _post_of(mapping(one), "question")))) for one in excerpts]

    async def reply(self, mention: Entry, draft: Draft) -> Receipt:
        if not self.capabilities.reply:
            raise Unsupported("No account is set up for replies.", hint="Set key and access_token, or answer in the browser.")
        post = string(reference(mention.reply_ref), "post") or mention.native_id
        form = {"body": draft.text, "site": self._site, "key": self._options.key, "access_token": self._options.access_token, "filter": "withbody"}
        answer = await self.http.publish(f"{self.home}/2.3/posts/{post}/comments/add", form=form, accept=(400,))
        said = told(answer)
        if answer.status == 400 or "error_id" in mapping(said):
            error = refusal(said)
            raise error if isinstance(error, (RateLimited, AuthFailed)) else Rejected(error.message, hint="A comment has 15 to 600 characters.")
        comment = next((mapping(item) for item in items(said, "items")), {})
        number_ = ident(comment, "comment_id")
        if not number_:
            raise Ambiguous("Stack Exchange answered without the id of a comment: the reply may have been published.")
        return Receipt(f"c{number_}", web_address(comment.get("link")))

    async def find_reply(self, mention: Entry, draft: Draft) -> Receipt | None:
        me = await self._my_id()
        post = string(reference(mention.reply_ref), "post") or mention.native_id
        answer = await self._ask(f"/posts/{post}/comments", {"sort": "creation", "order": "desc", "pagesize": PAGE, "filter": "withbody"})
        for comment in parse(answer, self.name, self._place, me)[0]:
            if comment.own and alike(draft.text, comment.text):
                return Receipt(comment.native_id, comment.url)
        return None

    def measure(self, text: str) -> tuple[int, int | None]:
        return len(text), LONGEST

    async def thread(self, mention: Entry) -> Sequence[Mention]:
        question = mention.thread_id or mention.native_id
        if mention.native_id.startswith("c"):
            question = string(reference(mention.reply_ref), "post") or question
        found: dict[str, Mention] = {}
        for path in (f"/questions/{question}", f"/questions/{question}/answers", f"/posts/{question}/comments"):
            answer = await self._ask(path, {"pagesize": PAGE, "filter": "withbody"})
            found |= {one.native_id: one for one in parse(answer, self.name, self._place, self._me)[0]}
        return sorted(found.values(), key=lambda one: one.created_at)

    async def refresh(self, mentions: Sequence[Entry]) -> Sequence[Freshness]:
        found: list[Freshness] = []
        comments = [one.native_id for one in mentions if one.native_id.startswith("c")][:PAGE]
        posts_ = [one.native_id for one in mentions if not one.native_id.startswith("c")][:PAGE]
        for path, ids in (("/posts/", posts_), ("/comments/", comments)):
            if ids:
                answer = await self._ask(path + ";".join(one.removeprefix("c") for one in ids), {"pagesize": PAGE, "filter": "withbody"})
                there = {one.native_id: one for one in parse(answer, self.name, self._place, self._me)[0]}
                found += [Freshness(one.native_id, engagement=one.engagement, edited=one if one.edited_at else None) for one in there.values()]
                found += [Freshness(one, deleted=True) for one in ids if one not in there]
        return found

    async def check(self) -> Sequence[Check]:
        checks = [await tried("reach", self._try_site())]
        if not self.capabilities.reply:
            return [*checks, Check("reply", "skipped", "No account is set up for replies; the browser opens instead.")]
        return [*checks, await tried("credentials", self._try_me())]

    async def _try_site(self) -> str | Check:
        if not items(await self._ask("/info", {}), "items"):
            return Check("reach", "warning", f"The API answers, but tells nothing about {self._site}: is that its name for the site?")
        left = f"{self._quota.left:.0f} of {self._quota.limit:.0f} requests are left today." if self._quota else ""
        return f"{self._site} answers. {left}".strip()

    async def _try_me(self) -> str:
        return f"Comments go out as user {await self._my_id()}."

    async def _my_id(self) -> str:
        if not self._me:
            answer = await self._ask("/me", {"access_token": self._options.access_token})
            self._me = next((ident(mapping(item), "user_id") for item in items(answer, "items")), "")
            if not self._me:
                raise AuthFailed(f"The token belongs to nobody on {self._site}.", hint="Join the site with that account, or make another token.")
        return self._me

    def budgets(self) -> Sequence[Budget]:
        return [self._quota] if self._quota else ()

    async def _ask(self, path: str, params: Mapping[str, Any]) -> object:
        now = self.clock()
        if now < self._rest_until:
            raise RateLimited("Stack Exchange asked for a rest.", retry_after=(self._rest_until - now) / 1000)
        asked = {**params, "site": self._site, "key": self._options.key or None}
        answer = (await self.http.get(f"{self.home}/2.3{path}", params=asked, accept=(400,))).json()
        said = mapping(answer)
        left, limit = number(said.get("quota_remaining")), number(said.get("quota_max"))
        if left is not None:
            midnight = (now // 86_400_000 + 1) * 86_400_000
            self._quota = Budget("requests", left, limit or left, midnight)
        if "error_id" in said:
            error = refusal(answer)
            self._rest_until = now + int((error.retry_after or 60) * 1000) if isinstance(error, RateLimited) else self._rest_until
            raise error
        return answer


def site_address(site: str) -> str:
    """Where a site lives: `unix` is a short name that only its API knows."""
    own = {"stackoverflow", "serverfault", "superuser", "askubuntu", "stackapps", "meta.stackoverflow"}
    if site in own:
        return f"{site}.com"
    return site if "." in site and not site.startswith("meta.") else f"{site}.stackexchange.com"


def refusal(answer: object) -> SourceError:
    """The error for a body with `error_id`."""
    said = mapping(answer)
    code, words = integer(said, "error_id"), plain(string(said, "error_message"))[:200]
    if code == 502:
        wait = _SECONDS.search(words)
        return RateLimited(f"Stack Exchange asks for a pause: {words}", retry_after=min(float(wait.group(1)), 86_400.0) if wait else 600.0)
    if code in (401, 402, 403, 405, 406):
        return AuthFailed(f"Stack Exchange refuses: {words}", hint="Check key and access_token, and its scope write_access.")
    return Unsupported(f"Stack Exchange refuses the request: {words or code}")


def _post_of(excerpt: Mapping[str, object], kind: str) -> str:
    """The id of the question or answer that an excerpt is of."""
    is_answer = bool(ident(excerpt, "answer_id")) and excerpt.get("item_type") != "question"
    return ident(excerpt, f"{kind}_id") if is_answer == (kind == "answer") else ""


def _joined(excerpt: Mapping[str, object], whole: Mapping[str, object]) -> dict[str, object]:
    return {**excerpt, **whole, "title": excerpt.get("title") or whole.get("title")}


def parse(answer: object, source: str, site: str, me: str = "") -> tuple[list[Mention], int, str]:
    """Every question, answer and comment of an answer, those inside a question too."""
    return read_each(posts(answer), lambda item: parse_post(item, source, site, me))


def posts(answer: object) -> Iterator[object]:
    waiting = list(reversed(answer if isinstance(answer, list) else items(answer, "items")))
    while waiting:
        item = waiting.pop()
        yield item
        for inside in ("comments", "answers"):
            waiting.extend(reversed(items(item, inside)))


def parse_post(item: Mapping[str, object], source: str, site: str, me: str = "") -> Mention | None:
    """A question, answer or comment. Questions and answers of a site count together, comments apart. Raises Malformed."""
    comment, answer, question = ident(item, "comment_id"), ident(item, "answer_id"), ident(item, "question_id")
    post = answer or question or ident(item, "post_id")
    native_id = f"c{comment}" if comment else need(post, "id")
    title = html.unescape(string(item, "title")).strip()
    words = html.unescape(string(item, "body_markdown")).strip() or plain(string(item, "body") or string(item, "excerpt"))
    if not (words or title) and not any(key in item for key in ("body", "body_markdown", "excerpt", "title")):
        return None
    owner = mapping(item, "owner")
    name = html.unescape(string(owner, "display_name"))
    link = web_address(item.get("link")) or web_address(f"{site}/{'a' if answer else 'q'}/{post}" if post else "")
    return Mention(
        source=source,
        native_id=native_id,
        text=need(words or title, "text"),
        title=title if words and not comment else "",
        created_at=need_instant(item.get("creation_date")),
        author=Author(ident(owner, "user_id") or name or "unknown", name or "unknown", name, web_address(owner.get("link"))),
        url=link,
        parent_id=ident(item, "post_id") if comment else question if answer else "",
        thread_id=question if answer else ident(item, "post_id") if comment else "",
        engagement=Engagement(likes=integer(item, "score"), replies=integer(item, "answer_count"), views=integer(item, "view_count")),
        edited_at=instant(item.get("last_edit_date")),
        reply_ref=json.dumps({"post": post}),
        own=bool(me) and ident(owner, "user_id") == me,
        payload=payload(item),
    )
