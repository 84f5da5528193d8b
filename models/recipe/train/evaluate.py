"""Measures a decoder on held-out rows: perplexity at every exit, and how often an exit agrees with full depth."""

import math

import numpy as np
import torch

from models.recipe.train.decoder import Decoder
from models.recipe.train.exit_loss import IGNORED, targets_of
from models.recipe.train.token_rows import Rows


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


def middles(tokens: torch.Tensor, parts: torch.Tensor, middle: int) -> torch.Tensor:
    """True where the next token belongs to an infilled middle, [B, S]: from the markup on to the part's end."""
    index = torch.arange(tokens.shape[1], device=tokens.device).expand_as(tokens)
    marked = torch.where(tokens == middle, index, -1).cummax(dim=1).values
    begins = torch.ones_like(parts, dtype=torch.bool)
    begins[:, 1:] = parts[:, 1:] != parts[:, :-1]
    start = torch.where(begins, index, 0).cummax(dim=1).values
    return marked >= start
