"""Telling people: by whom it is due, grouped, held, tried again, and every failure in sight."""

from __future__ import annotations

import json
import sys

import pytest

from listener.config import Config
from listener.config.alarms import Channel, Incidents, Notify, TopicTuning, Window
from listener.config.tree import Desk
from listener.domain.life import Event
from listener.domain.rota import Turn
from listener.engine.channels import Undelivered, deliver, osc
from listener.engine.incidents import Incidents as Board
from listener.engine.notify import Notifier, Terminal, ring, test_channel
from listener.store.connection import Store
from listener.store.incidents import IncidentStore
from listener.store.notices import Notices
from tests.listener.engine.desk import NOW, Clock

MINUTE = 60_000
DESK = Desk(teams={"support": ("nora", "theo"), "duty": ("iris",)})
test_channel.__test__ = False  # type: ignore[attr-defined]  # a function of ours that is called so


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path, clock):
    with Store(tmp_path / "desk.db", clock=clock) as opened:
        yield opened


def config(*channels, **more):
    incidents = Incidents(rota=(Turn("night", people=("nora",)),), **more.pop("incidents", {}))
    return Config(desk=DESK, incidents=incidents, notify=Notify(channels=channels or (Channel("chat", "command", command=("x",)),), **{"group": 0, **more}))


class Sink:
    """Keeps what was sent; refuses while told to."""

    def __init__(self):
        self.sent, self.refuses = [], 0

    def __call__(self, channel, title, text, facts, seconds):
        if self.refuses:
            self.refuses -= 1
            raise Undelivered(f"{channel.name}: no answer.")
        self.sent.append((channel.name, title, text, facts))


@pytest.fixture
def sink():
    return Sink()


def incident(store, urgency=3, topic="Aurora", at=NOW, pages=False, family="volume"):
    rows = IncidentStore(store)

    def work(connection):
        connection.execute("INSERT OR IGNORE INTO topic (name) VALUES (?)", (topic,))
        topic_id = connection.execute("SELECT id FROM topic WHERE name = ?", (topic,)).fetchone()[0]
        id_ = rows.insert(connection, topic_id, family, f"{topic}/{family}", at)
        rows.add_event(connection, id_, Event("opened", at, at, family, at, urgency, 5, "SEV2 (5): 412 mentions in 1 h", pages=pages))
        rows.refold(connection, id_)
        return id_

    return store.write(work)


def test_the_one_on_call_is_told_and_the_timeline_says_so(store, sink):
    id_ = incident(store)
    assert Notifier(store, config(), send=sink).turn() == 1
    name, title, text, facts = sink.sent[0]
    assert (name, title) == ("chat", "SEV2 Aurora: volume")
    assert "412 mentions" in text
    assert facts["notices"][0]["people"] == ["nora"]
    assert [line.text for line in Board(store, "nora").timeline(id_)] == ["chat told nora: opened"]
    assert Notifier(store, config(), send=sink).turn() == 0, "a restart tells nobody twice"


def test_the_chain_goes_on_until_somebody_acknowledges(store, sink, clock):
    id_ = incident(store)
    notifier = Notifier(store, config(), send=sink)
    notifier.turn()
    clock.at = NOW + 16 * MINUTE
    notifier.turn()
    assert sink.sent[-1][3]["notices"][0]["people"] == ["theo", "iris"]
    Board(store, "theo").ack(id_)
    clock.at = NOW + 10 * 60 * MINUTE
    assert notifier.turn() == 0


def test_a_resolved_incident_that_comes_back_is_told_again(store, sink, clock):
    id_ = incident(store)
    notifier = Notifier(store, config(), send=sink)
    notifier.turn()
    Board(store, "nora").resolve(id_, "a rumour", real=False)
    notifier.turn()
    clock.at = NOW + 30 * MINUTE

    def again(connection):
        rows = IncidentStore(store)
        rows.add_event(connection, id_, Event("again", NOW + 25 * MINUTE, NOW + 20 * MINUTE, "volume", NOW, 3, 5, "SEV2 (5): more"))
        rows.refold(connection, id_)

    store.write(again)
    notifier.turn()
    assert [sent[3]["notices"][0]["reason"] for sent in sink.sent] == ["opened", "came back"]


def test_what_happens_together_is_told_together(store, sink, clock):
    incident(store, 2, "Aurora", family="complaints")
    incident(store, 4, "Borealis")
    notifier = Notifier(store, config(group=30_000), send=sink)
    assert notifier.turn() == 0
    clock.at = NOW + 30_000
    assert notifier.turn() == 1
    assert sink.sent[0][1] == "SEV1 Borealis: volume (and 1 more)"


def test_quiet_hours_hold_what_is_not_grave_and_drop_what_is_over_by_then(store, sink, clock):
    """NOW is 09:46 UTC; quiet until noon. A SEV2 waits, a SEV1 does not; what was acknowledged meanwhile is not told."""
    waits, grave, over = incident(store, 3), incident(store, 4, "Borealis"), incident(store, 3, "Zephyr")
    notifier = Notifier(store, config(quiet_hours="08:00-12:00"), send=sink)
    notifier.turn()
    assert [sent[3]["notices"][0]["incident"] for sent in sink.sent] == [grave]
    Board(store, "iris").ack(over)
    clock.at = NOW + 134 * MINUTE
    notifier.deliver()
    assert [fact["incident"] for fact in sink.sent[-1][3]["notices"]] == [waits]
    assert {notice.state for notice in Notices(store).log(incident_id=over)} == {"dropped"}


def test_a_failure_is_tried_again_later_and_later_and_stays_in_sight(store, sink, clock):
    id_ = incident(store)
    sink.refuses = 2
    notifier = Notifier(store, config(), send=sink)
    notifier.turn()
    assert [notice.error for notice in Notices(store).troubles(0)] == ["chat: no answer."]
    waits = []
    for _ in range(2):
        notice = Notices(store).log()[0]
        waits.append(notice.next_at - clock.at)
        clock.at = notice.next_at
        notifier.deliver()
    assert waits == [MINUTE, 2 * MINUTE]
    assert Notices(store).troubles(0) == []
    assert len(sink.sent) == 1
    assert any("could not be told by chat" in line.text for line in Board(store, "nora").timeline(id_))


def test_after_many_failures_it_is_called_failed(store, sink, clock):
    incident(store)
    sink.refuses = 1000
    notifier = Notifier(store, config(), send=sink)
    notifier.turn()
    for _ in range(20):
        clock.at += 60 * MINUTE
        notifier.deliver()
    assert {notice.state for notice in Notices(store).log()} == {"failed"}


@pytest.mark.parametrize(
    "incidents",
    [{"topics": {"Aurora": TopicTuning(page=False)}}, {"windows": (Window(start=NOW - 1, end=NOW + MINUTE, topic="Aurora"),)}],
)
def test_who_asked_for_silence_has_it(store, sink, incidents):
    incident(store)
    assert Notifier(store, config(incidents=incidents), send=sink).turn() == 0


def test_a_rival_and_a_muted_one_are_never_told_until_it_escalates(store, sink, clock):
    rival, muted = incident(store, 4, "Borealis"), incident(store, 2)
    store.write(lambda connection: connection.execute("UPDATE topic SET role = 'competitor' WHERE name = 'Borealis'") and None)
    board = Board(store, "nora")
    board.mute(muted)
    notifier = Notifier(store, config(), send=sink)
    assert notifier.turn() == 0
    assert rival

    def worse(connection):
        rows = IncidentStore(store)
        rows.add_event(connection, muted, Event("again", NOW, NOW, "volume", NOW, 3, 5, "SEV2 (5): more"))
        rows.refold(connection, muted)

    store.write(worse)
    assert notifier.turn() == 1
    assert not board.get(muted).muted(NOW)


def test_channels_choose_by_severity_topic_and_people(store, sink):
    chosen = config(
        Channel("pager", "command", command=("x",), severity="SEV1"), Channel("other", "command", command=("x",), topics=("Borealis",)),
        Channel("support", "command", command=("x",), people=("support",)), Channel("duty", "command", command=("x",), people=("duty",)),
    )  # fmt: skip
    incident(store)
    Notifier(store, chosen, send=sink).turn()
    assert [sent[0] for sent in sink.sent] == ["support"]


def test_a_terminal_rings_once_and_old_news_never(store, clock):
    incident(store)
    chosen = config(Channel("bell", "bell"), Channel("note", "osc"))
    notifier = Notifier(store, chosen)
    notifier.turn()
    assert Terminal(store, chosen, "theo").take() == [], "nora is on call"
    taken = Terminal(store, chosen, "nora").take()
    assert ring(taken).startswith("\a\x1b]777;notify;SEV2 Aurora")
    assert Terminal(store, chosen, "nora").take() == []
    incident(store, 3, "Borealis")
    notifier.turn()
    clock.at = NOW + 3 * 60 * MINUTE
    notifier.deliver()
    assert {notice.state for notice in Notices(store).troubles(0)} == {"missed"}


def test_nothing_in_a_post_can_end_the_terminals_sequence():
    """A title is made of a topic's name and words of strangers: escapes in it must stay text."""
    told = osc("evil\x1b]0;pwned\x07;x", "line\n\x1b\\more\x9c")
    body = told.removeprefix("\x1b]777;notify;").split("\x1b\\")[0]
    assert "\x1b" not in body
    assert "\x07" not in told
    assert "\x9c" not in told


def test_a_command_gets_json_on_its_input_and_no_shell(tmp_path):
    out = tmp_path / "out.json"
    script = f"import sys; open({str(out)!r}, 'w').write(sys.stdin.read())"
    deliver(Channel("cmd", "command", command=(sys.executable, "-c", script)), "t; rm -rf /", "$(id)", {"notices": []}, 20)
    assert json.loads(out.read_text()) == {"title": "t; rm -rf /", "text": "$(id)", "notices": []}


@pytest.mark.parametrize(
    ("command", "words"),
    [((sys.executable, "-c", "import sys; sys.stderr.write('no \\x1b[31mroute'); sys.exit(3)"), "ended with 3: no [31mroute"), (("/nonexistent/pager",), "cannot be run")],
)
def test_a_command_that_fails_says_why(command, words):
    with pytest.raises(Undelivered, match=words.replace("[", r"\[").replace("(", r"\(")):
        deliver(Channel("cmd", "command", command=command), "t", "x", {}, 20)


def test_without_apprise_one_clear_line(monkeypatch):
    from listener.config.secrets import Secret

    monkeypatch.setitem(sys.modules, "apprise", None)
    monkeypatch.setenv("CHAT", "slack://secret-token")
    with pytest.raises(Undelivered, match=r"Apprise is not installed.*pip install 'listener-desk\[notify\]'"):
        deliver(Channel("chat", "apprise", url=Secret("env", "CHAT")), "t", "x", {}, 5)


def test_an_apprise_url_never_shows(monkeypatch):
    """Its URL holds a token; the log of failures is read by everybody on the desk."""
    pytest.importorskip("apprise")
    from listener.config.secrets import Secret

    monkeypatch.setenv("CHAT", "nosuch://secret-token")
    with pytest.raises(Undelivered) as caught:
        deliver(Channel("chat", "apprise", url=Secret("env", "CHAT")), "t", "x", {}, 5)
    assert "secret-token" not in str(caught.value)
