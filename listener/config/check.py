"""What one setting alone cannot show: names used twice, names of nobody, a channel without its address."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from listener.domain.rota import EVERYBODY, ON_CALL
from listener.errors import ConfigError, InputError, QueryError

if TYPE_CHECKING:
    from listener.config.place import Place
    from listener.config.secrets import Secret
    from listener.config.tree import Config, SourceSetting


def cross_check(config: Config) -> list[ConfigError]:
    """All complaints, in the order of the file's sections."""
    return [*_twice(config), *_topics(config), *_people(config), *_channels(config), *_windows(config), *_times(config)]


def check_queries(config: Config, parse: Callable[[str], object]) -> list[ConfigError]:
    """Complaints about queries of topics, streams and rules. `parse` raises QueryError; it is passed in because a grammar is slow to load."""
    queries: list[tuple[str, Place]] = []
    for number, topic in enumerate(config.topics):
        several = len(topic.queries) > 1
        queries += [
            (text, config.place.at("topics", number, *(("queries", index) if several else ("query",)))) for index, text in enumerate(topic.queries)
        ]
    for number, stream in enumerate(config.streams):
        queries += [(stream.query, config.place.at("streams", number, "query"))]
    for number, rule in enumerate(config.rules):
        queries += [(rule.when, config.place.at("rules", number, "when"))]
    problems = []
    for text, place in queries:
        if text.strip():
            try:
                parse(text)
            except QueryError as error:
                problems.append(place.error(f"{error.message} (column {error.column} of the query)\n{error.caret()}", hint=error.hint))
    return problems


def check_holidays(config: Config) -> list[ConfigError]:
    """A complaint when nobody knows the desk's public holidays. Apart, because the package that knows them is slow to load."""
    from listener.domain.calendar import public_holidays

    try:
        if config.desk.holidays:
            public_holidays(config.desk.holidays, 2026)
    except InputError as error:
        return [config.place.at("desk", "holidays").error(error.message, hint=error.hint)]
    return []


def with_names(sources: tuple[SourceSetting, ...]) -> tuple[SourceSetting, ...]:
    """Give each source a name. The first of a kind keeps the bare kind for ever, so that adding a second one renames nothing."""
    taken = {one.name for one in sources if one.name}
    named = []
    for one in sources:
        if not one.name:
            host = next((found[1] for key in ("instance", "url") if (found := _HOST.match(str(one.options.get(key, ""))))), "")
            wishes = [one.kind, *([f"{one.kind}:{host}"] if host else []), *(f"{one.kind}-{number}" for number in range(2, len(sources) + 2))]
            one = one.changed(name=next(wish for wish in wishes if wish not in taken))
            taken.add(one.name)
        named.append(one)
    return tuple(named)


_HOST = re.compile(r"(?:https?://)?(?:[^/@]*@)?([\w.-]+)")


def secrets(config: Config) -> Iterator[Secret]:
    """Every secret that the configuration names, for a doctor to try."""
    from listener.config.secrets import Secret

    for source in config.sources:
        yield from (value for value in source.options.values() if isinstance(value, Secret))
    yield from (channel.url for channel in config.notify.channels if channel.url)


def _twice(config: Config) -> Iterator[ConfigError]:
    for section, names in (
        ("topics", [one.name.casefold() for one in config.topics]),
        ("sources", [one.name for one in config.sources]),
        ("streams", [one.name for one in config.streams]),
        ("rules", [one.name for one in config.rules]),
    ):
        counts = Counter(names)
        for index, name in enumerate(names):
            if counts[name] > 1 and name in names[:index]:
                yield config.place.at(section, index, "name").error(f"{name!r} is the name of another one already")
    keys = [one.key for one in config.streams]
    for index, key in enumerate(keys):
        if key and key in keys[:index]:
            yield config.place.at("streams", index, "key").error(f"{key!r} opens another stream already")


def _topics(config: Config) -> Iterator[ConfigError]:
    topics = [one.name for one in config.topics]
    sources = [one.name for one in config.sources]
    for source in config.sources:
        yield from _known(source.topics, topics, "a topic", source.place.at("topics"))
    for index, topic in enumerate(config.topics):
        yield from _known(topic.sources, sources, "a source", config.place.at("topics", index, "sources"))
        if not (topic.queries or topic.handles or topic.hashtags):
            yield config.place.at("topics", index).error("has no query", hint='Write query = \'"your brand" OR #yourbrand\'.')
    for index, window in enumerate(config.incidents.windows):
        yield from _known([window.topic] if window.topic else [], topics, "a topic", config.place.at("incidents", "windows", index, "topic"))
    yield from _known(config.incidents.topics, topics, "a topic", config.place.at("incidents", "topics"))


def _people(config: Config) -> Iterator[ConfigError]:
    people = [one.name for one in config.operators()]
    teams = list(config.teams())
    if not people:
        return
    incidents = config.place.at("incidents")
    yield from _known(config.incidents.escalation, [ON_CALL, EVERYBODY, *people, *teams], "an operator or a team", incidents.at("escalation"))
    for index, turn in enumerate(config.incidents.rota):
        yield from _known(turn.people, people, "an operator", incidents.at("rota", index, "people"))
        yield from _known([turn.team] if turn.team else [], teams, "a team", incidents.at("rota", index, "team"))
    for index, swap in enumerate(config.incidents.swaps):
        yield from _known([swap.person, swap.instead], people, "an operator", incidents.at("swaps", index))
    told = [*(one.name for one in config.notify.channels), *people, *teams]
    for index, rule in enumerate(config.rules):
        yield from _known(rule.then.notify, told, "a channel, an operator or a team", config.place.at("rules", index, "then", "notify"))
        if rule.then.assign:
            yield from _known([rule.then.assign], [*people, *teams], "an operator or a team", config.place.at("rules", index, "then", "assign"))


def _channels(config: Config) -> Iterator[ConfigError]:
    if config.replies.acknowledge.enabled and not config.replies.acknowledge.text.strip():
        yield config.place.at("replies", "acknowledge").error("is enabled and has no `text`")
    for index, channel in enumerate(config.notify.channels):
        place = config.place.at("notify", "channels", index)
        if channel.kind == "apprise" and channel.url is None:
            yield place.error("needs a `url`", hint="An Apprise URL, kept as a secret: url = { keyring = … }.")
        if channel.kind == "command" and not channel.command:
            yield place.error("needs a `command`", hint='A list: command = ["/usr/local/bin/page", "--loud"].')


def _windows(config: Config) -> Iterator[ConfigError]:
    windows = [(one.start, one.end) for one in config.incidents.windows]
    swaps = [(one.start, one.end) for one in config.incidents.swaps]
    for section, spans in (("windows", windows), ("swaps", swaps)):
        for index, (start, end) in enumerate(spans):
            if end <= start:
                yield config.place.at("incidents", section, index, "end").error("is not after its start")


def _times(config: Config) -> Iterator[ConfigError]:
    """Words for times in rules: tried now, not when the rule first fits at 03:00."""
    for index, rule in enumerate(config.rules):
        for key, text in (("snooze", rule.then.snooze), ("due", rule.then.due)):
            if text:
                from listener.domain.calendar import BusinessCalendar
                from listener.domain.when import understood

                if not understood(text, BusinessCalendar(config.desk.hours, config.desk.time_zone)):
                    place = config.place.at("rules", index, "then", key)
                    yield place.error(f"{text!r} is not a time", hint='For example "in 2h", "tomorrow 9", "mon 08:30", "next opening".')


def _known(names: Iterable[str], known: list[str], what: str, place: Place) -> Iterator[ConfigError]:
    for name in names:
        if name not in known:
            from difflib import get_close_matches

            close = get_close_matches(name, known, n=1)
            yield place.error(f"{name!r} is not {what}" + (f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known) or 'none'}"))
