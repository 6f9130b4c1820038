"""`drill`: a rehearsed crisis on the sandbox, in compressed time, scored at the end."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from listener.domain.duration import MINUTE, about
from listener.errors import InputError
from tui.cli.desk import Desk

if TYPE_CHECKING:
    from listener.domain.drill import Mark, Run
    from sources.sandbox.scenario import Scenario
    from tui.cli.rehearsal import Rehearsal

STEP = 3 * MINUTE
"""How far the world moves between two looks when nobody watches."""


@click.command("drill")
@click.argument("scenario", required=False)
@click.option("--list", "listing", is_flag=True, help="The scenarios that come with Listener.")
@click.option("--speed", type=click.FloatRange(1, 600), help="Minutes of the story in a minute; otherwise the scenario's own pace.")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Where the drill's desk lives; otherwise a folder that is removed at the end.")
@click.option("--auto", is_flag=True, help="A scripted crew acts, and nobody waits: the story in a minute or two.")
@click.option("--headless", is_flag=True, help="No screen: act from another terminal, with the command line that is printed.")
@click.option("--score", "score_only", is_flag=True, help="Only score the drill that is in --folder.")
@click.option("--json", "as_json", is_flag=True, help="The score as JSON.")
@click.pass_obj
def drill_command(
    desk: Desk, scenario: str | None, listing: bool, speed: float | None, folder: Path | None, auto: bool, headless: bool, score_only: bool, as_json: bool
) -> int:
    """Rehearse a crisis: outage, recall, breach, gaffe, a fake storm, a false alarm, or a story of your own (a .toml file).

    The sandbox's networks answer in this machine alone. The score says how long it took to detect, acknowledge, answer and resolve, counts
    wrong pages, and tells what a better run would do. Exit code 1 below 60 of 100 points.
    """
    from sources.sandbox.scenario import shipped

    if listing or not (scenario or score_only):
        for slug, title in shipped().items():
            click.echo(f"{slug:16} {title}")
        return 0
    if score_only:
        return _score_again(folder, as_json)
    assert scenario is not None
    if folder is not None:
        return _rehearse(desk, folder, scenario, speed, auto, headless, as_json)
    with tempfile.TemporaryDirectory(prefix="listener-drill-") as place:
        return _rehearse(desk, Path(place), scenario, speed, auto, headless, as_json)


def _rehearse(desk: Desk, folder: Path, scenario: str, speed: float | None, auto: bool, headless: bool, as_json: bool) -> int:
    from tui.cli.rehearsal import DATABASE, build_rehearsal

    if (folder / DATABASE).exists():
        raise InputError(f"{folder} holds a drill already.", hint="--score scores it; name another folder for a new one.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    drill = build_rehearsal(folder, scenario)
    if not as_json:
        click.echo(f"{drill.scenario.title}: {drill.scenario.summary}\nCollecting two weeks of ordinary days …", err=True)
    ended = asyncio.run(_run(drill, desk, speed, auto, headless, as_json))
    return _report(folder, drill.scenario, drill.start, ended, as_json)


async def _run(drill: Rehearsal, desk: Desk, speed: float | None, auto: bool, headless: bool, as_json: bool) -> int:
    """Collect, rehearse, close. When it ended, in the world's time."""
    from tui.cli.rehearsal import ScriptedCrew, collect_history, keep_clock

    try:
        n = await collect_history(drill)
        if not as_json:
            click.echo(f"{n} mentions. The story begins.", err=True)
        if auto:
            crew = ScriptedCrew(drill)
            while drill.clock.at < drill.end:
                drill.clock.at += STEP
                await drill.turn()
                await asyncio.to_thread(crew.act)
                if not as_json:
                    _tell(drill)
        else:
            keep_clock(drill, speed or drill.scenario.speed)
            await _live(drill, desk, headless)
    finally:
        ended = drill.clock()
        await drill.close()
    return ended


async def _live(drill: Rehearsal, desk: Desk, headless: bool) -> None:
    """Follow the world while people act; until the story ends, the screen is left, or somebody interrupts."""
    import sys

    from tui.cli.rehearsal import DATABASE

    config, db = drill.folder / "listener.toml", drill.folder / DATABASE
    click.echo(f"Act from another terminal:\n  listener --config {config} --db {db} incidents\nThe story runs for {about(int((drill.end - drill.clock()) / drill.clock.speed))}; Ctrl-C ends it.", err=True)
    stop = asyncio.Event()
    screen = None
    if not headless and sys.stdout.isatty():
        command = [sys.executable, "-m", "tui", "--config", str(config), "--db", str(db), "--operator", desk.operator]
        screen = await asyncio.create_subprocess_exec(*command)
    try:
        while drill.clock() < drill.end and not stop.is_set():
            await drill.turn()
            if screen is None:
                _tell(drill)
            elif screen.returncode is not None:
                return
            await asyncio.sleep(0.5)
    except (KeyboardInterrupt, asyncio.CancelledError):
        return
    finally:
        if screen is not None and screen.returncode is None:
            screen.terminate()
            await screen.wait()


def _tell(drill: Rehearsal) -> None:
    """One line for each incident when it comes up."""
    from listener.engine.incidents import Incidents

    for incident in Incidents(drill.store, "").board(since=drill.start):
        if incident.id not in drill.told and incident.opened_at >= drill.start:
            drill.told.add(incident.id)
            minute = (drill.clock() - drill.start) // MINUTE
            click.echo(f"minute {minute}: incident {incident.id} {incident.severity} {incident.topic} · {incident.family}: {incident.why}", err=True)


def _score_again(folder: Path | None, as_json: bool) -> int:
    from listener.store.connection import Store
    from sources.sandbox.scenario import load
    from tui.cli.rehearsal import DATABASE, PLAN

    if folder is None or not (folder / PLAN).exists() or not (folder / DATABASE).exists():
        raise InputError("There is no drill to score.", hint="Name its folder: --folder DIR --score.")
    plan = json.loads((folder / PLAN).read_text("utf-8"))
    with Store(folder / DATABASE) as store:
        now = store.clock()
    return _report(folder, load(plan["scenario"]), plan["start"], now, as_json)


def _report(folder: Path, scenario: Scenario, start: int, ended: int, as_json: bool) -> int:
    from listener.config import load
    from listener.domain.drill import total
    from listener.store.connection import Store
    from tui.cli.rehearsal import DATABASE, marks_of

    with Store(folder / DATABASE, clock=lambda: ended) as store:
        marks, run = marks_of(store, scenario, start, ended, load(folder / "listener.toml"))
    points = total(marks)
    if as_json:
        click.echo(json.dumps(_row(scenario, start, marks, run, points), ensure_ascii=False))
    else:
        _print(scenario, marks, run, points)
    return 0 if points >= 60 else 1


def _row(scenario: Scenario, start: int, marks: tuple[Mark, ...], run: Run, points: int) -> dict[str, object]:
    def minutes(at: int | None) -> float | None:
        return None if at is None else round((at - start) / MINUTE, 2)

    return {
        "scenario": scenario.slug, "points": points, "severity": str(run.severity) or None, "pages": run.pages, "wrong_pages": run.wrong_pages, "called_real": run.called_real,
        "minute": {"began": scenario.truth.began, "detected": minutes(run.detected), "acknowledged": minutes(run.acknowledged), "replied": minutes(run.replied), "resolved": minutes(run.resolved)},
        "marks": [{"name": m.name, "took_minutes": None if m.took is None else round(m.took / MINUTE, 2), "points": m.points, "most": m.most, "better": m.better or None} for m in marks],
        "playbook": list(scenario.truth.playbook), "lessons": list(scenario.truth.lessons),
    }  # fmt: skip


def _print(scenario: Scenario, marks: tuple[Mark, ...], run: Run, points: int) -> None:
    click.echo(f"{scenario.title}: {points} of 100 points; it stood as {run.severity or 'no incident'}, {run.pages} notices.")
    for mark in marks:
        click.echo(f"  {mark.name:14} {about(mark.took) if mark.took is not None else '':>8}  {mark.points:>3} of {mark.most}")
    better = [mark.better for mark in marks if mark.better]
    if better:
        click.echo("A better run:")
        for text in better:
            click.echo(f"  - {text}")
    click.echo("The playbook of this story:")
    for number, step in enumerate(scenario.truth.playbook, 1):
        click.echo(f"  {number}. {step}")
    for lesson in scenario.truth.lessons:
        click.echo(f"  Lesson: {lesson}")
