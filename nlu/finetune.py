"""Fine-tuning the upper layers of the bundled encoder on a shop's intents.

The lower layers and the word table stay as they are: their states are computed once. The head starts from a linear model on
the frozen encoder (Kumar et al. 2022, LP-FT), so that the first steps do not spoil what the layers know. The loss is
cross-entropy with label smoothing plus a supervised contrastive term (Khosla et al. 2020); lower layers learn more slowly
(Howard & Ruder 2018, section 3.2); an exponential average of the weights is what is judged and kept (Polyak & Juditsky 1992).
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import log_softmax

from nlu.data import Example
from nlu.encoders import E5Encoder
from nlu.errors import NluError
from nlu.finetune_batches import by_length, hold_out, paired_batches
from nlu.finetune_model import LowerLayers, UpperLayers, loss, stacked
from nlu.finetuned import Tuned
from nlu.fusion import Opinion, chosen
from nlu.tokenizer import Tokenizer, clean
from nlu.training import fit_head
from nlu.weights import bundled_path, read_weights

FEW = 16  # sentences a class (median), below which none are held out and the epochs are fixed
_HELD_OUT = 8  # one of so many sentences is held out where no dev file is given
_STATE = "state.pt"
_MAX_TOKENS = 128
_READ_BATCH = 64
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
        return cls(epochs=30, contrast=0.5)


@dataclass(frozen=True)
class Report:
    """What training came to. `accuracy` and `likelihood` (the mean log-likelihood) are those of the fine-tuned view on dev,
    before the first epoch and after each; then the dev accuracies of both views and of their fusion. Nothing without dev."""

    epochs: int
    best_epoch: int
    accuracy: tuple[float, ...] = ()
    likelihood: tuple[float, ...] = ()
    frozen: float | None = None
    tuned: float | None = None
    fused: float | None = None


def finetune(
    train: Sequence[Example],
    out: Path,
    *,
    encoder: E5Encoder,
    dev: Sequence[Example] = (),
    recipe: Recipe | None = None,
    device: str | None = None,
    seed: int = 0,
    resume: bool = False,
    progress: Progress = lambda _done, _total: None,
) -> Report:
    """Trains on `train` and writes the fine-tuned encoder to the folder `out`.

    Without `dev` an eighth of `train` is held out, or nothing where classes have fewer than `FEW` sentences. After each
    epoch the state is kept in `out`; `resume` carries on from there. The same seed on the same machine gives the same
    layers. Raises NluError when data, device or state cannot be used.
    """
    if resume and not (out / _STATE).is_file():
        raise NluError(f"Nothing to resume: there is no {str(out / _STATE)!r}; start without --resume")
    recipe = recipe or recipe_for(train)
    classes, y, train, dev = _split(train, dev, seed)
    place = {name: i for i, name in enumerate(classes)}
    run = _Run(classes, train, y, dev, np.array([place[e.label] for e in dev], np.int64), recipe, _device(device), seed)
    out.mkdir(parents=True, exist_ok=True)
    state = run.train(out / _STATE, resume=resume, progress=progress)
    run.model.load_state_dict(state["best"])
    opinion = Opinion(classes, run.log_probabilities(run.dev_states))
    report = Report(state["epoch"], state["best_epoch"], tuple(state["accuracy"]), tuple(state["likelihood"]))
    if dev:
        opinion, report = _fused(opinion, report, run, encoder, seed)
    tuned = Tuned(
        run.model.arrays(), run.model.linear(), classes, run.weights.digest, opinion.weight, opinion.temperature
    )
    tuned.save(out)
    details = {"report": asdict(report), "recipe": asdict(recipe), "seed": seed, "sentences": len(train)}
    (out / "training.json").write_text(json.dumps(details, indent=1), encoding="utf-8")
    (out / _STATE).unlink(missing_ok=True)
    return report


def recipe_for(train: Sequence[Example]) -> Recipe:
    """The recipe that suits the number of sentences a class."""
    return Recipe.of_few() if _few([example.label for example in train]) else Recipe()


class _Run:
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
        self.train_texts, self.train_y = [e.text for e in train], y
        self.dev_texts, self.dev_y = [e.text for e in dev], dev_y
        self.recipe, self.device, self.seed = recipe, device, seed
        tokenizer = Tokenizer(self.weights.pieces, self.weights.scores)
        lower = LowerLayers(self.weights, self.weights.layers - recipe.layers, device=device)
        self.states = _states(lower, tokenizer, self.train_texts)
        self.dev_states = _states(lower, tokenizer, self.dev_texts)
        with _seeded(seed):
            self.model = UpperLayers(self.weights, recipe.layers, len(classes), dropout=recipe.dropout).to(device)
        self._start_head()
        self.batches = len(self._epoch_batches(0))
        self.steps = self.batches * recipe.epochs

    def train(self, path: Path, *, resume: bool, progress: Progress) -> dict[str, Any]:
        """The state after the last epoch; it is written to `path` after each."""
        optimiser = torch.optim.AdamW(self._groups(), lr=self.recipe.rate)
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
        with torch.no_grad():
            for rows in by_length([len(s) for s in states], _READ_BATCH):
                logits, _ = self.model(*stacked([states[i] for i in rows], self.device))
                found[rows] = log_softmax(logits.float(), dim=1).cpu().numpy()
        return found

    def _start_head(self) -> None:
        """The head as a logistic regression on what the untouched layers give."""
        from sklearn.linear_model import LogisticRegression

        pooled = torch.zeros(len(self.states), self.weights.hidden)
        self.model.eval()
        with torch.no_grad():
            for rows in by_length([len(s) for s in self.states], _READ_BATCH):
                pooled[rows] = self.model.pool(*stacked([self.states[i] for i in rows], self.device)).float().cpu()
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
            with torch.autocast(self.device, torch.bfloat16, enabled=_half_pays(self.device)):
                logits, features = self.model(*stacked([self.states[r] for r in rows], self.device))
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


def _split(
    train: Sequence[Example], dev: Sequence[Example], seed: int
) -> tuple[tuple[str, ...], NDArray[np.int64], list[Example], list[Example]]:
    """(classes, classes of the training sentences, the training sentences, the dev sentences)."""
    train = [example for example in train if clean(example.text)]
    labels = [example.label for example in train]
    classes = tuple(sorted(set(labels)))
    if len(classes) < 2:
        raise NluError(f"Fine-tuning needs sentences of at least two intents, not of {list(classes)!r}")
    unknown = {example.label for example in dev} - set(classes)
    if unknown:
        raise NluError(f"The dev set has intents that the training set lacks: {sorted(unknown)[:5]!r}")
    y = np.array([classes.index(label) for label in labels], np.int64)
    if dev or _few(labels):
        return classes, y, train, list(dev)
    kept, held = hold_out(y, _HELD_OUT, seed=seed)
    return classes, y[kept], [train[i] for i in kept], [train[i] for i in held]


def _few(labels: Sequence[str]) -> bool:
    counts = np.unique(np.asarray(labels), return_counts=True)[1]
    return bool(len(counts)) and float(np.median(counts)) < FEW


def _fused(opinion: Opinion, report: Report, run: _Run, encoder: E5Encoder, seed: int) -> tuple[Opinion, Report]:
    """The opinion weighed against a classifier on the frozen encoder, on the dev sentences."""
    labels = [opinion.classes[i] for i in run.train_y]
    head, _ = fit_head(encoder.features(run.train_texts), run.train_texts, labels, seed=seed)
    frozen = head.score(encoder.features(run.dev_texts), run.dev_texts).probability
    opinion = chosen(opinion, frozen, head.classes, run.dev_y)
    views = frozen, opinion.log_probability, opinion.fuse(frozen, head.classes)
    right = [round(float((view.argmax(axis=1) == run.dev_y).mean()), 4) for view in views]
    return opinion, replace(report, frozen=right[0], tuned=right[1], fused=right[2])


def _states(lower: LowerLayers, tokenizer: Tokenizer, texts: Sequence[str]) -> list[Tensor]:
    tokens = [tokenizer.encode(f"query: {clean(text)}", limit=_MAX_TOKENS) for text in texts]
    found: dict[int, Tensor] = {}
    for rows in by_length([len(ids) for ids in tokens], _READ_BATCH):
        found.update(zip(rows, lower.states([tokens[i] for i in rows]), strict=True))
    return [found[i] for i in range(len(texts))]


def _device(name: str | None) -> str:
    if name is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name not in ("cpu", "cuda"):
        raise NluError(f"The device {name!r} is unknown; give cpu or cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise NluError("There is no CUDA device that torch can use; give --device cpu")
    return name


def _half_pays(device: str) -> bool:
    """Whether bfloat16 is faster: on a GPU, and on processors with instructions for it."""
    if device == "cuda":
        return True
    able = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def _slope(step: int, steps: int, warm_up: float) -> float:
    """Linear up over the first share of the steps, then linear down to nought."""
    rise = max(1.0, warm_up * steps)
    return min((step + 1) / rise, (steps - step) / max(1.0, steps - rise))


def _write(state: dict[str, Any], path: Path) -> None:
    fresh = path.with_suffix(".new")
    torch.save(state, fresh)
    os.replace(fresh, path)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Torch's random numbers from a seed, and as they were afterwards."""
    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield
