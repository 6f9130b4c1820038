"""A shift ends, another begins: nothing that waits may fall between the two, and the brief stays short."""

from __future__ import annotations

import json

from listener.domain.reply import ReplyState
from listener.reports.handover import SHOWN, brief, sign_on, to_dict, to_markdown
from listener.store.checkpoints import Checkpoints
from listener.store.incidents import IncidentStore
from listener.store.journal import Journal
from listener.store.outbox import Outbox
from listener.store.shifts import Shifts

from .conftest import BAD, HOUR


def night(desk):
    """Signed on at 22:00; by 07:00 there is one of everything."""
    desk.at("2026-03-19 22:00")
    sign_on(desk.store, "nora", brief(desk.store, desk.config))
    closed, snoozed, late, waits = (desk.arrive("2026-03-19 23:00", author=name, sentiment=BAD) for name in "abcd")
    lead = desk.arrive("2026-03-20 03:00", author="buyer", text="we would buy 40 seats, whom do I ask?", kinds=(("lead", 0.9),))
    desk.arrive(author="copy", leader=f"n{closed}")
    desk.close(closed, "2026-03-20 04:00")
    desk.at("2026-03-20 04:10")
    desk.hands().snooze([snoozed], desk.time + 5 * HOUR)
    desk.hands().assign([lead], "sales", task_kind="lead")
    desk.hands().due([lead], desk.time + 6 * HOUR)
    outbox = Outbox(desk.store)
    draft = outbox.open(late, "nora")
    outbox.save(draft.id, "Dear *customer*, @everyone")
    doubt = outbox.open(waits, "nora")
    outbox.freeze(doubt.id, ReplyState.QUEUED, "nora", desk.time, text="We look into it.")
    outbox.move(doubt.id, ReplyState.SENDING, "desk")
    outbox.move(doubt.id, ReplyState.UNKNOWN, "desk", error="The line broke.")
    Checkpoints(desk.store).describe([("mastodon", "mastodon")])
    Checkpoints(desk.store).unhealthy("mastodon", "401: the token was revoked", desk.time)
    Shifts(desk.store).leave_note("nora", "Watch the strike in <Rome>.")
    desk.at("2026-03-20 07:00")
    return closed, snoozed, late, waits, lead


def test_the_brief_names_everything_that_waits(desk):
    _, snoozed, late, waits, lead = night(desk)
    read = brief(desk.store, desk.config)
    assert (read.signed.operator, read.arrived, read.copies) == ("nora", 6, 1)
    assert read.moved["resolved"] == (1, 0)
    assert [item.id for item in read.snoozed.items] == [snoozed]
    assert [item.id for item in read.due.items] == [lead] and [item.id for item in read.leads.items] == [lead]
    assert [one.mention_id for one in read.drafts] == [late] and [one.mention_id for one in read.troubled] == [waits]
    assert read.down == (("mastodon", "401: the token was revoked"),)
    assert [note.note for note in read.notes] == ["Watch the strike in <Rome>."]
    assert any("near-duplicates" in line for line in read.noise)


def test_a_breach_is_told_in_the_shift_in_which_it_falls(desk):
    """Mon–Fri 9–17 and a day of business time: what was written on Thursday at 10:00 runs out on Tuesday at 10:00."""
    from listener.config.answers import SlaPolicy

    desk.config = desk.config.changed(sla=(SlaPolicy(respond=8 * HOUR),))
    one = desk.arrive("2026-03-19 10:00")
    desk.at("2026-03-20 09:59")
    assert brief(desk.store, desk.config).breached.n == 0
    desk.at("2026-03-20 10:01")
    read = brief(desk.store, desk.config)
    assert [item.id for item in read.breached.items] == [one]
    sign_on(desk.store, "sam", read)
    desk.at("2026-03-20 12:00")
    assert brief(desk.store, desk.config).breached.n == 0


def test_signing_on_is_journalled_with_what_was_read_and_begins_the_next_brief(desk):
    night(desk)
    read = brief(desk.store, desk.config)
    sign_on(desk.store, "sam", read)
    line = Journal(desk.store).of("desk", 0)[-1]
    assert (line.operator, line.action) == ("sam", "shift.on")
    assert json.loads(line.after) == {"since": read.since, "brief": read.digest, "from": "nora"}
    desk.time += 1
    again = brief(desk.store, desk.config)
    assert (again.since, again.signed.operator, again.arrived, again.notes) == (read.until, "sam", 0, ())
    assert again.troubled, "what is still in doubt stays in the brief until it is settled"


def test_markdown_holds_nobodys_markup_and_calls_nobody(desk):
    """A post may say @channel or [click](http://evil): in the chat it must be text."""
    night(desk)
    desk.arrive("2026-03-20 06:00", author="x", text="buy [now](http://evil.example) <b>@channel</b>\n# head\u202e", kinds=(("lead", 0.9),))
    told = to_markdown(brief(desk.store, desk.config))
    for raw in ("[now](", "<b>", "@channel", "http://", "\u202e", "*customer*", "@everyone", "<Rome>"):
        assert raw not in told
    assert "\n# head" not in told


def test_the_brief_is_read_in_two_minutes(desk):
    """Two hundred of everything: a person reads some 230 words a minute."""
    desk.at("2026-03-20 02:00")
    for n in range(60):
        one = desk.arrive(author=f"a{n}", text="we would like to buy a great many seats from you and wonder whom to ask about it " * 3, kinds=(("lead", 0.9),))
        desk.hands().due([one], desk.time + HOUR)
    desk.at("2026-03-20 07:00")
    read = brief(desk.store, desk.config)
    assert read.leads.n == 60 and len(read.leads.items) == SHOWN
    told = to_markdown(read)
    assert "and 55 more" in told and len(told.split()) < 460


def test_incidents_come_with_state_and_owner(desk):
    desk.store.write(lambda c: c.execute(
        "INSERT INTO incident (topic_id, family, key, urgency, state, opened_at, updated_at, owner, why) VALUES (1, 'volume', 'k', 3, 'acknowledged', ?, ?, 'nora', 'Volume is up')", (desk.time, desk.time)) and None)  # fmt: skip
    assert IncidentStore(desk.store).all()
    told = to_markdown(brief(desk.store, desk.config))
    assert "**SEV2** acknowledged · Aurora · owner nora" in told
    assert to_dict(brief(desk.store, desk.config))["incidents"][0]["severity"] == "SEV2"


def test_an_empty_desk_has_a_brief(desk):
    told = to_markdown(brief(desk.store, desk.config))
    assert "Nobody has signed on yet" in told and "##" not in told
