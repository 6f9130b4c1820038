"""The inbox on a real store: each key does what its name says, to the right mentions, and can be undone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual import events

from listener.domain.case import Severity, State
from tests.tui.screens.desk import MINUTE, NOW, add, filing
from tests.tui.screens.hands import at_desk
from tui import commands
from tui.screens.inbox import InboxScreen
from tui.widgets.mention_card import MentionCard
from tui.widgets.prompt import Prompt


async def test_the_worst_comes_first_and_the_rest_by_age(tmp_path: Path) -> None:
    """The inbox is sorted by urgency; a SEV1 must never hide below a newer post."""
    async with at_desk(tmp_path) as desk:
        ids = []
        for _ in range(8):
            assert desk.inbox.entry
            ids.append(desk.inbox.entry.id)
            await desk.press("j")
        assert ids == [1, 2, 3, 4, 5, 6, 7, 8]


async def test_done_goes_to_the_next_however_fast_the_keys_come(tmp_path: Path) -> None:
    """Keys that are typed before the first one was stored must not meet the row that is about to go."""
    async with at_desk(tmp_path) as desk:
        await desk.press("d", "d", "d")
        assert [desk.entry(number).state for number in (1, 2, 3, 4)] == [State.RESOLVED] * 3 + [State.OPEN]
        assert desk.inbox.entry and desk.inbox.entry.id == 4
        await desk.press("u")
        assert desk.entry(3).state is State.OPEN
        assert desk.entry(2).state is State.RESOLVED


@pytest.mark.parametrize(
    ("keys", "field", "value"),
    [
        (("i",), "assignee", "nora"),
        (("2",), "severity", Severity.SEV2),
        (("0",), "severity", Severity.NONE),
        (("y",), "tags", ("crisis",)),
        (("t", *"refund", "enter"), "tags", ("refund",)),
        (("a", *"sal", "enter"), "assignee", "sales"),
        (("K", *"lead", "enter"), "task_kind", "lead"),
        (("L", *"gre", "enter"), "lang", "el"),
        (("s", *"tomorrow", "space", "9", "enter"), "state", State.SNOOZED),
    ],
    ids=lambda value: "".join(value) if isinstance(value, tuple) else str(value),
)
async def test_a_key_changes_the_mention_under_the_cursor(tmp_path: Path, keys: tuple[str, ...], field: str, value: object) -> None:
    """One row for each action of the table that changes something; all of them can be undone."""
    async with at_desk(tmp_path) as desk:
        before = getattr(desk.entry(), field)
        await desk.press(*keys)
        assert getattr(desk.entry(), field) == value
        await desk.press("u")
        assert getattr(desk.entry(), field) == before


async def test_a_human_verdict_stands_before_the_machines(tmp_path: Path) -> None:
    """The override is kept apart: taking it back brings the machine's score back."""
    async with at_desk(tmp_path) as desk:
        await desk.press("=", *"pos", "enter")
        assert desk.entry().sentiment.label == "positive"
        assert desk.entry().machine.label == "negative"
        await desk.press("=", *"machine", "enter")
        assert desk.entry().sentiment.label == "negative"


async def test_a_snooze_says_when_before_it_is_taken(tmp_path: Path) -> None:
    """'fri' means different days to different people: the parsed time must be seen first, and nonsense is never taken."""
    async with at_desk(tmp_path) as desk:
        await desk.press("s", *"blursday", "enter")
        assert isinstance(desk.app.screen, Prompt)
        await desk.press(*["backspace"] * 8, *"in", "space", *"2h")
        said = str(desk.app.screen.query_one(".help").render())
        assert "06:53" in said, "the desk's clock stands at 04:53 in Athens"
        await desk.press("enter")
        assert desk.entry().snoozed_until == NOW + 120 * MINUTE


async def test_marks_are_acted_on_together_and_undone_together(tmp_path: Path) -> None:
    """Mark three, tag them once, undo once."""
    async with at_desk(tmp_path) as desk:
        await desk.press("space", "space", "space", "t", *"late", "enter")
        assert [desk.entry(number).tags for number in (1, 2, 3, 4)] == [("late",)] * 3 + [()]
        await desk.press("u")
        assert [desk.entry(number).tags for number in (1, 2, 3)] == [()] * 3


async def test_a_range_is_marked_from_where_it_began(tmp_path: Path) -> None:
    """`v`, go, act: the range that is still open counts."""
    async with at_desk(tmp_path) as desk:
        await desk.press("v", "j", "j", "i")
        assert [desk.entry(number).assignee for number in (1, 2, 3, 4)] == ["nora"] * 3 + [""]


async def test_a_range_outlasts_what_others_do_meanwhile(tmp_path: Path) -> None:
    """In a crisis the list is read again every few seconds; the range must not shrink to one row under the hand."""
    async with at_desk(tmp_path) as desk:
        await desk.press("v", "j")
        desk.app.session.triage.tag([8], "elsewhere")
        desk.app._look()
        await desk.calm()
        await desk.press("j", "i")
        assert [desk.entry(number).assignee for number in (1, 2, 3, 4)] == ["nora"] * 3 + [""]


async def test_repeat_does_the_last_change_again_elsewhere(tmp_path: Path) -> None:
    """`.` saves the question: the same tag, on another row."""
    async with at_desk(tmp_path) as desk:
        await desk.press("t", *"late", "enter", "j", "full_stop")
        assert desk.entry(2).tags == ("late",)


async def test_any_stroke_of_the_history_can_be_undone(tmp_path: Path) -> None:
    """Undo reaches further back than the last action, and asks before it does."""
    async with at_desk(tmp_path) as desk:
        await desk.press("i", "t", *"late", "enter", "U")
        await desk.write("assigned")
        await desk.press("enter", "y")
        assert desk.entry().assignee == ""
        assert desk.entry().tags == ("late",)


async def test_new_mentions_never_move_the_cursor(tmp_path: Path) -> None:
    """What arrives is announced; the row under the hand stays until the operator asks for the new ones."""
    async with at_desk(tmp_path) as desk:
        await desk.press("j", "j")
        here = desk.inbox.entry
        new = add(desk.app.session.store, [filing(-1, "late", "aurora: one more", "Aurora Air", -0.9, "complaint", "en")])
        desk.inbox.changed(worked=False)
        await desk.calm()
        assert desk.inbox.entry == here
        assert desk.inbox.listing.fresh == 1
        assert desk.inbox.listing.count == 8
        await desk.press("g")
        assert desk.inbox.listing.count == 9
        desk.app.session.triage.severity(new, Severity.SEV1)


async def test_the_cursor_follows_its_mention_to_another_rank(tmp_path: Path) -> None:
    """An incident ranks what is under the hand anew: the next key must still mean the mention that was read."""
    async with at_desk(tmp_path) as desk:
        await desk.press("j", "j", "j", "j")
        here = desk.inbox.entry
        assert here
        desk.app.session.triage.severity([here.id], Severity.SEV1, rule="incident")
        desk.app._look()
        await desk.calm()
        assert desk.inbox.entry and desk.inbox.entry.id == here.id
        await desk.press("i")
        assert desk.entry(here.id).assignee == "nora"


async def test_a_list_in_another_order_gives_the_way_back(tmp_path: Path) -> None:
    """A thread is read oldest first, the inbox by urgency: an anchor of the one says nothing in the other."""
    async with at_desk(tmp_path) as desk:
        await desk.press("j", "j")
        here = desk.inbox.entry
        await desk.press("h")
        assert desk.inbox.listing.count == 1
        await desk.press("escape")
        assert desk.inbox.listing.count == 8
        assert desk.inbox.entry == here


async def test_another_operators_change_shows_without_a_key(tmp_path: Path) -> None:
    """Several hands on one inbox: what one closes leaves the other's screen."""
    async with at_desk(tmp_path) as desk:
        from listener.engine.triage import Triage

        Triage(desk.app.session.store, "sam").close([2])
        desk.app._look()
        await desk.calm()
        assert desk.inbox.listing.count == 7
        assert desk.inbox.entry and desk.inbox.entry.id == 1


async def test_a_filter_narrows_and_escape_gives_all_back(tmp_path: Path) -> None:
    """A query that cannot be read is never applied."""
    async with at_desk(tmp_path) as desk:
        await desk.press("f")
        await desk.write("sentiment:<")
        await desk.press("enter")
        assert desk.inbox.listing.count == 8
        await desk.write("-0.3")
        await desk.press("enter")
        assert desk.inbox.listing.count == 2
        await desk.press("escape")
        assert desk.inbox.listing.count == 8


async def test_search_finds_what_is_closed_and_goes_back(tmp_path: Path) -> None:
    """`/` looks through everything that is stored, whatever stream is open."""
    async with at_desk(tmp_path) as desk:
        await desk.press("d", "slash")
        await desk.write("smoke")
        await desk.press("enter")
        assert desk.inbox.listing.count == 1
        assert desk.inbox.entry and desk.inbox.entry.id == 1


async def test_streams_and_topics(tmp_path: Path) -> None:
    """Streams of the configuration stand beside the built-in ones; the topic cuts through all of them."""
    async with at_desk(tmp_path) as desk:
        await desk.press("b", *"Refunds", "enter")
        assert desk.inbox.pane.view.title == "Refunds"
        assert desk.inbox.listing.count == 1
        await desk.press("b", *"All", "enter", "T", *"Bor", "enter")
        assert desk.inbox.listing.count == 2
        await desk.press("escape")
        assert desk.inbox.listing.count == 8
        await desk.press("]")
        assert desk.inbox.pane.view.title == "Mine"


async def test_everything_of_a_person_and_back(tmp_path: Path) -> None:
    """The author's mentions are a list like any other: they can be worked on."""
    async with at_desk(tmp_path) as desk:
        await desk.press("j", "p", "enter")
        assert desk.inbox.listing.count == 1
        assert "maria" in desk.inbox.pane.view.title
        await desk.press("i", "escape")
        assert desk.inbox.pane.view.title == "All"
        assert desk.entry(2).assignee == "nora"


async def test_one_pane_opens_the_mention_and_closes_it(tmp_path: Path) -> None:
    """At 80 columns the card takes the list's place; the keys of a mention work in it, and j goes on to the next."""
    async with at_desk(tmp_path, (80, 24)) as desk:
        card = desk.inbox.query_one(MentionCard)
        assert not card.display
        await desk.press("enter")
        assert card.display and not desk.inbox.listing.display
        await desk.press("i", "d")
        assert desk.entry(1).state is State.RESOLVED and desk.entry(1).assignee == "nora"
        assert desk.inbox.entry and desk.inbox.entry.id == 2
        await desk.press("escape")
        assert desk.inbox.listing.display and not card.display


async def test_every_action_of_the_inbox_exists() -> None:
    """The table is the single source: a key that does nothing must not be on it."""
    from tui.widgets.mention_list import MentionList

    missing = [
        action.id
        for action in commands.of(*commands.SCREENS["inbox"])
        if not any(hasattr(place, f"action_{action.method}") for place in (InboxScreen, MentionList))
    ]
    assert missing == []


async def test_what_is_typed_ahead_is_the_answer(tmp_path: Path) -> None:
    """A fast hand types the tag before the question is painted: its letters must not become other actions."""
    async with at_desk(tmp_path) as desk:
        for key in ("t", *"dais", "enter"):
            desk.app.post_message(events.Key(key, key if len(key) == 1 else None))
            await asyncio.sleep(0.002)
        await desk.calm(0.5)
        assert desk.entry().tags == ("dais",)
        assert (desk.entry().assignee, desk.entry().state) == ("", State.OPEN)
