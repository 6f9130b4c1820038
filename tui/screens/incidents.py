"""The incident board: what needs a person now comes first, with why, since when, and what to do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui import format as shown
from tui.screens import incident_text
from tui.screens.incident_work import IncidentWork
from tui.widgets.prompt import Choice, Choose
from tui.widgets.row_list import Row, RowList
from tui.widgets.volume_chart import VolumeChart

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.timer import Timer

    from listener.domain.incident import Incident
    from listener.engine.incidents import Curve, Line
    from listener.store.incident_facts import Facts
    from tui.screens.session import Session

READ_AFTER = 0.08
MOST = 300
"""Incidents listed; the further ones are long over, and `listener incidents` lists them all."""


class IncidentsScreen(IncidentWork):
    """A list of incidents, and beside it the one under the cursor: curve, numbers, people, timeline."""

    CSS_PATH = "incidents.tcss"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.rows = RowList("Incidents", "Nothing is going wrong. The watch looks at every topic all the time.")
        self._known: dict[int | str, Incident] = {}
        self._resting: Timer | None = None

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self.rows
            with Vertical(id="room"):
                yield VolumeChart()
                with VerticalScroll(id="reading", can_focus=True):
                    yield Static(id="said")
        yield from self.foot()

    def on_mount(self) -> None:
        self.query_one("#room").border_title = "Incident"
        self.query_one(VolumeChart).loudest = True
        self.rows.focus()
        self.changed(worked=True)

    def on_screen_resume(self) -> None:
        self.changed(worked=True)

    def changed(self, *, worked: bool) -> None:
        self.beside(self.session.incidents.board, self._show)

    def _show(self, found: list[Incident]) -> None:
        self._known = {one.id: one for one in found[:MOST]}
        now = self.session.clock()
        active = sum(one.active and not one.muted(now) for one in found)
        self.rows.show([Row(one.id, incident_text.row(one, now)) for one in self._known.values()], f"Incidents · {active} open · {len(found)} in all")

    # The one under the cursor

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        if self._resting:
            self._resting.stop()
        incident = self._known.get(event.id) if event.id is not None else None
        if incident is None:
            self.query_one(VolumeChart).buckets = ()
            self.query_one("#said", Static).update(Content.styled("Nothing is here.", "$muted"))
            return
        self._resting = self.set_timer(READ_AFTER, lambda: self._read(incident))

    def _read(self, incident: Incident) -> None:
        desk = self.session.incidents

        def read() -> tuple[Facts, list[Line], Curve]:
            return desk.facts(incident.id), desk.timeline(incident.id), desk.curve(incident.id)

        def show(read: tuple[Facts, list[Line], Curve]) -> None:
            facts, timeline, curve = read
            if self.rows.current == incident.id:
                self._draw(incident, curve)
                self.query_one("#said", Static).update(incident_text.whole(incident, facts, timeline, self.session.clock()))

        self.beside(read, show)

    def _draw(self, incident: Incident, curve: Curve) -> None:
        chart = self.query_one(VolumeChart)
        chart.buckets, chart.line = incident_text.buckets(curve), curve.bar
        said = f"{incident.topic or 'the desk'}: mentions an hour" + (f", a record is {round(curve.bar)}" if curve.bar else "")
        self.query_one("#room").border_title = Content(shown.one_line(said, 80))

    def on_row_list_opened(self, event: RowList.Opened) -> None:
        from tui.screens.incident_room import IncidentRoom

        if event.id in self._known:
            self.app.push_screen(IncidentRoom(self.session, int(event.id)), lambda _: self.changed(worked=True))

    @property
    def incident(self) -> Incident | None:
        current = self.rows.current
        return self._known.get(current) if current is not None else None

    @property
    def subjects(self) -> list[int]:
        return [int(one) for one in self.rows.subjects]

    def action_incident_merge(self) -> asyncio.Future[None] | None:
        ids = self.subjects
        if len(ids) < 2:
            self.say("Mark the incidents that are one; the cursor's takes the others in.")
            return None
        into = int(self.rows.current) if self.rows.current in ids else ids[0]

        async def conversation() -> None:
            others = [one for one in ids if one != into]
            lines = [f"{self._known[one].severity} {self._known[one].why}" for one in ids]
            if await self.sure(f"Make one incident of {len(ids)}?", lines, yes="merge"):
                await asyncio.to_thread(self.session.incidents.merge, into, others)
                self.rows.action_unmark()
                self.say("Merged; splitting takes one out again")
                self.changed(worked=True)

        return self.talk(conversation())

    def action_incident_split(self) -> asyncio.Future[None] | None:
        """Incidents that were merged in are taken out again; a part of the posts is split off in the room."""
        incident = self.incident
        if incident is None:
            return None

        async def conversation() -> None:
            merged = await asyncio.to_thread(self.session.incidents.rows.family_of, incident.id)
            others = [await asyncio.to_thread(self.session.incidents.get, one) for one in merged if one != incident.id]
            if not others:
                self.say("Nothing was merged into this one. ⏎ opens it; in its room a part of the posts can be split off.")
                return
            chosen = await self.ask(Choose("Take out which?", [Choice(str(one.id), f"{one.severity} {one.family}", one.why) for one in others]))
            if chosen:
                await asyncio.to_thread(self.session.incidents.unmerge, int(chosen[0]))
                self.changed(worked=True)

        return self.talk(conversation())
