"""Quiet out there, or deaf?"""

from __future__ import annotations

from listener.analysis.silence import MINUTE, Pulse, lasting, silence_of, silences

NOW = 1_767_571_200_000
HOUR = 60 * MINUTE


def pulse(source: str = "mastodon", success: int | None = 1, **rest: object) -> Pulse:
    last = None if success is None else NOW - success * MINUTE
    return Pulse(source, last, NOW - 30 * 24 * HOUR, 2 * MINUTE, **rest)  # type: ignore[arg-type]


def test_a_source_that_answers_is_heard() -> None:
    """The normal case."""
    assert silence_of(pulse(), NOW) is None


def test_a_source_that_does_not_answer_is_deaf_after_a_quarter_of_an_hour() -> None:
    """Three polls of two minutes are a hiccup."""
    assert silence_of(pulse(success=10), NOW) is None
    silence = silence_of(pulse(success=40), NOW)
    assert silence is not None
    assert (silence.kind, silence.text) == ("deaf", "mastodon has not answered for 40 min")


def test_a_slow_source_is_given_three_polls() -> None:
    """A feed that is asked every two hours has not failed after one."""
    slow = Pulse("feed", NOW - 5 * HOUR, NOW - 99 * HOUR, 2 * HOUR)
    assert silence_of(slow, NOW) is None
    assert silence_of(slow, NOW + 2 * HOUR) is not None


def test_a_fresh_start_is_given_time() -> None:
    """The collector was off all night: nothing is wrong with the networks."""
    young = Pulse("mastodon", NOW - 12 * HOUR, NOW - 5 * MINUTE, 2 * MINUTE)
    assert silence_of(young, NOW) is None
    never = Pulse("mastodon", None, NOW - HOUR, 2 * MINUTE)
    assert silence_of(never, NOW) is not None


def test_a_busy_source_that_brings_nothing_is_quiet() -> None:
    """Answers 200 with an empty page for ever: an expired search, a changed hashtag."""
    gaps = tuple([10 * MINUTE] * 50 + [90 * MINUTE])
    assert silence_of(pulse(last_mention=NOW - 4 * HOUR, gaps=gaps), NOW) is None
    silence = silence_of(pulse(last_mention=NOW - 5 * HOUR, gaps=gaps), NOW)
    assert silence is not None
    assert silence.kind == "quiet"
    assert "brought nothing for 5 h" in silence.text


def test_a_source_that_seldom_brings_anything_is_never_quiet() -> None:
    """Two mentions are no habit."""
    assert silence_of(pulse(last_mention=NOW - 20 * 24 * HOUR, gaps=(HOUR, HOUR)), NOW) is None


def test_all_sources_at_once_are_the_desk() -> None:
    """The network cable is one incident, not nine."""
    everything = [pulse("mastodon", 40), pulse("bluesky", 50), pulse("reddit", None)]
    (silence,) = silences(everything, NOW)
    assert (silence.source, silence.kind, silence.text) == ("", "desk", "no source has answered for 40 min")
    assert [each.source for each in silences([*everything, pulse("feed", 1)], NOW)] == ["mastodon", "bluesky", "reddit"]


def test_spans_are_said_short() -> None:
    """Minutes, hours, days."""
    assert [lasting(minutes * MINUTE) for minutes in (40, 180, 3_000)] == ["40 min", "3 h", "2 d"]
