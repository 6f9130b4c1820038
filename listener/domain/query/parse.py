"""Read the query language.

Words stand for themselves; between two things without an operator there is an AND, and OR binds more loosely than AND.
One rule is ours: exclusions (`NOT x`, `-x`) at the end of a list of alternatives exclude from the whole list, as those who
write `"aurora air" OR #aurora NOT airport` mean it. An explicit AND binds it to its neighbour: `a OR b AND NOT c`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from listener.domain.query.ast import (
    Everything,
    Field,
    Handle,
    Near,
    Node,
    Operator,
    Query,
    Tag,
    Term,
    all_of,
    any_of,
    is_positional,
    negate,
)
from listener.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lark import Lark, Token

LONGEST = 200_000
"""Characters; ten thousand keywords with room to spare."""
DEEPEST = 50
"""Brackets inside brackets, and NEARs in a row: what walks a tree by recursion stays far from Python's limit."""
NEAR_BY_DEFAULT = 10
_FIELD = r"(?s)([^:]+):(>=|<=|>|<|=)?(.*)"
_SHAPE = r'(?s)"(?:[^"\\]|\\.)*"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|[()（）"“”„«»]'
_SYMBOLS = {"&&": "AND", "&": "AND", "||": "OR", "|": "OR", "!": "NOT", "-": "NOT", "+": "AND"}


def parse(text: str) -> Query:
    """The meaning of a query.

    Returns: a query in normal form; the empty text gives the query that matches everything.
    Raises:  QueryError: with the column of the culprit.
    """
    if len(text) > LONGEST:
        raise QueryError(f"the query is longer than {LONGEST} characters", text=text[:80], column=80, hint="Split it into several queries.")
    return _parse(text)


@lru_cache(maxsize=256)
def _parse(text: str) -> Query:
    if not text.strip():
        return Query(Everything(), text)
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

    _check_shape(text)
    try:
        root: Node = _grammar().parse(text)  # type: ignore[assignment]  # the builder turns the tree into nodes as it grows
    except _Culprit as error:
        raise _error(text, error.column, error.message, error.hint) from None
    except UnexpectedToken as error:
        _explain_token(text, error.token, error.accepts | error.expected)
    except UnexpectedCharacters as error:
        raise _error(text, (error.pos_in_stream or 0) + 1, f"{text[error.pos_in_stream or 0]!r} cannot stand here") from None
    return Query(root, text)


def flat(text: str) -> str:
    """The query on one line, column by column as it was."""
    return "".join(" " if char.isspace() else char for char in text)


def _error(text: str, column: int, message: str, hint: str = "") -> QueryError:
    return QueryError(f"Column {column}: {message}.", text=flat(text), column=column, hint=hint)


def _check_shape(text: str) -> None:
    """Quotes and brackets come in pairs; said here because a grammar can only say what it expected instead."""
    opened: list[int] = []
    for match in re.finditer(_SHAPE, text):
        piece, column = match[0], match.start() + 1
        if piece in "(（":
            opened.append(column)
            if len(opened) > DEEPEST:
                raise _error(text, column, f"more than {DEEPEST} brackets inside one another")
        elif piece in ")）":
            if not opened:
                raise _error(text, column, "this bracket closes nothing", "Remove it, or open one before it.")
            opened.pop()
        elif len(piece) == 1:
            raise _error(text, column, "this quote has no partner", 'Quotes come in pairs; inside quotes write \\" for a quote.')
    if opened:
        raise _error(text, opened[-1], "this bracket is never closed", "Add a ) where it ends.")


def _explain_token(text: str, token: Token, expected: set[str]) -> NoReturn:
    if token.type == "$END":
        raise _error(text, len(text.rstrip()) + 1, "something is missing at the end", "An operator needs something after it.")
    column = (token.start_pos or 0) + 1
    word = str(token)
    if token.type == "_CLOSE":
        raise _error(text, column, "there is nothing before this bracket", "Put words between the brackets, or remove them.")
    raise _error(text, column, f"{word} has nothing to join here", f'To look for the word itself, quote it: "{word}"')


class _Culprit(Exception):  # never leaves this module
    def __init__(self, column: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.column, self.message, self.hint = column, message, hint


class _Excluded(NamedTuple):
    """A NOT as it was written, until it is known how far it reaches."""

    node: Node
    column: int


class _Placed(NamedTuple):
    node: Node
    column: int


Piece = _Excluded | _Placed


class _Builder:
    """Called by the parser for each rule as it is recognised; the names are the grammar's."""

    def start(self, items: list[_Placed]) -> Node:
        return items[0].node if items else Everything()

    def group(self, items: list[_Placed]) -> _Placed:
        return items[0]

    def either(self, alternatives: list[list[Piece | None]]) -> _Placed:
        """`None` in an alternative stands for an AND that was written out."""
        last = alternatives[-1]
        kept = last
        if len(alternatives) > 1:
            end = len(last)
            while end > 1 and isinstance(last[end - 1], _Excluded) and last[end - 2] is not None:
                end -= 1
            kept = last[:end]
            if all(isinstance(piece, _Excluded | None) for piece in kept):
                kept = last
        placed = next(piece.column for piece in alternatives[0] if piece)
        main = any_of(_conjunction(alternative) for alternative in [*alternatives[:-1], kept])
        return _Placed(all_of([main, _conjunction(last[len(kept) :])]), placed)

    def both(self, items: list[Any]) -> list[Piece | None]:
        return [item if isinstance(item, _Excluded | _Placed) else None for item in items]

    def excluded(self, items: list[Piece]) -> _Excluded:
        return _Excluded(negate(_node(items[0])), items[0].column)

    def near(self, items: list[Any]) -> _Placed:
        if len(items) > 2 * DEEPEST:
            raise _Culprit(items[0].column, f"more than {DEEPEST} NEARs in a row")
        for operand in items[::2]:
            if not is_positional(operand.node):
                raise _Culprit(
                    operand.column, "NEAR cannot measure from this", "It joins words, phrases, tags, handles and (a OR b) of them."
                )
        left = items[0].node
        for operator, operand in zip(items[1::2], items[2::2], strict=True):
            left = Near(left, operand.node, int(operator[5:] or NEAR_BY_DEFAULT))
        return _Placed(left, items[0].column)

    def word(self, items: list[Token]) -> _Placed:
        text, column = str(items[0]), (items[0].start_pos or 0) + 1
        return _Placed(_read_word(text, column), column)

    def quoted(self, items: list[Token]) -> _Placed:
        column = (items[0].start_pos or 0) + 1
        phrase = " ".join(_unquote(str(items[0])).split())
        if not is_searchable(phrase):
            raise _Culprit(column, "there is nothing to look for in these quotes")
        return _Placed(Term(phrase, quoted=True), column)

    def field(self, items: list[Token]) -> _Placed:
        from listener.domain.query.fields import FIELDS, BadValue, nearest, read_value

        column = (items[0].start_pos or 0) + 1
        match = re.fullmatch(_FIELD, str(items[0]))
        assert match
        typed, op, raw = match[1], match[2] or "=", match[3]
        rule = FIELDS.get(typed.casefold())
        if rule is None:
            guess = nearest(typed, list(FIELDS))
            meant = f"Did you mean {guess}: ?" if guess else f"Fields: {', '.join(FIELDS)}."
            raise _Culprit(column, f"there is no field {typed}:", f"{meant} To look for the text itself, quote it.")
        try:
            value = read_value(rule, op, _unquote(raw))
        except BadValue as error:
            raise _Culprit(column + len(typed) + 1, str(error), error.hint) from None
        return _Placed(Field(rule.name, value, _operator(op), column), column)


def _operator(op: str) -> Operator:
    return op  # type: ignore[return-value]  # the grammar lets nothing else through


def _node(piece: Piece) -> Node:
    return piece.node


def _conjunction(pieces: list[Piece | None]) -> Node:
    return all_of(piece.node for piece in pieces if piece)


def _unquote(raw: str) -> str:
    if raw[:1] == '"':
        return re.sub(r"\\(.)", r"\1", raw[1:-1], flags=re.DOTALL)
    return raw[1:-1] if raw[:1] in ("“", "„", "«") else raw


def is_searchable(text: str) -> bool:
    """Whether something is left of it once it is folded for the search."""
    from listener.domain.query.fold import fold

    return bool(fold(text).strip())


def _read_word(text: str, column: int) -> Node:
    make: Callable[[str, bool], Node] = Term
    name = text
    if text[0] in "#＃" and len(text) > 1:
        make, name = Tag, text[1:]
    elif text[0] in "@＠" and len(text) > 1:
        make, name = Handle, text[1:]
    prefix = name.endswith("*")
    name = name.removesuffix("*")
    quote_it = f'To look for it as it stands, quote it: "{text}"'
    if text in ("AND", "OR", "NOT", "NEAR"):
        raise _Culprit(column, f"{text} has nothing to join here", quote_it)
    if text.startswith("NEAR/"):
        raise _Culprit(column, f"{text} is not a distance", "Write NEAR/5 for at most five words between.")
    if "*" in name:
        raise _Culprit(column + text.index("*"), "a * can only stand at the end of a word", quote_it)
    if not any(char.isalnum() or not char.isascii() for char in name) or not is_searchable(name):
        meant = _SYMBOLS.get(text)
        raise _Culprit(column, f"there is nothing to look for in {text}", f"Write {meant}." if meant else quote_it)
    return make(name, prefix)


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    """Built when the first query is read: the parser library is slow to import and most commands never need it."""
    from importlib.resources import files

    from lark import Lark

    grammar = files("listener.domain.query").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", transformer=_Builder(), propagate_positions=False, maybe_placeholders=False)
