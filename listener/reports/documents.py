"""Figures as plain values: what `--json` prints, what reports are filled from, and what people read of them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from listener.domain.duration import DAY, HOUR, MINUTE, SECOND
from listener.reports.figures import FORMULAS, Net, Spread, Timing, net, rounded, share
from listener.reports.metrics import Resolved
from listener.reports.sla import Sla

if TYPE_CHECKING:
    from listener.reports.metrics import By, Metrics
    from listener.store.figures import Voice

LABELS = {
    "first_response": "First response time",
    "average_response": "Average response time",
    "resolution": "Resolution time",
    "first_contact_resolution": "First-contact resolution",
    "sla": "SLA",
    "volume": "Volume",
    "net_sentiment": "Net sentiment",
    "share_of_voice": "Share of voice",
    "engagement": "Engagement",
    "reach": "Reach (estimate)",
}
"""Figure → what people call it."""


def document(metrics: Metrics, by: By | None = None) -> dict[str, Any]:
    """Everything about a period; keys are only ever added. Lengths of time are ms, shares per cent, instants ISO 8601."""
    scope = metrics.scope
    told: dict[str, Any] = {
        "since": stamp(scope.since),
        "until": stamp(scope.until),
        "as_of": stamp(metrics.now),
        "time_zone": metrics.config.desk.time_zone,
        "hours": metrics.config.desk.hours,
        "topics": metrics.topic_names(),
        "sources": metrics.source_names(),
        "figures": figures(metrics),
    }
    if by is not None:
        told["by"] = by
        told["groups"] = [{"name": name, **group(parts)} for name, parts in metrics.by(by)]
    return told


def figures(metrics: Metrics) -> dict[str, Any]:
    """Every figure with its formula."""
    reach, engagement, voice = metrics.reach(), metrics.engagement(), metrics.share_of_voice()
    told = {
        "first_response": timing_row(metrics.first_response()),
        "average_response": timing_row(metrics.average_response()),
        "resolution": timing_row(metrics.resolution()),
        "first_contact_resolution": resolved_row(metrics.first_contact()),
        "sla": sla_row(metrics.sla()),
        "volume": {"value": metrics.voice.n},
        "net_sentiment": net_row(metrics.net_sentiment()),
        "share_of_voice": {
            "value": rounded(voice.value), "brand": voice.brand, "competitors": voice.competitors, "sources": list(voice.sources), "left_out": list(voice.left_out),
            "by_topic": [{"topic": name, "role": role, "mentions": n, "share": rounded(share(n, voice.brand + voice.competitors))} for name, role, n in voice.by_topic],
        },
        "engagement": {name: rounded(value) for name, value in asdict(engagement).items()},
        "reach": {"value": reach.value, "authors": reach.authors, "authors_known": reach.known, "estimate": True},
    }  # fmt: skip
    return {name: {**values, "formula": FORMULAS[name]} for name, values in told.items()}


def group(parts: dict[str, Any]) -> dict[str, Any]:
    """One group's figures; what has no meaning for a group is null."""
    voice: Voice | None = parts["voice"]
    return {
        "first_response": timing_row(parts["first_response"]),
        "average_response": timing_row(parts["average_response"]),
        "resolution": timing_row(parts["resolution"]),
        "first_contact_resolution": resolved_row(parts["first_contact"]),
        "sla": sla_row(parts["sla"]) if parts["sla"] else None,
        "volume": voice.n if voice else None,
        "net_sentiment": net_row(net(voice)) if voice else None,
    }


def timing_row(timing: Timing) -> dict[str, Any]:
    return {"n": timing.n, "clock": _spread(timing.clock), "business": _spread(timing.business)}


def _spread(spread: Spread) -> dict[str, int | None]:
    return {"mean_ms": spread.mean, "median_ms": spread.median, "p90_ms": spread.p90}


def resolved_row(resolved: Resolved) -> dict[str, Any]:
    return {
        "value": rounded(resolved.rate), "first_contact": resolved.first_contact, "resolved": resolved.n, "answered": resolved.answered,
        "of_answered": rounded(share(resolved.first_contact, resolved.answered)), "reopened": resolved.reopened,
    }  # fmt: skip


def sla_row(sla: Sla) -> dict[str, Any]:
    return {"value": rounded(sla.rate), **asdict(sla)}


def net_row(found: Net) -> dict[str, Any]:
    return {
        "value": rounded(found.value), "positive": found.positive, "neutral": found.neutral, "negative": found.negative, "unscored": found.unscored,
        "scored_share": rounded(found.scored_share),
    }  # fmt: skip


def stamp(at: int) -> str:
    """UTC, ISO 8601, to the second where there is no more to say."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds" if at % 1000 else "seconds").replace("+00:00", "Z")


def span(ms: int | None) -> str:
    """A length of time for people, two units at most: `45 s`, `12 min`, `3 h 05`, `2 d 4 h`; `–` for none."""
    if ms is None:
        return "–"
    if ms < MINUTE:
        return f"{round(ms / SECOND)} s"
    if ms < HOUR:
        return f"{ms // MINUTE} min"
    if ms < 2 * DAY:
        return f"{ms // HOUR} h {ms % HOUR // MINUTE:02}"
    return f"{ms // DAY} d {ms % DAY // HOUR} h"


def percent(value: float | None, sign: bool = False) -> str:
    """`61.5 %`, or `–`."""
    return "–" if value is None else f"{value:{'+' if sign else ''}.1f}" + ("" if sign else " %")


def number(n: int | None) -> str:
    """`170 234`, or `–`."""
    return "–" if n is None else f"{n:,}".replace(",", "\u202f")


def sentences(told: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Figure → (its value in words, what it rests on), for screens and reports."""
    f = told["figures"]
    found = {}
    for name in ("first_response", "average_response", "resolution"):
        clock, business = f[name]["clock"], f[name]["business"]
        first = "mean_ms" if name == "average_response" else "median_ms"
        value = f"{span(clock[first])} · business {span(business[first])}"
        rest = f"{'mean' if name == 'average_response' else 'median'} of {number(f[name]['n'])} · p90 {span(clock['p90_ms'])} · business p90 {span(business['p90_ms'])}"
        found[name] = (value, rest) if f[name]["n"] else ("–", "none in this period")
    fcr = f["first_contact_resolution"]
    found["first_contact_resolution"] = (percent(fcr["value"]), f"{number(fcr['first_contact'])} of {number(fcr['resolved'])} resolved, {number(fcr['answered'])} of them answered")
    sla = f["sla"]
    found["sla"] = (percent(sla["value"]), f"{number(sla['hit'])} hit · {number(sla['missed'])} missed ({number(sla['overdue'])} still wait) · {number(sla['breaching'])} breaching · "
                    f"{number(sla['running'])} running · {number(sla['paused'])} paused · {number(sla['waived'])} waived")  # fmt: skip
    found["volume"] = (number(f["volume"]["value"]), "mentions")
    mood = f["net_sentiment"]
    found["net_sentiment"] = (percent(mood["value"], sign=True), f"{number(mood['positive'])} positive · {number(mood['neutral'])} neutral · {number(mood['negative'])} negative · {percent(mood['scored_share'])} scored")
    voice = f["share_of_voice"]
    found["share_of_voice"] = (percent(voice["value"]), f"{number(voice['brand'])} of {number(voice['brand'] + voice['competitors'])} · {len(voice['sources'])} sources")
    said = f["engagement"]
    found["engagement"] = (number(said["likes"] + said["reposts"] + said["replies"]), f"{number(said['likes'])} likes · {number(said['reposts'])} reposts · {number(said['replies'])} replies · rate {percent(said['rate'])}")
    reach = f["reach"]
    found["reach"] = (number(reach["value"]), f"followers of {number(reach['authors_known'])} of {number(reach['authors'])} authors")
    return found
