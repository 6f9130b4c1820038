"""How the desk does: read beside the screen a few times a minute, shown in the status line of every screen."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tui.widgets.status_line import Status

if TYPE_CHECKING:
    from tui.screens.session import Session


def read_status(session: Session) -> Status:
    """The status now. `lag` is how long no network has been heard from. Raises StoreError."""
    from listener.store.checkpoints import Leases

    now = session.store.clock()
    health = [one for one in session.checkpoints.health() if not one.paused and one.next_poll is not None]
    failing = [one for one in health if one.failures >= 3 or (one.failures and one.last_success is None)]
    collecting = Leases(session.store).holder("collector") is not None
    heard = max((one.last_success for one in health if one.last_success), default=None)
    on_call = session.config.on_call(now) if session.config.incidents.rota else ()
    return Status(
        "stopped" if not collecting else "down" if failing else "waiting",
        lag=(now - heard) / 1000 if heard and collecting else None,
        failing=len(failing),
        trouble=f"{failing[0].source}: {failing[0].error}" if failing else "",
        incidents=burning(session, now),
        others=[one.operator for one in {other.operator: other for other in session.replies.around()}.values()],
        shift=", ".join(on_call) or session.operator,
        clock=clock(session, now),
        as_of=f"{datetime.fromtimestamp(session.past / 1000, session.zone):%a %d %b %H:%M}" if session.past is not None else "",
        recording="macro" if session.recording is not None else "",
    )


def burning(session: Session, now: int) -> tuple[int, int, int, int]:
    """How many incidents of each severity are open and not muted."""
    counts = [0, 0, 0, 0]
    for one in session.incidents.board(states=("open", "acknowledged", "regressed"), muted=False):
        if one.severity.value:
            counts[one.severity.value - 1] += 1
    return (counts[0], counts[1], counts[2], counts[3])


def clock(session: Session, now: int) -> str:
    """`03:12 Athens`."""
    zone = session.config.desk.time_zone
    return f"{datetime.fromtimestamp(now / 1000, session.zone):%H:%M} {zone.rpartition('/')[2].replace('_', ' ')}"
