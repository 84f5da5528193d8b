"""What the fast path on a GPU rests on, each part against its plain form."""

import gguf
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from models.recipe.train.architecture import TINY
from models.recipe.train.attention import PARTS_A_ROW, bounds_of, check_parts
from models.recipe.train.decoder import Decoder
from models.recipe.train.exit_loss import ExitTraining, training_loss
from models.recipe.train.four_bits import code_weights, four_bits
from models.recipe.train.targets import targets_of, weights_of
from models.recipe.train.token_rows import Rows, RowsError, joined

MIDDLE = 9


def test_bounds_are_where_parts_begin_and_then_the_end() -> None:
    parts = torch.tensor([[1, 1, 2, 2, 0, 0], [1, 1, 1, 1, 1, 1]])
    bounds = bounds_of(parts.repeat(1, PARTS_A_ROW))
    starts = bounds.starts.tolist()
    assert len(starts) == 2 * PARTS_A_ROW + 1
    assert starts[:4] == [0, 2, 4, 6]
    assert starts[-1] == 2 * 6 * PARTS_A_ROW
    assert starts == sorted(starts)


def test_rows_of_too_many_parts_are_refused() -> None:
    check_parts(torch.arange(PARTS_A_ROW).view(1, -1))
    with pytest.raises(ValueError, match=f"1 rows hold {PARTS_A_ROW + 1} parts"):
        check_parts(torch.arange(PARTS_A_ROW + 1).view(1, -1))


def test_four_bits_are_those_of_the_file_format() -> None:
    weight = torch.randn(48, 96, generator=torch.Generator().manual_seed(1))
    weight[3, :32] = 0.5
    kind = gguf.GGMLQuantizationType.Q4_1
    published = gguf.quants.dequantize(gguf.quants.quantize(weight.numpy(), kind), kind)
    assert np.array_equal(four_bits(weight).numpy(), published)
    assert torch.equal(four_bits(four_bits(weight)), four_bits(weight))


def test_coded_weights_compute_in_four_bits_and_learn_in_full() -> None:
    torch.manual_seed(0)
    decoder, plain = Decoder(TINY), Decoder(TINY)
    plain.load_state_dict(
        {
            name: four_bits(values) if name.startswith("blk.") and values.dim() == 2 else values
            for name, values in decoder.state_dict().items()
        }
    )
    code_weights(decoder)
    tokens, parts = torch.arange(8, 20).view(1, -1), torch.ones(1, 12, dtype=torch.long)
    states = [one(tokens, parts, (4,))[4] for one in (decoder, plain)]
    torch.testing.assert_close(*states)
    for one in states:
        one.square().sum().backward()
    torch.testing.assert_close(decoder.blk[0].ffn_up.weight.grad, plain.blk[0].ffn_up.weight.grad)


def test_losses_and_gradients_in_pieces_are_those_of_all_logits_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.recipe.train.head_loss.TOGETHER", 7)
    torch.manual_seed(0)
    decoder = Decoder(TINY)
    tokens = torch.randint(8, TINY.vocabulary, (2, 24))
    parts = torch.ones(2, 24, dtype=torch.long)
    parts[:, 12:] = 2
    targets = targets_of(tokens, parts, (5,))
    weights = weights_of(tokens, parts, targets, MIDDLE, 3.0)
    losses = training_loss(decoder, (tokens, parts, targets, weights), ExitTraining((2, 4), 0.7, 0.4), 0, None)
    losses["total"].backward()
    found = {name: values.grad.clone() for name, values in decoder.named_parameters()}
    decoder.zero_grad()
    hidden = decoder(tokens, parts, (2, 4))
    final, early = (decoder.logits(hidden[layer], layer).flatten(0, 1) for layer in (4, 2))
    mean = lambda logits, wanted: (
        (F.cross_entropy(logits, wanted, reduction="none") * weights.flatten()).sum() / weights.sum()
    )
    truth = targets.flatten().clamp(min=0)
    learnt = 0.6 * mean(early, truth) + 0.4 * mean(early, final.detach().softmax(-1))
    total = (mean(final, truth) + 0.7 * learnt) / 1.7
    total.backward()
    torch.testing.assert_close(losses["total"], total)
    for name, values in decoder.named_parameters():
        torch.testing.assert_close(found[name], values.grad)


def test_middles_count_more_and_padding_nothing() -> None:
    tokens = torch.tensor([[10, 11, MIDDLE, 12, 13, 14, 0]])
    parts = torch.tensor([[1, 1, 1, 1, 2, 2, 0]])
    targets = targets_of(tokens, parts, (MIDDLE,))
    assert weights_of(tokens, parts, targets, MIDDLE, 4.0).tolist() == [[1, 0, 4, 0, 1, 0, 0]]


def test_rows_of_several_folders_follow_one_another() -> None:
    made = lambda first, count: Rows(
        (np.full((count, 4), first, np.uint16),), (np.ones((count, 4), np.uint8),), (0, count), 4, {"vocabulary": "a"}
    )
    rows = joined([made(1, 3), made(2, 2)])
    assert len(rows) == 5
    assert rows.batch(np.array([0, 2, 3, 4]))[0][:, 0].tolist() == [1, 1, 2, 2]
    other = Rows((), (), (0,), 8, {})
    with pytest.raises(RowsError, match=r"\[4, 8\]"):
        joined([made(1, 3), other])
