"""Settings: what counts as an incident, and how people are told."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from listener.config.kinds import Duration, Folder, Hours, Instant, Name, SeverityName
from listener.config.secrets import Secret
from listener.config.table import NONE, Table
from listener.domain.duration import HOUR, MINUTE
from listener.domain.rota import Swap, Turn


class Window(Table):
    """A time in which incidents are hidden, or a campaign is expected."""

    start: Instant
    """The first instant."""
    end: Instant
    """The first instant after."""
    topic: str = ""
    """One topic; empty means all."""
    effect: Literal["mute", "campaign"] = "mute"
    """"mute" hides incidents and drops nothing; "campaign" lowers their points."""
    reason: str = ""
    """Shown beside whatever it hides."""


class TopicTuning(Table):
    """What differs for one topic."""

    points: Mapping[str, int] = NONE
    """Points for a signal by its name, in place of those for all topics."""
    thresholds: Mapping[str, float] = NONE
    """Threshold of a signal by its name, in place of those for all topics."""
    page: bool = True
    """Whether incidents of this topic may wake anybody."""


ACKNOWLEDGE_WITHIN: Mapping[SeverityName, int] = MappingProxyType({"SEV1": 5 * MINUTE, "SEV2": 15 * MINUTE, "SEV3": 60 * MINUTE})
"""Nobody is chased for a SEV4."""


class Incidents(Table):
    """When something counts as an incident, how bad it is, and who is told."""

    points: Mapping[str, int] = NONE
    """Points for a signal by its name; `listener incidents rules` lists names and shipped points."""
    thresholds: Mapping[str, float] = NONE
    """Threshold of a signal by its name."""
    severities: Mapping[SeverityName, int] = NONE
    """The least points for a severity; shipped: SEV1 7, SEV2 5, SEV3 3, SEV4 1."""
    topics: Mapping[str, TopicTuning] = NONE
    """What differs for single topics, by their names."""
    vocabulary: Folder = ""
    """A folder of further crisis words, a text file per language: `en.txt`, `de.txt`, `all.txt`; see docs/incidents.md."""
    windows: tuple[Window, ...] = ()
    """Planned windows."""
    acknowledge_within: Mapping[SeverityName, Duration] = ACKNOWLEDGE_WITHIN
    """How long each severity may wait for somebody before the next step of the chain is told."""
    repeat: Duration = 4 * HOUR
    """How often an incident that nobody acknowledged is told again."""
    auto_resolve: Duration = 6 * HOUR
    """A SEV3 or SEV4 that stayed quiet this long resolves by itself."""
    escalation: tuple[str, ...] = ("on-call", "everybody")
    """Whom to tell, step after step: "on-call", "everybody", teams, operators."""
    rota: tuple[Turn, ...] = ()
    """Who is on call."""
    swaps: tuple[Swap, ...] = ()
    """Who stands in for whom."""
    noise_budget: float = 0.6
    """False openings per week and brand that are still acceptable; shown beside the measured ones."""
    dry_run: tuple[str, ...] = ()
    """Names of signals that are evaluated and noted, but count for nothing."""


class Channel(Table):
    """A way to tell people."""

    name: Name
    """For rules, for the journal and for `listener notify test`."""
    kind: Literal["apprise", "command", "bell", "osc"] = "bell"
    """"apprise" (Slack, Teams, e-mail, ntfy, PagerDuty, …; `pip install 'listener-desk[notify]'`), a command, the bell, or the terminal's own notification."""
    url: Secret | None = None
    """For "apprise": its URL, which is a secret."""
    command: tuple[str, ...] = ()
    """For "command": program and arguments, run without a shell; the notice comes on its standard input as JSON."""
    severity: SeverityName = "SEV4"
    """Tell only of this severity and worse."""
    topics: tuple[str, ...] = ()
    """Tell only of these topics; empty means all."""
    people: tuple[str, ...] = ()
    """Use it only for these operators or teams; empty means for everybody."""


class Notify(Table):
    """How people are told."""

    channels: tuple[Channel, ...] = (Channel("bell"),)
    """Where notices go."""
    quiet_hours: Hours | Literal[""] = ""
    """When only what may break the quiet is told, in the desk's time zone; the rest waits until they end."""
    quiet_except: SeverityName = "SEV1"
    """This severity and worse is told in quiet hours too."""
    group: Duration = 30_000
    """Notices within this time go out as one."""
    retry: Duration = MINUTE
    """How long to wait before a notice that failed is tried again; each failure doubles it."""
    timeout: Duration = 20_000
    """How long a channel may take."""
