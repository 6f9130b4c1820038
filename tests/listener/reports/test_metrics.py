"""Figures as they are worked out by hand: what reopening, hand-overs, copies, automatic replies and clock changes must not bend."""

from __future__ import annotations

import pytest

from listener.config.answers import SlaPolicy
from listener.config.tree import Desk, SourceSetting
from listener.errors import InputError
from listener.reports.documents import document
from listener.reports.figures import spread
from listener.reports.metrics import BY, Metrics
from listener.store.mentions import Mentions

from .conftest import BAD, FLAT, GOOD, HOUR, MINUTE


def measure(desk, since="2026-01-01 00:00", until="2027-01-01 00:00", **more):
    now = desk.time
    first, last = desk.at(since), desk.at(until)
    desk.time = now
    return Metrics(desk.store, desk.config, first, last, **more)


def test_median_and_p90():
    """Nearest rank for p90: the ninth of ten. The median of an even number lies half-way."""
    found = spread([10 * n for n in range(10, 0, -1)])
    assert (found.n, found.mean, found.median, found.p90) == (10, 55, 55, 90)
    assert spread([7]) == spread([7]) and spread([7]).p90 == 7
    assert spread([]).median is None


def test_friday_afternoon_plus_an_hour_is_answered_on_monday(desk):
    """Fri 16:30 + 1 h, Mon–Fri 9–17: written Fri 16:30, answered Mon 09:30. 65 hours on the clock, one in business."""
    one = desk.arrive("2026-03-20 16:30")
    desk.answer(one, "2026-03-23 09:30")
    first = measure(desk).first_response()
    assert (first.clock.median, first.business.median) == (65 * HOUR, HOUR)


def test_the_night_on_which_the_clocks_go_forward_is_an_hour_shorter(desk):
    """Athens, 29 March 2026: 03:00 becomes 04:00. Sat 22:00 to Sun 08:00 are nine hours, all of them outside business."""
    one = desk.arrive("2026-03-28 22:00")
    desk.answer(one, "2026-03-29 08:00")
    first = measure(desk).first_response()
    assert (first.clock.median, first.business.median) == (9 * HOUR, 0)


def test_the_night_on_which_the_clocks_go_back_is_an_hour_longer_for_a_night_shift(desk):
    """Athens, 25 October 2026: 04:00 becomes 03:00. A desk open 22:00–06:00 works nine hours that night."""
    desk.config = desk.config.changed(desk=desk.config.desk.changed(hours="sat 22:00-06:00"))
    one = desk.arrive("2026-10-24 21:00")
    desk.answer(one, "2026-10-25 07:00")
    first = measure(desk).first_response()
    assert (first.clock.median, first.business.median) == (11 * HOUR, 9 * HOUR)


def test_an_automatic_reply_never_stops_the_clock_and_credit_goes_to_the_sender(desk):
    """09:00 written, 09:01 acknowledged by the machine, assigned to sam, answered by nora at 11:00: two hours, nora's."""
    one = desk.arrive("2026-03-20 09:00")
    desk.answer(one, "2026-03-20 09:01", "rule:night", automatic=True, purpose="acknowledgement")
    desk.hands("ivo").assign([one], "sam")
    desk.answer(one, "2026-03-20 11:00", "nora")
    metrics = measure(desk)
    assert metrics.first_response().clock.median == 2 * HOUR
    assert {name: parts["first_response"].n for name, parts in metrics.by("operator")} == {"nora": 1}
    assert {name: parts["first_response"].n for name, parts in metrics.by("team")} == {"support": 1}


def test_a_hand_over_does_not_start_the_clock_again(desk):
    one = desk.arrive("2026-03-20 09:00")
    for hour, who in ((10, "sam"), (11, "ivo"), (12, "nora")):
        desk.at(f"2026-03-20 {hour}:00")
        desk.hands("boss").assign([one], who)
    desk.answer(one, "2026-03-20 13:00")
    assert measure(desk).first_response().clock.median == 4 * HOUR


def test_a_further_message_of_an_answered_conversation_is_no_first_response(desk):
    """First: 1 h. The customer writes again and waits 10 min: that counts into the average, (60 + 10) / 2, and not into the first."""
    one = desk.arrive("2026-03-20 09:00")
    desk.answer(one, "2026-03-20 10:00")
    two = desk.arrive("2026-03-20 10:30", parent="n1", thread="n1")
    desk.answer(two, "2026-03-20 10:40")
    metrics = measure(desk)
    assert (metrics.first_response().n, metrics.first_response().clock.mean) == (1, HOUR)
    assert (metrics.average_response().n, metrics.average_response().clock.mean) == (2, 35 * MINUTE)


def test_reopening_moves_the_resolution_to_the_last_resolve(desk):
    """Opened 09:00, resolved 10:00, opened again, resolved 15:00: six hours, one case, opened again once."""
    one = desk.arrive("2026-03-20 09:00")
    desk.close(one, "2026-03-20 10:00")
    desk.at("2026-03-20 11:00")
    desk.hands().reopen([one])
    between = measure(desk)
    assert between.resolution().n == 0
    desk.close(one, "2026-03-20 15:00", "sam")
    metrics = measure(desk)
    assert (metrics.resolution().n, metrics.resolution().clock.median) == (1, 6 * HOUR)
    assert metrics.first_contact().reopened == 1
    assert [name for name, parts in metrics.by("operator") if parts["resolution"].n] == ["sam"]


def test_an_undone_close_never_happened(desk):
    one = desk.arrive("2026-03-20 09:00")
    desk.close(one, "2026-03-20 10:00")
    desk.hands().undo()
    assert measure(desk).resolution().n == 0
    desk.close(one, "2026-03-20 12:00")
    metrics = measure(desk)
    assert (metrics.resolution().clock.median, metrics.first_contact().reopened) == (3 * HOUR, 0)


def test_copies_closed_with_their_leader_are_one_case(desk):
    """Forty copies inside a row are closed by one key: one case was resolved, not forty-one."""
    one = desk.arrive("2026-03-20 09:00")
    for n in range(3):
        desk.arrive(author=f"bot{n}", leader="n1")
    desk.close(one, "2026-03-20 10:00")
    assert measure(desk).resolution().n == 1


def test_first_contact_resolution(desk):
    """Three resolved: one after a single answer, one after the customer came back, one without any answer. One third."""
    once, twice, never = (desk.arrive("2026-03-20 09:00", author=name) for name in ("ann", "bob", "cyd"))
    desk.answer(once, "2026-03-20 10:00")
    desk.answer(twice, "2026-03-20 10:00")
    desk.arrive("2026-03-20 10:30", author="bob", parent="n2")
    for one in (once, twice, never):
        desk.close(one, "2026-03-20 12:00")
    resolved = measure(desk).first_contact()
    assert (resolved.n, resolved.answered, resolved.first_contact) == (3, 2, 1)
    assert resolved.rate == pytest.approx(100 / 3)


def test_a_further_word_that_arrives_after_the_figures_were_read_is_still_counted(desk):
    """The table of facts is kept up, not made anew: a late post must reach it."""
    one = desk.arrive("2026-03-20 09:00")
    desk.answer(one, "2026-03-20 10:00")
    desk.close(one, "2026-03-20 11:00")
    assert measure(desk).first_contact().first_contact == 1
    desk.arrive("2026-03-20 12:00", parent="n1")
    assert measure(desk).first_contact().first_contact == 0


def test_sla_states(desk):
    """One hour of business time, Mon–Fri 9–17. Fri 16:30 is due Mon 09:30; looked at on Mon 09:20."""
    desk.config = desk.config.changed(sla=(SlaPolicy(respond=HOUR),))
    hit, late, waived, early, soon, running = (desk.arrive("2026-03-20 15:00", author=name) for name in "abcdef")
    desk.answer(hit, "2026-03-20 15:59")
    desk.close(waived, "2026-03-20 15:59")
    desk.answer(late, "2026-03-20 16:01")
    for one in (early, soon, running):
        desk.close(one, "2026-03-20 15:30")
    desk.arrive("2026-03-20 16:30", author="g")
    desk.at("2026-03-23 09:14")
    assert _states(desk)["running"] == 1, "44 of 60 minutes have run"
    desk.at("2026-03-23 09:15")
    assert _states(desk)["breaching"] == 1, "three quarters of the time: the policy warns"
    desk.at("2026-03-23 09:30")
    states = _states(desk)
    assert (states["hit"], states["missed"], states["waived"], states["overdue"]) == (1, 2, 4, 1)
    assert measure(desk).sla().rate == pytest.approx(100 / 3)


def _states(desk):
    from dataclasses import asdict

    return asdict(measure(desk).sla())


def test_a_snooze_stops_the_clock_only_where_the_policy_says_so(desk):
    """Written 09:00, snoozed 09:30–11:30, answered 12:00: 3 h, or 1 h when the snooze pauses."""
    one = desk.arrive("2026-03-20 09:00")
    desk.at("2026-03-20 09:30")
    desk.hands().snooze([one], desk.time + 2 * HOUR)
    for paused, state in ((True, "paused"), (False, "missed")):
        desk.config = desk.config.changed(sla=(SlaPolicy(respond=90 * MINUTE, pause_snoozed=paused),))
        desk.at("2026-03-20 11:00")
        assert _states(desk)[state] == 1
    desk.at("2026-03-20 11:30")
    desk.hands("desk").reopen([one], rule="snooze ended")
    desk.answer(one, "2026-03-20 12:00")
    assert _states(desk)["missed"] == 1
    desk.config = desk.config.changed(sla=(SlaPolicy(respond=90 * MINUTE, pause_snoozed=True),))
    assert _states(desk)["hit"] == 1


def test_a_severe_case_has_a_shorter_time_and_rivals_have_none(desk):
    desk.config = desk.config.changed(sla=(SlaPolicy(severity="SEV1", respond=HOUR, clock="wall"), SlaPolicy(respond=24 * HOUR, clock="wall")))
    from listener.domain.case import Severity

    severe, _ = desk.arrive("2026-03-20 09:00"), desk.arrive("2026-03-20 09:00", author="bob")
    desk.arrive("2026-03-20 09:00", author="cyd", topic="Borealis")
    desk.hands().severity([severe], Severity.SEV1)
    desk.at("2026-03-20 10:30")
    states = _states(desk)
    assert (states["missed"], states["running"]) == (1, 1)


def test_net_sentiment_leaves_the_unscored_out_and_says_so(desk):
    """2 positive, 1 negative, 1 neutral, 1 unscored: (2 − 1) / 4 = +25, four fifths scored."""
    for sentiment in (GOOD, GOOD, BAD, FLAT):
        desk.arrive(sentiment=sentiment)
    desk.arrive()
    found = measure(desk).net_sentiment()
    assert (found.value, found.scored_share, found.unscored) == (25.0, 80.0, 1)


def test_share_of_voice_counts_the_same_sources_only(desk):
    """The brand's own mailbox is asked about the brand alone: it would flatter it."""
    desk.config = desk.config.changed(sources=(SourceSetting(kind="mail", topics=("Aurora",)), SourceSetting(kind="mastodon")))
    for _ in range(3):
        desk.arrive(topic="Aurora")
    desk.arrive(topic="Borealis")
    for _ in range(6):
        desk.arrive(topic="Aurora", source="mail")
    found = measure(desk).share_of_voice()
    assert (found.brand, found.competitors, found.value, found.left_out) == (3, 1, 75.0, ("mail",))


def test_reach_counts_each_author_once_and_is_blank_when_nobody_is_known(desk):
    for _ in range(3):
        desk.arrive(author="ann", followers=100, likes=2)
    desk.arrive(author="bob", followers=20)
    desk.arrive(author="cyd", followers=None)
    metrics = measure(desk)
    assert (metrics.reach().value, metrics.reach().known, metrics.reach().authors) == (120, 2, 3)
    assert metrics.engagement().rate == pytest.approx(5.0)
    desk.arrive("2026-06-01 09:00", author="cyd", followers=None, likes=5)
    assert measure(desk, "2026-06-01 00:00").engagement().rate is None


def test_groups_add_up_to_the_whole(desk):
    """What is told by hour, network or topic is the same work, once."""
    for n in range(40):
        one = desk.arrive(f"2026-03-{1 + n % 20:02} {n % 24:02}:17", author=f"a{n}", source=("mastodon", "news")[n % 2], sentiment=(GOOD, BAD)[n % 2])
        if n % 3 == 0:
            desk.time += HOUR
            desk.answer(one, who=("nora", "sam")[n % 2])
        if n % 4 == 0:
            desk.close(one)
            desk.hands().tag([one], "late-flight")
    metrics = measure(desk)
    for by in BY:
        groups = metrics.by(by)
        assert sum(parts["first_response"].n for _, parts in groups) == 14
        assert sum(parts["first_contact"].n for _, parts in groups) == 10
        if by not in ("operator", "team", "tag"):
            assert sum(parts["voice"].n for _, parts in groups if parts["voice"]) == 40
            assert sum(parts["sla"].hit + parts["sla"].missed + parts["sla"].waived for _, parts in groups) <= 40
    assert dict(metrics.by("tag"))["late-flight"]["voice"].n == 10


def test_every_figure_has_a_formula_and_opens_its_rows(desk):
    """A number that cannot be looked behind cannot be defended."""
    for n in range(5):
        desk.arrive(author=f"a{n}", sentiment=BAD)
    desk.answer(2, "2026-03-20 10:00")
    desk.close(2, "2026-03-20 11:00")
    metrics = measure(desk)
    told = document(metrics, "network")
    for name, figure in told["figures"].items():
        assert figure["formula"]
        filter_, n = metrics.rows(name)
        assert Mentions(desk.store).count(filter_, patient=True).n == n
    assert metrics.rows("volume")[1] == 5
    assert metrics.rows("net_sentiment", "positive")[1] == 0
    assert metrics.rows("first_response")[1] == 1
    with pytest.raises(InputError):
        metrics.rows("happiness")


def test_unknown_names_are_said(desk):
    for names in ({"topics": ("Auora",)}, {"sources": ("x",)}, {"tag": "x"}, {"team": "x"}):
        with pytest.raises(InputError):
            measure(desk, **names)


def test_an_empty_desk_has_figures_too(desk):
    desk.config = desk.config.changed(desk=Desk())
    told = document(measure(desk), "hour")
    assert told["figures"]["first_response"]["n"] == 0 and told["figures"]["net_sentiment"]["value"] is None
