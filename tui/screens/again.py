"""The same again: recording a macro, playing one after a look at what it would do, and handing mentions to a command."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from listener.errors import InputError
from tui import format as shown
from tui.screens.sheet import Sheet
from tui.screens.working import Working
from tui.widgets import toast
from tui.widgets.progress import Work
from tui.widgets.prompt import Ask, Choice, Choose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.engine.macros import Macro, Macros
    from listener.engine.pipe import Outcome
    from listener.store.cases import Done

LOOKED_AT = 40
"""Mentions of which a macro's effect is listed before it is played."""


class Again(Working):
    """A screen on which work can be recorded and repeated."""

    @property
    def _macros(self) -> Macros:
        from listener.engine.macros import Macros

        return Macros(self.session.config_path.with_name("macros.json"))

    def action_macro_record(self) -> None:
        if self.session.recording is None:
            self.session.recording = []
            self.say("Recording: what you do to mentions now becomes a macro. The same key ends it.")
        else:
            self.talk(self._name_recording())

    async def _name_recording(self) -> None:
        from listener.engine.macros import ACTS, Macro, Step

        recorded, self.session.recording = self.session.recording or [], None
        steps = tuple(Step(deed.action, (deed.typed,) if deed.typed else deed.words) for deed in recorded if deed.action in ACTS)
        if not steps:
            self.say("Nothing was recorded.")
            return
        name = await self.ask(Ask(f"Name this macro · {shown.plural(len(steps), 'step')}", check=lambda typed: f"{typed}: {'; '.join(map(str, steps))}"))
        if name:
            await asyncio.to_thread(self._macros.save, Macro(name, steps))
            self.say(f"Macro {shown.one_line(name, 40)} saved")

    def action_macro_play(self) -> None:
        if self.session.past is not None:
            self.say("This is the past, and it stays as it was. esc comes back to the present.")
        elif self.entry:
            self.talk(self._play())

    async def _play(self) -> None:
        from listener.engine.macros import preview

        session, ids = self.session, list(self.listing.subjects)
        macros = await asyncio.to_thread(self._macros.all)
        if not macros:
            self.say("There is no macro yet: record one first.")
            return
        chosen = await self.ask(Choose(self._title("Play macro"), [Choice(one.name, one.name, str(one)) for one in macros]))
        if not chosen:
            return
        macro = next(one for one in macros if one.name == chosen[0])
        mentions = await asyncio.to_thread(session.mentions.many, ids[:LOOKED_AT])
        would = preview(macro, mentions, session.clock(), session.calendar, session.operator)
        lines = [f"{text}  ·  @{one.author.handle}: {one.text}" for one, (_, text) in zip(mentions, would, strict=True)]
        more = [f"… and {shown.full(len(ids) - len(lines))} more"] if len(ids) > len(lines) else []
        if await self.sure(f"{macro.name} on {shown.plural(len(ids), 'mention')}?", [*lines[:8], *([f"… {shown.full(len(ids) - 8)} more"] if len(ids) > 8 else more)]):
            self._run(macro, ids)

    def _run(self, macro: Macro, ids: Sequence[int]) -> None:
        session, now = self.session, self.session.clock()

        def run(work: Work) -> Done:
            from listener.engine.macros import play

            return play(session.triage, ids, macro, now, session.calendar, work.advance)

        def done(what: Done) -> None:
            self.reload()
            toast.tell_undo(self.app, f"{shown.one_line(macro.name, 40)}: {shown.plural(len(what.changed), 'mention')} changed")

        self.long_work(Work(f"{macro.name}: {shown.plural(len(ids), 'mention')}", len(ids)), run, done)

    def action_pipe(self) -> None:
        if self.entry:
            self.talk(self._pipe())

    async def _pipe(self) -> None:
        from listener.domain.plain import mention_row
        from listener.engine.pipe import arguments, pipe

        typed = await self.ask(Ask(self._title("Pipe as JSON to"), check=lambda text: " · ".join(arguments(text)), placeholder="jq length · /home/me/bin/ticket --team sales"))
        if not typed:
            return

        def run() -> Outcome:
            return pipe(arguments(typed), [mention_row(one) for one in self.marked_entries()])

        self.beside(run, lambda outcome: self._answer(typed, outcome))

    def _answer(self, typed: str, outcome: Outcome) -> None:
        from textual.content import Content

        if outcome.code is None:
            self.fail(InputError(f"{typed!r} took longer than {outcome.seconds:.0f} s and was ended."))
            return
        text = "\n".join(part for part in (outcome.out.strip(), outcome.err.strip()) if part)
        ended = "" if outcome.code == 0 else f" (exit code {outcome.code})"
        if text:
            self.app.push_screen(Sheet(f"{typed}{ended}", Content(shown.clean(text, 100_000, lines=True) + ("\n… cut" if outcome.cut else ""))))
        else:
            self.say(f"Done: {shown.one_line(typed, 60)}{ended}")
