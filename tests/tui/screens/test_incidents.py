"""The board and the room of one incident."""

from __future__ import annotations

from pathlib import Path

from listener.domain.case import Severity
from listener.domain.incident import IncidentState
from listener.domain.life import Event
from listener.engine.incidents import Incidents
from tests.tui.screens.desk import MINUTE, NOW
from tests.tui.screens.hands import Hands, at_desk
from tui.screens.inbox import InboxScreen
from tui.screens.incident_room import IncidentRoom


def burn(desk: Hands, severity: Severity = Severity.SEV2, mentions: tuple[int, ...] = (1, 2)) -> int:
    """Open an incident, as the watch would."""
    store, board = desk.app.session.store, Incidents(desk.app.session.store, "desk")
    topic = store.read().execute("SELECT id FROM topic WHERE name = 'Aurora Air'").fetchone()[0]

    def work(connection: object) -> int:
        at = NOW - 20 * MINUTE
        id_ = board.rows.insert(connection, topic, "safety", "Aurora Air/safety", at)  # type: ignore[arg-type]
        board.rows.add_event(connection, id_, Event("opened", at, urgency=severity.urgency, text="smoke, 41 posts by 40 people"))  # type: ignore[arg-type]
        board.rows.add_evidence(connection, id_, mentions, mentions[0], 8)  # type: ignore[arg-type]
        board.rows.refold(connection, id_)  # type: ignore[arg-type]
        return id_

    return store.write(work)


async def test_acknowledge_and_resolve_from_the_board(tmp_path: Path) -> None:
    """The close asks for a cause and whether it was real: the noise is measured by the answers."""
    async with at_desk(tmp_path) as desk:
        id_ = burn(desk)
        await desk.press("f3")
        assert "SEV2" in desk.shown()
        await desk.press("a")
        assert desk.app.session.incidents.get(id_).state is IncidentState.ACKNOWLEDGED
        assert desk.app.session.incidents.get(id_).owner == "nora"
        await desk.press("d")
        await desk.write("a kettle")
        await desk.press("enter")
        await desk.press("down")
        await desk.press("enter")
        incident = desk.app.session.incidents.get(id_)
        assert (incident.state, incident.cause, incident.real) == (IncidentState.RESOLVED, "a kettle", False)


async def test_every_number_opens_its_mentions(tmp_path: Path) -> None:
    """From the room into the inbox, where they can be worked on, and back."""
    async with at_desk(tmp_path) as desk:
        burn(desk)
        await desk.press("f3", "enter")
        assert isinstance(desk.app.screen, IncidentRoom)
        await desk.press("enter")
        assert isinstance(desk.app.screen, InboxScreen)
        assert desk.inbox.listing.count == 2
        await desk.press("f3")
        assert isinstance(desk.app.screen, IncidentRoom)


async def test_incidents_stand_in_the_status_line(tmp_path: Path) -> None:
    """What burns is seen from every screen."""
    async with at_desk(tmp_path) as desk:
        burn(desk, Severity.SEV1)
        desk.app._pulse()
        await desk.calm()
        assert "SEV1 1" in desk.shown()
