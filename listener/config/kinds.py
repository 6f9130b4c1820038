"""Kinds of setting that a plain type cannot say; `read` knows how to read each."""

from __future__ import annotations

from typing import Annotated, Literal

Duration = Annotated[int, "duration"]
"""Written "90s", "24h", "1h30m", "7d"; kept in milliseconds."""
Instant = Annotated[int, "instant"]
"""Written as a TOML date and time, in the desk's time zone unless it names an offset; kept as UTC milliseconds."""
Share = Annotated[float, "share"]
"""A number from 0 to 1."""
Count = Annotated[int, "count"]
"""A whole number, 0 or more."""
Hours = Annotated[str, "hours"]
"""Opening hours: "mon-fri 09:00-13:00, 14:00-18:00; sat 10:00-14:00", "22:00-06:00", "24/7"."""
Zone = Annotated[str, "zone"]
"""A time zone's IANA name, such as "Europe/Athens"."""
Day = Annotated[str, "day"]
"""A date, kept as "2026-12-24"."""
Country = Annotated[str, "country"]
"""An ISO 3166 code, with a subdivision after a hyphen where holidays differ: "GR", "US-CA"."""
Folder = Annotated[str, "path"]
"""A path; `~` is the home directory, a relative one starts beside the configuration file."""
Name = Annotated[str, "name"]
"""One line of text that is not empty."""
SeverityName = Literal["SEV1", "SEV2", "SEV3", "SEV4"]
"""SEV1 is the worst."""
TaskKindName = Literal["support", "question", "feedback", "lead", "crisis"]
"""What sort of work a case is."""
