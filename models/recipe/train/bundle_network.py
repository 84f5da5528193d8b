"""A bundle's network under ONNX Runtime in Python: embedding rows, blocks, and the head at any exit."""

import json
from pathlib import Path

import numpy as np
import onnxruntime

HIDDEN_SCORE = np.float32(-1e9)


class BundleNetwork:
    """Runs the graphs of a bundle folder the way the language server does (language-server/inference)."""

    def __init__(self, folder: Path) -> None:
        self.description = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
        self.shape = self.description["architecture"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.open = lambda file: onnxruntime.InferenceSession(
            str(folder / file), options, providers=["CPUExecutionProvider"]
        )
        self.blocks = [(block, self.open(block["file"])) for block in self.description["blocks"]]
        self.head = self.open(self.description["head"]["file"])
        self.embedding = read_embedding(folder, self.description)

    def logits_at_exits(self, tokens: list[int], chunk: int) -> dict[int, np.ndarray]:
        """Logits [S, vocabulary] after every block; the tokens are fed `chunk` at a time over a growing cache."""
        hidden: dict[int, list[np.ndarray]] = {block["endLayer"]: [] for block, _ in self.blocks}
        size, heads = self.shape["headSize"], self.shape["keyValueHeads"]
        # One slot is never filled, so that the mask over unused slots is tested as well.
        cache = [np.zeros((1, heads, len(tokens) + 1, size), np.float32) for _ in range(2 * self.shape["layers"])]
        for start in range(0, len(tokens), chunk):
            ids = tokens[start : start + chunk]
            x = self.embedding[ids][None]
            bias = np.zeros((1, 1, len(ids), len(tokens) + 1 + len(ids)), np.float32)
            bias[..., start : len(tokens) + 1] = HIDDEN_SCORE
            own = np.triu(np.full((len(ids), len(ids)), HIDDEN_SCORE), 1)
            bias[..., len(tokens) + 1 :] = own
            positions = np.arange(start, start + len(ids), dtype=np.int64)[None]
            for block, session in self.blocks:
                layers = range(block["firstLayer"], block["endLayer"])
                past = {f"p{kind}{layer}": cache[2 * layer + which] for layer in layers for which, kind in enumerate("kv")}
                # No tile around the new rows.
                recent = np.zeros((2 * len(layers), heads, 0, size), np.float32)
                tile = {"recent": recent, "recent_at": np.zeros(1, np.int64)}
                feeds = {"x": x, "position_ids": positions, "attn_bias": bias, **tile, **past}
                x, rows = session.run(["y", "kv_new"], feeds)
                for offset, row in enumerate(rows):
                    new = row.reshape(len(ids), heads, size).transpose(1, 0, 2)
                    cache[2 * block["firstLayer"] + offset][0, :, start : start + len(ids)] = new
                hidden[block["endLayer"]].append(x[0])
        name = self.head.get_inputs()[0].name
        return {
            layer: self.head.run(None, {name: np.concatenate(pieces)[None]})[0][0] for layer, pieces in hidden.items()
        }


def read_embedding(folder: Path, description: dict[str, object]) -> np.ndarray:
    """The embedding table as float32 [vocabulary, hidden]."""
    about, shape = description["embedding"], description["architecture"]
    data = (folder / about["file"]).read_bytes()
    rows, columns = shape["vocabulary"], shape["hidden"]
    if about["bits"] == 32:
        return np.frombuffer(data, "<f4", rows * columns, about["rowsOffset"]).reshape(rows, columns)
    codes = np.frombuffer(data, np.uint8, rows * columns, about["codesOffset"]).reshape(rows, columns)
    blocks = columns // about["blockSize"]
    scales = np.frombuffer(data, "<f2", rows * blocks, about["scalesOffset"]).reshape(rows, blocks)
    return (codes.astype(np.float32) - 128) * np.repeat(scales.astype(np.float32), about["blockSize"], axis=1)
