"""The stage `python -m models.recipe.train.quantise WEIGHTS.gguf [FILE.gguf]`: four bits calibrated on code, beside the nearest."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from models.recipe.train.calibrated_rounding import (
    by_feedback,
    by_moments,
    by_range,
    grid_around_zero,
    grid_with_offset,
)
from models.recipe.train.coded_matrix import CodedMatrix
from models.recipe.train.decoder import Decoder
from models.recipe.train.evaluate import measure
from models.recipe.train.four_bits import CodedLinear
from models.recipe.train.gguf_weights import GgufFile, write_gguf
from models.recipe.train.open_trained import OpeningError, open_trained
from models.recipe.train.token_rows import ROWS, Rows

GRIDS = {"q4_1": grid_with_offset, "q4_0": grid_around_zero}
# Matrices that read the same input share its moments.
READS = {"attn_q": "attn_q", "attn_k": "attn_q", "attn_v": "attn_q", "ffn_gate": "ffn_gate", "ffn_up": "ffn_gate"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path, help="weights as plain numbers, or any that are to be rounded anew")
    parser.add_argument("file", type=Path, nargs="?", help="the GGUF file to write: Q4_1, by feedback; else none is")
    parser.add_argument("--rows", type=Path, default=ROWS)
    parser.add_argument("--calibration-rows", type=int, default=32, help="rows of the calibration split that are read")
    parser.add_argument("--measured-rows", type=int, default=24, help="rows of the validation split; 0 measures nothing")
    parser.add_argument("--grid", choices=GRIDS, default="q4_1", help="what is compared; a file is of q4_1 alone")
    parser.add_argument("--seed", type=int, default=1, help="for infilling tokens of weights that have none")
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    if options.file is not None and options.grid != "q4_1":
        parser.error(f"a file of {options.grid} cannot be written; name none to compare alone")
    if options.threads:
        torch.set_num_threads(options.threads)
    try:
        opened = open_trained(options.weights, options.rows, ("calibration", "validation"), options.seed)
    except OpeningError as error:
        print(error, file=sys.stderr)
        return 1
    decoder, markup, rows, held_out = opened.decoder, opened.markup, *opened.rows.values()
    last = (decoder.shape.layers,)
    moments = input_moments(decoder, rows, options.calibration_rows)
    weights = {f"{name}.weight": one.weight.detach().clone() for name, one in products(decoder)}
    choose = GRIDS[options.grid]
    ways: dict[str, Callable[[str], CodedMatrix]] = {
        "nearest": lambda name: by_range(weights[name], choose),
        "moments": lambda name: by_moments(weights[name], moments[name], choose),
        "feedback": lambda name: by_feedback(weights[name], moments[name], choose),
    }
    coded: dict[str, CodedMatrix] = {}
    for way in (*([None] if options.measured_rows else []), *(ways if options.measured_rows else ["feedback"])):
        if way is not None:
            coded = {name: ways[way](name) for name in weights}
            decoder.load_state_dict({name: one.values() for name, one in coded.items()}, strict=False)
        if options.measured_rows:
            figures = measure(decoder, held_out, last, markup, options.measured_rows, torch.device("cpu"))
            print(json.dumps({"rounded": way, "grid": options.grid, **figures}), flush=True)
    if options.file is not None:
        exits = tuple(GgufFile(options.weights).field("candor.trained_exits", list(last)))
        about = {"general.name": str(GgufFile(options.weights).field("general.name", "model"))}
        options.file.parent.mkdir(parents=True, exist_ok=True)
        write_gguf(options.file, decoder, opened.vocabulary, about, exits, four_bits=True, coded=coded)
    return 0


def products(decoder: Decoder) -> list[tuple[str, CodedLinear]]:
    """The matrices of the layers, by name."""
    return [(name, one) for name, one in decoder.named_modules() if isinstance(one, CodedLinear)]


@torch.no_grad()
def input_moments(decoder: Decoder, rows: Rows, most_rows: int) -> dict[str, Tensor]:
    """For each matrix the mean of x · xᵀ over the inputs [in] that code gives it, float32 [in, in]."""
    decoder.eval()
    sums: dict[str, Tensor] = {}
    seen = 0
    filled = torch.empty(0)

    def watch(name: str) -> Callable[[nn.Module, tuple[Tensor]], None]:
        def add(_: nn.Module, inputs: tuple[Tensor]) -> None:
            x = inputs[0][filled]
            sums[name] = sums.get(name, 0) + x.T @ x

        return add

    watched = [(name, one) for name, one in products(decoder) if READS.get(kind_of(name), kind_of(name)) == kind_of(name)]
    hooks = [one.register_forward_pre_hook(watch(name)) for name, one in watched]
    for number in range(min(most_rows, len(rows))):
        tokens, parts = (torch.from_numpy(one) for one in rows.batch(np.array([number])))
        filled = parts != 0
        seen += int(filled.sum())
        decoder(tokens, parts, (decoder.shape.layers,))
    for hook in hooks:
        hook.remove()
    means = {name: total / seen for name, total in sums.items()}
    shared = lambda name: name.replace(kind_of(name), READS.get(kind_of(name), kind_of(name)))
    return {f"{name}.weight": means[shared(name)] for name, _ in products(decoder)}


def kind_of(name: str) -> str:
    return name.rsplit(".", 1)[-1]


if __name__ == "__main__":
    sys.exit(main())
