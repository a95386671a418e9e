"""The losses by hand, the batches, and the module against the encoder that it comes from."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from nlu.encoders import E5Encoder
from nlu.finetune_batches import by_length, hold_out, paired_batches
from nlu.finetune_layers import Layer, Packed, dropped
from nlu.finetune_model import LowerLayers, UpperLayers, contrastive
from nlu.finetuned import FinetunedEncoder, Tuned
from nlu.tokenizer import Tokenizer
from nlu.weights import bundled_path, read_weights


def test_the_contrastive_loss_by_hand() -> None:
    features = torch.tensor([[2.0, 0.0], [1.0, 0.0], [0.0, 3.0]])
    # cosines 1 and 0 for both anchors of class 0; class 1 is alone and no anchor
    expected = -math.log(math.exp(2.0) / (math.exp(2.0) + 1.0))
    assert contrastive(features, torch.tensor([0, 0, 1]), temperature=0.5).item() == pytest.approx(expected, abs=1e-6)
    assert contrastive(features, torch.tensor([0, 1, 2]), temperature=0.5).item() == 0.0


def test_batches_hold_every_sentence_once_and_pairs_together() -> None:
    y = np.repeat(np.arange(5), 7)
    lengths = [(i * 13) % 40 + 3 for i in range(len(y))]
    batches = paired_batches(y, lengths, 8, seed=(0, 1))
    assert sorted(i for batch in batches for i in batch) == list(range(len(y)))
    assert all(0 < len(batch) <= 8 for batch in batches)
    alone = sum(int((y[batch] == y[i]).sum() == 1) for batch in batches for i in batch)
    assert alone <= 5  # the seventh of a class has no partner
    assert batches == paired_batches(y, lengths, 8, seed=(0, 1)) != paired_batches(y, lengths, 8, seed=(0, 2))


def test_reading_batches_go_by_length() -> None:
    assert by_length([5, 1, 3, 2], 3) == [[1, 3, 2], [0]]


def test_what_is_held_out_is_stratified() -> None:
    y = np.array([0] * 16 + [1] * 5 + [2] * 3)
    train, dev = hold_out(y, 8, seed=0)
    assert np.bincount(y[dev], minlength=3).tolist() == [2, 1, 0]
    assert sorted([*train, *dev]) == list(range(len(y)))


def test_the_untrained_module_is_the_encoder(tmp_path: Path) -> None:
    weights = read_weights(bundled_path())
    tokenizer = Tokenizer(weights.pieces, weights.scores)
    texts = ["怎么退货", "where is my parcel, it should be here by now", "hi"]
    states = LowerLayers(weights, 9).states([tokenizer.encode(f"query: {text}") for text in texts])
    model = UpperLayers(weights, 3, 2).eval()
    with torch.no_grad():
        pooled = model.pool(Packed.of(states)).numpy()
    pooled /= np.linalg.norm(pooled, axis=1, keepdims=True)
    assert (pooled * E5Encoder(tmp_path).encode(texts)).sum(axis=1).min() > 0.999
    assert min(int(name[1:].split(".")[0]) for name in model.arrays()) == 9


def test_the_head_without_standardisation_is_the_same() -> None:
    model = UpperLayers(read_weights(bundled_path()), 1, 4)
    model.mean += 2.0
    model.scale *= 3.0
    x = torch.randn(5, 384)
    weight, bias = model.linear()
    with torch.no_grad():
        expected = model.head((x - model.mean) / model.scale).numpy()
    np.testing.assert_allclose(x.numpy() @ weight + bias, expected, atol=1e-4)


def test_the_export_gives_the_vectors_of_changed_layers(tmp_path: Path) -> None:
    weights = read_weights(bundled_path())
    tokenizer = Tokenizer(weights.pieces, weights.scores)
    model = UpperLayers(weights, 3, 2).eval()
    random = torch.Generator().manual_seed(0)
    with torch.no_grad():  # ten times what training changes, less than a step of 4 bits
        for parameter in model.layers.parameters():
            parameter += 0.016 * torch.randn(parameter.shape, generator=random)
    Tuned(model.arrays(), model.linear(), ("a", "b"), weights.digest).save(tmp_path)
    texts = ["怎么退货", "where is my parcel, it should be here by now", "hi", "发票怎么开"]
    states = LowerLayers(weights, 9).states([tokenizer.encode(f"query: {text}") for text in texts])
    with torch.no_grad():
        expected = model.pool(Packed.of(states)).numpy()
    found = FinetunedEncoder(tmp_path, tmp_path / "cache").tuned_vectors(texts)
    cosine = (found * expected).sum(axis=1) / np.linalg.norm(found, axis=1) / np.linalg.norm(expected, axis=1)
    assert cosine.min() > 0.999
    untouched = E5Encoder(tmp_path / "cache").encode(texts)
    assert ((found * untouched).sum(axis=1) / np.linalg.norm(found, axis=1)).max() < 0.98


def test_a_sentence_packed_with_others_is_the_sentence_alone() -> None:
    torch.manual_seed(0)
    layer = Layer(8, 2, 16, dropout=0.5).eval()
    sentences = [torch.randn(length, 8) for length in (3, 1, 5)]
    with torch.no_grad():
        together = layer(Packed.of(sentences)).means()
        alone = torch.cat([layer(Packed.of([sentence])).tokens.mean(dim=0, keepdim=True) for sentence in sentences])
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=0)


def test_dropout_leaves_out_a_share_and_keeps_the_mean() -> None:
    torch.manual_seed(0)
    found = dropped(torch.ones(300, 201), 0.25)
    assert found.unique().tolist() == [0.0, pytest.approx(4 / 3)]
    assert float((found == 0).float().mean()) == pytest.approx(0.25, abs=0.01)
    assert float(found.mean()) == pytest.approx(1.0, abs=0.01)
