"""The training loop."""

import copy
import math
import random
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import torch
from torch.nn.functional import cross_entropy, kl_div, log_softmax

from worker.modelling.train.batches import Encoded, collate, shuffled
from worker.modelling.train.recipes import Recipe

_REPORT_STEPS: Final = 100
_AVERAGE_STEPS: Final = 5
"""Number of steps between two updates of the moving average; on a CPU, an update costs a fifth of a step."""
_EVALUATION_BATCH: Final = 64

Report = Callable[[str], None]


class Trainer:
    """Trains one model, with bf16 autocast, which is faster on CPUs with bf16 and not less accurate.

    Args:
        model: a ``DistilBertForSequenceClassification``.
        recipe: the parameters of the training.
        rows: the training examples.
        seed: seed of the order of the batches.
        report: writes a line of progress.
    """

    def __init__(self, model: Any, recipe: Recipe, rows: Sequence[Encoded], seed: int, report: Report) -> None:
        self._model = model
        self._recipe = recipe
        self._rows = rows
        self._rng = random.Random(seed)  # noqa: S311
        self._report = report
        self._optimiser = torch.optim.AdamW(_groups(model, recipe), betas=(0.9, 0.98), fused=True)
        self._steps = recipe.epochs * math.ceil(len(rows) / recipe.batch)
        self._step = 0
        self._began = time.monotonic()
        self.averaged = copy.deepcopy(model) if recipe.average else model
        """The model to evaluate and save: with averaged weights if the recipe averages, otherwise the trained one."""

    def epoch(self) -> None:
        """Train on all rows once."""
        self._model.train()
        total = 0.0
        for done, batch in enumerate(shuffled(self._rows, self._recipe.batch, self._rng), start=1):
            total += self._learn(batch)
            if self._step % _REPORT_STEPS == 0:
                seconds = time.monotonic() - self._began
                left = seconds / self._step * (self._steps - self._step)
                self._report(f"step {self._step}/{self._steps}  loss {total / done:.4f}  {left / 60:.0f} min left")

    def _learn(self, batch: Sequence[Encoded]) -> float:
        warm_up = max(1, int(self._recipe.warm_up * self._steps))
        factor = min(1.0, (self._step + 1) / warm_up) * (self._steps - self._step) / self._steps
        for group in self._optimiser.param_groups:
            group["lr"] = group["base"] * factor
        loss = self._loss(batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), 1.0)
        self._optimiser.step()
        self._optimiser.zero_grad()
        if self._recipe.average and self._step % _AVERAGE_STEPS == 0:
            self._average()
        self._step += 1
        return float(loss.detach())

    def _loss(self, batch: Sequence[Encoded]) -> torch.Tensor:
        """Return the loss of a batch; with a consistency weight, every row is computed twice with different dropout."""
        weight = self._recipe.consistency
        ids, mask, labels = (part.repeat(2, 1) if part.dim() > 1 and weight else part for part in collate(batch))
        with torch.autocast("cpu", torch.bfloat16):
            logits = self._model(input_ids=ids, attention_mask=mask).logits.float()
        if not weight:
            return cross_entropy(logits, labels, label_smoothing=self._recipe.label_smoothing)
        loss = cross_entropy(logits, labels.repeat(2), label_smoothing=self._recipe.label_smoothing)
        one, other = log_softmax(logits, dim=1).chunk(2)
        apart = kl_div(one, other, log_target=True, reduction="batchmean")
        apart += kl_div(other, one, log_target=True, reduction="batchmean")
        return loss + weight / 2 * apart

    def _average(self) -> None:
        """Update the moving average; in early steps its decay is smaller, so that the first weights lose influence."""
        decay = min(self._recipe.average, (1 + self._step) / (10 + self._step)) ** _AVERAGE_STEPS
        with torch.no_grad():
            for averaged, current in zip(self.averaged.parameters(), self._model.parameters(), strict=True):
                averaged.lerp_(current, 1 - decay)


def accuracy(model: Any, rows: Sequence[Encoded]) -> float:
    """Return the share of right labels, from 0 to 1, computed in fp32."""
    model.eval()
    right = 0
    ordered = sorted(rows, key=lambda row: len(row.ids))
    for start in range(0, len(ordered), _EVALUATION_BATCH):
        ids, mask, labels = collate(ordered[start : start + _EVALUATION_BATCH])
        with torch.no_grad():
            logits = model(input_ids=ids, attention_mask=mask).logits
        right += int((logits.argmax(1) == labels).sum())
    return right / len(rows)


def _groups(model: Any, recipe: Recipe) -> list[dict[str, Any]]:
    """Return the optimiser's groups of parameters: by layer, as lower layers learn more slowly, and by weight decay."""
    layers = model.config.n_layers
    groups: dict[tuple[int, float], list[Any]] = {}
    for name, parameter in model.named_parameters():
        depth = 0
        if name.startswith("distilbert.embeddings"):
            depth = layers + 1
        elif "transformer.layer" in name:
            depth = layers - int(name.split(".")[3])
        decay = 0.0 if "bias" in name or "norm" in name.lower() else recipe.weight_decay
        groups.setdefault((depth, decay), []).append(parameter)
    return [
        {
            "params": parameters,
            "lr": recipe.learning_rate * recipe.layer_decay**depth,
            "base": recipe.learning_rate * recipe.layer_decay**depth,
            "weight_decay": decay,
        }
        for (depth, decay), parameters in groups.items()
    ]
