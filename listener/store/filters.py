"""From a query to SQL: what an inbox filter means in terms of rows, and by which index they come.

Order and conditions are chosen together so that every page is a keyset walk over one index:

* a tag walks `mention_tag`, on open rows by urgency `inbox_tag`;
* a topic walks its own index, and rows of other topics that match it too are merged in;
* words that occur in fewer than COMMON rows become a list of ids; commoner ones walk the full-text index from the newest row down,
  so that a common word costs no more than a rare one. The order is then by arrival.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from listener.domain.query.ast import And, Everything, Field, Handle, Near, Node, Not, Or, Query, Tag, Term, walk
from listener.domain.segments import SEGMENTS
from listener.domain.segments import pack as pack_segments
from listener.errors import QueryError
from listener.store.connection import indexable
from listener.store.rows import LABEL_CODES, STATE_CODES

if TYPE_CHECKING:
    import sqlite3

COMMON = 2_000
ROUGH = 200
"""Of what the index finds only roughly, each row is read again: so many are, before the rest waits until it is scrolled to."""
FEW = 200
"""Authors that a condition may stand for, to be looked up by their own index."""
Order = Literal["urgency", "newest", "oldest", "due", "reach", "engagement", "sentiment"]
KEYS: dict[Order, tuple[tuple[str, bool], ...]] = {
    "urgency": (("m.urgency", True), ("m.created_at", True), ("m.id", True)),
    "newest": (("m.created_at", True), ("m.id", True)),
    "oldest": (("m.created_at", False), ("m.id", False)),
    "due": (("coalesce(m.due_at, m.snoozed_until, 9007199254740991)", False), ("m.id", False)),
    "reach": (("coalesce(a.followers, -1)", True), ("m.id", True)),
    "engagement": (("coalesce(m.likes, 0) + coalesce(m.reposts, 0) + coalesce(m.replies, 0)", True), ("m.id", True)),
    "sentiment": (("coalesce(m.compound, 2.0)", False), ("m.id", False)),
}
"""The columns of each order, and whether they fall; all of one order run one way. The last four sort what the filter leaves."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows a list shows, in which order."""

    query: Query = field(default_factory=Query)
    order: Order = "urgency"
    operator: str = ""
    """Who `assignee:me` is."""
    folded: bool = True
    """Near-duplicates stay inside the row that they repeat."""
    ids: tuple[int, ...] = ()
    """Only these rows: the evidence of an incident, a marked set."""
    up_to: int | None = None
    """Only rows that had arrived when this was the newest id: a list that does not move under somebody's hand."""


class Where:
    """A compiled condition: SQL over `m` (mention) and `a` (author), with its values."""

    __slots__ = ("sql", "values")

    def __init__(self) -> None:
        self.sql: list[str] = []
        self.values: list[Any] = []

    def add(self, sql: str, *values: Any) -> None:
        self.sql.append(sql)
        self.values += values

    def __str__(self) -> str:
        return " AND ".join(self.sql) or "1"


class Plan(NamedTuple):
    """How a page is fetched."""

    where: Where
    table: str
    """What to select from; always offers `m` and `a`."""
    keys: tuple[tuple[str, bool], ...]
    topic: int | None = None
    """Rows of this topic, plus those that are filed elsewhere and match it too."""
    open: bool = False
    """Only open rows: those filed elsewhere are few then, and come by an index of their own."""


def plan(filter_: Filter, connection: sqlite3.Connection, topic_ids: dict[str, int], now: int) -> Plan:
    """Choose the road. Raises QueryError: the query asks for something that a list cannot filter by."""
    compiler = _Compiler(connection, topic_ids, filter_.operator, now)
    root = filter_.query.root
    items: list[Node] = list(root.items) if isinstance(root, And) else [root]
    topic = _take(items, "topic")
    if topic is not None and str(topic.value).casefold() not in topic_ids:
        raise QueryError(f"There is no topic {topic.value!r}.", text=filter_.query.text, column=max(topic.column, 1), hint=f"Topics: {', '.join(name for name, in connection.execute('SELECT name FROM topic ORDER BY name'))}." if topic_ids else "There are no topics yet.")
    leaders = filter_.folded and not any(isinstance(node, Field) and (node.name, node.value) in {("is", "duplicate"), ("id", node.value)} for node in walk(root))
    compiler.open = open_ = leaders and _says(items, "state", "open")
    tag = _take(items, "tag") if filter_.order in ("newest", "oldest") or (open_ and filter_.order == "urgency") else None
    where = Where()
    if filter_.up_to is not None:
        where.add("+m.id <= ?", filter_.up_to)  # the sign keeps SQLite on the order's index, which it would leave for the row id
    if filter_.ids:
        where.add(f"m.id IN ({', '.join('?' * len(filter_.ids))})", *filter_.ids)
    if leaders:
        where.add("m.leader_id IS NULL")
    wording = [item for item in items if _is_wording(item)]
    keys, table = KEYS[filter_.order], "mention m JOIN author a ON a.id = m.author_id"
    for item in wording:
        if _is_rough(item):
            where.add("answers(?, m.title, m.text)", str(Query(item)))
    if wording:
        unwanted = [item for item in items if isinstance(item, Not) and _is_wording(item.item) and not _is_rough(item.item)]
        match = " NOT ".join([f"({' AND '.join(_fts(item) for item in wording)})", *(_fts(item.item) for item in unwanted)])
        items = [item for item in items if item not in wording and item not in unwanted]
        cap = ROUGH if any(_is_rough(item) for item in wording) else COMMON
        few = connection.execute("SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ? LIMIT ?)", (match, cap)).fetchone()[0] < cap
        if few:
            where.add("m.id IN (SELECT rowid FROM search WHERE search MATCH ?)", match)
        else:
            where.add("search MATCH ?", match)
            table = "search CROSS JOIN mention m ON m.id = search.rowid JOIN author a ON a.id = m.author_id"
            keys = (("search.rowid", filter_.order != "oldest"),)
        if topic is not None:  # beside words a topic is one more condition: two lists of words would have to be merged
            items.append(topic)
            topic = None
    if tag is not None:
        if wording or tag.value == "none":
            items.append(tag)
        else:
            if topic is not None:  # there are more mentions in a topic than under a tag
                items.append(topic)
                topic = None
            tag_id = connection.execute("SELECT id FROM tag WHERE name = ?", (str(tag.value),)).fetchone()
            urgent = filter_.order == "urgency"
            table = f"{'inbox_tag' if urgent else 'mention_tag'} t CROSS JOIN mention m ON m.id = t.mention_id JOIN author a ON a.id = m.author_id"
            where.add("t.tag_id = ?", tag_id[0] if tag_id else -1)
            falls = filter_.order != "oldest"
            keys = ((("t.urgency", True),) if urgent else ()) + (("t.created_at", falls), ("t.mention_id", falls))
    for item in items:
        sql, values = compiler.node(item)
        where.add(sql, *values)
    if topic is None:
        return Plan(where, table, keys)
    return Plan(where, table, keys, topic_ids[str(topic.value).casefold()], open_)


def _take(items: list[Node], name: str) -> Field | None:
    """Take a plain `name:value` out of a conjunction."""
    for position, item in enumerate(items):
        if isinstance(item, Field) and item.name == name and item.op == "=":
            del items[position]
            return item
    return None


def _says(items: list[Node], name: str, value: str) -> bool:
    return any(isinstance(item, Field) and item.name == name and str(item.value) == value for item in items)


def _is_wording(node: Node) -> bool:
    """Whether a node is words only, so that the full-text index can answer it; a bare NOT it cannot."""
    if isinstance(node, Term | Tag | Handle):
        return True
    if isinstance(node, And | Or):
        return all(_is_wording(item) for item in node.items)
    return isinstance(node, Near) and all(isinstance(side, Term) for side in (node.left, node.right))


def _is_rough(node: Node) -> bool:
    """Whether the index finds too much: it knows no accents, no `#`, no `@`, and counts words in its own way."""
    return any(isinstance(part, Tag | Handle | Near) or (isinstance(part, Term) and part.quoted) for part in walk(node))


def _fts(node: Node) -> str:
    """A wording as the full-text index reads it; every word is quoted, so that nothing in it is syntax."""
    if isinstance(node, Term):
        return _quoted(node.text) + ("*" if node.prefix else "")
    if isinstance(node, Tag | Handle):
        return _quoted(node.name) + ("*" if node.prefix else "")
    if isinstance(node, Near):
        return f"NEAR({_fts(node.left)} {_fts(node.right)}, {node.distance})"
    joiner = " AND " if isinstance(node, And) else " OR "
    assert isinstance(node, And | Or)
    return "(" + joiner.join(_fts(item) for item in node.items) + ")"


def _quoted(text: str) -> str:
    tokens = indexable(text).replace('"', " ").strip()
    return f'"{tokens}"'


_LIKE = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})
_HAS = {
    "link": "(m.text LIKE '%http://%' OR m.text LIKE '%https://%')",
    "tag": "m.tags <> ''",
    "title": "m.title <> ''",
}
_HAS_ROWS = {
    "note": "note WHERE removed = 0",
    "reply": "outbox WHERE state = 'sent'",
    "answer": "outbox WHERE state = 'sent' AND automatic = 0 AND purpose = 'reply'",
    "draft": "outbox WHERE state = 'draft' AND text <> ''",
    "approval": "outbox WHERE state = 'approval'",
}
"""What a mention has in another table."""
_IS = {
    "question": "m.kinds LIKE '%question:%'",
    "complaint": "m.kinds LIKE '%complaint:%'",
    "contested": "m.topics IS NOT NULL",
    "duplicate": "m.leader_id IS NOT NULL",
    "reply": "m.parent_id <> ''",
    "own": "m.own = 1",
    "unassigned": "m.assignee = ''",
    "direct": "m.visibility = 'direct'",
    "deleted": "m.deleted_at IS NOT NULL",
    "edited": "m.edited_at IS NOT NULL",
}


class _Compiler:
    """Nodes that are not left to an index of their own."""

    def __init__(self, connection: sqlite3.Connection, topic_ids: dict[str, int], operator: str, now: int) -> None:
        self._connection = connection
        self._topics = topic_ids
        self._operator = operator
        self._now = now
        self.open = False
        """Only open rows that stand for themselves are asked for."""

    def node(self, node: Node) -> tuple[str, list[Any]]:
        if isinstance(node, Everything):
            return "1", []
        if isinstance(node, Not):
            sql, values = self.node(node.item)
            return f"NOT ({sql})", values
        if _is_wording(node):
            found = "m.id IN (SELECT rowid FROM search WHERE search MATCH ?)"
            return (f"({found} AND answers(?, m.title, m.text))", [_fts(node), str(Query(node))]) if _is_rough(node) else (found, [_fts(node)])
        if isinstance(node, And | Or):
            parts = [self.node(item) for item in node.items]
            joiner = " AND " if isinstance(node, And) else " OR "
            return "(" + joiner.join(sql for sql, _ in parts) + ")", [value for _, values in parts for value in values]
        if isinstance(node, Near):
            return self.node(And(tuple(item for item in (node.left, node.right))))
        assert isinstance(node, Field)
        return self.field(node)

    def field(self, node: Field) -> tuple[str, list[Any]]:
        name, op, value = node.name, node.op, node.value
        handler = getattr(self, f"_{name}", None)
        if handler is not None:
            sql, values = handler(op, value)
            return sql, list(values)
        raise QueryError(f"A list cannot be filtered by {name}:.", column=max(node.column, 1))

    def _lang(self, op: str, value: Any) -> tuple[str, list[Any]]:
        return "m.lang = ?", ["" if value in ("unknown", "none") else str(value).casefold()]

    def _source(self, op: str, value: Any) -> tuple[str, list[Any]]:
        text = str(value).casefold()
        return "m.source_id IN (SELECT id FROM source WHERE lower(name) = ? OR lower(kind) = ? OR lower(name) LIKE ? ESCAPE '\\')", [text, text, text.translate(_LIKE) + ":%"]

    def _author(self, op: str, value: Any) -> tuple[str, list[Any]]:
        text = str(value).removeprefix("@")
        whole = "SELECT id FROM author WHERE handle = ? COLLATE NOCASE UNION SELECT id FROM author WHERE name <> '' AND name = ? COLLATE NOCASE"
        begun = r"SELECT id FROM author WHERE handle >= ? COLLATE NOCASE AND handle < ? COLLATE NOCASE AND handle LIKE ? ESCAPE '\'"
        few = self._few(f"{whole} UNION {begun}", text, text, f"{text}@", f"{text}A", text.translate(_LIKE) + "@%")
        if few:
            return few, []
        return "(a.handle = ? COLLATE NOCASE OR a.handle LIKE ? ESCAPE '\\' OR a.name = ? COLLATE NOCASE)", [text, text.translate(_LIKE) + "@%", text]

    def _followers(self, op: str, value: Any) -> tuple[str, list[Any]]:
        few = self._few(f"SELECT id FROM author WHERE followers {op} ?", value)
        return (few, []) if few else (f"a.followers {op} ?", [value])

    def _few(self, authors: str, *values: Any) -> str:
        """A condition that names the authors, which their own index answers; empty when they are many."""
        ids = [row[0] for row in self._connection.execute(f"{authors} LIMIT {FEW + 1}", values)]
        return f"m.author_id IN ({', '.join(map(str, ids))})" if len(ids) <= FEW else ""

    def _sentiment(self, op: str, value: Any) -> tuple[str, list[Any]]:
        if isinstance(value, str) and value in LABEL_CODES:
            return "m.label = ?", [LABEL_CODES[value]]
        return f"(m.label > 0 AND m.compound {op} ?)", [value]

    def _tag(self, op: str, value: Any) -> tuple[str, list[Any]]:
        if value == "none":
            return "m.tags = ''", []
        table = "inbox_tag" if self.open else "mention_tag"
        return f"m.id IN (SELECT g.mention_id FROM {table} g JOIN tag ON tag.id = g.tag_id WHERE tag.name = ?)", [str(value)]

    def _topic(self, op: str, value: Any) -> tuple[str, list[Any]]:
        topic_id = self._topics.get(str(value).casefold(), -1)
        return "(m.topic_id = ? OR EXISTS (SELECT 1 FROM mention_topic x WHERE x.topic_id = ? AND x.created_at = m.created_at AND x.mention_id = m.id))", [topic_id, topic_id]

    def _role(self, op: str, value: Any) -> tuple[str, list[Any]]:
        return "m.topic_id IN (SELECT id FROM topic WHERE role = ?)", [str(value)]

    def _kind(self, op: str, value: Any) -> tuple[str, list[Any]]:
        return "(' ' || m.kinds) LIKE ? ESCAPE '\\'", [f"% {str(value).translate(_LIKE)}:%"]

    def _journey(self, op: str, value: Any) -> tuple[str, list[Any]]:
        return "(' ' || m.kinds) LIKE ? ESCAPE '\\'", [f"% journey/{str(value).translate(_LIKE)}:%"]

    def _state(self, op: str, value: Any) -> tuple[str, list[Any]]:
        code = STATE_CODES[value]  # a literal, and `<> 0` beside it, so that the partial indexes are seen
        return f"m.state = {code}" if code == 0 else f"(m.state = {code} AND m.state <> 0)", []

    def _assignee(self, op: str, value: Any) -> tuple[str, list[Any]]:
        if value == "none":
            return "m.assignee = ''", []
        return "(m.assignee = ? AND m.assignee <> '')", [self._operator if value == "me" else str(value)]

    def _task(self, op: str, value: Any) -> tuple[str, list[Any]]:
        return "m.task_kind = ?", [str(value)]

    def _severity(self, op: str, value: Any) -> tuple[str, list[Any]]:
        level = int(value)
        if level == 0:
            return "m.urgency = 0", []
        flipped = {"=": "=", "<=": ">=", "<": ">", ">=": "<=", ">": "<"}[op]
        return f"(m.urgency <> 0 AND m.urgency {flipped} ?)", [5 - level]

    def _since(self, op: str, value: Any) -> tuple[str, list[Any]]:
        return "m.created_at >= ?", [self._instant(value)]

    def _until(self, op: str, value: Any) -> tuple[str, list[Any]]:
        return "m.created_at < ?", [self._instant(value, end=True)]

    def _instant(self, value: Any, *, end: bool = False) -> int:
        from listener.domain.query.moments import moment

        return moment(str(value), self._now, end=end)

    def _segment(self, op: str, value: Any) -> tuple[str, list[Any]]:
        if value == "none":
            return "coalesce(a.segments, 0) = 0", []
        bit = pack_segments([str(value).casefold()])
        if not bit:
            raise QueryError(f"There is no segment {value!r}.", hint=f"One of {', '.join(SEGMENTS)}.")
        return "a.segments & ? <> 0", [bit]

    def _id(self, op: str, value: Any) -> tuple[str, list[Any]]:
        return f"m.id {op} ?", [int(value)]

    def _thread(self, op: str, value: Any) -> tuple[str, list[Any]]:
        return "(m.thread_id = ? OR m.native_id = ?)", [str(value), str(value)]

    def _has(self, op: str, value: Any) -> tuple[str, list[Any]]:
        if value not in _HAS and value not in _HAS_ROWS:
            raise QueryError(f"has:{value} is not known.", hint=f"One of {', '.join(sorted([*_HAS, *_HAS_ROWS]))}.")
        table = _HAS_ROWS.get(str(value))
        if table is not None:  # named one by one while they are few: SQLite would ask the table about every mention otherwise
            ids = [row[0] for row in self._connection.execute(f"SELECT DISTINCT mention_id FROM {table} LIMIT {FEW + 1}")]
            return f"m.id IN ({', '.join(map(str, ids))})" if len(ids) <= FEW else f"m.id IN (SELECT mention_id FROM {table})", []
        return _HAS[str(value)], []

    def _is(self, op: str, value: Any) -> tuple[str, list[Any]]:
        if value == "due":
            return "(m.due_at IS NOT NULL AND m.due_at <= ? AND m.state <> 3)", [self._now]
        if value not in _IS:
            raise QueryError(f"is:{value} is not known.", hint=f"One of {', '.join(sorted([*_IS, 'due']))}.")
        return _IS[str(value)], []


def narrowed(filter_: Filter, *nodes: Node) -> Filter:
    """The same filter with further conditions."""
    from listener.domain.query.ast import all_of

    return replace(filter_, query=Query(all_of([filter_.query.root, *nodes]), filter_.query.text))
