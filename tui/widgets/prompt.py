"""Short questions over the screen: choose from a list, type a word, write a note, confirm. Each answers None when it is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeVar

from rich.cells import cell_len
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from listener.errors import ListenerError
from tui import format as shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Key

Answer = TypeVar("Answer")
MOST = 200
"""Choices listed at once; typing narrows them."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One line to choose."""

    id: str
    text: str
    note: str = ""
    key: str = ""
    """The key that does the same without asking."""


class Prompt(ModalScreen[Answer]):
    """A box in the middle of the screen with a title and a line of help."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Back")]

    DEFAULT_CSS = """
    Prompt {
        align: center middle;
        background: $background 60%;
        & > Vertical {
            width: 64;
            max-width: 96%;
            height: auto;
            max-height: 90%;
            border: round $edge-focus;
            border-title-color: $title;
            border-title-style: bold;
            border-subtitle-color: $muted;
            background: $surface;
            padding: 0 1;
        }
        Input { background: $panel; }
        .help { color: $muted; height: auto; }
        OptionList { height: auto; max-height: 14; background: $surface; scrollbar-size-vertical: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        TextArea { height: 8; background: $panel; }
    }
    """

    def __init__(self, title: str, help_: str = "") -> None:
        super().__init__()
        self._title = shown.one_line(title, 60)
        self._help = shown.one_line(help_, 100)

    def compose(self) -> ComposeResult:
        box = Vertical(*self.parts())
        box.border_title = Content(self._title)
        box.border_subtitle = Content(self._help)
        yield box

    def parts(self) -> Sequence[Vertical | Input | OptionList | Static | TextArea]:
        """What stands in the box."""
        return ()

    def action_leave(self) -> None:
        self.dismiss(None)


class Choose(Prompt[tuple[str, ...]]):
    """Choose one of a list, or several; typing narrows the list, and makes a new one where that is allowed.

    Answers the ids that are chosen: for tags all that are to stand, so that one question adds and takes away.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Take", priority=True),
        Binding("tab", "mark", "Mark", priority=True),
    ]
    """
    | key | does |
    | :- | :- |
    | letters | Narrow the list. |
    | up, down | Move in it. |
    | tab | Choose or unchoose the line, where several may be chosen. |
    | enter | Answer. Where several may be chosen and none is, the line. |
    """

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        *,
        several: bool = False,
        create: bool = False,
        chosen: Sequence[str] = (),
        query: str = "",
    ) -> None:
        help_ = "tab marks · ⏎ takes" if several else "⏎ takes"
        super().__init__(title, help_ + (" · a new word makes a new one" if create else ""))
        self._choices, self._several, self._create = list(choices), several, create
        self._chosen = list(dict.fromkeys(chosen))
        self._before = tuple(self._chosen)
        self._query = query
        self._listed: list[str] = []
        self._listed_for = ""
        """What was typed when the list was made."""
        self._touched = False
        self._column = max((cell_len(shown.one_line(choice.text, 22)) for choice in self._choices[:MOST]), default=0)

    def parts(self) -> Sequence[Input | OptionList]:
        return (
            Input(self._query, placeholder="type to narrow", select_on_focus=False, compact=True),
            OptionList(markup=False, compact=True),
        )

    def on_mount(self) -> None:
        self._list()
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._list()

    def on_key(self, event: Key) -> None:
        if event.key in {"up", "down", "pageup", "pagedown"}:
            moves = {"up": "cursor_up", "down": "cursor_down", "pageup": "page_up", "pagedown": "page_down"}
            getattr(self.query_one(OptionList), "action_" + moves[event.key])()
            event.stop()
            event.prevent_default()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_mark() if self._several else self.action_take()

    def action_mark(self) -> None:
        current = self._current()
        if not self._several or current is None:
            return
        self._touched = True
        if current in self._chosen:
            self._chosen.remove(current)
        else:
            self._chosen.append(current)
            if all(choice.id != current for choice in self._choices):
                self._choices.insert(0, Choice(current, current))
        field = self.query_one(Input)
        if field.value:
            field.value = ""
        else:
            self._list(keep=current)

    def action_take(self) -> None:
        """After what was typed before the key: letters wait in the field's own queue."""
        self.query_one(Input).call_later(self._take)

    def _take(self) -> None:
        if self.query_one(Input).value != self._listed_for:
            self._list()
        current = self._current()
        if self._several:
            if (not self._touched or self.query_one(Input).value) and current is not None and current not in self._chosen:
                self._chosen.append(current)
            self.dismiss(tuple(self._chosen))
        elif current is not None:
            self.dismiss((current,))

    def _current(self) -> str | None:
        at = self.query_one(OptionList).highlighted
        return self._listed[at] if at is not None and at < len(self._listed) else None

    def _list(self, keep: str | None = None) -> None:
        self._listed_for = self.query_one(Input).value
        typed = " ".join(self._listed_for.split())
        fitting = rank(typed, self._choices)[:MOST]
        options = [(choice.id, self._line(choice)) for choice in fitting]
        if self._create and typed and all(choice.text.casefold() != typed.casefold() for choice in self._choices):
            options.append((typed, Content.assemble(("+ new: ", "$notice"), shown.one_line(typed, 50))))
        self._listed = [identity for identity, _ in options]
        listing = self.query_one(OptionList)
        listing.clear_options()
        listing.add_options([Option(text) for _, text in options])
        if options:
            listing.highlighted = self._listed.index(keep) if keep in self._listed else 0

    def _line(self, choice: Choice) -> Content:
        sign = ("✓ " if choice.id in self._chosen else "  ") if self._several else ""
        text = shown.one_line(choice.text, 50)
        note = shown.one_line(choice.note, 90)
        gap = " " * (self._column - cell_len(text) + 2) if note or choice.key else ""
        return Content.assemble((sign, "$good"), text, gap, (f"{choice.key:<6} " if choice.key else "", "$positive"), (note, "$muted"))


def rank(typed: str, choices: Sequence[Choice]) -> list[Choice]:
    """Those that fit: beginning with what was typed, with a word that begins so, containing it, having its letters in order."""
    low = typed.casefold()
    if not low:
        return list(choices)

    def place(choice: Choice) -> int:
        text = choice.text.casefold()
        if text.startswith(low):
            return 0
        if any(word.startswith(low) for word in text.replace("-", " ").split()):
            return 1
        if low in text:
            return 2
        letters = iter(text)
        if all(letter in letters for letter in low):
            return 3
        return 4 if low in choice.note.casefold() else 5

    placed = [(place(choice), choice) for choice in choices]
    return [choice for _, choice in sorted((pair for pair in placed if pair[0] < 5), key=lambda pair: pair[0])]


class Ask(Prompt[str]):
    """Type a line; what it will be taken for is shown while one types, and nothing that cannot be read is taken."""

    def __init__(
        self, title: str, *, check: Callable[[str], str] | None = None, text: str = "", placeholder: str = "", help_: str = ""
    ) -> None:
        super().__init__(title, help_ or "⏎ takes")
        self._check = check or (lambda typed: "")
        """What a text means, in words; raises ListenerError when it means nothing."""
        self._text, self._placeholder = text, placeholder

    def parts(self) -> Sequence[Input | Static]:
        return (Input(self._text, placeholder=self._placeholder, select_on_focus=False, compact=True), Static(classes="help"))

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self._echo()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._echo()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._echo() and event.value.strip():
            self.dismiss(event.value.strip())

    def _echo(self) -> bool:
        typed, echo = self.query_one(Input).value.strip(), self.query_one(Static)
        if not typed:
            echo.update(Content(""))
            return True
        try:
            echo.update(Content.styled("→ " + shown.one_line(self._check(typed), 200), "$good"))
        except ListenerError as error:
            echo.update(Content.styled(shown.one_line(str(error), 300), "$bad"))
            return False
        return True


class Write(Prompt[str]):
    """Write some lines."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "take", "Save", priority=True)]

    def __init__(self, title: str, text: str = "") -> None:
        super().__init__(title, "^s saves · esc leaves")
        self._text = text

    def parts(self) -> Sequence[TextArea]:
        return (TextArea(self._text, soft_wrap=True, tab_behavior="focus", compact=True),)

    def on_mount(self) -> None:
        area = self.query_one(TextArea)
        area.focus()
        area.move_cursor(area.document.end)

    def action_take(self) -> None:
        text = self.query_one(TextArea).text.strip()
        self.dismiss(text or None)


class Confirm(Prompt[bool]):
    """A question with what follows from it; only `y` says yes."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "yes", "Yes"), Binding("n", "leave", "No")]

    def __init__(self, title: str, lines: Sequence[str] = (), *, yes: str = "do it") -> None:
        super().__init__(title, f"y {yes} · n leave it")
        self._lines = lines

    def parts(self) -> Sequence[Static]:
        listed = [shown.one_line(line, 200) for line in self._lines[:MOST]]
        if len(self._lines) > MOST:
            listed.append(f"… and {shown.full(len(self._lines) - MOST)} more")
        return (Static(Content("\n".join(listed) or " ")),)

    def action_yes(self) -> None:
        self.dismiss(True)

    def action_leave(self) -> None:
        self.dismiss(False)
