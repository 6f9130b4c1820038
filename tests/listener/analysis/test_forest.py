from __future__ import annotations

import numpy as np

from listener.analysis.forest import Forest


def walk(nodes: np.ndarray, root: int, seen: np.ndarray) -> int:
    """The tree as anybody would read it."""
    node = nodes[root]
    while node[0] >= 0:
        node = nodes[node[2] if seen[node[0]] <= node[1] else node[3]]
    return int(node[1])


def grown(draw: np.random.Generator, depth: int, nodes: list[list[int]]) -> int:
    at = len(nodes)
    nodes.append([-1, int(draw.integers(-900, 900)), 0, 0])
    if depth and draw.random() < 0.85:
        nodes[at][:2] = [int(draw.integers(0, 5)), int(draw.integers(-50, 50))]
        nodes[at][2] = grown(draw, depth - 1, nodes)
        nodes[at][3] = grown(draw, depth - 1, nodes)
    return at


def test_the_quick_way_is_the_plain_way() -> None:
    """Random trees and random texts, equal thresholds among them."""
    draw = np.random.default_rng(4)
    nodes: list[list[int]] = []
    roots = [grown(draw, 4, nodes) for _ in range(30)]
    stored = np.array(nodes)
    start = np.array([5, -7, 0])
    seen = draw.integers(-55, 55, size=(200, 5))
    plain = np.array([[walk(stored, root, row) for root in roots] for row in seen]).reshape(200, -1, 3).sum(axis=1) + start
    assert (Forest(stored, np.array(roots), start).scores(seen) == plain).all()
