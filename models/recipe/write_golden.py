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
CONTINUATION = 32
TOP = 8
# Logits are compared at this many ids, spread over the vocabulary; the first prompts also keep one row in full.
SPREAD = 64
FULL_ROWS = 2
EXIT_PROMPTS = 10


def main(gguf_path: str, tokenizer_path: str, prompts_path: str, folder: str) -> None:
    torch.set_num_threads(1)
    reference = Reference(gguf_path)
    tokenizer = tokenizers.Tokenizer.from_file(tokenizer_path)
    vocabulary = reference.weights["token_embd.weight"].shape[0]
    ids = [round(index * (vocabulary - 1) / (SPREAD - 1)) for index in range(SPREAD)]
    rows: list[np.ndarray] = []
    prompts = []
    for index, prompt in enumerate(json.loads(pathlib.Path(prompts_path).read_text())):
        tokens = tokenizer.encode(prompt["text"], add_special_tokens=False).ids
        logits = reference.logits(tokens)
        logprobs = logits.log_softmax(-1)
        positions = [len(tokens) // 4, len(tokens) // 2, 3 * len(tokens) // 4, len(tokens) - 1]
        rows += [logits[position, ids].numpy() for position in positions]
        if index < FULL_ROWS:
            rows.append(logits[-1].numpy())
        if index < EXIT_PROMPTS:
            rows += [reference.logits(tokens, exit)[-1, ids].numpy() for exit in EXITS]
        top = logprobs[-1].topk(TOP)
        greedy = reference.greedy(tokens, CONTINUATION)
        prompts.append(
            {
                **prompt,
                "tokens": tokens,
                "logProbs": [round(float(logprobs[at, token]), 5) for at, token in enumerate(tokens[1:])],
                "top": [[int(token), round(float(value), 5)] for value, token in zip(*top)],
                "greedy": greedy,
            }
        )
        print(f"{index + 1} prompts", file=sys.stderr)
    target = pathlib.Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    np.concatenate(rows).astype("<f4").tofile(target / "logits.bin")
    description = {"ids": ids, "exits": EXITS, "exitPrompts": EXIT_PROMPTS, "fullRows": FULL_ROWS, "prompts": prompts}
    (target / "golden.json").write_text(json.dumps(description, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
