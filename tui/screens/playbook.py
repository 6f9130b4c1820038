"""The playbooks: for each tag what it means, who owns it, what to do next. Text files that live in git."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from listener.domain.query.ast import Field, Query, any_of
from listener.store.filters import Filter
from tui import commands
from tui import format as shown
from tui.screens.base import DeskScreen
from tui.widgets.row_list import Row, RowList

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from listener.domain.playbook import Playbook
    from tui.screens.session import Session


class PlaybookScreen(DeskScreen):
    """Playbooks on the left, the one under the cursor on the right; opening one shows the mentions that have its tags."""

    ROOM: ClassVar[str] = "playbook"
    CSS_PATH = "two_panes.tcss"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("desk")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.rows = RowList("Playbooks", f"No playbook yet: {session.playbooks.folder} holds them, one Markdown file each.")
        self._books: dict[int | str, Playbook] = {}

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self.rows
            with VerticalScroll(id="reading", can_focus=True):
                yield Static(id="said")
        yield from self.foot()

    def on_mount(self) -> None:
        self.query_one("#reading").border_title = "Playbook"
        self.rows.focus()
        self.changed(worked=True)

    def on_screen_resume(self) -> None:
        self.changed(worked=True)

    def changed(self, *, worked: bool) -> None:
        if worked:
            self.beside(lambda: (self.session.playbooks.all(), self.session.playbooks.problems()), lambda found: self._show(*found))

    def _show(self, books: list[Playbook], problems: list[tuple[str, str]]) -> None:
        self._books = {book.name: book for book in books}
        rows = []
        for book in books:
            owner = f"  {shown.one_line(book.owner, 30)}" if book.owner else ""
            head = Content.assemble((f"{shown.one_line(book.title, 50)}", "bold $title"), (owner, "$accent"), (f"  {shown.plural(len(book.steps), 'step')}", "$muted"))
            rows.append(Row(book.name, Content("\n").join([head, Content.styled("  " + " ".join(f"#{shown.one_line(tag, 30)}" for tag in book.tags), "$tag")])))
        wrong = f" · {shown.plural(len(problems), 'problem')}: `listener playbook lint`" if problems else ""
        self.rows.show(rows, f"Playbooks · {len(books)}{wrong}")

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        book = self._books.get(event.id) if event.id is not None else None
        self.query_one("#said", Static).update(reading(book) if book else Content.styled("Nothing is here.", "$muted"))

    def on_row_list_opened(self, event: RowList.Opened) -> None:
        book = self._books.get(event.id)
        if book and book.tags:
            tags = Query(any_of([Field("tag", tag) for tag in book.tags]))
            self.show_mentions(book.title, Filter(tags, "newest", self.session.operator))


def reading(book: Playbook) -> Content:
    """A playbook whole."""
    lines = [Content.styled(shown.one_line(book.title, 80), "bold $title"), Content(shown.clean(book.meaning, 4000, lines=True))]
    for name, text in (("owner", book.owner), ("severity", str(book.severity)), ("how to tag", book.naming), ("saved replies", ", ".join(book.replies))):
        if text:
            lines.append(Content.assemble((f"{name:<14} ", "$muted"), shown.one_line(text, 300)))
    if book.steps:
        lines += [Content(""), Content.styled("── Next steps ", "bold $muted")]
        lines += [Content(f"{number}. {shown.one_line(step, 400)}") for number, step in enumerate(book.steps, 1)]
    if book.after:
        lines += [Content(""), Content(shown.clean(book.after, 8000, lines=True))]
    return Content("\n").join(lines)
