"""One training run: load, hold out, train, choose the best epoch, look at the dev set once."""

import json
import os
import random
import shutil
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from shared.contract import LABELS
from worker.bake.source import fetch
from worker.train.batches import encode
from worker.train.data import hold_out, load_data
from worker.train.loop import Report, Trainer, accuracy
from worker.train.minilm import load_minilm
from worker.train.recipes import RECIPES, Recipe

_HELD = 500


def train_model(
    recipe_name: str, data: Path | None, output: Path, *, seed: int, report: Report, epochs: int | None = None
) -> dict[str, Any]:
    """Train by a recipe and save the best epoch in transformers' format.

    Args:
        recipe_name: a key of `RECIPES`.
        data: folder with ``train.tsv`` and ``dev.tsv``; None fetches GLUE.
        output: where the best epoch is saved, with ``training.json``; each epoch stands in a folder below it.
        seed: of everything random.
        report: takes lines of progress.
        epochs: instead of the recipe's.

    Returns:
        What ``training.json`` says.

    Raises:
        ModelError: the base or the data is out of reach.
    """
    began = time.monotonic()
    random.seed(seed)
    torch.manual_seed(seed)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    recipe = RECIPES[recipe_name]
    recipe = recipe if epochs is None else replace(recipe, epochs=epochs)
    train, dev = load_data(data)
    model, tokenizer = _load(recipe)
    rest, held = hold_out(train, _HELD, random.Random(seed))  # noqa: S311
    report(f"{len(rest)} phrases to learn from, {len(held)} sentences held out to choose the epoch by")
    trainer = Trainer(model, recipe, encode(rest, tokenizer), seed, report)
    held_rows = encode(held, tokenizer)
    scores = []
    for epoch in range(recipe.epochs):
        trainer.epoch()
        scores.append(accuracy(trainer.averaged, held_rows))
        report(f"epoch {epoch + 1}: {scores[-1]:.4f} on the held-out sentences")
        for part in (trainer.averaged, tokenizer):
            part.save_pretrained(output / f"epoch-{epoch + 1}")
    best = max(range(recipe.epochs), key=lambda epoch: (scores[epoch], epoch))
    folder = output / f"epoch-{best + 1}"
    final = AutoModelForSequenceClassification.from_pretrained(folder)
    summary = {
        "recipe": recipe_name,
        **asdict(recipe),
        "seed": seed,
        "held_out": scores,
        "best_epoch": best + 1,
        "dev": accuracy(final, encode(dev, tokenizer)),
        "dev_texts": len(dev),
        "minutes": round((time.monotonic() - began) / 60, 1),
    }
    shutil.copytree(folder, output, dirs_exist_ok=True)
    (output / "training.json").write_text(json.dumps(summary, indent=2) + "\n")
    return summary


def _load(recipe: Recipe) -> tuple[Any, Any]:
    if recipe.base == "minilm":
        return load_minilm()
    folder = fetch(*recipe.base.split("@"))
    names = dict(enumerate(LABELS))
    model = AutoModelForSequenceClassification.from_pretrained(
        folder, id2label=names, label2id={label: index for index, label in names.items()}
    )
    return model, AutoTokenizer.from_pretrained(folder)
