"""The configuration as one frozen tree. The text under each field is its documentation: docs/configuration.md is made from it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from listener.config.kinds import Count, Country, Day, Duration, Folder, Hours, Instant, Name, Share, Zone
from listener.config.place import Place
from listener.config.secrets import Secret
from listener.domain.operator import Operator
from listener.domain.rota import Swap, Turn, chain, on_call
from listener.domain.topic import Topic

if TYPE_CHECKING:
    from listener.domain.calendar import BusinessCalendar

SeverityName = Literal["SEV1", "SEV2", "SEV3", "SEV4"]
TaskKindName = Literal["support", "question", "feedback", "lead", "crisis"]

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk itself: its clock, its people, its looks."""

    name: Name = "Listener"
    """What the desk calls itself in reports and notifications."""
    time_zone: Zone = "UTC"
    """The desk's clock, an IANA name."""
    hours: Hours = "mon-fri 09:00-17:00"
    """When the desk is open: business time. Split shifts: "mon-fri 09:00-13:00, 14:00-18:00; sat 10:00-14:00"."""
    holidays: Country = ""
    """Country whose public holidays the desk keeps, "GR" or with a subdivision "US-CA"; empty means none."""
    closed: tuple[Day, ...] = ()
    """Further dates on which the desk is closed, "2026-12-24"."""
    open: tuple[Day, ...] = ()
    """Public holidays on which the desk works all the same."""
    teams: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Each team with the names of its members; a case can be assigned to a team."""
    operators: tuple[Operator, ...] = ()
    """People with more to say about them than a team's list does."""
    theme: str = ""
    """A theme's name; empty follows the terminal's light or dark."""
    keymap: Literal["default", "vim", "emacs"] = "default"
    """The set of keys to start from; [keys] changes single ones."""
    bell: bool = True
    """Whether the terminal may beep."""
    animations: bool = True
    """Motion on the screen; off by itself over SSH."""
    contact: str = ""
    """An address or URL told to the networks in the User-Agent, so that they can reach whoever polls them."""
    allow_hosts: tuple[str, ...] = ()
    """Private or loopback hosts that sources may be polled at; all others of that sort are refused."""
    database: Folder = ""
    """The database file; empty means the platform's own place."""


@dataclass(frozen=True, slots=True)
class SourceSetting:
    """A network to poll. Keys beyond these belong to the network and are checked by its adapter."""

    kind: Name
    """The network: `listener sources` lists them."""
    name: str = ""
    """What mentions from here are filed under; empty takes the kind; a second one of the kind gets its host behind it, as in `mastodon:host`."""
    every: Duration = 0
    """How often to ask; 0 leaves it to the network's own pace."""
    topics: tuple[str, ...] = ()
    """Names of the topics to ask for; empty means all of them."""
    enabled: bool = True
    """Whether it is polled at all."""
    options: Mapping[str, object] = field(default_factory=dict)
    """The network's own settings, such as `instance`, `url`, `tags`; secrets among them as { keyring = … }, { env = … }, { file = … }."""
    place: Place = field(default=Place(None), compare=False, repr=False)

    def secret(self, key: str) -> Secret | None:
        """The secret of that name, if the owner gave one."""
        value = self.options.get(key)
        return value if isinstance(value, Secret) else None


@dataclass(frozen=True, slots=True)
class StreamSetting:
    """A saved query that shows as a list of its own."""

    name: Name
    """What it is called beside its count."""
    query: str = ""
    """In the query language; empty shows everything."""
    order: Literal["newest", "oldest", "urgency", "due", "reach", "engagement", "sentiment"] = "newest"
    """What comes first."""
    columns: tuple[str, ...] = ()
    """Columns of the list; empty leaves the choice to the width of the screen."""
    key: str = ""
    """A key that opens it, such as "1"."""
    group: str = ""
    """Streams of one group stand side by side on the Streams screen."""


@dataclass(frozen=True, slots=True)
class Then:
    """What a rule does."""

    assign: str = ""
    """An operator, or a team (which takes turns within each one's capacity)."""
    tag: tuple[str, ...] = ()
    """Tags to add."""
    severity: SeverityName | Literal[""] = ""
    """The severity to set."""
    kind: TaskKindName | Literal[""] = ""
    """The kind of task to set."""
    snooze: str = ""
    """Until when, as typed into the desk: "tomorrow 9", "next opening", "in 2h"."""
    due: str = ""
    """By when, in the same words."""
    note: str = ""
    """A note to leave."""
    close: bool = False
    """Whether to close it."""
    notify: tuple[str, ...] = ()
    """Names of channels, people or teams to tell."""
    acknowledge: bool = False
    """Answer automatically, within the limits of [replies.acknowledge]."""


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """An automatic rule: when a mention fits, then do this. Rules run in their order in the file."""

    name: Name
    """Stands in the journal beside everything that the rule did."""
    when: str = ""
    """In the query language; `outside:hours` and `NOT outside:hours` ask the desk's calendar."""
    then: Then = field(default_factory=Then)
    """What to do."""
    dry_run: bool = False
    """Only note what would have been done."""
    stop: bool = False
    """No later rule looks at a mention that this one fits."""


@dataclass(frozen=True, slots=True)
class SlaPolicy:
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


@dataclass(frozen=True, slots=True)
class Window:
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


@dataclass(frozen=True, slots=True)
class TopicTuning:
    """What differs for one topic."""

    points: Mapping[str, int] = field(default_factory=dict)
    """Points for a signal by its name, in place of those for all topics."""
    thresholds: Mapping[str, float] = field(default_factory=dict)
    """Threshold of a signal by its name, in place of those for all topics."""
    page: bool = True
    """Whether incidents of this topic may wake anybody."""


def _acknowledge_within() -> Mapping[SeverityName, int]:
    return {"SEV1": 5 * MINUTE, "SEV2": 15 * MINUTE, "SEV3": 60 * MINUTE}


@dataclass(frozen=True, slots=True)
class Incidents:
    """When something counts as an incident, how bad it is, and who is told."""

    points: Mapping[str, int] = field(default_factory=dict)
    """Points for a signal by its name; `listener incidents rules` lists names and shipped points."""
    thresholds: Mapping[str, float] = field(default_factory=dict)
    """Threshold of a signal by its name."""
    severities: Mapping[SeverityName, int] = field(default_factory=dict)
    """The least points for a severity; shipped: SEV1 7, SEV2 5, SEV3 3, SEV4 1."""
    topics: Mapping[str, TopicTuning] = field(default_factory=dict)
    """What differs for single topics, by their names."""
    vocabulary: Folder = ""
    """A TOML file of further crisis words by family and language."""
    windows: tuple[Window, ...] = ()
    """Planned windows."""
    acknowledge_within: Mapping[SeverityName, Duration] = field(default_factory=_acknowledge_within)
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


@dataclass(frozen=True, slots=True)
class Channel:
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


@dataclass(frozen=True, slots=True)
class Notify:
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


@dataclass(frozen=True, slots=True)
class Acknowledge:
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


@dataclass(frozen=True, slots=True)
class Replies:
    """Answers in the brand's name."""

    undo: Duration = 10_000
    """How long a reply waits before it goes out and can still be taken back."""
    approval: tuple[str, ...] = ()
    """Streams whose replies need somebody's approval; "*" means all."""
    banned: tuple[str, ...] = ()
    """Phrases that a reply must not hold."""
    saved: Folder = "replies"
    """Folder of saved replies, Markdown files."""
    acknowledge: Acknowledge = field(default_factory=Acknowledge)
    """Automatic first answers."""
    csat: str = ""
    """A question to send after a case is resolved, on networks that allow it; empty asks nothing."""
    csat_wait: Duration = HOUR
    """How long after the resolve the question is sent."""
    claim: Duration = 10 * MINUTE
    """How long a case stays claimed by somebody who began to reply."""


@dataclass(frozen=True, slots=True)
class Playbooks:
    """What to do, as text."""

    folder: Folder = "playbooks"
    """A folder of Markdown files with front matter, one for each tag."""


@dataclass(frozen=True, slots=True)
class SentimentSetting:
    """How feelings are read."""

    care: bool = True
    """Correct vaderSentiment with what is known of complaints; its own score stays beside it."""
    lexicon: Folder = ""
    """A file of the desk's own words, `word<TAB>value`, value −4 … 4."""
    onnx: Folder = ""
    """Folder of an ONNX model to use where it reads the language; `pip install 'listener-desk[onnx]'`."""
    threshold: Share = 0.0
    """A verdict less sure than this is shown as unscored."""
    languages: tuple[str, ...] = ()
    """ISO 639-1 codes to score; empty means every language that has a scorer."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept; 0 keeps them for ever, except where it says otherwise."""

    mentions: Duration = 0
    """Mentions that nobody worked on."""
    cases: Duration = 0
    """Mentions that somebody tagged, answered or noted."""
    payloads: Duration = 30 * DAY
    """Posts as they came over the wire."""
    deleted: Duration = 0
    """The text of posts that their authors have deleted; here 0 removes it at once."""
    backups: Count = 7
    """Daily backups that are kept."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that an owner can set. Without a file, these defaults."""

    desk: Desk = field(default_factory=Desk)
    """The desk itself."""
    topics: tuple[Topic, ...] = ()
    """What to listen for."""
    sources: tuple[SourceSetting, ...] = ()
    """Where to listen."""
    streams: tuple[StreamSetting, ...] = ()
    """Saved queries; they come after the built-in ones."""
    rules: tuple[RuleSetting, ...] = ()
    """Automatic rules."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Keys by the id of the action: `close_and_next = "e"`."""
    sla: tuple[SlaPolicy, ...] = (SlaPolicy(),)
    """When answers are due; a policy without conditions belongs at the end."""
    incidents: Incidents = field(default_factory=Incidents)
    """What counts as an incident."""
    notify: Notify = field(default_factory=Notify)
    """How people are told."""
    replies: Replies = field(default_factory=Replies)
    """Answers in the brand's name."""
    playbooks: Playbooks = field(default_factory=Playbooks)
    """What to do, as text."""
    sentiment: SentimentSetting = field(default_factory=SentimentSetting)
    """How feelings are read."""
    retention: Retention = field(default_factory=Retention)
    """How long things are kept."""
    place: Place = field(default=Place(None), compare=False, repr=False)

    def operators(self) -> tuple[Operator, ...]:
        """Everybody on the desk, each once, with all of their teams: those of [[desk.operators]], then who is only in a team's list."""
        listed = {one.name: one for one in self.desk.operators}
        for name in (name for members in self.desk.teams.values() for name in members):
            listed.setdefault(name, Operator(name))
        teams = {name: [team for team, members in self.desk.teams.items() if name in members] for name in listed}
        return tuple(replace(one, teams=tuple(dict.fromkeys((*one.teams, *teams[name])))) for name, one in listed.items())

    def teams(self) -> dict[str, tuple[str, ...]]:
        """Every team with its members, from both sides: the teams' lists and the operators' own."""
        teams = {team: list(members) for team, members in self.desk.teams.items()}
        for one in self.desk.operators:
            for team in one.teams:
                teams.setdefault(team, []).append(one.name)
        return {team: tuple(dict.fromkeys(members)) for team, members in teams.items()}

    def path(self, setting: str) -> Path:
        """A path of the file as a path of the machine: `~` is the home directory, a relative one starts beside the file."""
        from listener.config.paths import config_file

        return (self.place.file or config_file()).absolute().parent / Path(setting).expanduser()

    def calendar(self) -> BusinessCalendar:
        """The desk's business calendar."""
        from listener.domain.calendar import BusinessCalendar

        desk = self.desk
        return BusinessCalendar(desk.hours, desk.time_zone, holidays=desk.holidays, closed=desk.closed, open_days=desk.open)

    def on_call(self, at: int) -> tuple[str, ...]:
        """Who is on call at an instant, UTC ms, stand-ins counted."""
        return on_call(self.incidents.rota, at, zone=self.desk.time_zone, teams=self.teams(), swaps=self.incidents.swaps)

    def escalation(self, at: int) -> tuple[tuple[str, ...], ...]:
        """Whom to tell of an incident that was opened at an instant, UTC ms, step after step."""
        people = [one.name for one in self.operators()]
        incidents, zone = self.incidents, self.desk.time_zone
        return chain(incidents.escalation, at, incidents.rota, zone=zone, teams=self.teams(), operators=people, swaps=incidents.swaps)

    def policy(self, *, streams: Collection[str] = (), severity: str = "", kind: str = "") -> SlaPolicy | None:
        """The SLA policy that counts for such a mention: the first that fits."""
        return next((one for one in self.sla if one.fits(streams=streams, severity=severity, kind=kind)), None)

    def brands(self) -> tuple[Topic, ...]:
        """The topics that are our own."""
        return tuple(topic for topic in self.topics if topic.role == "brand")
