"""All servers of a world under their host names: what a transport or a loopback port hands requests to."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

from sources.sandbox.faults import Faults
from sources.sandbox.servers.bluesky import Bluesky
from sources.sandbox.servers.hackernews import HackerNews
from sources.sandbox.servers.mastodon import Mastodon
from sources.sandbox.servers.press import Press, Reddit
from sources.sandbox.wire import Answer, Request, Server, as_json

if TYPE_CHECKING:
    from sources.sandbox.world import World

HOSTS = ("mastodon.sandbox", "bsky.sandbox", "hn.sandbox", "news.sandbox", "reddit.sandbox")
"""What a client's guard has to let through: these never resolve outside."""
ALIASES = {"hn.algolia.com": "hn.sandbox", "hacker-news.firebaseio.com": "hn.sandbox", "news.google.com": "news.sandbox"}
"""Networks whose address cannot be configured: in-process their names lead to the sandbox as well."""
CONTROL = "/_sandbox/"


class Internet:
    """Routes requests by host name; on a loopback port, where all share one name, by path."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.faults = Faults()
        servers: tuple[Server, ...] = (Mastodon(world), Bluesky(world), HackerNews(world), Press(world), Reddit(world))
        self.servers = {server.host: server for server in servers}
        self.requests: list[tuple[str, str, str]] = []
        """(method, host, path) of the last thousand."""
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Answer:
        """What the network says. Raises Dropped when the connection breaks."""
        with self._lock:
            self.world.refresh()
            if request.path.startswith(CONTROL):
                return self._control(request)
            host = request.host.partition(":")[0]
            server = self.servers.get(ALIASES.get(host, host)) or self.servers[_by_path(request.path)]
            self.requests = [*self.requests[-999:], (request.method, server.host, request.path)]
            if request.host not in self.servers:
                request = _renamed(request, server.host)
            return self.faults.answer(request, server, self.world.now())

    def knows(self, host: str) -> bool:
        return ALIASES.get(host, host) in self.servers

    def _control(self, request: Request) -> Answer:
        """For tests in other processes: faults are switched, and what was published is read back."""
        match request.method, request.path.removeprefix(CONTROL):
            case "POST", "faults":
                fields = request.fields()
                wanted = {key: str(fields.get(key, "")) for key in ("host", "path", "method")}
                self.faults.add(str(fields.get("kind")), count=int(fields.get("count", 1)), **wanted)
                return as_json({"active": len(self.faults.active)})
            case "DELETE", "faults":
                self.faults.clear()
                return as_json({"active": 0})
            case "GET", "published":
                posts = [post for network in ("mastodon", "bluesky") for post in self.world.published.own(network)]
                rows = [
                    {"network": post.network, "id": str(post.uid), "rkey": post.rkey, "parent": str(post.parent), "text": post.text}
                    for post in posts
                ]
                return as_json(rows)
            case "GET", "now":
                return as_json({"now": self.world.now(), "start": self.world.start})
        return Answer(404, json.dumps({"error": "no such control"}).encode())


def _by_path(path: str) -> str:
    if path.startswith("/xrpc/"):
        return "bsky.sandbox"
    if path.startswith(("/api/v1/search", "/api/v1/items", "/v0/")):
        return "hn.sandbox"
    if path.startswith(("/rss", "/rss/search", "/atom.xml", "/feed.json", "/alerts")):
        return "news.sandbox"
    if path.startswith(("/search.rss", "/r/")):
        return "reddit.sandbox"
    return "mastodon.sandbox"


def _renamed(request: Request, host: str) -> Request:
    return Request(request.method, host, request.path, request.query, request.headers, request.body, request.base)
