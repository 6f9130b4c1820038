"""Shows texts raw, in every sort of widget, with nothing but the sink between them and the terminal."""

from __future__ import annotations

import sys

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.content import Content
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import DataTable, Input, Static, TextArea

from tests.tui.hostile import corpus
from tui.canvas import Canvas

AT_ONCE = 4


class Raw(Widget):
    """Segments made by hand, with a link made of the text."""

    text = ""

    def render_line(self, y: int) -> Strip:
        return Strip([Segment(self.text[:70], Style(link=self.text or None)), Segment("next")])


class Shower(Canvas):
    CSS = "Static, Raw, Input { height: 1; border: none; } TextArea, DataTable { height: 3; } #titled { height: 3; border: round red; }"

    def __init__(self, texts: list[str]) -> None:
        super().__init__()
        self.texts = texts

    def compose(self) -> ComposeResult:
        for _ in range(AT_ONCE):
            yield Raw()
        yield Static(id="titled")
        yield Static(id="plain")
        yield Static(id="rich")
        yield Input()
        yield TextArea()
        yield DataTable()

    def on_mount(self) -> None:
        self.query_one(DataTable).add_columns("a", "b")
        self.call_after_refresh(self.step)

    def step(self) -> None:
        batch, self.texts = self.texts[:AT_ONCE], self.texts[AT_ONCE:]
        if not batch:
            self.exit(0)
            return
        for raw, text in zip(self.query(Raw), batch, strict=False):
            raw.text = text
            raw.refresh()
        self.query_one("#plain", Static).update(Content(batch[0]))
        self.query_one("#rich", Static).update(Text(batch[-1]))
        self.query_one("#titled", Static).border_title = Content(batch[0])  # type: ignore[assignment]
        self.query_one(Input).value = batch[-1]
        self.query_one(TextArea).text = "\n".join(batch)
        table = self.query_one(DataTable)
        table.clear()
        table.add_row(Text(batch[0]), Text(batch[-1]))
        self.set_timer(0.02, self.step)


def main() -> int:
    texts = ["plain text", "https://a.example/"] * 4 if sys.argv[1:] == ["plain"] else corpus()
    app = Shower(texts)
    app.run(mouse=True)
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main())
