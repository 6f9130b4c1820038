"""docs/incidents.md says what the code does: its tables are read and compared."""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict
from pathlib import Path

from listener.analysis.opening import Setting
from listener.analysis.parameters import DEFAULTS
from listener.domain.severity import POINTS, THRESHOLDS, VOLUME, Rules

DOC = (Path(__file__).parents[3] / "docs" / "incidents.md").read_text(encoding="utf-8")


def told(*heads: str) -> dict[str, float]:
    """Name → value of the table that begins with this head."""
    table = DOC.split("| " + " | ".join(heads))[1].split("\n\n")[0]
    rows = re.findall(r"^\| ((?:`[\w:-]+` ?)+)\| (\S+) \|", table, re.MULTILINE)
    return {name: float(value) for names, value in rows for name in re.findall(r"`([^`]+)`", names)}


def test_the_parameters_are_the_defaults() -> None:
    """A figure that nobody updated is worse than none."""
    assert told("parameter", "default") == {name: float(value) for name, value in asdict(DEFAULTS).items()}


def test_points_and_thresholds_are_the_shipped_ones() -> None:
    """And every name that can be tuned is in the document."""
    assert told("points", "shipped") == {name: float(points) for name, (points, _) in POINTS.items()}
    assert told("threshold", "shipped") == {name: value for name, (value, _) in THRESHOLDS.items()}


def test_the_thresholds_are_those_of_the_detector() -> None:
    """Two places hold them: the table for operators, and the parameters of the measured detector."""
    assert DEFAULTS.thresholds == tuple(THRESHOLDS[name][0] for name in VOLUME)
    assert Setting().detection == DEFAULTS


def test_the_example_can_be_read() -> None:
    """What the document offers for copying must work."""
    blocks = [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", DOC, re.DOTALL)]
    table = next(block["incidents"] for block in blocks if "points" in block.get("incidents", {}))
    topic = table["topics"]["Aurora Air"]
    rules = Rules().tuned(table["points"], table["thresholds"]).tuned(topic["points"], page=topic["page"])
    assert (rules.points["burst:conduct"], rules.points["reach"], rules.thresholds["reach"], rules.page) == (3, 2, 5000, False)
