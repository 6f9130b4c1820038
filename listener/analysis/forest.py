"""Trees over whole numbers, a whole batch at a time.

Every tree has at most sixteen leaves, numbered from the left, a bit each. A node that says "right" rules out the leaves to its left; the leaf
reached is the first that nobody ruled out. So for each feature one table says what the nodes that say "right" at a value rule out together,
and a tree is a few ANDs: a tenth of the time of walking it (QuickScorer, Lucchese et al., SIGIR 2015).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_LEAVES = 16
CLASSES = 3


class Forest:
    """Trees that vote for three classes in turn.

    Args:  nodes: shape (nodes, 4): feature (−1 at a leaf), threshold (at a leaf its value), left and right child.
           roots: the first node of each tree; tree t speaks for class t mod 3.
           start: what each class begins with.
    """

    def __init__(self, nodes: NDArray[Any], roots: NDArray[Any], start: NDArray[Any]) -> None:
        import numpy as np

        self._start = start.astype(np.int64)
        self._values = np.zeros((len(roots), MOST_LEAVES), dtype=np.int32)
        ruled: dict[int, list[tuple[int, int, int]]] = {}
        for tree, root in enumerate(roots.tolist()):
            self._read(nodes, tree, root, 0, ruled)
        self._tables = []
        for feature, found in sorted(ruled.items()):
            found.sort()
            table = np.full((len(found) + 1, len(roots)), 0xFFFF, dtype=np.uint16)
            for row, (_, tree, mask) in enumerate(found, start=1):
                table[row] = table[row - 1]
                table[row, tree] &= 0xFFFF ^ mask
            self._tables.append((feature, np.array([threshold for threshold, _, _ in found], dtype=np.int64), table))
        first = np.zeros(1 << 16, dtype=np.uint8)
        for bit in range(MOST_LEAVES - 1, -1, -1):
            first[np.arange(1 << 16) & (1 << bit) != 0] = bit
        self._first = first
        self._trees = np.arange(len(roots))

    def _read(self, nodes: NDArray[Any], tree: int, node: int, leaf: int, ruled: dict[int, list[tuple[int, int, int]]]) -> int:
        """Read a node and what is below it; `leaf` is the number of its first leaf. Returns how many leaves it has."""
        feature, threshold, left, right = nodes[node].tolist()
        if feature < 0:
            self._values[tree, leaf] = threshold
            return 1
        lefts = self._read(nodes, tree, left, leaf, ruled)
        ruled.setdefault(feature, []).append((threshold, tree, ((1 << lefts) - 1) << leaf))
        return lefts + self._read(nodes, tree, right, leaf + lefts, ruled)

    def scores(self, seen: NDArray[np.int64]) -> NDArray[np.int64]:
        """The score of each class for each text, whole numbers. `seen`: shape (texts, features). Returns shape (texts, 3)."""
        import numpy as np

        left = np.full((len(seen), len(self._trees)), 0xFFFF, dtype=np.uint16)
        for feature, thresholds, table in self._tables:
            left &= table[np.searchsorted(thresholds, seen[:, feature], side="left")]
        votes = self._values[self._trees, self._first[left]].reshape(len(seen), -1, CLASSES)
        summed: NDArray[np.int64] = votes.sum(axis=1, dtype=np.int64) + self._start
        return summed
