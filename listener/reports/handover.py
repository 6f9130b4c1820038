"""The brief of a shift: what the next one must know, in two minutes. Lists are short and say how much more there is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from listener.domain.case import Severity
from listener.domain.duration import DAY, HOUR
from listener.domain.query.ast import Field, Node, Query, all_of, any_of
from listener.domain.reply import ReplyState
from listener.reports.documents import span, stamp
from listener.reports.sla import Judge
from listener.reports.words import markdown, plain
from listener.store.checkpoints import Checkpoints
from listener.store.facts import Facts
from listener.store.figures import Figures, Scope
from listener.store.filters import Filter
from listener.store.incidents import IncidentStore
from listener.store.mentions import Mentions
from listener.store.outbox import Outbox
from listener.store.shifts import Shifts, Signature

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.config import Config
    from listener.domain.incident import Incident
    from listener.domain.mention import Entry
    from listener.domain.reply import Reply
    from listener.store.connection import Store

NEXT_SHIFT = 12 * HOUR
SHOWN = 5
"""Lines of a list at most."""
_LOOK_BACK = 90 * DAY


@dataclass(frozen=True, slots=True)
class Item:
    """A case that the next shift meets."""

    id: int
    author: str
    text: str
    url: str
    assignee: str
    at: int | None
    """When it is due, or comes back, or was written; UTC ms."""


@dataclass(frozen=True, slots=True)
class Some:
    """The first few of a list."""

    items: tuple[Item, ...]
    n: int
    """How many there are."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What happened since somebody signed on."""

    since: int
    until: int
    signed: Signature | None
    """Who signed on last; None when nobody ever did."""
    zone: str
    incidents: tuple[Incident, ...]
    """Everything that is not resolved, then what was resolved meanwhile."""
    arrived: int
    copies: int
    moved: dict[str, tuple[int, int]]
    """State → (mentions that people brought there, that rules did)."""
    sent: tuple[tuple[str, int], ...]
    breached: Some
    """Promises that ran out since then."""
    snoozed: Some
    due: Some
    drafts: tuple[Reply, ...]
    """Written, or laid before somebody who may approve."""
    troubled: tuple[Reply, ...]
    """Unknown or failed."""
    leads: Some
    down: tuple[tuple[str, str], ...]
    """(source, what is wrong with it)."""
    noise: tuple[str, ...]
    """What may be ignored, in words."""
    notes: tuple[Signature, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the brief as it reads: what a sign-on says was read."""
        return hashlib.sha256(to_markdown(self).encode()).hexdigest()


def brief(store: Store, config: Config, since: int | None = None) -> Brief:
    """The brief from the last sign-on, or from `since`, until now; a day back when nobody ever signed on. Raises StoreError."""
    now, shifts, mentions = store.clock(), Shifts(store), Mentions(store)
    signed = shifts.last_sign_on(now + 1)
    start = since if since is not None else signed.at if signed else now - DAY
    arrived, copies = shifts.arrived(start, now)
    moved = shifts.moved(start, now)
    incidents = _incidents(store, start)
    return Brief(
        start, now, signed, config.desk.time_zone, incidents, arrived, copies, moved, tuple(shifts.sent(start, now)), _breached(store, config, mentions, start, now),
        _some(mentions, shifts.waking(now, now + NEXT_SHIFT)), _some(mentions, shifts.promised_by_hand(now + NEXT_SHIFT)),
        tuple(_replies(store, (ReplyState.DRAFT, ReplyState.APPROVAL))), tuple(_replies(store, (ReplyState.UNKNOWN, ReplyState.FAILED))), _leads(mentions, start),
        tuple(_down(store)), tuple(_noise(incidents, copies, moved, now)), tuple(shifts.notes(start, now)),
    )  # fmt: skip


def sign_on(store: Store, operator: str, read: Brief) -> Signature:
    """Take the desk over, having read the brief."""
    return Shifts(store).sign_on(operator, read.since, read.digest)


def _incidents(store: Store, since: int) -> tuple[Incident, ...]:
    found = IncidentStore(store).all()
    live = [one for one in found if one.active]
    ended = [one for one in found if not one.active and not one.historic and (one.resolved_at or 0) >= since]
    return (*sorted(live, key=lambda one: (one.severity.value or 9, -one.opened_at)), *sorted(ended, key=lambda one: -(one.resolved_at or 0)))


def _breached(store: Store, config: Config, mentions: Mentions, since: int, now: int) -> Some:
    Facts(store).catch_up()
    figures, judge = Figures(store), Judge(config, config.calendar(), now)
    brand = tuple(id_ for id_, (_, role) in figures.topics().items() if role == "brand")
    rows = figures.promised(Scope(since - _LOOK_BACK, now, brand)) if brand else []
    states = judge.verdicts(rows)
    late = [(row[0], due) for row in rows if states.get(row[0]) == "missed" and (due := judge.due_at(row)) is not None and since <= due <= now]
    return _some(mentions, sorted(late, key=lambda pair: pair[::-1]))


def _replies(store: Store, states: Sequence[ReplyState]) -> list[Reply]:
    return sorted(Outbox(store).find(states), key=lambda reply: (reply.state.value, reply.updated_at, reply.id))


def _leads(mentions: Mentions, since: int) -> Some:
    """Leads that came in since, whoever says that they are: the machine, a tag, an operator."""
    node: Node = all_of([any_of([Field("kind", "lead"), Field("task", "lead"), Field("tag", "sales-lead")]), Field("since", stamp(since))])
    filter_ = Filter(Query(node), "newest")
    found = [entry for entry in mentions.page(filter_, limit=SHOWN).entries if not entry.own]
    return Some(tuple(_item(entry, entry.created_at) for entry in found), mentions.count(filter_, patient=True).n)


def _down(store: Store) -> list[tuple[str, str]]:
    return [(one.source, "paused by an operator" if one.paused else plain(one.error, 100) or f"{one.failures} failures") for one in Checkpoints(store).health() if one.paused or one.failures]


def _noise(incidents: Sequence[Incident], copies: int, moved: dict[str, tuple[int, int]], now: int) -> list[str]:
    told = []
    false = sum(one.real is False for one in incidents)
    muted = sum(one.muted(now) for one in incidents if one.active)
    if false:
        told.append(f"{false} incident{'s' * (false != 1)} closed as not real")
    if muted:
        told.append(f"{muted} muted")
    if copies:
        told.append(f"{copies} near-duplicates folded away")
    if by_rules := moved.get("resolved", (0, 0))[1]:
        told.append(f"{by_rules} closed by rules")
    return told


def _some(mentions: Mentions, pairs: Sequence[tuple[int, int]]) -> Some:
    at = dict(pairs[:SHOWN])
    return Some(tuple(_item(entry, at[entry.id]) for entry in mentions.many(list(at))), len(pairs))


def _item(entry: Entry, at: int) -> Item:
    return Item(entry.id, entry.author.handle, entry.text, entry.url, entry.assignee, at)


# -- as it reads


def to_markdown(read: Brief) -> str:
    """For the chat: no markup of anybody else's."""
    lines = [f"# Handover {_clock(read, read.since)} – {_clock(read, read.until)}", ""]
    lines.append(f"Signed on last: {markdown(read.signed.operator, 40)}, {_clock(read, read.signed.at)}." if read.signed else "Nobody has signed on yet.")
    lines += ["", *_summary(read)]
    lines += _section("Notes", [f"- {markdown(note.operator, 40)}, {_clock(read, note.at)}: {markdown(note.note, 500)}" for note in read.notes], len(read.notes))
    lines += _section("Incidents", [_incident_line(read, one) for one in read.incidents[:SHOWN]], len(read.incidents))
    lines += _section("Breached", [_case(read, item, "was due") for item in read.breached.items], read.breached.n)
    lines += _section("Due in the next 12 h", [_case(read, item, "due") for item in read.due.items], read.due.n)
    lines += _section("Snoozed until the next 12 h", [_case(read, item, "back") for item in read.snoozed.items], read.snoozed.n)
    lines += _section("Drafts and approvals", [_reply_line(one) for one in read.drafts[:SHOWN]], len(read.drafts))
    lines += _section("Replies in doubt or failed", [_reply_line(one) for one in read.troubled[:SHOWN]], len(read.troubled))
    lines += _section("Leads", [_case(read, item, "written") for item in read.leads.items], read.leads.n)
    lines += _section("Sources down", [f"- {markdown(name, 60)}: {markdown(what)}" for name, what in read.down[:SHOWN]], len(read.down))
    lines += _section("Noise", [f"- {line}" for line in read.noise], len(read.noise))
    return "\n".join(lines) + "\n"


def _summary(read: Brief) -> list[str]:
    people = {state: sum(read.moved.get(state, (0, 0))) for state in ("resolved", "open", "snoozed")}
    answers = sum(n for who, n in read.sent if who != "automatic")
    live = sum(one.active for one in read.incidents)
    told = f"{read.arrived} arrived · {people['resolved']} closed · {people['open']} opened again · {people['snoozed']} snoozed · {answers} answered · {read.breached.n} breached · {live} incidents open"
    senders = ", ".join(f"{markdown(who, 40)} {n}" for who, n in read.sent[:5])
    return [told + (f"  \nAnswers: {senders}" if senders else "")]


def _section(title: str, lines: list[str], n: int) -> list[str]:
    if not n:
        return []
    more = [f"- … and {n - len(lines)} more"] if n > len(lines) else []
    return ["", f"## {title} ({n})", *lines, *more]


def _incident_line(read: Brief, one: Incident) -> str:
    severity = str(one.severity) or str(Severity.SEV4)
    owner = markdown(one.owner, 40) if one.owner else "nobody"
    ended = f", resolved {_clock(read, one.resolved_at)}" if one.resolved_at else f", open for {span(read.until - one.opened_at)}"
    return f"- **{severity}** {one.state.value} · {markdown(one.topic or 'the desk', 40)} · owner {owner}{ended}: {markdown(one.why, 160)}"


def _case(read: Brief, item: Item, word: str) -> str:
    owner = f" → {markdown(item.assignee, 40)}" if item.assignee else ""
    return f"- {item.id}{owner}, {word} {_clock(read, item.at)}: {markdown(item.author, 40)}: {markdown(item.text, 70)}"


def _reply_line(one: Reply) -> str:
    why = f" ({markdown(one.error or one.note, 100)})" if one.error or one.note else ""
    return f"- reply {one.id} to {one.mention_id}, {one.state.value}, by {markdown(one.author, 40)}: {markdown(one.text, 60)}{why}"


def _clock(read: Brief, at: int | None) -> str:
    """On the desk's clock; the year only where it is another one."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    if at is None:
        return "–"
    zone = ZoneInfo(read.zone)
    then, now = datetime.fromtimestamp(at / 1000, zone), datetime.fromtimestamp(read.until / 1000, zone)
    return then.strftime("%a %d %b %H:%M" if then.year == now.year else "%a %d %b %Y %H:%M")


def to_dict(read: Brief) -> dict[str, Any]:
    """For scripts; keys are only ever added."""

    def some(what: Some) -> dict[str, Any]:
        return {"n": what.n, "items": [{"id": i.id, "author": i.author, "text": i.text, "url": i.url or None, "assignee": i.assignee or None, "at": stamp(i.at or 0)} for i in what.items]}

    def reply(one: Reply) -> dict[str, Any]:
        return {"id": one.id, "mention": one.mention_id, "state": one.state.value, "author": one.author, "text": one.text, "why": one.error or one.note or None}

    return {
        "since": stamp(read.since), "until": stamp(read.until), "signed_on": {"operator": read.signed.operator, "at": stamp(read.signed.at)} if read.signed else None,
        "notes": [{"at": stamp(note.at), "operator": note.operator, "note": note.note} for note in read.notes],
        "incidents": [
            {"id": one.id, "severity": str(one.severity) or None, "state": one.state.value, "topic": one.topic, "owner": one.owner or None, "why": one.why,
             "opened_at": stamp(one.opened_at), "resolved_at": stamp(one.resolved_at) if one.resolved_at else None} for one in read.incidents
        ],
        "counts": {"arrived": read.arrived, "copies": read.copies, **{f"to_{state}": {"people": p, "rules": r} for state, (p, r) in sorted(read.moved.items())}, "answers": dict(read.sent)},
        "breached": some(read.breached), "due": some(read.due), "snoozed": some(read.snoozed), "leads": some(read.leads),
        "drafts": [reply(one) for one in read.drafts], "troubled": [reply(one) for one in read.troubled],
        "sources_down": [{"source": name, "why": what} for name, what in read.down], "noise": list(read.noise), "digest": read.digest,
    }  # fmt: skip

