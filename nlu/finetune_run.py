"""One training of the encoder's upper layers: epochs, the average of the weights, the state to resume from."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import log_softmax

from nlu.data import Example
from nlu.errors import NluError
from nlu.finetune_batches import by_length, paired_batches
from nlu.finetune_layers import Packed
from nlu.finetune_model import LowerLayers, UpperLayers, loss
from nlu.sentiment_training import excerpt
from nlu.tokenizer import Tokenizer, clean
from nlu.weights import bundled_path, read_weights

_MAX_TOKENS = 128
_READ_BATCH = 64
# oneDNN keeps what it made for each shape of a product, a megabyte or so, and nearly every batch has a shape of its own: a
# layer's are enough to keep. It looks at this once, before its first product.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")
Progress = Callable[[int, int], None]  # steps done, of how many


@dataclass(frozen=True)
class Recipe:
    """How to train. `layers` are the upper ones that learn; `rate` is the top layer's, each below learns at `decay` of it;
    `patience` epochs without a better dev score end the training."""

    layers: int = 6
    epochs: int = 10
    batch: int = 32
    rate: float = 2e-4
    decay: float = 0.9
    weight_decay: float = 0.01
    smoothing: float = 0.1
    contrast: float = 0.2
    temperature: float = 0.1
    warm_up: float = 0.1
    dropout: float = 0.1
    patience: int = 3

    @classmethod
    def of_few(cls) -> Recipe:
        """For about ten sentences a class: more epochs, more contrast."""
        return cls(epochs=15, contrast=0.5)


class Run:
    """One training: the states of the lower layers, the model and its optimiser."""

    def __init__(
        self,
        classes: tuple[str, ...],
        train: Sequence[Example],
        y: NDArray[np.int64],
        dev: Sequence[Example],
        dev_y: NDArray[np.int64],
        recipe: Recipe,
        device: str,
        seed: int,
    ) -> None:
        self.weights = read_weights(bundled_path())
        if not 1 <= recipe.layers <= self.weights.layers:
            raise NluError(f"The layers to train are 1 to {self.weights.layers}, not {recipe.layers!r}")
        if recipe.epochs < 1:
            raise NluError(f"Training takes 1 epoch or more, not {recipe.epochs!r}")
        self.classes = classes
        self.train_texts, self.train_y = [e.text for e in train], y
        self.dev_texts, self.dev_y = [e.text for e in dev], dev_y
        self.recipe, self.device, self.seed = recipe, device, seed
        tokenizer = Tokenizer(self.weights.pieces, self.weights.scores)
        lower = LowerLayers(self.weights, self.weights.layers - recipe.layers, device=device)
        with _half(device):
            self.states = _states(lower, tokenizer, self.train_texts)
            self.dev_states = _states(lower, tokenizer, self.dev_texts)
        with _seeded(seed):
            self.model = UpperLayers(self.weights, recipe.layers, len(classes), dropout=recipe.dropout).to(device)
        self._start_head()
        self.batches = len(self._epoch_batches(0))
        self.steps = self.batches * recipe.epochs

    def train(self, path: Path, *, resume: bool, progress: Progress) -> dict[str, Any]:
        """The state after the last epoch; it is written to `path` after each."""
        optimiser = torch.optim.AdamW(self._groups(), lr=self.recipe.rate, fused=True)
        average = {name: tensor.detach().clone() for name, tensor in self.model.state_dict().items()}
        state: dict[str, Any] = {
            "key": self._key(),
            "epoch": 0,
            "accuracy": [],
            "likelihood": [],
            "best_epoch": 0,
            "best": {name: tensor.clone() for name, tensor in average.items()},
        }
        if not resume:
            state["best_score"] = self._judge(state)
        else:
            state = self._resumed(path)
            self.model.load_state_dict(state["model"])
            optimiser.load_state_dict(state["optimiser"])
            average = {name: tensor.clone() for name, tensor in state["average"].items()}
        while state["epoch"] < self.recipe.epochs and not self._stalled(state):
            epoch = state["epoch"]
            with _seeded(self.seed * 1000 + epoch + 1):
                self._epoch(epoch, optimiser, average, progress)
            current = {name: tensor.detach().clone() for name, tensor in self.model.state_dict().items()}
            self.model.load_state_dict(average)
            score = self._judge(state)
            kept = {name: tensor.clone() for name, tensor in average.items()}
            self.model.load_state_dict(current)
            state["epoch"] = epoch + 1
            if not self.dev_texts or score > state["best_score"]:
                state |= {"best_epoch": epoch + 1, "best_score": score, "best": kept}
            state |= {"model": current, "average": kept, "optimiser": optimiser.state_dict()}
            _write(state, path)
        return state

    def log_probabilities(self, states: Sequence[Tensor]) -> NDArray[np.float32]:
        """What the model says (n, classes) on texts by their lower states."""
        found = np.zeros((len(states), self.model.head.out_features), np.float32)
        self.model.eval()
        with torch.no_grad(), _half(self.device):
            for rows in by_length([len(s) for s in states], _READ_BATCH):
                logits, _ = self.model(Packed.of([states[i] for i in rows], self.device))
                found[rows] = log_softmax(logits.float(), dim=1).cpu().numpy()
        return found

    def _start_head(self) -> None:
        """The head as a logistic regression on what the untouched layers give."""
        from sklearn.linear_model import LogisticRegression

        pooled = torch.zeros(len(self.states), self.weights.hidden)
        self.model.eval()
        with torch.no_grad(), _half(self.device):
            for rows in by_length([len(s) for s in self.states], _READ_BATCH):
                pooled[rows] = self.model.pool(Packed.of([self.states[i] for i in rows], self.device)).float().cpu()
        mean, scale = pooled.mean(dim=0), pooled.std(dim=0)
        scale = scale.clamp(min=0.1 * float(scale.mean()) + 1e-6)
        fitted = LogisticRegression(C=0.03, tol=1e-4, max_iter=300).fit(((pooled - mean) / scale).numpy(), self.train_y)
        weight: NDArray[Any] = np.asarray(fitted.coef_, np.float32)
        bias: NDArray[Any] = np.asarray(fitted.intercept_, np.float32)
        if len(weight) == 1:  # of two classes scikit-learn keeps the second only
            weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
        with torch.no_grad():
            self.model.mean.copy_(mean)
            self.model.scale.copy_(scale)
            self.model.head.weight.copy_(torch.from_numpy(weight))
            self.model.head.bias.copy_(torch.from_numpy(bias))

    def _epoch(
        self, epoch: int, optimiser: torch.optim.Optimizer, average: dict[str, Tensor], progress: Progress
    ) -> None:
        recipe, y = self.recipe, torch.from_numpy(self.train_y).to(self.device)
        # about half an epoch is averaged over
        longest = 1 - 1 / max(2.0, self.batches / 2)
        self.model.train()
        for i, rows in enumerate(self._epoch_batches(epoch)):
            step = epoch * self.batches + i
            for group in optimiser.param_groups:
                group["lr"] = group["top"] * _slope(step, self.steps, recipe.warm_up)
            with _half(self.device):
                logits, features = self.model(Packed.of([self.states[r] for r in rows], self.device))
                wrong = loss(
                    logits.float(),
                    features,
                    y[rows],
                    smoothing=recipe.smoothing,
                    contrast=recipe.contrast,
                    temperature=recipe.temperature,
                )
            optimiser.zero_grad()
            wrong.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            optimiser.step()
            share = min(longest, (1 + step) / (10 + step))
            with torch.no_grad():
                for name, tensor in self.model.state_dict().items():
                    average[name].lerp_(tensor, 1 - share)
            progress(step + 1, self.steps)

    def _epoch_batches(self, epoch: int) -> list[list[int]]:
        return paired_batches(self.train_y, [len(s) for s in self.states], self.recipe.batch, seed=(self.seed, epoch))

    def _groups(self) -> list[dict[str, Any]]:
        """Parameters with their learning rates: `decay` less for every layer down; norms and biases are not decayed."""
        recipe, groups = self.recipe, []
        parts = [
            (self.model.head, 0),
            *((layer, len(self.model.layers) - 1 - i) for i, layer in enumerate(self.model.layers)),
        ]
        for part, depth in parts:
            for flat in (False, True):
                held = [p for p in part.parameters() if (p.ndim < 2) == flat]
                top = recipe.rate * recipe.decay**depth
                groups.append({"params": held, "top": top, "weight_decay": 0.0 if flat else recipe.weight_decay})
        return groups

    def _judge(self, state: dict[str, Any]) -> float:
        """The accuracy on dev with, as it has few steps, a tenth of the log-likelihood; both are noted. 0 without dev."""
        if not self.dev_texts:
            return 0.0
        said = self.log_probabilities(self.dev_states)
        right = float((said.argmax(axis=1) == self.dev_y).mean())
        likely = float(said[np.arange(len(said)), self.dev_y].mean())
        state["accuracy"].append(round(right, 4))
        state["likelihood"].append(round(likely, 4))
        return right + 0.1 * likely

    def _stalled(self, state: dict[str, Any]) -> bool:
        return bool(self.dev_texts) and state["epoch"] - state["best_epoch"] >= self.recipe.patience

    def _key(self) -> str:
        """What a state belongs to: the sentences, the recipe, the seed, the weights."""
        told = [self.train_texts, self.train_y.tolist(), self.dev_texts, self.dev_y.tolist()]
        content = json.dumps([told, asdict(self.recipe), self.seed, self.weights.digest])
        return hashlib.sha256(content.encode()).hexdigest()

    def _resumed(self, path: Path) -> dict[str, Any]:
        try:
            state: dict[str, Any] = torch.load(path, map_location=self.device, weights_only=True)
        except (OSError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError) as err:
            raise NluError(f"The state {str(path)!r} is broken; start without --resume") from err
        if not isinstance(state, dict) or state.get("key") != self._key():
            raise NluError(
                f"The state {str(path)!r} is of other sentences, another recipe or another seed; start without --resume"
            )
        return state


def _states(lower: LowerLayers, tokenizer: Tokenizer, texts: Sequence[str]) -> list[Tensor]:
    tokens = [tokenizer.encode(f"query: {clean(excerpt(text))}", limit=_MAX_TOKENS) for text in texts]
    found: dict[int, Tensor] = {}
    for rows in by_length([len(ids) for ids in tokens], _READ_BATCH):
        found.update(zip(rows, lower.states([tokens[i] for i in rows]), strict=True))
    return [found[i] for i in range(len(texts))]


def _half(device: str) -> torch.autocast:
    """Products in bfloat16 where that is faster: on a GPU, and on processors with instructions for it."""
    able = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    pays = device == "cuda" or bool(able.get("avx512_bf16") or able.get("amx_bf16"))
    return torch.autocast(device, torch.bfloat16, enabled=pays)


def _slope(step: int, steps: int, warm_up: float) -> float:
    """Linear up over the first share of the steps, then linear down to nought."""
    rise = max(1.0, warm_up * steps)
    return min((step + 1) / rise, (steps - step) / max(1.0, steps - rise))


def _write(state: dict[str, Any], path: Path) -> None:
    fresh = path.with_suffix(".new")
    try:
        torch.save(state, fresh)
        os.replace(fresh, path)
    except (OSError, RuntimeError) as err:  # torch says RuntimeError where the disk is full
        raise NluError(f"The state cannot be written to {str(path)!r}: {' '.join(str(err).split())[:200]}") from err


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Torch's random numbers from a seed, and as they were afterwards."""
    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield
