"""A report of a period: figures and comparison as Markdown, JSON, or one HTML page without any network. Nothing in it depends on when it was written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from listener.reports.compare import compare
from listener.reports.compare import document as compared
from listener.reports.documents import LABELS, document, percent, sentences
from listener.reports.figures import FORMULAS
from listener.reports.metrics import Metrics
from listener.reports.words import hypertext, markdown

if TYPE_CHECKING:
    from listener.config import Config
    from listener.reports.compare import Comparison
    from listener.store.connection import Store

_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #8886;vertical-align:top}small{opacity:.7}svg{width:100%;height:auto}@media print{body{margin:0}}"
)
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
"""Okabe and Ito: told apart also by the colour-blind."""


def report(store: Store, config: Config, since: int, until: int, kind: str) -> str:
    """The report as `md`, `html` or `json`. Raises InputError, StoreError."""
    told, found = document(Metrics(store, config, since, until)), compare(store, config, since, until)
    told.pop("as_of")
    if kind == "json":
        return json.dumps({**told, "comparison": compared(found)}, ensure_ascii=False, indent=2) + "\n"
    rows = [(LABELS[name], value, rest, FORMULAS[name]) for name, (value, rest) in sentences(told).items()]
    title, about = f"{config.desk.name}: {told['since']} – {told['until']}", f"{', '.join(told['topics'])} · {', '.join(told['sources'])} · n = {told['figures']['volume']['value']}"
    return _markdown(title, about, rows, found) if kind == "md" else _html(title, about, rows, found)


def _markdown(title: str, about: str, rows: list[tuple[str, str, str, str]], found: Comparison) -> str:
    lines = [f"# {markdown(title, 200)}", "", markdown(about, 500), "", "| figure | value | of |", "|---|---|---|", *(f"| {label} | {value} | {rest} |" for label, value, rest, _ in rows)]
    lines += ["", "| topic | mentions | share of voice | net sentiment |", "|---|---|---|---|"]
    lines += [f"| {markdown(one.name, 60)} | {one.voice.n} | {percent(one.share_of_voice)} | {percent(one.net.value, sign=True)} |" for one in found.rivals]
    lines += ["", *(f"- {claim.sort}: {markdown(claim.text, 200)}" for claim in found.claims)]
    return "\n".join(lines).rstrip() + "\n"


def _html(title: str, about: str, rows: list[tuple[str, str, str, str]], found: Comparison) -> str:
    table = "".join(f"<tr><th>{label}</th><td>{hypertext(value, 200)}</td><td>{hypertext(rest, 300)}<br><small>{hypertext(formula, 400)}</small></td></tr>" for label, value, rest, formula in rows)
    claims = "".join(f"<li>{claim.sort}: {hypertext(claim.text, 200)}</li>" for claim in found.claims)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{hypertext(title, 200)}</title><style>{_STYLE}</style>'
        f"<h1>{hypertext(title, 200)}</h1><p>{hypertext(about, 500)}</p><table>{table}</table><h2>Share of voice</h2>{_bars(found)}<ul>{claims}</ul></html>\n"
    )


def _bars(found: Comparison) -> str:
    """Share of voice as inline SVG: a bar for each topic."""
    height = 34 * len(found.rivals) + 24
    parts = []
    for position, one in enumerate(found.rivals):
        width, top = 4.2 * (one.share_of_voice or 0), 34 * position
        label = f"{hypertext(one.name, 40)}: {percent(one.share_of_voice)} (n = {one.voice.n})"
        parts.append(f'<rect x="0" y="{top}" width="{width:.1f}" height="24" fill="{_COLOURS[position % len(_COLOURS)]}"/><text x="{width + 8:.1f}" y="{top + 17}" fill="currentColor" font-size="13">{label}</text>')
    foot = f'<text x="0" y="{height - 6}" fill="currentColor" font-size="11">{hypertext(", ".join(found.sources), 120)}</text>'
    return f'<svg viewBox="0 0 720 {height}" role="img" aria-label="Share of voice">{"".join(parts)}{foot}</svg>'
