from __future__ import annotations

import tomllib
from typing import Any

import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from listener.config.lines import positions


def test_positions_of_every_shape() -> None:
    """Each way in which TOML can write a key: tables, arrays of tables, dotted, quoted, inline, several lines, after a long string."""
    text = '''# c
a.b = 1
"q k" = """
[not.a.table]
x = 1
""" # after
list = [
  1, # one ]
  { deep = "}" , other = [1, 2] },
]
[t]
x = 'C:\\' # "
[[t.many]]
y = 1
[[t.many]]
  y = 2
[t.many.sub]
z = 2026-01-01T00:00:00Z
'''
    found = positions(text)
    assert found["a", "b"] == (2, 1)
    assert found["q k",] == (3, 1)
    assert found["list", 1, "deep"] == (9, 5)
    assert found["list", 1, "other", 1] == (9, 30)
    assert found["t", "x"] == (12, 1)
    assert found["t", "many", 0, "y"] == (14, 1)
    assert found["t", "many", 1] == (15, 1)
    assert found["t", "many", 1, "y"] == (16, 3)
    assert found["t", "many", 1, "sub", "z"] == (18, 1)


def steps_of(value: Any, at: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    found = {at} if at else set()
    if isinstance(value, dict):
        for key, item in value.items():
            found |= steps_of(item, (*at, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found |= steps_of(item, (*at, index))
    return found


LEAVES = st.one_of(st.integers(-9, 9), st.booleans(), st.text(max_size=8), st.datetimes())
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3)),
    max_leaves=12,
)


@given(st.dictionaries(st.text(min_size=1, max_size=5), TREES, max_size=4))
def test_every_key_of_any_document_is_found(tree: dict[str, Any]) -> None:
    """The walk must not lose its way on any text that a writer of TOML makes."""
    text = tomlkit.dumps(tree)
    assert steps_of(tomllib.loads(text)) <= set(positions(text))
