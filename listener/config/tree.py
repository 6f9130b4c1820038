"""The configuration as one frozen tree. The text under each field is its documentation: docs/configuration.md is made from it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from listener.config.alarms import Incidents, Notify
from listener.config.answers import Replies, SlaPolicy
from listener.config.kinds import Count, Country, Day, Duration, Folder, Hours, Name, SeverityName, Share, TaskKindName, Zone
from listener.config.place import Place
from listener.config.secrets import Secret
from listener.config.table import NONE, Table
from listener.domain.duration import DAY
from listener.domain.operator import Operator
from listener.domain.rota import chain, on_call
from listener.domain.topic import Topic

if TYPE_CHECKING:
    from listener.domain.calendar import BusinessCalendar


class Desk(Table):
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
    teams: Mapping[str, tuple[str, ...]] = NONE
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


class SourceSetting(Table):
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
    options: Mapping[str, object] = NONE
    """The network's own settings, such as `instance`, `url`, `tags`; secrets among them as { keyring = … }, { env = … }, { file = … }."""
    place: Place = Place(None)
    """Where it stands in the file."""

    def secret(self, key: str) -> Secret | None:
        """The secret of that name, if the owner gave one."""
        value = self.options.get(key)
        return value if isinstance(value, Secret) else None


class StreamSetting(Table):
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


class Then(Table):
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


class RuleSetting(Table):
    """An automatic rule: when a mention fits, then do this. Rules run in their order in the file."""

    name: Name
    """Stands in the journal beside everything that the rule did."""
    when: str = ""
    """In the query language; `outside:hours` and `NOT outside:hours` ask the desk's calendar."""
    then: Then = Then()
    """What to do."""
    dry_run: bool = False
    """Only note what would have been done."""
    stop: bool = False
    """No later rule looks at a mention that this one fits."""


class Playbooks(Table):
    """What to do, as text."""

    folder: Folder = "playbooks"
    """A folder of Markdown files with front matter, one for each tag."""


class SentimentSetting(Table):
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


class Retention(Table):
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


class Config(Table):
    """Everything that an owner can set. Without a file, these defaults."""

    desk: Desk = Desk()
    """The desk itself."""
    topics: tuple[Topic, ...] = ()
    """What to listen for."""
    sources: tuple[SourceSetting, ...] = ()
    """Where to listen."""
    streams: tuple[StreamSetting, ...] = ()
    """Saved queries; they come after the built-in ones."""
    rules: tuple[RuleSetting, ...] = ()
    """Automatic rules."""
    keys: Mapping[str, tuple[str, ...]] = NONE
    """Keys by the id of the action: `close_and_next = "e"`."""
    sla: tuple[SlaPolicy, ...] = (SlaPolicy(),)
    """When answers are due; a policy without conditions belongs at the end."""
    incidents: Incidents = Incidents()
    """What counts as an incident."""
    notify: Notify = Notify()
    """How people are told."""
    replies: Replies = Replies()
    """Answers in the brand's name."""
    playbooks: Playbooks = Playbooks()
    """What to do, as text."""
    sentiment: SentimentSetting = SentimentSetting()
    """How feelings are read."""
    retention: Retention = Retention()
    """How long things are kept."""
    place: Place = Place(None)
    """Where it stands in the file."""

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
