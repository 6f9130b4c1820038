"""No text from outside is ever read as markup: a post could paint, link, crash or press keys.

A string that reaches Textual is markup unless somebody says otherwise. So every string that is built, and every string that is
not a literal of ours, must be handed over as `Content(…)` or `Text(…)`, or with `markup=False`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READS_MARKUP = {
    "Static",
    "Label",
    "Button",
    "Checkbox",
    "Collapsible",
    "Option",
    "Link",
    "RadioButton",
    "Tab",
    "TabPane",
    "ToggleButton",
    "update",
    "notify",
}
"""Callables whose first argument is markup when it is a string."""
NEVER = {"from_markup"}
TITLES = {"border_title", "border_subtitle", "tooltip"}
SAFE = {"Content", "Text", "assemble", "styled", "join"}


def sins(source: str) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) for each place where a built string could be read as markup."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = _name(node.func)
            if name in NEVER:
                yield node.lineno, f"{name}() reads markup"
            elif name in READS_MARKUP and node.args and not _says_no(node) and _built(node.args[0]):
                yield node.lineno, f"{name}() gets a built string: Content(…) or markup=False"
        elif isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Attribute) and target.attr in TITLES and _built(node.value):
                    yield node.lineno, f"{target.attr} gets a built string: Content(…)"


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""


def _says_no(call: ast.Call) -> bool:
    return any(word.arg == "markup" and isinstance(word.value, ast.Constant) and word.value.value is False for word in call.keywords)


def _built(value: ast.expr) -> bool:
    """True when a value is, or may well be, a string that was put together."""
    if isinstance(value, ast.JoinedStr):
        return True
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Mod):
        return _built(value.left) or _built(value.right) or isinstance(value.left, ast.Constant)
    if isinstance(value, ast.IfExp):
        return _built(value.body) or _built(value.orelse)
    if isinstance(value, ast.Call):
        return _name(value.func) in {"format", "str", "replace", "join", "clean", "one_line", "strip"} and not (
            isinstance(value.func, ast.Attribute) and isinstance(value.func.value, ast.Call) and _name(value.func.value.func) in SAFE
        )
    if isinstance(value, ast.Attribute):
        return value.attr in {"text", "title", "name", "handle", "message", "hint", "label", "why", "author", "url"}
    return False


@pytest.mark.parametrize("path", sorted((ROOT / "tui").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_built_string_is_read_as_markup(path: Path) -> None:
    """Proved by experiment: `[@click=…]` in a post runs, and an unmatched `[/x]` ends the program."""
    assert list(sins(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "line",
    [
        'Static(f"by {name}")', "label.update(entry.text)", 'self.notify("saved " + name)', 'self.notify("%s" % name)', "Content.from_markup(x)",
        'self.border_title = f"{name}"', "Button(str(name))", "Static(shown.clean(text))", "self.tooltip = entry.title", 'Option("a".replace("a", b))',
    ],
)  # fmt: skip
def test_the_rule_finds_what_it_is_for(line: str) -> None:
    """A rule that finds nothing passes everything."""
    assert list(sins(line))


@pytest.mark.parametrize(
    "line",
    [
        'Static("Streams")', "Static(Content(entry.text))", 'self.notify(f"{name} saved", markup=False)', "Static(f'{x}', markup=False)",
        "self.border_title = Content(name)", "counter.update(names)",
    ],
)  # fmt: skip
def test_the_rule_lets_safe_lines_pass(line: str) -> None:
    """A rule that cries at everything is switched off."""
    assert not list(sins(line))
