"""Writes what the reference answers to code prompts, for tests that need no Python.

`python models/recipe/write_golden.py GGUF TOKENIZER_JSON PROMPTS_JSON FOLDER` writes `golden.json` and `logits.bin`
(float32, little-endian) into the folder. The prompts come from `models/evaluate/write-prompts.ts`, or are those of an
earlier `golden.json` by the same vocabulary.
"""

import argparse
import json
import pathlib
import sys

import numpy as np
import tokenizers
import torch

from reference import Reference

EXITS = (6, 12, 18, 24, 30)
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gguf")
    parser.add_argument("tokenizer")
    parser.add_argument("prompts", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=100, help="prompts to answer")
    parser.add_argument("--exits", type=lambda text: tuple(map(int, text.split(","))), default=EXITS)
    parser.add_argument("--without-logits", action="store_true", help="write golden.json alone")
    options = parser.parse_args()
    torch.set_num_threads(1)
    reference = Reference(options.gguf)
    tokenizer = tokenizers.Tokenizer.from_file(options.tokenizer)
    vocabulary = reference.weights["token_embd.weight"].shape[0]
    ids = [round(index * (vocabulary - 1) / (SPREAD - 1)) for index in range(SPREAD)]
    sources = json.loads(options.prompts.read_text())
    if isinstance(sources, dict):
        chosen = [(prompt, prompt["tokens"]) for prompt in sources["prompts"]][: options.count]
    else:
        chosen = [
            (source, tokens[-LENGTH:])
            for source in sources
            if len(tokens := tokenizer.encode(source["text"], add_special_tokens=False).ids) >= LENGTH
        ][: options.count]
    rows: list[np.ndarray] = []
    prompts = []
    for start in range(0, len(chosen), BATCH):
        batch = torch.tensor([tokens for _, tokens in chosen[start : start + BATCH]])
        hidden = reference.hidden(batch)
        greedy = reference.greedy(batch, CONTINUATION)
        exits = [reference.hidden(batch[:EXIT_PROMPTS], exit)[:, -1] for exit in options.exits] if start == 0 else []
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
    options.folder.mkdir(parents=True, exist_ok=True)
    if not options.without_logits:
        np.concatenate(rows).astype("<f4").tofile(options.folder / "logits.bin")
    description = {
        "ids": ids, "positions": POSITIONS, "exits": options.exits, "exitPrompts": EXIT_PROMPTS, "fullRows": FULL_ROWS,
        "prompts": prompts,
    }
    (options.folder / "golden.json").write_text(json.dumps(description, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
