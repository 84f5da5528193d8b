"""The stage `python -m models.recipe.train.bundle_weights BUNDLE FILE.gguf`: the weights of a bundle, to train on from them."""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor

from models.recipe.train.bundle_network import read_embedding
from models.recipe.train.coded_matrix import CodedMatrix
from models.recipe.train.decoder import Decoder
from models.recipe.train.four_bits import BLOCK
from models.recipe.train.gguf_weights import TABLE, GgufFile, Vocabulary, WeightsError, write_gguf
from models.recipe.train.prepare import WEIGHTS
from models.recipe.train.vocabulary_markup import with_infilling

# What a product of a layer is called in a graph, with the matrices whose rows it holds one after another.
PRODUCTS = ("attn_q+attn_k+attn_v", "attn_output", "ffn_gate+ffn_up", "ffn_down")
TYPES = {1: "<f4", 2: "u1", 10: "<f2"}
MIDDLE = 8


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("file", type=Path, help="the GGUF file to write")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="the GGUF file that training once started from")
    options = parser.parse_args()
    try:
        start = GgufFile(options.weights)
        vocabulary = checked_vocabulary(options.bundle, with_infilling(start.vocabulary()))
        decoder = Decoder(start.architecture())
        coded = read_bundle(options.bundle, decoder)
    except WeightsError as error:
        print(error, file=sys.stderr)
        return 1
    description = json.loads((options.bundle / "bundle.json").read_text(encoding="utf-8"))
    about = {
        "general.name": description["name"],
        "general.license": "apache-2.0",
        "general.description": f"Read back from a bundle. {description['provenance']['source']}",
    }
    exits = tuple(one["layer"] for one in description["exits"])
    options.file.parent.mkdir(parents=True, exist_ok=True)
    write_gguf(options.file, decoder, vocabulary, about, exits, four_bits=True, coded=coded)
    print(f"{options.file}: {len(coded)} matrices of the bundle's own codes.")
    return 0


def checked_vocabulary(bundle: Path, vocabulary: Vocabulary) -> Vocabulary:
    """The vocabulary, if the bundle has the same tokens. Raises WeightsError."""
    tokenizer = json.loads((bundle / "tokenizer.json").read_text(encoding="utf-8"))
    tokens = {one["content"]: one["id"] for one in tokenizer["added_tokens"]} | tokenizer["model"]["vocab"]
    if [tokens.get(token) for token in vocabulary.tokens] != list(range(len(vocabulary.tokens))):
        raise WeightsError(f"The tokens of {bundle} are not those of the weights; name others with --weights.")
    return vocabulary


def read_bundle(bundle: Path, decoder: Decoder) -> dict[str, CodedMatrix]:
    """
    Loads a bundle of `q4-folded` weights into a decoder, and gives its matrices by name.

    Codes and scales are those that were trained. Of a block's least value the bundle has the multiple of its scale
    and the rest in four bits, so this is as far off as what users run, and no farther. Raises WeightsError.
    """
    description = json.loads((bundle / "bundle.json").read_text(encoding="utf-8"))
    if description["weights"] != "q4-folded":
        raise WeightsError(f"{bundle} holds {description['weights']} weights; only q4-folded ones can be read back.")
    state = {TABLE: torch.from_numpy(read_embedding(bundle, description).copy())}
    coded: dict[str, CodedMatrix] = {}
    for block in description["blocks"]:
        constants = read_constants(bundle, block["file"])
        # The graph's norms stand in the order of use: ahead of attention, ahead of the feed-forward part.
        norms = [values for name, values in constants.items() if name.startswith("norm_of_")]
        for number, layer in enumerate(range(block["firstLayer"], block["endLayer"])):
            state[f"blk.{layer}.attn_norm.weight"] = torch.from_numpy(norms[2 * number])
            state[f"blk.{layer}.ffn_norm.weight"] = torch.from_numpy(norms[2 * number + 1])
            for product in PRODUCTS:
                parts = [constants[f"layer{layer}.{product}.{kind}"] for kind in ("codes", "scales", "zeros")]
                names = [f"blk.{layer}.{matrix}.weight" for matrix in product.split("+")]
                sizes = [decoder.get_parameter(name).shape for name in names]
                whole = unfolded(*parts, columns=sizes[0][1])
                for name, rows in zip(names, torch.arange(len(whole.codes)).split([one[0] for one in sizes]), strict=True):
                    coded[name] = whole.in_order(rows)
                    state[name] = coded[name].values()
    (norm,) = (values for name, values in read_constants(bundle, "head.onnx").items() if name.startswith("norm_of_"))
    state["output_norm.weight"] = torch.from_numpy(norm)
    decoder.load_state_dict(state)
    return coded


def unfolded(codes: np.ndarray, scales: np.ndarray, zeros: np.ndarray, columns: int) -> CodedMatrix:
    """
    A matrix out of a folded product (models/convert/block-sum-product.ts): behind its own blocks each row has one
    column a block with what the whole-numbered zero left of the block's offset.
    """
    rows = len(codes)
    digits = nibbles(codes.reshape(rows, -1))
    steps = torch.from_numpy(scales.astype(np.float32)).view(rows, -1)
    points = nibbles(zeros.reshape(rows, -1))[:, : steps.shape[1]]
    own = columns // BLOCK
    rests = (digits[:, columns:].float() - MIDDLE) * steps[:, own:].repeat_interleave(BLOCK, dim=1)
    lows = rests[:, :own] - points[:, :own].float() * steps[:, :own]
    return CodedMatrix(digits[:, :columns], steps[:, :own].half(), lows.half())


def nibbles(packed: np.ndarray) -> Tensor:
    """Two numbers a byte, the earlier in the low half."""
    return torch.from_numpy(np.stack((packed & 15, packed >> 4), axis=-1).reshape(len(packed), -1))


def read_constants(bundle: Path, file: str) -> dict[str, np.ndarray]:
    """The constants of a graph that lie in a file beside it, by name and in the graph's order."""
    graph = onnx.load(str(bundle / file), load_external_data=False).graph
    constants: dict[str, np.ndarray] = {}
    for one in graph.initializer:
        place = {entry.key: entry.value for entry in one.external_data}
        if place and one.data_type in TYPES:
            kind = np.dtype(TYPES[one.data_type])
            count, offset = int(place["length"]) // kind.itemsize, int(place.get("offset", 0))
            values = np.fromfile(bundle / place["location"], kind, count, offset=offset)
            constants[one.name] = values.reshape(list(one.dims))
    return constants


if __name__ == "__main__":
    sys.exit(main())
