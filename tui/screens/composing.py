"""Writing a reply: what is known of the mention on one side, the composer on the other."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from listener.errors import Conflict, ListenerError
from tui import format as shown
from tui.screens.looking import Looking, dossier
from tui.widgets import toast
from tui.widgets.composer import Composer, Finding, Letter
from tui.widgets.key_line import KeyLine
from tui.widgets.mention_card import MentionCard
from tui.widgets.progress import Work
from tui.widgets.prompt import Choice, Choose, Confirm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.timer import Timer

    from listener.domain.mention import Entry
    from listener.domain.reply import Reply
    from listener.domain.saved_replies import Suggestion
    from tui.screens.session import Session
    from tui.widgets.card_text import Dossier

SAVE_AFTER = 0.4
"""Seconds after the last key until the draft is in the database, and looked over."""


@dataclass(frozen=True, slots=True)
class Desk:
    """All that is looked up before a composer opens."""

    draft: Reply
    letter: Letter
    dossier: Dossier
    suggestions: Sequence[Suggestion]


def prepare(session: Session, entry: Entry, *, take: bool = False) -> Desk:
    """Claim the mention and look up what its composer shows. Raises Conflict: somebody else is replying; InputError: it is our own post."""
    replies = session.replies
    draft = replies.open_draft(entry.id, take=take)
    able = replies.can_reply(entry)
    letter = Letter(
        entry, replies.account(entry), session.mentions.thread(entry, limit=50), approval=replies.needs_approval(entry),
        unit=replies.measure(entry, "").unit, by_hand=not able,
    )  # fmt: skip
    return Desk(draft, letter, dossier(session, entry), replies.suggestions(entry))


class ReplyScreen(Screen[str]):
    """Answers the text that is to be sent, or None when the draft is kept or thrown away. Every pause saves the draft."""

    CSS_PATH = "composing.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 (Textual declares it so)

    def __init__(self, session: Session, desk: Desk) -> None:
        super().__init__()
        self.session, self._desk = session, desk
        self._entry = desk.letter.entry
        self._found: tuple[Finding, ...] = ()
        self._pause: Timer | None = None
        self.composer = Composer(
            desk.letter, text=desk.draft.text, measure=self._measure, lint=lambda text: self._found,
            suggestions=[suggestion.saved.title for suggestion in desk.suggestions],
        )  # fmt: skip

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield MentionCard(clock=self.session.clock)
            yield self.composer
        with Vertical(classes="foot"):
            yield KeyLine("composer")

    def on_mount(self) -> None:
        card = self.query_one(MentionCard)
        card.can_focus = False
        card.show(self._desk.dossier)
        if self._desk.draft.note:
            self.notify(shown.one_line(f"Given back: {self._desk.draft.note}", 200), severity="warning", timeout=15, markup=False)
        self._look_over()

    def _measure(self, text: str) -> tuple[int, int | None]:
        length = self.session.replies.measure(self._entry, text)
        return length.used, length.allowed

    def on_composer_changed(self) -> None:
        if self._pause:
            self._pause.stop()
        self._pause = self.set_timer(SAVE_AFTER, self._look_over)

    def _look_over(self) -> None:
        """Save the draft, and hold it against the rules."""
        text = self.composer.text

        async def run() -> None:
            try:
                await asyncio.to_thread(self.session.replies.save_draft, self._desk.draft.id, text)
                found = await asyncio.to_thread(self.session.replies.lint, self._entry, text, ignore=self._desk.draft.id)
            except ListenerError as error:
                toast.tell_error(self.app, error)
                return
            said = ("too long", "nothing to send")
            self._found = tuple(Finding(one.level, one.text) for one in found if not one.text.casefold().startswith(said))
            if self.composer.is_mounted and text == self.composer.text:
                self.composer.judge()

        self.run_worker(run(), exclusive=True)

    def on_composer_send_wanted(self, event: Composer.SendWanted) -> None:
        self.dismiss(event.text)

    def on_composer_left(self, event: Composer.Left) -> None:
        text = self.composer.text

        async def leave() -> None:
            replies, draft = self.session.replies, self._desk.draft.id
            try:
                if event.kept and text.strip():
                    await asyncio.to_thread(replies.save_draft, draft, text)
                    await asyncio.to_thread(replies.release, self._entry.id)
                    toast.tell(self.app, "The draft is kept.")
                elif await self._surely(text):
                    await asyncio.to_thread(replies.discard, draft)
                else:
                    return
            except ListenerError as error:
                toast.tell_error(self.app, error)
            self.dismiss(None)

        self.run_worker(leave())

    async def _surely(self, text: str) -> bool:
        question = Confirm("Throw this draft away?", [text], yes="throw it away")
        sure = True if not text.strip() else await self.app.push_screen_wait(question)
        return bool(sure)

    def on_composer_editor_wanted(self) -> None:
        from tui.widgets.editor import edit

        try:
            self.composer.write(edit(self.app, self.composer.text))
        except ListenerError as error:
            toast.tell_error(self.app, error)

    def on_composer_saved_reply_wanted(self) -> None:
        async def choose() -> None:
            replies = self.session.replies
            best = {suggestion.saved.name: suggestion.why for suggestion in self._desk.suggestions}
            saved = await asyncio.to_thread(replies.saved.all)
            if not saved:
                toast.tell(self.app, f"There is no saved reply yet: {replies.saved.folder} holds them, one Markdown file each.")
                return
            ranked = sorted(saved, key=lambda one: list(best).index(one.name) if one.name in best else len(best))
            choices = [Choice(one.name, one.title, best.get(one.name, "") or shown.one_line(one.text, 60)) for one in ranked]
            chosen = await self.app.push_screen_wait(Choose("Saved reply", choices))
            if chosen:
                text = next(one.text for one in saved if one.name == chosen[0])
                before = self.composer.text.rstrip()
                self.composer.write(f"{before}\n{replies.fill(self._entry, text)}".lstrip())

        self.run_worker(choose())


class Replying(Looking):
    """A screen from which mentions are answered."""

    def action_reply(self) -> asyncio.Future[None] | None:
        if self.entry:
            return self.talk(self._reply(self.entry))
        return None

    async def _reply(self, entry: Entry) -> None:
        others = [id_ for id_ in self.listing.subjects if id_ != entry.id] if self.listing.marks else []
        try:
            desk = await asyncio.to_thread(prepare, self.session, entry)
        except Conflict as error:
            if not await self.sure("Somebody else is replying", [error.message, "Two answers to one customer look bad."], yes="reply all the same"):
                return
            desk = await asyncio.to_thread(lambda: prepare(self.session, entry, take=True))
        screen = ReplyScreen(self.session, desk)
        text = await self.ask(screen)
        if text is not None:
            if desk.letter.by_hand:
                await self._by_hand(entry, text)
            else:
                await self._send(desk.draft.id, text, others)
        self.changed(worked=True)

    async def _send(self, draft: int, text: str, others: Sequence[int]) -> None:
        replies = self.session.replies
        try:
            sent = await asyncio.to_thread(lambda: replies.submit(draft, text=text))
        except Conflict as error:
            if not await self.sure("A colleague took this over", [error.message, "Two answers to one customer look bad."], yes="send all the same"):
                self.say("Not sent; the draft is kept.")
                return
            sent = await asyncio.to_thread(lambda: replies.submit(draft, text=text, force=True))
        self.session.sent = [sent.id]
        if others and await self.sure(f"The same to {shown.plural(len(others), 'other mention')}?", [text], yes="send to each"):
            self._send_to_many(others, text)
        elif sent.state == "approval":
            self.say(f"Waits for approval by {', '.join(replies.approvers(sent)) or 'somebody who may'}.")
        else:
            seconds = max(sent.not_before - self.session.clock(), 0) / 1000
            toast.tell_undo(self.app, f"The reply goes out in {seconds:.0f} s." if seconds >= 1 else "The reply goes out.")

    def _send_to_many(self, ids: Sequence[int], text: str) -> None:
        """One reviewed text to many; each is a row of the outbox with its own state."""
        replies, refused = self.session.replies, list[str]()

        def run(work: Work) -> int:
            for id_ in ids:
                try:
                    draft = replies.open_draft(id_)
                    self.session.sent.append(replies.submit(draft.id, text=text).id)
                except ListenerError as error:
                    refused.append(error.message)
                if not work.advance():
                    break
            return work.done - len(refused)

        def then(n: int) -> None:
            self.say(f"{shown.plural(n, 'reply', 'replies')} queued" + (f"; {len(refused)} refused: {refused[0]}" if refused else ""))
            self.reload()

        self.long_work(Work("Replies", len(ids)), run, then)

    async def _by_hand(self, entry: Entry, text: str) -> None:
        """The network takes no replies from programs: the text goes to the clipboard and the post opens in the browser."""
        address, copied = self.session.replies.in_browser(entry, text)
        link = shown.safe_url(address)
        if link is None:
            self.say("This post has no address that can be opened safely. The draft is kept.")
            return
        self.app.copy_to_clipboard(copied)
        await self.browse(entry)
        if await self.sure("Have you published it?", ["The text is on the clipboard; the case then waits for the customer."], yes="I have"):
            await asyncio.to_thread(self.session.triage.pending, [entry.id])
            self.reload()
