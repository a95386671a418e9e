"""Which answer of a retrieval intent a question asks for: `faq` is the intent, `faq/ask_hours` the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nlu.errors import NluError
from nlu.heads import Floats, Head
from nlu.training import fit_head
from nlu.training_data import Sentence

DEFAULT = "default"
_RANKED = 10


@dataclass(frozen=True)
class ResponseSelector:
    """For one retrieval intent, or all of them (`retrieval_intent` None). `head` is None where there is only one answer or
    none: there is nothing to choose."""

    retrieval_intent: str | None
    keys: tuple[str, ...]
    head: Head | None

    @classmethod
    def fit(
        cls,
        features: Floats,
        sentences: Sequence[Sentence],
        *,
        retrieval_intent: str | None = None,
        seed: int = 0,
    ) -> ResponseSelector:
        """Train on the sentences, whose encoder features are (n, d), that belong to the retrieval intent."""
        rows = [i for i, s in enumerate(sentences) if s.response is not None and retrieval_intent in (None, s.intent)]
        labels = [f"{sentences[i].intent}/{sentences[i].response}" for i in rows]
        keys = tuple(sorted(set(labels)))
        if len(keys) < 2:
            return cls(retrieval_intent, keys, None)
        head, _ = fit_head(features[rows], [sentences[i].text for i in rows], labels, seed=seed)
        return cls(retrieval_intent, keys, head)

    @property
    def name(self) -> str:
        """Its key in a parse: the retrieval intent, or `default`."""
        return self.retrieval_intent or DEFAULT

    def select(
        self, features: Floats, text: str, responses: Mapping[str, Sequence[Mapping[str, Any]]]
    ) -> dict[str, Any]:
        """Rasa's form: `response` with the best answer's variations, `ranking` with the ten best. `features` are (1, d)."""
        ranking = self._ranking(features, text)
        best, confidence = ranking[0] if ranking else (None, 0.0)
        variations = responses.get(f"utter_{best}")
        return {
            "response": {
                "responses": [dict(v) for v in variations] if variations else ([{"text": best}] if best else None),
                "confidence": confidence,
                "intent_response_key": best,
                "utter_action": f"utter_{best}",
            },
            "ranking": [{"confidence": value, "intent_response_key": key} for key, value in ranking],
        }

    def save(self, folder: Path, number: int) -> None:
        """Writes selector{number}.json and, where there is a choice, its head into the folder."""
        document = {"retrieval_intent": self.retrieval_intent, "keys": self.keys, "head": self.head is not None}
        (folder / f"selector{number}.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        if self.head is not None:
            self.head.save(folder, f"selector{number}.head")

    @classmethod
    def load(cls, folder: Path, number: int) -> ResponseSelector:
        """What `save` wrote. Raises NluError when it is absent or broken."""
        try:
            document = json.loads((folder / f"selector{number}.json").read_text(encoding="utf-8"))
            head = Head.load(folder, f"selector{number}.head") if document["head"] else None
            return cls(document["retrieval_intent"], tuple(document["keys"]), head)
        except (OSError, ValueError, KeyError, TypeError) as err:
            raise NluError(f"The response selector in {str(folder)!r} is broken ({err}); train it again") from err

    def _ranking(self, features: Floats, text: str) -> list[tuple[str, float]]:
        if self.head is None:
            return [(key, 1.0) for key in self.keys]
        probability = self.head.score(features, [text]).probability[0]
        order = np.argsort(-probability, kind="stable")[:_RANKED]
        return [(self.head.classes[i], float(probability[i])) for i in order]
