"""Where in the file a setting stands: every complaint about the configuration says it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from listener.errors import ConfigError

Step = str | int


@dataclass(frozen=True, slots=True)
class Place:
    """A setting in a file. The line is looked up when somebody asks, never before."""

    file: Path | None
    steps: tuple[Step, ...] = ()
    text: str = field(default="", compare=False, repr=False)
    """The file as it was read: it may have changed since."""

    def at(self, *steps: Step) -> Place:
        """The place below this one."""
        return Place(self.file, self.steps + steps, self.text)

    @property
    def key(self) -> str:
        """As a person writes it: `topics[1].role`."""
        return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.steps).lstrip(".")

    def position(self) -> tuple[int, int] | None:
        """Line and column, both from 1: of the key, or of the nearest table around it; None when there is no text."""
        if not self.text:
            return None
        from listener.config.lines import positions

        known = positions(self.text)
        for length in range(len(self.steps), 0, -1):
            if self.steps[:length] in known:
                return known[self.steps[:length]]
        return None

    def __str__(self) -> str:
        """`listener.toml:14:1: topics[1].role`."""
        if self.file is None:
            return self.key
        where = self.position()
        front = f"{self.file.name}:{where[0]}:{where[1]}" if where else self.file.name
        return f"{front}: {self.key}" if self.key else front

    def error(self, message: str, *, hint: str = "") -> ConfigError:
        """What is wrong with this setting, as an error to raise."""
        end = "." if hint and not message.endswith((".", "^")) else ""
        return ConfigError(f"{self}: {message}{end}", hint=hint)
