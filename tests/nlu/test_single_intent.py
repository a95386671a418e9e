from pathlib import Path

import numpy as np

from nlu.encoders import HashingEncoder
from nlu.single_intent import SingleIntent

ENCODER = HashingEncoder()
TEXTS = ["where is my parcel", "where is my order", "where has my order gone", "track my order"]


def test_what_is_unlike_all_examples_is_out_of_scope(tmp_path: Path) -> None:
    single = SingleIntent.fit(ENCODER.encode(TEXTS), "track")
    single.save(tmp_path)
    for model in (single, SingleIntent.load(tmp_path)):
        asked = ["where is my letter", "zzz qqq 99"]
        scores = model.score(ENCODER.features(asked), asked)
        assert model.classes == ("track",)
        assert scores.probability.tolist() == [[1.0], [1.0]]
        assert scores.scope[0] > 0 > scores.scope[1]


def test_one_example_alone_excludes_nothing() -> None:
    single = SingleIntent.fit(ENCODER.encode(["hello", "hello"]), "greet")
    assert single.score(ENCODER.features(["zzz"]), ["zzz"]).scope >= np.float32(0)
