"""Put the reference of all settings into docs/configuration.md: `python -m docs.write_reference`; `--check` only compares."""

from __future__ import annotations

import sys
from pathlib import Path

from listener.config.reference import markdown

PAGE = Path(__file__).with_name("configuration.md")
BEGIN, END = "<!-- reference: made by docs/write_reference.py -->\n", "<!-- end of reference -->\n"


def with_reference(page: str) -> str:
    """The page with everything between its two marks made anew."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{markdown()}\n{END}{tail}"


def main() -> int:
    page = PAGE.read_text("utf-8")
    fresh = with_reference(page)
    if "--check" in sys.argv[1:]:
        return int(fresh != page)
    PAGE.write_text(fresh, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
