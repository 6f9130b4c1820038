"""A topic's stored posts as the buckets that a lookout is fed with: live, from an archive, or for a backtest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listener.analysis.tally import Post, tally
from listener.domain.duration import DAY, HOUR
from listener.domain.volume import STEP, Bucket
from listener.store.watching import Watching

if TYPE_CHECKING:
    from collections.abc import Iterator

    from listener.analysis.opening import Setting
    from listener.analysis.vocabulary import Vocabularies
    from listener.store.connection import Store
    from listener.store.watching import Said

FOLLOWED = 2 * DAY
"""Empty time that is followed behind the newest post: longer than a cool-down and the quiet that resolves."""
HOLE = 7 * DAY + FOLLOWED
"""A stretch without a post that is skipped but for its beginning."""
CHUNK = 6 * HOUR
"""Posts that are read and counted at once."""


class Buckets:
    """Reads and counts posts."""

    def __init__(self, store: Store, words: Vocabularies) -> None:
        self._watching = Watching(store)
        self._words = words

    def stretch(self, topic_id: int, first: int, last: int, newest: int | None = None) -> Iterator[Bucket]:
        """Every bucket from `first` to `last` (starts, UTC ms), empty ones too; of a hole that is longer than the detector fills, only its beginning.

        Args:    newest: the newest mention, by id, that counts; None for all.
        """
        start = first
        while start <= last:
            end = min(start + CHUNK, last + STEP)
            counted = {bucket.start: bucket for bucket in tally(map(post_of, self._watching.said(topic_id, start, end, upto=newest)), self._words)}
            if not counted:
                before, after = self._watching.around(topic_id, start)
                if before is not None and after is not None and after - before > HOLE:
                    yield from map(Bucket, range(start, min(before + FOLLOWED, last) + STEP, STEP))
                    start = after
                    continue
            for at in range(start, end, STEP):
                yield counted.get(at) or Bucket(at)
            start = end

    def reach(self, topic_id: int, at: int, setting: Setting) -> int:
        """Followers that count as reach among the authors of the month before `at`, UTC ms."""
        from listener.analysis.reach import bar

        return bar(self._watching.followers(topic_id, at - 30 * DAY, at), loud=int(setting.rules.thresholds["reach"]))


def post_of(said: Said) -> Post:
    return Post(said.at, said.text, said.lang, said.label, said.complaint, said.author, said.handle, said.followers, said.leader)
