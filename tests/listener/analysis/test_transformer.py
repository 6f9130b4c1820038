from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from listener.analysis.transformer import Transformer, labels_in, model_in
from listener.errors import InputError

INSTALLED = all(importlib.util.find_spec(name) for name in ("onnxruntime", "tokenizers"))


def folder(tmp_path: Path, labels: dict[str, str]) -> Path:
    (tmp_path / "model.onnx").write_bytes(b"not a graph")
    (tmp_path / "tokenizer.json").write_text("{}")
    (tmp_path / "config.json").write_text(json.dumps({"id2label": labels}))
    return tmp_path


CLASSES = {"0": "Negative", "1": "Neutral", "2": "Positive"}


def test_says_what_a_folder_lacks(tmp_path: Path) -> None:
    """One clear line, before anything heavy is loaded."""
    with pytest.raises(InputError, match="There is no folder"):
        model_in(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"lacks model.onnx, tokenizer.json, config.json"):
        model_in(tmp_path)


def test_prefers_the_int8_model(tmp_path: Path) -> None:
    made = folder(tmp_path, CLASSES)
    assert model_in(made).name == "model.onnx"
    (made / "model_quantized.onnx").write_bytes(b"")
    assert model_in(made).name == "model_quantized.onnx"


def test_reads_the_classes_in_their_order(tmp_path: Path) -> None:
    assert labels_in(folder(tmp_path, CLASSES)) == ["negative", "neutral", "positive"]
    assert labels_in(folder(tmp_path, {"0": "pos", "1": "NEG"})) == ["positive", "negative"]
    assert labels_in(folder(tmp_path, {"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"})) == ["negative", "neutral", "positive"]


@pytest.mark.parametrize("labels", [{}, {"0": "joy", "1": "anger"}, {"0": "positive", "1": "neutral"}])
def test_refuses_what_is_no_sentiment_classifier(tmp_path: Path, labels: dict[str, str]) -> None:
    with pytest.raises(InputError, match="not a sentiment's"):
        labels_in(folder(tmp_path, labels))


@pytest.mark.skipif(INSTALLED, reason="the extra is installed here")
def test_absent_extra_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"needs the extra `onnx`.*pip install"):
        Transformer(folder(tmp_path, CLASSES))


@pytest.mark.skipif(not INSTALLED, reason="needs the extra `onnx`")
def test_a_damaged_model_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be loaded"):
        Transformer(folder(tmp_path, CLASSES))


@pytest.mark.skipif(not INSTALLED or not importlib.util.find_spec("onnx"), reason="needs the extra `onnx`, and onnx to build a graph")
def test_scores_with_a_real_graph(tmp_path: Path) -> None:
    """A graph of two nodes, built here: each token votes for its own class."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    from tokenizers import Tokenizer, models, pre_tokenizers

    made = folder(tmp_path, CLASSES)
    votes = np.array([[0, 0, 0], [9, 0, 0], [0, 0, 9]], dtype=np.float32)
    nodes = [
        helper.make_node("Gather", ["votes", "input_ids"], ["each"]),
        helper.make_node("ReduceSum", ["each", "axis"], ["logits"], keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "votes",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["texts", "tokens"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["texts", 3])],
        [numpy_helper.from_array(votes, "votes"), numpy_helper.from_array(np.array([1], dtype=np.int64), "axis")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(made / "model.onnx"))
    tokenizer = Tokenizer(models.WordLevel({"[PAD]": 0, "bad": 1, "good": 2}, unk_token="[PAD]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(made / "tokenizer.json"))

    done: list[tuple[int, int]] = []
    verdicts = Transformer(made).score_many(["good", "bad bad", "blue \ud800", ""] * 5, lambda *state: done.append(state))
    assert [verdict.label for verdict in verdicts[:4]] == ["positive", "negative", "negative", "unscored"]
    assert done == [(16, 20), (20, 20)]
    assert verdicts[0].scorer.startswith("onnx-")
