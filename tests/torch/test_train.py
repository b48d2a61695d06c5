import json
import random
from pathlib import Path
from typing import NoReturn

import huggingface_hub
import pytest
import torch
from transformers import BertModel

from tests.support.tiny import tiny_model
from worker.__main__ import main
from worker.modelling.train.batches import Encoded, collate, shuffled
from worker.modelling.train.loop import Trainer, accuracy
from worker.modelling.train.minilm import distil, package_folder
from worker.modelling.train.recipes import RECIPES, Recipe

pytestmark = pytest.mark.torch

GOOD, BAD = range(100, 150), range(200, 250)


def rows(count: int, seed: int) -> list[Encoded]:
    """Make rows whose label shows in their tokens."""
    rng = random.Random(seed)
    labels = [rng.randint(0, 1) for _ in range(count)]
    return [Encoded([101, *rng.choices((BAD, GOOD)[label], k=rng.randint(2, 9)), 102], label) for label in labels]


def recipe(**changes: float) -> Recipe:
    plain = {"learning_rate": 3e-3, "layer_decay": 0.9, "label_smoothing": 0.0, "average": 0.9, "consistency": 0.5}
    return Recipe("minilm", epochs=4, batch=16, **{**plain, **changes})


def run(how: Recipe, seed: int) -> Trainer:
    torch.manual_seed(seed)
    trainer = Trainer(tiny_model(seed), how, rows(320, 1), seed, lambda _line: None)
    for _ in range(how.epochs):
        trainer.epoch()
    return trainer


@pytest.mark.parametrize("changes", [{}, {"consistency": 0.0, "average": 0.0, "label_smoothing": 0.05}])
def test_it_learns(changes: dict[str, float]) -> None:
    held = rows(200, 2)
    assert accuracy(tiny_model(), held) < 0.7
    assert accuracy(run(recipe(**changes), seed=0).averaged, held) > 0.95


def test_a_seed_decides_everything() -> None:
    one, same, other = (run(recipe(), seed).averaged.state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)


def test_lower_layers_learn_more_slowly() -> None:
    trainer = run(recipe(), seed=0)
    rates = sorted({group["base"] for group in trainer._optimiser.param_groups}, reverse=True)
    assert rates == pytest.approx([3e-3, 3e-3 * 0.9, 3e-3 * 0.9**2, 3e-3 * 0.9**3])


def test_batches_hold_every_row_once_and_pad_little() -> None:
    given = rows(1000, 5)
    batches = list(shuffled(given, 32, random.Random(1)))
    assert sorted(row.ids for batch in batches for row in batch) == sorted(row.ids for row in given)
    padded = sum(collate(batch)[0].numel() for batch in batches)
    assert padded < 1.1 * sum(len(row.ids) for row in given)


def test_padding_is_masked() -> None:
    ids, mask, labels = collate([Encoded([1, 2, 3], 1), Encoded([4], 0)])
    assert ids.tolist() == [[1, 2, 3], [4, 0, 0]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]
    assert labels.tolist() == [1, 0]


def test_the_pretrained_encoder_is_mapped_exactly() -> None:
    bert = BertModel.from_pretrained(package_folder()).eval()
    ours = distil(bert).eval()
    ids = torch.randint(1000, 30_000, (4, 61), generator=torch.Generator().manual_seed(0))
    mask = (torch.arange(61) < torch.tensor([[61], [40], [7], [2]])).long()
    with torch.no_grad():
        expected = bert(ids, attention_mask=mask).last_hidden_state
        actual = ours.distilbert(ids, attention_mask=mask).last_hidden_state
    assert (actual - expected)[mask.bool()].abs().max() < 1e-5


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    lines = [f"{n % 2}\tsample {n} is {('dull', 'fun')[n % 2]}" for n in range(64)]
    filler = "told at length by a patient voice in a small room while the rain falls on the roof"
    lines += [f"{n % 2}\t{('sad', 'glad')[n % 2]} tale {n} {filler}" for n in range(8)]
    (folder / "train.tsv").write_text("label\tsentence\n" + "\n".join(lines) + "\n")
    (folder / "dev.tsv").write_text("label\tcontent\n1\tfun\n0\tdull\n")
    return folder


def test_one_epoch_of_the_default_recipe(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "out"
    assert main(["train", "--data", str(data), "--output", str(output), "--epochs", "1"]) == 0
    assert "best epoch 1" in capsys.readouterr().out
    summary = json.loads((output / "training.json").read_text())
    assert summary["recipe"] == "minilm"
    assert summary["dev_texts"] == 2
    assert (output / "model.safetensors").read_bytes() == (output / "epoch-1" / "model.safetensors").read_bytes()
    assert (output / "tokenizer.json").is_file()


def test_the_hub_out_of_reach_is_one_clear_sentence(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unreachable(*args: object, **kwargs: object) -> NoReturn:
        raise ConnectionError

    monkeypatch.setattr(huggingface_hub, "snapshot_download", unreachable)
    assert main(["train", "--recipe", "distilbert", "--data", str(data), "--output", str(tmp_path / "out")]) == 2
    name = RECIPES["distilbert"].base.partition("@")[0]
    assert capsys.readouterr().err == f"error: {name} cannot be fetched: the hub is out of reach (ConnectionError)\n"
