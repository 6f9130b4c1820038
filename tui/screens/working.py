"""Working on mentions: every action that changes one, on the row under the cursor or on all that are marked."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import TYPE_CHECKING

from listener.domain.case import TaskKind
from listener.errors import InputError, ListenerError
from tui import format as shown
from tui.screens.base import DeskScreen
from tui.screens.deeds import Deed
from tui.widgets import toast
from tui.widgets.progress import Work
from tui.widgets.prompt import Ask, Choice, Choose, Write

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from listener.domain.mention import Entry
    from listener.store.cases import Done
    from tui.widgets.mention_list import MentionList

MANY = 500
"""Mentions from which on an action is asked about first and shows how far it is."""
CHUNK = 1_000

LANGUAGES = {
    "en": "English", "el": "Greek", "ro": "Romanian", "uz": "Uzbek", "tl": "Filipino", "de": "German", "fr": "French", "es": "Spanish",
    "it": "Italian", "pt": "Portuguese", "nl": "Dutch", "pl": "Polish", "sv": "Swedish", "tr": "Turkish", "ru": "Russian", "ar": "Arabic",
    "hi": "Hindi", "id": "Indonesian", "th": "Thai", "ja": "Japanese", "zh": "Chinese", "ko": "Korean",
}  # fmt: skip


class Working(DeskScreen):
    """A screen with lists of mentions that can be worked on."""

    listing: MentionList
    """The list that has the cursor."""

    @abstractmethod
    def reload(self) -> None:
        """Show the lists as they stand now; the cursor stays on its mention or on what took its place."""

    @property
    def entry(self) -> Entry | None:
        return self.listing.entry

    # Doing

    async def do(self, deed: Deed) -> None:
        """Do it to the marked mentions, or to the one under the cursor; keys typed meanwhile wait, so that each meets its own row."""
        ids = self.listing.subjects
        if self.session.past is not None:
            self.say("This is the past, and it stays as it was. esc comes back to the present.")
            return
        if not ids:
            self.say("There is no mention here to do that to.")
            return
        if self.session.recording is not None:
            self.session.recording.append(deed)
        self.session.last, self.session.sent = deed, []
        if len(ids) >= MANY:
            self._do_many(deed, ids)
            return
        try:
            done = await asyncio.to_thread(deed.perform, self.session.triage, ids)
        except ListenerError as error:
            self.fail(error)
            self.reload()
            return
        self.after(deed, done)

    def after(self, deed: Deed, done: Done) -> None:
        at = self.entry.id if self.entry else None
        if deed.leaves and self.listing.marks:
            self.listing.action_unmark()
        self.listing.close_range()
        self.reload()
        if deed.action == "close-next" and self.entry and self.entry.id == at:
            self.listing.action_down()
        if done.changed:
            toast.tell_undo(self.app, deed.said(len(done.changed)))
        else:
            self.say("It was so already.")

    def _do_many(self, deed: Deed, ids: Sequence[int]) -> None:
        work = Work(f"{shown.full(len(ids))} mentions", len(ids))

        def run(work: Work) -> Done:
            """One batch, so that one undo takes all of it back; in pieces it could be stopped half-way, and that is shown."""
            from listener.store.cases import Done
            from listener.store.journal import new_batch

            batch = new_batch()
            changed: list[int] = []
            same: list[int] = []
            for start in range(0, len(ids), CHUNK):
                done = deed.perform(self.session.triage, ids[start : start + CHUNK], batch)
                changed += done.changed
                same += done.unchanged
                if not work.advance(len(ids[start : start + CHUNK])):
                    break
            return Done(batch, tuple(changed), tuple(same))

        self.long_work(work, run, lambda done: self.after(deed, done))

    def ask_and_do(self, question: Coroutine[object, object, Deed | None]) -> asyncio.Future[None]:
        """Run a conversation that ends in a deed, or in None."""

        async def conversation() -> None:
            deed = await question
            if deed is not None and await self._sure():
                await self.do(deed)

        return self.talk(conversation())

    async def _sure(self) -> bool:
        """A big run is asked about, with what it would touch."""
        ids = self.listing.subjects
        if len(ids) < MANY:
            return True
        first = await asyncio.to_thread(self.session.mentions.many, ids[:10])
        lines = [f"{one.author.handle or one.author.name}: {one.text}" for one in first]
        return await self.sure(f"On {shown.full(len(ids))} mentions?", [*lines, "…"])

    # The actions, in the order of the table

    def action_tag(self) -> asyncio.Future[None] | None:
        if self.entry:
            return self.ask_and_do(self._tag(self.entry))
        return None

    async def _tag(self, entry: Entry) -> Deed | None:
        known = await asyncio.to_thread(self.session.mentions.tags)
        suggested = [kind for kind, _ in entry.kinds if all(kind != name for name, _ in known)]
        choices = [Choice(name, name, f"on {shown.plural(n, 'mention')}") for name, n in known]
        choices += [Choice(kind, kind, "suggested for this one") for kind in suggested if "/" not in kind]
        before = () if self.listing.marks else entry.tags
        chosen = await self.ask(Choose(self._title("Tag"), choices, several=True, create=True, chosen=before))
        if chosen is None:
            return None
        come = [tag for tag in chosen if tag not in before]
        gone = [f"-{tag}" for tag in before if tag not in chosen]
        return Deed("tag", (*come, *gone)) if come or gone else None

    def action_assign(self) -> asyncio.Future[None] | None:
        if self.entry:
            return self.ask_and_do(self._assign())
        return None

    async def _assign(self) -> Deed | None:
        people = [Choice(name, name, note) for name, note in self.session.people()]
        chosen = await self.ask(Choose(self._title("Assign"), [*people, Choice("-", "nobody", "take it back")], create=True))
        if chosen is None:
            return None
        return Deed("assign", () if chosen == ("-",) else chosen[:1])

    async def action_take(self) -> None:
        await self.do(Deed("take"))

    def action_note(self) -> asyncio.Future[None] | None:
        if self.entry:
            return self.ask_and_do(self._note())
        return None

    async def _note(self) -> Deed | None:
        text = await self.ask(Write(self._title("Note")))
        return Deed("note", (text,)) if text else None

    def action_snooze(self) -> asyncio.Future[None] | None:
        if self.entry:
            return self.ask_and_do(self._snooze())
        return None

    async def _snooze(self) -> Deed | None:
        from listener.domain.when import describe, parse_when

        session = self.session

        def meaning(typed: str) -> str:
            now = session.clock()
            return describe(parse_when(typed, now, session.calendar), now, session.zone)

        typed = await self.ask(Ask(self._title("Snooze until"), check=meaning, placeholder="tomorrow 9 · mon 08:30 · in 2h · next opening"))
        if typed is None:
            return None
        until = parse_when(typed, session.clock(), session.calendar)
        return Deed("snooze", (str(until),), meaning(typed), typed)

    async def action_close_next(self) -> None:
        if len(self.listing.subjects) >= MANY and not await self._sure_beside("close-next"):
            return
        await self.do(Deed("close-next"))

    async def _sure_beside(self, action: str) -> bool:
        """A one-key action on very many rows becomes a question; the key itself does nothing yet."""

        async def question() -> Deed:
            return Deed(action)

        self.ask_and_do(question())
        return False

    async def action_reopen(self) -> None:
        await self.do(Deed("reopen"))

    async def action_confirm_kind(self) -> None:
        kinds = [kind for kind, _ in self.entry.kinds if "/" not in kind] if self.entry else []
        if not kinds:
            self.say("The machine suggests no kind for this one; tag it yourself.")
            return
        await self.do(Deed("confirm-kind", (kinds[0],)))

    def action_task_kind(self) -> asyncio.Future[None] | None:
        if self.entry:
            return self.ask_and_do(self._task_kind())
        return None

    async def _task_kind(self) -> Deed | None:
        choices = [*(Choice(kind.value, kind.value) for kind in TaskKind), Choice("", "none", "take it away")]
        chosen = await self.ask(Choose(self._title("Kind of task"), choices))
        return None if chosen is None else Deed("task-kind", tuple(word for word in chosen if word))

    async def action_severity_0(self) -> None:
        await self.do(Deed("severity", ("0",)))

    async def action_severity_1(self) -> None:
        await self.do(Deed("severity", ("1",)))

    async def action_severity_2(self) -> None:
        await self.do(Deed("severity", ("2",)))

    async def action_severity_3(self) -> None:
        await self.do(Deed("severity", ("3",)))

    async def action_severity_4(self) -> None:
        await self.do(Deed("severity", ("4",)))

    def action_sentiment(self) -> asyncio.Future[None] | None:
        if self.entry:
            return self.ask_and_do(self._sentiment())
        return None

    async def _sentiment(self) -> Deed | None:
        names = ("negative", "neutral", "positive")
        choices = [Choice(name, f"{shown.GLYPHS[name]} {name}") for name in names]  # type: ignore[index]
        chosen = await self.ask(Choose(self._title("Sentiment"), [*choices, Choice("", "as the machine says", "take yours back")]))
        return None if chosen is None else Deed("sentiment", tuple(word for word in chosen if word))

    def action_language(self) -> asyncio.Future[None] | None:
        if self.entry:
            return self.ask_and_do(self._language())
        return None

    async def _language(self) -> Deed | None:
        choices = [Choice(code, code, name) for code, name in LANGUAGES.items()]
        chosen = await self.ask(Choose(self._title("Language"), [*choices, Choice("", "unknown")], create=True))
        return None if chosen is None else Deed("language", tuple(word for word in chosen if word))

    def action_steps(self) -> asyncio.Future[None] | None:
        from tui.screens.steps import tick_steps

        if self.entry:
            return self.talk(tick_steps(self, "mention", self.entry.id, self.session.playbooks.for_mention(self.entry)))
        return None

    async def action_repeat(self) -> None:
        if self.session.last is None:
            self.say("There is nothing to repeat yet.")
        else:
            await self.do(self.session.last)

    def _title(self, what: str) -> str:
        n = len(self.listing.subjects)
        return what if n == 1 else f"{what} · {shown.full(n)} marked mentions"

    # Elsewhere

    def marked_entries(self) -> list[Entry]:
        """The mentions that an action is about. Raises InputError: there are none."""
        found = self.session.mentions.many(self.listing.subjects)
        if not found:
            raise InputError("There is no mention here.")
        return found
