"""A customer's sentence understood: language, intent, entities, sentiment and further requests from one encoder pass."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import numpy as np

from nlu import commands, requests
from nlu.data import OUT_OF_SCOPE, Example, read_examples
from nlu.encoders import E5Encoder, Encoder
from nlu.entities import Entity, Extractor
from nlu.errors import NluError
from nlu.feature_store import FeatureStore
from nlu.finetuned import FinetunedEncoder, carried, carry
from nlu.fusion import opinion_of
from nlu.heads import Floats
from nlu.intents import IntentClassifier
from nlu.language import Language, detect
from nlu.parse import FALLBACK, Parse, Thresholds
from nlu.sentiment import NEUTRAL, SentimentClassifier
from nlu.tokenizer import clean
from nlu.vocabulary import Vocabulary

FORMAT = 1  # raise when what is saved changes
_RANKED = 10  # intents shown in a ranking, as many as Rasa shows


class Pipeline:
    """Everything that understands. Safe to share between threads; `vocabulary` may be replaced while it runs."""

    def __init__(
        self,
        encoder: Encoder,
        intents: IntentClassifier,
        *,
        sentiment: SentimentClassifier | None = None,
        vocabulary: Vocabulary | None = None,
        thresholds: Thresholds | None = None,
    ) -> None:
        self.encoder = encoder
        self.intents = intents
        self.sentiment = sentiment
        self.thresholds = thresholds or Thresholds()
        self._extractor = Extractor(vocabulary or Vocabulary.builtin())

    @property
    def vocabulary(self) -> Vocabulary:
        return self._extractor.vocabulary

    @vocabulary.setter
    def vocabulary(self, vocabulary: Vocabulary) -> None:
        self._extractor = Extractor(vocabulary)

    @classmethod
    def train(
        cls,
        data: Sequence[Example | Path],
        *,
        encoder: Encoder,
        sentiment: Sequence[Example | Path] = (),
        out: Path | None = None,
        vocabulary: Vocabulary | None = None,
        thresholds: Thresholds | None = None,
        store: FeatureStore | None = None,
        seed: int = 0,
    ) -> Pipeline:
        """Train on examples or files of them, and save to the folder `out` if given. Without `sentiment` all is neutral.
        With a `store` of the encoder's, only sentences that it does not hold are encoded.

        Raises NluError when the data cannot be used.
        """
        examples, moods = _examples(data, "intent"), _examples(sentiment, "label")
        if not examples:
            raise NluError(
                "There are no intent examples to train on; give at least two intents with some sentences each"
            )
        features = store.features if store else encoder.features
        texts = [example.text for example in examples]
        intents = IntentClassifier.fit(
            features(texts), texts, [example.label for example in examples], dim=encoder.dim, seed=seed
        )
        mood = None
        if moods:
            texts = [example.text for example in moods]
            mood = SentimentClassifier.fit(features, texts, [m.label for m in moods], seed=seed)
        pipeline = cls(encoder, intents, sentiment=mood, vocabulary=vocabulary, thresholds=thresholds)
        if out is not None:
            pipeline.save(out)
        return pipeline

    def save(self, folder: Path) -> None:
        """Writes the model as arrays and JSON; a model already there is replaced in one step."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
        self.intents.save(fresh)
        if self.sentiment is not None:
            self.sentiment.save(fresh)
        if isinstance(self.encoder, FinetunedEncoder):
            carry(self.encoder, fresh)
        document = {"format": FORMAT, "encoder": self.encoder.fingerprint, "thresholds": asdict(self.thresholds)}
        (fresh / "model.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
        fresh.chmod(0o755)
        if folder.exists():
            old = fresh.with_suffix(".old")
            folder.rename(old)
            fresh.rename(folder)
            shutil.rmtree(old)
        else:
            fresh.rename(folder)

    @classmethod
    def load(cls, folder: Path, *, encoder: Encoder, vocabulary: Vocabulary | None = None) -> Pipeline:
        """What `save` wrote. Raises NluError when it is absent, broken, or made with another encoder or version.

        A model with fine-tuned layers brings them along: for it the bundled encoder is the right one, too.
        """
        try:
            document = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            made_with, thresholds, version = document["encoder"], document["thresholds"], document["format"]
        except (OSError, ValueError, KeyError, TypeError) as err:
            raise NluError(f"No trained model in {str(folder)!r} ({err}); train one: python -m nlu train") from err
        if version != FORMAT:
            raise NluError(
                f"The model in {str(folder)!r} has the format {version!r} of another version of this program, which reads "
                f"{FORMAT!r}; train it again"
            )
        tuned = carried(folder)
        if tuned and isinstance(encoder, E5Encoder) and not isinstance(encoder, FinetunedEncoder):
            encoder = FinetunedEncoder(tuned, encoder.cache, threads=encoder.threads)
        if made_with != encoder.fingerprint:
            raise NluError(
                f"The model in {str(folder)!r} was trained with the encoder {made_with!r}, not {encoder.fingerprint!r}; "
                "train it again"
            )
        return cls(
            encoder,
            IntentClassifier.load(folder),
            sentiment=SentimentClassifier.load(folder),
            vocabulary=vocabulary,
            thresholds=Thresholds(**{**thresholds, "social": tuple(thresholds["social"])}),
        )

    def parse(self, text: str, *, today: date | None = None, language: Language | None = None) -> Parse:
        """Understand one message. `language` is that of the conversation, for texts that do not tell (numbers, emoji);
        `today` is the day that "tomorrow" counts from."""
        return self.parse_many([text], today=today, language=language)[0]

    def parse_many(
        self, texts: Sequence[str], *, today: date | None = None, language: Language | None = None
    ) -> list[Parse]:
        """Understand messages together, which is faster than one by one; the results are the same."""
        day = today or date.today()
        cuts = [[] if commands.is_command(text) else requests.split(text) for text in texts]
        flat = [part for text, parts in zip(texts, cuts, strict=True) for part in (text, *(p.text for p in parts))]
        read = iter(self._read(flat, language))
        parses: list[Parse] = []
        for text, parts in zip(texts, cuts, strict=True):
            whole, pieces = next(read), [next(read) for _ in parts]
            if commands.is_command(text):  # its language is that of the conversation
                intent, confidence, entities = commands.decode(text)
                parses.append(Parse(text, language or "und", intent, confidence, ((intent, confidence),), entities))
                continue
            found = self._extractor.extract(text, language=whole.language, today=day)
            parses.append(self._combine(replace(whole, entities=tuple(found)), parts, pieces))
        return parses

    def _read(self, texts: Sequence[str], language: Language | None) -> list[Parse]:
        """Everything but entities and further requests, for all texts at once."""
        features = self.encoder.features(texts)
        scores = self.intents.score(features, texts, opinion_of(self.encoder, texts))
        moods = self.sentiment.predict(self.encoder, texts) if self.sentiment else [NEUTRAL] * len(texts)
        parses = []
        for i, text in enumerate(texts):
            detected = detect(text)
            ranking = self._ranking(scores.probability[i], float(scores.scope[i])) if clean(text) else [(FALLBACK, 1.0)]
            parses.append(
                Parse(
                    text,
                    language if detected == "und" and language else detected,
                    *ranking[0],
                    tuple(ranking),
                    sentiment=moods[i][0],
                    sentiment_score=moods[i][1],
                    vector=features[i, : self.encoder.dim],
                )
            )
        return parses

    def _ranking(self, probability: Floats, scope: float) -> list[tuple[str, float]]:
        order = np.argsort(-probability)[:_RANKED]
        ranking = [(self.intents.classes[i], float(probability[i])) for i in order]
        (best, confidence), second = ranking[0], ranking[1][1]
        limits = self.thresholds
        unlike = scope < 0 and confidence < limits.outside and best != OUT_OF_SCOPE
        if confidence < limits.confidence or confidence - second < limits.ambiguity or unlike:
            ranking.insert(0, (FALLBACK, 1.0 - confidence))  # as Rasa's FallbackClassifier
        return ranking

    def _combine(self, whole: Parse, parts: Sequence[requests.Part], pieces: Sequence[Parse]) -> Parse:
        readings = [(p.intent, 0.0 if p.intent == FALLBACK else p.confidence) for p in pieces]
        social = self.thresholds.social
        kept = requests.accept(parts, readings, social=social)
        if not kept or (len(kept) == 1 and whole.intent not in (*social, FALLBACK)):
            return whole
        found = [replace(pieces[k], entities=_within(whole.entities, parts[k])) for k in kept]
        first, later = found[0], tuple(found[1:])
        if not later:  # a greeting or thanks and one request: the request counts
            return replace(whole, intent=first.intent, confidence=first.confidence, ranking=first.ranking)
        others = tuple((parse.intent, parse.confidence) for parse in later)
        named = {first.intent, *(name for name, _ in others)}
        rest = tuple(pair for pair in first.ranking if pair[0] not in named)
        return replace(
            whole,
            intent=first.intent,
            confidence=first.confidence,
            ranking=((first.intent, first.confidence), *others, *rest)[:_RANKED],
            # what belongs to a later request would mislead the first
            entities=tuple(e for e in whole.entities if e.start < parts[kept[1]].start),
            requests=later,
        )


def _within(entities: Sequence[Entity], part: requests.Part) -> tuple[Entity, ...]:
    """The entities that stand in a part, counted from its start."""
    inside = (e for e in entities if part.start <= e.start and e.end <= part.end)
    return tuple(replace(e, start=e.start - part.start, end=e.end - part.start) for e in inside)


def _examples(data: Sequence[Example | Path], label: str) -> list[Example]:
    found: list[Example] = []
    for item in data:
        found.extend([item] if isinstance(item, Example) else read_examples([item], label=label, split="train"))
    return found
