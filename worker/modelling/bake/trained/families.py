"""The architectures that can be baked, by the type that transformers names in a model's configuration."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from worker.engines.manifest import LONGEST
from worker.engines.weights import Form, Head

_ACTIVATION: Final = "gelu"
_EPSILON: Final = 1e-12
"""Of every layer normalisation in DistilBERT, whose configuration does not name it."""


class Names(NamedTuple):
    """The names of an encoder's parameters in transformers, without ``weight`` and ``bias``."""

    embeddings: str
    layer: str
    """The layers, each with its number behind this name; the names up to `output_norm` are behind that."""
    query: str
    key: str
    value: str
    output: str
    attention_norm: str
    expand: str
    contract: str
    output_norm: str
    pooler: str
    classifier: str
    projection: str = ""
    """From the width of the embeddings to the encoder's; empty where the architecture has none."""


@dataclass(frozen=True)
class Family:
    """One architecture.

    Args:
        model: the class in transformers.
        names: of the encoder's parameters; None where the model is served by a graph of transformers' own code.
        head: the function between the last two products.
        counted: whether positions are counted, from the one behind the padding token's.
    """

    model: str
    names: Names | None = None
    head: Head = Head.RELU
    counted: bool = False

    def longest(self, config: Any) -> int:
        """Return the most tokens for which a model of this family has positions."""
        positions = int(config.max_position_embeddings)
        return min(LONGEST, positions - config.pad_token_id - 1 if self.counted else positions)

    def form(self, config: Any) -> Form | None:
        """Return the form of an encoder that our own graph and code compute; None for any other."""
        activation = getattr(config, "hidden_act", None) or getattr(config, "activation", None)
        relative = getattr(config, "position_embedding_type", None) not in {None, "absolute"}
        if self.names is None or activation != _ACTIVATION or relative or getattr(config, "is_decoder", False):
            return None
        return Form(
            layers=config.num_hidden_layers,
            heads=config.num_attention_heads,
            epsilon=getattr(config, "layer_norm_eps", _EPSILON),
            head=self.head,
            padding=config.pad_token_id if self.counted else -1,
        )


def _bert(prefix: str, pooler: str, classifier: str, projection: str = "") -> Names:
    return Names(
        embeddings=f"{prefix}.embeddings",
        layer=f"{prefix}.encoder.layer",
        query="attention.self.query",
        key="attention.self.key",
        value="attention.self.value",
        output="attention.output.dense",
        attention_norm="attention.output.LayerNorm",
        expand="intermediate.dense",
        contract="output.dense",
        output_norm="output.LayerNorm",
        pooler=pooler,
        classifier=classifier,
        projection=projection,
    )


_DISTILBERT: Final = Names(
    embeddings="distilbert.embeddings",
    layer="distilbert.transformer.layer",
    query="attention.q_lin",
    key="attention.k_lin",
    value="attention.v_lin",
    output="attention.out_lin",
    attention_norm="sa_layer_norm",
    expand="ffn.lin1",
    contract="ffn.lin2",
    output_norm="output_layer_norm",
    pooler="pre_classifier",
    classifier="classifier",
)
_ROBERTA: Final = _bert("roberta", "classifier.dense", "classifier.out_proj")
_ELECTRA: Final = _bert("electra", "classifier.dense", "classifier.out_proj", "electra.embeddings_project")

FAMILIES: Final[Mapping[str, Family]] = {
    "distilbert": Family("DistilBertForSequenceClassification", _DISTILBERT),
    "bert": Family("BertForSequenceClassification", _bert("bert", "bert.pooler.dense", "classifier"), Head.TANH),
    "roberta": Family("RobertaForSequenceClassification", _ROBERTA, Head.TANH, counted=True),
    "xlm-roberta": Family("XLMRobertaForSequenceClassification", _ROBERTA, Head.TANH, counted=True),
    "camembert": Family("CamembertForSequenceClassification", _ROBERTA, Head.TANH, counted=True),
    "electra": Family("ElectraForSequenceClassification", _ELECTRA, Head.GELU),
    "mpnet": Family("MPNetForSequenceClassification", counted=True),
    "albert": Family("AlbertForSequenceClassification"),
    "deberta-v2": Family("DebertaV2ForSequenceClassification"),
    "modernbert": Family("ModernBertForSequenceClassification"),
}
DISTILBERT: Final = FAMILIES["distilbert"]
