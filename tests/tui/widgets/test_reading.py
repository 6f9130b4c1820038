"""The card, the composer, the charts and the lines: they show everything they are given, and obey none of it."""

from __future__ import annotations

from dataclasses import replace
from threading import Thread
from unicodedata import category

import pytest
from textual.app import ComposeResult
from textual.widgets import Static, TextArea

from listener.domain.case import State
from listener.errors import InputError, StoreError
from tests.tui.entries import NOW, PLAIN, entry, person, sample
from tests.tui.gallery import buckets, dossier
from tests.tui.hostile import OWN
from tests.tui.settling import settle
from tui.canvas import Canvas, key_of
from tui.widgets import status_line
from tui.widgets.card_text import Dossier, Remark, card
from tui.widgets.composer import Composer, Finding, Letter, count
from tui.widgets.editor import edit, words
from tui.widgets.mention_card import MentionCard
from tui.widgets.progress import ProgressLine, Work
from tui.widgets.progress import line as progress
from tui.widgets.sparkline import mood, trend
from tui.widgets.toast import tell_error, tell_undo
from tui.widgets.volume_chart import Bucket, fill, thin


def read(given: Dossier) -> str:
    return card(given, NOW, lambda identity: f"<{identity}>").plain


def test_the_card_says_everything() -> None:
    """What the issue of an operator at 03:00 needs stands on one page."""
    said = read(dossier())
    for words_ in (
        "SEV1", "spiros_k", "128 k followers", "influencer", "14 mentions", "Smoke in the cabin", "×41", "−0.82", "80 % sure", "smoke",
        "lexicon: the desk's own word", "#safety", "crisis 93 %", "assigned to nora", "Thread of 3", "we  We are looking", "Notes",
        "Cabin smoke, no injuries.", "Call the duty manager", "desk by rule crisis words  tagged safety", "sam is replying", "at most 210",
    ):  # fmt: skip
        assert words_ in said, words_


def test_an_override_stands_beside_the_machine_and_unscored_is_not_neutral() -> None:
    """The two are never mixed up."""
    overridden = replace(PLAIN, sentiment=replace(PLAIN.sentiment, scorer="operator", label="positive", compound=0.5))
    assert "the machine says −0.40" in read(Dossier(overridden))
    unscored = read(Dossier(sample()[3]))
    assert "· unscored" in unscored
    assert "neutral" not in unscored


def test_the_card_names_the_keys_that_the_operator_has() -> None:
    """A keymap may move any of them."""
    assert "<confirm-kind> takes the first" in read(dossier())


def test_only_addresses_that_may_be_opened_are_shown() -> None:
    """An address in a card looks like something to click."""
    assert "javascript" not in read(Dossier(replace(PLAIN, url="javascript:alert(1)", permalinks=("file:///x",))))


@pytest.mark.parametrize("text", OWN, ids=range(len(OWN)))
async def test_no_text_is_obeyed_on_the_card_or_in_the_composer(text: str) -> None:
    """Every field that a network fills, filled with the worst."""
    worst = entry(
        1,
        text=text,
        title=text,
        author=person(text, 5, text),
        tags=(text,),
        assignee=text,
        kinds=((text, 0.5),),
        topics=(text, text),
        source=text,
    )
    whole = Dossier(worst, thread=[worst, entry(2, text=text)], notes=[Remark(NOW, text, text)], playbook=text, looking=[text])

    class Desk(Canvas):
        def compose(self) -> ComposeResult:
            yield MentionCard(clock=lambda: NOW)
            yield Composer(Letter(worst, text, [worst]), text=text, lint=lambda draft: [Finding("stop", draft)], suggestions=[text])

    app = Desk()
    async with app.run_test(size=(80, 40)) as pilot:
        app.query_one(MentionCard).show(whole)
        await settle(pilot)
        await pilot.click(MentionCard, offset=(5, 3))
        await settle(pilot)
        assert app.is_running
        painted = "".join(segment.text for strip in app.screen._compositor.render_strips() for segment in strip)
        assert {category(character) for character in painted} & {"Cc", "Cs"} == set()
        assert set(painted) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c") == set()


class Writing(Canvas):
    def __init__(self, composer: Composer) -> None:
        super().__init__()
        self.composer = composer
        self.heard: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.composer

    def on_composer_send_wanted(self, message: Composer.SendWanted) -> None:
        self.heard.append(f"send {message.text}")

    def on_composer_left(self, message: Composer.Left) -> None:
        self.heard.append("kept" if message.kept else "thrown away")

    def on_composer_changed(self, message: Composer.Changed) -> None:
        self.heard.append(f"save {message.text}")


async def test_a_reply_that_is_too_long_or_empty_or_stopped_is_not_sent() -> None:
    """The network would refuse it, or the brand would regret it."""
    composer = Composer(
        Letter(PLAIN, "@auroraair", unit="graphemes"),
        measure=lambda text: (len(text), 5),
        lint=lambda text: [Finding("stop", "Placeholder.")] if "{" in text else [Finding("warning", "Loud.")],
    )
    app = Writing(composer)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+s")
        await pilot.press(*"sixsix", "ctrl+s")
        await settle(pilot)
        assert "1 graphemes too long" in str(app.query_one("#findings", Static).content)
        composer.write("{a}")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert not any(said.startswith("send") for said in app.heard)
        composer.write("fine")
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert app.heard[-1] == "send fine"


async def test_every_change_is_told_so_that_a_crash_costs_no_draft() -> None:
    """The screen saves what it is told."""
    app = Writing(Composer(Letter(PLAIN, "@auroraair")))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"ab", "escape")
        await settle(pilot)
        assert app.heard == ["save a", "save ab", "kept"]


async def test_a_text_put_in_its_place_can_be_undone() -> None:
    """A saved reply chosen by mistake must not cost what was written."""
    app = Writing(Composer(Letter(PLAIN, "@auroraair"), text="mine"))
    async with app.run_test(size=(80, 24)) as pilot:
        app.composer.write("saved reply")
        await settle(pilot)
        app.query_one(TextArea).undo()
        assert app.composer.text == "mine"


def test_the_count_warns_before_it_stops() -> None:
    """Three tones: room, nearly full, too long."""
    tones = [str(count(used, 100, "characters").spans) for used in (50, 95, 101)]
    assert len(set(tones)) == 3
    assert count(5, None, "characters").plain == "5 characters"


def test_the_editor_is_a_command_and_never_a_shell() -> None:
    """EDITOR may have arguments; nothing in it is expanded."""
    assert words({"EDITOR": "code --wait"}) == ["code", "--wait"]
    assert words({"VISUAL": "vi", "EDITOR": "nano"}) == ["vi"]
    with pytest.raises(InputError, match="no editor"):
        words({})
    with pytest.raises(InputError, match="no command"):
        words({"EDITOR": "vi 'x"})


class Suspended:
    def suspend(self):  # type: ignore[no-untyped-def]
        from contextlib import nullcontext

        return nullcontext()


def test_what_the_editor_leaves_is_the_reply() -> None:
    """A failing editor leaves the text as it was, in words."""
    app = Suspended()
    assert edit(app, "before", {"EDITOR": "sed -i s/before/after/"}) == "after"  # type: ignore[arg-type]
    with pytest.raises(InputError, match="code 1"):
        edit(app, "before", {"EDITOR": "false"})  # type: ignore[arg-type]
    with pytest.raises(InputError, match="cannot be started"):
        edit(app, "before", {"EDITOR": "/nowhere/editor"})  # type: ignore[arg-type]


def test_no_bucket_is_lost_in_a_narrow_chart_nor_invented_in_a_wide_one() -> None:
    """A chart that drops an hour hides the peak."""
    all_ = buckets()
    assert sum(bucket.count for bucket in thin(all_, 20)) == sum(bucket.count for bucket in all_)
    assert len(fill(all_, 200)) == 200
    assert {bucket.count for bucket in fill(all_, 200)} == {bucket.count for bucket in all_}
    assert sum(bucket.mark == "▲" for bucket in fill(all_, 200)) == 1
    assert fill([], 20) == []
    assert thin([Bucket(1)], 5) == [Bucket(1)]


def test_lines_of_figures() -> None:
    """One sign a step, whatever the figure."""
    assert trend("Volume", [0, 4, 8], "8").plain == "Volume ▁▄█ 8"
    assert mood([0.4, -0.4, 0.0, None]).plain == "▲▼●·"


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_status_line_fits_and_keeps_what_matters(width: int) -> None:
    """Trouble and the clock stay when room is short."""
    status = status_line.Status("down", 3.4, 2, incidents=(1, 0, 0, 0), shift="nora", clock="03:12 Athens", others=("sam",))
    said = status_line.line(status, width).plain
    assert len(said) <= width
    assert "2 sources down" in said
    assert "03:12" in said
    assert "SEV1 1" in said


async def test_long_work_shows_how_far_it_is_and_stops_when_asked() -> None:
    """The thread that works is told at its next step."""

    class Desk(Canvas):
        def compose(self) -> ComposeResult:
            yield ProgressLine()

    app = Desk()
    async with app.run_test(size=(80, 24)) as pilot:
        bar = app.query_one(ProgressLine)
        work = bar.begin(Work("Exporting", 1_000_000))
        assert bar.display
        steps: list[int] = []

        def labour() -> None:
            while work.advance(1):
                steps.append(1)

        worker = Thread(target=labour)
        worker.start()
        await settle(pilot)
        assert bar.stop()
        worker.join(timeout=10)
        assert not worker.is_alive()
        assert "stopping" in str(bar.content)
        bar.end()
        assert not bar.display
        assert not bar.stop()


def test_the_time_left_is_told_once_it_is_known() -> None:
    """A guess from nothing is no figure."""
    now = [0.0]
    work = Work("Exporting to x.csv", 1000, clock=lambda: now[0])
    assert work.left is None
    now[0] = 10
    work.advance(250)
    assert work.left == pytest.approx(30)
    assert progress(work, 80, "^g").plain.endswith("250 of 1 000 · 30 s left · ^g stops")


async def test_toasts_are_text_and_name_the_key() -> None:
    """What was done, what went wrong, and the key that helps; never markup."""
    app = Canvas(keys={"undo": "ctrl+z"})
    async with app.run_test(size=(80, 24)) as pilot:
        for text in OWN:
            tell_undo(app, text)
        tell_error(app, StoreError("[/x] The disk is full.", hint="Make room."))
        await settle(pilot)
        said = [notification.message for notification in app._notifications]
        assert said[0].endswith("(^z undoes)")
        assert said[-1] == f"[/x] The disk is full. Make room.  ({key_of(app, 'details')} for details)"
        assert app.is_running


async def test_the_same_mention_stays_where_it_was_read() -> None:
    """The rest of a dossier arrives while one reads."""

    class Desk(Canvas):
        def compose(self) -> ComposeResult:
            yield MentionCard(clock=lambda: NOW)

    app = Desk()
    async with app.run_test(size=(60, 10)) as pilot:
        shown = app.query_one(MentionCard)
        shown.show(dossier())
        await settle(pilot)
        shown.scroll_to(y=5, animate=False)
        await settle(pilot)
        shown.show(replace(dossier(), entry=replace(dossier().entry, state=State.RESOLVED)))
        await settle(pilot)
        assert shown.scroll_offset.y == 5
        shown.show(sample()[1])
        await settle(pilot)
        assert shown.scroll_offset.y == 0
