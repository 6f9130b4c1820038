"""Working on incidents: what the board and the room of one have in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from listener.domain.case import Severity
from tui import commands
from tui.screens.base import DeskScreen
from tui.widgets.prompt import Ask, Choice, Choose, Write

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from textual.binding import BindingType

    from listener.domain.incident import Incident


class IncidentWork(DeskScreen):
    """A screen on which incidents can be worked on."""

    ROOM: ClassVar[str] = "incidents"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("desk", "board")

    @property
    @abstractmethod
    def incident(self) -> Incident | None:
        """The one that questions are about."""

    @property
    @abstractmethod
    def subjects(self) -> list[int]:
        """Those that an action is about."""

    def _act(self, act: Callable[[int], object], said: str) -> None:
        ids = self.subjects

        def run() -> None:
            for one in ids:
                act(one)

        def then(_: None) -> None:
            self.say(said if len(ids) == 1 else f"{said} ({len(ids)})")
            self.changed(worked=True)

        self.beside(run, then)

    def action_incident_ack(self) -> None:
        self._act(self.session.incidents.ack, "Yours: no further chasing, unless it gets worse")

    def action_incident_reopen(self) -> None:
        self._act(self.session.incidents.reopen, "Open again")

    def action_incident_resolve(self) -> asyncio.Future[None] | None:
        async def conversation() -> None:
            cause = await self.ask(Ask("It is over. What was it?", placeholder="a late aircraft; mended at 04:10"))
            if not cause:
                return
            answers = [Choice("yes", "yes", "it needed a person"), Choice("no", "no", "a false alarm; the noise is measured by this"), Choice("", "cannot say")]
            real = await self.ask(Choose("Was it real?", answers))
            if real is not None:
                verdict = {"yes": True, "no": False}.get(real[0])
                self._act(lambda one: self.session.incidents.resolve(one, cause, real=verdict), "Resolved")

        if self.incident:
            return self.talk(conversation())
        return None

    def action_incident_owner(self) -> asyncio.Future[None] | None:
        async def conversation() -> None:
            people = [Choice(name, name, note) for name, note in self.session.people()]
            chosen = await self.ask(Choose("Who is on it?", [*people, Choice("", "nobody")], create=True))
            if chosen is not None:
                self._act(lambda one: self.session.incidents.assign(one, chosen[0]), f"Given to {chosen[0] or 'nobody'}")

        if self.incident:
            return self.talk(conversation())
        return None

    def action_incident_mute(self) -> asyncio.Future[None] | None:
        from listener.domain.when import describe, parse_when

        session = self.session

        def meaning(typed: str) -> str:
            now = session.clock()
            return "until it gets worse" if typed == "worse" else describe(parse_when(typed, now, session.calendar), now, session.zone)

        async def conversation() -> None:
            if self.incident and self.incident.muted(session.clock()):
                self._act(session.incidents.unmute, "No longer muted")
                return
            typed = await self.ask(Ask("Mute until", check=meaning, text="worse", help_="worse: until it gets worse · or a time: in 2h"))
            if typed:
                until = 0 if typed == "worse" else parse_when(typed, session.clock(), session.calendar)
                self._act(lambda one: session.incidents.mute(one, until), f"Muted: {meaning(typed)}")

        if self.incident:
            return self.talk(conversation())
        return None

    def action_incident_note(self) -> asyncio.Future[None] | None:
        async def conversation() -> None:
            text = await self.ask(Write("Note for the timeline"))
            if text:
                self._act(lambda one: self.session.incidents.note(one, text), "Noted")

        if self.incident:
            return self.talk(conversation())
        return None

    def action_incident_severity(self) -> asyncio.Future[None] | None:
        async def conversation() -> None:
            choices = [Choice(str(one.value), str(one)) for one in Severity if one.value]
            chosen = await self.ask(Choose("How bad is it?", [*choices, Choice("0", "as the watch says")]))
            if chosen:
                self._act(lambda one: self.session.incidents.severity(one, Severity(int(chosen[0]))), "Severity set")

        if self.incident:
            return self.talk(conversation())
        return None

    def action_steps(self) -> asyncio.Future[None] | None:
        from tui.screens.steps import tick_steps

        incident = self.incident
        if incident:
            return self.talk(tick_steps(self, "incident", incident.id, self.session.playbooks.for_incident(incident)))
        return None
