"""One of each widget with something in it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from listener.domain.operator import Change
from listener.domain.sentiment import Contribution, Explanation
from tests.tui.entries import MINUTE, NOW, Held, entry, person, sample, sentiment
from tui.widgets.card_text import Dossier, Remark, Standing
from tui.widgets.mention_card import MentionCard
from tui.widgets.mention_list import MentionList
from tui.widgets.status_line import Status, StatusLine
from tui.widgets.volume_chart import Bucket, VolumeChart

PLAYBOOK = """# Safety
Anything about smoke, fire, injuries. Owner: duty manager.
- Do not speculate, do not apologise for causes
- Reply with the holding line, once
- Call the duty manager
> "We are looking into it and will come back to you here." """


def dossier() -> Dossier:
    worst = sample()[0]
    ours = entry(9, own=True, text="We are looking into it and will come back to you here.", author=person("auroraair"), parent_id="n1")
    return Dossier(
        worst,
        thread=[worst, ours, entry(10, text="Still nobody here. [/x] \x1b[2J", author=person("spiros_k"))],
        explanation=Explanation(
            "en", 0.97, sentiment(-0.82),
            (Contribution("smoke", -3.1, "lexicon", "the desk's own word"), Contribution("nobody", -1.4, "vader"),
             Contribution("everybody off", -0.6, "model"), Contribution("safe", 0.4, "vader")),
        ),
        notes=[Remark(NOW - 2 * MINUTE, "nora", "Called the station in Athens, they confirm.\nCabin smoke, no injuries.")],
        journal=[(Change(1, NOW - MINUTE, "desk", "tag", "mention", 1, "", "", "b", "crisis words"), "tagged safety"),
                 (Change(2, NOW, "nora", "assign", "mention", 1, "", "", "b"), "assigned to nora")],
        playbook=PLAYBOOK,
        author=Standing(14, 2, NOW - 400 * 86_400_000, "influencer", (0.2, 0.4, 0.1, -0.3, -0.8)),
        looking=["sam is replying"],
        volume=[20 + 15 * math.sin(hour / 3) for hour in range(24)] + [80, 160, 210],
    )  # fmt: skip


def buckets(n: int = 72) -> list[Bucket]:
    made = [Bucket(int(40 + 30 * math.sin(n / 4)), 5, "│" if n % 24 == 0 else "") for n in range(n - 6)]
    return [*made, Bucket(90, 50), Bucket(180, 140, "▲"), Bucket(260, 220), Bucket(240, 200), Bucket(150, 90), Bucket(120, 60)]


def _list(widget: Widget) -> None:
    assert isinstance(widget, MentionList)
    widget.heading = "Inbox · All · 8 open"
    widget.show(Held(sample()))
    widget.fresh = 12


class Foot(Vertical):
    """Status lines and charts, for what cannot fill a screen alone."""

    DEFAULT_CSS = "Foot VolumeChart { height: 8; margin: 1 2; }"

    def compose(self) -> ComposeResult:
        yield VolumeChart()
        yield StatusLine()

    def on_mount(self) -> None:
        self.query_one(VolumeChart).buckets = buckets()
        self.query_one(StatusLine).show(
            Status("down", 3.4, 1, (1, 0, 2, 0), "nora", "03:12 Athens", as_of="03:00", recording="night", others=("sam",))
        )


GALLERY: dict[str, tuple[Callable[[], Widget], Callable[[Any], object], tuple[str, ...]]] = {
    "list": (lambda: MentionList(clock=lambda: NOW), _list, ("down", "space", "down")),
    "single": (lambda: MentionList(clock=lambda: NOW), lambda widget: (_list(widget), setattr(widget, "lines", 1)), ("v", "down", "down")),
    "empty": (lambda: MentionList(clock=lambda: NOW), lambda widget: None, ()),
    "card": (lambda: MentionCard(clock=lambda: NOW), lambda widget: widget.show(dossier()), ()),
    "foot": (Foot, lambda widget: None, ()),
}
"""Name → (make it, make it ready, keys to press)."""
