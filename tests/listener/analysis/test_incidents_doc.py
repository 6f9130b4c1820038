"""docs/incidents.md says what the code does: its tables are read and compared."""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict
from pathlib import Path

from listener.analysis.lookout import DEFAULTS
from listener.domain.severity import Rules

DOC = (Path(__file__).parents[3] / "docs" / "incidents.md").read_text(encoding="utf-8")


def test_the_parameters_are_the_defaults() -> None:
    """A figure that nobody updated is worse than none."""
    told = {name: float(value) for name, value in re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", DOC, re.MULTILINE)}
    assert told == {name: float(value) for name, value in asdict(DEFAULTS).items()}


def test_the_severity_table_is_the_default_and_can_be_read() -> None:
    """What the document offers for copying must change nothing."""
    (block,) = re.findall(r"```toml\n(.*?)```", DOC, re.DOTALL)
    table = tomllib.loads(block)["topics"]["severity"]
    assert Rules.of(table) == Rules()
    assert table.keys() == asdict(Rules()).keys()
