"""Near-duplicates on their way in: each post is compared with the newest posts of its topic, and a copy goes into the row of the first.

Only what somebody wants to see once is folded: not our own posts, not private ones, and not a short answer in a thread ("thank you"), where
who says it is the point. Counting goes on for every copy: a storm is one row in the inbox and its whole number in the volume.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from listener.analysis.duplicates import Folder, plain_text
from listener.domain.duration import DAY
from listener.store.watching import Watching

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.domain.mention import Mention
    from listener.store.connection import Store

WINDOW = 3 * DAY
MOST = 20_000
SHORT = 24
"""Characters, folded, below which an answer in a thread stands for itself."""
Key = tuple[str, str]


class Copies:
    """Remembers each topic's newest texts; after a restart it learns them again from the store, when the first post of the topic comes."""

    def __init__(self, store: Store) -> None:
        self._watching = Watching(store)
        self._folders: dict[str, Folder[Key]] = {}
        self._lock = threading.Lock()

    def fold(self, posts: Sequence[tuple[Mention, str]]) -> list[Key | None]:
        """For each (post, topic) the (source, native_id) of the post that it nearly repeats; None for one that stands for itself."""
        with self._lock:
            oldest: dict[str, int] = {}
            for mention, topic in posts:
                oldest[topic] = min(oldest.get(topic, mention.created_at), mention.created_at)
            return [self._folder(topic, oldest[topic]).fold((m.source, m.native_id), _wording(m), m.created_at) if _folds(m) else None for m, topic in posts]

    def _folder(self, topic: str, oldest: int) -> Folder[Key]:
        if topic not in self._folders:
            folder = self._folders[topic] = Folder[Key](window=WINDOW, most=MOST)
            folder.recall(self._watching.texts(topic, oldest - WINDOW, limit=MOST))
        return self._folders[topic]


def _folds(mention: Mention) -> bool:
    if mention.own or mention.visibility == "direct":
        return False
    return not mention.parent_id or len(plain_text(mention.text)) >= SHORT


def _wording(mention: Mention) -> str:
    return f"{mention.title}\n{mention.text}" if mention.title else mention.text
