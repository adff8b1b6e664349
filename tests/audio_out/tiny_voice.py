"""A Piper voice of a few kB that the real engine accepts: each phoneme is a tone of its own."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

RATE, SYMBOLS, SAMPLES_A_PHONEME = 16_000, 256, 480


def make_voice(folder: Path, name: str = "vi_VN-tiny-low", *, lacking: str = "", symbols: int = SYMBOLS) -> Path:
    """Write `name.onnx` and `name.onnx.json` into the folder; phonemes in `lacking` are left out of the map."""
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / f"{name}.onnx"
    onnx.save(_model(symbols), str(model))
    known = {phoneme: ids for phoneme, ids in DEFAULT_PHONEME_ID_MAP.items() if phoneme not in lacking}
    settings = {
        "audio": {"sample_rate": RATE, "quality": "low"},
        "espeak": {"voice": "vi"},
        "language": {"code": "vi_VN", "family": "vi"},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "num_symbols": symbols,
        "num_speakers": 1,
        "phoneme_id_map": known,
    }
    (folder / f"{name}.onnx.json").write_text(json.dumps(settings), encoding="utf-8")
    return model


def _model(symbols: int) -> onnx.ModelProto:
    constants = {
        "pitches": (220 + 5 * np.arange(symbols)).astype(np.float32),
        "one": np.array(1, np.int64),
        "zero": np.array(0, np.int64),
        "which_length": np.array(1, np.int64),
        "base": np.array(SAMPLES_A_PHONEME, np.float32),
        "turn": np.array(2 * np.pi / RATE, np.float32),
        "loudness": np.array(0.3, np.float32),
        "first_row": np.array([0], np.int64),
        "front": np.array([0, 1], np.int64),
    }
    node = helper.make_node
    nodes = [
        node("Squeeze", ["input", "first_row"], ["ids"]),
        node("Gather", ["scales", "which_length"], ["length"]),
        node("Mul", ["base", "length"], ["long"]),
        node("Cast", ["long"], ["each"], to=TensorProto.INT64),
        node("Size", ["ids"], ["count"]),
        node("Mul", ["count", "each"], ["samples"]),
        node("Range", ["zero", "samples", "one"], ["at"]),
        node("Div", ["at", "each"], ["turns_of"]),
        node("Gather", ["ids", "turns_of"], ["symbol"]),
        node("Gather", ["pitches", "symbol"], ["pitch"]),
        node("Cast", ["at"], ["time"], to=TensorProto.FLOAT),
        node("Mul", ["time", "turn"], ["angle"]),
        node("Mul", ["angle", "pitch"], ["phase"]),
        node("Sin", ["phase"], ["wave"]),
        node("Mul", ["wave", "loudness"], ["sound"]),
        node("Unsqueeze", ["sound", "front"], ["output"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tones",
        [
            helper.make_tensor_value_info("input", TensorProto.INT64, [1, "phonemes"]),
            helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
            helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
        ],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, "samples"])],
        [numpy_helper.from_array(value, key) for key, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
