"""The stage `python -m models.recipe.train.exit_controller WEIGHTS.gguf FOLDER`: fits when to exit and when to stop."""

import argparse
import dataclasses
import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from models.recipe.train.architecture import EXITS
from models.recipe.train.decoder import Decoder
from models.recipe.train.exit_labels import EXIT, OUTCOMES, STOP, VARIANTS, exit_labels
from models.recipe.train.open_trained import OpeningError, open_trained
from models.recipe.train.targets import IGNORED, middles, targets_of
from models.recipe.train.token_rows import ROWS, Rows, RowsError

THRESHOLDS = (0.5, 0.7, 0.8, 0.9, 0.95)
WEIGHT_DECAY = 1e-3
STEPS = 60


@dataclasses.dataclass(frozen=True)
class Observations:
    """Positions of teacher-forced code: states [exits, N, hidden] scaled to unit size, choices [exits, N], truth [N]."""

    states: Tensor
    choices: Tensor
    truth: Tensor


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path, help="the trained model as GGUF")
    parser.add_argument("folder", type=Path, help="where the controller goes")
    parser.add_argument("--rows", type=Path, default=ROWS)
    parser.add_argument("--fit", default="calibration", help="the split it is fitted on")
    parser.add_argument("--judge", default="validation", help="the split it is judged on")
    parser.add_argument("--exits", type=lambda text: tuple(map(int, text.split(","))), default=EXITS)
    parser.add_argument("--positions", type=int, default=200_000, help="positions to learn from")
    parser.add_argument("--judged", type=int, default=50_000, help="positions to judge on")
    parser.add_argument("--everywhere", action="store_true", help="take all positions, not infilled text alone")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    if options.threads:
        torch.set_num_threads(options.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        opened = open_trained(options.weights, options.rows, (options.fit, options.judge), options.seed)
    except OpeningError as error:
        print(error, file=sys.stderr)
        return 1
    decoder, markup, rows = opened.decoder.to(device), opened.markup, opened.rows
    observe = lambda split, most: observations(
        decoder, rows[split], options.exits, markup, most, options.everywhere, device
    )
    fitted_on, judged_on = observe(options.fit, options.positions), observe(options.judge, options.judged)
    options.folder.mkdir(parents=True, exist_ok=True)
    report: dict[str, object] = {
        "format": "candor-controller",
        "version": 1,
        "exits": list(options.exits),
        "outcomes": list(OUTCOMES),
        "input": "hidden state / root mean square, then 1",
        "positions": len(fitted_on.truth),
        "judged": len(judged_on.truth),
        "variants": {},
    }
    for variant in VARIANTS:
        heads = fit(fitted_on, variant)
        file = f"controller-{variant}.bin"
        # float32, little-endian, [exits, outcomes, hidden + 1]; the last column is the bias.
        (options.folder / file).write_bytes(heads.numpy().astype("<f4").tobytes())
        judged = judge(heads, judged_on, variant, options.exits)
        report["variants"][variant] = {"file": file, **judged}
        print_table(variant, judged)
    (options.folder / "controller.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0


@torch.no_grad()
def observations(
    decoder: Decoder,
    rows: Rows,
    exits: tuple[int, ...],
    markup: tuple[int, ...],
    most: int,
    everywhere: bool,
    device: torch.device,
) -> Observations:
    """Runs over rows until so many positions are collected. Every depth is computed for every one of them."""
    decoder.eval()
    states, choices, truths, count = [], [], [], 0
    for number in range(len(rows)):
        tokens, parts = (torch.from_numpy(one).to(device) for one in rows.batch(np.array([number])))
        targets = targets_of(tokens, parts, markup)
        wanted = targets != IGNORED
        if not everywhere:
            wanted &= middles(tokens, parts, markup[-1])
        hidden = decoder(tokens, parts, exits)
        picked = [hidden[layer][wanted] for layer in exits]
        states.append(torch.stack([scaled(one) for one in picked]).cpu())
        choices.append(
            torch.stack([decoder.logits(one, layer).argmax(-1) for one, layer in zip(picked, exits, strict=True)]).cpu()
        )
        truths.append(targets[wanted].cpu())
        count += len(truths[-1])
        if most <= count:
            break
    if count == 0:
        raise RowsError("The rows hold no position to learn from; prepare rows with infilling examples.")
    return Observations(torch.cat(states, 1)[:, :most], torch.cat(choices, 1)[:, :most], torch.cat(truths)[:most])


def scaled(hidden: Tensor) -> Tensor:
    """Hidden states divided by their root mean square, since deeper layers are larger."""
    return F.rms_norm(hidden.float(), hidden.shape[-1:])


def fit(seen: Observations, variant: str) -> Tensor:
    """A linear head for each exit, [exits, outcomes, hidden + 1], by regularised logistic regression (L-BFGS)."""
    exits, count, hidden = seen.states.shape
    labels = exit_labels(seen.choices, seen.truth, variant)
    heads = torch.zeros(exits, len(OUTCOMES), hidden + 1, requires_grad=True)
    optimiser = torch.optim.LBFGS([heads], max_iter=STEPS, history_size=10, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        scores = outcomes_of(heads, seen.states)
        loss = F.cross_entropy(scores.flatten(0, 1), labels.flatten())
        loss = loss + WEIGHT_DECAY * heads[..., :-1].square().sum() / exits
        loss.backward()
        return loss

    optimiser.step(closure)
    return heads.detach()


def outcomes_of(heads: Tensor, states: Tensor) -> Tensor:
    """Scores of the three outcomes, [exits, N, outcomes]."""
    return torch.baddbmm(heads[..., -1].unsqueeze(1), states, heads[..., :-1].transpose(1, 2))


def judge(heads: Tensor, seen: Observations, variant: str, exits: tuple[int, ...]) -> dict[str, object]:
    """What the heads would do on code they have not seen, at several thresholds; exits and stops apart."""
    chances = outcomes_of(heads, seen.states).softmax(-1)
    hopeless = (seen.choices != seen.truth).all(dim=0)
    depths = torch.tensor(exits, dtype=torch.float32)
    columns = torch.arange(len(seen.truth))
    judged: dict[str, object] = {
        "full_depth_right": share(seen.choices[-1] == seen.truth),
        "hopeless": share(hopeless),
        "exits": {
            f"exit_{layer}": {
                "agreement": share(seen.choices[number] == seen.choices[-1]),
                "right": share(seen.choices[number] == seen.truth),
            }
            for number, layer in enumerate(exits)
        },
        "exit_at": {},
        "stop_at": {},
    }
    for threshold in THRESHOLDS:
        speaks = (chances[..., EXIT] >= threshold) & (chances.argmax(-1) == EXIT)
        speaks[-1] = True
        first = speaks.float().argmax(dim=0)
        spoken = seen.choices[first, columns]
        early = first < len(exits) - 1
        judged["exit_at"][str(threshold)] = {
            "early": share(early),
            "mean_layers": round(depths[first].mean().item(), 2),
            "agreement": share(spoken == seen.choices[-1]),
            "agreement_when_early": share((spoken == seen.choices[-1])[early]),
            "right": share(spoken == seen.truth),
        }
        stops = ((chances[..., STOP] >= threshold) & (chances.argmax(-1) == STOP)).any(dim=0)
        wrong = seen.choices[-1] != seen.truth
        judged["stop_at"][str(threshold)] = {
            "stopped": share(stops),
            "full_depth_wrong_when_stopped": share(wrong[stops]),
            "wrong_tokens_caught": share(stops[wrong]),
        }
    return judged


def share(flags: Tensor) -> float | None:
    """The share of true values; None of nothing."""
    return round(flags.float().mean().item(), 4) if flags.numel() > 0 else None


def print_table(variant: str, judged: dict[str, object]) -> None:
    print(f"variant {variant}: full depth right {judged['full_depth_right']}, no depth right {judged['hopeless']}")
    for kind in ("exit_at", "stop_at"):
        for threshold, figures in judged[kind].items():
            print(f"  {kind} {threshold}: " + ", ".join(f"{name} {value}" for name, value in figures.items()))


if __name__ == "__main__":
    sys.exit(main())
