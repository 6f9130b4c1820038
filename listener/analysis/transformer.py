"""A transformer of the user's own, for whom the small model is not enough: the `[onnx]` extra.

The folder holds `model.onnx` (or `model_quantized.onnx`, int8, which is taken first), `tokenizer.json`, and `config.json` with
`id2label`. Nothing is ever downloaded. Scoring is slow (tens of texts a second), so it belongs in a background queue: `score_many`
takes small batches and says after each how far it is.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from listener.domain.sentiment import THRESHOLD, UNSCORED, Label, Sentiment
from listener.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BATCH = 16
LONGEST = 256
"""Tokens of a text that are read."""
LIMIT = 1_000
MODELS = ("model_quantized.onnx", "model_int8.onnx", "model.onnx")
_CLASSES: dict[str, Label] = {
    "negative": "negative", "neg": "negative", "neutral": "neutral", "neu": "neutral", "positive": "positive", "pos": "positive",
}  # fmt: skip
_THREE: tuple[Label, ...] = ("negative", "neutral", "positive")


def model_in(folder: Path) -> Path:
    """The model's file in a folder. Raises InputError: what is missing, in one line."""
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.", hint="Name the folder that holds model.onnx, tokenizer.json and config.json.")
    found = next((folder / name for name in MODELS if (folder / name).is_file()), None)
    missing = [name for name in ("tokenizer.json", "config.json") if not (folder / name).is_file()]
    if found is None:
        missing.insert(0, "model.onnx")
    if found is None or missing:
        raise InputError(f"{folder} lacks {', '.join(missing)}.", hint="Export a sentiment classifier to ONNX into that folder.")
    return found


def labels_in(folder: Path) -> list[Label]:
    """The class of each output, in order. Raises InputError: the configuration names none, or others."""
    try:
        names = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("id2label") or {}
        ordered = [str(names[key]).lower() for key in sorted(names, key=int)]
    except (ValueError, AttributeError, OSError) as problem:
        raise InputError(f"{folder / 'config.json'} cannot be read: {problem}.") from None
    if len(ordered) == 3 and all(name.startswith("label_") for name in ordered):
        return list(_THREE)
    labels = [_CLASSES.get(name) for name in ordered]
    if None in labels or not {"negative", "positive"} <= set(labels):
        raise InputError(
            f"The classes in {folder / 'config.json'} are not a sentiment's: {', '.join(ordered) or 'none'}.",
            hint="negative, neutral and positive are needed.",
        )
    return [label for label in labels if label is not None]


class Transformer:
    """A sentiment classifier in a folder. Loading takes seconds: do it in the background.

    Raises:  InputError: the extra is not installed, or the folder is not a model; one line that says which.
    """

    def __init__(self, folder: Path) -> None:
        self._labels = labels_in(folder) if (path := model_in(folder)) else []
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError:
            raise InputError(
                "Scoring with a transformer needs the extra `onnx`.", hint="Install it with: pip install 'listener-desk[onnx]'"
            ) from None
        try:
            options = onnxruntime.SessionOptions()
            options.log_severity_level = 4
            self._session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
            self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as problem:  # both libraries raise their own bare kinds for a damaged file
            raise InputError(f"{folder} cannot be loaded: {str(problem).splitlines()[0]}.") from None
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.enable_padding()
        self._inputs = {found.name for found in self._session.get_inputs()}
        self.version = f"onnx-{folder.resolve().name}-{path.stat().st_size:x}"

    def score_many(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> list[Sentiment]:
        """The verdicts, in order; `progress(done, all)` is called after each small batch."""
        verdicts: list[Sentiment] = []
        for start in range(0, len(texts), BATCH):
            verdicts += self._score([text[:LIMIT] for text in texts[start : start + BATCH]])
            if progress:
                progress(len(verdicts), len(texts))
        return verdicts

    def _score(self, texts: list[str]) -> list[Sentiment]:
        import numpy as np

        encoded = self._tokenizer.encode_batch([text.encode("utf-8", "replace").decode() for text in texts])
        fields = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
        feeds = {
            name: np.array([getattr(one, field) for one in encoded], dtype=np.int64)
            for name, field in fields.items()
            if name in self._inputs
        }
        logits = np.asarray(self._session.run(None, feeds)[0], dtype=np.float64)
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        return [self._verdict(text, row) for text, row in zip(texts, chances.tolist(), strict=True)]

    def _verdict(self, text: str, chances: list[float]) -> Sentiment:
        if not text.strip():
            return UNSCORED
        share = dict(zip(self._labels, chances, strict=True))
        label = max(share, key=lambda name: share[name])
        compound = share["positive"] - share["negative"]
        if label == "neutral":
            compound = max(-THRESHOLD + 0.001, min(THRESHOLD - 0.001, compound * 0.2))
        elif label == "positive":
            compound = max(THRESHOLD, compound)
        else:
            compound = min(-THRESHOLD, compound)
        return Sentiment(label, round(compound, 4), round(share[label], 3), self.version, "A")
