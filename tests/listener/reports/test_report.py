"""A page for a meeting: the same archive gives the same bytes, and nobody's post becomes markup."""

from __future__ import annotations

import json

from listener.reports.report import report

from .conftest import BAD


def test_the_same_archive_gives_the_same_page_and_holds_no_markup(desk):
    for n in range(6):
        desk.arrive("2026-03-20 09:00", author=f"a{n}", topic="<b>Evil</b>", text="<script>luggage</script> lost", sentiment=BAD)
    since, until = desk.at("2026-03-01 00:00"), desk.at("2026-04-01 00:00")
    for kind in ("md", "html", "json"):
        told = report(desk.store, desk.config, since, until, kind)
        desk.time += 86_400_000 if kind == "md" else 0
        assert told == report(desk.store, desk.config, since, until, kind)
        assert kind == "json" or ("<b>Evil" not in told and "<script" not in told)
    assert "http" not in report(desk.store, desk.config, since, until, "html")
    assert json.loads(report(desk.store, desk.config, since, until, "json"))["figures"]["volume"]["value"] == 6
