"""Automatic rules: what they decide, that they decide it once, and that it can be taken back."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener.config import Config, RuleSetting, Then, loads
from listener.domain.author import Author
from listener.domain.mention import Filing, Mention
from listener.domain.sentiment import UNSCORED
from listener.engine.arrivals import Reception
from listener.engine.history import strokes
from listener.engine.rules import Rules
from listener.engine.triage import Triage
from listener.store.arrivals import Arrivals
from listener.store.connection import Store
from listener.store.intake import Intake
from listener.store.journal import Journal
from listener.store.mentions import Mentions
from listener.store.notices import Notices
from listener.store.undoing import undo_rule

NIGHT = round(datetime(2026, 3, 20, 3, 0, tzinfo=UTC).timestamp() * 1000)
"""A Friday, 03:00; the desk of these tests opens at 09:00 UTC."""
OPENING = round(datetime(2026, 3, 20, 9, 0, tzinfo=UTC).timestamp() * 1000)
DAY = 86_400_000
LEAD = (("lead", 0.9),)


class Clock:
    def __init__(self) -> None:
        self.now = NIGHT + 60_000

    def __call__(self) -> int:
        self.now += 1
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path, clock):
    with Store(tmp_path / "desk.db", clock=clock) as opened:
        yield opened


def post(n: int, text: str = "we would like to charter a plane", *, at: int = NIGHT, kinds=LEAD, lang="en", **more) -> Filing:
    return Filing(Mention("net", str(n), text, at + n, Author(f"a{n}", f"a{n}"), **more), ("Aurora",), lang, 0.9, UNSCORED, kinds)


def add(store, *filings) -> list[int]:
    intake, queue = Intake(store), Arrivals(store)

    def work(connection):
        new = intake.add(connection, filings).new
        queue.put(connection, new)
        return list(new)

    return store.write(work)


def rule(name="lead at night", when="kind:lead outside:hours", *, stop=False, dry_run=False, **then) -> RuleSetting:
    return RuleSetting(name, when, Then(**(then or {"assign": "sales", "tag": ("sales-lead",), "due": "next opening"})), dry_run, stop)


def rules(store, *wanted, **more) -> Rules:
    return Rules(store, Config(rules=wanted or (rule(),)), **more)


def test_a_lead_at_night_goes_to_sales_due_at_opening(store):
    """The house's own rule, as the template ships it."""
    (id_,) = add(store, post(1))
    rules(store).apply([id_])
    case = Mentions(store).get(id_)
    assert (case.assignee, case.tags, case.due_at) == ("sales", ("sales-lead",), OPENING)
    line = Journal(store).of("mention", id_)[-1]
    assert (line.operator, line.rule) == ("desk", "lead at night")


def test_the_templates_rule_is_this_one():
    """What `listener init` shows as a comment must be a rule that the desk can read."""
    from listener.config.template import template

    text = template("Aurora")
    commented = text[text.index('# [[rules]]\n') :].split("\n\n")[0]
    config = loads("[desk]\nteams = { sales = ['ana'] }\n" + commented.replace("# ", ""))
    assert config.rules[0] == rule()


@pytest.mark.parametrize(("at", "kinds"), [(OPENING + 60_000, LEAD), (NIGHT, (("praise", 0.9),))])
def test_a_rule_leaves_alone_what_does_not_fit(store, clock, at, kinds):
    clock.now = max(clock.now, at)
    (id_,) = add(store, post(1, at=at, kinds=kinds))
    assert rules(store).apply([id_]) == []
    assert Mentions(store).get(id_).assignee == ""


def test_a_lead_that_comes_in_late_was_due_at_opening_all_the_same(store, clock):
    """The machine slept from 03:00 to 10:00: sales must see that it is late."""
    clock.now = OPENING + 3_600_000
    (id_,) = add(store, post(1))
    rules(store).apply([id_])
    assert Mentions(store).get(id_).due_at == OPENING


def test_what_is_older_than_a_day_is_new_only_now(store, clock):
    """A first poll brings weeks: nothing of it can be late already, and nobody is woken for it."""
    clock.now = NIGHT + 5 * DAY
    (id_,) = add(store, post(1))
    rules(store, rule(due="in 2h", notify=("bell",))).apply([id_])
    assert Mentions(store).get(id_).due_at > clock.now
    assert Notices(store).log() == []


def test_rules_run_in_order_and_see_what_the_ones_before_did(store):
    """A chain is how people build: tag first, decide by the tag."""
    (id_,) = add(store, post(1))
    done = rules(store, rule("one", "kind:lead", tag=("hot",)), rule("two", "tag:hot", severity="SEV3"), rule("three", "severity:sev3", kind="lead")).apply([id_])
    assert [deed.rule for deed in done] == ["one", "two", "three"]
    case = Mentions(store).get(id_)
    assert (str(case.severity), case.task_kind) == ("SEV3", "lead")


def test_stop_keeps_the_later_ones_away(store):
    (id_,) = add(store, post(1))
    assert [deed.rule for deed in rules(store, rule("one", stop=True), rule("two", "", tag=("all",))).apply([id_])] == ["one"]


def test_a_person_is_never_overruled(store):
    """A rule fills in what nobody has decided."""
    (id_,) = add(store, post(1))
    hands = Triage(store, "nora")
    hands.assign([id_], "nora")
    hands.due([id_], NIGHT + DAY)
    rules(store, rule(assign="sales", due="next opening", severity="SEV4", tag=("sales-lead",))).apply([id_])
    case = Mentions(store).get(id_)
    assert (case.assignee, case.due_at, case.tags, str(case.severity)) == ("nora", NIGHT + DAY, ("sales-lead",), "SEV4")


def test_nothing_is_done_twice_to_one_mention(store):
    """A crash between doing and remembering cannot happen: both are one transaction."""
    ids = add(store, post(1), post(2))
    ours = rules(store, rule(note="call them", notify=("bell",)))
    assert len(ours.apply(ids)) == 2
    assert ours.apply(ids) == [] == rules(store, rule(note="call them")).apply(ids)
    assert sorted(notice.title for notice in Notices(store).log()) == [f"lead at night: mention {id_}" for id_ in ids]
    assert all(len(Mentions(store).notes(id_)) == 1 for id_ in ids)


def test_what_arrived_before_a_crash_is_dealt_with_after_it(store):
    """The mention was committed, the collector died: the next one finds it in the queue."""
    ids = add(store, post(1), post(2))
    ours, seen = rules(store), []

    def dies(waiting):
        raise RuntimeError("the plug")

    with pytest.raises(RuntimeError):
        Reception(store, dies, ours.apply).receive()
    assert Reception(store, lambda waiting: seen.append(list(waiting)), ours.apply).receive() == 2
    assert seen == [ids]
    assert Reception(store, ours.apply).receive() == 0
    assert {Mentions(store).get(id_).assignee for id_ in ids} == {"sales"}


def test_a_dry_rule_only_notes_what_it_would_have_done(store):
    (id_,) = add(store, post(1))
    (deed,) = rules(store, rule(dry_run=True)).apply([id_])
    assert deed.dry and Mentions(store).get(id_).assignee == ""
    line = Journal(store).of("mention", id_)[-1]
    assert (line.action, json.loads(line.after)["assignee"]) == ("rule.dry", "sales")


def test_a_dry_run_writes_nothing(store):
    (id_,) = add(store, post(1))
    before = Journal(store).recent()
    assert [deed.dry for deed in rules(store).walk(0, dry_run=True)] == [True]
    assert Journal(store).recent() == before
    assert len(rules(store).apply([id_])) == 1


def test_a_rule_is_undone_but_for_what_somebody_decided_since(store):
    """At 07:00 somebody finds the rule was wrong; the two cases that she has taken stay hers."""
    ids = add(store, *(post(n) for n in range(4)))
    rules(store).apply(ids)
    Triage(store, "nora").assign(ids[:1], "nora")
    undone = undo_rule(store, "nora", "lead at night")
    assert (sorted(undone.changed), undone.kept) == (ids[1:], (ids[0],))
    assert [Mentions(store).get(id_).assignee for id_ in ids] == ["nora", "", "", ""]
    assert rules(store).apply(ids) == []


def test_one_run_is_one_undo(store):
    ids = add(store, *(post(n) for n in range(3)))
    list(rules(store).walk(0))
    (run,) = [stroke for stroke in strokes(store) if stroke.rule]
    assert (run.n, run.undoable) == (3, True)
    Triage(store, "nora").undo(run.batch)
    assert not any(Mentions(store).get(id_).assignee for id_ in ids)


TEAM = """
[desk]
teams = { sales = ["ana", "bo", "cy"] }
[[desk.operators]]
name = "ana"
capacity = 2
[[desk.operators]]
name = "bo"
capacity = 1
languages = ["en"]
[[rules]]
name = "lead"
when = "kind:lead"
then = { assign = "sales" }
"""


def test_a_team_takes_turns_within_capacity(store):
    """cy has no limit, so that nothing stays with the team; who is full is passed over, and so is who cannot read it."""
    config = loads(TEAM)
    ids = add(store, *(post(n) for n in range(6)))
    Rules(store, config).apply(ids)
    mentions = Mentions(store)
    assert [mentions.get(id_).assignee for id_ in ids] == ["ana", "bo", "cy", "ana", "cy", "cy"]
    Triage(store, "ana").close([ids[0]])
    more = add(store, post(7, lang="el"), post(8, lang="el"))
    Rules(store, config).apply(more)
    assert [mentions.get(id_).assignee for id_ in more] == ["ana", "cy"]


def test_a_team_that_is_full_keeps_its_case(store):
    config = loads(TEAM.replace('["ana", "bo", "cy"]', '["ana", "bo"]'))
    ids = add(store, *(post(n) for n in range(4)))
    Rules(store, config).apply(ids)
    assert [Mentions(store).get(id_).assignee for id_ in ids] == ["ana", "bo", "ana", "sales"]


PEOPLE = """
[desk]
teams = { sales = ["ana", "bo"] }
[[rules]]
name = "lead"
when = "kind:lead"
then = { notify = ["sales", "cy"] }
[[desk.operators]]
name = "cy"
[[notify.channels]]
name = "page"
kind = "command"
command = ["true"]
people = ["bo"]
[[notify.channels]]
name = "bell"
[[notify.channels]]
name = "other"
people = ["zoe"]
[[desk.operators]]
name = "zoe"
"""


def test_people_and_teams_are_told_by_the_channels_that_are_theirs(store):
    """A pager of one person must not ring for another."""
    Rules(store, loads(PEOPLE)).apply(add(store, post(1)))
    assert {notice.channel: notice.people for notice in Notices(store).log()} == {"page": ("bo",), "bell": ("ana", "bo", "cy")}


def test_copies_and_our_own_words_are_no_business_of_rules(store):
    ids = add(store, post(1, own=True))
    assert rules(store, rule(when="")).apply(ids) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 6), min_size=1, max_size=8), st.integers(0, 3))
def test_how_arrivals_are_cut_into_pages_changes_nothing(tmp_path_factory, sizes, repeat):
    """However a night comes in, and however often a part is seen again: the same cases, each rule once."""
    folder = tmp_path_factory.mktemp("rules")
    with Store(folder / "desk.db", clock=Clock()) as store:
        ids = add(store, *(post(n, kinds=LEAD if n % 2 else ()) for n in range(sum(sizes))))
        ours, at, deeds = rules(store, rule("one", "kind:lead", tag=("hot",), note="seen"), rule("two", "NOT tag:hot", tag=("cold",))), 0, 0
        for size in sizes:
            for _ in range(repeat + 1):
                deeds += len(ours.apply(ids[at : at + size]))
            at += size
        assert deeds == len(ids)
        assert [case.tags for case in Mentions(store).many(ids)] == [("hot",) if n % 2 else ("cold",) for n in range(len(ids))]
