from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.limits import LONGEST, Gates, budget, retry_after

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC).timestamp()

DIALECTS = [
    ("seconds", [("Retry-After", "17")], None, 17),
    ("float seconds", [("Retry-After", "1.5")], None, 1.5),
    ("date", [("Retry-After", "Sun, 01 Mar 2026 12:00:40 GMT")], None, 40),
    ("doubled, seconds and date", [("Retry-After", "5"), ("Retry-After", "Sun, 01 Mar 2026 12:00:40 GMT")], None, 40),
    ("doubled seconds", [("Retry-After", "60"), ("Retry-After", "60")], None, 60),
    ("joined by a proxy", [("Retry-After", "60, 90")], None, 90),
    ("a date in the past", [("Retry-After", "Sun, 01 Mar 2020 12:00:40 GMT")], None, 0),
    ("an ISO time", [("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "2026-03-01T12:05:00.000000Z")], None, 300),
    ("seconds since 1970", [("x-ratelimit-reset", str(int(NOW) + 33))], None, 33),
    ("seconds since 1970, other prefix", [("RateLimit-Reset", str(int(NOW) + 33))], None, 33),
    ("seconds since 1970, x-rate-limit", [("x-rate-limit-reset", str(int(NOW) + 900))], None, 900),
    ("milliseconds since 1970", [("X-RateLimit-Reset", str(int(NOW) * 1000 + 12_000))], None, 12),
    ("seconds left", [("X-Ratelimit-Remaining", "0.0"), ("X-Ratelimit-Reset", "212")], None, 212),
    ("the IETF draft", [("RateLimit", "limit=100, remaining=0, reset=50")], None, 50),
    ("the IETF draft, later", [("RateLimit", '"default";r=0;t=44')], None, 44),
    ("backoff in the body", [], {"backoff": 12, "quota_remaining": 3}, 12),
    ("discourse", [], {"errors": ["slow down"], "extras": {"wait_seconds": 9}}, 9),
    ("reddit's body", [], {"json": {"ratelimit": 7.5, "errors": [["RATELIMIT", "x", "ratelimit"]]}}, 7.5),
    ("bytes", [], b'{"retry_after": 3.25}', 3.25),
    ("Retry-After beats the reset", [("Retry-After", "60"), ("X-RateLimit-Reset", str(int(NOW) + 3000))], None, 60),
    ("absent", [], None, None),
    ("an HTML body", [], b"<html><body>429</body></html>", None),
    ("nonsense", [("Retry-After", "soon"), ("X-RateLimit-Reset", "whenever")], None, None),
    ("not a number", [("Retry-After", "nan")], None, None),
    ("negative", [("Retry-After", "-5")], None, 0),
    ("absurd", [("Retry-After", "99999999")], None, LONGEST),
]


@pytest.mark.parametrize(("headers", "body", "seconds"), [case[1:] for case in DIALECTS], ids=[case[0] for case in DIALECTS])
def test_every_dialect(headers: list[tuple[str, str]], body: object, seconds: float | None) -> None:
    """One misread dialect means a ban, or a source that sleeps for fifty years."""
    assert retry_after(httpx.Headers(headers), body, NOW) == (pytest.approx(seconds) if seconds is not None else None)


@given(
    st.text(max_size=60),
    st.text(max_size=60),
    st.one_of(st.none(), st.binary(max_size=40), st.dictionaries(st.text(max_size=9), st.integers())),
)
def test_no_header_breaks_it(value: str, reset: str, body: object) -> None:
    """Headers are written by strangers."""
    wait = retry_after({"retry-after": value, "x-ratelimit-reset": reset}, body, NOW)
    assert wait is None or 0 <= wait <= LONGEST
    budget({"x-ratelimit-remaining": value, "x-ratelimit-reset": reset, "x-app-usage": value}, NOW)


def test_budgets_in_each_dialect() -> None:
    """The Sources screen draws a bar from this."""
    github = budget(
        {
            "x-ratelimit-remaining": "9",
            "x-ratelimit-limit": "10",
            "x-ratelimit-reset": str(int(NOW) + 60),
            "x-ratelimit-resource": "search",
        },
        NOW,
    )
    assert github and (github.name, github.left, github.limit, github.resets_at) == ("search", 9, 10, int((int(NOW) + 60) * 1000))
    reddit = budget({"x-ratelimit-remaining": "97.5", "x-ratelimit-reset": "30"}, NOW)
    assert reddit and (reddit.left, reddit.resets_at) == (97.5, int((NOW + 30) * 1000))
    meta = budget({"x-app-usage": '{"call_count":28,"total_time":40,"total_cputime":1}'}, NOW)
    assert meta and (meta.left, meta.limit) == (60, 100)
    assert budget({}, NOW) is None


def test_a_breaker_opens_after_failures_and_an_answer_closes_it() -> None:
    """A dead host must cost nothing, and come back as soon as it lives."""
    gates = Gates()
    for _ in range(Gates.PATIENCE - 1):
        gates.failed("h", 0)
    assert gates.closed_for(["h"], 0) == (0, False)
    gates.failed("h", 0)
    assert gates.closed_for(["h", "other"], 10) == (Gates.FIRST_PAUSE - 10, False)
    gates.failed("h", 40)
    assert gates.closed_for(["h"], 40)[0] == Gates.FIRST_PAUSE * 2
    for _ in range(40):
        gates.failed("h", 0)
    assert gates.closed_for(["h"], 0)[0] == Gates.LONGEST_PAUSE
    gates.answered("h")
    assert gates.closed_for(["h"], 0) == (0, False)


def test_a_pause_that_was_asked_for_outlives_an_answer() -> None:
    """A second channel's success must not cancel the first one's 429."""
    gates = Gates()
    gates.pause("h", 50, 0)
    gates.answered("h")
    assert gates.closed_for(["h"], 10) == (40, True)
