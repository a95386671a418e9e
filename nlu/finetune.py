"""Fine-tuning the upper layers of the bundled encoder on a shop's intents, or on the sentiment of many reviews.

The lower layers and the word table stay as they are: their states are computed once. The head starts from a linear model on
the frozen encoder (Kumar et al. 2022, LP-FT), so that the first steps do not spoil what the layers know. The loss is
cross-entropy with label smoothing plus a supervised contrastive term (Khosla et al. 2020); lower layers learn more slowly
(Howard & Ruder 2018, section 3.2); an exponential average of the weights is what is judged and kept (Polyak & Juditsky 1992).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from nlu.data import Example
from nlu.encoders import E5Encoder
from nlu.errors import NluError
from nlu.finetune_batches import hold_out
from nlu.finetune_run import Progress, Recipe, Run
from nlu.finetuned import Tuned
from nlu.fusion import Opinion, chosen
from nlu.heads import Head
from nlu.sentiment_training import excerpt, fit_sentiment
from nlu.tokenizer import clean
from nlu.training import fit_head

FEW = 16  # sentences a class (median), below which none are held out, the epochs are fixed, and names are learned from
_HELD_OUT = 8  # one of so many sentences is held out where no dev file is given
_JUDGES = 600  # sentences that are enough to hold out
_STEPS = 4000  # that are enough; more sentences are seen fewer times, but twice
_STATE = "state.pt"
_WORDS, _TELLING = re.compile(r"[\W_]+"), re.compile(r"[^\W\d_]{3}")


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
    sentiment: bool = False,
    recipe: Recipe | None = None,
    device: str | None = None,
    seed: int = 0,
    resume: bool = False,
    progress: Progress = lambda _done, _total: None,
) -> Report:
    """Trains on `train` and writes the fine-tuned encoder to the folder `out`.

    Without `dev` an eighth of `train` is held out, or nothing where classes have fewer than `FEW` sentences. After each
    epoch the state is kept in `out`; `resume` carries on from there. The same seed on the same CPU gives the same
    layers. With `sentiment` the classes are those of `nlu.sentiment`, and its classifier is the frozen view.

    Raises NluError when data, device or state cannot be used.
    """
    if resume and not (out / _STATE).is_file():
        raise NluError(f"Nothing to resume: there is no {str(out / _STATE)!r}; start without --resume")
    recipe = recipe or recipe_for(train)
    if _few([example.label for example in train]):
        train = named(train)
    classes, y, train, dev = _split(train, dev, seed)
    place = {name: i for i, name in enumerate(classes)}
    run = Run(classes, train, y, dev, np.array([place[e.label] for e in dev], np.int64), recipe, _device(device), seed)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise NluError(f"{str(out)!r} cannot be made a folder: {err.strerror}") from err
    state = run.train(out / _STATE, resume=resume, progress=progress)
    run.model.load_state_dict(state["best"])
    opinion = Opinion(classes, run.log_probabilities(run.dev_states))
    report = Report(state["epoch"], state["best_epoch"], tuple(state["accuracy"]), tuple(state["likelihood"]))
    if dev:
        opinion, report = _fused(opinion, report, run, _frozen(run, encoder, sentiment, seed), encoder)
    tuned = Tuned(
        run.model.arrays(), run.model.linear(), classes, run.weights.digest, opinion.weight, opinion.temperature
    )
    tuned.save(out)
    details = {"report": asdict(report), "recipe": asdict(recipe), "seed": seed, "sentences": len(train)}
    (out / "training.json").write_text(json.dumps(details, indent=1), encoding="utf-8")
    (out / _STATE).unlink(missing_ok=True)
    return report


def named(train: Sequence[Example]) -> list[Example]:
    """The sentences and, as one more of each intent, its name in words: card_arrival says `card arrival`. With few sentences
    that tells the encoder more than another of them would; a name without a word of three letters says nothing."""
    names = {label: _WORDS.sub(" ", label.rpartition("/")[2]).strip() for label in sorted({e.label for e in train})}
    return [*train, *(Example(text, label) for label, text in names.items() if _TELLING.search(text))]


def recipe_for(train: Sequence[Example]) -> Recipe:
    """The recipe that suits the number of sentences, a class and in all."""
    if _few([example.label for example in train]):
        return Recipe.of_few()
    usual = Recipe()
    return replace(usual, epochs=min(usual.epochs, max(2, _STEPS * usual.batch // len(train))))


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
    kept, held = hold_out(y, max(_HELD_OUT, len(y) // _JUDGES), seed=seed)
    return classes, y[kept], [train[i] for i in kept], [train[i] for i in held]


def _few(labels: Sequence[str]) -> bool:
    counts = np.unique(np.asarray(labels), return_counts=True)[1]
    return bool(len(counts)) and float(np.median(counts)) < FEW


def _frozen(run: Run, encoder: E5Encoder, sentiment: bool, seed: int) -> Head:
    """A classifier on the frozen encoder, trained on the same sentences."""
    labels = [run.classes[i] for i in run.train_y]
    if sentiment:
        return fit_sentiment(encoder.features, run.train_texts, labels, seed=seed)
    return fit_head(encoder.features(run.train_texts), run.train_texts, labels, seed=seed)[0]


def _fused(opinion: Opinion, report: Report, run: Run, head: Head, encoder: E5Encoder) -> tuple[Opinion, Report]:
    """The opinion weighed against the frozen view's, on the dev sentences."""
    features = encoder.features([excerpt(text) for text in run.dev_texts])
    frozen = head.score(features, run.dev_texts).probability
    opinion = chosen(opinion, frozen, head.classes, run.dev_y)
    views = frozen, opinion.log_probability, opinion.fuse(frozen, head.classes)
    right = [round(float((view.argmax(axis=1) == run.dev_y).mean()), 4) for view in views]
    return opinion, replace(report, frozen=right[0], tuned=right[1], fused=right[2])


def _device(name: str | None) -> str:
    if name is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name not in ("cpu", "cuda"):
        raise NluError(f"The device {name!r} is unknown; give cpu or cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise NluError("There is no CUDA device that torch can use; give --device cpu")
    return name
