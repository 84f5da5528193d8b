"""What a controller should have done at each exit, by teacher forcing: go on, speak here, or stop."""

import torch
from torch import Tensor

# The order of outcomes in every controller; the same words as the exit policies of the language server.
OUTCOMES = ("continue", "exit", "stop")
CONTINUE, EXIT, STOP = range(3)
VARIANTS = ("right", "agreement")


def exit_labels(choices: Tensor, truth: Tensor, variant: str) -> Tensor:
    """
    The outcome to learn, [exits, N], from the likeliest token at each exit [exits, N] and the true token [N].

    Stop where no depth is right. Otherwise exit where *this* exit is right (variant `right`) or says what full depth
    says (variant `agreement`), else continue. The published label (SEC, ICSE 2024) is exit wherever some earlier
    exit was right, although it is this exit's token that would be written; ours is not.
    """
    if variant not in VARIANTS:
        raise ValueError(f"There is no variant {variant}; there are {', '.join(VARIANTS)}.")
    hopeless = (choices != truth).all(dim=0)
    speaks = choices == (truth if variant == "right" else choices[-1])
    labels = torch.where(speaks, EXIT, CONTINUE)
    return torch.where(hopeless, STOP, labels)
