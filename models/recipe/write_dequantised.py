"""Writes test/models/golden/dequantised.json: blocks of each GGUF type and the numbers that gguf-py reads in them.

`pip install gguf numpy`, then `python models/recipe/write_dequantised.py`.
"""

import json
from pathlib import Path

import gguf
import numpy as np

GOLDEN = Path(__file__).resolve().parents[2] / "test/models/golden/dequantised.json"
# Bytes of a block at which float16 scales stand; random bytes there might be no number.
SCALES = {
    "Q4_0": (18, [0]),
    "Q4_1": (20, [0, 2]),
    "Q5_0": (22, [0]),
    "Q5_1": (24, [0, 2]),
    "Q8_0": (34, [0]),
    "Q4_K": (144, [0, 2]),
    "Q5_K": (176, [0, 2]),
    "Q6_K": (210, [208]),
}
BLOCKS = 2


def main() -> None:
    random = np.random.default_rng(20261)
    golden = {}
    for name, (size, scales) in SCALES.items():
        blocks = random.integers(0, 256, (BLOCKS, size), dtype=np.uint8)
        for at in scales:
            halves = random.normal(0, 0.1, BLOCKS).astype(np.float16)
            blocks[:, at : at + 2] = halves.view(np.uint8).reshape(BLOCKS, 2)
        golden[name] = (blocks.reshape(-1), getattr(gguf.GGMLQuantizationType, name))
    floats = random.normal(0, 1, 32).astype(np.float32)
    golden["F16"] = (floats.astype(np.float16).view(np.uint8), gguf.GGMLQuantizationType.F16)
    golden["BF16"] = ((floats.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8), gguf.GGMLQuantizationType.BF16)
    entries = {}
    for name, (data, kind) in golden.items():
        values = gguf.dequantize(data, kind).astype(np.float32).reshape(-1)
        entries[name] = {"bytes": data.tobytes().hex(), "values": values.view(np.uint32).tolist()}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in entries.items())
    GOLDEN.write_text(f"{{\n{lines}\n}}\n")


if __name__ == "__main__":
    main()
