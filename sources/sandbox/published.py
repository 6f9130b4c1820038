"""What was written while the sandbox ran: the desk's own posts, and what people answered. The ledger keeps it, this makes posts of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sources.sandbox.clock import HOUR
from sources.sandbox.ledger import Ledger, Written
from sources.sandbox.post import OWN, Post, uid_of
from sources.sandbox.reactions import UNHAPPY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sources.sandbox.cast import Cast
    from sources.sandbox.reactions import Reaction

FIRST_SEQUENCE = 0x8000
KEY_LIFE = HOUR
"""How long an idempotency key is remembered, as Mastodon does."""


class Published:
    """The written part of a world."""

    def __init__(self, ledger: Ledger, cast: Cast) -> None:
        self._ledger = ledger
        self._cast = cast
        self.read()

    def read(self) -> None:
        """Make posts of what the ledger holds now."""
        self._posts: dict[str, list[Post]] = {}
        self._written: dict[tuple[str, int], Written] = {}
        for written in self._ledger.posts:
            self._posts.setdefault(written.network, []).append(self._post(written))
            self._written[written.network, written.uid] = written
        self.statements = sorted(written.at for written in self._ledger.posts if written.soothes)
        """When the brand said something on the story that was going on, UTC ms."""

    def posts(self, network: str) -> Sequence[Post]:
        """Our own and the answers to them, deleted ones included."""
        return self._posts.get(network, ())

    def own(self, network: str) -> list[Post]:
        """What was published through the desk, oldest first, deleted ones left out."""
        return [post for post in self.posts(network) if post.author.own and post.deleted_at is None]

    def with_key(self, network: str, key: str, now: int) -> int | None:
        """The uid of what was published under an idempotency key within the hour."""
        uid, at = self._ledger.keys.get(f"{network} {key}", (0, 0))
        return uid if key and now - at < KEY_LIFE else None

    def with_rkey(self, rkey: str) -> Post | None:
        """Our own post with this record key."""
        return next((post for post in self.posts("bluesky") if rkey and post.rkey == rkey and post.deleted_at is None), None)

    def visibility(self, post: Post) -> str:
        written = self._written.get((post.network, post.uid))
        return written.visibility if written else "public"

    def record(self, post: Post) -> dict[str, Any] | None:
        """The record as a client sent it; None for what the sandbox wrote itself."""
        written = self._written.get((post.network, post.uid))
        return written.record if written else None

    def add(self, post: Post, *, parent: Post | None, key: str, visibility: str, record: dict[str, Any] | None) -> None:
        """A post of the desk. Call it inside `Ledger.change`."""
        written = _written(post, visibility)
        written.record = record
        written.soothes = parent is None or bool(parent.beat and parent.kind in UNHAPPY)
        self._ledger.posts.append(written)
        if key:
            self._ledger.keys[f"{post.network} {key}"] = (post.uid, post.at)

    def answer(self, ours: Post, parent: Post, reaction: Reaction, visibility: str) -> None:
        """What the author of the parent will say to our post. Call it inside `Ledger.change`."""
        uid = uid_of(reaction.at, self.sequence())
        self._ledger.posts.append(
            Written(
                ours.network,
                uid,
                reaction.at,
                parent.author.key,
                reaction.text,
                parent.lang,
                reaction.kind,
                ours.uid,
                ours.root,
                "",
                visibility,
            )
        )

    def change(self, post: Post, now: int, *, text: str | None, record: dict[str, Any] | None = None) -> None:
        """Edit one of our own posts, or delete it when there is no text."""
        with self._ledger.change():
            for written in self._ledger.posts:
                if (written.network, written.uid) == (post.network, post.uid):
                    if text is None:
                        written.deleted_at = now
                    else:
                        written.text, written.edited_at, written.record = text, now, record
        self.read()

    def sequence(self) -> int:
        """A number for the next post: unique within the hour."""
        return FIRST_SEQUENCE + len(self._ledger.posts) % 0x7FFF

    def _post(self, written: Written) -> Post:
        author = self._cast.by_key.get(written.author, self._cast.brands[OWN.key])
        edit = (written.edited_at, written.text) if written.edited_at else None
        return Post(
            written.network, written.uid, written.at, author, written.text, written.lang, written.kind, OWN.key, written.text.casefold(),
            parent=written.parent, root=written.root, edit=edit, deleted_at=written.deleted_at, rkey=written.rkey,
        )  # fmt: skip


def _written(post: Post, visibility: str) -> Written:
    return Written(
        post.network, post.uid, post.at, post.author.key, post.text, post.lang, post.kind, post.parent, post.root, post.rkey, visibility
    )
