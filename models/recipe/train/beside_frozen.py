"""What is trained beside a network that stays as it is: drafters, and layers that early exits read through."""

import argparse
import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

from models.recipe.train.attention import Sight, check_parts
from models.recipe.train.decoder import autocast, run_layer
from models.recipe.train.drafter import STEPS, Drafter, start_drafter, stored_drafter
from models.recipe.train.drafter_figures import DrafterFigures
from models.recipe.train.drafter_loss import chances_of, drafter_loss, loss_of_step, teach, weights_of_steps
from models.recipe.train.four_bits import code_weights
from models.recipe.train.half_depth import distance, exit_layers, half_depth_loss, stored_layer
from models.recipe.train.open_trained import Opened
from models.recipe.train.targets import IGNORED, middles, targets_of, weights_of
from models.recipe.train.token_rows import Rows

# Rows that are counted together, and positions whose logits over the whole vocabulary exist together, in measuring.
ROWS_COUNTED = 256
SAID_TOGETHER = 2048
STORED = "float16; matrices before rounding to Q4_1, which is what was trained and measured"


@dataclasses.dataclass(frozen=True)
class Seen:
    """What the frozen layers leave of some rows: states [B, S, hidden] by depth, embeddings and the rest flat [N, …]."""

    hidden: dict[int, Tensor]
    embedded: Tensor
    tokens: Tensor
    targets: Tensor
    weights: Tensor
    in_middle: Tensor
    about: tuple[Sight, tuple[Tensor, Tensor]]


class Trainer:
    """The frozen network, what is trained beside it, and the functions that are compiled."""

    def __init__(self, opened: Opened, device: torch.device, options: argparse.Namespace) -> None:
        self.options, self.device, self.markup = options, device, opened.markup
        self.decoder = opened.decoder.requires_grad_(False)
        self.depth = self.decoder.shape.layers
        counts = target_counts(opened.rows["train"], self.markup, self.decoder.shape.vocabulary)
        self.tokens = counts.argsort(descending=True, stable=True)[: options.kept_tokens - 1]
        held_out = target_counts(opened.rows["validation"], self.markup, self.decoder.shape.vocabulary)
        share = lambda of: round(float(of[self.tokens].sum() / of.sum()), 5)
        # How many of the targets a drafter can name at all.
        self.coverage = {"train": share(counts), "validation": share(held_out)}
        table, shape = self.decoder.token_embd.weight, self.decoder.shape
        self.drafters: dict[int, Drafter] = {}
        for blocks in options.blocks:
            drafter = Drafter(shape.hidden, blocks, self.tokens, shape.norm_epsilon)
            start_drafter(drafter, table, self.decoder.output_norm.weight, options.seed)
            self.drafters[blocks] = drafter.to(device)
        self.exits = exit_layers(self.decoder, tuple(options.exit_blocks)).requires_grad_(True).to(device)
        for trained in (*self.drafters.values(), self.exits):
            code_weights(trained)
        self.decoder.to(device)
        self.tokens = self.tokens.to(device)
        self.rows = self.decoder.token_embd.weight[self.tokens]
        compiled = lambda function: torch.compile(function, dynamic=False) if options.compile else function
        self.run, self.chances = compiled(run_layer), compiled(chances_of)
        self.step_loss, self.distance = compiled(loss_of_step), compiled(distance)
        self.generator = torch.Generator(device).manual_seed(options.seed)

    @torch.no_grad()
    def look(self, rows: Rows, numbers: np.ndarray) -> Seen:
        """Runs the frozen layers over some rows."""
        tokens, parts = (torch.from_numpy(array) for array in rows.batch(numbers))
        check_parts(parts)
        tokens, parts = (one.to(self.device, non_blocking=True) for one in (tokens, parts))
        targets = targets_of(tokens, parts, self.markup)
        weights = weights_of(tokens, parts, targets, self.markup[-1], self.options.middle_weight)
        with autocast(self.device):
            hidden = self.decoder(tokens, parts, (*self.options.exit_blocks, self.depth), run=self.run)
            about = self.decoder.places_of(parts)
        embedded = self.decoder.token_embd(tokens).flatten(0, 1).to(hidden[self.depth].dtype)
        in_middle = middles(tokens, parts, self.markup[-1])
        return Seen(hidden, embedded, *(one.flatten() for one in (tokens, targets, weights, in_middle)), about)

    def losses(self, seen: Seen) -> dict[str, Tensor]:
        """The mean loss of everything that is trained."""
        found: dict[str, Tensor] = {}
        with autocast(self.device):
            if self.drafters:
                states = seen.hidden[self.depth].flatten(0, 1)
                normal = self.decoder.normed(states, self.depth)
                chances, _ = teach(normal, self.decoder.token_embd.weight, self.tokens, self.chances)
                counted = weights_of_steps(seen.targets, seen.weights)
                given = (states, seen.embedded, self.rows, chances, counted, self.step_loss)
                found |= {f"drafter_{blocks}": drafter_loss(one, *given) for blocks, one in self.drafters.items()}
            for depth, layer in self.exits.items():
                states = (seen.hidden[int(depth)], seen.hidden[self.depth])
                found[f"exit_{depth}"] = half_depth_loss(
                    self.decoder, layer, *states, seen.about, seen.weights, self.generator, self.run, self.distance
                )
        return found

    @torch.no_grad()
    def measure(self, rows: Rows, most: int) -> dict[str, object]:
        """Agreement with full depth on the first rows, in float32 but for the frozen layers on a card."""
        figures = {blocks: DrafterFigures(self.device) for blocks in self.drafters}
        head, norm = self.decoder.token_embd.weight, self.decoder.output_norm
        says = lambda states: torch.cat([F.linear(norm(part.float()), head).argmax(-1) for part in states.split(SAID_TOGETHER)])
        agreed = dict.fromkeys([f"{kind} {depth}" for depth in self.exits for kind in ("exit", "layer")], 0)
        wanted = 0
        for start in range(0, min(most, len(rows)), self.options.batch):
            numbers = np.arange(start, min(start + self.options.batch, most, len(rows)))
            seen = self.look(rows, numbers)
            states = seen.hidden[self.depth].flatten(0, 1)
            choices = says(states)
            counted = weights_of_steps(seen.targets, seen.weights)
            for blocks, drafter in self.drafters.items():
                given = (states.float(), seen.embedded.float(), self.rows, choices, seen.tokens, counted, seen.in_middle)
                figures[blocks].add(drafter, *given)
            asked = seen.targets != IGNORED
            wanted += int(asked.sum())
            for depth, layer in self.exits.items():
                with autocast(self.device):
                    deeper = run_layer(layer, seen.hidden[int(depth)], *seen.about, None)
                for kind, one in (("exit", seen.hidden[int(depth)]), ("layer", deeper)):
                    agreed[f"{kind} {depth}"] += int((says(one.flatten(0, 1)) == choices)[asked].sum())
        found: dict[str, object] = {f"drafter_{blocks}": one.figures() for blocks, one in figures.items()}
        return found | {name: round(count / max(1, wanted), 4) for name, count in agreed.items()}

    def save(self, folder: Path, figures: dict[str, object]) -> None:
        """Writes what is trained; a half-written file never gets the name."""
        shape, options = self.decoder.shape, self.options
        settings = {name: getattr(options, name) for name in ("batch", "rate", "decay", "middle_weight", "seed", "minutes")}
        about = {"hidden": shape.hidden, "norm_epsilon": shape.norm_epsilon, "settings": settings, "coverage": self.coverage}
        for blocks, drafter in self.drafters.items():
            replace(folder / f"drafter-{blocks}.safetensors", lambda path, one=drafter: save_file(stored_drafter(one), path))
            own = {"blocks": blocks, "tokens": len(self.tokens), "steps": STEPS, "stored": STORED, **about}
            own["held_out"] = {name: one.get(f"drafter_{blocks}") for name, one in figures.items()}
            replace(folder / f"drafter-{blocks}.json", lambda path, text=own: path.write_text(json.dumps(text, indent=1) + "\n"))
        for depth, layer in self.exits.items():
            replace(folder / f"exit-{depth}.safetensors", lambda path, one=layer: save_file(stored_layer(one), path))

    def parameters(self) -> Iterator[tuple[float, nn.Module]]:
        """What is trained, with its highest rate."""
        yield from ((self.options.rate, one) for one in self.drafters.values())
        yield from ((self.options.exit_rate, one) for one in self.exits.values())


def target_counts(rows: Rows, markup: tuple[int, ...], vocabulary: int) -> Tensor:
    """How often each token is a target, int64 [vocabulary]."""
    counts = torch.zeros(vocabulary, dtype=torch.int64)
    for numbers in np.array_split(np.arange(len(rows)), -(-len(rows) // ROWS_COUNTED)):
        targets = targets_of(*(torch.from_numpy(array) for array in rows.batch(numbers)), markup)
        counts += torch.bincount(targets[targets != IGNORED], minlength=vocabulary)
    return counts


def replace(path: Path, write: Callable[[Path], object]) -> None:
    """Writes a file under another name first."""
    temporary = path.with_name(f".{path.name}.tmp")
    write(temporary)
    temporary.replace(path)
