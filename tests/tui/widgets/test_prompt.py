"""Short questions: few keys, no surprise, and no answer when one leaves."""

from __future__ import annotations

from typing import Any

import pytest
from textual.widgets import Static

from listener.errors import InputError
from tests.tui.hostile import OWN
from tests.tui.settling import settle
from tui.canvas import Canvas
from tui.widgets.palette import Help, palette
from tui.widgets.prompt import Ask, Choice, Choose, Confirm, Prompt, Write, rank

TAGS = [Choice("refund", "refund"), Choice("safety", "safety"), Choice("sales-lead", "sales-lead", "for the sales team")]


async def answer(prompt: Prompt[Any], *keys: str) -> Any:
    """What a question answers to these keys; "open" while it is still asked."""
    said: list[Any] = ["open"]
    app = Canvas()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(prompt, said.append)
        await settle(pilot)
        await pilot.press(*keys)
        await settle(pilot)
    return said[1] if len(said) > 1 else "open"


async def test_choosing_one_takes_the_first_that_fits() -> None:
    """Assign to sales: three keys."""
    assert await answer(Choose("Assign", TAGS), *"sal", "enter") == ("sales-lead",)
    assert await answer(Choose("Assign", TAGS), "down", "enter") == ("safety",)
    assert await answer(Choose("Assign", TAGS), "escape") is None
    assert await answer(Choose("Assign", TAGS), *"zzz", "enter") == "open"


async def test_tags_are_added_taken_away_and_made() -> None:
    """One question for all three; what was chosen before stays chosen."""

    def ask() -> Choose:
        return Choose("Tag", TAGS, several=True, create=True, chosen=("safety",))

    assert await answer(ask(), *"ref", "enter") == ("safety", "refund")
    assert await answer(ask(), "down", "tab", "enter") == ()
    assert await answer(ask(), "tab", "down", "down", "tab", "enter") == ("safety", "refund", "sales-lead")
    assert await answer(ask(), *"night", "enter") == ("safety", "night")
    assert await answer(ask(), *"a b", "tab", "enter") == ("safety", "a b")


def test_ranking_puts_beginnings_first() -> None:
    """What one types first is how it begins."""
    assert [choice.id for choice in rank("le", TAGS)] == ["sales-lead"]
    assert [choice.id for choice in rank("sa", TAGS)] == ["safety", "sales-lead"]
    assert [choice.id for choice in rank("rfd", TAGS)] == ["refund"]
    assert [choice.id for choice in rank("sales team", TAGS)] == ["sales-lead"]


async def test_what_cannot_be_read_is_not_taken() -> None:
    """Snooze until "moonday": said in words, asked again."""

    def check(typed: str) -> str:
        if typed == "moonday":
            raise InputError("There is no moonday.", hint="mon, tue, …")
        return "Mon 13 Oct 08:30"

    assert await answer(Ask("Snooze until", check=check), *"moonday", "enter") == "open"
    assert await answer(Ask("Snooze until", check=check, text="mon 08:30"), "enter") == "mon 08:30"
    assert await answer(Ask("Snooze until", check=check), "enter") == "open"


async def test_the_parsed_time_is_shown_before_it_is_taken() -> None:
    """An operator sees Monday of which week."""
    app = Canvas()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(Ask("Snooze until", check=lambda typed: "Mon 13 Oct 08:30", text="mon"))
        await settle(pilot)
        assert "→ Mon 13 Oct 08:30" in str(app.screen.query_one(Static).content)


async def test_a_note_keeps_its_lines_and_an_empty_one_is_none() -> None:
    """Enter is a line end in a note."""
    assert await answer(Write("Note"), "a", "enter", "b", "ctrl+s") == "a\nb"
    assert await answer(Write("Note"), "space", "ctrl+s") is None


async def test_only_y_says_yes() -> None:
    """Enter after a slip must not run a macro over a thousand mentions."""
    assert await answer(Confirm("Sure?", ["x"]), "enter") == "open"
    assert await answer(Confirm("Sure?", ["x"]), "y") is True
    assert await answer(Confirm("Sure?", ["x"]), "n") is False
    assert await answer(Confirm("Sure?", ["x"]), "escape") is False


async def test_the_palette_finds_every_action_and_help_names_it() -> None:
    """What one cannot remember, one can search."""
    assert await answer(palette(Canvas(), "inbox"), *"done", "enter") == ("close-next",)
    app = Canvas(keys={"close-next": "e"})
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(Help("inbox"))
        await settle(pilot)
        said = str(app.screen.query_one(Static).content)
        assert "Take in what has arrived since" in said
        assert any(line.split()[:2] == ["e", "Done"] for line in said.splitlines())


@pytest.mark.parametrize("text", OWN[:30], ids=range(30))
async def test_no_choice_no_title_and_no_line_is_obeyed(text: str) -> None:
    """Tags, names and previews come from outside too."""
    assert await answer(Choose(text, [Choice("a", text, text)], several=True, create=True, chosen=(text,)), "enter") != "open"
    assert await answer(Confirm(text, [text, text]), "y") is True
