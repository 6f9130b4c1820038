"""What somebody who decides about a reply has to see: the thread, what changed in its words, what lint says, what each way out would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from tui import format as shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from listener.domain.lint import Finding
    from listener.domain.mention import Entry
    from listener.domain.reply import Reply
    from listener.domain.wording import Change
    from tui.screens.session import Session

TONES = {"same": "$foreground", "gone": "strike $bad", "new": "underline $good"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that is looked up before somebody decides."""

    thread: Sequence[Entry] = ()
    changes: Sequence[Change] = ()
    """Against the wording that was laid before somebody last time; empty for the first."""
    findings: Sequence[Finding] = ()
    choices: Sequence[str] = ()


def judgement(session: Session, reply: Reply) -> Judgement:
    """Look it up; reads the database and may open the network's code, so never in the UI thread. Raises ListenerError."""
    replies, mention = session.replies, session.mentions.get(reply.mention_id)
    open_ = reply.sent_at is None
    return Judgement(
        [post for post in session.mentions.thread(mention, limit=50) if post.id != mention.id],
        replies.differences(reply),
        replies.lint(mention, reply.text, visibility=reply.visibility, ignore=reply.id) if open_ and reply.text else (),
        list(replies.choices(reply).values()),
    )


def wording(reply: Reply, judged: Judgement) -> Content:
    """The reply's words, with what changed in them."""
    if not judged.changes:
        return Content(shown.clean(reply.text, lines=True) or "(empty)")
    return Content.assemble(*[(shown.clean(text, lines=True), TONES[what]) for what, text in judged.changes])


def remarks(judged: Judgement) -> list[Content]:
    """What lint says, and what each way out of doubt would do."""
    said = [Content.styled(shown.one_line(finding.text, 300), "$bad" if finding.level == "stop" else "$notice") for finding in judged.findings]
    ways = [Content(shown.one_line(text, 400)) for text in judged.choices]
    return [*said, *(line for way in ways for line in (Content(""), way))]


def conversation(judged: Judgement) -> list[Content]:
    """What else was said, oldest first; our own words are marked."""
    lines = []
    for post in judged.thread:
        who = shown.one_line(post.author.handle or post.author.name, 40)
        lines.append(Content.assemble(("→ " if post.own else "· ", "$accent"), (who, "bold $title"), ("  ", ""), (shown.one_line(post.text, 300), "$foreground")))
    return [Content(""), Content.styled("── The conversation", "bold $muted"), *lines] if lines else []
