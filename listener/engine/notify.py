"""Who is told of an incident, when, and by which channel; grouped, repeated, held in quiet hours, tried again until it arrives.

What is to be told is a row before anything goes out, so a crash tells late or twice, never not at all; a failure stands in the incident's timeline.
"""

from __future__ import annotations

import asyncio
from itertools import groupby
from typing import TYPE_CHECKING, Any

from listener.config.alarms import Channel
from listener.domain.calendar import BusinessCalendar
from listener.domain.case import Severity
from listener.domain.duration import HOUR, about
from listener.domain.escalation import Told, call, loudness
from listener.domain.incident import IncidentState
from listener.engine.channels import ABSENT, Undelivered, deliver, osc, plain
from listener.errors import InputError
from listener.store.incidents import IncidentStore
from listener.store.notices import TERMINAL, Notice, Notices

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from listener.config import Config
    from listener.domain.escalation import Call
    from listener.domain.incident import Incident
    from listener.store.connection import Connection, Store

EVERY = 1.0
ATTEMPTS = 8
"""After so many failures a notice counts as failed; with the shipped pace that is an hour and a half later."""
MISSED_AFTER = HOUR
"""A terminal that was not open for so long does not ring for old news."""


class Notifier:
    """Tells people.

    Args:  send: (channel, title, text, facts, seconds); raises Undelivered.
    """

    def __init__(self, store: Store, config: Config, *, send: Callable[[Channel, str, str, dict[str, Any], float], None] = deliver) -> None:
        self._store = store
        self._config = config
        self._incidents = IncidentStore(store)
        self._notices = Notices(store)
        self._send = send
        quiet = config.notify.quiet_hours
        self._quiet = BusinessCalendar(quiet, config.desk.time_zone) if quiet else None

    async def run(self, stop: asyncio.Event) -> None:
        """Plan and deliver every second until told to stop."""
        while not stop.is_set():
            await asyncio.to_thread(self.turn)
            try:
                await asyncio.wait_for(stop.wait(), EVERY)
            except TimeoutError:
                continue

    def turn(self) -> int:
        """Write down what is to be told now, and deliver what is due. How many messages went out."""
        self.plan()
        return self.deliver()

    # -- what is to be told

    def plan(self) -> int:
        """Notices for everything that has to be told now. How many incidents."""
        now, planned = self._store.clock(), 0
        over = self._notices.over()
        if over:
            self._store.write(lambda connection: self._notices.forget(connection, over, now), durable=False)
        for incident in self._incidents.all(states=("open", "regressed", "acknowledged")):
            if self._hushed(incident, now):
                continue
            told = self._notices.told(incident.id)
            chain = self._config.escalation(incident.opened_at) or ((),)
            within = {str(name): wait for name, wait in self._config.incidents.acknowledge_within.items()}
            due = call(
                incident, told, now, steps=len(chain), within=within, repeat=self._config.incidents.repeat, changes=self._notices.changes(incident.id, now) if told.at else 0
            )  # fmt: skip
            if due is not None:
                people = tuple(dict.fromkeys(name for step in chain for name in step)) if due.reason == "still waiting" else chain[min(due.step, len(chain) - 1)]
                self._store.write(lambda connection, i=incident, d=due, p=people: self._note(connection, i, d, p, now), durable=False)  # type: ignore[misc]
                planned += 1
        return planned

    def _hushed(self, incident: Incident, now: int) -> bool:
        """Whether nobody is told: a rival's, history, muted, in a planned window, or of a topic that never pages."""
        if incident.role == "competitor" or incident.historic or incident.muted(now):
            return True
        own = self._config.incidents.topics.get(incident.topic)
        if own is not None and not own.page:
            return True
        return any(w.effect == "mute" and w.start <= now < w.end and w.topic in ("", incident.topic) for w in self._config.incidents.windows)

    def _note(self, connection: Connection, incident: Incident, due: Call, people: Sequence[str], now: int) -> None:
        channels = [channel for channel in self._config.notify.channels if self._fits(channel, incident, people)]
        at = self._not_before(incident, now)
        title, text = wording(incident, due, now)
        for channel in channels:
            self._notices.add(
                connection, channel.name, channel.kind, due.reason, title, text, at=at, incident_id=incident.id, people=people, urgency=loudness(incident).urgency
            )
        self._notices.tell(connection, incident.id, Told(incident.severity.urgency, now, due.step))
        if due.reason == "nobody acknowledged":
            self._incidents.journal.record(connection, "desk", "incident.notified", "incident", incident.id, rule="escalation",
                                           after={"text": f"nobody acknowledged: next {', '.join(people) or 'everybody'}", "step": due.step})  # fmt: skip
        if not channels:
            self._incidents.journal.record(connection, "desk", "incident.notify-failed", "incident", incident.id, after={"text": "no channel is configured for it"}, rule="notify")

    def _fits(self, channel: Channel, incident: Incident, people: Sequence[str]) -> bool:
        if loudness(incident) > Severity[channel.severity] or (channel.topics and incident.topic not in channel.topics):
            return False
        if not channel.people or not people:
            return True
        teams = self._config.teams()
        return bool({name for one in channel.people for name in teams.get(one, (one,))} & set(people))

    def _not_before(self, incident: Incident, now: int) -> int:
        """After the grouping; and not in quiet hours, but for what may break them."""
        at = now + self._config.notify.group
        if self._quiet is None or not self._quiet.is_open(at) or loudness(incident) <= Severity[self._config.notify.quiet_except]:
            return at
        return self._quiet.next_closing(at)

    # -- getting it there

    def deliver(self) -> int:
        """Send what is due: one message per channel. How many went out."""
        now, sent = self._store.clock(), 0
        self._drop_stale(now)
        channels = {channel.name: channel for channel in self._config.notify.channels}
        soon = [notice for notice in self._notices.waiting(now + self._config.notify.group) if notice.next_at <= now or not notice.attempts]
        for name, group in groupby(soon, key=lambda notice: notice.channel):
            notices = list(group)
            if all(notice.next_at > now for notice in notices):
                continue
            if notices[0].kind in TERMINAL:
                continue
            channel = channels.get(name)
            if channel is None:
                ids = [notice.id for notice in notices]
                self._store.write(lambda connection, ids=ids: self._notices.settle(connection, ids, "failed", error="the channel is no longer configured"), durable=False)  # type: ignore[misc]
                continue
            sent += self._deliver(channel, notices, now)
        return sent

    def _deliver(self, channel: Channel, notices: list[Notice], now: int) -> int:
        title, text = together(notices)
        facts = {"notices": [_fact(notice) for notice in notices]}
        try:
            self._send(channel, title, text, facts, self._config.notify.timeout / 1000)
        except Undelivered as error:
            words = str(error)
            self._store.write(lambda connection: self._failed(connection, notices, words, now), durable=False)
            return 0

        def done(connection: Connection) -> None:
            self._notices.settle(connection, [notice.id for notice in notices], "sent")
            for notice in notices:
                if notice.incident_id is not None:
                    told = f"{channel.name} told {', '.join(notice.people) or 'everybody'}: {notice.reason}"
                    self._incidents.journal.record(connection, "desk", "incident.notified", "incident", notice.incident_id, after={"text": told, "channel": channel.name}, rule="notify")

        self._store.write(done, durable=False)
        return 1

    def _failed(self, connection: Connection, notices: Sequence[Notice], error: str, now: int) -> None:
        for notice in notices:
            final = notice.attempts + 1 >= ATTEMPTS or ABSENT in error
            if final:
                self._notices.settle(connection, [notice.id], "failed", error=error)
            else:
                self._notices.retry(connection, notice.id, now + min(HOUR, self._config.notify.retry * 2**notice.attempts), error)
            if notice.incident_id is not None and (final or notice.attempts == 0):
                words = f"could not be told by {notice.channel}: {error}" + ("" if final else " It is tried again.")
                self._incidents.journal.record(connection, "desk", "incident.notify-failed", "incident", notice.incident_id, after={"text": words, "channel": notice.channel}, rule="notify")

    def _drop_stale(self, now: int) -> None:
        """What waited for the end of quiet hours or of a retry, and is no longer true, is not told; old news rings no bell."""
        dropped, missed = [], []
        for notice in self._notices.waiting(now):
            if notice.kind in TERMINAL and now - notice.next_at > MISSED_AFTER:
                missed.append(notice.id)
            elif notice.incident_id is not None and (notice.next_at - notice.made_at > self._config.notify.group or notice.attempts):
                state = self._incidents.get(notice.incident_id).state
                if state in (IncidentState.RESOLVED, IncidentState.ACKNOWLEDGED):
                    dropped.append(notice.id)
        if dropped or missed:

            def work(connection: Connection) -> None:
                self._notices.settle(connection, dropped, "dropped")
                self._notices.settle(connection, missed, "missed", error="no terminal was open")

            self._store.write(work, durable=False)


class Terminal:
    """A desk's terminal as a channel: it asks now and then what to ring for."""

    def __init__(self, store: Store, config: Config, operator: str) -> None:
        self._store = store
        self._config = config
        self._operator = operator
        self._notices = Notices(store)

    def take(self) -> list[Notice]:
        """What this operator's terminal is to ring for now, the worst first; it counts as told. Cheap while there is nothing."""
        now = self._store.clock()
        mine = [notice for notice in self._notices.waiting(now, kinds=TERMINAL) if not notice.people or self._operator in notice.people or not self._known()]
        if mine:
            self._store.write(lambda connection: self._notices.settle(connection, [notice.id for notice in mine], "sent"))
        return sorted(mine, key=lambda notice: (-notice.urgency, notice.id))

    def _known(self) -> bool:
        """Whether the configuration knows this operator: a desk of one, without names, rings for everything."""
        return any(one.name == self._operator for one in self._config.operators())


def ring(notices: Sequence[Notice], *, bell: bool = True) -> str:
    """What to write to a terminal for these notices: BEL, and a notification for those of the kind `osc`."""
    shown = [notice for notice in notices if notice.kind == "osc"]
    return ("\a" if bell and notices else "") + (osc(*together(shown)) if shown else "")


def test_channel(config: Config, name: str, send: Callable[[Channel, str, str, dict[str, Any], float], None] = deliver) -> str:
    """Send a test by one channel; what to say about it. Raises InputError: no such channel. Undelivered: in words."""
    channel = next((one for one in config.notify.channels if one.name == name), None)
    if channel is None:
        raise InputError(f"There is no channel {name!r}.", hint=f"Channels: {', '.join(one.name for one in config.notify.channels) or 'none'}.")
    title, text = f"{config.desk.name}: test", "This is a test of the channel " + channel.name + ". Nothing has happened."
    if channel.kind in TERMINAL:
        return "\a" if channel.kind == "bell" else osc(title, text)
    send(channel, title, text, {"test": True, "notices": []}, config.notify.timeout / 1000)
    return ""


def wording(incident: Incident, due: Call, now: int) -> tuple[str, str]:
    """The title and the text of a notice."""
    lead = {"opened": "", "worse": "worse: ", "came back": "it came back: ", "nobody acknowledged": "nobody has acknowledged: ", "still waiting": "still waiting: "}[due.reason]
    title = f"{incident.severity} {incident.topic or 'collector'}: {lead}{incident.family}"
    age = about(max(0, now - incident.opened_at))
    return plain(title, 160), f"{plain(incident.why, 600)}\nIncident {incident.id}, opened {age} ago. Acknowledge: listener incidents ack {incident.id}"


def together(notices: Sequence[Notice]) -> tuple[str, str]:
    """Several notices as one message; the worst gives the title."""
    ranked = sorted(notices, key=lambda notice: (-notice.urgency, notice.id))
    first = ranked[0]
    if len(ranked) == 1:
        return first.title, first.text
    return f"{first.title} (and {len(ranked) - 1} more)", "\n\n".join(f"{notice.title}\n{notice.text}" for notice in ranked)


def _fact(notice: Notice) -> dict[str, Any]:
    return {
        "incident": notice.incident_id, "severity": str(Severity.from_urgency(notice.urgency)), "reason": notice.reason, "title": notice.title, "text": notice.text,
        "people": list(notice.people), "at": notice.made_at,
    }  # fmt: skip
