"""Hacker News as Algolia tells of it.

API:  https://hn.algolia.com/api  search_by_date, search, items
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from sources.sandbox.post import uid_of
from sources.sandbox.wire import Answer, Request, Search, as_json, iso

if TYPE_CHECKING:
    from sources.sandbox.post import Post
    from sources.sandbox.world import World

CAP = 1000
"""Algolia serves no more hits than this for one query, however one pages."""
GAP = 7
"""A comment's story has this much lower a number."""
STORY, STORY_URL = "The week in airlines", "https://blog.sandbox/week"
_FILTER = re.compile(r"created_at_i\s*(>=|<=|>|<|=)\s*(\d+)")


class HackerNews:
    """Search by date over stories and comments."""

    host = "hn.sandbox"
    network = "hackernews"

    def __init__(self, world: World) -> None:
        self.world = world

    def answer(self, request: Request) -> Answer:
        if request.path in ("/api/v1/search_by_date", "/api/v1/search"):
            return self._search(request)
        if match := re.fullmatch(r"/api/v1/items/(\d+)", request.path):
            return self._item(int(match[1]))
        if match := re.fullmatch(r"/v0/item/(\d+)\.json", request.path):
            return self._firebase(int(match[1]))
        return as_json({"message": "Not Found", "status": 404}, 404)

    def _search(self, request: Request) -> Answer:
        search = Search.read(request.get("query"))
        after, before = _bounds(request.get("numericFilters"))
        tags = request.get("tags")
        per_page = min(int(request.get("hitsPerPage") or 20), CAP)
        page = int(request.get("page") or 0)
        found = [
            post for post in self.world.newest("hackernews", after=after, before=before)
            if search.finds(post.folded) and _tagged(post, tags)
        ]  # fmt: skip
        answer: dict[str, Any] = {
            "hits": [self._hit(post) for post in found[page * per_page : min((page + 1) * per_page, CAP)]],
            "page": page, "nbHits": len(found), "nbPages": min(-(-len(found) // per_page), CAP // per_page), "hitsPerPage": per_page,
            "exhaustiveNbHits": True, "query": request.get("query"), "params": "", "processingTimeMS": 2,
        }  # fmt: skip
        if page * per_page >= CAP:
            answer["message"] = (
                f"you can only fetch the {CAP} hits for this query. You can extend the number of hits returned via the paginationLimitedTo index parameter"
            )
        return as_json(answer)

    def _item(self, number: int) -> Answer:
        posts = list(self.world.newest("hackernews"))
        post = next((post for post in posts if hn_id(post) == number), None)
        comments = [] if post else [post for post in posts if hn_id(post) - GAP == number]
        if post:
            return as_json(_node(post))
        if not comments:
            return as_json({"error": "Not Found", "status": 404}, 404)
        at = comments[0].at - 1000
        story = {
            "id": number,
            "created_at": iso(at),
            "created_at_i": at // 1000,
            "type": "story",
            "author": "runway",
            "title": STORY,
            "url": STORY_URL,
        }
        return as_json(
            {**story, "text": None, "points": 41, "parent_id": None, "story_id": number, "children": [_node(one) for one in comments]}
        )

    def _firebase(self, number: int) -> Answer:
        """The site's own API, which is asked what became of an item."""
        post = next((post for post in self.world.newest("hackernews") if hn_id(post) == number), None)
        if not post:
            return as_json(None)
        told = {"id": number, "by": post.author.handle, "time": post.at // 1000, "type": "story" if post.title else "comment", "kids": []}
        if post.title:
            return as_json(
                {
                    **told,
                    "title": post.title,
                    "url": post.link,
                    "score": 1 + post.grown(post.likes, self.world.now()),
                    "descendants": post.reposts,
                }
            )
        return as_json({**told, "text": _html(post.text), "parent": hn_id(post) - GAP})

    def _hit(self, post: Post) -> dict[str, Any]:
        number = str(hn_id(post))
        common = {
            "objectID": number, "created_at": iso(post.at)[:19] + "Z", "created_at_i": post.at // 1000, "updated_at": iso(post.at)[:19] + "Z",
            "author": post.author.handle, "story_id": hn_id(post) - (0 if post.title else GAP), "children": [],
        }  # fmt: skip
        if post.title:
            points = 1 + post.grown(post.likes, self.world.now())
            marks = ["story", f"author_{post.author.handle}", f"story_{number}", *(["ask_hn"] if post.title.startswith("Ask HN") else [])]
            return {**common, "title": post.title, "url": post.link, "points": points, "num_comments": post.reposts, "_tags": marks}
        marks = ["comment", f"author_{post.author.handle}", f"story_{hn_id(post) - GAP}"]
        story = {"story_title": STORY, "story_url": STORY_URL, "parent_id": hn_id(post) - GAP}
        return {**common, **story, "comment_text": _html(post.text), "_tags": marks}


def hn_id(post: Post) -> int:
    """Tenths of a second since 2024: increasing, as on the real site."""
    return (post.at - 1_704_067_200_000) // 100


def _node(post: Post) -> dict[str, Any]:
    """A node of the comment tree."""
    kind = "story" if post.title else "comment"
    number = hn_id(post)
    story = number if post.title else number - GAP
    node = {"id": number, "created_at": iso(post.at), "created_at_i": post.at // 1000, "type": kind, "author": post.author.handle}
    words = {"title": post.title or None, "url": post.link or None, "text": _html(post.text) or None, "points": post.likes}
    return {**node, **words, "parent_id": None if post.title else story, "story_id": story, "children": []}


def _html(text: str) -> str:
    return html.escape(text).replace("/", "&#x2F;").replace("\n\n", "<p>")


def _bounds(filters: str) -> tuple[int, int | None]:
    """(uid to come after, uid to come before) for filters on created_at_i."""
    after, before = 0, None
    for sign, number in _FILTER.findall(filters):
        second = int(number) * 1000
        if sign in (">", ">=", "="):
            after = max(after, uid_of(second + (1000 if sign == ">" else 0), 0) - 1)
        if sign in ("<", "<=", "="):
            before = uid_of(second + (0 if sign == "<" else 1000), 0)
    return after, before


def _tagged(post: Post, tags: str) -> bool:
    wanted = set(re.findall(r"\b(story|comment|ask_hn|poll)\b", tags))
    return not wanted or ("story" if post.title else "comment") in wanted
