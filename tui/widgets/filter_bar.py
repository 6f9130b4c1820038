"""Where a query is typed: completed as one goes, and with a caret below the culprit when it cannot be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from listener.errors import QueryError
from tui import format as shown
from tui.widgets.completion import Completion, complete
from tui.widgets.mention_row import fit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Key

    from listener.domain.query import Query


class FilterBar(Vertical):
    """An input for queries with one line of help below it.

    The line shows the ways to go on, or a caret below the culprit and what is wrong with it. A query that cannot be read is
    never applied: what was shown stays.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", priority=True),
        Binding("escape", "cancel", "Back"),
    ]
    """
    | key | does |
    | :- | :- |
    | tab | Take the first completion. |
    | up, down | Choose another. |
    | enter | Apply the query; an empty one shows everything. |
    | escape | Go back without a change. |
    """

    DEFAULT_CSS = """
    FilterBar {
        height: 2;
        background: $panel;
        padding: 0 1;
        & > Input { background: $panel; }
        & > Static { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """

    @dataclass
    class Applied(Message):
        """A query that can be read, and that somebody wants."""

        bar: FilterBar
        query: Query

    @dataclass
    class Cancelled(Message):
        """Nothing is to change."""

        bar: FilterBar

    def __init__(self, text: str = "", *, words: Mapping[str, Sequence[str]] | None = None, id: str | None = None) -> None:  # noqa: A002 (Textual's word)
        super().__init__(id=id)
        self._text = text
        self.words: Mapping[str, Sequence[str]] = words or {}
        """What the store knows for a field, for completion."""
        self._completions: list[Completion] = []
        self._chosen = 0

    def compose(self) -> ComposeResult:
        yield Input(
            self._text,
            placeholder="refund AND sentiment:<-0.3 tag:none   (empty: everything)",
            id="query",
            select_on_focus=False,
            compact=True,
        )
        yield Static(id="help")

    @property
    def text(self) -> str:
        """What is typed."""
        return self.query_one(Input).value

    def open(self, text: str | None = None) -> None:
        """Begin to type, in another text when one is given."""
        field = self.query_one(Input)
        if text is not None:
            field.value = text
        field.focus()
        field.cursor_position = len(field.value)

    def read(self) -> Query | QueryError:
        """The query as it stands, or what is wrong with it."""
        from listener.domain.query import parse

        try:
            return parse(self.text)
        except QueryError as error:
            return error

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._chosen = 0
        self._advise()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        query = self.read()
        if isinstance(query, QueryError):
            self._say(self._culprit(query))
        else:
            self.post_message(self.Applied(self, query))

    def on_key(self, event: Key) -> None:
        if event.key in {"up", "down"} and self._completions:
            self._chosen = (self._chosen + (1 if event.key == "down" else -1)) % len(self._completions)
            self._say(self._offers())
            event.stop()

    def action_complete(self) -> None:
        field = self.query_one(Input)
        if self._completions:
            field.value, field.cursor_position = self._completions[self._chosen].apply(field.value, field.cursor_position)

    def action_cancel(self) -> None:
        self.post_message(self.Cancelled(self))

    def _advise(self) -> None:
        field = self.query_one(Input)
        self._completions = complete(field.value, field.cursor_position, self.words)
        query = self.read()
        if isinstance(query, QueryError) and not (self._completions and field.cursor_position == len(field.value)):
            self._say(self._culprit(query))
        else:
            self._say(self._offers())

    def _offers(self) -> Content:
        if not self._completions:
            return Content("")
        names = [
            Content.styled(shown.one_line(offer.text, 40).strip() or offer.text, "reverse" if number == self._chosen else "$muted")
            for number, offer in enumerate(self._completions)
        ]
        said = Content("  ").join(names)
        return Content.assemble(said, "   ", (self._completions[self._chosen].help, "$muted italic"))

    def _culprit(self, error: QueryError) -> Content:
        """The caret below the character that the error is about, and what is wrong: beside it, or before it where room is short."""
        field = self.query_one(Input)
        width = self.content_size.width
        at = min(max(cell_len(self.text[: error.column - 1]) - round(field.scroll_x), 0), max(width - 2, 0))
        said = shown.one_line(str(error).removeprefix(f"Column {error.column}: "), 300)
        if at + 2 + cell_len(said) > width and at > width // 2:
            return Content.assemble((fit(said, min(cell_len(said), at - 1)).rjust(at - 1), "$bad"), (" ^", "bold $bad"))
        return Content.assemble((" " * at + "^ ", "bold $bad"), (said, "$bad"))

    def _say(self, content: Content) -> None:
        self.query_one("#help", Static).update(content)
