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
from tui.widgets.composer import Composer, Finding, Letter
from tui.widgets.filter_bar import FilterBar
from tui.widgets.mention_card import MentionCard
from tui.widgets.mention_list import MentionList
from tui.widgets.palette import Help, palette
from tui.widgets.progress import ProgressLine, Work
from tui.widgets.prompt import Ask, Choice, Choose, Confirm, Write
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


class Asked(Vertical):
    """A list below, a question over it."""

    def __init__(self, ask: Callable[[Any], Any]) -> None:
        super().__init__()
        self.ask = ask

    def compose(self) -> ComposeResult:
        yield MentionList(clock=lambda: NOW)

    def on_mount(self) -> None:
        _list(self.query_one(MentionList))
        self.app.push_screen(self.ask(self.app))


def snooze(typed: str) -> str:
    from listener.domain.calendar import BusinessCalendar
    from listener.domain.when import describe, parse_when

    calendar = BusinessCalendar(zone="Europe/Athens")
    return describe(parse_when(typed, NOW, calendar), NOW, "Europe/Athens")


TAGS = [Choice("refund", "refund", "214 mentions"), Choice("safety", "safety", "41"), Choice("sales-lead", "sales-lead", "12")]
WORDS = {"tag": ("refund", "safety", "sales-lead"), "source": ("mastodon", "bluesky"), "topic": ("Aurora Air",)}


def _filter(widget: Any) -> None:
    widget.words = WORDS
    widget.open("refund AND sentiment:<-0.3 ta")


class Working(Vertical):
    def compose(self) -> ComposeResult:
        yield MentionList(clock=lambda: NOW)
        yield ProgressLine()

    def on_mount(self) -> None:
        _list(self.query_one(MentionList))
        work = self.query_one(ProgressLine).begin(Work("Exporting to mentions.csv", 120_000))
        work.advance(48_000)


def draft() -> Composer:
    return Composer(
        Letter(dossier().entry, "@auroraair on mastodon", dossier().thread, approval=True, unit="characters"),
        text="Dear {first_name}, we are looking into it and will come back to you here.",
        measure=lambda text: (len(text), 80),
        lint=lambda text: [
            Finding("stop", "The placeholder {first_name} is not filled."),
            Finding("warning", "You sent the same to @tom."),
        ],
    )


Made = tuple[Callable[[], Widget], Callable[[Any], object], tuple[str, ...]]
GALLERY: dict[str, Made] = {
    "list": (lambda: MentionList(clock=lambda: NOW), _list, ("down", "space", "down")),
    "single": (lambda: MentionList(clock=lambda: NOW), lambda widget: (_list(widget), setattr(widget, "lines", 1)), ("v", "down", "down")),
    "empty": (lambda: MentionList(clock=lambda: NOW), lambda widget: None, ()),
    "card": (lambda: MentionCard(clock=lambda: NOW), lambda widget: widget.show(dossier()), ()),
    "foot": (Foot, lambda widget: None, ()),
    "filter": (FilterBar, _filter, ()),
    "filter-error": (FilterBar, lambda widget: widget.open("refund AND folowers:>1k"), ("space",)),
    "composer": (draft, lambda widget: None, ()),
    "tag": (
        lambda: Asked(lambda app: Choose("Tag 3 mentions", TAGS, several=True, create=True, chosen=("safety",))),
        lambda w: None,
        ("s", "a"),
    ),
    "snooze": (lambda: Asked(lambda app: Ask("Snooze until", check=snooze, text="mon 08:30")), lambda widget: None, ()),
    "snooze-error": (lambda: Asked(lambda app: Ask("Snooze until", check=snooze, text="moonday")), lambda widget: None, ()),
    "note": (lambda: Asked(lambda app: Write("Note", "Called the station in Athens.")), lambda widget: None, ()),
    "confirm": (
        lambda: Asked(lambda app: Confirm("Play macro night on 2 mentions?", ["tag refund", "assign to sales"])),
        lambda w: None,
        (),
    ),
    "palette": (lambda: Asked(lambda app: palette(app, "inbox")), lambda widget: None, ("m", "a")),
    "help": (lambda: Asked(lambda app: Help("inbox")), lambda widget: None, ()),
    "progress": (Working, lambda widget: None, ()),
}
"""Name → (make it, make it ready, keys to press)."""
