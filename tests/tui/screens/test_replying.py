"""From the inbox through the composer to the outbox, on a network that takes replies."""

from __future__ import annotations

from pathlib import Path

import pytest

from listener.config import loads
from listener.domain.reply import ReplyState
from listener.engine.replies import Replies
from tests.tui.screens.desk import CONFIG
from tests.tui.screens.hands import Hands, at_desk
from tui.screens.composing import ReplyScreen
from tui.screens.outbox import OutboxScreen

MASTODON = CONFIG + """
[[sources]]
kind = "mastodon"
instance = "https://social.example"
token = { env = "AURORA_TOKEN" }

[[sources]]
kind = "bluesky"
identifier = "aurora.example"
password = { env = "AURORA_TOKEN" }
"""


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AURORA_TOKEN", "secret")


async def compose(desk: Hands, text: str) -> None:
    await desk.press("r")
    assert isinstance(desk.app.screen, ReplyScreen)
    await desk.write(text)
    await desk.calm(0.5)


async def test_a_reply_is_queued_and_undo_takes_it_back(tmp_path: Path) -> None:
    """The moment in which one sees one's own mistake is the moment after sending."""
    async with at_desk(tmp_path, config=MASTODON) as desk:
        await compose(desk, "We are looking into it")
        await desk.press("ctrl+s")
        [reply] = desk.app.session.replies.listing()
        assert (reply.state, reply.text) == (ReplyState.QUEUED, "We are looking into it")
        await desk.press("u")
        [reply] = desk.app.session.replies.listing()
        assert reply.state is ReplyState.DRAFT


async def test_a_draft_survives_a_crash(tmp_path: Path) -> None:
    """Every pause saves it: what was typed is there although nobody saved and nobody left the composer."""
    async with at_desk(tmp_path, config=MASTODON) as desk:
        await compose(desk, "Half a sent")
        [reply] = desk.app.session.replies.listing()
        assert (reply.state, reply.text) == (ReplyState.DRAFT, "Half a sent")
        await desk.press("escape")
        await desk.press("r")
        assert isinstance(desk.app.screen, ReplyScreen)
        assert desk.app.screen.composer.text == "Half a sent"


async def test_an_empty_or_unfilled_reply_does_not_go_out(tmp_path: Path) -> None:
    """A placeholder that nobody filled in is the classic of saved replies."""
    async with at_desk(tmp_path, config=MASTODON) as desk:
        await compose(desk, "Hello {name}")
        await desk.press("ctrl+s")
        assert isinstance(desk.app.screen, ReplyScreen)
        assert desk.app.session.replies.listing()[0].state is ReplyState.DRAFT


async def test_the_outbox_shows_every_state_and_takes_back(tmp_path: Path) -> None:
    """Nothing is silently lost: what was queued is on the screen, and `z` stops it."""
    async with at_desk(tmp_path, config=MASTODON) as desk:
        await compose(desk, "We are looking into it")
        await desk.press("ctrl+s", "f8")
        assert isinstance(desk.app.screen, OutboxScreen)
        assert "queued" in desk.shown()
        await desk.press("z")
        assert desk.app.session.replies.listing()[0].state is ReplyState.DRAFT


async def test_two_operators_do_not_answer_one_customer(tmp_path: Path) -> None:
    """Whoever opens the composer second is told, and may take over knowingly."""
    async with at_desk(tmp_path, config=MASTODON) as desk:
        desk.app.session.replies.presence.claim(1, "sam")
        await desk.press("r")
        assert not isinstance(desk.app.screen, ReplyScreen)
        await desk.press("n")
        assert desk.app.session.replies.listing() == []
        await desk.press("r", "y")
        assert isinstance(desk.app.screen, ReplyScreen)


async def test_who_lost_the_case_while_writing_is_asked_before_it_goes_out(tmp_path: Path) -> None:
    """The colleague who took it over may have answered already."""
    async with at_desk(tmp_path, config=MASTODON) as desk:
        await compose(desk, "We are looking into it")
        desk.app.session.replies.presence.claim(desk.app.session.replies.listing()[0].mention_id, "sam", "other desk", take=True)
        await desk.press("ctrl+s")
        assert "A colleague took this over" in desk.shown()
        await desk.press("n")
        assert desk.app.session.replies.listing()[0].state is ReplyState.DRAFT


async def test_an_approver_sees_what_changed_and_the_conversation(tmp_path: Path) -> None:
    """Nobody can vouch for words whose difference they have not seen."""
    async with at_desk(tmp_path, config=MASTODON) as desk:
        session = desk.app.session
        theo = Replies(session.store, "theo", loads(MASTODON + '\n[replies]\napproval = ["*"]\n'), session.network)
        first = theo.submit(theo.open_draft(1).id, text="We wil look")
        back = session.replies.reject(first.id, "a typo")
        theo.submit(back.id, text="We will look")
        await desk.press("f8")
        await desk.calm(0.5)
        assert isinstance(desk.app.screen, OutboxScreen)
        assert "wilwill look" in desk.shown(), "what is gone stands before what is new"


async def test_colleagues_see_who_looks_at_a_mention_and_who_has_gone(tmp_path: Path) -> None:
    """Two people who see each other do not start on the same customer."""
    async with at_desk(tmp_path, config=MASTODON) as desk:
        session = desk.app.session
        theo = Replies(session.store, "theo", session.config)
        await desk.press("down")
        await desk.calm(0.5)
        session.whereabouts.tell()
        assert desk.inbox.entry is not None
        assert [(one.mention_id, one.operator, one.doing) for one in theo.around()] == [(desk.inbox.entry.id, session.operator, "looking")]
        session.whereabouts.leave()
        assert theo.around() == []
