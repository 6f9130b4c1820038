"""The room of one incident: the curve, every number with the posts behind it, what to do, and what was done."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from listener.domain.query.ast import Field, Query, Term
from listener.store.filters import Filter
from tui import format as shown
from tui.screens import incident_text
from tui.screens.incident_work import IncidentWork
from tui.widgets.prompt import Choice, Choose
from tui.widgets.row_list import Row, RowList
from tui.widgets.volume_chart import VolumeChart

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from listener.domain.incident import Incident
    from listener.engine.incidents import Curve, Line
    from listener.store.incident_facts import Facts
    from tui.screens.session import Session


EVERYTHING = Query()


@dataclass(frozen=True, slots=True)
class Door:
    """A number of the room, and the posts behind it."""

    title: str
    text: Content
    query: Query = EVERYTHING
    ids: tuple[int, ...] | None = None
    """Other posts than all of the evidence."""


class IncidentRoom(IncidentWork):
    """One incident, whole. The keys of the board work here on this incident."""

    CSS_PATH = "incident_room.tcss"

    def __init__(self, session: Session, id_: int) -> None:
        super().__init__(session)
        self._number = id_
        self._incident: Incident | None = None
        self.rows = RowList("Numbers: ⏎ opens the posts behind one", "No post belongs to it.")
        self._doors: dict[int | str, Door] = {}
        self._evidence: tuple[int, ...] = ()

    def compose(self) -> ComposeResult:
        with Vertical(id="head"):
            yield VolumeChart()
        with Horizontal(id="body"):
            yield self.rows
            with VerticalScroll(id="reading", can_focus=True):
                yield Static(id="said")
        yield from self.foot()

    def on_mount(self) -> None:
        self.query_one("#reading").border_title = "Incident"
        self.query_one(VolumeChart).loudest = True
        self.rows.focus()
        self.changed(worked=True)

    def changed(self, *, worked: bool) -> None:
        desk = self.session.incidents

        def read() -> tuple[Incident, Facts, list[Line], Curve, tuple[int, ...]]:
            return desk.get(self._number), desk.facts(self._number), desk.timeline(self._number), desk.curve(self._number), desk.evidence(self._number)

        def show(read: tuple[Incident, Facts, list[Line], Curve, tuple[int, ...]]) -> None:
            self._incident, facts, timeline, curve, self._evidence = read
            incident = self._incident
            chart = self.query_one(VolumeChart)
            chart.buckets, chart.line = incident_text.buckets(curve), curve.bar
            said = f"{incident.severity} {incident.topic or 'the desk'}: mentions an hour" + (f", a record is {round(curve.bar)}" if curve.bar else "")
            self.query_one("#head").border_title = Content(shown.one_line(said, 100))
            self.query_one("#said", Static).update(incident_text.whole(incident, facts, timeline, self.session.clock()))
            doors = doors_of(incident, facts, len(self._evidence))
            self._doors = dict(enumerate(doors))
            self.rows.show([Row(number, door.text) for number, door in self._doors.items()])

        self.beside(read, show)

    @property
    def incident(self) -> Incident | None:
        return self._incident

    @property
    def subjects(self) -> list[int]:
        return [self._number]

    def on_row_list_opened(self, event: RowList.Opened) -> None:
        door = self._doors.get(event.id)
        if door:
            ids = door.ids if door.ids is not None else self._evidence
            self.show_mentions(door.title, Filter(door.query, "newest", self.session.operator, folded=False, ids=ids))

    def action_back(self) -> None:
        self.dismiss()

    def action_incident_merge(self) -> asyncio.Future[None] | None:
        async def conversation() -> None:
            others = [one for one in await asyncio.to_thread(self.session.incidents.board) if one.id != self._number]
            chosen = await self.ask(Choose("Take in which?", [Choice(str(one.id), f"{one.severity} {one.topic} {one.family}", one.why) for one in others], several=True))
            if chosen:
                await asyncio.to_thread(self.session.incidents.merge, self._number, [int(one) for one in chosen])
                self.changed(worked=True)

        return self.talk(conversation())

    def action_incident_split(self) -> asyncio.Future[None] | None:
        """The posts behind the chosen number become an incident of their own."""
        door = self._doors.get(self.rows.current) if self.rows.current is not None else None
        if door is None:
            return None

        async def conversation() -> None:
            filter_ = Filter(door.query, ids=door.ids if door.ids is not None else self._evidence, folded=False)
            ids = await asyncio.to_thread(self.session.mentions.ids, filter_)
            if len(ids) in (0, len(self._evidence)):
                self.say("Choose a number that is a part of the posts: a language, a network, an author, a word.")
            elif await self.sure(f"Split off {shown.plural(len(ids), 'post')}?", [door.title], yes="split"):
                new = await asyncio.to_thread(self.session.incidents.split, self._number, ids, door.title)
                self.say(f"Incident {new.id} stands for itself now; merging takes it back")
                self.changed(worked=True)

        return self.talk(conversation())


def doors_of(incident: Incident, facts: Facts, evidence: int) -> list[Door]:
    """Every number that has posts behind it."""
    doors = [Door("Evidence", _line("posts", f"{shown.full(evidence)} in all"))] if evidence else []
    if incident.first_mention is not None:
        doors.append(Door("First post", _line("first", "the post that began it"), ids=(incident.first_mention,)))
    if facts.top:
        doors.append(Door("Loudest posts", _line("loudest posts", shown.full(len(facts.top))), ids=facts.top))
    doors += [Door(f"@{handle}", _line("author", f"@{handle}  {shown.short(followers)} followers, {shown.plural(posts, 'post')}"), Query(Field("author", handle)))
              for handle, followers, posts in facts.loudest]  # fmt: skip
    doors += [Door(f"Language {lang or 'unknown'}", _line("language", f"{lang or 'unknown'}  {n}"), Query(Field("lang", lang or "none"))) for lang, n in facts.languages]
    doors += [Door(f"On {source}", _line("network", f"{source}  {n}"), Query(Field("source", source))) for source, n in facts.sources]
    doors += [Door(f"“{term}”", _line("word", term), Query(Term(term, quoted=" " in term))) for term in incident.terms[:10]]
    doors += [Door(f"Copied {n} times", _line("copied", f"×{n}"), Query(Field("id", str(leader)))) for leader, n in facts.copies]
    return doors


def _line(name: str, text: str) -> Content:
    return Content.assemble((f"{name:<14} ", "$muted"), shown.one_line(text, 120))
