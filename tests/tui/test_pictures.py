"""What the widgets look like, kept as pictures: a change of looks is seen in the diff of a snapshot, never by accident.

Look at them with `python -m tests.tui.pictures OUT`; take new ones with `pytest --snapshot-update`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.tui.gallery import GALLERY
from tests.tui.pictures import Frame

KEPT = [
    *(
        (name, theme, size)
        for name in ("list", "card", "composer")
        for theme in ("listener-dark", "listener-light")
        for size in ((80, 24), (120, 40))
    ),
    *((name, "listener-dark", (80, 24)) for name in ("single", "foot", "filter-error", "tag", "palette", "empty")),
    ("list", "ansi-dark", (80, 24)),
]


@pytest.mark.parametrize(("name", "theme", "size"), KEPT, ids=lambda value: str(value).replace(", ", "x").strip("()"))
def test_it_looks_as_it_did(snap_compare: Callable[..., bool], name: str, theme: str, size: tuple[int, int]) -> None:
    """Each at the smallest first-class size, the three that matter most also wide and in both themes."""
    make, ready, keys = GALLERY[name]
    assert snap_compare(Frame(make, ready, theme), press=keys, terminal_size=size)
