"""`score`, `explain`, `lexicon`, `rescore`: what the machine makes of a text, and how to correct it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from listener.errors import InputError
from tui.cli.desk import Desk

if TYPE_CHECKING:
    from listener.domain.sentiment import Explanation
    from listener.engine.rescore import Reads


@click.command("score")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--lang", default="", metavar="CODE", help="The language, where it is known: a prior for the detector.")
@click.pass_obj
def score_command(desk: Desk, as_json: bool, lang: str) -> None:
    """Score one text a line from standard input: label, compound, confidence, language, scorer, tab between them.

    A text that no scorer understands is `unscored`, with an empty compound: never neutral.
    """
    from tui.cli.collecting import reader_of

    texts = (raw.rstrip("\r\n") for raw in sys.stdin)
    for found in reader_of(desk.config).stream((text, lang) for text in texts):
        verdict = found.sentiment
        if as_json:
            click.echo(json.dumps({"label": verdict.label, "compound": verdict.compound, "confidence": verdict.confidence, "lang": found.lang, "scorer": verdict.scorer,
                                   "grade": verdict.grade, "kinds": [name for name, _ in found.kinds], "journey": found.journey or None}))  # fmt: skip
        else:
            compound = "" if verdict.compound is None else f"{verdict.compound:.4f}"
            click.echo(f"{verdict.label}\t{compound}\t{verdict.confidence:.2f}\t{found.lang}\t{verdict.scorer}")


@click.command("explain")
@click.argument("what", nargs=-1, required=True, metavar="ID|TEXT")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def explain_command(desk: Desk, what: tuple[str, ...], as_json: bool) -> None:
    """Say why a mention, or a text, got its score: the language, each word's contribution, and the layer that it came from."""
    from listener.analysis.explain import explain
    from listener.analysis.language import Guess
    from tui.cli.collecting import reader_of

    scorer = reader_of(desk.config).scorer
    text = " ".join(what)
    if text.isdecimal():
        mention = desk.mentions.get(int(text))
        override = mention.sentiment if mention.sentiment != mention.machine else None
        wording = f"{mention.title}\n{mention.text}" if mention.title else mention.text
        found = explain(wording, guess=Guess(mention.lang, mention.lang_confidence), scorer=scorer, override=override)
    else:
        found = explain(text, scorer=scorer)
    if as_json:
        click.echo(json.dumps(_explanation(found), ensure_ascii=False))
        return
    _print_explanation(found)


def _explanation(found: Explanation) -> dict[str, Any]:
    from tui.cli.rows import sentiment_row

    return {
        "lang": found.lang, "lang_confidence": round(found.lang_confidence, 3), "sentiment": sentiment_row(found.sentiment), "raw": found.sentiment.raw,
        "contributions": [{"text": c.text, "value": round(c.value, 4), "layer": c.layer, "note": c.note} for c in found.contributions],
    }  # fmt: skip


def _print_explanation(found: Explanation) -> None:
    from tui.format import clean

    verdict = found.sentiment
    compound = "–" if verdict.compound is None else f"{verdict.compound:+.2f}"
    raw = f", vaderSentiment alone {verdict.raw:+.2f}" if verdict.raw is not None and verdict.raw != verdict.compound else ""
    click.echo(f"language {found.lang or 'unknown'} ({found.lang_confidence:.0%} sure)")
    click.echo(f"{verdict.label} {compound} ({verdict.confidence:.0%} sure{raw}) by {verdict.scorer or 'no scorer: nothing here reads this language'}")
    for piece in found.contributions:
        note = f"  {clean(piece.note, 200)}" if piece.note else ""
        click.echo(f"  {piece.value:+6.2f}  {clean(piece.text, 60):30} {piece.layer}{note}")


@click.group("lexicon")
def lexicon_command() -> None:
    """The desk's own words: what `support` or `sick` means for this brand."""


@lexicon_command.command("list")
@click.pass_obj
def lexicon_list(desk: Desk) -> None:
    """The words that were set, with their valences."""
    from listener.config.words import read_words, words_file

    text = read_words(desk.config)
    if not text:
        click.echo(f"No words of its own yet; `listener lexicon set WORD VALUE` writes {words_file(desk.config)}.", err=True)
    click.echo(text, nl=False)


@lexicon_command.command("set", context_settings={"ignore_unknown_options": True})
@click.argument("word")
@click.argument("value")
@click.pass_obj
def lexicon_set(desk: Desk, word: str, value: str) -> None:
    """Give a word or phrase a valence from -4 to 4; 0 takes it out. Says how many mentions a rescore would flip."""
    from listener.analysis.care import normal, valence_of
    from listener.config.words import set_word

    spelt, number = normal(word), valence_of(value)
    file = set_word(desk.config, spelt, number)
    click.echo(f"{spelt} = {number:g}, kept in {file}.")
    _foresee(desk)


@lexicon_command.command("unset")
@click.argument("word")
@click.pass_obj
def lexicon_unset(desk: Desk, word: str) -> None:
    """Forget what was set for a word."""
    from listener.analysis.care import normal
    from listener.config.words import set_word

    set_word(desk.config, normal(word), None)
    click.echo(f"{normal(word)} is as shipped again.")
    _foresee(desk)


def _foresee(desk: Desk) -> None:
    if not desk.db_path.exists():
        return
    from listener.engine.rescore import preview
    from tui.cli.collecting import reader_of

    flips = preview(desk.store, reader_of(desk.config))
    click.echo(f"`listener rescore` would change {flips.changed} of {flips.looked_at} mentions, {flips.flipped} of them to another label.")


@click.command("rescore")
@click.option("--since", metavar="WHEN", help="Only what was written since.")
@click.option("--undo", "batch", metavar="BATCH", help="Put back what an earlier rescore replaced.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option("--transformer", is_flag=True, help="With the model of sentiment.onnx, where it has an answer; slow.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def rescore_command(desk: Desk, since: str | None, batch: str | None, dry_run: bool, transformer: bool, as_json: bool) -> None:
    """Score the archive again with today's lexicon and models. Operators' own verdicts stay; the whole can be undone."""
    from listener.engine.rescore import preview, rescore
    from listener.store.verdicts import Verdicts

    start = desk.moment(since) if since else 0
    if batch:
        flips = Verdicts(desk.existing_store).undo(batch, desk.operator)
        if not flips.looked_at:
            raise InputError(f"No rescore {batch!r} is kept.", hint="The name was printed when it ran; `listener history` shows it too.")
    elif dry_run:
        flips = preview(desk.existing_store, _reader(desk, transformer), since=start)
    else:
        with click.progressbar(length=desk.mentions.newest_id(), label="Scoring", file=sys.stderr, width=30) as bar:
            batch, flips = rescore(desk.existing_store, _reader(desk, transformer), desk.operator, since=start, progress=lambda done: bar.update(done - bar.pos))
    if as_json:
        click.echo(json.dumps({"batch": batch, "looked_at": flips.looked_at, "changed": flips.changed, "flipped": flips.flipped, "dry_run": dry_run}))
        return
    click.echo(f"{flips.looked_at} mentions looked at, {flips.changed} scored otherwise, {flips.flipped} with another label." + (f" `listener rescore --undo {batch}` puts it back." if batch else ""))


def _reader(desk: Desk, transformer: bool) -> Reads:
    """Whoever scores: the shipped reader, or the user's transformer on top of it. Raises InputError: there is no model."""
    from tui.cli.collecting import reader_of

    reader = reader_of(desk.config)
    if not transformer:
        return reader
    from listener.engine.deep import Deepened, open_transformer

    folder = desk.config.sentiment.onnx
    if not folder:
        raise InputError("The configuration names no model.", hint="Set onnx in [sentiment] to the folder that holds it.")
    return Deepened(reader, open_transformer(folder))
