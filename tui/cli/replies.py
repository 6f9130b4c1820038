"""`reply`, `drafts`, `approve`, `reject`, `outbox`: answers in the brand's name."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from listener.errors import InputError
from tui.cli.desk import Desk
from tui.cli.rows import echo_json, iso

if TYPE_CHECKING:
    from listener.domain.mention import Entry
    from listener.domain.reply import Reply
    from listener.engine.replies import Replies

NOTHING = 3
"""Exit code: there was nothing to do, or somebody has to do it by hand."""


def reply_row(reply: Reply) -> dict[str, Any]:
    """A reply as scripts get it. Keys are only ever added."""
    return {
        "id": reply.id,
        "mention": reply.mention_id,
        "source": reply.source,
        "state": reply.state.value,
        "text": reply.text,
        "author": reply.author,
        "approver": reply.approver or None,
        "automatic": reply.automatic,
        "purpose": reply.purpose,
        "created_at": iso(reply.created_at),
        "not_before": iso(reply.not_before or None),
        "sent_at": iso(reply.sent_at),
        "permalink": reply.permalink or None,
        "remote_id": reply.remote_id or None,
        "parent_kept": reply.parent_kept,
        "attempts": reply.attempts,
        "error": reply.error or None,
        "note": reply.note or None,
        "version": reply.version,
    }


def next_step(replies: Replies, reply: Reply, now: int) -> str:
    """What happens to it next, or what somebody has to do, in a sentence."""
    from listener.domain.duration import about

    state, held = reply.state.value, replies.stopped().get(reply.source)
    if state == "queued" and held:
        return f"Held back: {held} `listener outbox retry {reply.id}` tries again."
    if state == "queued":
        wait = reply.not_before - now
        return f"Goes out in {about(wait)}; until then `listener outbox cancel {reply.id}` takes it back." if wait > 0 else "Goes out as soon as a collector runs."
    return {
        "draft": f"Not sent. `listener reply {reply.mention_id} --send` sends it.",
        "approval": f"Waits for approval by {', '.join(replies.approvers(reply)) or 'somebody who may'}: `listener approve {reply.id}`.",
        "sending": "Is going out right now.",
        "sent": f"Published{f': {reply.permalink}' if reply.permalink else ''}." + ("" if reply.parent_kept else " It stands outside the thread."),
        "unknown": f"Nobody can say whether it was published. `listener outbox read-back {reply.id}`, `mark-sent {reply.id}` or `retry {reply.id} --send-again`.",
        "failed": f"Not published: {reply.error} `listener outbox retry {reply.id}` tries again.",
        "cancelled": "Will never go out.",
    }[state]


def _say(desk: Desk, reply: Reply, as_json: bool) -> None:
    text = next_step(desk.replies, reply, desk.store.clock())
    if as_json:
        click.echo(json.dumps({**reply_row(reply), "next": text}, ensure_ascii=False))
    else:
        click.echo(f"Reply {reply.id} to mention {reply.mention_id}: {reply.state.value}. {text}")


@click.command("reply")
@click.argument("id_", metavar="ID", type=int)
@click.argument("text", nargs=-1, metavar="[TEXT|-]")
@click.option("--draft", is_flag=True, help="Only keep it as a draft.")
@click.option("--send", is_flag=True, help="Send the draft that you have for this mention.")
@click.option("--now", is_flag=True, help="Without the moment in which it can be taken back.")
@click.option("--force", is_flag=True, help="Although a colleague is replying.")
@click.option("--saved", metavar="NAME", help="A saved reply's name instead of a text.")
@click.option("--suggest", is_flag=True, help="Only show the saved replies that fit best.")
@click.option("--editor", is_flag=True, help="Write it in your $EDITOR; begins with your draft, or with the saved reply.")
@click.option("--visibility", type=click.Choice(["public", "unlisted", "followers", "direct"]), help="Narrower than the post's own.")
@click.option("--json", "as_json", is_flag=True, help="The row of the outbox, and what happens next.")
@click.pass_obj
def reply_command(
    desk: Desk, id_: int, text: tuple[str, ...], draft: bool, send: bool, now: bool, force: bool, saved: str | None, suggest: bool, editor: bool, visibility: str | None,
    as_json: bool,
) -> int:  # fmt: skip
    """Answer a mention; `-` reads the text from standard input. It is committed before anything goes out, and sent by the collector.

    Exit code 3: this network takes no replies from programs; the address to open is printed, with the text to paste.
    """
    replies = desk.replies
    mention = desk.mentions.get(id_)
    if suggest:
        return _suggest(replies, mention, as_json)
    words = _words(replies, mention, text, saved, send or editor)
    if editor:
        words = _edited(replies, mention, words)
    if not draft and not replies.can_reply(mention):
        return _by_hand(replies, mention, words, as_json)
    opened = replies.open_draft(id_, take=force)
    words = words if words is not None else opened.text
    for finding in replies.lint(mention, words, visibility=visibility or "", ignore=opened.id):
        click.echo(f"{'stops' if finding.level == 'stop' else 'note'}: {finding.text}", err=True)
    kept = replies.save_draft(opened.id, words, visibility=visibility)
    if not draft:
        kept = replies.submit(opened.id, now=now, force=force)
    else:
        replies.release(id_)
    _say(desk, kept, as_json)
    return 0


def _words(replies: Replies, mention: Entry, text: tuple[str, ...], saved: str | None, send: bool) -> str | None:
    """The text to send; None for that of the draft. Raises InputError."""
    if saved is not None:
        found = next((one for one in replies.saved.all() if one.name == saved), None)
        if found is None:
            names = ", ".join(one.name for one in replies.saved.all()) or f"none in {replies.saved.folder}"
            raise InputError(f"There is no saved reply {saved!r}.", hint=f"There are: {names}.")
        return replies.fill(mention, found.text)
    if send and not text:
        return None
    if not text:
        raise InputError("What shall it say?", hint="Give the text, `-` for standard input, --saved NAME, or --send for your draft.")
    return (sys.stdin.read() if text == ("-",) else " ".join(text)).rstrip("\n")


def _edited(replies: Replies, mention: Entry, begin: str | None) -> str:
    """What somebody writes in $EDITOR. Raises InputError: it was left without saving."""
    draft = replies.outbox.draft_of(mention.id, replies.operator)
    written = click.edit(begin if begin is not None else draft.text if draft else "", extension=".txt")
    if written is None:
        raise InputError("The editor was left without saving; nothing was kept.")
    return written.rstrip("\n")


def _suggest(replies: Replies, mention: Entry, as_json: bool) -> int:
    found = replies.suggestions(mention)
    if as_json:
        echo_json({"name": one.saved.name, "title": one.saved.title, "text": one.text, "score": one.score, "why": one.why} for one in found)
    for one in found if not as_json else ():
        click.echo(f"{one.saved.name}: {one.saved.title} ({one.why})\n  {one.text}")
    return 0 if found else NOTHING


def _by_hand(replies: Replies, mention: Entry, text: str | None, as_json: bool) -> int:
    """What to do where the network takes no replies from programs. Raises InputError: the post has no address that may be opened."""
    from tui.format import safe_url

    url, words = replies.in_browser(mention, text or "")
    link = safe_url(url)
    if link is None:
        raise InputError(f"Mention {mention.id} has an address that should not be opened.")
    if as_json:
        click.echo(json.dumps({"id": None, "mention": mention.id, "source": mention.source, "state": "by-hand", "url": link.url, "text": words}, ensure_ascii=False))
        return NOTHING
    click.echo(f"{mention.source} takes no replies from programs here. Open this address" + (f" (it is {link.host})" if link.disguised else "") + " and paste the text:", err=True)
    click.echo(f"{link.url}\n\n{words}")
    return NOTHING


def _table(desk: Desk, rows: list[Reply], as_json: bool) -> int:
    from tui.format import age, clean, one_line

    now = desk.store.clock()
    if as_json:
        echo_json({**reply_row(row), "next": next_step(desk.replies, row, now)} for row in rows)
        return 0
    for row in rows:
        who = row.author + (f" ✓{row.approver}" if row.approver else "") + (" (automatic)" if row.automatic else "")
        click.echo(f"{row.id:>6} {row.state.value:<9} {age(row.updated_at or row.created_at, now):>5} → {row.mention_id} {row.source} {clean(who, 60)}: {one_line(row.text, 100)}")
        if row.state.value not in ("sent", "cancelled") or not row.parent_kept:
            click.echo(f"       {clean(next_step(desk.replies, row, now), 400)}")
        if row.note and row.state.value == "draft":
            click.echo(f"       Given back: {one_line(row.note, 200)}")
    if not rows:
        click.echo("Nothing here.", err=True)
    return 0


@click.command("drafts")
@click.option("--all", "everybody", is_flag=True, help="Everybody's, not only yours.")
@click.option("--json", "as_json", is_flag=True, help="Rows as JSON.")
@click.pass_obj
def drafts_command(desk: Desk, everybody: bool, as_json: bool) -> int:
    """Replies that are not sent: drafts, and what waits for approval."""
    from listener.domain.reply import ReplyState

    return _table(desk, desk.replies.listing((ReplyState.DRAFT, ReplyState.APPROVAL), mine=not everybody), as_json)


@click.command("approve")
@click.argument("id_", metavar="ID", type=int)
@click.argument("text", nargs=-1, metavar="[TEXT|-]")
@click.option("--json", "as_json", is_flag=True, help="The row of the outbox, and what happens next.")
@click.pass_obj
def approve_command(desk: Desk, id_: int, text: tuple[str, ...], as_json: bool) -> None:
    """Let a colleague's reply go out; with a TEXT (`-`: standard input) it goes out with those words instead."""
    words = None if not text else (sys.stdin.read() if text == ("-",) else " ".join(text)).rstrip("\n")
    _say(desk, desk.replies.approve(id_, text=words), as_json)


@click.command("reject")
@click.argument("id_", metavar="ID", type=int)
@click.argument("note", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="The row of the outbox.")
@click.pass_obj
def reject_command(desk: Desk, id_: int, note: tuple[str, ...], as_json: bool) -> None:
    """Give a colleague's reply back with a note that says why."""
    _say(desk, desk.replies.reject(id_, " ".join(note)), as_json)


@click.group("outbox", invoke_without_command=True)
@click.option("--state", "states", multiple=True, type=click.Choice(["draft", "approval", "queued", "sending", "sent", "unknown", "failed", "cancelled"]), help="Only these.")
@click.option("--mine", is_flag=True, help="Only yours.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Rows as JSON.")
@click.pass_context
def outbox_command(ctx: click.Context, states: tuple[str, ...], mine: bool, limit: int, as_json: bool) -> int | None:
    """Replies on their way, the last changed first: what is queued, sent with its address, failed with the reason, in doubt."""
    from listener.domain.reply import ReplyState

    if ctx.invoked_subcommand is not None:
        return None
    desk: Desk = ctx.obj
    return _table(desk, desk.replies.listing([ReplyState(state) for state in states], mine=mine, limit=limit), as_json)


@outbox_command.command("show")
@click.argument("id_", metavar="ID", type=int)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show_reply_command(desk: Desk, id_: int, as_json: bool) -> None:
    """One reply whole: the thread, its words and what changed in them, every attempt, and what can be done."""
    from listener.domain.wording import marked
    from tui.format import clean, one_line

    replies, reply = desk.replies, desk.replies.outbox.get(id_)
    mention, story = desk.mentions.get(reply.mention_id), desk.replies.outbox.story(id_)
    findings = replies.lint(mention, reply.text, visibility=reply.visibility, ignore=reply.id)
    earlier = "".join(text for what, text in replies.differences(reply) if what != "new")
    next_ = next_step(replies, reply, desk.store.clock())
    if as_json:
        attempts = [{"at": iso(line.at), "operator": line.operator, "action": line.action, "after": json.loads(line.after)} for line in story]
        lint = [{"level": finding.level, "text": finding.text} for finding in findings]
        row = {**reply_row(reply), "next": next_, "journal": attempts, "lint": lint, "changes": replies.differences(reply), "choices": replies.choices(reply)}
        click.echo(json.dumps(row, ensure_ascii=False))
        return
    for post in desk.mentions.thread(mention):
        click.echo(f"{'→' if post.own else '·'} @{clean(post.author.handle, 60)}: {one_line(post.text, 400)}")
    click.echo(f"\n{clean(reply.author, 60)} would say as {clean(replies.account(mention), 80)}:" if not reply.sent_at else f"\n{clean(reply.author, 60)} said:")
    click.echo(clean(marked(earlier, reply.text) if earlier else reply.text, 20_000, lines=True))
    for finding in findings if not reply.sent_at else ():
        click.echo(f"{'stops' if finding.level == 'stop' else 'note'}: {clean(finding.text, 400)}")
    click.echo(f"\n{reply.state.value}. {clean(next_, 400)}")
    for what in replies.choices(reply).values():
        click.echo(f"  {what}")
    for line in story:
        told = json.loads(line.after)
        words = told.get("error") or told.get("note") or ""
        click.echo(f"  {iso(line.at)} {clean(line.operator, 40)} {line.action.removeprefix('reply.')}{f': {one_line(words, 200)}' if words else ''}")


@outbox_command.command("cancel")
@click.argument("id_", metavar="ID", type=int)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def cancel_command(desk: Desk, id_: int, as_json: bool) -> None:
    """It shall never go out. One that is queued is taken back; one in doubt is no longer looked for."""
    _say(desk, desk.replies.cancel(id_), as_json)


@outbox_command.command("edit")
@click.argument("id_", metavar="ID", type=int)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def edit_command(desk: Desk, id_: int, as_json: bool) -> None:
    """Make a draft again of one that is queued, waits for approval or has failed."""
    _say(desk, desk.replies.edit(id_), as_json)


@outbox_command.command("retry")
@click.argument("id_", metavar="ID", type=int)
@click.option("--send-again", is_flag=True, help="Of one in doubt: you have seen that it is not there.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def retry_command(desk: Desk, id_: int, send_again: bool, as_json: bool) -> None:
    """Queue once more what has failed or is held back."""
    _say(desk, desk.replies.resolve_unknown(id_, "again") if send_again else desk.replies.retry(id_), as_json)


@outbox_command.command("read-back")
@click.argument("id_", metavar="ID", type=int)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def read_back_command(desk: Desk, id_: int, as_json: bool) -> None:
    """Of one in doubt: have the collector read the thread again and look for it."""
    _say(desk, desk.replies.resolve_unknown(id_, "read"), as_json)


@outbox_command.command("mark-sent")
@click.argument("id_", metavar="ID", type=int)
@click.option("--url", default="", help="Where you have seen it.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def mark_sent_command(desk: Desk, id_: int, url: str, as_json: bool) -> None:
    """Of one in doubt: you have seen it published. It is never sent again."""
    _say(desk, desk.replies.resolve_unknown(id_, "sent", permalink=url), as_json)


@click.group("csat", invoke_without_command=True)
@click.option("--since", metavar="WHEN", default="30d", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Rows as JSON.")
@click.pass_context
def csat_command(ctx: click.Context, since: str, as_json: bool) -> int | None:
    """What customers answered to "how did we do?", the newest first; what the machine read wrongly can be put right."""
    from listener.store.surveys import Surveys
    from tui.format import one_line

    if ctx.invoked_subcommand is not None:
        return None
    desk: Desk = ctx.obj
    answers = Surveys(desk.existing_store).find("csat", since=desk.moment(since))
    if as_json:
        echo_json(
            {"id": one.id, "score": one.score, "at": iso(one.at), "topic": one.topic, "mention": one.mention_id, "operator": one.operator or None, "source": one.source,
             "text": one.text, "sure": one.sure, "corrected_by": one.corrected_by or None} for one in answers
        )  # fmt: skip
        return 0
    for one in answers:
        doubt = "" if one.sure >= 0.75 else f" (read with {one.sure:.0%} certainty)"
        click.echo(f"{one.id:>6} {one.score:g} {iso(one.at)} mention {one.mention_id} {one.operator}: {one_line(one.text, 100)}{doubt}")
    if answers:
        good = sum(one.score >= 4 for one in answers)
        click.echo(f"{len(answers)} answers, {good} of them 4 or 5: CSAT {good / len(answers):.0%}.", err=True)
    return 0 if answers else NOTHING


@csat_command.command("set")
@click.argument("id_", metavar="ID", type=int)
@click.argument("score", type=float)
@click.pass_obj
def csat_set_command(desk: Desk, id_: int, score: float) -> None:
    """Put a score right."""
    from listener.store.surveys import Surveys

    Surveys(desk.existing_store).correct(id_, score, desk.operator)
    click.echo(f"Answer {id_} counts as {score:g}.")


@csat_command.command("drop")
@click.argument("id_", metavar="ID", type=int)
@click.pass_obj
def csat_drop_command(desk: Desk, id_: int) -> None:
    """It was no answer: take it out."""
    from listener.store.surveys import Surveys

    Surveys(desk.existing_store).correct(id_, None, desk.operator)
    click.echo(f"Answer {id_} does not count.")
