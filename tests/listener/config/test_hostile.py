from __future__ import annotations

from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from listener.config import Config, loads
from listener.config.reference import sections
from listener.errors import ConfigError

ODD = ["1", "-1", "1.5", "inf", "nan", "true", '""', '"x"', '"\\u0000"', "[]", "[1]", "[[]]", "{}", "{ a = 1 }", "[{}]", "2026-01-01", "07:30:00", "2026-01-01T00:00:00Z", "99999999999999999999"]
LEAVES = st.one_of(st.integers(), st.floats(), st.booleans(), st.text(max_size=6), st.datetimes())
ANYTHING = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3), max_leaves=8)
KEYS = sorted({one.key for section in sections() for one in section.settings if "`" not in one.key})


def read(text: str) -> None:
    """Every text ends in a configuration or in words."""
    try:
        assert isinstance(loads(text), Config)
    except ConfigError as error:
        assert str(error)


@pytest.mark.parametrize("section", sections(), ids=lambda section: section.header)
def test_any_value_for_any_key_ends_in_words(section: Any) -> None:
    """Each setting with each sort of value that does not belong there: never a traceback."""
    header = section.header.replace('"…"', '"x"')
    above = "[[rules]]\nname = 'r'\n" if header == "[rules.then]" else ""
    for setting in section.settings:
        for value in ODD:
            read(f"{above}{header}\n{setting.key.split('`')[0].replace('<action>', 'go')} = {value}\n")


@given(st.dictionaries(st.sampled_from(["desk", "topics", "sources", "rules", "incidents", "notify", "sla", "keys"]), ANYTHING | st.lists(st.dictionaries(st.sampled_from(KEYS), ANYTHING))))
def test_any_document_ends_in_words(tree: dict[str, Any]) -> None:
    """Shapes that no list of odd values thinks of."""
    read(tomlkit.dumps(tree))
