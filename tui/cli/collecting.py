"""Putting a collector together: configuration, networks, store, engine. The composition root of everything that runs without a screen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from listener.engine import upkeep, wake
from listener.engine.arrivals import Reception
from listener.engine.automatic import Acknowledger, Csat
from listener.engine.collector import Collector, Part
from listener.engine.deep import DeepScoring
from listener.engine.folding import Copies
from listener.engine.follow import Follower
from listener.engine.ingest import Ingest
from listener.engine.notify import Notifier
from listener.engine.poller import Poller
from listener.engine.refresh import Refresh
from listener.engine.reopen import reopen_answered
from listener.engine.rules import Rules
from listener.engine.sender import Sender
from listener.errors import ConfigError
from listener.store.arrivals import Arrivals
from listener.store.checkpoints import Checkpoints, Leases
from listener.store.mentions import Mentions
from listener.store.people import People
from listener.store.threads import join_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from listener.analysis.understand import Reader
    from listener.config import Config
    from listener.source import Source
    from listener.store.connection import Store

_DEMO_HISTORY = 14 * 86_400_000
"""How far back the demo reads, ms: all that the sandbox remembers."""


def open_sources(config: Config, *, sandbox: Path | None = None, transport: Any = None, clock: Callable[[], int] | None = None) -> list[Source]:
    """Every enabled source, ready to be asked.

    Args:    sandbox: the folder of a sandbox's desk: its networks answer in this process instead of the internet's.
             transport, clock: of a sandbox that is open already, and its time in UTC ms.
    Raises:  ConfigError: a source that cannot be opened as it is configured.
    """
    from sources.catalogue import open_source
    from sources.http import Http
    from sources.opening import Context

    if sandbox is not None:
        transport = _sandbox(sandbox)
    times: dict[str, Any] = {"clock": lambda: clock() / 1000, "monotonic": lambda: clock() / 1000} if clock else {}
    http = Http(user_agent_contact=config.desk.contact, allow_hosts=config.desk.allow_hosts, transport=transport, **times)
    shared = Context("", http, look_back=_DEMO_HISTORY if transport else None)
    shared = replace(shared, clock=clock) if clock else shared
    return [open_source(setting, shared) for setting in config.sources if setting.enabled]


def open_named(config: Config, name: str) -> Source | None:
    """One source, to know what its network can do and how it counts; None when it is not configured. Raises ConfigError."""
    from sources.catalogue import open_source
    from sources.http import Http
    from sources.opening import Context

    setting = next((one for one in config.sources if (one.name or one.kind) == name), None)
    return open_source(setting, Context("", Http(allow_hosts=config.desk.allow_hosts))) if setting is not None else None


def _sandbox(folder: Path):  # type: ignore[no-untyped-def]  # httpx stays on the floor below
    from sources.sandbox.demo import demo_transport

    return demo_transport(folder, anew=True)


def reader_of(config: Config) -> Reader:
    """Whoever reads texts, as configured; loads its models at the first text. Raises InputError: the desk's own words cannot be read."""
    from listener.analysis.care import parse
    from listener.analysis.understand import Reader
    from listener.config.words import read_words, words_file

    own = read_words(config)
    return Reader(parse(own, name=str(words_file(config))).valences if own else None, care_layer=config.sentiment.care)


def watch_over(config: Config, store: Store) -> int:
    """Bring incidents up to date after something came in without a collector. How many are new."""
    from listener.engine.evidence import EvidenceDesk
    from listener.engine.watch import Watch

    moved = Watch(store, config).advance()
    EvidenceDesk(store, config).gather()
    return sum(one.before is None for one in moved)


def watching(config: Config, store: Store, opened: Sequence[Source], every: Mapping[str, int]) -> list[Part]:
    """The collector's parts that open and change incidents, and tell people."""
    from listener.engine.evidence import EvidenceDesk
    from listener.engine.hearing import Hearing
    from listener.engine.watch import Watch

    evidence = EvidenceDesk(store, config)
    hearing = Hearing(store, {source.name: every.get(source.name) or round(source.capabilities.pace * 1000) for source in opened})
    return [Watch(store, config, before=hearing.look, after=evidence.gather, unknown=hearing.unknown).run, Notifier(store, config).run]


def build(config: Config, store: Store, *, sandbox: Path | None = None, sources: Sequence[Source] | None = None, failed: Callable[[str], None] = lambda text: None) -> tuple[Collector, Poller]:
    """A collector and its poller. Raises ConfigError: nothing to collect, or a source that cannot be opened."""
    if not config.topics:
        raise ConfigError("The configuration has no topics, so there is nothing to listen for.", hint="`listener init` writes one with a brand; `listener watch NAME` needs none.")
    if not config.sources and not sources:
        raise ConfigError("The configuration has no sources, so there is nowhere to listen.", hint="`listener sources add` adds one.")
    opened = list(sources) if sources is not None else open_sources(config, sandbox=sandbox)
    every = {(setting.name or setting.kind): setting.every for setting in config.sources if setting.every}
    mentions = Mentions(store)
    ingest = Ingest(store, config.topics, reader_of(config), Copies(store), arrivals=Arrivals(store).put)
    csat, acknowledger = Csat(store, config, mentions, opened), Acknowledger(store, config, mentions, opened)
    people = People(store)
    rules = Rules(store, config, acknowledge=acknowledger.offer)
    reception = Reception(
        store, people.refresh, lambda ids: join_threads(store, ids), lambda ids: reopen_answered(store, mentions, csat.arrived(ids)), rules.apply, acknowledger.arrived,
        idle=people.catch_up,
    )  # fmt: skip
    poller = Poller(store, Checkpoints(store), ingest, opened, config.topics, every=every, arrived=reception.receive)

    def parts(fence: int) -> list[Part]:
        sender = Sender(store, mentions, opened, fence, holds=collector.holds)
        return [
            *watching(config, store, opened, every), sender.run, Refresh(store, mentions, ingest, opened).run, Follower(store, mentions, opened, poller.take).run, csat.run,
            reception.run, lambda stop: wake.run(store, mentions, stop), lambda stop: upkeep.run(store, config.retention, stop),
            *([DeepScoring(store, mentions, config.sentiment.onnx, failed).run] if config.sentiment.onnx else []),
        ]  # fmt: skip

    async def errand(fence: int) -> None:
        wake.wake_due(store, mentions)
        csat.ask()
        await Sender(store, mentions, opened, fence, holds=collector.holds).once()
        await Follower(store, mentions, opened, poller.take).once()

    collector = Collector(store, Leases(store), poller, parts, failed=failed, errand=errand)
    return collector, poller
