"""Adding a source asks for whatever its network needs, of any type, and writes what the adapter reads back."""

from __future__ import annotations

import msgspec
import pytest

from listener.errors import InputError
from sources.catalogue import TABLE, Network
from tui.cli.sources import _shown, _typed


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("a, b", tuple[str, ...], ["a", "b"]),
        ("yes", bool, True),
        ("7", int, 7),
        ("2.5", float, 2.5),
        ("Aurora Air=123, Borealis=456", dict[str, str], {"Aurora Air": "123", "Borealis": "456"}),
        ("Aurora Air=UC1+UC2, Borealis=UC3", dict[str, tuple[str, ...]], {"Aurora Air": ["UC1", "UC2"], "Borealis": ["UC3"]}),
        ("plain", str, "plain"),
    ],
)
def test_typed_words_become_settings(text: str, kind: object, value: object) -> None:
    assert _typed(text, kind) == value


@pytest.mark.parametrize(("text", "kind"), [("x", int), ("maybe", bool), ("Aurora Air", dict[str, str])])
def test_what_does_not_fit_is_said(text: str, kind: object) -> None:
    with pytest.raises(InputError):
        _typed(text, kind)


@pytest.mark.parametrize("network", TABLE, ids=lambda network: network.kind)
def test_every_default_can_be_taken_as_it_is_shown(network: Network) -> None:
    """Pressing Enter at every question must give the network's own defaults."""
    for field in msgspec.structs.fields(network.options()):
        if field.default is msgspec.NODEFAULT:
            continue
        shown = _shown(field.default)
        if shown:
            assert msgspec.convert(_typed(shown, field.type), field.type) == field.default
