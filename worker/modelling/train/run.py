"""A training run: load the data, train, choose the best epoch by held-out sentences, evaluate it on the dev set."""

import json
import os
import random
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from shared.broker.fleet import DEFAULT_LABELS
from worker.modelling.hub import fetch
from worker.modelling.train.batches import Encoded, encode
from worker.modelling.train.data import hold_out, load_data
from worker.modelling.train.loop import Report, Trainer, accuracy
from worker.modelling.train.minilm import load_minilm
from worker.modelling.train.recipes import RECIPES, Recipe

_HELD = 500


def train_model(
    recipe_name: str, data: Path | None, output: Path, *, seed: int, report: Report, epochs: int | None = None
) -> dict[str, Any]:
    """Train by a recipe and save the best epoch in transformers' format.

    Args:
        recipe_name: a key of `RECIPES`.
        data: folder with ``train.tsv`` and ``dev.tsv``; with None, GLUE is downloaded.
        output: folder of the best epoch and ``training.json``; it also gets a folder for each epoch.
        seed: seed of all random numbers.
        report: writes a line of progress.
        epochs: number of epochs instead of the recipe's.

    Returns:
        The content of ``training.json``.

    Raises:
        ModelError: the base model or the data cannot be loaded, or the data has no whole sentence to hold out.
    """
    began = time.monotonic()
    _prepare(seed)
    recipe = replace(RECIPES[recipe_name], epochs=epochs or RECIPES[recipe_name].epochs)
    train, dev = load_data(data)
    rest, held_out = hold_out(train, _HELD, random.Random(seed))  # noqa: S311
    model, tokenizer = _load(recipe)
    report(f"{len(rest)} phrases to learn from, {len(held_out)} sentences held out to choose the epoch by")
    trainer = Trainer(model, recipe, encode(rest, tokenizer), seed, report)
    scores = _epochs(trainer, recipe.epochs, encode(held_out, tokenizer), tokenizer, output, report)
    best = max(range(recipe.epochs), key=lambda epoch: (scores[epoch], epoch))
    summary = {
        "recipe": recipe_name,
        **asdict(recipe),
        "seed": seed,
        "held_out": scores,
        "best_epoch": best + 1,
        "dev": _keep(output / f"epoch-{best + 1}", output, encode(dev, tokenizer)),
        "dev_texts": len(dev),
        "minutes": round((time.monotonic() - began) / 60, 1),
    }
    (output / "training.json").write_text(json.dumps(summary, indent=2) + "\n")
    return summary


def _prepare(seed: int) -> None:
    """Seed all random numbers, and make torch use every permitted core."""
    random.seed(seed)
    torch.manual_seed(seed)
    torch.set_num_threads(len(os.sched_getaffinity(0)))


def _epochs(
    trainer: Trainer, count: int, held_out: Sequence[Encoded], tokenizer: Any, output: Path, report: Report
) -> list[float]:
    """Train and save each epoch; return the share of right labels on the held-out sentences after each epoch."""
    scores = []
    for epoch in range(1, count + 1):
        trainer.epoch()
        scores.append(accuracy(trainer.averaged, held_out))
        report(f"epoch {epoch}: {scores[-1]:.4f} on the held-out sentences")
        for part in (trainer.averaged, tokenizer):
            part.save_pretrained(output / f"epoch-{epoch}")
    return scores


def _keep(epoch: Path, output: Path, dev: Sequence[Encoded]) -> float:
    """Copy the chosen epoch to the output folder, and return its share of right labels on the dev set."""
    shutil.copytree(epoch, output, dirs_exist_ok=True)
    return accuracy(AutoModelForSequenceClassification.from_pretrained(output), dev)


def _load(recipe: Recipe) -> tuple[Any, Any]:
    if recipe.base == "minilm":
        return load_minilm()
    folder = fetch(*recipe.base.split("@"))
    names = dict(enumerate(DEFAULT_LABELS))
    model = AutoModelForSequenceClassification.from_pretrained(
        folder, id2label=names, label2id={label: index for index, label in names.items()}
    )
    return model, AutoTokenizer.from_pretrained(folder)
