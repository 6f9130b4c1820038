"""On which line each key of a TOML text stands.

tomllib keeps no positions and tomlkit offers none, so this walks the text once more. It is only ever given text that
tomllib has accepted, which is why it may be lenient, and it runs only when there is something to complain about.
"""

from __future__ import annotations

import re
import tomllib

from listener.config.place import Step

_KEY = re.compile(r'[ \t]*("(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+)[ \t]*')
_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"""+|\'\'\'.*?\'\'\'+|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_BARE = re.compile(r"[^,\]}\n#]*")


def positions(text: str) -> dict[tuple[Step, ...], tuple[int, int]]:
    """The (line, column), from 1, of every key and table; arrays count their elements from 0."""
    return _Walk(text).run()


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[tuple[Step, ...], int] = {}
        self.lengths: dict[tuple[Step, ...], int] = {}

    def run(self) -> dict[tuple[Step, ...], tuple[int, int]]:
        table: tuple[Step, ...] = ()
        while self.blank() > self.at:
            before = self.at
            if self.text.startswith("[", self.at):
                table = self.header()
            else:
                self.pair(table)
            if self.at == before:
                break
        return {steps: self.line(offset) for steps, offset in self.found.items()}

    def line(self, offset: int) -> tuple[int, int]:
        return self.text.count("\n", 0, offset) + 1, offset - self.text.rfind("\n", 0, offset)

    def blank(self) -> int:
        """Skip white space and comments; the length of the text, for loops to compare with."""
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return len(self.text)

    def key(self) -> list[str]:
        """A dotted key, read up to what follows it."""
        names: list[str] = []
        while found := _KEY.match(self.text, self.at):
            raw = found[1]
            names.append(next(iter(tomllib.loads(f"{raw} = 0"))))
            self.at = found.end()
            if not self.text.startswith(".", self.at):
                break
            self.at += 1
        return names

    def header(self) -> tuple[Step, ...]:
        start, array = self.at, self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        names = self.key()
        self.at += 2 if array else 1
        steps = self.within((), names[:-1])
        for length in range(1, len(steps) + 1):
            self.found.setdefault(steps[:length], start)
        last: tuple[Step, ...] = (*steps, *names[-1:])
        if array:
            index = self.lengths.get(last, 0)
            self.lengths[last] = index + 1
            self.found.setdefault(last, start)
            last = (*last, index)
        self.found[last] = start
        return last if array else self.within(steps, names[-1:])

    def within(self, steps: tuple[Step, ...], names: list[str]) -> tuple[Step, ...]:
        """Follow names through arrays of tables: each stands for its latest element."""
        for name in names:
            steps = (*steps, name)
            if steps in self.lengths:
                steps = (*steps, self.lengths[steps] - 1)
        return steps

    def pair(self, table: tuple[Step, ...]) -> None:
        start = self.at
        steps: tuple[Step, ...] = table
        for name in self.key():
            steps = (*steps, name)
            self.found.setdefault(steps, start)
        if self.text.startswith("=", self.at):
            self.at += 1
            self.value(steps)

    def value(self, steps: tuple[Step, ...]) -> None:
        self.blank()
        if self.text.startswith("[", self.at):
            self.items(steps, "]")
        elif self.text.startswith("{", self.at):
            self.items(steps, "}")
        else:
            found = _STRING.match(self.text, self.at) or _BARE.match(self.text, self.at)
            self.at = found.end() if found else self.at + 1

    def items(self, steps: tuple[Step, ...], close: str) -> None:
        self.at += 1
        index = 0
        while self.blank() > self.at and not self.text.startswith(close, self.at):
            before = self.at
            if close == "}":
                self.pair(steps)
            else:
                self.found.setdefault((*steps, index), self.at)
                self.value((*steps, index))
            index += 1
            self.blank()
            self.at += self.text.startswith(",", self.at)
            if self.at == before:
                return
        self.at += 1
