"""Settings: how soon answers are due, and how they are given."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from listener.config.kinds import Count, Duration, Folder, SeverityName, Share, TaskKindName
from listener.config.table import Table
from listener.domain.duration import DAY, HOUR, MINUTE


class SlaPolicy(Table):
    """How soon an answer is due. The first policy that fits a mention counts."""

    name: str = ""
    """For reports; empty is named after what it fits."""
    stream: str = ""
    """Only mentions of this stream; empty means any."""
    severity: SeverityName | Literal[""] = ""
    """Only this severity; empty means any."""
    kind: TaskKindName | Literal[""] = ""
    """Only this kind of task; empty means any."""
    respond: Duration = DAY
    """The first response is due this long after the mention."""
    resolve: Duration = 0
    """The case is to be resolved within this time; 0 sets no such target."""
    clock: Literal["business", "wall"] = "business"
    """Whether time is counted while the desk is open, or round the clock."""
    pause_snoozed: bool = False
    """Whether the clock stands still while a case is snoozed."""
    warn: Share = 0.75
    """The part of the time after which a case counts as breaching soon."""

    def fits(self, *, streams: Collection[str] = (), severity: str = "", kind: str = "") -> bool:
        """Whether this policy is meant for a mention in these streams, of this severity ("SEV2") and kind of task."""
        return (not self.stream or self.stream in streams) and self.severity in ("", severity) and self.kind in ("", kind)


class Acknowledge(Table):
    """Automatic first answers. Off unless somebody switches them on."""

    enabled: bool = False
    """Whether the desk may answer by itself at all."""
    text: str = ""
    """What it says; placeholders as in saved replies."""
    streams: tuple[str, ...] = ()
    """Only mentions of these streams; empty means none but those that a rule names."""
    outside_hours: bool = True
    """Only while the desk is closed."""
    per_hour: Count = 20
    """The most that go out in an hour, over all networks."""
    per_author: Duration = DAY
    """One author gets no second one within this time."""


class Replies(Table):
    """Answers in the brand's name."""

    undo: Duration = 10_000
    """How long a reply waits before it goes out and can still be taken back."""
    approval: tuple[str, ...] = ()
    """Streams whose replies need somebody's approval; "*" means all."""
    banned: tuple[str, ...] = ()
    """Phrases that a reply must not hold."""
    saved: Folder = "replies"
    """Folder of saved replies, Markdown files."""
    acknowledge: Acknowledge = Acknowledge()
    """Automatic first answers."""
    csat: str = ""
    """A question to send after a case is resolved, on networks that allow it; empty asks nothing."""
    csat_wait: Duration = HOUR
    """How long after the resolve the question is sent."""
    claim: Duration = 10 * MINUTE
    """How long a case stays claimed by somebody who began to reply."""
