from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from nlu.audit import audit, confident_joint
from nlu.data import Example
from nlu.encoders import HashingEncoder
from nlu.errors import NluError

OPENERS = ["", "please, ", "hello, ", "excuse me, ", "hi, "]
THINGS = ["shoes", "lamp", "kettle", "phone", "tent"]
FRAMES = {
    "return_item": ["I want to return the {}", "send the {} back to you"],
    "track_order": ["where is my {} now", "has the {} been shipped yet"],
    "discount": ["is there a coupon for the {}", "can I get the {} cheaper"],
}


def shop() -> list[Example]:
    return [
        Example(opener + frame.format(thing), label)
        for label, frames in FRAMES.items()
        for opener, frame, thing in product(OPENERS, frames, THINGS)
    ]


def test_the_confident_joint_by_hand() -> None:
    # t_0 = (.9 + .2) / 2 = .55, t_1 = (.7 + .8) / 2 = .75: the second row is likely 1, the third nothing
    probability = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.2, 0.8]], np.float32)
    joint, likely = confident_joint(probability, np.array([0, 0, 1, 1]))
    assert likely.tolist() == [0, 1, -1, 1]
    assert joint.tolist() == [[1, 1], [0, 1]]


def test_injected_noise_is_found() -> None:
    """Of labels that were made wrong at least 80 % are found, and at least 70 % of what is shown was made wrong."""
    examples = shop()
    rng = np.random.default_rng(3)
    wrong = set(rng.choice(len(examples), len(examples) // 10, replace=False).tolist())
    names = sorted(FRAMES)
    noisy = [
        Example(e.text, names[(names.index(e.label) + 1 + int(rng.integers(2))) % 3]) if i in wrong else e
        for i, e in enumerate(examples)
    ]
    found = audit(noisy, encoder=HashingEncoder(128), folds=3)
    shown = {suspect.row for suspect in found.suspects}
    assert len(shown & wrong) / len(wrong) >= 0.8
    assert len(shown & wrong) / len(shown) >= 0.7
    assert found.noise == pytest.approx(0.1, abs=0.05)
    corrected = [s.suggested == examples[s.row].label for s in found.suspects if s.row in wrong]
    assert sum(corrected) >= 0.9 * len(corrected)
    margins = [s.given - s.other for s in found.suspects]
    assert margins == sorted(margins)


def test_duplicates_contradictions_outliers_and_sizes() -> None:
    examples = [
        *shop(),
        Example("WHERE is my lamp now!", "track_order"),
        Example("where is my lamp now", "discount"),
        Example("where is my lampp now", "return_item"),
        Example("I want to return the shoess", "return_item"),
        Example("zzqx vvkj 0000 wwpf", "return_item"),
        *(Example(f"tiny {i}", "tiny") for i in range(2)),
    ]
    place = {example: i for i, example in enumerate(examples)}
    found = audit(examples, encoder=HashingEncoder(128), folds=3)
    lamp = place[Example("where is my lamp now", "track_order")]
    assert found.duplicates == ((lamp, place[Example("WHERE is my lamp now!", "track_order")]),)
    pairs = {pair.texts: pair for pair in found.contradictions}
    assert pairs["where is my lamp now", "where is my lamp now"].labels == ("track_order", "discount")
    assert pairs["where is my lamp now", "where is my lampp now"].similarity > 0.9
    assert ("I want to return the shoes", "I want to return the shoess") in {p.texts for p in found.near_duplicates}
    # besides the nonsense, what was put into the wrong class
    assert {o.text for o in found.outliers} >= {"zzqx vvkj 0000 wwpf", "where is my lampp now"}
    assert len(found.outliers) <= 3
    assert found.small_classes == ["tiny"]
    assert not {s.row for s in found.suspects} & {place[Example("tiny 0", "tiny")], place[Example("tiny 1", "tiny")]}
    assert found.as_dict()["classes"] == {"tiny": 2, "track_order": 51, "discount": 51, "return_item": 53}


def test_too_little_data() -> None:
    encoder = HashingEncoder(16)
    with pytest.raises(NluError, match=r"two classes of 4 different sentences or more; there are \['a'\]"):
        audit([Example(str(i), "a") for i in range(9)] + [Example("x", "b")], encoder=encoder)
    with pytest.raises(NluError, match="1 folds is impossible"):
        audit(shop(), encoder=encoder, folds=1)
