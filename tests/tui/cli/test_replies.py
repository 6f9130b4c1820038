"""The commands about replies as a script sees them: rows, next steps, exit codes; nothing goes out without a collector."""

from __future__ import annotations

import json

import pytest

from listener.domain.author import Author
from listener.domain.mention import Filing, Mention
from listener.domain.reply import ReplyState
from listener.domain.sentiment import UNSCORED
from listener.store.checkpoints import Leases
from listener.store.connection import Store
from listener.store.intake import Intake
from listener.store.outbox import Outbox
from tui.cli import run

CONFIG = """
[desk]
teams = { duty = ["nora", "iris"] }
[[topics]]
name = "Aurora"
queries = ["aurora"]
[[sources]]
kind = "mastodon"
instance = "https://social.example"
token = { env = "TOKEN" }
[[sources]]
kind = "feed"
name = "news"
url = "https://news.example/rss"
[replies]
undo = "30s"
"""


@pytest.fixture
def desk(tmp_path, monkeypatch, capsys):
    (tmp_path / "listener.toml").write_text(CONFIG)
    (tmp_path / "replies").mkdir()
    (tmp_path / "replies" / "bag.md").write_text("---\ntitle: Lost bag\ntags: [complaint]\n---\nHello {name}, we are sorry about your bag.")
    monkeypatch.setenv("TOKEN", "secret")
    with Store(tmp_path / "desk.db") as store:
        intake, now = Intake(store), store.clock()
        posts = [
            Mention("mastodon", "11", "aurora, where is my bag?\x1b[2J", now, Author("7", "ann@social.example", "Ann"), url="https://social.example/11", reply_ref='{"acct":"ann"}'),
            Mention("news", "12", "aurora in the news", now, Author("8", "paper"), url="https://news.example/12"),
            Mention("news", "13", "aurora again", now, Author("8", "paper"), url="javascript:alert(1)"),
        ]
        store.write(lambda connection: intake.add(connection, [Filing(post, ("Aurora",), "en", 0.9, UNSCORED) for post in posts]))

    class Desk:
        path = tmp_path / "desk.db"

        def __call__(self, *arguments, who="nora"):
            code = run(["--config", str(tmp_path / "listener.toml"), "--db", str(tmp_path / "desk.db"), "--operator", who, *arguments])
            told = capsys.readouterr()
            return code, told.out, told.err

        def json(self, *arguments, **more):
            code, out, err = self(*arguments, "--json", **more)
            assert code == 0, err
            return json.loads(out)

    return Desk()


def test_a_reply_is_queued_and_says_what_happens_next(desk):
    code, out, _ = desk("reply", "1", "Hello", "Ann,", "sorry!")
    assert code == 0 and "queued" in out and "`listener outbox cancel 1`" in out
    (row,) = desk.json("outbox")
    assert (row["id"], row["mention"], row["state"], row["text"], row["source"]) == (1, 1, "queued", "Hello Ann, sorry!", "mastodon")


def test_it_is_taken_back_in_time(desk):
    assert desk.json("reply", "1", "Hello")["state"] == "queued"
    assert desk("outbox", "cancel", "1")[0] == 0
    assert desk.json("outbox")[0]["state"] == "cancelled"
    assert desk("outbox", "cancel", "1")[0] == 2


def test_a_draft_is_kept_and_sent_later(desk):
    assert desk.json("reply", "1", "Hello Ann", "--draft")["state"] == "draft"
    assert [row["text"] for row in desk.json("drafts")] == ["Hello Ann"]
    assert desk.json("reply", "1", "--send")["text"] == "Hello Ann"


def test_text_comes_from_standard_input(desk, monkeypatch):
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("First line\nsecond line\n"))
    assert desk.json("reply", "1", "-")["text"] == "First line\nsecond line"


def test_a_saved_reply_is_filled_in_and_an_unknown_one_names_the_others(desk):
    assert desk.json("reply", "1", "--saved", "bag")["text"] == "Hello Ann, we are sorry about your bag."
    code, _, err = desk("reply", "1", "--saved", "bog")
    assert code == 2 and "bag" in err
    assert desk.json("reply", "1", "--suggest")[0]["name"] == "bag"


def test_what_lint_stops_is_not_queued_and_the_draft_is_kept(desk):
    code, _, err = desk("reply", "1", "Hello {name}")
    assert code == 2 and "Not filled in" in err
    assert [row["state"] for row in desk.json("outbox")] == ["draft"]


def test_where_no_program_may_reply_it_says_what_to_open_and_paste(desk):
    code, out, err = desk("reply", "2", "Thank you")
    assert (code, out) == (3, "https://news.example/12\n\nThank you\n")
    assert "no replies from programs" in err
    code, out, _ = desk("reply", "2", "Thank you", "--json")
    assert code == 3 and json.loads(out)["state"] == "by-hand"


def test_an_address_that_hides_something_is_not_shown_for_opening(desk):
    code, out, err = desk("reply", "3", "Thank you")
    assert code == 2 and "javascript" not in out + err


@pytest.mark.parametrize("arguments", [("reply", "99", "x"), ("reply", "1"), ("outbox", "cancel", "9"), ("approve", "9"), ("outbox", "read-back", "9")])
def test_bad_input_is_a_sentence_and_exit_code_2(desk, arguments):
    code, out, err = desk(*arguments)
    assert code == 2 and err.startswith("listener: ") and not out


def in_doubt(desk):
    desk("reply", "1", "Hello Ann", "--now")
    with Store(desk.path) as store:
        Leases(store).take("collector", "here", 10**9)
        Outbox(store).begin(1, 1, "collector")
        Outbox(store).end(1, 1, ReplyState.UNKNOWN, "No answer in time.", look_at=None)


def test_one_in_doubt_is_shown_with_its_ways_out(desk):
    in_doubt(desk)
    assert "Nobody can say" in desk("outbox")[1]
    shown = desk("outbox", "show", "1")[1]
    assert "Read the thread again" in shown and "Mark as sent" in shown and "Send again" in shown and "\x1b" not in shown
    assert desk("outbox", "retry", "1")[0] == 2, "not blindly"
    assert desk.json("outbox", "retry", "1", "--send-again")["state"] == "queued"


def test_one_in_doubt_is_marked_as_sent(desk):
    in_doubt(desk)
    assert desk.json("outbox", "mark-sent", "1", "--url", "https://social.example/99")["permalink"] == "https://social.example/99"
    assert desk.json("list", "--state", "pending")[0]["id"] == 1
    assert desk.json("show", "1")[0]["replies"][0]["state"] == "sent"


def test_a_colleague_approves_or_gives_back(desk, tmp_path):
    config = tmp_path / "listener.toml"
    config.write_text(CONFIG + 'approval = ["*"]\n')
    assert desk.json("reply", "1", "Hello Ann")["state"] == "approval"
    assert desk("approve", "1")[0] == 2
    assert desk.json("reject", "1", "say sorry", who="iris")["note"] == "say sorry"
    assert "say sorry" in desk("drafts")[1]
    assert desk.json("reply", "1", "Sorry, Ann", "--send")["state"] == "approval"
    assert desk.json("approve", "1", "So sorry, Ann", who="iris")["text"] == "So sorry, Ann"


def test_answers_to_the_survey_are_listed_and_put_right(desk):
    from listener.store.surveys import Surveys

    assert desk("csat")[0] == 3
    with Store(desk.path) as store:
        store.write(lambda connection: Surveys(store).add_in(connection, "csat", 4, store.clock(), topic="Aurora", mention_id=1, operator="nora", text="4", sure=0.6))
    assert "CSAT 100%" in desk("csat")[2]
    assert desk("csat", "set", "1", "2")[0] == 0
    assert desk.json("csat")[0]["score"] == 2
    assert desk("csat", "drop", "1")[0] == 0
    assert desk("csat")[0] == 3
