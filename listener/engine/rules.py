"""Automatic rules: when a mention fits, then do this. In the order of the file, each at most once for a mention, journalled with its name.

A rule fills in what nobody has decided; what a person has decided stays. So it gives no case away that somebody has, moves no due
time that somebody has set, and makes nothing less severe. What an earlier rule of the same pass decided, a later one may change.

Times are counted from when the mention was written: a lead of 03:00 that comes in at 10:00 was due at opening, and is late. One that
is older than a day when it comes in (the first poll of a new desk, a week without the machine) is new to the desk only now, and
its times count from now; nobody is notified of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from listener.domain.case import Severity, State, TaskKind, tag_name
from listener.domain.duration import DAY
from listener.domain.query.ast import Field, Not, Query, all_of
from listener.domain.query.conditions import Context
from listener.domain.query.match import Matcher
from listener.domain.query.parse import parse
from listener.domain.when import parse_when
from listener.engine.telling import Teller
from listener.errors import InputError
from listener.store.cases import Cases
from listener.store.filters import Filter
from listener.store.journal import Journal, new_batch
from listener.store.mentions import Mentions
from listener.store.rulings import Rulings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from listener.config import Config, RuleSetting
    from listener.domain.mention import Entry
    from listener.store.cases import Work
    from listener.store.connection import Connection, Store

OPERATOR = "desk"
"""Who stands in the journal beside a rule's name."""
CHUNK = 200
"""Mentions dealt with in one transaction."""
_WORK = frozenset({"tag", "assignee", "severity", "state", "is", "has"})
"""What a rule may ask and an earlier one may have changed."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What one rule did to one mention, or would do."""

    rule: str
    mention: int
    changes: tuple[tuple[str, Any], ...]
    """(field, its new value) of what is different now."""
    note: str = ""
    notify: tuple[str, ...] = ()
    acknowledge: bool = False
    dry: bool = False
    """Only noted, because the rule or the run is a dry one."""

    def __str__(self) -> str:
        said = [f"{name.removesuffix('_at')} {_said(value)}" for name, value in self.changes]
        said += [f"note {self.note!r}"] if self.note else []
        said += [f"tell {', '.join(self.notify)}"] if self.notify else []
        said += ["acknowledge"] if self.acknowledge else []
        return "; ".join(said) or "nothing new"


class Rules:
    """The rules of a configuration on a database.

    Args:    acknowledge: answers automatically within its own limits: (ids, rule).
    Raises:  QueryError: a rule's `when` cannot be read.
    """

    def __init__(
        self, store: Store, config: Config, *, acknowledge: Callable[[Sequence[int], str], object] = lambda ids, rule: None
    ) -> None:  # fmt: skip
        self._store = store
        self._config = config
        self._mentions = Mentions(store)
        self._cases = Cases(store)
        self._journal = Journal(store)
        self._rulings = Rulings(store)
        self._calendar = config.calendar()
        self._teller = Teller(store, config)
        self._acknowledge = acknowledge
        self.rules = config.rules
        self._queries = [parse(rule.when) if rule.when.strip() else Query() for rule in config.rules]
        context = Context(store.clock, self._calendar.zone, OPERATOR, self._calendar.is_open, self._ask)
        self._all = Matcher(dict(enumerate(self._queries)), context)
        self._single = {number: Matcher({0: query}, context) for number, query in enumerate(self._queries) if query.fields & _WORK}

    # -- doing

    def apply(self, ids: Sequence[int], *, only: str = "", dry_run: bool = False, batch: str = "") -> list[Deed]:
        """Deal with mentions; what a rule has dealt with already it leaves alone.

        Args:  only: no rule but this one. dry_run: change nothing, write nothing. batch: one undo for everything.
        """
        deeds: list[Deed] = []
        for start in range(0, len(ids) if self.rules else 0, CHUNK):
            entries = [entry for entry in self._mentions.many(ids[start : start + CHUNK]) if _eligible(entry)]
            fitting = {entry.id: frozenset(self._all.match(entry)) for entry in entries}
            if not any(fitting.values()) and not self._single:
                continue
            deeds += self._preview(entries, fitting, only) if dry_run else self._do(entries, fitting, only, batch)
        return deeds

    def walk(self, since: int, *, only: str = "", dry_run: bool = False) -> Iterator[Deed]:
        """Deal with everything that was written since a time and is not resolved, oldest first, as one undo."""
        batch = new_batch()
        query = Query(all_of([Field("since", datetime.fromtimestamp(since / 1000, UTC).isoformat()), Not(Field("state", "resolved"))]))
        waiting: list[int] = []
        for entry in self._mentions.walk(Filter(query, "oldest")):
            waiting.append(entry.id)
            if len(waiting) == CHUNK:
                yield from self.apply(waiting, only=only, dry_run=dry_run, batch=batch)
                waiting = []
        yield from self.apply(waiting, only=only, dry_run=dry_run, batch=batch)

    def fits(self, number: int, entries: Iterable[Entry]) -> list[Entry]:
        """Those that a rule's condition fits, whatever other rules say."""
        context = Context(self._store.clock, self._calendar.zone, OPERATOR, self._calendar.is_open, self._ask)
        matcher = Matcher({0: self._queries[number]}, context)
        return [entry for entry in entries if _eligible(entry) and matcher.match(entry)]

    def _do(self, entries: Sequence[Entry], fitting: dict[int, frozenset[int]], only: str, batch: str) -> list[Deed]:
        def work(connection: Connection) -> list[Deed]:
            known = self._rulings.of(connection, [entry.id for entry in entries])
            batches: dict[str, str] = {}
            done: list[Deed] = []
            for entry in entries:
                for deed in self._deeds(entry, fitting[entry.id], only, known.get(entry.id, set()), connection):
                    self._carry_out(connection, deed, entry, batch or batches.setdefault(deed.rule, new_batch()))
                    done.append(deed)
            return done

        deeds = self._store.write(work, durable=False)
        by_id = {entry.id: entry for entry in entries}
        for deed in deeds:
            if deed.acknowledge and not deed.dry and self._fresh(by_id[deed.mention]):
                self._acknowledge([deed.mention], deed.rule)
        return deeds

    def _preview(self, entries: Sequence[Entry], fitting: dict[int, frozenset[int]], only: str) -> list[Deed]:
        known = self._rulings.of(self._store.read(), [entry.id for entry in entries])
        return [replace(deed, dry=True) for entry in entries for deed in self._deeds(entry, fitting[entry.id], only, known.get(entry.id, set()), None)]

    def _carry_out(self, connection: Connection, deed: Deed, entry: Entry, batch: str) -> None:
        self._rulings.remember(connection, deed.mention, deed.rule)
        if deed.dry:
            said = dict(deed.changes) | {name: value for name, value in (("note", deed.note), ("notify", deed.notify), ("acknowledge", deed.acknowledge)) if value}
            self._journal.record(connection, OPERATOR, "rule.dry", "mention", deed.mention, after=said, rule=deed.rule, batch=batch)
            return
        if deed.changes:
            values = dict(deed.changes)
            self._cases.change_in(connection, [deed.mention], OPERATOR, _action(values), lambda work: _changed(work, values), batch=batch, rule=deed.rule, with_folded=True)
        if deed.note:
            self._cases.add_note_in(connection, deed.mention, OPERATOR, deed.note, batch=batch, rule=deed.rule)
        if deed.notify and self._fresh(entry):
            self._teller.tell(connection, deed.notify, entry, deed.rule)
            self._journal.record(connection, OPERATOR, "rule.notify", "mention", deed.mention, after={"notify": deed.notify}, rule=deed.rule, batch=batch)

    # -- deciding

    def _deeds(self, entry: Entry, fitting: frozenset[int], only: str, known: set[str], connection: Connection | None) -> Iterator[Deed]:
        """What the rules make of a mention, each on what the ones before it left."""
        now, decided = entry, set[str]()
        for number, rule in enumerate(self.rules):
            if only and rule.name != only:
                continue
            single = self._single.get(number)
            if not (single.match(now) if single is not None and now is not entry else number in fitting):
                continue
            if rule.name not in known:
                values = self._values(now, rule, decided, connection)
                changes = tuple((name, value) for name, value in values.items() if value != _value(now, name))
                yield Deed(rule.name, entry.id, changes, rule.then.note.strip(), rule.then.notify, rule.then.acknowledge, rule.dry_run)
                if not rule.dry_run:
                    decided |= values.keys()
                    now = _as(now, dict(changes))
            if rule.stop:
                return

    def _values(self, entry: Entry, rule: RuleSetting, decided: set[str], connection: Connection | None) -> dict[str, Any]:
        """The fields that a rule wants, and may have."""
        then = rule.then
        values: dict[str, Any] = {}
        if then.tag:
            names = [tag_name(tag) for tag in then.tag]
            values["tags"] = (*entry.tags, *(name for name in dict.fromkeys(names) if name not in entry.tags))
        if then.assign and (not entry.assignee or "assignee" in decided):
            values["assignee"] = self._whom(then.assign, entry, connection)
        if then.severity and Severity[then.severity].urgency > entry.severity.urgency:
            values["severity"] = Severity[then.severity].value
        if then.kind and (entry.task_kind is None or "task_kind" in decided):
            values["task_kind"] = then.kind
        if then.due and (entry.due_at is None or "due_at" in decided):
            values["due_at"] = self._when(then.due, entry)
        if then.close and entry.state != State.RESOLVED:
            values["state"] = State.RESOLVED.value
        elif then.snooze and entry.state != State.RESOLVED and (until := self._when(then.snooze, entry)) > self._store.clock():
            values["state"], values["snoozed_until"] = State.SNOOZED.value, until
        return values

    def _whom(self, name: str, entry: Entry, connection: Connection | None) -> str:
        """A person; a team whose people have a capacity takes turns, and keeps the case itself while all of them are full."""
        members = self._config.teams().get(name, ())
        people = {one.name: one for one in self._config.operators() if one.name in members}
        if not any(one.capacity for one in people.values()):
            return name
        able = {member: people[member].capacity for member in members if not people[member].languages or entry.lang in people[member].languages}
        if connection is None:
            return f"{name}: whose turn it is"
        return (self._rulings.next_of(connection, name, able) if able else "") or name

    def _when(self, words: str, entry: Entry) -> int:
        try:
            return parse_when(words, entry.created_at if self._fresh(entry) else self._store.clock(), self._calendar)
        except InputError:  # a fixed date that has passed: it is due now
            return self._store.clock()

    def _fresh(self, entry: Entry) -> bool:
        return self._store.clock() - entry.created_at < DAY

    def _ask(self, field: Field, document: object) -> bool:
        """What only the store knows of a mention."""
        id_ = getattr(document, "id", None)
        return id_ is not None and self._mentions.count(Filter(Query(field), ids=(id_,), folded=False)).n > 0


def _eligible(entry: Entry) -> bool:
    """Our own words, copies inside another row, and what its author deleted are no business of rules."""
    return not entry.own and entry.leader_id is None and entry.deleted_at is None


def _value(entry: Entry, name: str) -> Any:
    value = getattr(entry, name)
    return value.value if isinstance(value, State | Severity | TaskKind) else value


def _as(entry: Entry, values: dict[str, Any]) -> Entry:
    """The mention as it will be."""
    makers: dict[str, Callable[[Any], Any]] = {"state": State, "severity": Severity, "task_kind": TaskKind}
    return replace(entry, **{name: makers[name](value) if name in makers else value for name, value in values.items()})


def _changed(work: Work, values: dict[str, Any]) -> Work:
    """Tags are added to what is there by now; the rest is as it was decided."""
    if "tags" in values:
        values = values | {"tags": (*work.tags, *(tag for tag in values["tags"] if tag not in work.tags))}
    return replace(work, **values)


def _action(values: dict[str, Any]) -> str:
    """The journal's word for a change: what it does to the state before all, since metrics count that."""
    if "state" in values:
        return "close" if values["state"] == State.RESOLVED.value else "snooze"
    names = {"tags": "tag", "assignee": "assign", "severity": "severity", "task_kind": "task", "due_at": "due"}
    return names[next(iter(values))] if len(values) == 1 else "assign" if "assignee" in values else "case"


def _said(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, int) and value > 1_000_000:
        return datetime.fromtimestamp(value / 1000, UTC).strftime("%Y-%m-%dT%H:%MZ")
    return str(value)
