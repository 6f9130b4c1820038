"""The outbox: replies on their way, those in doubt, those that wait for somebody."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from listener.domain.reply import ReplyState
from tui import commands
from tui import format as shown
from tui.screens.base import DeskScreen
from tui.screens.reply_text import Judgement, conversation, judgement, remarks, wording
from tui.widgets.prompt import Choice, Choose, Write
from tui.widgets.row_list import Row, RowList

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from listener.domain.mention import Entry
    from listener.domain.reply import Reply
    from tui.screens.session import Session

ORDER = ("unknown", "failed", "approval", "sending", "queued", "draft", "sent", "cancelled")
"""What needs a person comes first."""
SIGNS = {
    "unknown": ("? in doubt", "bold $severity-1"), "failed": ("✗ failed", "bold $bad"), "approval": ("◔ to approve", "bold $notice"),
    "sending": ("→ sending", "$accent"), "queued": ("○ queued", "$accent"), "draft": ("✎ draft", "$muted"), "sent": ("✓ sent", "$good"),
    "cancelled": ("– cancelled", "$muted"),
}  # fmt: skip
MOST = 300


class OutboxScreen(DeskScreen):
    """Every reply with its state, its reason in words, and what can be done about it."""

    ROOM: ClassVar[str] = "outbox"
    CSS_PATH = "two_panes.tcss"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("desk", "outbox")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.rows = RowList("Outbox", "No reply is on its way. r in the inbox writes one.")
        self._replies: dict[int | str, Reply] = {}
        self._targets: dict[int, Entry] = {}

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self.rows
            with VerticalScroll(id="reading", can_focus=True):
                yield Static(id="said")
        yield from self.foot()

    def on_mount(self) -> None:
        self.query_one("#reading").border_title = "Reply"
        self.rows.focus()
        self.changed(worked=True)
        self.set_interval(1, self._count_down)

    def on_screen_resume(self) -> None:
        self.changed(worked=True)

    def changed(self, *, worked: bool) -> None:
        replies, mentions = self.session.replies, self.session.mentions

        def read() -> tuple[list[Reply], list[Entry], dict[str, str]]:
            found = replies.listing(limit=MOST)
            return found, mentions.many(list({one.mention_id for one in found})), replies.stopped()

        self.beside(read, lambda read: self._show(*read))

    def _show(self, found: list[Reply], targets: list[Entry], stopped: dict[str, str]) -> None:
        found.sort(key=lambda one: (ORDER.index(one.state.value), -one.updated_at))
        self._replies = {one.id: one for one in found}
        self._targets = {one.id: one for one in targets}
        waiting = sum(one.state.value in ORDER[:5] for one in found)
        title = f"Outbox · {waiting} on their way · {len(found)} in all"
        if stopped:
            title += f" · stopped: {', '.join(stopped)}"
        self.rows.show([Row(one.id, self._line(one)) for one in found], title)

    def _count_down(self) -> None:
        """Seconds run while something can still be taken back."""
        if any(one.state is ReplyState.QUEUED for one in self._replies.values()):
            self.rows.show([Row(one.id, self._line(one)) for one in self._replies.values()])

    def _line(self, reply: Reply) -> Content:
        now, target = self.session.clock(), self._targets.get(reply.mention_id)
        sign, tone = SIGNS[reply.state.value]
        when = f"in {max(reply.not_before - now, 0) // 1000} s" if reply.state is ReplyState.QUEUED and reply.not_before > now else shown.age(reply.updated_at, now)
        to = shown.one_line(target.author.handle or target.author.name, 30) if target else f"mention {reply.mention_id}"
        head = Content.assemble((f"{sign:<13}", tone), (f"{when:>7}  ", "$muted"), (to, "bold $title"), (f"  {shown.one_line(reply.source, 20)} · {shown.one_line(reply.author, 20)}", "$muted"))
        text = reply.error if reply.state in (ReplyState.UNKNOWN, ReplyState.FAILED) and reply.error else reply.text
        return Content("\n").join([head, Content.styled("             " + shown.one_line(text, 200), "$foreground")])

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        reply = self._replies.get(event.id) if event.id is not None else None
        said = self.query_one("#said", Static)
        said.update(self._reading(reply, Judgement()) if reply else Content.styled("Nothing is here.", "$muted"))
        if reply:

            def read(judged: Judgement) -> None:
                if self.reply is not None and self.reply.id == reply.id:
                    said.update(self._reading(reply, judged))

            self.beside(lambda: judgement(self.session, reply), read)

    def _reading(self, reply: Reply, judged: Judgement) -> Content:
        """A reply whole: where it stands, why, what each way out would do, and whom it answers."""
        now, target = self.session.clock(), self._targets.get(reply.mention_id)
        sign, tone = SIGNS[reply.state.value]
        lines = [Content.assemble((sign, tone), (f"  {shown.age(reply.updated_at, now)}", "$muted"))]
        facts = [f"by {shown.one_line(reply.author, 40)}", shown.one_line(reply.source, 40)]
        facts += [f"approved by {shown.one_line(reply.approver, 40)}"] if reply.approver else []
        facts += ["automatic"] if reply.automatic else []
        facts += [shown.plural(reply.attempts, "attempt")] if reply.attempts else []
        lines.append(Content.styled(" · ".join(facts), "$muted"))
        if reply.error:
            lines.append(Content.styled(shown.clean(reply.error, 1000, lines=True), "$bad"))
        if reply.note:
            lines.append(Content.styled(f"Given back: {shown.clean(reply.note, 1000, lines=True)}", "$notice"))
        if not reply.parent_kept:
            lines.append(Content.styled("The server published it outside the thread.", "$notice"))
        if reply.permalink and (link := shown.safe_url(reply.permalink)):
            lines.append(Content.styled(shown.one_line(link.url, 300), "$positive underline"))
        lines += [Content(""), wording(reply, judged), *remarks(judged)]
        if target:
            who = shown.one_line(target.author.handle or target.author.name, 60)
            lines += [Content(""), Content.styled("── In answer to ", "bold $muted"), Content.styled(who, "bold $title"), Content(shown.clean(target.text, 4000, lines=True))]
        lines += conversation(judged)
        return Content("\n").join(lines)

    # Acting

    @property
    def reply(self) -> Reply | None:
        current = self.rows.current
        return self._replies.get(current) if current is not None else None

    def _act(self, act: Callable[[int], object], said: str) -> None:
        """Do it to the marked replies, or to the one under the cursor."""
        ids = [int(one) for one in self.rows.subjects]

        def run() -> int:
            for one in ids:
                act(one)
            return len(ids)

        def then(n: int) -> None:
            self.say(said if n == 1 else f"{said} ({n})")
            self.changed(worked=True)

        self.beside(run, then)

    def on_row_list_opened(self, event: RowList.Opened) -> None:
        reply = self._replies.get(event.id)
        if reply and reply.state is ReplyState.UNKNOWN:
            self.talk(self._resolve(reply))
        elif reply:
            self.query_one("#reading").focus()

    async def _resolve(self, reply: Reply) -> None:
        """What each way out of doubt would do, before it is taken."""
        choices = [Choice(name, text) for name, text in self.session.replies.choices(reply).items()]
        chosen = await self.ask(Choose("In doubt: what now?", choices))
        if chosen == ("read",):
            self.action_read_again()
        elif chosen == ("sent",):
            self.action_mark_sent()
        elif chosen == ("again",):
            self.action_send_again()

    def action_take_back(self) -> None:
        self._act(self.session.replies.undo_send, "Taken back: it is a draft again")

    def action_read_again(self) -> None:
        self._act(lambda one: self.session.replies.resolve_unknown(one, "read"), "The thread is read again; nothing is published")

    def action_mark_sent(self) -> None:
        self._act(lambda one: self.session.replies.resolve_unknown(one, "sent"), "Marked as sent")

    def action_send_again(self) -> asyncio.Future[None] | None:
        reply = self.reply
        if reply is None:
            return None

        async def conversation() -> None:
            if reply.state is ReplyState.UNKNOWN:
                means = self.session.replies.choices(reply).get("again", "")
                if await self.sure("Send it again?", [means], yes="send it again"):
                    self._act(lambda one: self.session.replies.resolve_unknown(one, "again"), "Queued again")
            else:
                self._act(self.session.replies.retry, "Queued again")

        return self.talk(conversation())

    def action_approve(self) -> asyncio.Future[None] | None:
        reply = self.reply
        if reply is None:
            return None

        async def conversation() -> None:
            text = await self.ask(Write("Approve: ^s lets it go out, as it is or edited", reply.text))
            if text is not None:
                edited = text if text != reply.text else None
                await asyncio.to_thread(lambda: self.session.replies.approve(reply.id, text=edited))
                self.say("Approved" + (", as you edited it" if edited else "") + ": it goes out")
                self.changed(worked=True)

        return self.talk(conversation())

    def action_reject(self) -> asyncio.Future[None] | None:
        reply = self.reply
        if reply is None:
            return None

        async def conversation() -> None:
            note = await self.ask(Write("Give it back: why?"))
            if note:
                await asyncio.to_thread(self.session.replies.reject, reply.id, note)
                self.say(f"Given back to {reply.author}")
                self.changed(worked=True)

        return self.talk(conversation())

    def action_edit_reply(self) -> asyncio.Future[None] | None:
        reply = self.reply
        if reply is None:
            return None

        async def conversation() -> None:
            if reply.state is not ReplyState.DRAFT:
                await asyncio.to_thread(self.session.replies.edit, reply.id)
            text = await self.ask(Write("Draft", reply.text))
            if text is not None:
                await asyncio.to_thread(lambda: self.session.replies.save_draft(reply.id, text))
                if await self.sure("Send it now?", [text], yes="queue it"):
                    sent = await asyncio.to_thread(lambda: self.session.replies.submit(reply.id, text=text))
                    self.session.sent = [sent.id]
            self.changed(worked=True)

        return self.talk(conversation())
