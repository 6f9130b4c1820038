"""Reading a story from its TOML text. A mistake is refused with the file, the key and what would be right."""

from __future__ import annotations

import tomllib
from typing import Any

from listener.errors import InputError
from sources.sandbox.phrases import phrases, unknown_slots
from sources.sandbox.post import BRANDS, NETWORKS
from sources.sandbox.scenario import Beat, Scenario, Truth, Who


def parse(text: str, file: str, slug: str) -> Scenario:
    """The story in a TOML text; `file` is only used in messages. Raises InputError."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file} is not valid TOML: {error}.", hint="scenarios/README.md shows the format.") from error
    reader = _Reader(file, "", table)
    raw_beats = reader.take("beats", list, [])
    if not raw_beats:
        raise InputError(f"{file}: beats is missing.", hint="A story needs at least one [[beats]] table.")
    beats = tuple(_beat(_Reader(file, f"beats[{number}]", raw)) for number, raw in enumerate(raw_beats, 1))
    named: set[str] = set()
    for number, beat in enumerate(beats, 1):
        if beat.replies_to and beat.replies_to not in named:
            raise InputError(f"{file}: beats[{number}].replies_to names {beat.replies_to!r}, which no earlier beat is called.")
        named.add(beat.name)
    truth = _truth(_Reader(file, "truth", reader.take("truth", dict, {})))
    scenario = Scenario(
        slug, reader.take("title", str), reader.take("summary", str, ""), beats, truth,
        reader.number("minutes", 120.0, low=1), reader.number("speed", 30.0, low=0.1), _templates(reader, "details"),
    )  # fmt: skip
    reader.done()
    return scenario


def _beat(reader: _Reader) -> Beat:
    texts = _templates(reader, "texts")
    if not texts:
        raise reader.wrong("texts", "must hold at least one text")
    who = reader.take("who", dict, None)
    days_ago, clock = reader.take("days_ago", int, None), reader.take("at", str, "")
    if clock and not _is_clock(clock):
        raise reader.wrong("at", f"must be a time like 03:00, not {clock!r}")
    start = reader.number("from", 0.0)
    count, rate = reader.take("count", int, 0), reader.take("rate", list, [])
    if any(not isinstance(value, int | float) or value < 0 for value in rate):
        raise reader.wrong("rate", "must hold posts per minute, 0 or more")
    end = reader.number("to", start)
    if end < start:
        raise reader.wrong("to", f"is before from ({end:g} < {start:g})")
    if rate and end == start:
        raise reader.wrong("rate", "needs a `to` after `from`")
    networks = reader.take("networks", dict, {"mastodon": 1.0, "bluesky": 1.0})
    for network, weight in networks.items():
        if network not in NETWORKS:
            raise reader.wrong("networks", f"names {network!r}; there are {', '.join(NETWORKS)}")
        if isinstance(weight, bool) or not isinstance(weight, int | float) or weight <= 0:
            raise reader.wrong("networks", f"gives {network} the weight {weight!r}, which is not a number above 0")
    beat = Beat(
        name=reader.take("name", str), start=start, end=end, texts=texts, rate=tuple(float(value) for value in rate),
        count=count or (0 if rate else 1), kind=reader.take("kind", str, "complaint"), families=reader.words("families"),
        topic=reader.one_of("topic", "brand", (*(brand.key for brand in BRANDS), "")), networks=networks, lang=reader.take("lang", str, "en"),
        authors="one" if who else reader.one_of("authors", "crowd", ("crowd", "fresh", "brand")),
        who=_who(_Reader(reader.file, f"{reader.place}.who", who)) if who else None,
        storm=reader.take("storm", bool, False), calms=reader.take("calms", bool, False), unanswered=reader.take("unanswered", bool, False),
        replies_to=reader.take("replies_to", str, ""), title=reader.take("title", str, ""), days_ago=days_ago, clock=clock,
    )  # fmt: skip
    reader.done()
    return beat


def _templates(reader: _Reader, key: str) -> tuple[str, ...]:
    texts = reader.words(key)
    for text in texts:
        if unknown := unknown_slots(text, tuple(phrases().slots)):
            raise reader.wrong(key, f"uses the unknown slot {{{unknown[0]}}}")
    return texts


def _who(reader: _Reader) -> Who:
    handle = reader.take("handle", str)
    if not (handle.isascii() and handle.isalnum() and handle == handle.lower()):
        raise reader.wrong("handle", f"must be small letters and digits only, not {handle!r}")
    who = Who(
        handle, reader.take("name", str, ""), reader.take("followers", int, 120),
        reader.take("lang", str, "en"), reader.take("home", str, ""),
    )  # fmt: skip
    reader.done()
    return who


def _truth(reader: _Reader) -> Truth:
    truth = Truth(
        reader.take("real", bool, True), reader.one_of("topic", "brand", tuple(brand.key for brand in BRANDS)),
        reader.number("began", 0.0), reader.number("over", 0.0), int(reader.number("severity", 0, low=0, high=4)),
        reader.words("families"), reader.words("tags"), reader.words("playbook"), reader.words("lessons"),
    )  # fmt: skip
    reader.done()
    return truth


_REQUIRED: Any = object()


class _Reader:
    """A TOML table that knows where it stands, so that every complaint names file and key."""

    def __init__(self, file: str, place: str, table: Any) -> None:
        self.file, self.place = file, place
        if not isinstance(table, dict):
            raise InputError(f"{file}: {place} must be a table.")
        self._left = dict(table)

    def wrong(self, key: str, what: str) -> InputError:
        return InputError(f"{self.file}: {self._at(key)} {what}.", hint="scenarios/README.md shows the format.")

    def take(self, key: str, kind: type, default: Any = _REQUIRED) -> Any:
        if key not in self._left:
            if default is _REQUIRED:
                raise self.wrong(key, "is missing")
            return default
        value = self._left.pop(key)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.wrong(key, f"must be {_NAMES.get(kind, kind.__name__)}, not {value!r}")
        return value

    def number(self, key: str, default: float, *, low: float = float("-inf"), high: float = float("inf")) -> float:
        value = self._left.pop(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(key, f"must be a number, not {value!r}")
        if not low <= value <= high:
            raise self.wrong(key, f"must lie between {low:g} and {high:g}, not {value:g}")
        return float(value)

    def words(self, key: str) -> tuple[str, ...]:
        values = self.take(key, list, [])
        if any(not isinstance(value, str) or not value.strip() for value in values):
            raise self.wrong(key, "must hold texts in quotes")
        return tuple(values)

    def one_of(self, key: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.take(key, str, default)
        if value not in allowed:
            raise self.wrong(key, f"must be one of {', '.join(word for word in allowed if word)}, not {value!r}")
        return str(value)

    def done(self) -> None:
        if self._left:
            raise self.wrong(next(iter(self._left)), "is not a key that a scenario knows")

    def _at(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key


_NAMES = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}


def _is_clock(text: str) -> bool:
    hour, _, minute = text.partition(":")
    return hour.isdigit() and minute.isdigit() and len(minute) == 2 and int(hour) < 24 and int(minute) < 60
