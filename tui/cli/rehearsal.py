"""A rehearsed crisis on the sandbox: its world, a collector that follows it, a crew that may be scripted, and the score.

Everything lives in the world's time, compressed: the database keeps its clock, so that every process that opens it sees the same hour.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from listener.domain.case import Severity
from listener.domain.drill import Expected, Mark, Run, score
from listener.domain.duration import MINUTE
from listener.errors import ListenerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from listener.config import Config
    from listener.domain.incident import Incident
    from listener.store.connection import Store
    from sources.sandbox.scenario import Scenario

DATABASE = "drill.db"
PLAN = "drill.json"
AHEAD = 20 * MINUTE
"""The history is collected in the world's last minutes before the story begins."""
SENDS = 0.05
"""Seconds that a reply gets to go out before the world's clock moves on."""


@dataclass(slots=True)
class WorldClock:
    """The world's time: it stands, or runs at a pace."""

    at: int
    """UTC ms."""
    anchor: float = 0.0
    speed: float = 0.0

    def __call__(self) -> int:
        return self.at + int((time.time_ns() / 1e6 - self.anchor) * self.speed) if self.speed else self.at

    def run(self, speed: float) -> None:
        self.at, self.anchor, self.speed = self(), time.time_ns() / 1e6, speed


@dataclass(slots=True)
class Rehearsal:
    """One drill in a folder of its own.

    Args:  start: UTC ms, where the story's minute 0 lies.
    """

    folder: Path
    scenario: Scenario
    start: int
    clock: WorldClock
    config: Config
    store: Store
    turn: Callable[[], Any]
    """One round of the collector; a coroutine."""
    close: Callable[[], Any]
    told: set[int] = field(default_factory=set)

    @property
    def end(self) -> int:
        return self.start + int(self.scenario.minutes * MINUTE)

    @property
    def topic(self) -> str:
        return _topic_of(self.scenario)


def _topic_of(scenario: Scenario) -> str:
    from sources.sandbox.post import BRANDS

    return next(brand.name for brand in BRANDS if brand.key == scenario.truth.topic)


def build_rehearsal(folder: Path, name: str, *, seed: int = 7, start: int | None = None) -> Rehearsal:
    """Write the desk, open the world, and a collector over both. Raises InputError, ConfigError."""
    from listener.config import load
    from listener.engine.evidence import EvidenceDesk
    from listener.engine.hearing import Hearing
    from listener.engine.notify import Notifier
    from listener.engine.sender import Sender
    from listener.engine.watch import Watch
    from listener.store.checkpoints import Leases
    from listener.store.connection import Store
    from listener.store.mentions import Mentions
    from listener.store.names import Topics
    from sources.sandbox.demo import prepare
    from sources.sandbox.opening import open_world
    from sources.sandbox.scenario import load as load_story
    from sources.sandbox.transport import SandboxTransport
    from tui.cli.collecting import build, open_sources

    story = load_story(name)
    begin = start if start is not None else time.time_ns() // 1_000_000
    clock = WorldClock(begin - AHEAD)
    config = load(prepare(folder))
    internet = open_world(seed=seed, zone=config.desk.time_zone, scenario=story, start=begin, clock=clock)
    store = Store(folder / DATABASE, clock=clock)
    Topics(store).put(list(config.topics))
    opened = open_sources(config, transport=SandboxTransport(internet), clock=clock)
    _, poller = build(config, store, sources=opened)
    leases, holder, mentions = Leases(store), f"drill:{os.getpid()}", Mentions(store)
    fence = leases.take("collector", holder, 10 * MINUTE) or 1
    poller.fence = fence
    paces = {(setting.name or setting.kind): setting.every or MINUTE for setting in config.sources}
    evidence, hearing = EvidenceDesk(store, config), Hearing(store, paces)
    watch = Watch(store, config, before=hearing.look, after=evidence.gather, unknown=hearing.unknown)
    notifier, sender = Notifier(store, config), Sender(store, mentions, opened, fence)

    async def turn() -> int:
        leases.take("collector", holder, 10 * MINUTE)
        result = await poller.once()
        await sender.step()
        await asyncio.sleep(SENDS)
        if clock.at > begin - AHEAD or clock.speed:
            await asyncio.to_thread(watch.look)
            await asyncio.to_thread(notifier.turn)
        return result.new + int(result.more)

    async def close() -> None:
        await poller.aclose()
        leases.release("collector", holder)
        store.close()

    plan = {"scenario": name, "start": begin, "seed": seed}
    (folder / PLAN).write_text(json.dumps(plan), encoding="utf-8")
    return Rehearsal(folder, story, begin, clock, config, store, turn, close)


async def collect_history(drill: Rehearsal) -> int:
    """Two weeks of ordinary days, so that the watch is armed. How many mentions."""
    from listener.store.mentions import Mentions

    for _ in range(400):
        if not await drill.turn() and drill.clock.at > drill.start - AHEAD:
            break
        drill.clock.at = min(drill.start, drill.clock.at + 5_000)
    drill.clock.at = drill.start
    return Mentions(drill.store).newest_id()


def keep_clock(drill: Rehearsal, speed: float) -> None:
    """Let the world run, and every process that opens the database with it."""
    from listener.store.checkpoints import Settings

    drill.clock.run(speed)
    Settings(drill.store).put("clock", f"{drill.clock.at} {drill.clock.anchor} {speed}")


class ScriptedCrew:
    """A crew that does what a good one does, a few minutes late: for trying scenarios out, and for tests."""

    def __init__(self, drill: Rehearsal, *, looks_after: int = 3 * MINUTE, answers_after: int = 12 * MINUTE) -> None:
        from listener.engine.incidents import Incidents

        self._drill = drill
        self._board = Incidents(drill.store, "iris")
        self._looks, self._answers = looks_after, answers_after
        self._answered = False

    def act(self) -> None:
        """What it does at this moment."""
        drill, now = self._drill, self._drill.clock()
        truth = drill.scenario.truth
        over = drill.start + int(truth.over * MINUTE)
        for incident in self._board.board(states=("open", "regressed", "acknowledged"), topic=drill.topic):
            seen = self._opened(incident)
            if incident.state != "acknowledged" and now - seen >= self._looks:
                self._board.ack(incident.id)
                if not truth.real:  # the playbook of a false alarm: say how bad it is, and hear of it again only when it gets worse
                    self._board.severity(incident.id, Severity.SEV4)
                    self._board.mute(incident.id)
            if not truth.real and now - seen >= self._answers:
                self._board.resolve(incident.id, "Nothing is wrong: read the loudest posts.", real=False)
            if truth.real and not self._answered and now - seen >= self._answers:
                self._answered = self._answer(incident)
            if truth.real and now >= over + 20 * MINUTE:
                self._board.resolve(incident.id, "The cause is mended, and it is calm again.", real=True)

    def _opened(self, incident: Incident) -> int:
        lines = self._board.rows.journal.of("incident", incident.id)
        return max((line.at for line in lines if line.action in ("incident.opened", "incident.regressed", "incident.worse")), default=incident.opened_at)

    def _answer(self, incident: Incident) -> bool:
        from listener.engine.replies import Replies
        from listener.store.mentions import Mentions
        from tui.cli.collecting import open_named

        config = self._drill.config
        replies = Replies(self._drill.store, "iris", config, lambda name: open_named(config, name))
        for entry in Mentions(self._drill.store).many(self._board.evidence(incident.id)[:50]):
            try:
                if replies.can_reply(entry):
                    draft = replies.open_draft(entry.id, take=True)
                    replies.submit(draft.id, text="We are sorry. We are looking into it right now and will say more within half an hour.", now=True, force=True)
                    return True
            except ListenerError:
                continue
        return False


def marks_of(store: Store, scenario: Scenario, start: int, ended: int, config: Config) -> tuple[tuple[Mark, ...], Run]:
    """The score of what the database says was done."""
    truth = scenario.truth
    severity = Severity(truth.severity)
    within = config.incidents.acknowledge_within.get(str(severity or Severity.SEV2), 15 * MINUTE)  # type: ignore[call-overload]
    expected = Expected(truth.real, start + int(truth.began * MINUTE), start + int(truth.over * MINUTE), severity, ended, within)
    run = measure(store, _topic_of(scenario), start, truth.real)
    return score(expected, run), run


def measure(store: Store, topic: str, start: int, real: bool) -> Run:
    """What happened since the story began, by the journal, the outbox and the log of notices."""
    from listener.engine.incidents import Incidents
    from listener.store.notices import Notices

    board = Incidents(store, "")
    own = [incident for incident in board.board(topic=topic) if incident.opened_at >= start and not incident.historic]
    ids = {incident.id for incident in own}
    lines = [line for incident in own for line in board.timeline(incident.id)]

    def first(*actions: str) -> int | None:
        return min((line.at for line in lines if line.action in actions), default=None)

    def last(*actions: str) -> int | None:
        return max((line.at for line in lines if line.action in actions), default=None)

    replied = min((at for incident in own if (at := board.facts(incident.id).replied)), default=None)
    notices = [notice for notice in Notices(store).log(limit=10_000) if notice.made_at >= start]
    active = any(incident.active for incident in own)
    answers = [incident.real for incident in own if incident.real is not None]
    worst = min((incident.severity for incident in own if incident.severity), default=Severity.NONE)
    wrong = {(notice.incident_id, notice.made_at) for notice in notices if (notice.incident_id is not None and notice.incident_id not in ids) or (not real and notice.urgency >= Severity.SEV2.urgency)}
    return Run(
        detected=first("incident.opened", "incident.regressed"), acknowledged=first("incident.ack"), replied=replied,
        resolved=None if active else last("incident.resolve", "incident.resolved"), called_real=answers[-1] if answers else None, severity=worst,
        pages=len({(notice.incident_id, notice.made_at) for notice in notices}), wrong_pages=len(wrong),
    )  # fmt: skip
