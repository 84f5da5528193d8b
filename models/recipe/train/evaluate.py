"""The stage `python -m models.recipe.train.evaluate WEIGHTS.gguf`: perplexity and agreement at every exit, on held-out rows."""

import argparse
import json
import math
import sys
from pathlib import Path

import numpy as np
import torch

from models.recipe.train.architecture import EXITS
from models.recipe.train.decoder import Decoder
from models.recipe.train.open_trained import OpeningError, open_trained
from models.recipe.train.targets import IGNORED, middles, targets_of
from models.recipe.train.token_rows import ROWS, Rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--rows", type=Path, default=ROWS)
    parser.add_argument("--split", default="validation")
    parser.add_argument("--measured-rows", type=int, default=256)
    parser.add_argument("--exits", type=lambda text: tuple(map(int, text.split(","))), default=EXITS)
    parser.add_argument("--seed", type=int, default=1, help="for infilling tokens of weights that have none")
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        opened = open_trained(options.weights, options.rows, (options.split,), options.seed)
    except OpeningError as error:
        print(error, file=sys.stderr)
        return 1
    figures = measure(
        opened.decoder.to(device), opened.rows[options.split], options.exits, opened.markup, options.measured_rows, device
    )
    print(json.dumps(figures, indent=2))
    return 0


@torch.no_grad()
def measure(
    decoder: Decoder, rows: Rows, exits: tuple[int, ...], markup: tuple[int, ...], most_rows: int, device: torch.device
) -> dict[str, float]:
    """
    Figures over all targets of the first rows: `exit_N.perplexity`, `exit_N.right` (its likeliest token is the true
    one), `exit_N.agreement` (it is full depth's), and `middle.*`, the same at full depth over infilled text alone.
    """
    decoder.eval()
    losses = dict.fromkeys(exits, 0.0)
    right = dict.fromkeys(exits, 0)
    agree = dict.fromkeys(exits, 0)
    counted = middle_count = middle_right = 0
    middle_loss = 0.0
    last = exits[-1]
    for number in range(min(most_rows, len(rows))):
        tokens, parts = (torch.from_numpy(one).to(device) for one in rows.batch(np.array([number])))
        targets = targets_of(tokens, parts, markup)
        wanted = targets != IGNORED
        truth = targets[wanted]
        in_middle = middles(tokens, parts, markup[-1])[wanted]
        hidden = decoder(tokens, parts, exits)
        choices = {}
        for layer in exits:
            logits = decoder.logits(hidden[layer][wanted], layer).float()
            each = torch.nn.functional.cross_entropy(logits, truth, reduction="none")
            choices[layer] = logits.argmax(dim=-1)
            losses[layer] += each.sum().item()
            right[layer] += int((choices[layer] == truth).sum())
            if layer == last:
                middle_loss += each[in_middle].sum().item()
                middle_right += int((choices[layer] == truth)[in_middle].sum())
        for layer in exits:
            agree[layer] += int((choices[layer] == choices[last]).sum())
        counted += len(truth)
        middle_count += int(in_middle.sum())
    decoder.train()
    figures: dict[str, float] = {"targets": counted, "middle.targets": middle_count}
    for layer in exits:
        figures[f"exit_{layer}.perplexity"] = round(math.exp(losses[layer] / counted), 4)
        figures[f"exit_{layer}.right"] = round(right[layer] / counted, 4)
        figures[f"exit_{layer}.agreement"] = round(agree[layer] / counted, 4)
    if 0 < middle_count:
        figures["middle.perplexity"] = round(math.exp(middle_loss / middle_count), 4)
        figures["middle.right"] = round(middle_right / middle_count, 4)
    return figures


if __name__ == "__main__":
    sys.exit(main())
