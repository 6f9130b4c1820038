"""One table of actions, from which everything else follows."""

from __future__ import annotations

import pytest

from listener.errors import ConfigError
from tui import commands


def test_ids_are_unique_and_every_action_is_explained() -> None:
    """The keymap, macros and help name actions by id."""
    ids = [action.id for action in commands.ACTIONS]
    assert len(ids) == len(set(ids))
    assert all(action.name and action.help and action.rooms for action in commands.ACTIONS)
    assert {room for action in commands.ACTIONS for room in action.rooms} <= set(commands.ROOMS)


@pytest.mark.parametrize("preset", commands.PRESETS)
def test_no_preset_gives_a_key_two_meanings_on_one_screen(preset: str) -> None:
    """A tired operator presses what the help says."""
    assert [str(clash) for clash in commands.conflicts(commands.keymap(preset))] == []


def test_a_conflict_is_reported_in_words() -> None:
    """The configuration may say anything; the desk says what follows from it."""
    clashes = commands.conflicts(commands.keymap("", {"reply": "t"}))
    assert "t on the inbox screen means both reply and tag" in [str(clash) for clash in clashes]


def test_the_same_key_spelt_two_ways_is_one_key() -> None:
    """People write `?`, Textual says `question_mark`."""
    assert commands.normal("?") == "question_mark"
    assert commands.normal("Ctrl+/") == "ctrl+slash"
    assert commands.normal("|, .") == "vertical_line,full_stop"
    assert commands.conflicts(commands.keymap("", {"tag": "?"}))


def test_a_wrong_keymap_is_refused_with_what_was_meant() -> None:
    """A typing error in the configuration must not silently leave a key dead."""
    with pytest.raises(ConfigError, match="close-next"):
        commands.keymap("", {"close-nxt": "d"})
    with pytest.raises(ConfigError, match="vim"):
        commands.keymap("vi")


def test_bindings_carry_id_and_help() -> None:
    """Textual's keymap replaces keys by id; the footer shows the tooltip."""
    made = {binding.id: binding for binding in commands.bindings("mention")}
    assert made["close-next"].action == "close_next"
    assert made["close-next"].tooltip
    assert "up" not in made


def test_the_table_of_keys_has_every_action_and_stays_a_table() -> None:
    """A `|` in a cell would split it."""
    lines = commands.table().splitlines()
    assert len(lines) == len(commands.ACTIONS) + 2
    assert {line.replace("\\|", "").count("|") for line in lines} == {5}


def test_presets_name_real_actions() -> None:
    """A renamed action must be renamed here too."""
    assert {identity for keys in commands.PRESETS.values() for identity in keys} <= {action.id for action in commands.ACTIONS}
