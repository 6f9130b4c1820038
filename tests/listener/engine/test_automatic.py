"""What the desk says by itself stays within its limits, and answers to its question are read, shown and correctable."""

from __future__ import annotations

import pytest

from listener.config import loads
from listener.domain.author import Author
from listener.domain.case import State
from listener.domain.mention import Filing, Mention
from listener.domain.reply import ReplyState
from listener.domain.sentiment import UNSCORED
from listener.engine.automatic import Acknowledger, Csat
from listener.engine.reopen import reopen_answered
from listener.engine.triage import Triage
from listener.errors import InputError
from listener.source import Capabilities
from listener.store.checkpoints import Leases
from listener.store.connection import Store
from listener.store.intake import Intake
from listener.store.mentions import Mentions
from listener.store.outbox import Outbox, Sent
from listener.store.surveys import Surveys

SATURDAY = 1_774_087_200_000
"""Sat 21 March 2026, 10:00 UTC."""
CONFIG = """
[desk]
hours = "mon-fri 09:00-17:00"
[[topics]]
name = "Aurora"
queries = ["aurora"]
[[topics]]
name = "Borealis"
role = "competitor"
queries = ["borealis"]
[[streams]]
name = "Questions"
query = "aurora"
[replies]
csat = "How did we do, from 1 to 5?"
[replies.acknowledge]
enabled = true
text = "Hello {name}, we have seen this and answer on Monday."
streams = ["Questions"]
per_hour = 3
"""


class Network:
    name, kind = "net", "fake"
    capabilities = Capabilities(reply=True, thread=True)

    async def reply(self, mention, draft): ...

    async def find_reply(self, mention, draft): ...

    def measure(self, text):
        return len(text), 300


@pytest.fixture
def desk(tmp_path):
    class Desk:
        now = [SATURDAY]
        config = loads(CONFIG)

        def add(self, n, text="aurora, where is my bag?", author="ann", topic="Aurora", **more):
            post = Mention("net", str(n), text, more.pop("created_at", self.now[0] - 60_000), Author(author, author, author.title()), **more)
            filed = [Filing(post, (topic,), "en", 0.9, UNSCORED, self.kinds)]
            return self.store.write(lambda connection: self.intake.add(connection, filed)).new[0]

        kinds = ()

        def send(self, id_, author="nora", remote="r1", **more):
            draft = self.outbox.open(id_, author, **more)
            self.outbox.freeze(draft.id, ReplyState.QUEUED, author, 0, text=f"answer {remote}")
            return self.deliver(draft.id, remote)

        def deliver(self, reply_id, remote):
            self.now[0] = max(self.now[0], self.outbox.get(reply_id).not_before)
            self.outbox.begin(reply_id, 1, "collector")
            return self.outbox.published(reply_id, "desk", Sent(remote), self.now[0], fence=1)

    made = Desk()
    made.now = [SATURDAY]
    with Store(tmp_path / "desk.db", clock=lambda: made.now[0]) as store:
        made.store, made.intake, made.outbox, made.mentions = store, Intake(store), Outbox(store), Mentions(store)
        Leases(store).take("collector", "here", 10**12)
        yield made


def acknowledger(desk, text=CONFIG):
    return Acknowledger(desk.store, loads(text), desk.mentions, [Network()])


def test_a_first_word_is_queued_and_marked_and_leaves_the_case_open(desk):
    id_ = desk.add(1)
    (reply_id,) = acknowledger(desk).arrived([id_])
    reply = desk.outbox.get(reply_id)
    assert (reply.text, reply.automatic, reply.author, reply.purpose) == (
        "Hello Ann, we have seen this and answer on Monday.", True, "rule:acknowledge", "acknowledgement",
    )  # fmt: skip
    assert reply.state is ReplyState.QUEUED and reply.not_before == SATURDAY + 10_000
    desk.deliver(reply_id, "r1")
    assert desk.mentions.get(id_).state is State.OPEN
    lines = desk.store.read().execute("SELECT rule FROM journal WHERE subject = 'reply' AND action = 'reply.queued'").fetchall()
    assert lines == [("acknowledge",)]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("enabled = true", "enabled = false"), "off unless somebody switches it on"),
        (('hours = "mon-fri 09:00-17:00"', 'hours = "24/7"'), "only outside hours"),
        (('streams = ["Questions"]', "streams = []"), "only for streams that are named"),
        (("Hello {name}", "Hello {nickname}"), "a placeholder is left over"),
    ],
)
def test_it_keeps_silent_where_it_was_not_asked(desk, change, why):
    assert acknowledger(desk, CONFIG.replace(*change)).arrived([desk.add(1)]) == [], why


def test_it_keeps_silent_about_old_posts_rivals_own_posts_and_grave_things(desk):
    """The first poll of a desk brings weeks of posts; a crisis is no place for a machine."""
    quiet = [
        desk.add(1, created_at=SATURDAY - 10_000_000),
        desk.add(2, topic="Borealis"),
        desk.add(3, own=True),
        desk.add(4, author="bea"),
    ]
    desk.kinds = (("crisis", 0.9),)
    quiet.append(desk.add(5, author="cid"))
    desk.send(quiet[3])
    assert acknowledger(desk).arrived(quiet) == []


def test_an_author_gets_one_and_an_hour_has_a_cap(desk):
    ids = [desk.add(1), desk.add(2), *(desk.add(n, author=f"author{n}") for n in range(3, 9))]
    one = acknowledger(desk)
    queued = one.arrived(ids)
    assert [desk.outbox.get(id_).mention_id for id_ in queued] == [ids[0], ids[2], ids[3]]
    desk.now[0] += 3_700_000
    later = [desk.add(n, author="ann") for n in (20, 21)] + [desk.add(22, author="dan")]
    assert [desk.outbox.get(id_).mention_id for id_ in one.arrived(later)] == [later[2]]


def csat(desk):
    return Csat(desk.store, desk.config, desk.mentions, [Network()])


def resolved(desk):
    """A case that a person answered and resolved more than an hour ago."""
    id_ = desk.add(1)
    desk.send(id_)
    Triage(desk.store, "nora").close([id_])
    desk.now[0] += 3_700_000
    return id_


def test_the_question_follows_a_resolved_case_once(desk):
    id_ = resolved(desk)
    desk.now[0] -= 3_600_000
    assert csat(desk).ask() == [], "not before its time"
    desk.now[0] += 3_600_000
    (asked,) = csat(desk).ask()
    assert desk.outbox.get(asked).text == "How did we do, from 1 to 5?"
    assert csat(desk).ask() == []
    desk.deliver(asked, "q1")
    assert desk.mentions.get(id_).state is State.RESOLVED, "a question opens nothing"
    other = desk.add(7)
    desk.send(other, remote="r7")
    Triage(desk.store, "nora").close([other])
    desk.now[0] += 3_700_000
    assert csat(desk).ask() == [], "the same person was asked already"


def test_nobody_is_asked_whose_case_no_person_answered(desk):
    id_ = desk.add(1)
    Triage(desk.store, "nora").close([id_])
    desk.now[0] += 3_700_000
    assert csat(desk).ask() == []


def asked(desk):
    case = resolved(desk)
    (question,) = csat(desk).ask()
    desk.deliver(question, "q1")
    return case


@pytest.mark.parametrize(("text", "score"), [("5", 5), ("@aurora ⭐⭐⭐⭐", 4), ("great, thanks!", 5)])
def test_a_happy_answer_is_stored_and_closes_itself(desk, text, score):
    case = asked(desk)
    answer = desk.add(2, text, parent_id="q1")
    assert csat(desk).arrived([answer]) == []
    (found,) = Surveys(desk.store).find("csat")
    assert (found.score, found.mention_id, found.operator, found.topic, found.source) == (score, case, "nora", "Aurora", "asked")
    assert desk.mentions.get(answer).state is State.RESOLVED and "csat" in desk.mentions.get(answer).tags
    assert csat(desk).arrived([answer]) == [], "brought twice after a crash, it is still no new case"
    assert len(Surveys(desk.store).find("csat")) == 1
    assert csat(desk).arrived([desk.add(3, "3", parent_id="q1")]) == [answer + 1], "one answer counts"


def test_an_unhappy_answer_stays_for_somebody_to_look_at(desk):
    asked(desk)
    answer = desk.add(2, "1, nobody ever called me", parent_id="q1")
    csat(desk).arrived([answer])
    assert desk.mentions.get(answer).state is State.OPEN
    assert Surveys(desk.store).find("csat")[0].score == 1


def test_what_is_no_answer_goes_on_to_whoever_is_next(desk):
    asked(desk)
    answer = desk.add(2, "and where is my other bag?", parent_id="q1")
    stranger = desk.add(3, "5", author="zoe", parent_id="r1")
    assert csat(desk).arrived([answer, stranger]) == [answer, stranger]


def test_an_answer_can_be_put_right_or_taken_out(desk):
    asked(desk)
    csat(desk).arrived([desk.add(2, "5", parent_id="q1")])
    surveys = Surveys(desk.store)
    (answer,) = surveys.find("csat")
    assert surveys.correct(answer.id, 2, "theo").corrected_by == "theo"
    with pytest.raises(InputError):
        surveys.correct(answer.id, 9, "theo")
    assert surveys.correct(answer.id, None, "theo") is None
    assert surveys.find("csat") == []
    actions = [row[0] for row in desk.store.read().execute("SELECT action FROM journal WHERE subject = 'survey' ORDER BY id")]
    assert actions == ["survey.correct", "survey.drop"]


def test_what_the_customer_wrote_before_our_answer_opens_nothing(desk):
    """The thread is read after a reply, and brings the second part of the post that we have just answered."""
    case = desk.add(1, created_at=SATURDAY - 120_000)
    desk.send(case)
    second = desk.add(2, "and another thing", thread_id="1", parent_id="1", created_at=SATURDAY - 110_000)
    assert reopen_answered(desk.store, desk.mentions, [second]) == []
    later = desk.add(3, "hello?", thread_id="1", parent_id="1", created_at=desk.store.clock() + 60_000)
    assert reopen_answered(desk.store, desk.mentions, [later]) == [case]


def test_a_customers_answer_opens_the_case_again(desk):
    """Also where it answers our words and not their own first post."""
    case = desk.add(1)
    desk.send(case)
    assert desk.mentions.get(case).state is State.PENDING
    answer = desk.add(2, "still not here", parent_id="r1")
    assert reopen_answered(desk.store, desk.mentions, [answer]) == [case]
    assert desk.mentions.get(case).state is State.OPEN
    assert reopen_answered(desk.store, desk.mentions, [answer]) == []


def test_a_strangers_word_under_it_opens_nothing(desk):
    case = desk.add(1)
    desk.send(case)
    assert reopen_answered(desk.store, desk.mentions, [desk.add(2, "me too", author="bob", parent_id="r1")]) == []


def test_an_answer_further_down_the_thread_finds_its_case(desk):
    """Customer, us, customer, us, customer: each post answers the one before."""
    case = desk.add(1)
    Triage(desk.store, "nora").close([case])
    ours = desk.add(2, "sorry", author="desk", parent_id="1", own=True)
    again = desk.add(3, "thank you, but", parent_id="2")
    Triage(desk.store, "nora").close([again])
    last = desk.add(4, "one more thing", parent_id="3")
    assert sorted(reopen_answered(desk.store, desk.mentions, [ours, last])) == [case, again]
