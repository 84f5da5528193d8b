"""Writes the logits of Hugging Face's own Qwen2 for a GGUF file: a yardstick that shares no line with the converter.

`pip install gguf==0.17.1 torch==2.13.0 transformers==5.24.0`, then
`python models/recipe/write_qwen2_logits.py FILE.gguf LOGITS TOKEN…`. LOGITS gets float32 [tokens, vocabulary], little-endian.
"""

import sys

import gguf
import numpy as np
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM

NAMES = {
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def published(name: str) -> str:
    """The name that a tensor has in checkpoints."""
    if name.startswith("blk."):
        _, layer, part, kind = name.split(".")
        return f"model.layers.{layer}.{NAMES[part]}.{kind}"
    return {
        "token_embd.weight": "model.embed_tokens.weight",
        "output_norm.weight": "model.norm.weight",
        "output.weight": "lm_head.weight",
    }[name]


def model_of(path: str) -> Qwen2ForCausalLM:
    reader = gguf.GGUFReader(path)
    field = lambda name: reader.fields[f"qwen2.{name}"].contents()
    weights = {
        published(tensor.name): torch.from_numpy(
            np.array(gguf.quants.dequantize(tensor.data, tensor.tensor_type), dtype=np.float32)
        )
        for tensor in reader.tensors
    }
    tied = "lm_head.weight" not in weights
    config = Qwen2Config(
        vocab_size=weights["model.embed_tokens.weight"].shape[0],
        hidden_size=field("embedding_length"),
        intermediate_size=field("feed_forward_length"),
        num_hidden_layers=field("block_count"),
        num_attention_heads=field("attention.head_count"),
        num_key_value_heads=field("attention.head_count_kv"),
        rms_norm_eps=field("attention.layer_norm_rms_epsilon"),
        rope_parameters={"rope_type": "default", "rope_theta": field("rope.freq_base")},
        tie_word_embeddings=tied,
        use_sliding_window=False,
        attn_implementation="eager",
    )
    model = Qwen2ForCausalLM(config).eval()
    missing, unexpected = model.load_state_dict(weights, strict=False)
    if set(missing) - {"lm_head.weight"} or unexpected:
        raise SystemExit(f"missing {missing}, unexpected {unexpected}")
    model.tie_weights()
    return model


def main() -> None:
    path, out, *tokens = sys.argv[1:]
    with torch.inference_mode():
        logits = model_of(path)(torch.tensor([[int(token) for token in tokens]])).logits[0]
    logits.float().numpy().astype("<f4").tofile(out)


if __name__ == "__main__":
    main()
