"""The first configuration of a desk, with comments that teach the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from listener.config.edit import as_table
from listener.config.read import loads
from listener.config.tree import SourceSetting
from listener.domain.topic import Topic

KEYLESS = (
    SourceSetting("feed", options={"url": "https://news.google.com/rss/search?q={query}"}),
    SourceSetting("hackernews"),
    SourceSetting("mastodon", options={"instance": "https://mastodon.social"}),
)
"""Sources that need no account: what a first desk polls unless somebody chooses otherwise."""


def topic_for(name: str, role: Any = "brand", *, handles: Sequence[str] = (), hashtags: Sequence[str] = ()) -> Topic:
    """A topic with a first query: the name as a phrase, each handle, each hashtag."""
    handles = tuple(handle.lstrip("@") for handle in handles if handle.strip("@ "))
    tags = tuple(tag.lstrip("#") for tag in hashtags if tag.strip("# "))
    words = " ".join(name.replace('"', " ").split())
    pieces = [f'"{words}"', *(f"@{handle}" for handle in handles), *(f"#{tag}" for tag in tags)]
    return Topic(words, role, (" OR ".join(pieces),), handles=handles, hashtags=tags)


def template(
    brand: str | Topic,
    competitors: Sequence[str | Topic] = (),
    sources: Sequence[SourceSetting] = KEYLESS,
    *,
    time_zone: str = "UTC",
    operator: str = "",
    contact: str = "",
) -> str:
    """A commented TOML text that `loads` reads back to exactly these topics and sources. Raises ConfigError when it could not."""
    topics = [one if isinstance(one, Topic) else topic_for(one, role) for one, role in ((brand, "brand"), *((rival, "competitor") for rival in competitors))]
    parts = [_HEAD, _desk(time_zone, operator, contact), _TOPICS]
    parts += [_member("topics", as_table(topic)) for topic in topics]
    parts += [_SOURCES, *(_member("sources", as_table(source)) for source in sources), _REST]
    text = "\n".join(part.strip("\n") + "\n" for part in parts)
    loads(text)
    return text


def _member(section: str, table: dict[str, Any]) -> str:
    return f"[[{section}]]\n" + "".join(f"{key} = {_toml(item)}\n" for key, item in table.items())


def _toml(item: Any) -> str:
    import tomlkit

    if isinstance(item, dict):
        return "{ " + ", ".join(f"{_toml_key(key)} = {_toml(one)}" for key, one in item.items()) + " }"
    if isinstance(item, str) and '"' in item and "'" not in item and item.isprintable():
        return f"'{item}'"  # queries are full of quotes: a literal text keeps them readable
    return str(tomlkit.item(item).as_string())


def _toml_key(key: str) -> str:
    import tomlkit

    return tomlkit.key(key).as_string()


def _desk(time_zone: str, operator: str, contact: str) -> str:
    lines = ["[desk]", f"time_zone = {_toml(time_zone)}", 'hours = "mon-fri 09:00-17:00"   # business time; split shifts: "mon-fri 09:00-13:00, 14:00-18:00; sat 10:00-14:00"']
    lines += ['# holidays = "GR"               # public holidays by country, "US-CA" with a subdivision']
    lines += [f"contact = {_toml(contact)}" if contact else '# contact = "you@your.site"       # told to the networks, so that they can reach you']
    lines += [f"teams = {{ support = [{_toml(operator)}] }}" if operator else '# teams = { sales = ["ana"], support = ["bo", "cy"] }']
    return "\n".join(lines)


_HEAD = """
# Listener. Every setting with its meaning and default: docs/configuration.md.
# Secrets never stand here: token = { keyring = "name" }, { env = "NAME" } or { file = "path" }, a file of mode 0600.
"""

_TOPICS = """
# What to listen for. role: brand, competitor or industry.
# Queries: words, "phrases", AND OR NOT ( ), NEAR/5, prefix*, #tag, @handle, lang:el, has:link. `listener query test` tries one.
"""

_SOURCES = """
# Where to listen. `listener sources add` asks for what a network needs; `listener sources check` tries them all.
"""

_REST = """
# A network with an account, which is needed for replies:
# [[sources]]
# kind = "mastodon"
# instance = "https://your.server"
# token = { keyring = "mastodon" }
# every = "2m"

# Saved queries as lists of their own; streams of one group stand side by side.
[[streams]]
name = "Questions"
query = "is:question"

# Automatic rules, in order. dry_run = true only notes what would have been done.
# [[rules]]
# name = "lead at night"
# when = "kind:lead outside:hours"
# then = { assign = "sales", tag = "sales-lead", due = "next opening" }

# When answers are due, in business time; the first policy that fits counts.
# [[sla]]
# severity = "SEV1"
# respond = "1h"
# clock = "wall"
[[sla]]
respond = "24h"

# Who is woken, and how.
# [[incidents.rota]]
# people = ["ana", "bo"]
# hours = "22:00-06:00"
# handover = "mon 09:00"
#
# [[notify.channels]]
# name = "slack"
# kind = "apprise"               # pip install 'listener-desk[notify]'
# url = { keyring = "slack" }
# severity = "SEV2"

[replies]
undo = "10s"                     # how long a reply can be taken back
"""
