"""`make house`: files and functions that outgrew their room. A person judges; this fails nothing."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILE, FUNCTION, CLASS, METHODS = 250, 40, 200, 15


def main() -> None:
    for path in sorted(p for floor in ("listener", "sources", "tui") for p in (ROOT / floor).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        where = path.relative_to(ROOT)
        lines = text.count("\n")
        if lines > FILE:
            print(f"{lines:5} lines  {where}")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (length := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION:
                print(f"{length:5} lines  {where}:{node.lineno} {node.name}()")
            if isinstance(node, ast.ClassDef):
                public = [m for m in node.body if isinstance(m, ast.FunctionDef | ast.AsyncFunctionDef) and not m.name.startswith("_")]
                if (length := (node.end_lineno or 0) - node.lineno + 1) > CLASS or len(public) > METHODS:
                    print(f"{length:5} lines, {len(public)} public methods  {where}:{node.lineno} class {node.name}")


if __name__ == "__main__":
    main()
