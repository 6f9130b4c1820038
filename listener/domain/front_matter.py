"""Markdown with front matter: `key: value` lines between two lines of dashes, then the text. Lists are `[a, b]` or `a, b`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from listener.errors import InputError

_LINE = re.compile(r"([A-Za-z][\w -]*?)\s*:\s*(.*)")


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it was read."""

    fields: Mapping[str, str] = field(default_factory=dict)
    """Keys in lower case; values as written, without quotes."""
    text: str = ""

    def get(self, key: str, default: str = "") -> str:
        return self.fields.get(key, default)

    def words(self, key: str) -> tuple[str, ...]:
        """A list: `[a, b]`, `a, b` or a single word."""
        value = self.fields.get(key, "").strip().removeprefix("[").removesuffix("]")
        return tuple(word for part in value.split(",") if (word := part.strip().strip("\"'")))


def parse(content: str, *, where: str = "") -> Document:
    """Read a document; without front matter everything is text.

    Raises:  InputError: the front matter does not end, or has a line that is no `key: value`; names `where` and the line.
    """
    lines = content.removeprefix("\ufeff").splitlines()
    if not lines or lines[0].strip() != "---":
        return Document({}, content.strip())
    fields: dict[str, str] = {}
    last = ""
    for number, line in enumerate(lines[1:], start=2):
        if line.strip() == "---":
            return Document(fields, "\n".join(lines[number:]).strip())
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if last and line.lstrip().startswith("- "):
            fields[last] = ", ".join(filter(None, (fields[last], line.strip()[2:].strip())))
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None:
            raise InputError(f"{where or 'The document'}, line {number}: {line.strip()[:60]!r} is no `key: value`.", hint="Front matter ends with a line of three dashes.")
        last = found[1].casefold()
        fields[last] = _unquoted(found[2].strip())
    raise InputError(f"{where or 'The document'}: the front matter does not end.", hint="End it with a line of three dashes.")


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
