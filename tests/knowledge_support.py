"""A small shop's articles, and an encoder that needs no model."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from knowledge.article import Article
from knowledge.keyword import terms
from nlu.encoders import Floats, Kind


class HashingEncoder:
    """Words hashed to random directions and summed: texts that share words are near. `calls` counts encoded texts."""

    def __init__(self, *, dim: int = 128, fingerprint: str = "hashing-1") -> None:
        self.dim = self.feature_dim = dim
        self.fingerprint = fingerprint
        self.calls = 0

    def encode(self, texts: Sequence[str], *, kind: Kind = "query") -> Floats:
        self.calls += len(texts)
        vectors = np.ones((len(texts), self.dim), np.float32)  # a direction shared by all, as real encoders have
        for row, text in enumerate(texts):
            for term in terms(text):
                seed = np.random.default_rng(zlib.crc32(term.encode()))
                vectors[row] += seed.standard_normal(self.dim).astype(np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def features(self, texts: Sequence[str]) -> Floats:
        return self.encode(texts)


SHOP = (
    Article(
        "shipping-fee",
        "zh",
        "运费怎么算",
        "大陆地区满 99 元包邮，不满收 10 元运费。\n\n偏远地区每单固定收取 20 元，例如新疆和西藏。",
        ("运费多少", "邮费怎么收"),
        "shipping",
        "2026-10-12",
    ),
    Article(
        "shipping-fee",
        "en",
        "How much does shipping cost?",
        "Shipping is free from ¥99 and ¥10 below.\n\nRemote regions such as Tibet always cost ¥20 an order.",
        ("shipping cost", "how much is postage"),
        "shipping",
        "2026-10-12",
    ),
    Article(
        "return-food",
        "zh",
        "食品饮料能退吗",
        "没开封的食品饮料签收 7 天内可以退；开封后不能。\n\n收到时变质的，拍下生产日期告诉我们，给您退款。",
        ("咖啡能退吗", "零食买多了可以退吗"),
        "returns",
        "2026-10-19",
    ),
    Article(
        "return-food",
        "en",
        "Can food and drink be returned?",
        "Sealed food can be returned within 7 days; once opened it can't.",
        ("can I return coffee",),
        "returns",
        "2026-10-19",
    ),
    Article(
        "opening-hours", "en", "When are you open?", "Our people answer from 9 to 22 every day.", ("opening hours",)
    ),
)
