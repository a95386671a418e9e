"""What customers asked in vain, grouped by meaning, so that the team sees which article to write next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.article import Language
from knowledge.background import BACKGROUND
from knowledge.errors import KnowledgeError
from knowledge.redact import redact
from nlu.encoders import Encoder

# Between the cosines of two ways to ask one thing (median 0.52 in the demo articles) and of two things (0.05).
SIMILAR = 0.4


@dataclass(frozen=True, slots=True)
class Asked:
    """A question no article answered. `time` is a Unix time; `nearest` is the title that came closest, or empty."""

    question: str
    language: Language
    time: float
    nearest: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """`example` is the question most like the others; `questions` are all wordings, redacted, the newest first."""

    example: str
    language: Language
    count: int
    questions: tuple[str, ...]
    first: float
    last: float
    nearest: str


def group(asked: Sequence[Asked], *, encoder: Encoder, similar: float = SIMILAR) -> list[Gap]:
    """Groups of questions whose cosine with a group's mean is at least `similar`; the largest and newest first.

    Questions of different languages are never grouped. Personal data is redacted.
    """
    if not 0 < similar <= 1:
        raise KnowledgeError(f"similar is {similar!r}; it must lie above 0 and not above 1")
    gaps: list[Gap] = []
    for language, background in BACKGROUND.items():
        part = sorted((a for a in asked if a.language == language), key=lambda a: -a.time)
        if part:
            mean = encoder.encode(background, kind="query").mean(axis=0)
            texts = [redact(a.question) for a in part]
            vectors = encoder.encode(texts, kind="query") - mean
            length = np.linalg.norm(vectors, axis=1, keepdims=True)
            gaps.extend(_groups(part, texts, vectors / np.where(length == 0, 1, length), similar))
    return sorted(gaps, key=lambda gap: (-gap.count, -gap.last, gap.example))


def _groups(asked: Sequence[Asked], texts: Sequence[str], vectors: np.ndarray, similar: float) -> list[Gap]:
    """One pass: each question joins the nearest group so far, or starts one."""
    members: list[list[int]] = []
    sums = np.zeros((0, vectors.shape[1]), vectors.dtype)
    for at, vector in enumerate(vectors):
        cosines = (sums @ vector) / np.maximum(np.linalg.norm(sums, axis=1), 1e-9)
        nearest = int(np.argmax(cosines)) if len(members) else -1
        if nearest >= 0 and cosines[nearest] >= similar:
            members[nearest].append(at)
            sums[nearest] += vector
        else:
            members.append([at])
            sums = np.vstack([sums, vector])
    return [_gap(asked, texts, ats, vectors[ats] @ total) for ats, total in zip(members, sums, strict=True)]


def _gap(asked: Sequence[Asked], texts: Sequence[str], ats: Sequence[int], central: np.ndarray) -> Gap:
    best = ats[int(np.argmax(central))]
    times = [asked[at].time for at in ats]
    return Gap(
        example=texts[best],
        language=asked[best].language,
        count=len(ats),
        questions=tuple(dict.fromkeys(texts[at] for at in ats)),
        first=min(times),
        last=max(times),
        nearest=asked[best].nearest,
    )
