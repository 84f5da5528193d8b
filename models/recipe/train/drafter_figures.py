"""How often a drafter says what full depth says, on held-out rows, and whether it knows how sure it may be."""

import torch
import torch.nn.functional as F
from torch import Tensor

from models.recipe.train.drafter import STEPS, Drafter

TENTHS = 10
KINDS = ("all", "middle")
# What is counted of a step: positions, right guesses, "other" as the guess, right where "other" may not be the guess,
# full depth's choice among the drafter's tokens; of positions whose tokens are those that full depth would have written:
# how many, and where all guesses so far were right.
COUNTED = ("positions", "right", "other", "right_without_other", "covered", "written", "all_right")


class DrafterFigures:
    """Adds up over batches. `counts` [STEPS, kinds, COUNTED]; `tenths` [kinds, 10, 2]: guesses of such chance, right ones."""

    def __init__(self, device: torch.device) -> None:
        self.counts = torch.zeros(STEPS, len(KINDS), len(COUNTED), device=device, dtype=torch.int64)
        self.tenths = torch.zeros(len(KINDS), TENTHS, 2, device=device, dtype=torch.int64)

    @torch.no_grad()
    def add(
        self,
        drafter: Drafter,
        states: Tensor,
        embedded: Tensor,
        rows: Tensor,
        choices: Tensor,
        tokens: Tensor,
        weights: Tensor,
        in_middle: Tensor,
    ) -> None:
        """
        Flat positions as `drafter_loss` has them, float32; `choices` [N] is what full depth says at each position,
        `tokens` [N] what stands there, `in_middle` [N] true where the next token belongs to an infilled middle.
        """
        count = weights.shape[1]
        state, own = states[:count], drafter.tokens.long()
        written = torch.ones(count, dtype=torch.bool, device=states.device)
        all_right = written.clone()
        for step in range(1, STEPS + 1):
            there = slice(step, step + count)
            state = drafter(state, embedded[there])
            chances = F.softmax(drafter.logits(state, rows).float(), -1)
            chance, guess = chances.max(-1)
            other = guess == len(own)
            full = choices[there]
            right = ~other & (own[guess.clamp(max=len(own) - 1)] == full)
            forced = own[chances[:, :-1].argmax(-1)] == full
            covered = torch.isin(full, own)
            # The token that this step reads is what full depth said of it.
            written &= choices[step - 1 : step - 1 + count] == tokens[there]
            all_right &= right
            for number, kind in enumerate((torch.ones_like(other), in_middle[there])):
                asked = kind & (weights[step - 1] > 0)
                flags = (torch.ones_like(other), right, other, forced, covered, written, written & all_right)
                self.counts[step - 1, number] += torch.stack([(asked & flag).sum() for flag in flags])
                tenth = (chance * TENTHS).long().clamp(max=TENTHS - 1)
                for column, flag in enumerate((~other, right)):
                    self.tenths[number, :, column] += torch.bincount(tenth[asked & flag], minlength=TENTHS)

    def figures(self) -> dict[str, object]:
        """By kind: figures of steps, as shares, and `chances`, a table of [tenth, guesses, share of right ones]."""
        counts, tenths = self.counts.tolist(), self.tenths.tolist()
        share = lambda part, whole: round(part / whole, 4) if whole else None
        found: dict[str, object] = {}
        for number, kind in enumerate(KINDS):
            steps: list[dict[str, object]] = []
            for step in range(STEPS):
                of = dict(zip(COUNTED, counts[step][number], strict=True))
                shares = {name: share(of[name], of["positions"]) for name in COUNTED[1:6]}
                steps.append({"positions": of["positions"], **shares, "all_right": share(of["all_right"], of["written"])})
            table = [[tenth / TENTHS, said, share(right, said)] for tenth, (said, right) in enumerate(tenths[number])]
            found[kind] = {"steps": steps, "chances": table}
        return found
