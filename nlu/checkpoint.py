"""The bundled weights as a Hugging Face checkpoint: a folder that transformers and sentence-transformers load.

It holds what `SentenceTransformer.save` would write: a BertModel in float32, the tokenizer, mean pooling, normalisation, and the
prompts named query and passage. In transformers load it with `add_pooling_layer=False`: the model has no pooler. One difference to `nlu.tokenizer` stays: a literal
<s> or <mask> in a text is a special token there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from nlu.errors import NluError
from nlu.folders import replaced
from nlu.tokenizer import BOS, EOS, PAD, UNK
from nlu.weights import BLOCK, Q4, Weights, dequantise

_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_SPECIAL = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
_SPECIAL |= {"cls_token": "<s>", "sep_token": "</s>", "mask_token": "<mask>"}


def write_checkpoint(weights: Weights, out: Path, *, keep: Sequence[int] | None = None) -> None:
    """Writes the folder `out` (470 MB); one already there is replaced once all is written.

    `keep` are the token ids that stay, in order, for a smaller vocabulary: ids then count within `keep`, which must hold the
    four special ones (0-3) first and <mask> last. Raises NluError when it does not, or the folder cannot be written.
    """
    ids = list(range(len(weights.pieces))) if keep is None else list(keep)
    if ids[:4] != [BOS, PAD, EOS, UNK] or ids[-1] != len(weights.pieces) - 1:
        raise NluError(
            f"A vocabulary begins with the ids 0 to 3 and ends with {len(weights.pieces) - 1}, not {ids[:4]!r}"
        )
    if out.exists() and not (out / "modules.json").is_file() and (not out.is_dir() or any(out.iterdir())):
        raise NluError(f"{str(out)!r} holds something else than a checkpoint; give a new folder")
    try:
        with replaced(out) as folder:
            tensors = checkpoint_tensors(weights, ids)
            save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
            _tokenizer(weights, ids).save(str(folder / "tokenizer.json"))
            (folder / "1_Pooling").mkdir()
            for name, document in _documents(weights, tensors).items():
                (folder / name).write_text(json.dumps(document, ensure_ascii=False, indent=2), encoding="utf-8")
    except OSError as err:
        raise NluError(f"The checkpoint cannot be written to {str(out)!r}: {err.strerror or err}") from err


def checkpoint_tensors(weights: Weights, keep: Sequence[int]) -> dict[str, NDArray[np.float32]]:
    """The tensors by the names of transformers' BertModel, float32; word embeddings of the ids `keep` only."""
    found: dict[str, NDArray[np.float32]] = {}
    for name, tensor in weights.tensors.items():
        if name == "emb.word":
            found[_EMBEDDINGS[name]] = dequantise(tensor.reshape(-1, weights.hidden // BLOCK)[np.asarray(keep)])
            continue
        array = dequantise(tensor) if tensor.dtype == Q4 else np.array(tensor)
        if name in _EMBEDDINGS:
            found[_EMBEDDINGS[name]] = array if ".ln." in name else array.reshape(-1, weights.hidden)
            continue
        layer, part, kind = name.split(".")
        matrix = kind == "w" and not part.endswith("ln")
        inner = weights.ffn if part == "fo" else weights.hidden
        place = f"encoder.layer.{layer[1:]}.{_PARTS[part]}.{'weight' if kind == 'w' else 'bias'}"
        found[place] = array.reshape(-1, inner) if matrix else array
    return found


def _tokenizer(weights: Weights, keep: Sequence[int]) -> Any:
    """The same segmentation as `nlu.tokenizer`, for the package tokenizers. XLM-R's own normalisation table is Nmt and NFKC,
    except that the full-width tilde stays."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    values = weights.scores.tolist()
    tokenizer = Tokenizer(
        models.Unigram([(weights.pieces[i], values[i]) for i in keep], unk_id=UNK, byte_fallback=False)
    )
    aside = "\uf8ff"  # a private character, where the tilde waits while the others are normalised
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace("\uff5e", aside),
            normalizers.Nmt(),
            normalizers.NFKC(),
            normalizers.Replace(aside, "\uff5e"),
            normalizers.Replace(Regex("[ \u2581]+"), " "),
            normalizers.Strip(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", BOS), ("</s>", EOS)]
    )
    tokenizer.add_special_tokens(
        [
            AddedToken(token, special=True, normalized=False, lstrip=token == "<mask>")
            for token in ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
        ]
    )
    return tokenizer


def _documents(weights: Weights, tensors: dict[str, NDArray[np.float32]]) -> dict[str, Any]:
    model = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "vocab_size": len(tensors[_EMBEDDINGS["emb.word"]]),
        "hidden_size": weights.hidden,
        "num_hidden_layers": weights.layers,
        "num_attention_heads": weights.heads,
        "intermediate_size": weights.ffn,
        "max_position_embeddings": weights.positions,
        "type_vocab_size": len(tensors[_EMBEDDINGS["emb.type"]]),
        "layer_norm_eps": 1e-12,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "pad_token_id": PAD,
        "bos_token_id": BOS,
        "eos_token_id": EOS,
        "dtype": "float32",
    }
    base = "sentence_transformers"
    return {
        "config.json": model,
        "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512, **_SPECIAL},
        "special_tokens_map.json": _SPECIAL,
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": f"{base}.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{base}.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{base}.models.Normalize"},
        ],
        "sentence_bert_config.json": {"max_seq_length": 512, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "passage": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "1_Pooling/config.json": {
            "word_embedding_dimension": weights.hidden,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_cls_token": False,
            "pooling_mode_max_tokens": False,
            "include_prompt": True,
        },
    }
