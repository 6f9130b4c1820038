"""Pages of which a part is made from the code: renewed in place, or with `--check` only compared."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def between(page: str, begin: str, end: str, body: str) -> str:
    """The page with everything between its two marks made anew."""
    head, _, rest = page.partition(begin)
    _, _, tail = rest.partition(end)
    return f"{head}{begin}\n{body}\n\n{end}{tail}"


def renew(file: Path, renewed: Callable[[str], str]) -> int:
    """Write the page anew; with `--check`, exit code 1 when that would change it."""
    page = file.read_text("utf-8")
    fresh = renewed(page)
    if "--check" in sys.argv[1:]:
        return int(fresh != page)
    file.write_text(fresh, "utf-8")
    return 0
