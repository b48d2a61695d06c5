"""Small classifiers of any architecture with random weights and tokenizers of ours, saved by transformers."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import torch
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedTokenizerFast

from tests.support.tokenizers import BYTE_LEVEL, SENTENCEPIECE, WORDPIECE, Kind, tokenizer
from worker.modelling.bake.texts import reference_texts
from worker.modelling.bake.trained.families import FAMILIES

Change = Callable[[Any], None]


class Small(NamedTuple):
    """The usual tokenizer and the sizes of one architecture."""

    kind: Kind
    sizes: Mapping[str, Any]


_SIZES: Final = {
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 96,
    "initializer_range": 0.2,
}
_COUNTED: Final = _SIZES | {"max_position_embeddings": 130, "type_vocab_size": 1, "layer_norm_eps": 1e-5}
ENCODERS: Final[Mapping[str, Small]] = {
    "distilbert": Small(
        WORDPIECE, {"dim": 64, "n_layers": 2, "n_heads": 2, "hidden_dim": 96, "initializer_range": 0.2}
    ),
    "bert": Small(WORDPIECE, _SIZES | {"max_position_embeddings": 128}),
    "roberta": Small(BYTE_LEVEL, _COUNTED),
    "xlm-roberta": Small(SENTENCEPIECE, _COUNTED),
    "camembert": Small(SENTENCEPIECE, _COUNTED),
    "electra": Small(WORDPIECE, _SIZES | {"embedding_size": 32, "max_position_embeddings": 128}),
}
_MARKS: Final = {"pad": "<pad>", "bos": "<s>", "cls": "<s>", "eos": "</s>", "sep": "</s>"}
_RELATIVE: Final = {
    "max_position_embeddings": 128,
    "relative_attention": True,
    "position_buckets": 32,
    "pos_att_type": ["p2c", "c2p"],
    "norm_rel_ebd": "layer_norm",
    "share_att_key": True,
    "position_biased_input": False,
    "type_vocab_size": 0,
}
OTHERS: Final[Mapping[str, Small]] = {
    "mpnet": Small(WORDPIECE, _SIZES | {"max_position_embeddings": 130}),
    "albert": Small(SENTENCEPIECE, _SIZES | {"embedding_size": 32, "max_position_embeddings": 128}),
    "deberta-v2": Small(SENTENCEPIECE, _SIZES | _RELATIVE),
    "modernbert": Small(BYTE_LEVEL, _SIZES | {"max_position_embeddings": 600, "local_attention": 32}),
}


def save_trained(
    folder: Path,
    architecture: str,
    labels: Sequence[str],
    *,
    kind: Kind | None = None,
    seed: int = 0,
    change: Change = lambda _model: None,
    **config: Any,
) -> Path:
    """Save a small model, and return the folder.

    Args:
        folder: it is made.
        architecture: the type as transformers names it.
        labels: names of its outputs.
        kind: of its tokenizer; the architecture's usual one.
        seed: of its weights.
        change: changes the model before it is saved.
        config: changes of its configuration.
    """
    small = {**ENCODERS, **OTHERS}[architecture]
    fast = tokenizer(kind or small.kind)
    torch.manual_seed(seed)
    names = dict(enumerate(labels))
    settings = {
        "vocab_size": fast.get_vocab_size(),
        **{f"{name}_token_id": fast.token_to_id(token) for name, token in _MARKS.items()},
        "id2label": names,
        "label2id": {label: index for index, label in names.items()},
        **small.sizes,
        **config,
    }
    model = AutoModelForSequenceClassification.from_config(AutoConfig.for_model(architecture, **settings)).eval()
    _decide(model, fast, len(labels))
    change(model)
    model.save_pretrained(folder)
    save_tokenizer(folder, fast, FAMILIES[architecture].longest(model.config))
    return folder


def save_tokenizer(folder: Path, fast: Tokenizer, longest: int) -> None:
    """Save a tokenizer as transformers does."""
    special = {"pad_token": "<pad>", "unk_token": "<unk>", "cls_token": "<s>", "sep_token": "</s>"}
    PreTrainedTokenizerFast(tokenizer_object=fast, model_max_length=longest, **special).save_pretrained(folder)


def _decide(model: Any, fast: Tokenizer, labels: int) -> None:
    """Let the last product tell texts apart where they differ most, so that int8 changes few labels.

    Outputs of random weights are nearly equal. Of the directions in which the last product's inputs vary most, the one
    with the widest gap parts the built-in texts. Two labels stand for its sides, and in a multi-label model a third
    for a side of the next; the others are rare.
    """
    inputs = _inputs_of_last(model, fast)
    _, _, directions = torch.linalg.svd(inputs - inputs.mean(0), full_matrices=False)
    cuts = sorted(((*_widest_gap(inputs @ line), line) for line in directions[:8]), key=lambda cut: -cut[0])
    weight, bias = torch.randn(labels, inputs.shape[1]) * 0.05, torch.full((labels,), -6.0)
    several = model.config.problem_type == "multi_label_classification"
    for place, label in enumerate([0, labels // 2, labels - 1] if several else [0, labels - 1]):
        _, middle, spread, line = cuts[place // 2]
        sign = (2 if place % 2 else -2) / spread
        weight[label], bias[label] = sign * line, -sign * middle
    with torch.no_grad():
        _last(model).weight.copy_(weight)
        _last(model).bias.copy_(bias)


def _widest_gap(values: Any) -> tuple[float, float, float]:
    """Return the widest gap in the middle four fifths of some values, its middle, and the spread of all."""
    ordered = values.sort().values[len(values) // 10 : -(len(values) // 10)]
    gaps = ordered[1:] - ordered[:-1]
    at = int(gaps.argmax())
    return float(gaps[at]), float((ordered[at] + ordered[at + 1]) / 2), float(values.std())


def _last(model: Any) -> Any:
    return getattr(model.classifier, "out_proj", model.classifier)


def _inputs_of_last(model: Any, fast: Tokenizer) -> Any:
    seen: list[Any] = []
    hook = _last(model).register_forward_hook(lambda _module, inputs, _output: seen.append(inputs[0]))
    fast.enable_truncation(100)
    with torch.no_grad():
        for text in reference_texts():
            model(torch.tensor([fast.encode(text).ids]))
    hook.remove()
    fast.no_truncation()
    return torch.cat(seen)
