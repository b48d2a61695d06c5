"""Tiny classifiers with random weights, saved in transformers' format."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from transformers import DistilBertConfig, DistilBertForSequenceClassification, PreTrainedTokenizerFast, pipeline

from shared.broker.fleet import DEFAULT_LABELS
from shared.process.settings import Settings
from worker.engines.manifest import model_dir

TOKENIZER = model_dir(Settings()) / "tokenizer.json"


def tiny_model(seed: int = 0, **config: Any) -> Any:
    """Return a DistilBERT with two narrow layers, whose answers depend on the text but prefer one label.

    Without this preference the scores of random weights are so close that int8 would change labels.
    """
    torch.manual_seed(seed)
    names = dict(enumerate(DEFAULT_LABELS))
    settings = {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64, "initializer_range": 0.2, **config}
    model = DistilBertForSequenceClassification(
        DistilBertConfig(
            vocab_size=len(json.loads(TOKENIZER.read_text())["model"]["vocab"]),
            id2label=names,
            label2id={label: index for index, label in names.items()},
            **settings,
        )
    ).eval()
    with torch.no_grad():
        model.classifier.bias.copy_(torch.tensor([0.0, 3.0]))
    return model


def pipeline_scores(folder: Path) -> Callable[[str], tuple[float, ...]]:
    """Return a function that gives a text's scores by the transformers pipeline, as its users call it."""
    classify = pipeline("text-classification", model=str(folder), device="cpu", top_k=None)
    names = classify.model.config.id2label

    def scores(text: str) -> tuple[float, ...]:
        (entries,) = classify([text], truncation=True)
        by_label = {entry["label"]: float(entry["score"]) for entry in entries}
        return tuple(by_label[names[index]] for index in range(len(names)))

    return scores


def save_tiny(folder: Path, seed: int = 0, **config: Any) -> Path:
    """Save a tiny model with the tokenizer of the repository's model, and return the folder."""
    tiny_model(seed, **config).save_pretrained(folder)
    special = {f"{name.lower()}_token": f"[{name}]" for name in ("PAD", "UNK", "CLS", "SEP", "MASK")}
    PreTrainedTokenizerFast(tokenizer_file=str(TOKENIZER), model_max_length=512, **special).save_pretrained(folder)
    return folder
