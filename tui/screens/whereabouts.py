"""Telling colleagues which mention this operator rests on. Written beside the screen, and only when it changes or would be forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listener.errors import StoreError

if TYPE_CHECKING:
    from tui.screens.session import Session

AGAIN_MS = 30_000
"""Somebody who says nothing for a minute counts as gone."""


class Whereabouts:
    """Where this operator is; `at` is set by whoever shows a mention, and told to the others by the pulse."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.at: int | None = None
        self._told: tuple[int, int] | None = None

    def tell(self) -> None:
        """Write it down if there is anything new; in a thread. Raises StoreError."""
        at, now = self.at, self._session.store.clock()
        if at is not None and (self._told is None or self._told[0] != at or now - self._told[1] > AGAIN_MS):
            self._session.replies.look(at)
            self._told = (at, now)

    def leave(self) -> None:
        """The desk is closed: this operator is nowhere, and replies to nothing."""
        try:
            self._session.replies.presence.leave(self._session.operator)
        except StoreError:
            return  # a minute later nobody believes it any more
