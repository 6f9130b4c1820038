from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.config import RuleSetting, Secret, SourceSetting, StreamSetting, Then, load, loads
from listener.config.edit import add_rule, add_source, add_stream, add_topic, change, remove, set_value
from listener.config.template import KEYLESS, template, topic_for
from listener.domain.topic import Topic
from listener.errors import ConfigError

BEFORE = """# my desk
[desk]
time_zone = "Europe/Athens"   # home

[[streams]]
name = "Leads"  # for ana
query = "kind:lead"

[replies]
undo = "20s"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "listener.toml"
    file.write_text(BEFORE)
    return file


def test_what_is_added_loads_back_equal_and_comments_stay(file: Path) -> None:
    """A round trip for each section, in a file that somebody wrote by hand."""
    source = SourceSetting(
        "mastodon", "m", every=90_000, options={"instance": "https://s.example", "token": Secret("keyring", "m"), "tags": ("a", "b")}
    )
    topic = Topic("Aurora Air", "brand", ('"aurora air" OR #auroraair',), hashtags=("auroraair",))
    stream = StreamSetting("Ours", "topic:aurora", order="urgency", columns=("age", "text"), key="2")
    rule = RuleSetting("night", "kind:lead outside:hours", Then(assign="sales", tag=("lead",), due="next opening"), dry_run=True)
    add_source(file, source)
    add_topic(file, topic)
    add_stream(file, stream)
    add_rule(file, rule)
    config = load(file)
    assert (config.sources, config.topics, config.streams[1:], config.rules) == ((source,), (topic,), (stream,), (rule,))
    assert config.replies.undo == 20_000
    text = file.read_text()
    for line in BEFORE.splitlines():
        assert line in text
    assert file.stat().st_mode & 0o777 == 0o600


def test_change_and_remove(file: Path) -> None:
    """Streams are edited from the screen; a comment beside a key that stays is kept."""
    change(file, "streams", "Leads", StreamSetting("Leads", "kind:lead lang:el", key="3"))
    assert load(file).streams == (StreamSetting("Leads", "kind:lead lang:el", key="3"),)
    assert "# for ana" in file.read_text()
    remove(file, "streams", "Leads")
    assert load(file).streams == ()
    with pytest.raises(ConfigError, match="no stream 'Leads'"):
        remove(file, "streams", "Leads")


def test_a_source_without_a_name_is_found_by_the_one_it_got(file: Path) -> None:
    """The second feed is called `feed:host` in the desk, though the file does not say so."""
    for host in ("a.example", "b.example"):
        add_source(file, SourceSetting("feed", options={"url": f"https://{host}/rss"}))
    remove(file, "sources", "feed:b.example")
    assert [one.options["url"] for one in load(file).sources] == ["https://a.example/rss"]


def test_single_settings(file: Path) -> None:
    """The theme and the keymap are chosen on the screen."""
    set_value(file, ("desk", "theme"), "listener-dark")
    set_value(file, ("keys", "close_and_next"), ["e"])
    assert load(file).desk.theme == "listener-dark"
    assert load(file).keys == {"close_and_next": ("e",)}
    set_value(file, ("desk", "theme"), None)
    assert load(file).desk.theme == ""


def test_what_would_not_load_is_not_written(file: Path) -> None:
    """The complaint names the line that would have been, and the file is untouched."""
    with pytest.raises(ConfigError, match=r"listener.toml:\d+:\d+: streams\[1\].name: 'Leads' is the name of another"):
        add_stream(file, StreamSetting("Leads"))
    with pytest.raises(ConfigError, match=r"desk\.theme"):
        set_value(file, ("desk", "theme"), 5)
    assert file.read_text() == BEFORE


def test_a_file_that_is_broken_already_is_left_alone(file: Path) -> None:
    """Its own mistake is told, not buried under ours."""
    file.write_text("[desk]\nhours = 5\n")
    with pytest.raises(ConfigError, match=r"desk\.hours"):
        add_stream(file, StreamSetting("x"))
    assert file.read_text() == "[desk]\nhours = 5\n"


def test_a_file_that_is_not_there_is_made(tmp_path: Path) -> None:
    """The wizard of the first run begins with nothing."""
    add_topic(tmp_path / "deep" / "listener.toml", topic_for("Aurora"))
    assert load(tmp_path / "deep" / "listener.toml").topics[0].name == "Aurora"


def test_the_template_reads_back() -> None:
    """What `listener init` writes is a working desk with exactly what was chosen."""
    brand = topic_for("Aurora Air", handles=["@auroraair"], hashtags=["#auroraair"])
    text = template(brand, ["Borealis", 'The "Other" One'], time_zone="Europe/Athens", operator="ana", contact="desk@aurora.example")
    config = loads(text)
    assert config.topics[0] == brand
    assert [(one.name, one.role, one.queries) for one in config.topics[1:]] == [
        ("Borealis", "competitor", ('"Borealis"',)),
        ("The Other One", "competitor", ('"The Other One"',)),
    ]
    assert [(one.kind, one.options) for one in config.sources] == [(one.kind, one.options) for one in KEYLESS]
    assert (config.desk.time_zone, config.desk.contact, config.teams()) == ("Europe/Athens", "desk@aurora.example", {"support": ("ana",)})
    assert brand.queries == ('"Aurora Air" OR @auroraair OR #auroraair',)


@pytest.mark.parametrize(("brand", "zone"), [("Aurora", "Moon/Tycho"), ("\x1b[31m", "UTC"), (" ", "UTC")])
def test_the_template_never_writes_what_would_not_load(brand: str, zone: str) -> None:
    """A typing error at `listener init` is told at once, not at the next start."""
    with pytest.raises(ConfigError):
        template(brand, time_zone=zone)


def test_the_examples_in_the_templates_comments_are_right() -> None:
    """Whoever takes the comment marks away must not meet a mistake of ours."""
    text = template("Aurora", operator="")
    lines = [line.removeprefix("# ") if _is_setting(line) else line for line in text.splitlines()]
    config = loads("\n".join(lines))
    assert [one.kind for one in config.sources][-1] == "mastodon"
    assert config.rules[0].name == "lead at night"
    assert config.incidents.rota[0].people == ("ana", "bo")
    assert config.notify.channels[0].kind == "apprise"
    assert config.desk.holidays == "GR"


def _is_setting(line: str) -> bool:
    body = line.removeprefix("# ")
    return line.startswith("# [[") or (line.startswith("# ") and body.split(" = ")[0].isidentifier() and " = " in body)


@given(st.text(min_size=1, max_size=30).filter(lambda text: text.replace('"', " ").strip() and text.isprintable()))
def test_any_printable_brand_makes_a_configuration_that_loads(brand: str) -> None:
    """Names hold quotes, backslashes, emoji, and scripts of every kind."""
    topic = topic_for(brand)
    assert loads(template(topic)).topics == (topic,)
