"""Writing a reply: the thread in view, the network's own count, and everything that should be known before it goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static, TextArea

from tui import commands
from tui import format as shown
from tui.canvas import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from listener.domain.mention import Entry


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a draft that its author should know."""

    level: Literal["stop", "warning"]
    """`stop`: it cannot be sent like this."""
    text: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What is being answered, and by whom."""

    entry: Entry
    account: str
    """Who the network will say wrote it: `@auroraair on mastodon`."""
    thread: Sequence[Entry] = ()
    """The conversation, oldest first."""
    approval: bool = False
    """Somebody else has to approve it first."""
    unit: str = "characters"
    by_hand: bool = False
    """The network takes no replies from programs: the text goes to the clipboard and the post opens in the browser."""


class Composer(Vertical):
    """A text area between the thread and the findings.

    It knows no network and no store: `measure` counts and `lint` looks, and both are asked after every change; the screen saves
    the draft when `Changed` comes, and sends when `SendWanted` does. `SendWanted` never comes while a finding says stop.
    """

    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("composer")
    """
    | action | does |
    | :- | :- |
    | send | Post `SendWanted`. |
    | editor, saved-reply | Post `EditorWanted`, `SavedReplyWanted`. |
    | keep-draft, discard-draft | Post `Left`. |
    """

    DEFAULT_CSS = """
    Composer {
        border: round $edge-focus;
        border-title-color: $title;
        border-title-style: bold;
        border-subtitle-color: $muted;
        background: $surface;
        padding: 0 1;
        & > VerticalScroll { height: auto; max-height: 40%; min-height: 2; scrollbar-size-vertical: 1; }
        & > VerticalScroll > Static { height: auto; }
        & > TextArea { height: 1fr; min-height: 3; margin: 1 0; background: $panel; }
        & > Static { height: auto; max-height: 6; }
    }
    """

    @dataclass
    class Changed(Message):
        """The draft is another: save it."""

        composer: Composer
        text: str

    @dataclass
    class SendWanted(Message):
        """It is finished."""

        composer: Composer
        text: str

    @dataclass
    class EditorWanted(Message):
        """Somebody wants to write it in $EDITOR."""

        composer: Composer

    @dataclass
    class SavedReplyWanted(Message):
        """Somebody wants to choose a saved reply."""

        composer: Composer

    @dataclass
    class Left(Message):
        """Nothing is sent now; the draft is kept, or thrown away."""

        composer: Composer
        kept: bool

    def __init__(
        self,
        letter: Letter,
        *,
        text: str = "",
        measure: Callable[[str], tuple[int, int | None]] = lambda text: (len(text), None),
        lint: Callable[[str], Sequence[Finding]] = lambda text: (),
        suggestions: Sequence[str] = (),
        id: str | None = None,  # noqa: A002 (Textual's word)
    ) -> None:
        super().__init__(id=id)
        self._letter, self._text = letter, text
        self._measure, self._lint = measure, lint
        self._suggestions = suggestions
        """Names of the saved replies that fit best."""

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield Static(conversation(self._letter))
        yield TextArea(self._text, soft_wrap=True, tab_behavior="focus", show_line_numbers=False, compact=True)
        yield Static(id="findings")

    def on_mount(self) -> None:
        author = shown.one_line(self._letter.entry.author.handle or self._letter.entry.author.name, 40)
        self.border_title = Content(f"Reply to {author} as {shown.one_line(self._letter.account, 60)}")
        area = self.query_one(TextArea)
        area.focus()
        area.move_cursor(area.document.end)
        self.judge()

    @property
    def text(self) -> str:
        """The draft."""
        return self.query_one(TextArea).text

    def write(self, text: str) -> None:
        """Put another text in its place: from the editor, or from a saved reply. Undo brings the former one back."""
        area = self.query_one(TextArea)
        area.replace(text, area.document.start, area.document.end)
        area.focus()
        area.move_cursor(area.document.end)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.judge()
        self.post_message(self.Changed(self, self.text))

    def action_send(self) -> None:
        stops = [finding for finding in self._findings() if finding.level == "stop"]
        if stops:
            self.app.bell()
            return
        self.post_message(self.SendWanted(self, self.text))

    def action_editor(self) -> None:
        self.post_message(self.EditorWanted(self))

    def action_saved_reply(self) -> None:
        self.post_message(self.SavedReplyWanted(self))

    def action_keep_draft(self) -> None:
        self.post_message(self.Left(self, True))

    def action_discard_draft(self) -> None:
        self.post_message(self.Left(self, False))

    def _findings(self) -> list[Finding]:
        used, allowed = self._measure(self.text)
        found = list(self._lint(self.text))
        if allowed is not None and used > allowed:
            found.insert(0, Finding("stop", f"{shown.full(used - allowed)} {self._letter.unit} too long for this network."))
        if not self.text.strip():
            found.insert(0, Finding("stop", "There is nothing to send yet."))
        return found

    def judge(self) -> None:
        """Count, and look over again: for a screen whose `lint` has come to know more."""
        used, allowed = self._measure(self.text)
        self.border_subtitle = count(used, allowed, self._letter.unit)
        findings = self._findings() if self.text.strip() else []
        lines = [
            Content.styled(("✗ " if finding.level == "stop" else "! ") + shown.one_line(finding.text, 200), _TONES[finding.level])
            for finding in findings
        ]
        if not self.text.strip() and self._suggestions:
            names = " · ".join(shown.one_line(name, 40) for name in self._suggestions[:3])
            lines.append(Content.styled(f"{key_of(self.app, 'saved-reply')} saved replies that fit: {names}", "$muted"))
        if self._letter.by_hand:
            lines.append(
                Content.styled("This network takes no replies from programs: the post opens, the text is on the clipboard.", "$notice")
            )
        elif self._letter.approval:
            lines.append(Content.styled("It goes to somebody who may approve it, not out.", "$notice"))
        said = self.query_one("#findings", Static)
        said.display = bool(lines)
        said.update(Content("\n").join(lines))


_TONES = {"stop": "bold $bad", "warning": "$notice"}


def count(used: int, allowed: int | None, unit: str) -> Content:
    """How much is written of how much there may be, as the network counts."""
    if allowed is None:
        return Content(f"{shown.full(used)} {unit}")
    tone = "bold $bad" if used > allowed else "$notice" if used > allowed * 0.9 else ""
    return Content.styled(f"{shown.full(used)} of {shown.full(allowed)} {unit}", tone)


def conversation(letter: Letter) -> Content:
    """The posts before the reply, the one that it answers last."""
    posts = [post for post in letter.thread if post.id != letter.entry.id and post.created_at <= letter.entry.created_at]
    lines = []
    for post in [*posts, letter.entry]:
        who = "we" if post.own else shown.one_line(post.author.handle or post.author.name, 40)
        tone = "bold $title" if post.id == letter.entry.id else "$accent" if post.own else "$muted"
        lines.append(Content.assemble((who, tone), ("  ", ""), shown.clean(post.text, 2000, lines=True)))
    return Content("\n").join(lines)
