"""Macros and pipes: the same work again, and other people's programs, without surprises."""

from __future__ import annotations

import json
import sys
import time

import pytest

from listener.domain.author import Author
from listener.domain.calendar import BusinessCalendar
from listener.domain.mention import Filing, Mention
from listener.domain.sentiment import UNSCORED
from listener.engine.macros import ACTS, Macro, Macros, Step, play, preview, read_step
from listener.engine.pipe import LARGEST, arguments, cleaned, pipe
from listener.engine.triage import Triage
from listener.errors import InputError
from listener.store.connection import Store
from listener.store.intake import Intake
from listener.store.mentions import Mentions

NOW = 1_774_000_000_000
CALENDAR = BusinessCalendar("mon-fri 09:00-17:00", "UTC")
REFUND = Macro("refund", (Step("tag", ("refund", "-late")), Step("assign", ("support",)), Step("snooze", ("tomorrow", "9"))))


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "desk.db", clock=lambda: NOW) as opened:
        yield opened


def add(store, n):
    filings = [Filing(Mention("net", str(i), f"post {i}", NOW - i, Author("a", "a")), ("Aurora",), "en", 0.9, UNSCORED) for i in range(n)]
    return list(store.write(lambda connection: Intake(store).add(connection, filings)).new)


def test_a_macro_is_one_undo(store):
    ids, hands, mentions = add(store, 3), Triage(store, "nora"), Mentions(store)
    hands.tag(ids[:1], "late")
    done = play(hands, ids, REFUND, NOW, CALENDAR)
    case = mentions.get(ids[0])
    assert (case.tags, case.assignee, case.state, len(done.changed)) == (("refund",), "support", "snoozed", 3)
    hands.undo()
    assert [(one.tags, one.assignee, one.state) for one in mentions.many(ids)] == [(("late",), "", "open"), ((), "", "open"), ((), "", "open")]


def test_what_would_be_done_is_listed_before(store):
    """A big run is looked at first, and says where nothing changes."""
    ids, hands = add(store, 2), Triage(store, "nora")
    hands.assign(ids[:1], "support")
    (one, two) = preview(REFUND, Mentions(store).many(ids), NOW, CALENDAR, "nora")
    assert one[1].startswith("tags +refund; assigned already; snooze Sat 21 Mar 09:00")
    assert "to support" in two[1]
    assert Mentions(store).get(ids[0]).tags == ()


def test_macros_are_kept_privately_and_damage_is_said(tmp_path):
    macros = Macros(tmp_path / "macros.json")
    macros.save(REFUND)
    macros.save(Macro("Refund", (Step("close-next"),)))
    assert [macro.name for macro in macros.all()] == ["Refund"]
    assert (tmp_path / "macros.json").stat().st_mode & 0o077 == 0
    macros.remove("refund")
    assert macros.all() == []
    (tmp_path / "macros.json").write_text('{"a": 7}')
    with pytest.raises(InputError, match="cannot be read"):
        macros.all()


def test_no_macro_sends_a_reply(tmp_path):
    """What goes out in the brand's name is looked at each time."""
    assert "reply" not in ACTS
    with pytest.raises(InputError, match="cannot hold"):
        Macros(tmp_path / "m.json").save(Macro("x", (Step("reply", ("hello",)),)))
    with pytest.raises(InputError, match="no step"):
        read_step("reply hello")


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_command_gets_json_and_nothing_in_its_arguments():
    nasty = "$(touch pwned); `id`\x1b[31m"
    outcome = pipe(python("import json,sys; rows=json.load(sys.stdin); print(len(rows), rows[0]['text'] == sys.argv[1] if sys.argv[1:] else 'no arguments')"), [{"text": nasty}, {"text": "b"}])
    assert (outcome.code, outcome.out) == (0, "2 no arguments\n")
    assert arguments("jq '.[] | .id' -r") == ["jq", ".[] | .id", "-r"]


def test_its_answer_cannot_touch_the_terminal():
    assert cleaned(b"\x1b]52;c;aGk=\x07\x1b[2Jred\x1b[31m \xe2\x80\xaetxet\x9b5n\r\nnext\ttab\xff") == "red txet\ufffd5n\nnext\ttab\ufffd"


def test_one_that_never_ends_is_ended_with_its_children():
    began = time.monotonic()
    outcome = pipe(python("import subprocess,sys; subprocess.run([sys.executable,'-c','import time; time.sleep(60)'])"), [], timeout=0.7)
    assert outcome.code is None and time.monotonic() - began < 20


def test_talk_and_deafness_hold_nothing_up():
    """A command that prints for ever or never reads must not block the desk."""
    outcome = pipe(python("import sys; sys.stdout.write('x' * 3_000_000)"), [{"text": "y" * 1_000_000}])
    assert (outcome.code, len(outcome.out), outcome.cut) == (0, LARGEST, True)


@pytest.mark.parametrize(("command", "says"), [(["no-such-program-here"], "no program"), (["/"], "cannot be run")])
def test_what_cannot_be_run_is_said(command, says):
    with pytest.raises(InputError, match=says):
        pipe(command, [])


def test_a_failing_command_tells_its_code():
    outcome = pipe(python("import sys; print('bad', file=sys.stderr); sys.exit(7)"), [])
    assert (outcome.code, outcome.err) == (7, "bad\n") and json.dumps(outcome.out) == '""'
