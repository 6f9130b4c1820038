"""The mention that is open: who, what, why the machine thinks so, what the team did, what to do next."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.canvas import key_of
from tui.widgets.card_text import Dossier, card

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from listener.domain.mention import Entry

__all__ = ["Dossier", "MentionCard"]


class MentionCard(VerticalScroll, can_focus=True):
    """Shows a dossier. Long texts scroll; another mention starts at the top, the same one stays where it was read."""

    DEFAULT_CSS = """
    MentionCard {
        border: round $edge;
        border-title-color: $muted;
        padding: 0 1;
        background: $background;
        scrollbar-size-vertical: 1;
        &:focus { border: round $edge-focus; border-title-color: $title; border-title-style: bold; }
        Static { height: auto; }
    }
    """

    def __init__(self, *, clock: Callable[[], int] | None = None, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 (Textual's word)
        super().__init__(id=id, classes=classes)
        self._clock = clock or (lambda: time.time_ns() // 1_000_000)
        self._shown: int | None = None
        self.border_title = "Mention"

    def compose(self) -> ComposeResult:
        yield Static(self._nothing(), id="said")

    def show(self, dossier: Dossier | Entry | None) -> None:
        """Show a mention: at once with the entry alone, and again when the rest has been read."""
        said = self.query_one("#said", Static)
        if dossier is None:
            self._shown = None
            said.update(self._nothing())
            return
        full = dossier if isinstance(dossier, Dossier) else Dossier(dossier)
        said.update(card(full, self._clock(), partial(key_of, self.app)))
        if full.entry.id != self._shown:
            self.scroll_home(animate=False)
        self._shown = full.entry.id

    def _nothing(self) -> Content:
        return Content.styled(f"Nothing is open. {key_of(self.app, 'open')} opens the mention under the cursor.", "$muted")
