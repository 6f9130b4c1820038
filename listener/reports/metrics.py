"""The desk's figures over a period: how fast it answers, how much is said, and how that stands against the rivals.

A figure belongs to the period in which its event happened: an answer when it was sent, a resolution when it was made, a mention when it
was written; a promise of the SLA belongs to its mention. Everything about the desk's work comes from the journal, by way of `Facts`.
Each figure names its formula, and `rows` opens what is behind it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from listener.errors import InputError
from listener.reports.figures import Net, Timing, net, share, timing
from listener.reports.sla import Judge, Sla, kept
from listener.store.facts import Facts
from listener.store.figures import Figures, Scope, Voice, days

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from listener.config import Config
    from listener.store.connection import Store
    from listener.store.filters import Filter

By = Literal["operator", "team", "tag", "network", "topic", "hour", "weekday"]
BY: tuple[By, ...] = ("operator", "team", "tag", "network", "topic", "hour", "weekday")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NOBODY = "(none)"
ROWS = 5_000
"""Rows that a figure opens at most; the figure says how many there are."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """First-contact resolution."""

    n: int = 0
    """Cases that were resolved."""
    answered: int = 0
    """Of those, cases that a person had answered."""
    first_contact: int = 0
    reopened: int = 0
    """Of those, cases that had been opened again before."""

    @property
    def rate(self) -> float | None:
        return share(self.first_contact, self.n)


@dataclass(frozen=True, slots=True)
class Engagement:
    likes: int
    reposts: int
    replies: int
    rate: float | None


@dataclass(frozen=True, slots=True)
class Reach:
    """An estimate."""

    value: int | None
    known: int
    """Authors whose followers are known."""
    authors: int


@dataclass(frozen=True, slots=True)
class ShareOfVoice:
    brand: int
    competitors: int
    by_topic: tuple[tuple[str, str, int], ...]
    """(topic, role, mentions), the most first."""
    sources: tuple[str, ...]
    """Those that are asked about all of them."""
    left_out: tuple[str, ...]
    """Sources that are asked about some only."""

    @property
    def value(self) -> float | None:
        return share(self.brand, self.brand + self.competitors)


class Metrics:
    """The figures of one period.

    Args:    topics: names; empty means the brand's own, for everything but the share of voice. sources: names; empty means all.
             tag, operator, team: only these. now: UTC ms, up to which promises have run.
    Raises:  InputError: a name that is not known. Every figure may raise StoreError.
    """

    def __init__(
        self, store: Store, config: Config, since: int, until: int, *,
        topics: Sequence[str] = (), sources: Sequence[str] = (), tag: str = "", operator: str = "", team: str = "", now: int | None = None,
    ) -> None:  # fmt: skip
        self.config, self.calendar, self._store = config, config.calendar(), store
        Facts(store).catch_up()
        self.figures = Figures(store)
        self.now = store.clock() if now is None else now
        self._topics, self._sources, self._tags = self.figures.topics(), self.figures.sources(), self.figures.tags()
        brand = tuple(id_ for id_, (_, role) in self._topics.items() if role == "brand")
        chosen = _ids("topic", topics, {name.casefold(): id_ for id_, (name, _) in self._topics.items()})
        operators = ((operator,) if operator else ()) + (self._members(team) if team else ())
        self.scope = Scope(
            since, until, chosen or brand or tuple(self._topics), _ids("source", sources, {name.casefold(): id_ for id_, name in self._sources.items()}),
            _ids("tag", [tag], {name: id_ for id_, name in self._tags.items()})[0] if tag else None, operators,
        )  # fmt: skip

    def _members(self, team: str) -> tuple[str, ...]:
        members = self.config.teams().get(team)
        if members is None:
            raise InputError(f"There is no team {team!r}.", hint=f"Teams: {', '.join(self.config.teams()) or 'none are configured'}.")
        return tuple(members) or ("",)

    def topic_names(self) -> list[str]:
        return [self._topics[id_][0] for id_ in self.scope.topics]

    def source_names(self) -> list[str]:
        """The sources that were chosen; all when none was."""
        return [self._sources[id_] for id_ in self.scope.sources or self._sources]

    # -- the work

    @cached_property
    def _answers(self) -> list[tuple[Any, ...]]:
        return self.figures.answered(self.scope)

    def first_response(self) -> Timing:
        rows = [row for row in self._answers if not row[2]]
        return timing(self.calendar, [row[0] for row in rows], [row[1] for row in rows])

    def average_response(self) -> Timing:
        return timing(self.calendar, [row[0] for row in self._answers], [row[1] for row in self._answers])

    @cached_property
    def _resolves(self) -> list[tuple[Any, ...]]:
        return self.figures.resolved(self.scope)

    def resolution(self) -> Timing:
        return timing(self.calendar, [row[0] for row in self._resolves], [row[1] for row in self._resolves])

    def first_contact(self) -> Resolved:
        return _first_contact(self._resolves)

    @cached_property
    def _judge(self) -> Judge:
        return Judge(self.config, self.calendar, self.now, self._stream_ids)

    def _stream_ids(self, name: str) -> frozenset[int]:
        """Ids of the period's mentions in a stream of the configuration."""
        from listener.domain.query.ast import Query, all_of
        from listener.domain.query.parse import parse
        from listener.store.mentions import Mentions

        setting = next((one for one in self.config.streams if one.name == name), None)
        if setting is None:
            return frozenset()
        return frozenset(Mentions(self._store).ids(_filter(Query(all_of([parse(setting.query).root, *self._period()])))))

    def sla(self) -> Sla:
        return self._judge.count(self.figures.promised(self.scope))

    # -- what is said

    @cached_property
    def _voices(self) -> dict[tuple[int, int], Voice]:
        return self.figures.voices(self.scope)

    @cached_property
    def voice(self) -> Voice:
        """Everything that was said in the scope."""
        return sum(self._voices.values(), Voice())

    def net_sentiment(self) -> Net:
        return net(self.voice)

    @cached_property
    def _reach(self) -> Reach:
        return Reach(*self.figures.reach(self.scope, self.scope.topics))

    def reach(self) -> Reach:
        return self._reach

    def engagement(self) -> Engagement:
        voice, reach = self.voice, self._reach.value
        return Engagement(voice.likes, voice.reposts, voice.replies, 100 * voice.engagement / reach if reach else None)

    def share_of_voice(self) -> ShareOfVoice:
        rivals = tuple(id_ for id_, (_, role) in self._topics.items() if role in ("brand", "competitor"))
        used, left_out = shared_sources(self.config, self._sources, {self._topics[id_][0] for id_ in rivals})
        wanted = tuple(id_ for id_ in used if not self.scope.sources or id_ in self.scope.sources)
        voices = self.figures.voices(replace(self.scope, topics=rivals, sources=wanted)) if rivals and wanted else {}
        counts = {id_: sum(voice.n for (topic, _), voice in voices.items() if topic == id_) for id_ in rivals}
        by_role = {role: sum(n for id_, n in counts.items() if self._topics[id_][1] == role) for role in ("brand", "competitor")}
        ordered = sorted(((*self._topics[id_], n) for id_, n in counts.items()), key=lambda row: (-row[2], row[0]))
        return ShareOfVoice(by_role["brand"], by_role["competitor"], tuple(ordered), tuple(self._sources[id_] for id_ in wanted), tuple(self._sources[id_] for id_ in left_out))

    # -- by

    def by(self, what: By) -> list[tuple[str, dict[str, Any]]]:
        """(name, figures) of each group: `first_response`, `average_response`, `resolution`, `first_contact`, `sla`, `voice`, where they make sense."""
        answers: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        resolves: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        who = {"operator": ("f.replied_by", "f.resolved_by"), "team": ("f.replied_by", "f.resolved_by")}.get(what)
        column = {"network": "f.source_id", "topic": "f.topic_id", "tag": "f.mention_id", "hour": "f.created_at", "weekday": "f.created_at"}.get(what, "")
        for rows, groups in (
            (self.figures.answered(self.scope, who[0] if who else column), answers),
            (self.figures.resolved(self.scope, who[1] if who else column), resolves),
        ):
            names = self._names(what, [row[-1] for row in rows])
            for row in rows:
                for name in names(row[-1]):
                    groups[name].append(row)
        promised = self._promised_by(what)
        voices = self._voices_by(what)
        found = {}
        for name in {*answers, *resolves, *promised, *voices}:
            first = [row for row in answers[name] if not row[2]]
            found[name] = {
                "first_response": timing(self.calendar, [row[0] for row in first], [row[1] for row in first]),
                "average_response": timing(self.calendar, [row[0] for row in answers[name]], [row[1] for row in answers[name]]),
                "resolution": timing(self.calendar, [row[0] for row in resolves[name]], [row[1] for row in resolves[name]]),
                "first_contact": _first_contact(resolves[name]),
                "sla": promised.get(name),
                "voice": voices.get(name),
            }
        order = {name: position for position, name in enumerate(WEEKDAYS)}
        return sorted(found.items(), key=lambda item: (order.get(item[0], 0) if what == "weekday" else 0, item[0]))

    def _names(self, what: By, values: Sequence[Any]) -> Callable[[Any], Iterable[str]]:
        """From the column by which a group is made to the names of its groups."""
        if what == "operator":
            return lambda value: (value or NOBODY,)
        if what == "team":
            teams: dict[str, list[str]] = defaultdict(list)
            for team, members in self.config.teams().items():
                for member in members:
                    teams[member].append(team)
            return lambda value: teams.get(value) or (NOBODY,)
        if what == "tag":
            tags = self.figures.tags_of(values)
            return lambda value: [self._tags[tag] for tag in tags.get(value, ())] or (NOBODY,)
        if what == "network":
            return lambda value: (self._sources[value],)
        if what == "topic":
            return lambda value: (self._topics[value][0],)
        cell = self._cell(what)
        return lambda value: (cell(value),)

    def _cell(self, what: By) -> Callable[[int], str]:
        local = self.calendar.local
        return (lambda at: f"{local(at).hour:02}") if what == "hour" else (lambda at: WEEKDAYS[local(at).weekday()])

    def _promised_by(self, what: By) -> dict[str, Sla]:
        """Promises have a mention, not a person: operators and teams keep those that they answered or resolved."""
        if what in ("operator", "team"):
            return {}
        rows = self.figures.promised(self.scope)
        states = self._judge.verdicts(rows)
        if what in ("hour", "weekday"):
            keys = [row[1] for row in rows]
        elif what == "tag":
            keys = [row[0] for row in rows]
        else:
            column = self.figures.filed([row[0] for row in rows], what)
            keys = [column[row[0]] for row in rows]
        names = self._names(what, keys)
        groups: dict[str, list[Any]] = defaultdict(list)
        for row, key in zip(rows, keys, strict=True):
            for name in names(key):
                groups[name].append(row)
        return {name: kept(members, states) for name, members in groups.items()}

    def _voices_by(self, what: By) -> dict[str, Voice]:
        if what in ("operator", "team"):
            return {}
        if what == "tag":
            return {self._tags[tag]: voice for tag, voice in self.figures.by_tag(self.scope).items()}
        if what in ("hour", "weekday"):
            return days(self.figures.by_bucket(self.scope), self._cell(what))
        position = 1 if what == "network" else 0
        found: dict[str, Voice] = {}
        for key, voice in self._voices.items():
            name = self._sources[key[1]] if position else self._topics[key[0]][0]
            found[name] = found.get(name, Voice()) + voice
        return found

    # -- the rows behind

    def rows(self, figure: str, part: str = "") -> tuple[Filter, int]:
        """(a list of the mentions behind a figure, how many there are).

        Args:    figure: a key of FORMULAS. part: for `sla` one of its states, for `net_sentiment` a label, for `share_of_voice` a topic.
        Raises:  InputError: no such figure.
        """
        from listener.store.mentions import Mentions

        if figure in ("first_response", "average_response"):
            found = [row[-1] for row in self.figures.answered(self.scope, "f.mention_id") if figure == "average_response" or not row[2]]
            return _listed(found)
        if figure in ("resolution", "first_contact_resolution"):
            resolved = self.figures.resolved(self.scope, "f.mention_id")
            return _listed([row[-1] for row in resolved if figure == "resolution" or _is_first_contact(row)])
        if figure == "sla":
            states = self._judge.verdicts(self.figures.promised(self.scope))
            return _listed([id_ for id_, state in states.items() if state == (part or "missed")])
        if figure not in ("volume", "net_sentiment", "share_of_voice", "engagement", "reach"):
            raise InputError(f"There is no figure {figure!r}.")
        filter_ = self._said(figure, part)
        return filter_, Mentions(self._store).count(filter_, cap=100_000, patient=True).n

    def _period(self) -> list[Any]:
        from listener.domain.query.ast import Field

        return [Field("since", _iso(self.scope.since)), Field("until", _iso(self.scope.until))]

    def _said(self, figure: str, part: str) -> Filter:
        from listener.domain.query.ast import Field, Node, Query, all_of, any_of, negate

        nodes: list[Node] = [*self._period(), negate(Field("is", "own"))]
        names = [part] if figure == "share_of_voice" and part else [self._topics[id_][0] for id_ in self.scope.topics]
        if set(self.scope.topics) != set(self._topics) or part:
            nodes.insert(0, any_of([Field("topic", name) for name in names]))
        if self.scope.sources:
            nodes.append(any_of([Field("source", self._sources[id_]) for id_ in self.scope.sources]))
        if self.scope.tag is not None:
            nodes.append(Field("tag", self._tags[self.scope.tag]))
        if figure == "net_sentiment" and part:
            nodes.append(Field("sentiment", part))
        return _filter(Query(all_of(nodes)), "engagement" if figure == "engagement" else "reach" if figure == "reach" else "newest")


def shared_sources(config: Config, sources: dict[int, str], topics: set[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """(sources that are asked about every one of these topics, the others): only the first compare like with like.

    What the configuration does not know, such as an import, counts as asked about all.
    """
    narrow = {}
    for setting in config.sources:
        if setting.topics and not topics <= set(setting.topics):
            narrow[setting.name or setting.kind] = True
    for topic in config.topics:
        if topic.sources and topic.name in topics:
            narrow |= {name: True for name in sources.values() if name not in topic.sources and any((one.name or one.kind) == name for one in config.sources)}
    used = tuple(id_ for id_, name in sources.items() if name not in narrow)
    return used, tuple(id_ for id_ in sources if id_ not in used)


def _is_first_contact(row: Sequence[Any]) -> bool:
    return row[2] is not None and row[3] is None


def _first_contact(rows: Sequence[tuple[Any, ...]]) -> Resolved:
    return Resolved(len(rows), sum(row[2] is not None for row in rows), sum(_is_first_contact(row) for row in rows), sum(row[4] > 0 for row in rows))


def _ids(kind: str, names: Sequence[str], known: dict[str, int]) -> tuple[int, ...]:
    found = []
    for name in names:
        if name.casefold() not in known:
            raise InputError(f"There is no {kind} {name!r}.", hint=f"Known: {', '.join(known)}." if known else "There is none yet.")
        found.append(known[name.casefold()])
    return tuple(found)


def _listed(ids: Sequence[int]) -> tuple[Filter, int]:
    from listener.store.filters import Filter

    return Filter(order="newest", folded=False, ids=tuple(ids[-ROWS:]) or (-1,)), len(ids)


def _filter(query: Any, order: Any = "newest") -> Filter:
    from listener.store.filters import Filter

    return Filter(query, order, folded=False)


def _iso(at: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
