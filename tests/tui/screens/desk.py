"""A small desk to open screens on: real store, real actions, a clock that stands still."""

from __future__ import annotations

from pathlib import Path

from listener.domain.author import Author
from listener.domain.case import Severity
from listener.domain.mention import Engagement, Filing, Mention
from listener.domain.sentiment import UNSCORED, Sentiment
from listener.domain.topic import Topic
from listener.engine.triage import Triage
from listener.store.connection import Store
from listener.store.intake import Intake
from listener.store.names import Topics
from tui.app import ListenerApp
from tui.screens.session import Session

NOW = 1_763_780_000_000  # Sat 22 Nov 2025 02:53 UTC
MINUTE = 60_000

CONFIG = """
[desk]
time_zone = "Europe/Athens"
teams = { sales = ["sam"], support = ["nora", "lee"] }

[[topics]]
name = "Aurora Air"
role = "brand"
query = "aurora"

[[topics]]
name = "Borealis"
role = "competitor"
query = "borealis"

[[streams]]
name = "Refunds"
query = "refund*"
order = "newest"
"""

SAID: tuple[tuple[str, str, str, float | None, str, str], ...] = (
    ("spiros_k", "Smoke in the cabin of AU 412, everybody off in Athens, nobody tells us anything", "Aurora Air", -0.82, "crisis", "en"),
    ("maria.bsky.example", "Refund pending since March. Third ticket, no answer. Never again!", "Aurora Air", -0.61, "complaint", "en"),
    ("jonas@fedi.example", "Ist der Flug nach Wien morgen betroffen? Die App sagt nichts.", "Aurora Air", 0.0, "question", "de"),
    ("ليلى", "شكرا لكم، كان الطاقم رائعا في رحلتنا إلى القاهرة", "Aurora Air", None, "", "ar"),
    ("tom 🚀 travels", "Best crew ever 👩🏽‍✈️❤️ thank you @auroraair!", "Aurora Air", 0.86, "praise", "en"),
    ("events@corp.example", "We are 40 people and need a charter for June, whom do I ask?", "Aurora Air", 0.1, "lead", "en"),
    ("yuki", "今日のフライトは快適でした。ありがとう", "Borealis", 0.4, "", "ja"),
    ("x\x1b[31mx", "\x1b]52;c;cm0gLXJm\x07[/x] [@click=app.quit]free miles[/] \u202egnp.exe", "Borealis", 0.0, "", "en"),
)


def filing(number: int, who: str, text: str, topic: str, compound: float | None, kind: str, lang: str) -> Filing:
    label = "unscored" if compound is None else "positive" if compound >= 0.05 else "negative" if compound <= -0.05 else "neutral"
    verdict = UNSCORED if compound is None else Sentiment(label, compound, 0.8, "vader-3.3.2", "A")  # type: ignore[arg-type]
    author = Author(f"a{who}", who, who.title(), "", 100 * number * number)
    post = Mention(
        "mastodon" if number % 2 else "bluesky", f"n{number}", text, NOW - number * 7 * MINUTE, author,
        url=f"https://social.example/@u/{number}", lang=lang, engagement=Engagement(number, 0, 1, None),
    )  # fmt: skip
    return Filing(post, (topic,), lang, 0.97, verdict, ((kind, 0.9),) if kind else ())


def add(store: Store, filings: list[Filing]) -> list[int]:
    """Store them, as a collector would."""
    before = store.read().execute("SELECT coalesce(max(id), 0) FROM mention").fetchone()[0]
    intake = Intake(store)
    store.write(lambda connection: intake.add(connection, filings), durable=False)
    return [row[0] for row in store.read().execute("SELECT id FROM mention WHERE id > ? ORDER BY id", (before,))]


def furnish(folder: Path, *, config: str = CONFIG) -> tuple[Path, Path]:
    """Configuration and database of a desk with eight mentions; the first is a SEV1, the second a SEV2."""
    file, db = folder / "listener.toml", folder / "listener.db"
    if config:
        file.write_text(config, encoding="utf-8")
    with Store(db, clock=lambda: NOW) as store:
        Topics(store).put([Topic("Aurora Air", "brand"), Topic("Borealis", "competitor")])
        ids = add(store, [filing(number, *said) for number, said in enumerate(SAID, 1)])
        desk = Triage(store, "desk")
        desk.severity(ids[:1], Severity.SEV1, rule="crisis words")
        desk.severity(ids[1:2], Severity.SEV2, rule="angry")
    return file, db


def open_desk(folder: Path, *, start: str = "inbox", config: str = CONFIG, operator: str = "nora") -> ListenerApp:
    """The app on such a desk."""
    file, db = furnish(folder, config=config)
    session = Session(file, db, operator, clock=lambda: NOW)
    return ListenerApp(session, keys=session.keys(), start=start)
