"""The trained network, run by numpy: a server that only answers needs no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.dialogue.policies.learned.features import Encoded

Array = NDArray[np.float32]

HEADS = 4
WIDTH = 32  # of a state
DEPTH = 64  # of the layer after attention
EMBEDDING = 20  # in which dialogues and actions are compared
KNOWN_STATES = 4096  # whose keys and values are kept
_SMALL = 1e-5


def shapes(*, features: int, actions: int, history: int) -> dict[str, tuple[int, ...]]:
    """Of the parameters of one network; all are stored with a first axis more, over the networks of the ensemble."""
    return {
        "features": (features, WIDTH),
        "features_bias": (WIDTH,),
        "state_scale": (WIDTH,),
        "state_shift": (WIDTH,),
        "query": (WIDTH, WIDTH),
        "key": (WIDTH, WIDTH),
        "value": (WIDTH, WIDTH),
        "distance": (HEADS, history),
        "mix": (WIDTH, WIDTH),
        "inner_scale": (WIDTH,),
        "inner_shift": (WIDTH,),
        "inner": (WIDTH, DEPTH),
        "inner_bias": (DEPTH,),
        "outer": (DEPTH, WIDTH),
        "outer_bias": (WIDTH,),
        "final_scale": (WIDTH,),
        "final_shift": (WIDTH,),
        "dialogue": (WIDTH, EMBEDDING),
        "dialogue_bias": (EMBEDDING,),
        "actions": (EMBEDDING, actions),
        "actions_bias": (actions,),
    }


class Network:
    """One block of causal self-attention over the latest states (Vaswani et al. 2017; Vlasov et al. 2019, section 3),
    with a bias by distance instead of positions, so that a state is encoded once wherever it stands. `arrays` as in
    `shapes`, for each network of the ensemble."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self.arrays = dict(arrays)
        self.history = arrays["distance"].shape[2]
        self._size = arrays["features"].shape[0]
        self._states: dict[Encoded, tuple[Array, Array, Array]] = {}

    def similarities(self, states: Sequence[Encoded]) -> Array:
        """Of the dialogue that these states, oldest first, are, to each action: (networks, actions)."""
        a = self.arrays
        known = [self._encode(state) for state in states[-self.history :]]
        length = len(known)
        heads = (self._size, HEADS, WIDTH // HEADS)
        last = known[-1][0]
        query = (last[:, None] @ a["query"]).reshape(heads)
        keys = np.stack([key for _, key, _ in known], axis=2).reshape(*heads, length)
        values = np.stack([value for _, _, value in known], axis=1).reshape(self._size, length, *heads[1:])
        # distance counts back from the latest state
        scores = np.einsum("nhd,nhdt->nht", query, keys) / np.float32(np.sqrt(heads[2]))
        weights = softmax(scores + a["distance"][:, :, :length][:, :, ::-1])
        attended = np.einsum("nht,nthd->nhd", weights, values).reshape(self._size, 1, WIDTH)
        z = last + (attended @ a["mix"])[:, 0]
        inner = np.maximum(
            _normal(z, a["inner_scale"], a["inner_shift"])[:, None] @ a["inner"] + a["inner_bias"][:, None], 0
        )
        z = z + (inner @ a["outer"])[:, 0] + a["outer_bias"]
        dialogue = _normal(z, a["final_scale"], a["final_shift"])[:, None] @ a["dialogue"] + a["dialogue_bias"][:, None]
        return np.asarray((dialogue @ a["actions"])[:, 0] + a["actions_bias"], np.float32)

    def _encode(self, state: Encoded) -> tuple[Array, Array, Array]:
        found = self._states.get(state)
        if found is None:
            a = self.arrays
            indices = [index for index, _ in state]
            values = np.array([value for _, value in state], np.float32)
            summed = np.einsum("f,nfd->nd", values, a["features"][:, indices]) + a["features_bias"]
            encoded = np.maximum(_normal(summed, a["state_scale"], a["state_shift"]), 0).astype(np.float32)
            found = (encoded, (encoded[:, None] @ a["key"])[:, 0], (encoded[:, None] @ a["value"])[:, 0])
            if len(self._states) >= KNOWN_STATES:
                self._states.clear()
            self._states[state] = found
        return found


def softmax(scores: Array) -> Array:
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), np.float32)


def _normal(x: Array, scale: Array, shift: Array) -> Array:
    centred = x - x.mean(axis=-1, keepdims=True)
    return np.asarray(centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + _SMALL) * scale + shift, np.float32)
