from __future__ import annotations

from pathlib import Path

import pytest

from listener.config import Config, Secret, load, loads
from listener.domain.operator import Operator
from listener.domain.topic import Topic
from listener.errors import ConfigError

FULL = """
[desk]
name = "Night desk"
time_zone = "Europe/Athens"
hours = "mon-fri 09:00-13:00, 14:00-18:00; sat 10:00-14:00"
holidays = "GR"
closed = [2026-12-24]
teams = { sales = ["ana"], support = ["bo", "cy"] }
keymap = "vim"

[[desk.operators]]
name = "ana"
can_approve = true
languages = ["el", "en"]
capacity = 12

[[topics]]
name = "Aurora Air"
role = "brand"
query = '"aurora air" OR @auroraair'

[[topics]]
name = "Borealis"
role = "competitor"
queries = ["borealis", "#borealis"]

[[sources]]
kind = "mastodon"
instance = "https://social.example"
token = { env = "MASTODON_TOKEN" }
tags = ["auroraair", "borealis"]
every = "2m"

[[sources]]
kind = "mastodon"
instance = "https://other.example"

[[streams]]
name = "Leads"
query = "kind:lead"
order = "due"
key = "1"
group = "sales"

[[rules]]
name = "lead at night"
when = "kind:lead outside:hours"
then = { assign = "sales", tag = "sales-lead", due = "next opening" }

[keys]
close_and_next = "e"
tag = ["t", "ctrl+t"]

[[sla]]
severity = "SEV1"
respond = "15m"
clock = "wall"

[[sla]]
respond = "24h"

[incidents]
points = { record60 = 2 }
acknowledge_within = { sev1 = "3m" }
escalation = ["on-call", "ana", "everybody"]

[incidents.topics."Aurora Air"]
thresholds = { record60 = 0.2 }

[[incidents.rota]]
people = ["bo", "cy"]
hours = "22:00-06:00"
handover = "mon 09:00"

[[incidents.swaps]]
person = "bo"
instead = "ana"
start = 2026-12-24T00:00:00
end = 2026-12-26T00:00:00

[[incidents.windows]]
start = 2026-11-27T08:00:00
end = 2026-11-27T20:00:00+00:00
effect = "campaign"

[[notify.channels]]
name = "slack"
kind = "apprise"
url = { keyring = "slack" }
severity = "SEV2"

[notify]
quiet_hours = "22:00-07:00"

[replies]
undo = "20s"
banned = ["guaranteed"]
acknowledge = { enabled = true, text = "We are on it.", per_hour = 5 }

[sentiment]
threshold = 0.4

[retention]
mentions = "400d"
"""


def complaint(text: str, tmp_path: Path) -> str:
    file = tmp_path / "listener.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load(file)
    return str(caught.value)


def test_every_section_arrives_in_the_tree() -> None:
    """One file with every section, as an owner would write it; each value in the unit that the tree promises."""
    config = loads(FULL)
    assert config.desk.closed == ("2026-12-24",)
    assert config.topics == (
        Topic("Aurora Air", "brand", ('"aurora air" OR @auroraair',)),
        Topic("Borealis", "competitor", ("borealis", "#borealis")),
    )
    first, second = config.sources
    assert (first.name, second.name) == ("mastodon", "mastodon:other.example")
    assert first.every == 120_000
    assert first.options["tags"] == ("auroraair", "borealis")
    assert first.secret("token") == Secret("env", "MASTODON_TOKEN")
    assert second.secret("token") is None
    assert config.streams[0].order == "due"
    assert config.rules[0].then.tag == ("sales-lead",)
    assert config.rules[0].then.due == "next opening"
    assert config.keys == {"close_and_next": ("e",), "tag": ("t", "ctrl+t")}
    assert [policy.respond for policy in config.sla] == [900_000, 86_400_000]
    assert config.incidents.acknowledge_within == {"SEV1": 180_000}
    assert config.incidents.topics["Aurora Air"].thresholds == {"record60": 0.2}
    assert config.incidents.rota[0].people == ("bo", "cy")
    assert config.notify.channels[0].url == Secret("keyring", "slack")
    assert config.replies.undo == 20_000
    assert config.replies.acknowledge.per_hour == 5
    assert config.retention.mentions == 400 * 86_400_000


def test_times_are_read_in_the_desks_zone() -> None:
    """A planned window without an offset is meant on the desk's clock, one with an offset is not."""
    window = loads(FULL).incidents.windows[0]
    assert (window.start, window.end) == (1795759200000, 1795809600000)  # 06:00Z and 20:00Z on 27 November 2026


def test_people_and_teams_come_from_both_lists() -> None:
    """Somebody in a team's list alone is an operator too; details from [[desk.operators]] win."""
    config = loads(FULL)
    assert config.operators() == (
        Operator("ana", ("sales",), can_approve=True, languages=("el", "en"), capacity=12),
        Operator("bo", ("support",)),
        Operator("cy", ("support",)),
    )
    assert config.teams() == {"sales": ("ana",), "support": ("bo", "cy")}


def test_the_defaults_are_a_usable_desk() -> None:
    """Without a file there is a desk: open hours, one SLA policy of 24 h, a bell."""
    config = Config()
    assert loads("") == config
    assert config.sla[0].respond == 86_400_000
    assert config.notify.channels[0].kind == "bell"
    assert config.incidents.acknowledge_within["SEV1"] == 300_000


def test_a_mistake_is_named_with_file_line_and_key(tmp_path: Path) -> None:
    """The message has all that is needed to mend the file."""
    text = '[desk]\n\n[[topics]]\nname = "a"\nquery = "a"\n\n[[topics]]\nname = "b"\n  role = "rival"\nquery = "b"\n'
    assert complaint(text, tmp_path) == "listener.toml:9:3: topics[1].role: 'rival' is not one of brand, competitor, industry"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[dsek]\n", 1, "dsek: is not a setting; did you mean 'desk'?"),
        ('[desk]\ntime_zon = "UTC"\n', 2, "did you mean 'time_zone'?"),
        ('[desk]\n\ntime_zone = "Europe/Athen"\n', 3, "did you mean 'Europe/Athens'?"),
        ('[desk]\nhours = "mon-fri 9-25"\n', 2, "desk.hours: '9-25' has a time that no clock shows"),
        ("[desk]\nbell = 1\n", 2, "is a number, but true or false belongs here"),
        ("[desk]\nname = true\n", 2, "is true or false, but a text in quotes belongs here"),
        ('[[sources]]\nkind = "feed"\nevery = "2 parsecs"\n', 3, "sources[0].every: '2 parsecs' is not a length of time"),
        ('[[sources]]\nname = "x"\n', 1, "sources[0]: needs a `kind`"),
        ('[[rules]]\nname = "x"\nthen = { asign = "a" }\n', 3, "rules[0].then.asign: is not a setting; did you mean 'assign'?"),
        ('[[rules]]\nname = "x"\n[rules.then]\nseverity = "bad"\n', 4, "rules[0].then.severity: 'bad' is not one of SEV1, SEV2"),
        ("[sentiment]\nthreshold = 1.5\n", 2, "1.5 is not between 0 and 1"),
        ("[replies.acknowledge]\nper_hour = -1\n", 2, "-1 is not between 0"),
        ('desk = "x"\n', 1, "desk: is a text, but a table belongs here"),
        ('topics = "x"\n', 1, "is a text, but a table belongs here"),
        ('[[notify.channels]]\nname = "s"\nkind = "apprise"\n', 1, "needs a `url`"),
        ('[[topics]]\nname = "a"\nquery = "a"\n[[topics]]\nname = "A"\nquery = "b"\n', 5, "'a' is the name of another one already"),
        ('[[topics]]\nname = "a"\n', 1, "topics[0]: has no query"),
        (
            '[[topics]]\nname = "a"\nquery = "a"\nsources = ["fed"]\n[[sources]]\nkind = "feed"\n',
            4,
            "'fed' is not a source; did you mean 'feed'?",
        ),
        (
            '[desk]\nteams = { a = ["ana"] }\n[incidents]\nescalation = ["anna"]\n',
            4,
            "'anna' is not an operator or a team; did you mean 'ana'?",
        ),
        ("[[incidents.rota]]\nhours = '9-5'\n", 1, "names neither people nor a team"),
        ("[[incidents.windows]]\nstart = 2026-01-02\nend = 2026-01-01\n", 3, "is not after its start"),
        ("[[incidents.windows]]\nstart = 2026-01-02\nend = 'soon'\n", 3, "'soon' is not a date and time"),
        ('[[rules]]\nname = "x"\nthen = { due = "whenever" }\n', 3, "'whenever' is not a time"),
        ('[desk]\nholidays = "Greece"\n', 2, "'Greece' is not a country code"),
    ],
)
def test_each_sort_of_mistake_has_its_line(text: str, line: int, words: str, tmp_path: Path) -> None:
    """One case for each sort of complaint."""
    message = complaint(text, tmp_path)
    assert message.startswith(f"listener.toml:{line}:"), message
    assert words in message


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Nobody should have to run the program once for each mistake."""
    message = complaint('[desk]\nbel = true\nkeymap = "joe"\n[retention]\nmentions = "x"\n', tmp_path)
    assert [line.split(": ")[0] for line in message.splitlines()] == ["listener.toml:2:1", "listener.toml:3:1", "listener.toml:5:1"]


def test_broken_toml_has_a_line_too(tmp_path: Path) -> None:
    """tomllib's own complaint, in our shape."""
    assert complaint("[desk]\nname = \n", tmp_path).startswith("listener.toml:2:8: ")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[" * 100_000, b"a = " + b"[" * 50_000, b"\x00"])
def test_rubbish_is_refused_in_words(content: bytes, tmp_path: Path) -> None:
    """Whatever lies at the path, it ends in a ConfigError and never in a traceback."""
    file = tmp_path / "listener.toml"
    file.write_bytes(content)
    with pytest.raises(ConfigError):
        load(file)


def test_a_missing_file_is_an_error_only_when_it_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`listener` without any configuration works; `--config typo.toml` says so."""
    monkeypatch.setenv("LISTENER_HOME", str(tmp_path))
    assert load() == Config()
    with pytest.raises(ConfigError, match="no configuration at"):
        load(tmp_path / "typo.toml")


def test_a_hint_is_a_sentence_of_its_own() -> None:
    """Message and hint are printed on one line."""
    with pytest.raises(ConfigError) as caught:
        loads('[desk]\nhours = "mon 9-25"\n')
    assert str(caught.value) == "desk.hours: '9-25' has a time that no clock shows. Times run from 00:00 to 24:00."


def test_a_place_gives_adapters_the_same_kind_of_complaint(tmp_path: Path) -> None:
    """Options are checked later, by the adapter, and its complaints must name the line as well."""
    file = tmp_path / "listener.toml"
    file.write_text('[[sources]]\nkind = "feed"\nurl = "ftp://x"\n')
    (source,) = load(file).sources
    assert str(source.place.at("url").error("is not http")) == "listener.toml:3:1: sources[0].url: is not http"
