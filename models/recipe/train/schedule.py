"""The learning rate over a run: a short rise, a plateau, and a fall to nothing inside the budget."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Schedule:
    """Shares of the run, not steps: the same shape whatever the length (warm-up, stable, decay)."""

    peak: float
    warm_up: float = 0.02
    decay: float = 0.3

    def rate(self, progress: float) -> float:
        """The learning rate when `progress` (0 to 1) of the budget is spent."""
        if progress < self.warm_up:
            return self.peak * progress / self.warm_up
        if progress < 1 - self.decay:
            return self.peak
        return self.peak * max(0.0, 1 - progress) / self.decay


def progress_of(tokens: int, most_tokens: int, seconds: float, most_seconds: float | None) -> float:
    """How much of the budget is spent: of tokens or of time, whichever is nearer its end."""
    spent = tokens / most_tokens
    return spent if most_seconds is None else max(spent, seconds / most_seconds)
