"""Writes what the reference answers to a hundred code prompts, for tests that need no Python.

`python models/recipe/write_golden.py GGUF TOKENIZER_JSON PROMPTS_JSON FOLDER` writes `golden.json` and `logits.bin`
(float32, little-endian) into the folder. The prompts come from `models/evaluate/write-prompts.ts`.
"""

import json
import pathlib
import sys

import numpy as np
import tokenizers
import torch

from reference import Reference

EXITS = (6, 12, 18, 24, 30)
PROMPTS = 100
# All prompts have the same length, so that a batch needs no padding.
LENGTH = 128
BATCH = 20
CONTINUATION = 32
TOP = 8
# Logits are compared at this many ids, spread over the vocabulary, and at some positions; the first prompts also keep
# one row in full.
SPREAD = 64
POSITIONS = (31, 63, 95, 127)
FULL_ROWS = 2
EXIT_PROMPTS = 10


def main(gguf_path: str, tokenizer_path: str, prompts_path: str, folder: str) -> None:
    torch.set_num_threads(1)
    reference = Reference(gguf_path)
    tokenizer = tokenizers.Tokenizer.from_file(tokenizer_path)
    vocabulary = reference.weights["token_embd.weight"].shape[0]
    ids = [round(index * (vocabulary - 1) / (SPREAD - 1)) for index in range(SPREAD)]
    sources = json.loads(pathlib.Path(prompts_path).read_text())
    chosen = [
        (source, tokens[-LENGTH:])
        for source in sources
        if len(tokens := tokenizer.encode(source["text"], add_special_tokens=False).ids) >= LENGTH
    ][:PROMPTS]
    rows: list[np.ndarray] = []
    prompts = []
    for start in range(0, len(chosen), BATCH):
        batch = torch.tensor([tokens for _, tokens in chosen[start : start + BATCH]])
        hidden = reference.hidden(batch)
        greedy = reference.greedy(batch, CONTINUATION)
        exits = [reference.hidden(batch[:EXIT_PROMPTS], exit)[:, -1] for exit in EXITS] if start == 0 else []
        for index, tokens in enumerate(batch.tolist()):
            logits = reference.head(hidden[index])
            logprobs = logits.log_softmax(-1)
            rows += [logits[position, ids].numpy() for position in POSITIONS]
            if len(prompts) < FULL_ROWS:
                rows.append(logits[-1].numpy())
            if len(prompts) < EXIT_PROMPTS:
                rows += [reference.head(state[index])[ids].numpy() for state in exits]
            top = logprobs[-1].topk(TOP)
            prompts.append(
                {
                    "language": chosen[start + index][0]["language"],
                    "file": chosen[start + index][0]["file"],
                    "text": tokenizer.decode(tokens, skip_special_tokens=False),
                    "tokens": tokens,
                    "logProbs": [round(float(logprobs[at, token]), 5) for at, token in enumerate(tokens[1:])],
                    "top": [[int(token), round(float(value), 5)] for value, token in zip(*top)],
                    "greedy": greedy[index].tolist(),
                }
            )
        print(f"{len(prompts)} prompts", file=sys.stderr, flush=True)
    target = pathlib.Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    np.concatenate(rows).astype("<f4").tofile(target / "logits.bin")
    description = {"ids": ids, "positions": POSITIONS, "exits": EXITS, "exitPrompts": EXIT_PROMPTS, "fullRows": FULL_ROWS, "prompts": prompts}
    (target / "golden.json").write_text(json.dumps(description, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
