"""Labels of the stop-and-exit controller, and that its heads learn what a hidden state gives away."""

import torch

from models.recipe.train.exit_controller import Observations, fit, judge
from models.recipe.train.exit_labels import CONTINUE, EXIT, STOP, exit_labels


def test_labels_ask_whether_this_exit_is_right() -> None:
    # Columns: right from the first exit on; right once and wrong again; right at the end alone; never right.
    choices = torch.tensor([[1, 1, 2, 3], [1, 2, 2, 4], [1, 1, 1, 4]])
    truth = torch.tensor([1, 1, 1, 1])
    assert exit_labels(choices, truth, "right").tolist() == [
        [EXIT, EXIT, CONTINUE, STOP],
        [EXIT, CONTINUE, CONTINUE, STOP],
        [EXIT, EXIT, EXIT, STOP],
    ]


def test_labels_of_agreement_follow_full_depth_even_where_an_early_exit_was_right() -> None:
    choices = torch.tensor([[1, 2], [2, 2]])
    truth = torch.tensor([1, 2])
    assert exit_labels(choices, truth, "agreement").tolist() == [[CONTINUE, EXIT], [EXIT, EXIT]]
    assert exit_labels(choices, truth, "right").tolist() == [[EXIT, EXIT], [CONTINUE, EXIT]]


def test_heads_find_what_the_states_say() -> None:
    generator = torch.Generator().manual_seed(0)
    states = torch.randn(2, 600, 8, generator=generator)
    truth = torch.zeros(600, dtype=torch.long)
    # The first exit is right where its first value is positive; the last one also where its second value is.
    first = (states[0, :, 0] <= 0).long()
    states[1] = states[0]
    last = ((states[0, :, 0] <= 0) & (states[0, :, 1] <= 0)).long()
    seen = Observations(states, torch.stack((first, last)), truth)
    judged = judge(fit(seen, "right"), seen, "right", (3, 6))
    at = judged["exit_at"]["0.5"]
    assert at["agreement_when_early"] > 0.95 and 0.4 < at["early"] < 0.6
    stop = judged["stop_at"]["0.5"]
    assert stop["full_depth_wrong_when_stopped"] > 0.8 and stop["wrong_tokens_caught"] > 0.8
