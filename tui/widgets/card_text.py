"""A mention with all that belongs to it, as one text to read from top to bottom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from tui import format as shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from listener.domain.mention import Entry
    from listener.domain.operator import Change
    from listener.domain.sentiment import Explanation

WORDS = 8
"""Contributions shown; the strongest say nearly all."""
NOTHING = Content("")


@dataclass(frozen=True, slots=True)
class Remark:
    """A note of the team."""

    at: int
    operator: str
    text: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known about an author."""

    mentions: int
    replies: int
    first_at: int | None
    segment: str = ""
    """`first-timer`, `regular`, `promoter`, `detractor`, `influencer`; empty when unknown."""
    mood: tuple[float, ...] = ()
    """Mean compound of each period, oldest first."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """What the card shows. The entry alone is enough; the rest arrives when it has been read."""

    entry: Entry
    thread: Sequence[Entry] = ()
    """The conversation, oldest first, the entry included."""
    explanation: Explanation | None = None
    notes: Sequence[Remark] = ()
    journal: Sequence[tuple[Change, str]] = ()
    """Each change with its sentence: "assigned to sales"."""
    playbook: str = ""
    """Markdown: what the tag means, who owns it, what to do next."""
    author: Standing | None = None
    looking: Sequence[str] = ()
    """Other operators who have it open: "nora is replying"."""
    volume: Sequence[float] = ()
    """Mentions of its topic by hour, oldest first."""


def card(dossier: Dossier, now: int, key: Callable[[str], str]) -> Content:
    """The whole card; `key` tells the key of an action. Every text from outside is content, never markup."""
    sections = [
        _presence(dossier.looking),
        _head(dossier, now),
        _said(dossier.entry, key),
        _reactions(dossier.entry),
        _sentiment(dossier.entry, dossier.explanation, key),
        _work(dossier.entry, now, key),
        _thread(dossier, now),
        _section("Notes", [_remark(note, now) for note in dossier.notes]),
        _section("Playbook", [_markdown(line) for line in shown.clean(dossier.playbook, lines=True).splitlines()]),
        _section("Journal", [_change(change, text, now) for change, text in dossier.journal]),
        _volume(dossier),
    ]
    return Content("\n\n").join([section for section in sections if section])


def _presence(looking: Sequence[str]) -> Content:
    return Content.styled(shown.one_line("◉ " + ", ".join(looking), 200), "bold $notice") if looking else NOTHING


def _head(dossier: Dossier, now: int) -> Content:
    entry, author = dossier.entry, dossier.entry.author
    name = shown.one_line(author.name or author.handle, 80)
    handle = shown.one_line(author.handle, 80)
    parts: list[Content | tuple[str, str]] = []
    if entry.severity.value:
        parts += [(f" {entry.severity} ", f"$severity-{entry.severity.value} bold reverse"), (" ", "")]
    parts.append((name, "bold $title"))
    if handle and handle != name:
        parts.append((f"  @{handle}", "$muted"))
    facts = [shown.one_line(entry.source, 40), shown.age(entry.created_at, now), shown.language(entry.lang)]
    if author.followers is not None:
        facts.append(f"{shown.short(author.followers)} followers")
    if entry.visibility != "public":
        facts.append(entry.visibility)
    if entry.edited_at:
        facts.append("edited")
    if entry.deleted_at:
        facts.append("deleted by its author")
    lines = [Content.assemble(*parts), Content.styled(" · ".join(facts), "$muted")]
    if dossier.author:
        lines.append(_standing(dossier.author, now))
    if len(entry.topics) > 1:
        lines.append(Content.styled("contested: " + shown.one_line(", ".join(entry.topics), 120), "$notice"))
    return Content("\n").join(lines)


def _standing(author: Standing, now: int) -> Content:
    words = [shown.plural(author.mentions, "mention"), shown.plural(author.replies, "reply", "replies") + " from us"]
    if author.first_at is not None:
        words.append(f"known for {shown.age(author.first_at, now)}")
    mood = "  " + shown.sparkline([value + 1 for value in author.mood], 2) if author.mood else ""
    return Content.assemble((f"{author.segment}  " if author.segment else "", "$tag"), (" · ".join(words) + mood, "$muted"))


def _said(entry: Entry, key: Callable[[str], str]) -> Content:
    text = Content.styled(shown.clean(entry.text, lines=True) or "(no text)", "$foreground")
    title = shown.one_line(entry.title, 300)
    if title and not entry.text.startswith(entry.title):
        text = Content("\n").join([Content.styled(title, "bold $title"), text])
    if entry.duplicates:
        text = Content("\n").join([text, Content.styled(f"×{entry.duplicates + 1} of the same: {key('expand')} shows them", "$notice")])
    return text


def _reactions(entry: Entry) -> Content:
    known = entry.engagement
    counts = (("♥", known.likes), ("↻", known.reposts), ("↩", known.replies), ("◉", known.views))
    said = [f"{sign} {shown.short(count)}" for sign, count in counts if count is not None]
    links = [link.url for url in dict.fromkeys((entry.url, *entry.permalinks)) if url and (link := shown.safe_url(url))]
    lines = [Content.styled("   ".join(said), "$muted")] if said else []
    lines += [Content.styled(shown.one_line(link, 300), "$positive underline") for link in links[:3]]
    return Content("\n").join(lines)


def _sentiment(entry: Entry, explanation: Explanation | None, key: Callable[[str], str]) -> Content:
    verdict = entry.sentiment
    head = [(f"{shown.GLYPHS[verdict.label]} {verdict.label}", f"bold ${verdict.label}" if verdict.label != "unscored" else "bold $muted")]
    if verdict.compound is not None:
        doubt = f"  {shown.compound(verdict.compound)}  {shown.per_cent(verdict.confidence)} sure"
        head.append((doubt + {"C": " (reads this language poorly)", "B": "", "A": "", "": ""}[verdict.grade], "$muted"))
    if verdict.scorer == "operator":
        head.append((f"  said by an operator; the machine says {shown.compound(entry.machine.compound)}", "$notice"))
    lines = [Content.assemble(*head)]
    if explanation:
        strongest = max((abs(part.value) for part in explanation.contributions), default=1) or 1
        for part in explanation.contributions[:WORDS]:
            tone = "$positive" if part.value > 0 else "$negative"
            width = shown.bar(abs(part.value) / strongest, 8)
            note = f"  {part.layer}{': ' + shown.one_line(part.note, 60) if part.note else ''}"
            word = shown.one_line(part.text, 24)
            lines.append(
                Content.assemble((f"  {part.value:+.1f} ".replace("-", "−"), tone), (width, tone), (f" {word}", "$title"), (note, "$muted"))
            )
    elif verdict.label == "unscored":
        lines.append(Content.styled(f"  No scorer reads this language well enough; {key('sentiment')} lets you say it.", "$muted"))
    return Content("\n").join(lines)


def _work(entry: Entry, now: int, key: Callable[[str], str]) -> Content:
    facts = [f"{shown.STATES[entry.state.value]} {entry.state.value}"]
    facts.append(f"assigned to {shown.one_line(entry.assignee, 40)}" if entry.assignee else "unassigned")
    if entry.task_kind:
        facts.append(entry.task_kind.value)
    if entry.due_at:
        facts.append(f"due {shown.until(entry.due_at, now)}" if entry.due_at > now else "overdue")
    if entry.snoozed_until:
        facts.append(f"back {shown.until(entry.snoozed_until, now)}")
    lines = [Content(" · ".join(facts))]
    if entry.tags:
        lines.append(Content.styled("  ".join(f"#{shown.one_line(tag, 40)}" for tag in entry.tags), "$tag"))
    kinds = [(kind, share) for kind, share in entry.kinds if "/" not in kind]
    if kinds:
        guesses = "  ".join(f"{shown.one_line(kind, 30)} {shown.per_cent(share)}" for kind, share in kinds[:3])
        lines.append(
            Content.assemble(("suggested  ", "$muted"), (guesses, "$foreground"), (f"   {key('confirm-kind')} takes the first", "$muted"))
        )
    return Content("\n").join(lines)


def _thread(dossier: Dossier, now: int) -> Content:
    if len(dossier.thread) < 2:
        return NOTHING
    lines = []
    for post in dossier.thread:
        here = post.id == dossier.entry.id
        who = "we" if post.own else shown.one_line(post.author.handle or post.author.name, 30)
        lead = "▸ " if here else "  "
        tone = "bold $title" if here else "$accent" if post.own else "$muted"
        lines.append(
            Content.assemble(
                (lead, "$accent"),
                (f"{shown.age(post.created_at, now):>4} ", "$muted"),
                (who, tone),
                ("  ", ""),
                shown.one_line(post.text, 200),
            )
        )
    return _section(f"Thread of {len(dossier.thread)}", lines)


def _section(title: str, lines: Iterable[Content]) -> Content:
    held = list(lines)
    return Content("\n").join([Content.styled(f"── {title} ", "bold $muted"), *held]) if held else NOTHING


def _remark(note: Remark, now: int) -> Content:
    return Content.assemble(
        (f"{shown.age(note.at, now):>4} ", "$muted"),
        (shown.one_line(note.operator, 30), "bold"),
        ("  ", ""),
        shown.clean(note.text, 4000, lines=True).replace("\n", "\n     "),
    )


def _change(change: Change, text: str, now: int) -> Content:
    who = f"{shown.one_line(change.operator, 30)}{' by rule ' + shown.one_line(change.rule, 40) if change.rule else ''}"
    return Content.assemble((f"{shown.age(change.at, now):>4} ", "$muted"), (who, "bold"), ("  ", ""), shown.one_line(text, 200))


def _markdown(line: str) -> Content:
    """Headings, lists and quotes of a playbook; whatever else Markdown can, stays as it was written."""
    bare = line.lstrip()
    if bare.startswith("#"):
        return Content.styled(bare.lstrip("# "), "bold $title")
    if bare.startswith(("- ", "* ")):
        return Content(" " * (len(line) - len(bare)) + "• " + bare[2:])
    return Content.styled(bare[2:], "italic $muted") if bare.startswith("> ") else Content(line)


def _volume(dossier: Dossier) -> Content:
    if not any(dossier.volume):
        return NOTHING
    line = shown.sparkline(dossier.volume)
    said = f"  {shown.one_line(dossier.entry.topic, 40)}, {len(dossier.volume)} h, at most {shown.short(int(max(dossier.volume)))} an hour"
    return Content.assemble((line, "$accent"), (said, "$muted"))
