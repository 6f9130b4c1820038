"""Looking closer at a mention: why, who, the whole conversation, the post itself."""

from __future__ import annotations

import asyncio
import os
import sys
import webbrowser
from typing import TYPE_CHECKING

from textual.content import Content

from tui import format as shown
from tui.screens.again import Again
from tui.screens.sheet import Sheet
from tui.widgets.card_text import Dossier, Remark, Standing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from listener.domain.mention import Entry
    from listener.domain.playbook import Playbook
    from listener.domain.sentiment import Explanation
    from listener.engine.playbooks import Box
    from tui.screens.session import Session


def dossier(session: Session, entry: Entry) -> Dossier:
    """All that belongs to a mention: a dozen small reads, and the scorer once more for its words."""
    from listener.engine.playbooks import boxes
    from tui.screens.sentences import sentence

    mentions = session.mentions
    changes = session.journal.of("mention", entry.id, limit=30)
    return Dossier(
        entry,
        thread=mentions.thread(entry, limit=50),
        explanation=explanation(session, entry) if entry.machine.scorer else None,
        notes=[Remark(note.at, note.operator, note.text) for note in mentions.notes(entry.id)],
        journal=[(change, sentence(change)) for change in changes],
        playbook="\n\n".join(playbook_text(session, book, boxes(session.store, "mention", entry.id, book)) for book in session.playbooks.for_mention(entry)[:2]),
        author=standing(session, entry),
        looking=[f"{one.operator} is {one.doing}" for one in session.replies.around(entry.id)],
        volume=volume(session, entry.topic),
    )


def playbook_text(session: Session, book: Playbook, steps: Sequence[Box]) -> str:
    """A playbook as the card shows it, with what is ticked."""
    lines = [f"# {book.title}", book.meaning]
    lines += [f"Owner: {book.owner}"] if book.owner else []
    lines += [f"{'☑' if box.done else '☐'} {box.step}" for box in steps]
    return "\n".join(line for line in [*lines, book.after] if line)


def volume(session: Session, topic: str, hours: int = 24) -> list[int]:
    """Mentions of a topic by hour, oldest first."""
    now = session.clock()
    counts = session.incidents.curve_of(topic, now - hours * 3_600_000, now).counts[-12 * hours :]
    return [sum(counts[start : start + 12]) for start in range(0, len(counts), 12)]


def standing(session: Session, entry: Entry) -> Standing:
    """What is known about the author, from the newest two hundred mentions."""
    from listener.store.people import People

    theirs = [one for one in session.mentions.by_author(entry.author_id) if not one.own]
    scored = [one.sentiment.compound for one in reversed(theirs) if one.sentiment.compound is not None]
    return Standing(len(theirs), People(session.store).answered(entry.author_id), min((one.created_at for one in theirs), default=None), mood=tuple(scored[-12:]) if len(scored) > 1 else ())


def explanation(session: Session, entry: Entry) -> Explanation:
    """Why it got its score; the first one loads the scorer."""
    from listener.analysis.explain import explain
    from listener.analysis.language import Guess

    override = entry.sentiment if entry.sentiment != entry.machine else None
    wording = f"{entry.title}\n{entry.text}" if entry.title else entry.text
    return explain(wording, guess=Guess(entry.lang, entry.lang_confidence), scorer=session.reader.scorer, override=override)


def explained(entry: Entry, found: Explanation) -> Content:
    """An explanation in words."""
    verdict = found.sentiment
    head = f"{shown.GLYPHS[verdict.label]} {verdict.label}"
    lines = [
        Content.assemble(
            (head, f"bold ${verdict.label}" if verdict.label != "unscored" else "bold $muted"),
            (f"  {shown.compound(verdict.compound)}" if verdict.compound is not None else "", ""),
            (f"  {shown.per_cent(verdict.confidence)} sure, by {verdict.scorer or 'nobody'}", "$muted"),
        ),
        Content.styled(f"Language {found.lang or 'unknown'}, {shown.per_cent(found.lang_confidence)} sure", "$muted"),
        Content(""),
    ]
    strongest = max((abs(part.value) for part in found.contributions), default=1) or 1
    for part in found.contributions[:40]:
        tone = "$positive" if part.value > 0 else "$negative"
        note = f"{part.layer}: {part.note}" if part.note else part.layer
        lines.append(
            Content.assemble(
                (f"{part.value:+6.2f} ".replace("-", "−"), tone),
                (shown.bar(abs(part.value) / strongest, 10), tone),
                f" {shown.one_line(part.text, 30)}  ",
                (shown.one_line(note, 60), "$muted"),
            )
        )
    if not found.contributions:
        lines.append(Content("No word of it speaks for either side." if verdict.label != "unscored" else "No scorer reads this language well enough."))
    if entry.severity.value:
        lines += [Content(""), Content.assemble((f"{entry.severity}", f"bold $severity-{entry.severity.value}"), ("  see the journal for who or what set it", "$muted"))]
    return Content("\n").join(lines)


def _has_browser(environ: Mapping[str, str]) -> bool:
    """False where only a browser inside this very terminal could open: it would fight with the desk for the screen."""
    return sys.platform in {"darwin", "win32"} or any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"))


class Looking(Again):
    """A screen on which mentions can be looked at more closely."""

    def action_explain(self) -> None:
        entry = self.entry
        if entry:
            self.beside(lambda: explanation(self.session, entry), lambda found: self.app.push_screen(Sheet("Why?", explained(entry, found))))

    def action_browse(self) -> asyncio.Future[None] | None:
        if self.entry:
            return self.talk(self.browse(self.entry))
        return None

    async def browse(self, entry: Entry) -> None:
        """Open the post in the browser; a host that may look like another is asked about first."""
        link = shown.safe_url(entry.url)
        if link is None:
            self.say("This one has no address that can be opened safely.")
            return
        if link.disguised and not await self.sure("Open this host?", [link.host, "It has letters that are not Latin, and may look like another."], yes="open it"):
            return
        opened = _has_browser(os.environ) and await asyncio.to_thread(webbrowser.open, link.url)
        self.say(f"Opened {link.host}" if opened else f"No browser can be opened here. The address: {link.url}")

    def action_copy_link(self) -> None:
        link = shown.safe_url(self.entry.url) if self.entry else None
        if link is None:
            self.say("This one has no address to copy.")
            return
        self.app.copy_to_clipboard(link.url)
        self.say(f"Copied {shown.one_line(link.url, 100)}")
