"""`score`: texts in, verdicts out."""

from __future__ import annotations

import json
import sys

import click

from tui.cli.desk import Desk


@click.command("score")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--lang", default="", metavar="CODE", help="The language, where it is known: a prior for the detector.")
@click.pass_obj
def score_command(desk: Desk, as_json: bool, lang: str) -> None:
    """Score one text a line from standard input: label, compound, confidence, language, scorer, tab between them.

    A text that no scorer understands is `unscored`, with an empty compound: never neutral.
    """
    from listener.analysis.understand import Reader

    reader = Reader()
    texts = (raw.rstrip("\r\n") for raw in sys.stdin)
    for found in reader.stream((text, lang) for text in texts):
        verdict = found.sentiment
        if as_json:
            click.echo(json.dumps({"label": verdict.label, "compound": verdict.compound, "confidence": verdict.confidence, "lang": found.lang, "scorer": verdict.scorer,
                                   "grade": verdict.grade, "kinds": [name for name, _ in found.kinds], "journey": found.journey or None}))  # fmt: skip
        else:
            compound = "" if verdict.compound is None else f"{verdict.compound:.4f}"
            click.echo(f"{verdict.label}\t{compound}\t{verdict.confidence:.2f}\t{found.lang}\t{verdict.scorer}")
