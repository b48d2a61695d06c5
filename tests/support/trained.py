"""Small classifiers of any architecture with random weights and tokenizers of ours, saved by transformers."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import torch
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedTokenizerFast

from tests.support.tokenizers import BYTE_LEVEL, SENTENCEPIECE, WORDPIECE, Kind, tokenizer
from worker.modelling.bake.texts import reference_texts

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
    small = ENCODERS[architecture]
    fast = tokenizer(kind or small.kind)
    torch.manual_seed(seed)
    names = dict(enumerate(labels))
    settings = {
        "vocab_size": fast.get_vocab_size(),
        "pad_token_id": fast.token_to_id("<pad>"),
        "id2label": names,
        "label2id": {label: index for index, label in names.items()},
        **small.sizes,
        **config,
    }
    model = AutoModelForSequenceClassification.from_config(AutoConfig.for_model(architecture, **settings)).eval()
    _decide(model, fast, len(labels))
    change(model)
    model.save_pretrained(folder)
    save_tokenizer(folder, fast, int(model.config.max_position_embeddings))
    return folder


def save_tokenizer(folder: Path, fast: Tokenizer, longest: int) -> None:
    """Save a tokenizer as transformers does."""
    special = {"pad_token": "<pad>", "unk_token": "<unk>", "cls_token": "<s>", "sep_token": "</s>"}
    PreTrainedTokenizerFast(tokenizer_object=fast, model_max_length=longest, **special).save_pretrained(folder)


def _decide(model: Any, fast: Tokenizer, labels: int) -> None:
    """Let the last product tell texts apart where they differ most, so that int8 changes few labels.

    Outputs of random weights are nearly equal. Of the directions in which the last product's inputs vary most, two with
    the widest gaps part the built-in texts, and four labels stand for the four sides; the other labels are rare.
    """
    inputs = _inputs_of_last(model, fast)
    centred = inputs - inputs.mean(0)
    _, _, directions = torch.linalg.svd(centred, full_matrices=False)
    weight, bias = torch.randn(labels, inputs.shape[1]) * 0.05, torch.full((labels,), -6.0)
    used = [0, labels - 1] if labels < 4 else [0, labels // 3, 2 * labels // 3, labels - 1]
    weight[used], bias[used] = 0, 0
    cuts = sorted((_widest_gap(inputs @ direction), place) for place, direction in enumerate(directions[:8]))
    for bit, ((_, cut, scale), index) in enumerate(cuts[-1 if labels < 4 else -2 :]):
        direction = directions[index]
        for place, label in enumerate(used):
            sign = (1 if place >> bit & 1 else -1) * 2.0 / scale
            weight[label] += sign * direction
            bias[label] -= sign * cut
    last = _last(model)
    with torch.no_grad():
        last.weight.copy_(weight)
        last.bias.copy_(bias)


def _widest_gap(values: Any) -> tuple[float, float, float]:
    """Return the widest gap in the middle four fifths of values as a share of their spread, its middle, the spread."""
    ordered = values.sort().values[len(values) // 10 : -(len(values) // 10)]
    gaps = ordered[1:] - ordered[:-1]
    at = int(gaps.argmax())
    spread = float(values.std())
    return float(gaps[at]) / spread, float((ordered[at] + ordered[at + 1]) / 2), spread


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
