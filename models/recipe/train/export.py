"""The stage `python -m models.recipe.train.export RUN FOLDER`: the last checkpoint as safetensors and as GGUF."""

import argparse
import dataclasses
import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

from models.recipe.train.checkpoints import CheckpointError, last_checkpoint, read_checkpoint
from models.recipe.train.decoder import Decoder
from models.recipe.train.gguf_weights import GgufFile, Vocabulary, WeightsError, write_gguf
from models.recipe.train.low_rank import add_low_rank, merge_low_rank
from models.recipe.train.prepare import WEIGHTS
from models.recipe.train.run import RUNS
from models.recipe.train.vocabulary_markup import with_infilling

# Our names for tensors and those of published llama checkpoints.
PUBLISHED = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", help="the name of a run")
    parser.add_argument("folder", type=Path, help="where the files go; an earlier export there is replaced")
    parser.add_argument("--runs", type=Path, default=RUNS)
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="the GGUF file that the run started from")
    parser.add_argument("--name", default="Candor 135M", help="the model's name")
    options = parser.parse_args()
    try:
        decoder, exits, trained, four_bits = trained_decoder(options.runs / options.run, options.weights)
        vocabulary = with_infilling(GgufFile(options.weights).vocabulary())
        about = {
            "general.name": options.name,
            "general.license": "apache-2.0",
            "general.description": f"Trained on {trained} tokens of permissively licensed code by models/recipe",
        }
        write_folder(options.folder, decoder, vocabulary, about, exits, four_bits)
    except (WeightsError, CheckpointError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{options.folder}: {', '.join(sorted(path.name for path in options.folder.iterdir()))}")
    return 0


def trained_decoder(run: Path, weights: Path) -> tuple[Decoder, tuple[int, ...], int, bool]:
    """The decoder of a run's last checkpoint, its exits, the tokens it was trained on, and whether in four bits."""
    newest = last_checkpoint(run)
    if newest is None:
        raise CheckpointError(f"The run {run} has no checkpoint. Train it first: python -m models.recipe.train.run.")
    content = read_checkpoint(newest, {})
    settings = content["settings"]
    if settings["exit_gains"]:
        raise CheckpointError("The run has norms of its own at exits, which a bundle cannot hold; train without them.")
    decoder = Decoder(GgufFile(weights).architecture())
    if 0 < settings["low_rank"]:
        add_low_rank(decoder, settings["low_rank"], settings["from_layer"], settings["seed"])
    decoder.load_state_dict(content["decoder"])
    merge_low_rank(decoder)
    return decoder, tuple(settings["exits"]), content["position"]["tokens"], settings["four_bits"]


def write_folder(
    folder: Path,
    decoder: Decoder,
    vocabulary: Vocabulary,
    about: dict[str, str],
    exits: tuple[int, ...],
    four_bits: bool = False,
) -> None:
    """Writes into a new folder, which takes the place of an old one only when it is whole."""
    temporary = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    save_file(published_state(decoder), temporary / "model.safetensors", metadata={"format": "pt"})
    (temporary / "config.json").write_text(json.dumps(published_config(decoder, exits), indent=2) + "\n")
    write_gguf(temporary / "model.gguf", decoder, vocabulary, about, exits, four_bits)
    spelled = {"digest": vocabulary.digest, **dataclasses.asdict(vocabulary)}
    (temporary / "vocabulary.json").write_text(json.dumps(spelled, ensure_ascii=False) + "\n", encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    temporary.rename(folder)


def published_state(decoder: Decoder) -> dict[str, torch.Tensor]:
    """All weights as float32 by the names of published checkpoints."""
    state: dict[str, torch.Tensor] = {}
    for name, values in decoder.state_dict().items():
        *where, tensor, kind = name.split(".")
        prefix = f"model.layers.{where[1]}." if where else ""
        state[f"{prefix}{PUBLISHED[tensor]}.{kind}"] = values.float().cpu().contiguous()
    return state


def published_config(decoder: Decoder, exits: tuple[int, ...]) -> dict[str, object]:
    shape = decoder.shape
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_act": "silu",
        "hidden_size": shape.hidden,
        "intermediate_size": shape.feed_forward,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.key_value_heads,
        "head_dim": shape.head_size,
        "max_position_embeddings": shape.context,
        "rms_norm_eps": shape.norm_epsilon,
        "rope_theta": shape.rope_base,
        "vocab_size": shape.vocabulary,
        "tie_word_embeddings": True,
        "torch_dtype": "float32",
        "bos_token_id": 0,
        "eos_token_id": 0,
        "trained_exits": list(exits),
    }


if __name__ == "__main__":
    sys.exit(main())
