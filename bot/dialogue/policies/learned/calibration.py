"""How far the network's probabilities can be believed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TEMPERATURES = np.geomspace(0.5, 8.0, 57)
# What is believed before anything is measured: as much as this many tests at that temperature.
PRIOR_TEMPERATURE = 1.5
PRIOR_TESTS = 10.0


def fit_temperature(tested: NDArray[np.floating], truth: NDArray[np.integer]) -> float:
    """The temperature at which the confidence of the likeliest action fits how often it is the true one (Guo et al.
    2017, arXiv 1706.04599, section 4.2, on the top label alone: a story kept aside may hold actions that no other has).

    `tested` (tests, actions) are similarities, `truth` the indices of the actions; few tests change little."""
    prior = np.log(TEMPERATURES / PRIOR_TEMPERATURE) ** 2
    costs = []
    for temperature, distance in zip(TEMPERATURES, prior, strict=True):
        cost = PRIOR_TESTS * float(distance)
        if len(truth):
            probability = probabilities(tested, float(temperature))
            confidence = np.clip(probability.max(axis=1), 1e-6, 1 - 1e-6)
            right = probability.argmax(axis=1) == truth
            cost -= float(np.where(right, np.log(confidence), np.log(1 - confidence)).sum())
        costs.append(cost)
    return float(TEMPERATURES[int(np.argmin(costs))])


def probabilities(similarities: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    scaled = np.asarray(similarities, np.float64) / temperature
    raised = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), np.float64)


def calibration_error(confidence: NDArray[np.floating], right: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error (Naeini et al. 2015): the mean distance between confidence and accuracy over bins of
    equal width, by the number of predictions in each."""
    if not len(confidence):
        return 0.0
    places = np.minimum((np.asarray(confidence) * bins).astype(int), bins - 1)
    error = 0.0
    for place in range(bins):
        inside = places == place
        if inside.any():
            error += float(inside.mean()) * abs(float(confidence[inside].mean()) - float(right[inside].mean()))
    return error
