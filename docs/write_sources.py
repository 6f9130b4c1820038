"""Put the options of every network into docs/sources.md: `python -m docs.write_sources`; `--check` only compares."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import msgspec

from docs.pages import renew
from sources.catalogue import TABLE, Network

PAGE = Path(__file__).with_name("sources.md")
_PLACE = re.compile(r"(<!-- options: (\w+) -->\n).*?(<!-- end -->\n)", re.DOTALL)


def options_of(network: Network) -> str:
    """A table of what may stand in the network's `[[sources]]`."""
    rows = ["| key | default | what it says |", "|---|---|---|"]
    for field in msgspec.structs.fields(network.options()):
        meta = getattr(field.type, "__metadata__", ())
        told = next((part.description for part in meta if isinstance(part, msgspec.Meta) and part.description), "")
        rows.append(f"| `{field.encode_name}` | {_default(field)} | {told.replace('|', chr(92) + '|')} |")
    return "\n".join(rows) + "\n" if len(rows) > 2 else "Nothing to configure.\n"


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.default is msgspec.NODEFAULT:
        return "" if field.default_factory is not msgspec.NODEFAULT else "**required**"
    shown = {"": "", (): "", True: "`true`", False: "`false`"}.get(field.default) if isinstance(field.default, (str, tuple, bool)) else None
    return shown if shown is not None else f"`{', '.join(field.default) if isinstance(field.default, tuple) else field.default}`"


def with_options(page: str) -> str:
    """The page with every table between its marks made anew."""
    known = {network.kind: network for network in TABLE}
    return _PLACE.sub(lambda match: f"{match.group(1)}{options_of(known[match.group(2)])}{match.group(3)}", page)


if __name__ == "__main__":
    sys.exit(renew(PAGE, with_options))
